"""What an ESC/POS printer is asked and what it answers as JSON, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from drivers._escpos_status import (
    ANSWERS,
    AUTOMATIC,
    FLAGS,
    GROUP,
    QUESTIONS,
    XOFF,
    XON,
    Automatic,
    Byte,
    StatusReader,
    flags_of,
)
from drivers._framing import shown
from drivers._records import from_hex, refuse_unknown
from edge.driver import BadFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drivers._escpos_status import Flag, Found, Question

_LENGTH: Final = 3
_ASKS: Final[Mapping[bytes, Question]] = {data: question for question, data in QUESTIONS.items()}
_OWN_BITS: Final = (0, 0, 0x60, 0x6F)
"""The bits of an automatic status that are each model's own, by byte."""

_FIRST: Final = 0x10
_REAL_TIME: Final = 0x12
_OWN_OF_SENSOR: Final = 0x60


class Frames:
    """The frame layer as `lobbyd codec` uses it: see `edge.driver.FrameLayer`.

    A status byte does not say which question it answers: behind its question, in a chunk of its own or not, it is
    spelt out, and without one it stays `status_hex`. `model` are the bits that mean something to a model alone;
    `between_hex` is the XON and XOFF that stood in the three gaps of an automatic status.
    """

    def decode(self, chunks: Sequence[bytes]) -> list[dict[str, Any]]:
        """What is in the chunks, in order; a stretch that is nothing is `bad_frame` with the reason."""
        return [*_read(b"".join(chunks))]

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of a question, an answer or an automatic status; ValueError says what is wrong."""
        for key, write in (
            ("ask", _ask),
            ("tell", _tell),
            ("answer", _answer),
            ("automatic", _automatic),
            ("status_hex", _status),
        ):
            if key in item:
                return write(item)
        raise ValueError("lacks 'ask', 'tell', 'answer', 'automatic' or 'status_hex'")


def _read(data: bytes) -> Iterator[dict[str, Any]]:
    """A question where one stands; else what a printer says, up to the next question."""
    reader, asked, at = StatusReader(), None, 0
    while at < len(data):
        command = data[at : at + _LENGTH]
        if not reader.waiting and not _begins_automatic(data[at:]):
            if command in _ASKS:
                asked, at = _ASKS[command], at + _LENGTH
                yield {"ask": asked}
                continue
            if command.startswith(AUTOMATIC) and len(command) == _LENGTH:
                at += _LENGTH
                yield {"tell": command[-1]}
                continue
        for one in reader.feed(data[at : at + 1]):
            yield _to_json(one, asked)
            asked = None if isinstance(one, Byte) else asked
        at += 1
    if reader.waiting:
        yield {"bad_frame": f"{reader.waiting} bytes of an automatic status that does not end"}


def _begins_automatic(data: bytes) -> bool:
    """Whether a whole automatic status stands here: 10 04 03 is the beginning of one as well as a question."""
    reader = StatusReader()
    return any(isinstance(one, Automatic) for one in reader.feed(data[: len(GROUP)]))


def _to_json(one: Found, asked: Question | None) -> dict[str, Any]:
    match one:
        case BadFrame():
            return {"bad_frame": one.reason}
        case Automatic():
            said = one.flags
            item: dict[str, Any] = {"automatic": {flag: flag in said for flag in FLAGS if _has(GROUP, flag)}}
            item["model"] = [value & own for value, own in zip(one.data[2:], _OWN_BITS[2:], strict=True)]
            return item | ({"between_hex": [gap.hex() for gap in one.between]} if any(one.between) else {})
        case Byte(value):
            flags = None if asked is None else flags_of(asked, value)
            if asked is None or flags is None:
                return {"status_hex": f"{value:02x}"}
            item = {"answer": asked, **{flag: flag in flags for flag in ANSWERS[asked]}}
            return item | ({"model": value & _OWN_OF_SENSOR} if asked == "paper_sensor" else {})


def _has(tables: Sequence[Mapping[Flag, int]], flag: Flag) -> bool:
    return any(flag in table for table in tables)


def _ask(item: Mapping[str, Any]) -> bytes:
    refuse_unknown(item, {"ask": None})
    return QUESTIONS[_question(item, "ask")]


def _tell(item: Mapping[str, Any]) -> bytes:
    refuse_unknown(item, {"tell": None})
    return AUTOMATIC + bytes((_number("tell", item["tell"], 0xFF),))


def _answer(item: Mapping[str, Any]) -> bytes:
    question = _question(item, "answer")
    table, of_sensor = ANSWERS[question], question == "paper_sensor"
    refuse_unknown(item, dict.fromkeys(("answer", *table, *(("model",) if of_sensor else ()))))
    fixed = _number("model", item.get("model", 0), _OWN_OF_SENSOR) if of_sensor else _REAL_TIME
    return bytes((fixed | _bits(item, table),))


def _automatic(item: Mapping[str, Any]) -> bytes:
    refuse_unknown(item, {"automatic": None, "model": None, "between_hex": None})
    flags, model = item["automatic"], item.get("model", [0, 0])
    gaps = item.get("between_hex", [""] * (len(GROUP) - 1))
    if not isinstance(flags, dict):
        raise ValueError(f"'automatic' is {shown(flags)}; accepted: an object of {', '.join(FLAGS)}")  # noqa: TRY004 (one kind of error for every wrong value)
    refuse_unknown(flags, {flag: None for flag in FLAGS if _has(GROUP, flag)})
    if not isinstance(model, list) or len(model) != 2:
        raise ValueError(f"'model' is {shown(model)}; accepted: two numbers, of the third byte and the fourth")
    if not isinstance(gaps, list) or len(gaps) != len(GROUP) - 1:
        raise ValueError(f"'between_hex' is {shown(gaps)}; accepted: three texts")
    fixed = (_FIRST, 0, *(_number("model", one, own) for one, own in zip(model, _OWN_BITS[2:], strict=True)))
    values = [bytes((byte | _bits(flags, table, whole=False),)) for byte, table in zip(fixed, GROUP, strict=True)]
    return b"".join(value + gap for value, gap in zip(values, [*map(_gap, gaps), b""], strict=True))


def _status(item: Mapping[str, Any]) -> bytes:
    refuse_unknown(item, {"status_hex": None})
    data = from_hex("status_hex", item["status_hex"], 1)
    if not [one for one in StatusReader().feed(data) if isinstance(one, Byte)]:
        raise ValueError(f"'status_hex' is {shown(item['status_hex'])}: no printer answers that")
    return data


def _question(item: Mapping[str, Any], key: str) -> Question:
    for question in QUESTIONS:
        if item[key] == question:
            return question
    raise ValueError(f"'{key}' is {shown(item[key])}; accepted: {', '.join(QUESTIONS)}")


def _bits(flags: Mapping[str, Any], table: Mapping[Flag, int], *, whole: bool = True) -> int:
    value = 0
    for flag, bits in table.items():
        if flag not in flags and whole:
            raise ValueError(f"lacks '{flag}'")
        said = flags.get(flag, False)
        if not isinstance(said, bool):
            raise ValueError(f"'{flag}' is {shown(said)}; accepted: true, false")  # noqa: TRY004 (as above)
        value |= bits * said
    return value


def _number(key: str, value: object, bits: int) -> int:
    if type(value) is not int or value & ~bits:
        raise ValueError(f"'{key}' is {shown(value)}; accepted: a number of the bits {bits:#04x}")
    return value


def _gap(text: object) -> bytes:
    gap = from_hex("between_hex", text)
    if not set(gap) <= {XON, XOFF} or len(gap) > 2:
        raise ValueError(f"'between_hex' has {shown(text)}; accepted: at most two of 11 and 13")
    return gap
