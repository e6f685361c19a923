"""Onbon frames as JSON for the command line: every value says something the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from drivers._framing import shown
from drivers._gbk import from_gbk, to_gbk
from drivers._onbon_areas import DELETE_ALL, Area, Update, pack, unpack
from drivers._onbon_frames import UPDATE_AREAS, Frame, FrameReader, encode
from drivers._records import StreamFrames, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_AN_UPDATE: Final = ("delete_count", "delete_ids", "areas")
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
    """A frame by the names of the maker's document; the data of A3 06 is spelt out where it is well formed."""
    item = to_json(frame)
    update = unpack(frame.data) if frame.command == UPDATE_AREAS else None
    if update is not None:
        del item["data_hex"]
        all_go = update.delete_count == DELETE_ALL
        item |= {"delete_count": DELETE_ALL} if all_go else {"delete_ids": list(update.delete_ids)}
        item["areas"] = [_with_text(area) for area in update.areas]
    return item


def frame_from_json(item: Mapping[str, Any]) -> Frame:
    """The frame that `item` describes; ValueError is one sentence that says what is wrong."""
    update = {key: item[key] for key in _OF_AN_UPDATE if key in item}
    frame = from_json(Frame, {key: value for key, value in item.items() if key not in update})
    if not update:
        return frame
    if "data_hex" in item:
        raise ValueError("'data_hex' has no place beside 'areas' or what is to be deleted: they are the data")
    return replace(frame, data=pack(_update(update)))


def _update(item: Mapping[str, Any]) -> Update:
    areas = item.get("areas", [])
    if not isinstance(areas, list) or not all(isinstance(area, dict) for area in areas):
        raise ValueError("'areas' is no list of objects")
    ids = item.get("delete_ids", [])
    if not isinstance(ids, list) or not all(_is_byte(one) for one in ids):
        raise ValueError(f"'delete_ids' is {shown(ids)}; accepted: a list of numbers from 0 to {_BYTE}")
    count = item.get("delete_count", len(ids))
    if not _is_byte(count) or (ids and count != len(ids)):
        accepted = len(ids) or f"0 to {_BYTE}"
        raise ValueError(f"'delete_count' is {shown(count)}; accepted: {accepted}")
    return Update(
        delete_count=count,
        delete_ids=tuple(ids),
        areas=tuple(_area(place, area) for place, area in enumerate(areas)),
    )


def _is_byte(value: object) -> bool:
    return type(value) is int and 0 <= value <= _BYTE


def _area(place: int, item: Mapping[str, Any]) -> Area:
    try:
        return _with_data(item) if "text" in item else from_json(Area, item)
    except ValueError as fault:
        raise ValueError(f"areas[{place}]: {fault}") from None


def _with_data(item: Mapping[str, Any]) -> Area:
    """The area whose data is said as text."""
    if "data_hex" in item:
        raise ValueError("'text' and 'data_hex' are the same bytes: one of them")
    area = from_json(Area, {key: value for key, value in item.items() if key != "text"})
    return replace(area, data=to_gbk(item["text"]))


def _with_text(area: Area) -> dict[str, Any]:
    """The area, its data as text where they are one."""
    item = to_json(area)
    text = from_gbk(area.data)
    if text is not None:
        del item["data_hex"]
        item["text"] = text
    return item
