"""Bringing the hall back: the last snapshot, the events since, the wakes that had fired. Nothing is acted on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from edge import snapshot
from edge.core import wire
from edge.core.engine import Engine, Stumbled
from edge.core.hall import Hall

if TYPE_CHECKING:
    from edge.core.policy import Policy
    from edge.shell.store import Store

log = structlog.get_logger("recovery")


class Recovered(Struct, frozen=True):
    """The engine as it was after the last commit, and how many events were replayed to get there."""

    engine: Engine
    replayed: int


def recover(store: Store, policy: Policy) -> Recovered:
    """The engine as it stood when the daemon last committed.

    A snapshot of another build is set aside and the journal replayed from its beginning; an event that this build
    cannot read is passed over and named, because a branch must open in the morning.
    """
    seq, hall = 0, Hall()
    kept = store.snapshot()
    if kept is not None:
        try:
            seq, hall = kept[0], snapshot.load_hall(kept[1])
        except snapshot.Unreadable as fault:
            log.warning("snapshot of another build; replaying the journal", reason=str(fault))
    engine, replayed = Engine(policy, hall), 0
    engine.set_aside = frozenset(store.quarantined())
    for number, body in store.tail(seq):
        try:
            event = wire.decode_line(body)
            if event.at < engine.hall.now:
                engine.set_back(event.at)  # the clock was put right here, or the events would be in order
            engine.feed(event)
            replayed += 1
        except (wire.WireError, Stumbled) as fault:
            log.error("journal event passed over", number=number, reason=str(fault))
    for _ in engine.wakes(store.fired):
        pass
    return Recovered(engine, replayed)
