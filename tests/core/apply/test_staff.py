"""Staff: signing in, what they say of tickets, and what they may not say."""

from typing import Any

import pytest

from edge.core import events as ev
from edge.core.commands import Ignore
from tests.play import Play, of


def test_signing_in_takes_the_role_of_the_detail_and_signing_out_ends_it() -> None:
    play = Play()
    play.act("8:50", "sign_in", "x-1", staff="x-1", role="guard")
    assert play.hall.signed_in == {"x-1": "guard"}
    play.act("17:00", "sign_out", "x-1", staff="x-1", role="guard")

    assert play.hall.signed_in == {}


def test_a_customer_who_declined_stays_declined() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.act("9:10", "customer_declined", "A1")
    play.act("9:11", "customer_accepted", "A1")

    assert play.hall.tickets["A1"].declined


@pytest.mark.parametrize(("need", "kept"), [("elderly", ("elderly",)), ("rich", ()), (7, ())])
def test_only_needs_of_the_contract_are_noted(need: object, kept: tuple[str, ...]) -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.act("9:01", "need_added", "A1", need=need)
    play.act("9:02", "need_added", "A1", need=need)

    assert play.hall.tickets["A1"].needs == kept


def test_a_tier_may_be_raised_with_a_reason_and_only_to_one_of_the_contract() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.act("9:01", "priority", "A1", tier="gold", reason="returning form")
    play.act("9:02", "priority", "A1", tier="platinum", reason="x")

    assert play.hall.tickets["A1"].tier == "gold"


@pytest.mark.parametrize(
    ("action", "target", "detail", "reason"),
    [
        ("sign_in", "x-1", {"role": "king"}, "sign_in: 'role' is 'king'; accepted: lobby_manager, "),
        ("need_added", "A1", {"need": ["elderly"]}, "need_added: 'need' is ['elderly']; accepted: elderly, "),
        ("need_added", "A1", {}, "need_added: 'need' is None; accepted: elderly, "),
        ("priority", "A1", {"tier": "platinum"}, "priority: 'tier' is 'platinum'; accepted: ordinary, "),
        ("pause_reason", "9", {"reason": "lunch"}, "pause_reason of a window that was never open"),
        ("device_checked", "atm-9", {"result": "ok"}, "device_checked of a device nobody has heard of"),
    ],
)
def test_an_action_that_means_nothing_is_answered_so_and_changes_nothing(
    action: ev.Action, target: str, detail: dict[str, Any], reason: str
) -> None:
    play = Play()
    play.issue("9:00", "A1")
    (ignored,) = of(Ignore, play.act("9:01", action, target, **detail))

    assert ignored.reason.startswith(reason)
    assert not play.hall.signed_in
    assert (play.hall.tickets["A1"].needs, play.hall.tickets["A1"].tier) == ((), "ordinary")


def test_an_action_on_a_ticket_nobody_drew_is_answered_so() -> None:
    assert [c.reason for c in of(Ignore, Play().act("9:00", "asked", "ZZ"))] == ["asked of a ticket nobody drew"]
