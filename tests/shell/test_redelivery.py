"""A message that the broker delivers again is one event; two that are merely alike are two. Over a real store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge.core import wire
from edge.shell.broker import BranchBroker
from edge.shell.links.paho import Incoming
from edge.shell.store import DiskFull
from tests.fakes import turns
from tests.shell.branch import branch
from tests.shell.test_runtime import House, turn

if TYPE_CHECKING:
    from pathlib import Path

CALL = b'{"cmd": "call", "no": "A1"}'


@dataclass
class Lobby:
    """A branch's broker before a runtime, and what was acknowledged; `again` is a restart of both."""

    folder: Path
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.connect(House(self.folder))

    def connect(self, house: House) -> None:
        self.house = house
        self.broker = BranchBroker(branch(self.folder, "mqtt://127.0.0.1:1"), house.runtime, house.clock, unheard=())

    def again(self) -> None:
        self.connect(self.house.again())

    def deliver(self, payload: bytes = CALL, *, dup: bool = False) -> Incoming:
        hearer: Any = self
        message = Incoming("terminal/3/event", payload, 1, 1, dup, False, None, hearer)
        self.broker.received(message)
        return message

    def settle(self) -> None:
        """Nothing is to be done with what is acknowledged."""

    @property
    def events(self) -> list[str]:
        return [wire.decode_line(body).type for _, body in self.house.store.tail(0)]


async def test_delivered_again_after_the_commit_it_is_one(tmp_path: Path) -> None:
    lobby = Lobby(tmp_path)
    first = lobby.deliver()
    await turn()
    again = lobby.deliver(dup=True)
    await turn()

    assert lobby.events == ["ticket.called"]
    assert first.acked
    assert again.acked


async def test_delivered_again_after_a_restart_it_is_one(tmp_path: Path) -> None:
    lobby = Lobby(tmp_path)
    lobby.deliver()
    await turn()
    lobby.again()
    again = lobby.deliver(dup=True)
    await turn()

    assert lobby.events == ["ticket.called"]
    assert again.acked


async def test_killed_before_the_commit_it_is_taken_when_it_comes_again(tmp_path: Path) -> None:
    lobby = Lobby(tmp_path)
    lost = lobby.deliver()
    lobby.house.runtime.failed.cancel()  # the process is gone before the turn
    lobby.again()
    lobby.deliver(dup=True)
    await turn()

    assert not lost.acked
    assert lobby.events == ["ticket.called"]


async def test_two_that_are_alike_are_two(tmp_path: Path) -> None:
    lobby = Lobby(tmp_path)
    lobby.deliver()
    lobby.deliver()
    await turn()
    lobby.deliver()
    await turn()
    lobby.again()
    lobby.deliver()
    await turn()

    assert lobby.events == ["ticket.called"] * 4


async def test_delivered_again_on_a_new_connection_while_the_disk_is_full_it_is_one(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("edge.shell.runtime.RETRY_S", 0.0)
    lobby = Lobby(tmp_path)

    def no_room(_turn: Any) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as full:
        full.setattr(lobby.house.store, "commit", no_room)
        lobby.deliver()
        await turn()
        lobby.connect(lobby.house)  # as after a reload
        again = lobby.deliver(dup=True)
        await turn()
        assert not again.acked
    await turns()

    assert lobby.events == ["ticket.called"]
    assert again.acked
