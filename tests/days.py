"""Whole days for tests and benches: simulated branch days with their devices, and staff who take what they are told."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, get_args

from msgspec.structs import replace

from edge.core import events as ev
from edge.core import instant
from edge.core.engine import Engine
from edge.core.instant import SECOND
from edge.replay import Replay
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from edge.core.commands import PromptRecord
    from edge.core.instant import Instant
    from edge.core.policy import Policy

TWENTY: Final = tuple((name, seed) for seed in (1, 2, 3) for name in SCENARIOS)[:20]
"""Scenario and seed of twenty days: each scenario twice, the first four a third time."""

TAKES_S: Final = 40
"""How soon somebody takes a prompt that makes a sound: before it escalates, and after its first re-alert if urgent."""

MISSES: Final = 10
"""Every so manieth is taken by nobody."""

_OF_DEVICES_AND_STAFF: Final = frozenset({"sign_in", "sign_out", "raise", "close", "device_checked"})


def simulated(name: str, seed: int) -> Iterator[ev.Happening]:
    """A day of the demo branch."""
    return iter(Day(SCENARIOS[name], seed))


def with_devices(queue: Iterable[ev.Event], name: str, seed: int, zone: tzinfo) -> Iterator[ev.Event]:
    """A day of tickets and windows, with machines and raised cases of a simulated day, by the same clock."""
    tickets = sorted(queue, key=lambda event: event.at)
    date = instant.local(tickets[0].at, zone).date()
    by_s = _offset_s(tickets[0].at, premises.ZONE) - _offset_s(tickets[0].at, zone)
    for event in Day(SCENARIOS[name], seed, date):
        theirs = isinstance(event, ev.DeviceStatus | ev.DeviceEvent) or (
            isinstance(event, ev.StaffAction) and event.action in _OF_DEVICES_AND_STAFF
        )
        if theirs:
            tickets.append(replace(event, at=event.at + by_s * SECOND))
    return iter(sorted(tickets, key=lambda event: event.at))


def replayed(policy: Policy, day: Iterable[ev.Event], records: list[PromptRecord] | None = None) -> Replay:
    """The day under a policy, with staff who take nearly every prompt that makes a sound, and do nothing more.

    What was told is put into `records`.
    """
    heard: list[PromptRecord] = [] if records is None else records
    pending: list[tuple[Instant, int, ev.StaffAction]] = []
    job = Replay(Engine(policy), hear=lambda record, _: heard.append(record))
    seen = loud = 0

    def until(at: Instant) -> None:
        nonlocal seen, loud
        for record in heard[seen:]:
            if record.state == "raised" and record.priority != "silent":
                loud += 1
                if loud % MISSES:
                    heappush(pending, (record.at + TAKES_S * SECOND, loud, _takes(policy, record)))
        seen = len(heard)
        while pending and pending[0][0] <= at:
            due, _, action = heappop(pending)
            job.feed(replace(action, at=max(due, job.engine.hall.now)))

    for event in day:
        until(event.at)
        job.feed(event)
    job.end()
    return job


def _offset_s(at: Instant, zone: tzinfo) -> int:
    ahead = instant.local(at, zone).utcoffset()
    return 0 if ahead is None else round(ahead.total_seconds())


def _takes(policy: Policy, record: PromptRecord) -> ev.StaffAction:
    """Whoever carries the first of its roles takes it; where it is not known who that is, the branch head does."""
    role: ev.Role = next((role for role in get_args(ev.Role) if role in record.to), "branch_head")
    staff = next(iter(policy.staff.get(role, ())), "bh-1")
    return ev.StaffAction(at=record.at, staff=staff, role=role, action="acknowledge", target=record.prompt)
