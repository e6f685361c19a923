"""Guards: each holds at its own figures and lets go at the next."""

from typing import Any

import pytest

from edge.core.triage.guards import GUARDS


@pytest.mark.parametrize(
    ("name", "holds_at", "lets_go_at"),
    [
        ("nobody-else-waits", 1, 2),
        ("class-not-on-device", "class-not-on-device", "none"),
        ("ticket-has-need", "ticket-has-need", "ticket-declined"),
        ("ticket-declined", "ticket-declined", "none"),
        ("no-usable-device", "no-usable-device", "none"),
        ("no-window-to-open", 0, 1),
        ("gain-too-small", 179.9, 180),
    ],
)
def test_where_a_guard_holds_and_where_it_lets_go(name: str, holds_at: Any, lets_go_at: Any) -> None:
    guard = GUARDS[name]
    keys = {"min_gain_s": 180}

    assert guard.test(holds_at, keys)
    assert not guard.test(lets_go_at, keys)


def test_every_guard_is_named_as_it_is_listed() -> None:
    assert all(guard.name == name for name, guard in GUARDS.items())


def test_a_guard_on_a_level_says_which() -> None:
    numeric = [g for g in GUARDS.values() if hasattr(g.fact, "unit") and not g.costly]

    assert all(g.test(g.levels[0] - 1, {}) and not g.test(g.levels[0], {}) for g in numeric)
