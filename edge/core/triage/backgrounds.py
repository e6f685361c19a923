"""What prompts about tickets, windows and the flow of people show beside the figures that met their rule."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from edge.core.instant import in_seconds, seconds
from edge.core.triage.arrival_facts import group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.triage.moment import Moment

GROUP_WINDOW_S: Final = 1200.0
"""Over how long the figure looks back for what people come for."""

ABSENT_SHOWN: Final = 8


def _ticket(moment: Moment, id: str) -> dict[str, Any]:
    """A ticket as staff need it to find its holder: never more than the queue machine printed."""
    ticket = moment.hall.tickets[id]
    since = ticket.waiting_since
    figures: dict[str, Any] = {"service": ticket.service, "waited_s": round(in_seconds(moment.at - since), 1)}
    if ticket.needs:
        figures["needs"] = list(ticket.needs)
    if ticket.tier != "ordinary":
        figures["tier"] = ticket.tier
    window = ticket.window or ticket.served_by
    return figures if window is None else {**figures, "window": window}


def _service(moment: Moment, window_id: str) -> dict[str, Any]:
    """The service under way at a window."""
    ticket_id = moment.hall.windows[window_id].ticket
    if ticket_id is None:
        return {}
    ticket = moment.hall.tickets[ticket_id]
    return {"ticket": ticket.id, "service": ticket.service}


def _group(moment: Moment, _: str) -> dict[str, Any]:
    service, count, total = group(moment, GROUP_WINDOW_S)
    return {"service": service, "tickets": count, "of": total}


def _absent(moment: Moment, _: str) -> list[str]:
    """The tickets whose holders did not come within the last ten minutes, the latest first."""
    recent = moment.at - seconds(600)
    found = [id for at, id in reversed(moment.hall.calling.absent) if at > recent]
    return list(dict.fromkeys(found))[:ABSENT_SHOWN]


def _open_windows(moment: Moment, _: str) -> list[str]:
    return sorted(window.id for window in moment.hall.windows.values() if window.state == "open")


def _subject(moment: Moment, id: str) -> dict[str, Any]:
    """The prompt a prompt is about, and how long it has been there."""
    prompt = moment.desk.prompts[id]
    since = prompt.at if prompt.raised_at is None else prompt.raised_at
    return {"rule": prompt.rule, "object": prompt.object, "open_s": round(in_seconds(moment.at - since), 1)}


def _reported(sort: str) -> Callable[[Moment, str], dict[str, str]]:
    """Whom, and at which window, the latest case of a sort is about, as far as was said."""

    def of(moment: Moment, _: str) -> dict[str, str]:
        case = moment.hall.cases.latest(sort, moment.at)
        said = {} if case is None else {"ticket": case.ticket, "window": case.window}
        return {name: id for name, id in said.items() if id is not None}

    return of


FIGURES: Final[Mapping[str, Callable[[Moment, str], Any]]] = MappingProxyType(
    {
        "ticket": _ticket,
        "service": _service,
        "group": _group,
        "absent": _absent,
        "open_windows": _open_windows,
        "subject": _subject,
        "unhappy_customer": _reported("precursor-2"),
        "referred": _reported("referral"),
    }
)
