"""What one more window would change: which could open, for which class, and the forecast with and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from edge.core import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.waiting import NextWait, Outlook


class OneMore(Struct, frozen=True):
    """The next ticket's wait of class `service` as things are and with one more window.

    `window` is the one to open, None when none is known that could: then `then` is None as well, unless nothing is
    known of the branch's windows beforehand. Both forecasts are None where nobody waits. `before` and `after` are the
    whole forecasts they are from.
    """

    service: str | None = None
    window: str | None = None
    now: NextWait | None = None
    then: NextWait | None = None
    before: Outlook | None = None
    after: Outlook | None = None

    @property
    def gain_s(self) -> float:
        """By how many seconds the p50 falls; 0 without a forecast."""
        if self.now is None or self.then is None or self.now.p50_s is None or self.then.p50_s is None:
            return 0.0
        return self.now.p50_s - self.then.p50_s


def worst_wait_s(hall: Hall) -> float:
    """The longest forecast (p50) for a next ticket among the classes somebody waits for; 0 where none is known."""
    worst = _worst(hall, hall.outlook.next)
    return 0.0 if worst is None else hall.outlook.next[worst].p50_s or 0.0


def one_more(hall: Hall, policy: Policy, at: Instant) -> OneMore:
    """Both forecasts from the hall as it stands at `at`, so that they differ by the window alone."""
    before = waiting.what_if(hall, policy, at)
    service = _worst(hall, before.next)
    if service is None:
        return OneMore()
    window = next(_able(hall, policy, service), None)
    if window is None and policy.configured:
        return OneMore(service, None, before.next[service], None)
    if window is None:
        after = waiting.what_if(hall, policy, at, extra_windows=1)
    else:
        after = waiting.what_if(hall, policy, at, open_windows=(window,))
    return OneMore(service, window, before.next[service], after.next.get(service), before, after)


def openable(hall: Hall, policy: Policy) -> int:
    """How many windows are not open, of all that are planned; without a configuration at least one is supposed."""
    closed = len([window for window in hall.windows.values() if window.state != "open"])
    if not policy.configured:
        return max(closed, 1)
    return closed + len(policy.windows.keys() - hall.windows.keys())


def _worst(hall: Hall, forecasts: dict[str, NextWait]) -> str | None:
    """The class with the longest p50 among those somebody waits for; of equals the first by name."""
    classes = {ticket.service for ticket in hall.queue()}
    known = [(-wait.p50_s, id) for id, wait in forecasts.items() if id in classes and wait.p50_s is not None]
    return min(known)[1] if known else None


def _able(hall: Hall, policy: Policy, service: str) -> Iterator[str]:
    """The windows not open that could take the class: paused ones first, where somebody sits already."""
    paused = (id for id, w in sorted(hall.windows.items()) if w.state == "paused" and service in w.services)
    yield from paused
    planned = {id: plan.services for id, plan in policy.windows.items()}
    for id in sorted({*planned, *hall.windows}):
        window = hall.windows.get(id)
        if window is None or window.state == "closed":
            seen = window.services if window is not None else ()
            if service in (seen or planned.get(id, ())):
                yield id
