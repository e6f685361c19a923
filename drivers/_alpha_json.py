"""Alpha frames as JSON for the command line: every value says something the others do not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from drivers._alpha_frames import (
    ALL_TYPES,
    BROADCAST,
    NULS,
    Acknowledgement,
    Command,
    Frame,
    FrameReader,
    acknowledge,
    encode,
)
from drivers._framing import shown
from drivers._records import StreamFrames, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


_WRITE_TEXT: Final = re.compile(rb"A(?P<label>.)\x1b(?P<position>.)(?P<mode>.)(?P<text>.*)", re.DOTALL)
_TEXT_KEYS: Final = ("label", "position", "mode", "text")
_COMMAND_KEYS: Final = dict.fromkeys(("cmd", "data", *_TEXT_KEYS, "checksum", "etx"))
_FRAME_KEYS: Final = dict.fromkeys(("type", "addr", "cmds", "nuls"))
_REPLY_KEYS: Final = dict.fromkeys(("taken", "status"))
_BYTE: Final = 0xFF


class Frames(StreamFrames["Frame | Acknowledgement"]):
    """The frame layer as `lobbyd codec` uses it: see `edge.driver.FrameLayer`. Bytes are shown as Latin-1 text."""

    def reader(self) -> FrameReader:
        return FrameReader()

    def show(self, frame: Frame | Acknowledgement) -> dict[str, Any]:
        return _to_json(frame)

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of the frame that `item` describes; ValueError is one sentence that says what is wrong."""
        if "taken" in item:
            refuse_unknown(item, _REPLY_KEYS)
            return acknowledge(
                Acknowledgement(taken=_yes_or_no("taken", item["taken"]), status=_number(item, "status", 0x40, 0x7F))
            )
        refuse_unknown(item, _FRAME_KEYS)
        commands = item.get("cmds")
        if not isinstance(commands, list) or not all(isinstance(command, dict) for command in commands):
            raise ValueError("'cmds' is a list of objects, one for each command")
        return encode(
            Frame(
                commands=tuple(_command(place, command) for place, command in enumerate(commands)),
                type=_bytes(item, "type", ALL_TYPES),
                address=_bytes(item, "addr", BROADCAST),
                nuls=_number({"nuls": NULS, **item}, "nuls", 0, _BYTE),
            )
        )


def _to_json(one: Frame | Acknowledgement) -> dict[str, Any]:
    match one:
        case Acknowledgement():
            return {"taken": one.taken, "status": one.status}
        case _:
            item: dict[str, Any] = {"type": one.type.decode("latin-1"), "addr": one.address.decode("latin-1")}
            if one.nuls != NULS:
                item["nuls"] = one.nuls
            return item | {"cmds": [_command_to_json(command) for command in one.commands]}


def _command_to_json(command: Command) -> dict[str, Any]:
    text = _WRITE_TEXT.fullmatch(command.data)
    item: dict[str, Any] = {"cmd": command.data[:1].decode("latin-1")}
    if text is None:
        item["data"] = command.data[1:].decode("latin-1")
    else:
        item |= {key: text[key].decode("latin-1") for key in _TEXT_KEYS}
    item["checksum"] = command.checksum
    if command.etx and not command.checksum:
        item["etx"] = True
    return item


def _command(place: int, item: Mapping[str, Any]) -> Command:
    try:
        return _command_from_json(item)
    except ValueError as fault:
        raise ValueError(f"cmds[{place}]: {fault}") from None


def _command_from_json(item: Mapping[str, Any]) -> Command:
    refuse_unknown(item, _COMMAND_KEYS)
    cmd = _bytes(item, "cmd", None)
    if len(cmd) != 1:
        raise ValueError(f"'cmd' is {shown(item['cmd'])}; accepted: one character")
    checksum = _yes_or_no("checksum", item.get("checksum", True))
    if checksum and "etx" in item:
        raise ValueError("'etx' has no place here: there is one in front of every checksum")
    etx = _yes_or_no("etx", item.get("etx", checksum))
    return Command(cmd + _data(item), checksum=checksum, etx=etx)


def _data(item: Mapping[str, Any]) -> bytes:
    if not any(key in item for key in _TEXT_KEYS):
        return _bytes(item, "data", b"")
    if "data" in item:
        raise ValueError("'data' has no place beside 'label', 'position', 'mode' and 'text': they are the data")
    label, position, mode, text = (_bytes(item, key, None) for key in _TEXT_KEYS)
    if (len(label), len(position), len(mode)) != (1, 1, 1):
        raise ValueError("'label', 'position' and 'mode' are one character each")
    return label + b"\x1b" + position + mode + text


def _bytes(item: Mapping[str, Any], key: str, default: bytes | None) -> bytes:
    if key not in item:
        if default is None:
            raise ValueError(f"lacks '{key}'")
        return default
    value = item[key]
    if not isinstance(value, str):
        raise ValueError(f"'{key}' is {shown(value)}; accepted: text")  # noqa: TRY004 (one kind of error for every wrong value)
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError as fault:
        raise ValueError(f"'{key}' has {value[fault.start]!r}; accepted: one byte a character") from None


def _number(item: Mapping[str, Any], key: str, least: int, most: int) -> int:
    value = item.get(key)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"'{key}' is {shown(value)}; accepted: {least} to {most}")
    return value


def _yes_or_no(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"'{key}' is {shown(value)}; accepted: true or false")  # noqa: TRY004 (one kind of error for every wrong value)
    return value
