"""What makes one kind of day: who comes when, for what, and what is bound to happen. Times of day are the branch's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import time

    from edge.core.events import Need, Tier


class Rate(Struct, frozen=True):
    """From `since` on people arrive at random, `per_h` an hour, until the next rate."""

    since: time
    per_h: float


class Crowd(Struct, frozen=True):
    """People who come together, for one kind of business; `need` is one that most of them have."""

    at: time
    people: int
    within_s: float
    service: str
    need: Need | None = None


class Absence(Struct, frozen=True):
    """A window without its teller; one that `closes` is closed and opened again instead of paused and resumed."""

    at: time
    window: str
    for_s: float
    reason: str | None = None
    closes: bool = False


class Breakdown(Struct, frozen=True):
    """A machine that does nothing for a while."""

    at: time
    machine: str
    for_s: float
    part: str
    detail: str


class Silence(Struct, frozen=True):
    """A machine of which nothing is heard for a while, and which nobody can use."""

    at: time
    machine: str
    for_s: float


class Leave(Struct, frozen=True):
    """A member of staff who is not there for a while, and says so: signed out, and in again."""

    at: time
    staff: str
    for_s: float


class Incident(Struct, frozen=True):
    """Something that happens at a machine, by its name in the contract."""

    at: time
    machine: str
    event: str
    detail: str = ""


Scripted: TypeAlias = Absence | Breakdown | Silence | Leave | Incident


class Scenario(Struct, frozen=True, kw_only=True):
    """One kind of day. `shows_from` is when a demonstration begins: shortly before the day becomes interesting.

    `reserve` are windows nobody opens unless asked, `late` those that open later than the others. Chances are of one
    person each: `absent` when called, `transferred` and `wrong_form` at the window, `displeased` of those who rate,
    `grumbles` of those whose patience comes to its end, `declines` of those a machine could serve, `turned_away` of
    those who need papers, `referred` of those a customer manager would like to meet.
    """

    name: str
    about: str
    shows_from: time
    rates: tuple[Rate, ...]
    mix: Mapping[str, float]
    tiers: Mapping[Tier, float]
    needs: Mapping[Need, float]
    crowds: tuple[Crowd, ...] = ()
    reserve: frozenset[str] = frozenset()
    late: Mapping[str, time] = field(default_factory=dict)
    script: tuple[Scripted, ...] = ()
    lunch: bool = True
    pauses_per_h: float = 0.15
    patience_s: float = 2700.0
    absent: float = 0.02
    transferred: float = 0.02
    wrong_form: float = 0.05
    displeased: float = 0.002
    grumbles: float = 0.15
    declines: float = 0.04
    turned_away: float = 0.03
    referred: float = 0.1
    faults_per_day: Mapping[str, float] = field(default_factory=dict)
