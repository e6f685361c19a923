"""What the engine says: the wait of every ticket, and of the next person of every class."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)

Confidence: TypeAlias = Literal["low", "good"]


class Wait(Struct, frozen=True):
    """Seconds one waiting ticket still waits until its call: `0 <= p10_s <= p50_s <= p90_s`, all finite.

    `position` counts from 1, in calling order, among the waiting tickets that compete for one of its windows.
    """

    position: int
    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float


class NextWait(Struct, frozen=True):
    """Seconds the next ordinary person to take a ticket of a class would wait; all None, with `reason`, or none None.

    `windows` counts those at work for the class now, `sample` its services learnt from the day.
    """

    p10_s: float | None
    p50_s: float | None
    p90_s: float | None
    mean_s: float | None
    windows: int
    sample: int
    confidence: Confidence
    reason: str | None = None


class Outlook(Struct):
    """One forecast: `next` by class; `tickets`, where asked for, by id in calling order. Who is not in it has none."""

    at: Instant = 0
    next: dict[str, NextWait] = field(default_factory=dict)
    tickets: dict[str, Wait] = field(default_factory=dict)
