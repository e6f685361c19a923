"""The line of waiting tickets, poured into the windows in calling order."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.core.waiting.capacity import Demand, Server, coming, opened, present, under_way
from edge.core.waiting.pace import Pace
from edge.core.waiting.pools import Pool, Route, Vessel, reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy

RANKS: Final = {"private": 0, "gold": 1, "silver": 2, "ordinary": 3}
"""Calling order of the tiers; within one, whoever waits longest. Needs do not change the order."""

DOUBT: Final = 0.02
"""Squared relative error of a mean wait beyond chance: how far the model itself may be off."""


class Start(NamedTuple):
    """When a ticket starts: its place in the line, mean and variance of the seconds until then."""

    ticket: str
    position: int
    mean_s: float
    variance_s2: float


@dataclass(frozen=True, slots=True)
class Change:
    """What would be different: windows opened now, general ones added, tickets of a class gone."""

    opened: tuple[str, ...] = ()
    extra: int = 0
    leave: Mapping[str, int] = field(default_factory=dict)


AS_IT_IS: Final = Change()


class Line:
    """The hall at one instant. Pouring uses it up: ask for `starts` once, then for `next`."""

    def __init__(self, hall: Hall, policy: Policy, at: Instant, change: Change = AS_IT_IS) -> None:
        self.hall, self.policy, self.at = hall, policy, at
        self.tickets = without(in_calling_order(hall), change.leave)
        self.demand = Demand.of(self.tickets)
        self.pace = Pace(hall.learnt, policy, under_way(hall, at))
        self.half = (1.0 + self.pace.variation) / 2.0
        self.servers = present(hall, at, self.pace, self.demand)
        supposed: list[Server] = []
        if change is not AS_IT_IS:
            supposed = opened(hall, policy, change.opened, self.servers)
            supposed += [Server("", self.classes(), 0.0, sure=True) for _ in range(change.extra)]
        self._told = self._pooled(self.servers)
        self._supposed = self._pooled(supposed)
        self._assumed: dict[str, Pool] = {}
        self._routes: dict[tuple[str, str | None], Route | None] = {}

    def classes(self) -> tuple[str, ...]:
        """Every known class: seen in the log, configured, or listed by a window that is not closed."""
        known = dict.fromkeys(self.hall.services)
        known |= dict.fromkeys(self.policy.services)
        for server in self.servers:
            known |= dict.fromkeys(server.classes)
        known.pop("", None)
        return tuple(known)

    def at_work(self, service: str) -> int:
        """The windows at work for a class now."""
        return sum(server.at_work and service in server.classes for server in self.servers)

    def starts(self, until: str | None = None) -> list[Start]:
        """When each waiting ticket starts, in calling order, as far as the ticket `until`."""
        found = []
        routes, impatience = self._routes, self.pace.impatience
        for ticket in self.tickets:
            kind = (ticket.service, ticket.for_window)
            route = routes[kind] if kind in routes else self._route(kind)
            if route is None:
                continue
            pools = route.pools
            mean_s = reach(pools, route.lead_s)
            found.append(self._start(ticket.id, route, mean_s))
            if ticket.id == until:
                break
            route.queued += 1
            cost_s = route.cost_s * exp(-impatience * mean_s) if impatience and mean_s > 0.0 else route.cost_s
            level = reach(pools, cost_s)
            for pool in pools:
                if pool.level < level:
                    pool.rise(level)
        return found

    def next(self, service: str) -> Start | None:
        """When the next ordinary ticket of a class would start, after everybody who waits; None if never."""
        kind = (service, None)
        route = self._routes[kind] if kind in self._routes else self._route(kind)
        return None if route is None else self._start("", route, reach(route.pools, route.lead_s))

    def _start(self, ticket: str, route: Route, mean_s: float) -> Start:
        """Variance of the time of a count: that of the count over the squared rate (Cox 1962, section 3.4)."""
        if mean_s <= 0.0:
            return Start(ticket, route.position(), 0.0, 0.0)
        speed = poured = noise = time_s = 0.0
        for pool in route.pools:
            if pool.level <= mean_s:
                speed += pool.speed
                poured += pool.poured
                noise += pool.noise
                time_s += pool.mean_s * pool.speed
        time_s /= speed
        completions = (mean_s * speed - poured) / time_s
        count = max(self.pace.variation * completions + noise, 0.1)
        doubt = DOUBT + self.pace.doubt
        return Start(ticket, route.position(), mean_s, count * (time_s / speed) ** 2 + doubt * mean_s * mean_s)

    def _route(self, kind: tuple[str, str | None]) -> Route | None:
        service, aimed = kind
        pools = tuple(pool for classes, window, pool in self._told if _for(kind, classes, window))
        if not pools:
            pools = tuple(self._coming(service, aimed))
        pools += tuple(pool for classes, window, pool in self._supposed if _for(kind, classes, window))
        if not pools:
            self._routes[kind] = None
            return None
        weight = sum(pool.speed for pool in pools)
        lead_s = self.half * sum(pool.mean_s * pool.speed for pool in pools) / weight
        route = Route(pools, self.pace.cost_s(service), lead_s, [])
        for other in self._routes.values():
            if other is not None and route.competes(other):
                route.rivals.append(other)
                other.rivals.append(route)
        route.rivals.append(route)
        self._routes[kind] = route
        return route

    def _coming(self, service: str, aimed: str | None) -> Iterator[Pool]:
        servers = coming(self.hall, self.policy, self.at, self.demand, (service, aimed))
        for server in servers:
            pool = self._assumed.get(server.window)
            if pool is None:
                mean_s = self.pace.cost_s(service)
                pool = self._assumed[server.window] = Pool([self._vessel(server, mean_s)], mean_s)
            yield pool

    def _pooled(self, servers: list[Server]) -> list[tuple[tuple[str, ...], str, Pool]]:
        """The windows in pools: alike if they take the same classes and nobody waits for one of them alone."""
        alike: dict[tuple[tuple[str, ...], str], list[Server]] = {}
        for server in servers:
            aimed = server.window if server.window in self.demand.windows else ""
            alike.setdefault((server.classes, aimed), []).append(server)
        pools = []
        for (classes, aimed), members in alike.items():
            mean_s = self.pace.mixed_s(classes, self.hall.services)
            pools.append((classes, aimed, Pool([self._vessel(s, mean_s) for s in members], mean_s)))
        return pools

    def _vessel(self, server: Server, mean_s: float) -> Vessel:
        own_s = mean_s * server.pace
        late = 0.0 if server.sure else server.ready_s / own_s
        return server.ready_s - own_s * self.half, 1.0 / server.pace, late * late - self.pace.variation * self.half


def _for(kind: tuple[str, str | None], classes: tuple[str, ...], window: str) -> bool:
    service, aimed = kind
    return service in classes if aimed is None else window == aimed


def in_calling_order(hall: Hall) -> list[Ticket]:
    """The waiting tickets as they will be called."""
    tickets = hall.tickets
    queue = [tickets[id] for id in hall.waiting]
    if any(ticket.tier != "ordinary" for ticket in queue):
        queue.sort(key=lambda ticket: RANKS[ticket.tier])
    return queue


def without(queue: list[Ticket], leave: Mapping[str, int]) -> list[Ticket]:
    """The queue less so many tickets of each class, spread evenly over the class."""
    for service, count in leave.items():
        places = [i for i, ticket in enumerate(queue) if ticket.service == service]
        gone = {places[(2 * k + 1) * len(places) // (2 * count)] for k in range(min(count, len(places)))}
        queue = [ticket for i, ticket in enumerate(queue) if i not in gone]
    return queue
