"""Examples run in earnest: one that does not come out as it says is named with what came out."""

import copy
from typing import Any

from edge.core.triage.examples import failures
from edge.core.triage.rules import parse
from tests.core.triage.branch import FILES


def with_example(file: str, **example: Any) -> list[str]:
    table = copy.deepcopy(FILES[file])
    table["example"] = [{"says": "this", **example}]
    rule, faults = parse(table, file, {})
    assert rule is not None, faults
    return list(failures(rule))


QUIET = {"longest_wait_s": 0, "waiting": 3, "offer_obstacle": "none"}
FULL = {"longest_wait_s": 0, "waiting": 30, "offer_obstacle": "none"}


def test_one_that_holds_says_nothing() -> None:
    assert with_example("secondary-triage.toml", facts=QUIET, outcome="silent") == []
    assert with_example("secondary-triage.toml", facts=FULL, outcome="raised") == []


def test_a_wrong_outcome_is_named() -> None:
    assert with_example("secondary-triage.toml", facts=QUIET, outcome="raised") == [
        "secondary-triage: 'this': silent, the example says raised"
    ]
    assert with_example("secondary-triage.toml", facts=FULL, outcome="silent") == [
        "secondary-triage: 'this': raised, P08, the example says silent"
    ]


def test_a_wrong_guard_or_text_is_named() -> None:
    facts = {"longest_wait_s": 0, "waiting": 30, "offer_obstacle": "ticket-declined"}

    assert with_example("secondary-triage.toml", facts=facts, outcome="held", held_by="nobody-else-waits") == [
        "secondary-triage: 'this': held by ticket-declined, the example says held by nobody-else-waits"
    ]
    assert with_example("secondary-triage.toml", facts=FULL, outcome="raised", text="P07") == [
        "secondary-triage: 'this': raised, P08, the example says raised, P07"
    ]
