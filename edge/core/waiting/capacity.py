"""Which windows will serve whom from when: those at work, those expected back, and those assumed to come."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge.core.instant import Instant, from_datetime, in_seconds, local
from edge.core.waiting.learnt import AtWindow
from edge.core.waiting.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, time

    from edge.core.hall import Hall, Ticket, Window
    from edge.core.policy import Policy
    from edge.core.waiting.calls import Law
    from edge.core.waiting.pace import Pace
    from edge.core.waiting.roster import Span

COMING_S: Final = 300.0
"""A window that nobody announced comes as soon as somebody fetches a teller; as much longer as people have waited."""

PAUSE_S: Final = 1800.0
"""What is left of a pause, however long it has lasted: most time in pauses is lunch of an hour, half of it to come."""

ABSENT_S: Final = 300.0
"""A window that let people wait for this long is not counted as at work."""

ANYONE: Final = "*"
FAR: Final[Instant] = 1 << 62


class Server(Struct):
    """One window as a server: it takes `classes` (and tickets `aimed` at it) from `ready_s` on, `pace` times as slowly.

    `busy_s` is when its service under way ends; `sure` says that `ready_s` is known and no mean. It calls until
    `until_s`, and again within `later`; it is `free` and calls as soon as its teller likes.
    """

    window: str
    classes: tuple[str, ...]
    ready_s: float
    pace: float = 1.0
    sure: bool = False
    at_work: bool = True
    busy_s: float = 0.0
    until_s: float = inf
    later: Sequence[Span] = ()
    calls: Law = ()
    free: bool = False


class Demand(Struct, frozen=True):
    """Who waits: since when the longest waiting ticket of each class, and of each window with tickets for it alone."""

    classes: Mapping[str, Instant]
    windows: Mapping[str, Instant]

    @classmethod
    def of(cls, tickets: Iterable[Ticket]) -> Demand:
        """The demand of these waiting tickets."""
        classes: dict[str, Instant] = {}
        windows: dict[str, Instant] = {}
        for ticket in tickets:
            since = ticket.waiting_since
            table, key = (classes, ticket.service) if ticket.for_window is None else (windows, ticket.for_window)
            if since < table.get(key, FAR):
                table[key] = since
        return cls(classes, windows)

    def oldest(self, window: str, classes: tuple[str, ...]) -> Instant | None:
        """Since when somebody waits for the window, which takes these classes."""
        found = self.windows.get(window)
        for service in classes:
            since = self.classes.get(service)
            if since is not None and (found is None or since < found):
                found = since
        return found


def present(hall: Hall, policy: Policy, at: Instant, pace: Pace, demand: Demand) -> list[Server]:
    """The windows that are open or paused, in the order they became known, and those that are planned to come."""
    servers = []
    roster = Roster(hall, policy, at)
    classes = taken(hall)
    for window in hall.windows.values():
        if window.state == "closed":
            continue
        known = pace.learnt.windows.get(window.id) or AtWindow()
        takes = classes[window.id]
        if window.ticket is not None:
            ticket = hall.tickets.get(window.ticket)
            elapsed_s = max(in_seconds(at - window.since), 0.0)
            service, tier = (ticket.service, ticket.tier) if ticket is not None else ("", "ordinary")
            own = known.pace * pace.share(service, tier)
            ready_s = pace.left_s(service, own, elapsed_s)
            calls = pace.call_law(service, own, elapsed_s, ready_s)
            server = Server(window.id, takes, ready_s, known.pace, busy_s=ready_s, calls=calls)
        elif window.state == "paused":
            server = Server(window.id, takes, 0.0, known.pace)
        else:
            server = _idle(window, takes, known, at, pace, demand)
        if window.state == "paused":
            _away(server, roster.spans(window.id))
        else:
            server.until_s, server.later = roster.of(window, at)
        servers.append(server)
    servers += planned(hall, roster)
    _fetch(servers, at, demand)
    return servers


def taken(hall: Hall) -> dict[str, tuple[str, ...]]:
    """The classes that each window not closed takes: those it lists, but for those it always passes over.

    A class that nobody would be left for is taken by all that list it.
    """
    known = hall.learnt.windows
    there = [window for window in hall.windows.values() if window.state != "closed"]
    if not any(known[window.id].passed for window in there if window.id in known):
        return {window.id: window.services for window in there}
    served = {
        service
        for window in there
        for service in window.services
        if window.id not in known or known[window.id].serves(service)
    }
    return {
        window.id: tuple(
            service
            for service in window.services
            if service not in served or window.id not in known or known[window.id].serves(service)
        )
        for window in there
    }


def _away(server: Server, spans: list[Span]) -> None:
    """A paused window comes back with its next hours, or, where none are planned or they have begun, at any time."""
    server.at_work = False
    if spans and spans[0][0] > 0.0:
        _begin(server, spans)
    else:
        server.ready_s, server.calls = max(server.ready_s, PAUSE_S), ()
        if spans:
            server.until_s, server.later = spans[0][1], spans[1:]


def _begin(server: Server, spans: list[Span]) -> None:
    """The server is there from the first of these spans on."""
    (from_s, server.until_s), server.later = spans[0], spans[1:]
    server.sure, server.calls = from_s >= server.busy_s, ()
    server.ready_s = max(from_s, server.busy_s)


def planned(hall: Hall, roster: Roster) -> list[Server]:
    """The windows that are not there now and are planned to come later today."""
    servers = []
    for id, services in roster.classes.items():
        window = hall.windows.get(id)
        if window is not None and window.state != "closed":
            continue
        spans = [span for span in roster.spans(id) if span[0] > 0.0]
        if spans:
            known = hall.learnt.windows.get(id) or AtWindow()
            server = Server(id, services, 0.0, known.pace, at_work=False)
            _begin(server, spans)
            servers.append(server)
    return servers


def _fetch(servers: list[Server], at: Instant, demand: Demand) -> None:
    """Where nobody works for a class that people wait for, somebody who is away will be fetched."""
    served = {service for server in servers if server.at_work for service in server.classes}
    starved = {service: since for service, since in demand.classes.items() if service not in served}
    if not starved:
        return
    for server in servers:
        waited = [at - starved[service] for service in server.classes if service in starved]
        if waited and not server.at_work and not server.sure:
            soon_s = COMING_S + max(in_seconds(max(waited)), 0.0)
            server.ready_s = max(server.busy_s, min(server.ready_s, soon_s))
            server.calls = ()


def _idle(window: Window, takes: tuple[str, ...], known: AtWindow, at: Instant, pace: Pace, demand: Demand) -> Server:
    """A window that serves nobody: free, about to call, or gone if it has let people wait."""
    since = max(window.free_since, window.changed_at)
    free_s = max(in_seconds(at - since), 0.0)
    missed_s = 0.0
    if known.until >= since:
        missed_s, since = known.missed_s, known.until
    oldest = demand.oldest(window.id, takes)
    if oldest is not None:
        missed_s += max(in_seconds(at - max(oldest, since)), 0.0)
    calls = pace.turnaround.call_law(free_s, missed_s)
    here = missed_s < ABSENT_S
    return Server(window.id, takes, calls[-1][0], known.pace, at_work=here, calls=calls, free=True)


def opened(hall: Hall, policy: Policy, windows: tuple[str, ...], servers: list[Server]) -> list[Server]:
    """The named windows that are closed, as they would be if opened now; those away are made ready among `servers`."""
    here = {server.window: server for server in servers}
    found = []
    for id in windows:
        window, plan, server = hall.windows.get(id), policy.windows.get(id), here.get(id)
        if server is not None:
            if not server.at_work:
                server.ready_s, server.at_work, server.sure = server.busy_s, True, False
                server.until_s, server.later, server.calls = inf, (), ()
        elif window is not None and window.services:
            known = hall.learnt.windows.get(id) or AtWindow()
            found.append(Server(id, window.services, 0.0, known.pace))
        elif plan is not None:
            found.append(Server(id, plan.services, 0.0))
    return found


def coming(hall: Hall, policy: Policy, at: Instant, demand: Demand, kind: tuple[str, str | None]) -> list[Server]:
    """The windows assumed for tickets that none serves now; empty when the configuration has none for their class."""
    service, aimed = kind
    since = demand.windows.get(aimed) if aimed is not None else demand.classes.get(service)
    soon_s = COMING_S + (max(in_seconds(at - since), 0.0) if since is not None else 0.0)
    if aimed is not None:
        return [Server(aimed, (service,), soon_s, at_work=False)]
    planned = [plan for plan in policy.windows.values() if service in plan.services]
    if planned:
        dues = [(plan.id, _due_s(policy, plan.hours, at)) for plan in planned]
        return [
            Server(id, (service,), soon_s if due_s is None else due_s, sure=due_s is not None, at_work=False)
            for id, due_s in dues
        ]
    if policy.configured:
        return []
    earlier = [window.id for window in hall.windows.values() if service in window.services]
    return [Server(id, (service,), soon_s, at_work=False) for id in earlier or [ANYONE + service]]


def _due_s(policy: Policy, hours: tuple[tuple[time, time], ...], at: Instant) -> float | None:
    """Seconds until the start of a window's next hours today, else of the branch's; None within them or after."""
    now = local(at, policy.calendar.zone)
    spans = hours
    if not spans and policy.calendar.open is not None and policy.calendar.close is not None:
        spans = ((policy.calendar.open, policy.calendar.close),)
    if any(_today(now, start) <= now < _today(now, end) for start, end in spans):
        return None
    ahead = [_today(now, start) for start, _ in spans if _today(now, start) > now]
    return in_seconds(from_datetime(min(ahead)) - at) if ahead else None


def _today(now: datetime, clock: time) -> datetime:
    return now.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond)


def under_way(hall: Hall, at: Instant) -> dict[str, list[float]]:
    """Seconds that each service under way has lasted so far, by class."""
    lasted_s: dict[str, list[float]] = {}
    for window in hall.windows.values():
        ticket = hall.tickets.get(window.ticket) if window.ticket is not None else None
        if ticket is not None:
            lasted_s.setdefault(ticket.service, []).append(max(in_seconds(at - window.since), 0.0))
    return lasted_s
