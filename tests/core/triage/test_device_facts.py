"""What the facts about devices read: states by kind, supplies, what happened, and all machines together."""

from typing import Any

import pytest

from edge.core.hall import Device, Hall, Trouble
from edge.core.instant import seconds
from edge.core.policy import DevicePlan, Policy
from edge.core.triage.device_facts import DEVICE_FACTS
from edge.core.triage.facts import FACTS
from edge.core.triage.moment import Moment, Number

KEPT = {"cash": Trouble(3, 5, open=True), "tamper": Trouble(2, 5), "card": Trouble(1, 5, open=True)}

HALL = Hall(
    devices={
        "atm-1": Device(id="atm-1", kind="atm", said="ok", seen_at=1, lost_at=1, short={"cash": 2, "paper": 1}),
        "kiosk-1": Device(id="kiosk-1", kind="kiosk", state="down", said="down", seen_at=1, short={"cash": 1}),
        "kiosk-2": Device(id="kiosk-2", kind="kiosk", seen_at=1, troubles=KEPT),
        "board-1": Device(id="board-1", kind="board", seen_at=1, lost_at=1, short={"paper": 1}),
        "board-2": Device(id="board-2", kind="board"),
        "queue": Device(id="queue", kind="dispenser", state="ok", said="ok", seen_at=1, short={"paper": 1}),
        "ups": Device(id="ups", kind="ups", state="ok", seen_at=1),
    }
)


@pytest.mark.parametrize(
    ("fact", "device", "value"),
    [
        ("machine_state", "atm-1", "unknown"),
        ("machine_state", "kiosk-1", "down"),
        ("machine_state", "kiosk-2", "other"),
        ("machine_state", "board-1", "other"),
        ("board_state", "board-1", "unknown"),
        ("board_state", "board-2", "other"),
        ("dispenser_state", "queue", "ok"),
        ("dispenser_state", "board-1", "other"),
        ("equipment_state", "ups", "ok"),
        ("equipment_state", "queue", "other"),
        ("machine_last_said", "atm-1", "ok"),
        ("machine_last_said", "kiosk-2", "nothing"),
        ("machine_last_said", "queue", "other"),
        ("cash_short", "atm-1", 2),
        ("cash_short", "kiosk-1", 0),
        ("paper_short", "atm-1", 1),
        ("paper_short", "queue", 0),
        ("paper_short", "board-1", 0),
        ("ticket_paper_short", "queue", 1),
        ("ticket_paper_short", "atm-1", 0),
        ("cash_withheld", "kiosk-2", 3),
        ("cash_withheld", "atm-1", 0),
        ("cards_kept", "kiosk-2", 1),
        ("shakes", "kiosk-2", 0),
        ("door_openings", "kiosk-2", 0),
    ],
)
def test_what_a_fact_reads(fact: str, device: str, value: Any) -> None:
    assert FACTS[fact].value(Moment(HALL, Policy(), seconds(2)), device) == value


OK = {"state": "ok", "said": "ok"}
DOWN = {"state": "down", "said": "down"}
GONE = {"state": "unknown", "said": "ok"}


@pytest.mark.parametrize(
    ("machines", "word"),
    [
        ([], "none"),
        ([("atm", OK), ("kiosk", DOWN)], "some-usable"),
        ([("atm", DOWN), ("recycler", DOWN), ("kiosk", DOWN)], "all-down"),
        ([("atm", DOWN), ("printer", OK), ("board", OK), ("dispenser", OK)], "all-down"),
        ([("atm", OK | {"lacks": ("cash",)})], "all-down"),
        ([("atm", OK | {"lacks": ("paper",)})], "some-usable"),
        ([("recycler", OK | {"parts": {"cash": "out"}})], "all-down"),
        ([("recycler", OK | {"suspect": "tamper"})], "all-down"),
        ([("atm", DOWN), ("kiosk", GONE)], "not-known"),
        ([("atm", DOWN), ("kiosk", {})], "not-known"),
        ([("atm", DOWN), ("kiosk", GONE | {"said": "down"})], "all-down"),
        ([("atm", DOWN), ("kiosk", GONE | {"suspect": "tamper"})], "all-down"),
        ([("atm", DOWN), ("kiosk", GONE), ("recycler", OK)], "some-usable"),
        ([("printer", DOWN), ("board", DOWN)], "none"),
    ],
)
def test_all_machines_together(machines: list[tuple[str, dict[str, Any]]], word: str) -> None:
    devices = {str(n): Device(id=str(n), kind=kind, seen_at=1, **how) for n, (kind, how) in enumerate(machines)}

    assert FACTS["machines"].value(Moment(Hall(devices=devices), Policy(), seconds(2)), "hall") == word


def test_a_machine_that_is_configured_and_not_heard_of_yet_may_work() -> None:
    hall = Hall(devices={"1": Device(id="1", kind="atm", state="down", said="down", seen_at=1)})

    def word(*kinds: str) -> object:
        plans = {f"x-{kind}": DevicePlan(f"x-{kind}", kind) for kind in kinds}  # type: ignore[arg-type]  # kinds they are
        return FACTS["machines"].value(Moment(hall, Policy(devices=plans), seconds(2)), "hall")

    assert [word(), word("board", "dispenser"), word("kiosk")] == ["all-down", "all-down", "not-known"]


def test_what_happens_at_a_device_is_news_each_time_and_what_is_measured_is_not() -> None:
    each = {fact.name: fact.each for fact in FACTS.values() if isinstance(fact, Number) and fact.each}

    assert each == {
        "cash_short": "later",
        "paper_short": "later",
        "ticket_paper_short": "later",
        "cash_withheld": "now",
        "cards_kept": "now",
        "shakes": "later",
        "door_openings": "later",
    }
    assert each.keys() <= {fact.name for fact in DEVICE_FACTS}
