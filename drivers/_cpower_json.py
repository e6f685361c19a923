"""C-Power frames as JSON for the command line: every value says something the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from drivers._cpower_calls import (
    PURE_TEXT,
    SPLIT,
    Call,
    PureText,
    Window,
    pack,
    pack_text,
    pack_windows,
    unpack,
    unpack_text,
    unpack_windows,
)
from drivers._cpower_frames import EXTERNAL_CALLS, Frame, FrameReader, encode
from drivers._framing import shown
from drivers._gbk import from_gbk, to_gbk
from drivers._records import StreamFrames, from_hex, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_A_FRAME: Final = ("packet_type", "card_type", "card_id", "protocol_code", "flag_or_result", "rest_hex")
_OF_A_PACKET: Final = ("packet_no", "last_packet_no")
_BYTE: Final = 0xFF


class Frames(StreamFrames[Frame]):
    """The frame layer as `lobbyd codec` uses it: see `edge.driver.FrameLayer`."""

    def reader(self) -> FrameReader:
        return FrameReader()

    def show(self, frame: Frame) -> dict[str, Any]:
        return frame_to_json(frame)

    def encode(self, item: Mapping[str, Any]) -> bytes:
        """The bytes of the frame that `item` describes; ValueError is one sentence that says what is wrong."""
        return encode(frame_from_json(item))


def frame_to_json(frame: Frame) -> dict[str, Any]:
    """A frame by the names of the maker's papers; calls, windows and texts are spelt out where they are well formed."""
    item = to_json(frame)
    call = unpack(frame.rest) if frame.protocol_code == EXTERNAL_CALLS else None
    if call is None:
        return item
    del item["rest_hex"]
    return item | {"packet_no": call.packet_no, "last_packet_no": call.last_packet_no} | _call_to_json(call)


def frame_from_json(item: Mapping[str, Any]) -> Frame:
    """The frame that `item` describes; ValueError is one sentence that says what is wrong."""
    call = {key: value for key, value in item.items() if key not in _OF_A_FRAME}
    frame = from_json(Frame, {key: value for key, value in item.items() if key in _OF_A_FRAME})
    if not call:
        return frame
    if "rest_hex" in item:
        raise ValueError(f"'rest_hex' has no place beside '{next(iter(call))}': it is the same bytes")
    return replace(frame, rest=pack(_call_from_json(call)))


def _call_to_json(call: Call) -> dict[str, Any]:
    if call.cc is None:
        return {"data_hex": call.data.hex()} if call.data else {}
    windows = unpack_windows(call.data) if call.cc == SPLIT else None
    if windows is not None:
        return {"cc": call.cc, "windows": [to_json(window) for window in windows]}
    text = unpack_text(call.data) if call.cc == PURE_TEXT else None
    if text is None:
        return {"cc": call.cc, "cc_data_hex": call.data.hex()}
    item = to_json(text)
    words = from_gbk(text.text)
    if words is not None:
        del item["text_hex"]
        item["text"] = words
    return {"cc": call.cc, **item}


def _call_from_json(item: Mapping[str, Any]) -> Call:
    packet = from_json(Call, {key: item[key] for key in _OF_A_PACKET if key in item})
    rest = {key: value for key, value in item.items() if key not in _OF_A_PACKET}
    if "cc" not in rest:
        return replace(packet, data=_only_hex("data_hex", rest))
    cc = rest.pop("cc")
    if type(cc) is not int or not 0 <= cc <= _BYTE:
        raise ValueError(f"'cc' is {shown(cc)}; accepted: 0 to {_BYTE}")
    return replace(packet, cc=cc, data=_call_data(rest))


def _call_data(item: Mapping[str, Any]) -> bytes:
    if "windows" in item:
        return pack_windows(_windows(item))
    if not item or "cc_data_hex" in item:
        return _only_hex("cc_data_hex", item)
    if "text" not in item:
        return pack_text(from_json(PureText, item))
    if "text_hex" in item:
        raise ValueError("'text' and 'text_hex' are the same bytes: one of them")
    text = from_json(PureText, {key: value for key, value in item.items() if key != "text"})
    return pack_text(replace(text, text=to_gbk(item["text"])))


def _windows(item: Mapping[str, Any]) -> tuple[Window, ...]:
    windows = item["windows"]
    if len(item) > 1 or not isinstance(windows, list) or not all(isinstance(window, dict) for window in windows):
        raise ValueError("'windows' is a list of objects, and stands alone")
    made = []
    for place, window in enumerate(windows):
        try:
            made.append(from_json(Window, window))
        except ValueError as fault:
            raise ValueError(f"windows[{place}]: {fault}") from None
    return tuple(made)


def _only_hex(key: str, item: Mapping[str, Any]) -> bytes:
    others = [other for other in item if other != key]
    if others:
        raise ValueError(f"unknown field '{others[0]}'; accepted here: {key}")
    return from_hex(key, item.get(key, ""))
