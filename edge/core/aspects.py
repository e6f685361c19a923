"""What a step has changed, as bits: so that only what could see it looks again."""

from __future__ import annotations

from typing import Final, TypeAlias

Aspects: TypeAlias = int
"""A union of the bits below; plain integers, because every event sets some and every rule tests them."""

NOTHING: Final[Aspects] = 0
QUEUE: Final[Aspects] = 1
WINDOWS: Final[Aspects] = 2
DEVICES: Final[Aspects] = 4
STAFF: Final[Aspects] = 8
OUTLOOK: Final[Aspects] = 16
ARRIVALS: Final[Aspects] = 32
TICKETS: Final[Aspects] = 64
"""A ticket's own matters: it was rated, its holder did not come, it was declined, sent back, or has a need."""

CASES: Final[Aspects] = 128
EVERYTHING: Final[Aspects] = 255
