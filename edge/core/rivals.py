"""Who competes with a ticket: people before it for a class that one of its windows takes too, and such windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.hall import Hall, Ticket


def ahead(hall: Hall, ticket: Ticket) -> tuple[int, int]:
    """How many that have waited longer compete with a waiting ticket, and how many open windows serve any of them."""
    opened = [window.services for window in hall.windows.values() if window.state == "open"]
    classes = {ticket.service}.union(*(services for services in opened if ticket.service in services))
    working = sum(not classes.isdisjoint(services) for services in opened)
    people = 0
    for other in hall.queue():
        if other is ticket:
            break
        people += other.service in classes
    return people, working
