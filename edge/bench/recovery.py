"""A start after a day: with the last snapshot, as after a power cut, and without any, as after an upgrade.

Without one the whole journal is read and decided anew, forecasts included. The ratio is to decoding the same lines
alone, which any recovery from a journal must do.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from edge import snapshot
from edge.bench import branch, day
from edge.bench.figures import Spread, ratios
from edge.bench.report import Aim, Figure, Report
from edge.core import wire
from edge.core.instant import SECOND, parse
from edge.shell.recovery import recover
from edge.shell.runtime import SNAPSHOT_EVERY
from edge.shell.store import Store, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.core import events as ev
    from edge.core.instant import Instant
    from edge.core.policy import Policy

ABOUT: Final = "the hall brought back from a day's journal"
BEGIN: Final = parse("2026-03-02T08:00:00+08:00")
WAITING: Final = 60
REPORT_EVERY: Final = 60 * SECOND
GROUP: Final = 50
"""Events of one commit while the journal is made."""


class Sizes(Struct, frozen=True):
    """How many rounds over a journal of how many events."""

    rounds: int
    events: int


FULL, QUICK = Sizes(rounds=5, events=10_000), Sizes(rounds=2, events=500)


def run(sizes: Sizes, tell: Callable[[str], None]) -> Report:
    """Recovers the same journal every round."""
    with TemporaryDirectory() as folder:
        loaded = branch.loaded(Path(folder))
        store = Store.open(loaded.branch.state.dir, branch.ID)
        events = a_day(BEGIN, sizes.events)
        covered = max(len(events) - SNAPSHOT_EVERY, 0)
        remember(store, events[:covered])
        kept = snapshot.dump(recover(store, loaded.policy).engine.hall)
        recovered_s, decoded_s = [], []
        for number in range(sizes.rounds):
            tell(f"without a snapshot, round {number + 1} of {sizes.rounds}")
            decoded_s.append(_decoded(store))
            recovered_s.append(_recovered(store, loaded.policy))
        store.keep_snapshot(kept)
        remember(store, events[covered:])
        tell("with a snapshot")
        usual_s = [_recovered(store, loaded.policy) for _ in range(sizes.rounds)]
        store.close()
    return Report("recovery", f"{ABOUT}: {sizes.events} events", [*_figures(covered, recovered_s, decoded_s, usual_s)])


def _figures(covered: int, recovered_s: list[float], decoded_s: list[float], usual_s: list[float]) -> Iterator[Figure]:
    yield Figure(f"with a snapshot and {SNAPSHOT_EVERY} events behind it", Spread.of(usual_s), "s", Aim(1.0))
    yield Figure(f"without a snapshot, {covered} events", Spread.of(recovered_s), "s", Aim(1.0))
    yield Figure(
        "without, to decoding the same lines",
        ratios(recovered_s, decoded_s),
        beside={"decoding s": Spread.of(decoded_s).median},
    )


def a_day(begin: Instant, count: int) -> list[ev.Happening]:
    """So many events: seven hours at twenty windows that never rest, and ten machines that report each minute."""
    return day.with_reports(day.steady(begin, WAITING, count), branch.MACHINES, REPORT_EVERY)[:count]


def remember(store: Store, events: Sequence[ev.Happening]) -> None:
    """Puts events into the journal, as the daemon would have."""
    for begin in range(0, len(events), GROUP):
        group = events[begin : begin + GROUP]
        rows = [(event.at, wire.line(wire.publish(event, UTC)), None) for event in group]
        store.commit(Turn(events=[*rows], fired=group[-1].at))


def _decoded(store: Store) -> float:
    began = perf_counter()
    for _, body in store.tail(0):
        wire.decode_line(body)
    return perf_counter() - began


def _recovered(store: Store, policy: Policy) -> float:
    began = perf_counter()
    recover(store, policy)
    return perf_counter() - began
