"""The branch's own broker: devices and handhelds speak to us there, prompts and boards are told there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.config import Loaded
    from edge.core.commands import Command
    from edge.shell.clock import Clock
    from edge.shell.ports import Inbox


class BranchBroker:
    """The one connection to `[broker]`: a service, and a sink of what is retained there.

    Before `serve` it must have been told, by `perform`, everything that is true at the start: prompts on the broker
    that it does not know by then are cleared.
    """

    name = "broker"

    def __init__(self, loaded: Loaded, inbox: Inbox, clock: Clock) -> None:
        self._loaded, self._inbox, self._clock = loaded, inbox, clock

    async def serve(self) -> None:
        """Stays connected until cancelled; what goes wrong is said once and tried again."""
        raise NotImplementedError

    def perform(self, commands: Sequence[Command]) -> None:
        """Takes note of what is to be retained on the broker."""
        raise NotImplementedError
