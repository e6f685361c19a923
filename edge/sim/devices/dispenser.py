"""The queue machine: a line of text on a serial port for everything it does.

    TK A012 CL=1 LV=0 ND=elderly AM=1 AP=10:30   a ticket: class key, level, needs, amount band, appointment
    CX A012 RS=self_service                      a ticket given back, and why
    ST OK · ST FAULT printer                     how it is
    EV paper_low                                 something it noticed
    # …                                          remarks

What is not known is left out. Lines end with CR LF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import events as ev
from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS: Final[Mapping[str, str]] = {
    "cash": "1",
    "payment": "2",
    "account": "3",
    "pension": "4",
    "wealth": "5",
    "corporate": "6",
}
"""The key on its screen for each service class."""

_LEVELS: Final[Mapping[ev.Tier, str]] = {"ordinary": "0", "silver": "1", "gold": "2", "private": "3"}
_AMOUNTS: Final[Mapping[ev.AmountBand, str]] = {"small": "1", "normal": "2", "large": "3"}
_STATES: Final[Mapping[ev.DeviceState, str]] = {"ok": "OK", "degraded": "WARN", "down": "FAULT"}
_END: Final = "\r\n"


class Dispenser:
    """The machine on its cable."""

    def __init__(self, path: Path) -> None:
        self.port = Port(path, lambda _: None)  # nothing is ever said to it

    def tell(self, event: ev.Happening) -> bool:
        """Sends the event's line; False when it is no business of a queue machine, or nobody listens."""
        said = line(event)
        return said is not None and self.port.write((said + _END).encode("ascii", "replace"))


def line(event: ev.Happening) -> str | None:
    """The event as the machine says it, without the line end; None when it is none of its own."""
    match event:
        case ev.TicketIssued():
            return _ticket(event)
        case ev.TicketCancelled():
            return f"CX {event.ticket}" + (f" RS={event.reason}" if event.reason else "")
        case ev.DeviceStatus(kind="dispenser"):
            return f"ST {_STATES.get(event.state, 'WARN')} {event.detail}".rstrip()
        case _:
            return None


def _ticket(event: ev.TicketIssued) -> str:
    words = {
        "CL": KEYS[event.service],
        "LV": _LEVELS[event.tier],
        "ND": ",".join(event.needs),
        "AM": _AMOUNTS[event.amount_band] if event.amount_band else "",
        "AP": event.appointment or "",
    }
    return " ".join([f"TK {event.ticket}", *(f"{key}={word}" for key, word in words.items() if word)])
