"""Cases that staff have raised, as far as the rules ask about them: what kind, how grave, where.

How a case is worked through is not told here. One that is worked through is closed; what was only a sign or an errand
(a customer who is unhappy, one to be received, one whose documents are missing) is over by itself after half an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from edge.core.instant import SECOND, Instant, Micros

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from edge.core.events import StaffAction

OPEN_AT_MOST: Final = 256
GRAVE: Final = 3
"""From this level on a complaint is one; below are its precursors (playbook §7.1)."""

PASSING: Final[Micros] = 1800 * SECOND
"""After so long a sign or an errand is over by itself."""

KINDS: Final = frozenset({
    "complaint", "consultation", "referral", "retention", "card", "counterfeit", "confiscation", "device_fault",
    "turn_away", "emergency",
})  # fmt: skip


class Case(Struct, kw_only=True):
    """One case; `sort` is what the rules ask by: its kind, or for a complaint that is none yet its level as precursor.

    `number` is its place among those of its sort on the day, from 1; `ticket` and `window` are whom and which window it
    is about, where that was said.
    """

    kind: str
    sort: str
    at: Instant
    number: int
    zone: str
    ticket: str | None = None
    window: str | None = None

    @property
    def passes(self) -> bool:
        """Whether it is over by itself after `PASSING`."""
        return self.sort.startswith("precursor") or self.kind in ("referral", "turn_away", "consultation")


class Cases(Struct):
    """The open cases by their id, in the order they were raised; `counts` by sort since the day began."""

    open: dict[str, Case] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def latest(self, sort: str, at: Instant) -> Case | None:
        """The last raised of a sort that is not over."""
        return next((c for c in reversed(self.open.values()) if c.sort == sort and not _over(c, at)), None)

    def new_day(self) -> None:
        """What passes by itself has passed; a complaint or an emergency that nobody closed stays open."""
        self.open = {id: case for id, case in self.open.items() if not case.passes}
        self.counts.clear()


def raised(
    cases: Cases, action: StaffAction, zones: Container[str], tickets: Container[str], windows: Container[str]
) -> bool:
    """Takes in a `raise`; False where its target is no kind of case. Of its place only what is among those is kept."""
    kind, detail = action.target, action.detail
    if kind not in KINDS:
        return False
    level = _level(detail)
    sort = f"precursor-{level}" if kind == "complaint" and level < GRAVE else kind
    number = cases.counts[sort] = cases.counts.get(sort, 0) + 1
    cases.open[f"{sort}.{action.at}.{number}"] = Case(
        kind=kind,
        sort=sort,
        at=action.at,
        number=number,
        zone=_among(zones, detail.get("zone")) or "hall",
        ticket=_among(tickets, detail.get("ticket")),
        window=_among(windows, detail.get("window")),
    )
    while len(cases.open) > OPEN_AT_MOST:
        least = next((id for id, case in cases.open.items() if case.passes), next(iter(cases.open)))
        del cases.open[least]
    return True


def closed(cases: Cases, target: str) -> bool:
    """Closes the case of that id, or the latest of that kind; False where none is open."""
    id = target if target in cases.open else next((i for i, c in reversed(cases.open.items()) if c.kind == target), "")
    return cases.open.pop(id, None) is not None


def _among(known: Container[str], said: object) -> str | None:
    return said if isinstance(said, str) and said in known else None


def _over(case: Case, at: Instant) -> bool:
    return case.passes and at >= case.at + PASSING


def _level(detail: Mapping[str, Any]) -> int:
    """The level said, 1 to 3, as a number or its digit; of one that says none, the gravest."""
    level = str(detail.get("level", GRAVE))
    return int(level) if level in ("1", "2", "3") else GRAVE
