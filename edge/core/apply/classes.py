"""Which service classes there are: those of the configuration, and those that people or windows are here for.

Where nothing is configured, classes are learnt from what happens. Either way their number is bounded: what a garbled
line called a class, or an earlier configuration did, is not forecast and published for years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.waiting.learnt import CLASSES_MOST

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.policy import Policy


def keep(hall: Hall, policy: Policy) -> None:
    """Forgets the classes that are no more, to be asked when a day begins and when the configuration has changed."""
    here = {ticket.service for ticket in hall.tickets.values() if ticket.state in {"waiting", "serving"}}
    here |= {service for window in hall.windows.values() for service in window.services}
    if policy.services:
        here |= policy.services.keys()
    else:
        here |= set(sorted(hall.services, key=lambda id: -hall.services[id])[:CLASSES_MOST])
    hall.services = {id: count for id, count in hall.services.items() if id in here}
