"""Replay of any plausible log: ticks change nothing, no line is looked at before its time, no figure is absurd."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge import replay, resources, snapshot
from edge.config import load
from edge.core import wire
from edge.core.engine import Engine
from edge.core.instant import seconds
from edge.core.policy import DevicePlan

if TYPE_CHECKING:
    from edge.core.policy import Policy

START = datetime(2026, 3, 2, 0, 50, tzinfo=UTC)
TICKETS = [f"A{n:02}" for n in range(24)]
SERVICES = ("cash", "account", "corporate")
POLICIES = (replay.without_configuration(UTC), load(resources.config_dir() / "demo.toml").policy)
FIGURES = ("wait_p10", "wait_p50", "wait_p90", "wait_mean")

Line = dict[str, Any]
Written = tuple[list[bytes], list[bytes]]


def _lines(kind: str, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Line]:
    return st.fixed_dictionaries({"type": st.just(kind), **values})


ticket, window = st.sampled_from(TICKETS), st.sampled_from("123")
machine = {"device": st.sampled_from(("atm-1", "kiosk-1")), "kind": st.sampled_from(("recycler", "dispenser", "board"))}
issued = _lines(
    "ticket.issued",
    ticket=ticket,
    service=st.sampled_from(SERVICES),
    tier=st.sampled_from(("ordinary", "gold")),
    needs=st.sampled_from(([], ["elderly"], ["deaf"])),
    amount_band=st.sampled_from(("small", "large")),
)
staff = {"staff": st.sampled_from(("lm-1", "t-1")), "role": st.sampled_from(("lobby_manager", "teller"))}
anything = st.one_of(
    issued,
    issued,
    issued,
    _lines("ticket.called", ticket=ticket, window=window),
    _lines("ticket.called", ticket=ticket, window=window),
    _lines("ticket.served", ticket=ticket, window=window),
    _lines("ticket.no_show", ticket=ticket, window=window),
    _lines("ticket.transferred", ticket=ticket, service=st.sampled_from(SERVICES)),
    _lines("ticket.transferred", ticket=ticket, window=window),
    _lines("ticket.rated", ticket=ticket, window=window, rating=st.integers(1, 5)),
    _lines("ticket.cancelled", ticket=ticket),
    _lines("window.opened", window=window, services=st.lists(st.sampled_from(SERVICES), min_size=1, unique=True)),
    _lines("window.paused", window=window),
    _lines("window.resumed", window=window),
    _lines("window.closed", window=window),
    _lines("device.status", **machine, state=st.sampled_from(("ok", "down", "unknown"))),
    _lines("staff.action", **staff, action=st.sampled_from(("sign_in", "sign_out")), target=staff["staff"]),
    _lines(
        "staff.action",
        **staff,
        action=st.sampled_from(("raise", "close")),
        target=st.sampled_from(("complaint", "referral", "turn_away", "emergency")),
        detail=st.fixed_dictionaries({"level": st.integers(1, 3)}),
    ),
    _lines("staff.action", **staff, action=st.sampled_from(("customer_declined", "pause_reason")), target=ticket),
    _lines("device.event", device=machine["device"], event=st.sampled_from(("cash_not_dispensed", "paper_low"))),
)
policies = st.sampled_from(POLICIES)
gap_s = st.sampled_from((0, 0, 0.000001, 1, 15, 59.5, 60, 240, 600, 7200, 40_000))


@st.composite
def logs(draw: st.DrawFn) -> list[Line]:
    """Lines in order; some at the same instant, some hours apart, the same numbers drawn again and on another day."""
    at, lines = START, []
    for line in draw(st.lists(anything, min_size=1, max_size=50)):
        at += timedelta(seconds=draw(gap_s))
        lines.append({**line, "at": at.isoformat()})
    return lines


def replayed(
    lines: list[Line], policy: Policy, every_s: float | None = None, restarts: frozenset[int] = frozenset()
) -> Written:
    """Predictions and prompts; before the lines of these places the hall goes through a snapshot."""
    out: Written = ([], [])
    job = replay.Replay(
        Engine(policy),
        every=None if every_s is None else seconds(every_s),
        predict=out[0].append,
        prompt=out[1].append,
    )
    for place, line in enumerate(lines):
        if place in restarts:
            job.engine.hall = snapshot.load_hall(snapshot.dump(job.engine.hall))
        job.feed(wire.decode(line))
    job.end()
    return out


@settings(max_examples=60)
@given(logs(), policies, st.data())
def test_ticks_change_no_prediction_and_no_prompt(lines: list[Line], policy: Policy, data: st.DataObject) -> None:
    ticked = list(lines)
    for place in sorted(data.draw(st.sets(st.integers(1, len(lines) - 1))) if len(lines) > 1 else (), reverse=True):
        first, last = (datetime.fromisoformat(lines[n]["at"]) for n in (place - 1, place))
        at = first + data.draw(st.sampled_from((0, 0.3, 1))) * (last - first)
        ticked.insert(place, {"type": "tick", "at": at.isoformat()})

    assert replayed(ticked, policy) == replayed(lines, policy)


@settings(max_examples=60)
@given(logs(), policies, st.frozensets(st.integers(0, 49), min_size=1, max_size=6))
def test_a_restart_changes_no_prediction_and_no_prompt(
    lines: list[Line], policy: Policy, restarts: frozenset[int]
) -> None:
    assert replayed(lines, policy, restarts=restarts) == replayed(lines, policy)


@settings(max_examples=60)
@given(logs())
def test_what_devices_are_told_changes_no_prediction_and_no_prompt(lines: list[Line]) -> None:
    demo = POLICIES[1]
    told = {
        **{f"terminal-{n}": DevicePlan(f"terminal-{n}", "terminal", window=n) for n in "123"},
        "voice": DevicePlan("voice", "announcer"),
        "slips": DevicePlan("slips", "printer", prints="tickets"),
    }
    silent = replace(demo, devices={**demo.devices, **{id: DevicePlan(id, plan.kind) for id, plan in told.items()}})

    assert replayed(lines, replace(demo, devices={**demo.devices, **told})) == replayed(lines, silent)


@settings(max_examples=60)
@given(logs(), policies, st.data())
def test_a_prefix_of_a_log_gives_a_prefix_of_what_is_written(
    lines: list[Line], policy: Policy, data: st.DataObject
) -> None:
    whole = replayed(lines, policy)
    part = replayed(lines[: data.draw(st.integers(0, len(lines)))], policy)

    for some, all_ in zip(part, whole, strict=True):
        assert some == all_[: len(some)]


@settings(max_examples=60)
@given(logs(), policies, st.sampled_from((30, 61.7, 3600)))
def test_forecasts_at_intervals_change_nothing_else_and_no_figure_is_absurd(
    lines: list[Line], policy: Policy, every_s: float
) -> None:
    plain, often = replayed(lines, policy), replayed(lines, policy, every_s)

    assert often[1] == plain[1]
    assert set(plain[0]) <= set(often[0])
    for text in often[0]:
        told = json.loads(text)
        waits = [told[name] for name in FIGURES]
        assert all(0 <= wait < float("inf") and wait == round(wait, 1) for wait in waits), told
        assert told["wait_p10"] <= told["wait_p50"] <= told["wait_p90"], told
        assert told["position"] >= 1, told
