"""The table of what each part of the wait estimate is worth: it counts as its page says, and puts every part back."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from edge.core import events as ev
from edge.core import wire
from edge.core.instant import seconds
from tests.bench.ablate_waiting import PARTS, Setting, errors, main, without
from tests.core.waiting.halls import NOON

if TYPE_CHECKING:
    from pathlib import Path


def told_day(folder: Path, name: str) -> Path:
    """One window, and a ticket a minute of two classes and tiers; each is called two minutes after it came."""
    events: list[ev.Event] = [ev.WindowOpened(at=NOON, window="1", services=("cash",))]
    for n in range(30):
        came = NOON + seconds(60.0 * n)
        service = "loan" if n % 3 == 0 else "cash"
        events.append(
            ev.TicketIssued(at=came, ticket=f"T{n}", service=service, tier="gold" if n % 5 == 0 else "ordinary")
        )
        events.append(ev.TicketCalled(at=came + seconds(120.0), ticket=f"T{n}", window="1"))
    log = folder / f"{name}.jsonl"
    events.sort(key=lambda event: event.at)
    log.write_bytes(b"".join(wire.line(wire.encode(event, UTC)) + b"\n" for event in events))
    return log


def told(ticket: str, p10: float, p50: float, p90: float) -> dict[str, object]:
    return {"ticket": ticket, "wait_p10": p10, "wait_p50": p50, "wait_p90": p90}


def test_a_ticket_counts_by_its_first_call_and_by_what_it_was_told_first() -> None:
    day: list[ev.Event] = [
        ev.TicketIssued(at=NOON, ticket="T1", service="cash"),
        ev.TicketIssued(at=NOON, ticket="T2", service="cash"),
        ev.TicketCalled(at=NOON, ticket="T2", window="1"),
        ev.TicketCalled(at=NOON + seconds(60), ticket="T1", window="1"),
        ev.TicketCalled(at=NOON + seconds(600), ticket="T1", window="2"),
    ]
    predictions = [told("T1", 40.0, 50.0, 55.0), told("T2", 1.0, 2.0, 3.0), told("T1", 540.0, 540.0, 540.0)]
    assert list(errors(day, predictions)) == [(10.0, 15.0 + 10.0 * 5.0)]


def test_every_window_lists_every_class_where_that_is_asked_for(tmp_path: Path) -> None:
    log = told_day(tmp_path, "day")
    opened = [event for event in Setting(every_class=True).events(log) if isinstance(event, ev.WindowOpened)]
    assert [event.services for event in opened] == [("cash", "loan")]


@pytest.mark.parametrize("part", PARTS)
def test_what_is_left_out_comes_back(part: str) -> None:
    before = [getattr(owner, name) for owner, name, _ in PARTS[part]]
    with without(part):
        assert [getattr(owner, name) for owner, name, _ in PARTS[part]] == [value for _, _, value in PARTS[part]]
    assert [getattr(owner, name) for owner, name, _ in PARTS[part]] == before


def test_the_table_has_a_row_for_each_part_and_a_column_for_each_kind_of_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("calm-s1", "calm-s2", "busy-s1", "busy-s2"):
        told_day(tmp_path, name)
    assert main([str(tmp_path), "--memory", "*-s2"]) == 0
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["left out", "busy", "calm"]
    assert [row[0] for row in rows[2:]] == ["nothing, seconds", *list(PARTS)[1:]]
    assert all(len(row) == len(rows[0]) for row in rows)
    assert any(row[1] != "+0.0 (+0.0)" for row in rows[3:])


def test_what_is_no_log_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert f"{tmp_path}: is no event log, nor a folder with *.jsonl" in capsys.readouterr().err
