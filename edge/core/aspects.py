"""What a step has changed, as bits: so that only what could see it looks again."""

from __future__ import annotations

from typing import Final, TypeAlias

Aspects: TypeAlias = int
"""A union of the bits below; plain integers, because every event sets some and every rule tests them."""

NOTHING: Final[Aspects] = 0
QUEUE: Final[Aspects] = 1
WINDOWS: Final[Aspects] = 2
"""Which windows are open, paused or closed, and why; what they serve is told by `CALLED` and `ENDED`."""

DEVICES: Final[Aspects] = 4
"""How devices say they are, and that they are heard of."""

STAFF: Final[Aspects] = 8
OUTLOOK: Final[Aspects] = 16
ARRIVALS: Final[Aspects] = 32
TICKETS: Final[Aspects] = 64
"""A ticket's own matters: it was rated, its holder did not come, it was declined, sent back, or got a need."""

CASES: Final[Aspects] = 128
CALLED: Final[Aspects] = 256
"""A window serves a ticket from now on, which so waits no more."""

ENDED: Final[Aspects] = 512
"""A window serves the ticket no more that it served."""

TRAFFIC: Final[Aspects] = QUEUE | ARRIVALS | CALLED | ENDED
"""What happens all day long: tickets are drawn, called and served, one with each event."""

STOCK: Final[Aspects] = 1024
"""What devices lack or run short of."""

TROUBLES: Final[Aspects] = 2048
"""What has happened at devices, and which of them nobody may be sent to for that."""

LOST: Final[Aspects] = 4096
"""Which devices are lost: one is heard of no more, or again."""

OFFER: Final[Aspects] = DEVICES | STOCK | TROUBLES
"""All of what makes a device one that a customer may be sent to, or not."""

EVERYTHING: Final[Aspects] = 8191
