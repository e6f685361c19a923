"""Modbus modules on one RS-485 line: contacts and registers, and what goes wrong on such lines.

A module answers what is addressed to it and meets a frame that fails its check with silence. The frames are the
driver's own layer (`edge.driver.FrameLayer`), which published captures and pymodbus hold to the standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct, field

from edge import driver
from edge.sim.devices.pty import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from edge.driver import FrameLayer

_QUESTION: Final = 8
_HOLDING: Final = 3
_ILLEGAL_ADDRESS: Final = 2

Fault: TypeAlias = Literal["", "silent", "garbled", "twice", "everybody", "echo"]
"""Says nothing, sends a wrong checksum, answers everything twice, answers for all units; or the line hears itself."""


class Module(Struct):
    """One module: whether each contact is closed, its input and its holding registers, and what is wrong with it."""

    id: str
    unit: int
    contacts: list[bool] = field(default_factory=lambda: [False] * 8)
    inputs: dict[int, int] = field(default_factory=dict)
    holding: dict[int, int] = field(default_factory=dict)
    fault: Fault = ""
    asked: int = 0


class Modules:
    """The modules of one line."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = {module.id: module for module in modules}
        self.bad_frames = 0
        self._frames = _frame_layer()
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The answers to the questions that `data` completes, in order, however it is cut."""
        self._rest += data
        while len(self._rest) >= _QUESTION:
            (question, *_) = self._frames.decode([self._rest[:_QUESTION]])
            if "count" not in question:
                self.bad_frames += 1
                self._rest = self._rest[1:]
                continue
            yield from self._answers(question, self._rest[:_QUESTION])
            self._rest = self._rest[_QUESTION:]

    def _answers(self, question: Mapping[str, Any], frame: bytes) -> Iterator[bytes]:
        if any(module.fault == "echo" for module in self.modules.values()):
            yield frame
        for module in self.modules.values():
            mine = question["unit"] == module.unit
            module.asked += mine
            if module.fault == "silent" or not (mine or module.fault == "everybody"):
                continue
            answer = self._frames.encode(_answer(module, question))
            if module.fault == "garbled":
                answer = answer[:-1] + bytes((answer[-1] ^ 1,))
            yield from [answer] * (2 if module.fault == "twice" else 1)


class ModuleBus:
    """The modules at the end of a cable."""

    def __init__(self, path: Path, modules: Modules) -> None:
        self._line = modules
        self.port = Port(path, self._received)

    @property
    def modules(self) -> Mapping[str, Module]:
        """Every module by its id."""
        return self._line.modules

    def _received(self, data: bytes) -> None:
        for answer in self._line.receive(data):
            self.port.write(answer)


def _answer(module: Module, question: Mapping[str, Any]) -> dict[str, Any]:
    head = {"unit": module.unit, "function": question["function"]}
    wanted = range(question["first"], question["first"] + question["count"])
    match question["function"]:
        case 1 | 2 if wanted.stop <= len(module.contacts):
            bits = sum(module.contacts[at] << place for place, at in enumerate(wanted))
            return {**head, "data_hex": bits.to_bytes((len(wanted) + 7) // 8, "little").hex()}
        case 3 | 4:
            table = module.holding if question["function"] == _HOLDING else module.inputs
            if all(at in table for at in wanted):
                return {**head, "data_hex": b"".join(table[at].to_bytes(2, "big") for at in wanted).hex()}
    return {**head, "exception": _ILLEGAL_ADDRESS}


def _frame_layer() -> FrameLayer:
    layer: FrameLayer = vars(driver.load("sensor_modbus"))["FRAMES"]
    return layer
