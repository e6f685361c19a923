"""The line of waiting tickets, poured into the windows in calling order."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, field

from edge.core.instant import in_seconds, seconds
from edge.core.waiting.arrivals import Coming
from edge.core.waiting.capacity import Demand, Server, coming, opened, present, under_way
from edge.core.waiting.discipline import RANKS
from edge.core.waiting.learnt import LONGEST_S
from edge.core.waiting.pace import Pace
from edge.core.waiting.pools import Pool, Vessel, arriving, calling, overshoot, until, vessel
from edge.core.waiting.route import Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.waiting.arrivals import Arrivals
    from edge.core.waiting.calls import Calls

Kind: TypeAlias = tuple[str, str | None]
"""What decides who may serve a ticket: its class, and the window it is for, if for one."""


class Change(Struct, frozen=True):
    """What would be different: windows opened or closed now, general ones added, tickets of a class gone."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    extra: int = 0
    leave: Mapping[str, int] = field(default_factory=dict)


AS_IT_IS: Final = Change()

TOGETHER_S: Final = 30.0
"""Those who come within so many seconds and go first are added together."""


class _Later(Struct):
    """Of one class and tier: those who come until then have been added."""

    kind: Arrivals
    until_s: float = 0.0


class Line:
    """The hall at one instant. Pouring uses it up: `pour` it once; then `route` is that of a newcomer."""

    def __init__(self, hall: Hall, policy: Policy, at: Instant, change: Change = AS_IT_IS) -> None:
        self.hall, self.policy, self.at = hall, policy, at
        self.tickets = without(in_calling_order(hall), change.leave)
        self.demand = Demand.of(self.tickets)
        self.pace = Pace(hall.learnt, policy, under_way(hall, at))
        self.servers = present(hall, policy, at, self.pace, self.demand)
        if change.closed:
            self.servers = [server for server in self.servers if server.window not in change.closed]
        supposed: list[Server] = []
        if change is not AS_IT_IS:
            supposed = opened(hall, policy, change.opened, self.servers)
            supposed += [Server("", self.classes(), 0.0) for _ in range(change.extra)]
        self._told = self._pooled(self.servers)
        self._supposed = self._pooled(supposed)
        self._assumed: dict[str, Pool] = {}
        self._routes: dict[Kind, Route | None] = {}
        self._order = hall.learnt.discipline
        self._rates: Coming | None = None
        self._later = [_Later(kind) for kind in hall.learnt.later.kinds.values() if kind.today or kind.usual]

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

    def pour(self) -> Iterator[tuple[str, Route]]:
        """Starts the waiting tickets in calling order, each after it has been yielded, to be asked about."""
        known: dict[str, Route | None] = {}
        since = self._order.since
        for ticket in self.tickets:
            if self._later:
                self._give_way(since(ticket), ticket.tier)
            service = ticket.service
            if ticket.for_window is not None:
                route = self.route((service, ticket.for_window))
            elif service in known:
                route = known[service]
            else:
                route = known[service] = self.route((service, None))
            if route is not None:
                yield ticket.id, route
                route.pour(self.pace.share(service, ticket.tier))
        if self._later:
            self._give_way(self.at, "ordinary")

    def _give_way(self, since: Instant, tier: str) -> None:
        """Before a ticket that counts as waiting since then go those of higher tiers who come within their lead.

        They are added in steps of `TOGETHER_S` and where the windows are known.
        """
        for later in self._later:
            kind = later.kind
            if RANKS[kind.tier] >= RANKS[tier] or later.until_s == inf:
                continue
            lead = self._order.lead(kind.tier)
            strict = lead - self._order.lead(tier) >= seconds(LONGEST_S)
            until_s = inf if strict else in_seconds(since + lead - self.at)
            if until_s < later.until_s + TOGETHER_S:
                continue
            from_s, later.until_s = later.until_s, until_s
            route = self.route((kind.service, None))
            if route is None:
                continue
            if self._rates is None:
                self._rates = Coming(self.hall.learnt.later, self.policy, self.at)
            rates = self._rates.rates(kind, from_s, until_s)
            share = route.cost_s * self.pace.share(kind.service, kind.tier) / sum([pool.full for pool in route.pools])
            for pool in route.pools:
                pool.owe([(start_s, share * pool.full * rate) for start_s, rate in rates])

    def route(self, kind: Kind) -> Route | None:
        """The way of one kind of ticket; None when nobody will serve it."""
        if kind in self._routes:
            return self._routes[kind]
        service, aimed = kind
        known = [pool for classes, window, pool in self._told if _for(kind, classes, window)]
        known = known or list(self._coming(service, aimed))
        supposed = [pool for classes, window, pool in self._supposed if _for(kind, classes, window)]
        if not known:
            known, supposed = supposed, []
        route = None
        if known:
            lead_s = sum(pool.half * pool.mean_s * pool.full for pool in known)
            lead_s /= sum(pool.full for pool in known)
            route = Route(tuple(known), tuple(supposed), self.pace.cost(service).cycle_s, lead_s, self.pace)
            route.windows = max(self.at_work(service), 1)
            for other in self._routes.values():
                if other is not None:
                    route.meet(other)
        self._routes[kind] = route
        return route

    def _coming(self, service: str, aimed: str | None) -> Iterator[Pool]:
        servers = coming(self.hall, self.policy, self.at, self.demand, (service, aimed))
        for server in servers:
            pool = self._assumed.get(server.window)
            if pool is None:
                mean_s = self.pace.cost(service).cycle_s
                half, variation = overshoot(self.pace.variation_of(service)), self.pace.usual_variation_of(service)
                vessels = _vessels(server, mean_s, half, variation)
                pool = self._assumed[server.window] = Pool(vessels, mean_s, half, variation)
                _foresee(pool.calls, server, inf)
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
            whole, variation = self.pace.mixed_variation(classes, self.hall.services)
            half = overshoot(whole)
            vessels = [step for server in members for step in _vessels(server, mean_s, half, variation)]
            if vessels:  # none where all have gone by their hours
                pool = Pool(vessels, mean_s, half, variation)
                all_go = all(server.until_s < inf and not server.later for server in members)  # the last ones stay
                for server in members:
                    _foresee(pool.calls, server, inf if all_go else server.until_s)
                pools.append((classes, aimed, pool))
        return pools


def _vessels(server: Server, mean_s: float, half: float, variation: float) -> list[Vessel]:
    """A window as steps, for tickets that cost `mean_s` with this h and this usual variation."""
    own_s = mean_s * server.pace
    fixed = -variation * half
    late = server.ready_s / own_s
    steps = []
    if server.sure:
        steps += arriving(server.ready_s, server.until_s, own_s, mean_s, half, fixed)
    elif server.calls:
        steps += until(calling(server.calls, own_s, mean_s, half, variation), server.until_s)
    else:
        steps += until(vessel(max(server.ready_s, 1.0), own_s, mean_s, half, late * late + fixed), server.until_s)
    for from_s, until_s in server.later:
        steps += arriving(max(from_s, server.busy_s), until_s, own_s, mean_s, half, fixed)
    return steps


def _foresee(calls: Calls, server: Server, until_s: float) -> None:
    """Adds what is known of the window's next call, if it calls within `until_s`."""
    calls.free += server.free
    if server.sure:
        calls.by_plan(server.ready_s)
    elif server.calls:
        calls.by_law(server.calls, until_s)
    else:
        calls.by_mean(max(server.ready_s, 1.0), until_s)
    for from_s, _ in server.later:
        calls.by_plan(max(from_s, server.busy_s))


def _for(kind: Kind, classes: tuple[str, ...], window: str) -> bool:
    service, aimed = kind
    return service in classes if aimed is None else window == aimed


def in_calling_order(hall: Hall) -> list[Ticket]:
    """The waiting tickets as they will be called."""
    tickets = hall.tickets
    queue = [tickets[id] for id in hall.waiting]
    if any(ticket.tier != "ordinary" for ticket in queue):
        queue.sort(key=hall.learnt.discipline.since)
    return queue


def without(queue: list[Ticket], leave: Mapping[str, int]) -> list[Ticket]:
    """The queue less so many tickets of each class, spread evenly over the class."""
    for service, count in leave.items():
        places = [i for i, ticket in enumerate(queue) if ticket.service == service]
        gone = min(count, len(places))
        left = {places[(2 * k + 1) * len(places) // (2 * gone)] for k in range(gone)}
        queue = [ticket for i, ticket in enumerate(queue) if i not in left]
    return queue
