"""Headquarters: birth and will, retained figures, and every message of the outbox, in order, until acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.config import Loaded
    from edge.core.commands import Command
    from edge.shell.clock import Clock
    from edge.shell.ports import Outbox


class Headquarters:
    """The one connection to `[hq]`: a service, and a sink of the levels retained there.

    `boot` is this run's number; `health` gives the figures of the `health` topic and of the answer to `status`.
    """

    name = "hq"

    def __init__(
        self, loaded: Loaded, outbox: Outbox, clock: Clock, *, boot: int, health: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._loaded, self._outbox, self._clock = loaded, outbox, clock
        self._boot, self._health = boot, health

    async def serve(self) -> None:
        """Stays connected until cancelled; what goes wrong is said once and tried again."""
        raise NotImplementedError

    def perform(self, commands: Sequence[Command]) -> None:
        """Takes note of the levels; and, as it is called after each commit, looks whether the outbox has grown."""
        raise NotImplementedError

    def wake(self) -> None:
        """The outbox has grown."""
        raise NotImplementedError
