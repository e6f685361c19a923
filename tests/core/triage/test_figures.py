"""What a prompt shows beside its thresholds, and what it says acting would change."""

from edge.core.hall import Device, Hall, Ticket, Window
from edge.core.instant import seconds
from edge.core.triage.figures import FIGURES, FORECASTS, NAMED_AT_MOST, named
from edge.core.triage.moment import Moment
from tests.core.triage.branch import crowd, play, policy

BRANCH = policy()


def test_devices_are_shown_with_what_is_wrong_with_them() -> None:
    hall = Hall(
        devices={
            "recycler-1": Device(id="recycler-1", kind="recycler", state="ok", suspect="cash_not_dispensed", seen_at=1),
            "kiosk-1": Device(id="kiosk-1", kind="kiosk", state="ok", lacks=("paper",), seen_at=1),
            "atm-1": Device(id="atm-1", kind="atm", state="down", seen_at=1),
            "atm-2": Device(id="atm-2", kind="atm", state="ok", seen_at=1),
            "board-1": Device(id="board-1", kind="board", state="down", seen_at=1),
        }
    )
    moment = Moment(hall, BRANCH, 1)

    assert FIGURES["unusable_devices"](moment, "hall") == {
        "atm-1": "down", "kiosk-1": "no paper", "recycler-1": "suspect",
    }  # fmt: skip
    assert FIGURES["usable_devices"](moment, "hall") == ["atm-2"]


def test_to_a_ticket_those_devices_are_shown_that_can_do_its_class() -> None:
    kinds = {"recycler-1": "recycler", "kiosk-1": "kiosk"}
    devices = {id: Device(id=id, kind=kind, state="ok", seen_at=1) for id, kind in kinds.items()}
    moment = Moment(Hall(devices=devices, tickets={"A1": Ticket(id="A1", service="cash")}), BRANCH, 1)

    assert FIGURES["usable_devices"](moment, "A1") == ["recycler-1"]
    assert FIGURES["usable_devices"](moment, "hall") == ["kiosk-1", "recycler-1"]


def test_a_device_is_shown_without_its_free_text() -> None:
    device = Device(id="atm-1", kind="atm", state="down", parts={"cash": "out", "card": "ok"}, detail="card 6222021234")

    assert FIGURES["device"](Moment(Hall(devices={"atm-1": device}), BRANCH, 1), "atm-1") == {
        "kind": "atm", "state": "down", "parts": {"cash": "out"},
    }  # fmt: skip


def test_pauses_are_shown_with_reason_and_length() -> None:
    hall = Hall(windows={"2": Window(id="2", state="paused", changed_at=seconds(10), reason="cash")})

    assert FIGURES["pauses"](Moment(hall, BRANCH, seconds(40)), "hall") == [
        {"window": "2", "reason": "cash", "for_s": 30.0}
    ]


def test_no_more_are_named_than_one_person_can_walk_up_to() -> None:
    scene = play(BRANCH)
    crowd(scene, "9:01", 12)
    moment = Moment(scene.hall, BRANCH, scene.hall.now)

    assert len(named(moment, {})) == NAMED_AT_MOST
    assert named(moment, {"A1": "asked"})[0] == "A2"


def test_what_would_change_is_empty_where_nobody_is_named_or_nobody_waits() -> None:
    moment = Moment(Hall(), BRANCH, 0)

    assert FORECASTS["eligible-leave"](moment, ()) == {}
    assert FORECASTS["one-more-window"](moment, ()) == {}
