"""Boards at the end of a cable, whatever their maker: what they show, and a line that can be cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Board(Protocol):
    """One controller; without power it neither takes nor answers."""

    powered: bool

    @property
    def text(self) -> str:
        """What people read on it."""

    def blank(self) -> None:
        """What lived in its memory is gone."""


class Controllers(Protocol):
    """The controllers of one line."""

    @property
    def boards(self) -> Mapping[str, Board]:
        """Every board by its id."""

    def receive(self, data: bytes) -> Iterable[bytes]:
        """The answers to what `data` completes, in order, however it is cut."""


class BoardBus:
    """The controllers at the end of a cable."""

    def __init__(self, path: Path, controllers: Controllers) -> None:
        self._controllers = controllers
        self.port = Port(path, self._received)

    @property
    def boards(self) -> Mapping[str, Board]:
        """Every board by its id."""
        return self._controllers.boards

    def _received(self, data: bytes) -> None:
        for answer in self._controllers.receive(data):
            self.port.write(answer)

    def lose_power(self, board: str) -> None:
        """The board goes dark, and what it showed is gone."""
        self.boards[board].powered = False
        self.boards[board].blank()

    def regain_power(self, board: str) -> None:
        """The board is there again, blank until it is told what to show."""
        self.boards[board].powered = True
