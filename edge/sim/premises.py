"""The demo branch as the simulator knows it: classes, windows, machines, boards and people who work there.

`config/demo.toml` is the same branch as the daemon knows it; a test holds the two together.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.events import DeviceKind, Role

ORG: Final = "example-bank"
BRANCH: Final = "0571-0042"
ZONE: Final = ZoneInfo("Asia/Shanghai")
OPENS: Final = time(9, 0)
CLOSES: Final = time(17, 0)


class ServiceClass(Struct, frozen=True):
    """A class of business: the letter of its tickets, and its service time (mean, and spread over mean)."""

    letter: str
    mean_s: float
    spread: float
    machines: frozenset[DeviceKind] = frozenset()


class Position(Struct, frozen=True):
    """A window, who sits there, how fast they are (1 is the usual time, more is slower), and when they eat."""

    services: tuple[str, ...]
    teller: str
    pace: float
    lunch: time


class Machine(Struct, frozen=True):
    """A device that reports by itself; `notes` is what it holds after a refill, 0 for one without cash."""

    kind: DeviceKind
    notes: int = 0
    uses_per_h: float = 0.0


class Post(Struct, frozen=True):
    """A member of staff in the lobby or behind it, and when they are there."""

    role: Role
    comes: time
    goes: time


CLASSES: Final[Mapping[str, ServiceClass]] = {
    "cash": ServiceClass("A", 210, 0.6, frozenset({"recycler", "atm"})),
    "payment": ServiceClass("B", 170, 0.5, frozenset({"kiosk"})),
    "account": ServiceClass("C", 420, 0.5, frozenset({"kiosk"})),
    "pension": ServiceClass("D", 200, 0.4, frozenset({"recycler"})),
    "wealth": ServiceClass("F", 720, 0.5),
    "corporate": ServiceClass("G", 480, 0.6),
}

WINDOWS: Final[Mapping[str, Position]] = {
    "1": Position(("cash", "payment", "pension"), "t-01", 0.95, time(11, 30)),
    "2": Position(("cash", "payment", "pension", "account"), "t-02", 1.1, time(12, 50)),
    "3": Position(("cash", "payment", "account", "pension"), "t-03", 1.0, time(12, 10)),
    "4": Position(("account", "payment", "wealth"), "t-04", 0.9, time(11, 30)),
    "5": Position(("wealth", "corporate"), "t-05", 1.0, time(12, 10)),
    "6": Position(("corporate", "account", "cash"), "t-06", 1.15, time(12, 50)),
}

MACHINES: Final[Mapping[str, Machine]] = {
    "atm-1": Machine("atm", 2000, 14),
    "atm-2": Machine("atm", 2000, 10),
    "recycler-1": Machine("recycler", 3000, 12),
    "recycler-2": Machine("recycler", 3000, 8),
    "kiosk-1": Machine("kiosk", 0, 9),
}

XFS4IOT_MACHINE: Final = "recycler-2"
"""The machine that speaks for itself over its own network; the others have an agent that publishes."""

VOICE: Final = "voice-1"
QUEUE_MACHINE, TERMINALS, PRINTER, SENSOR, UPS = "queue-1", "terminals", "printer-1", "sensor-1", "ups-1"
CALL_BOXES: Final[Mapping[str, str]] = {"1": "box-1", "2": "box-2"}
"""The windows whose tellers call with a box; its address is the window's number."""

CARD, SIGN = "board-5", "board-sign"
"""The boards of other makers, each on a line of its own: C-Power at a window, an Alpha sign that calls in English."""

BOARDS: Final[Mapping[str, int]] = {
    **{f"board-{window}": int(window) for window in WINDOWS},
    "board-lobby": 16,
    SIGN: 1,
}
"""Every LED board and the address of its controller on its line."""

STAFF: Final[Mapping[str, Post]] = {
    "lm-1": Post("lobby_manager", time(8, 20), time(17, 25)),
    "lg-1": Post("lobby_guide", time(8, 30), time(17, 20)),
    "bh-1": Post("branch_head", time(8, 25), time(17, 40)),
    "os-1": Post("supervisor", time(8, 25), time(17, 40)),
    "cm-1": Post("customer_manager", time(8, 45), time(17, 20)),
    "sg-1": Post("guard", time(8, 10), time(17, 45)),
}
