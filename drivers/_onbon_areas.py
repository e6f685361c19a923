"""What command A3 06 of Onbon cards carries: dynamic areas (maker's protocol document, version 1.4).

A dynamic area is a rectangle with a text of its own, kept in memory and lost with the power: it may be rewritten for
ever, unlike programs, which wear the card's flash out.
"""

from __future__ import annotations

import struct
from struct import Struct
from typing import Annotated, Final

from drivers._records import Byte, Layout, Word, only_when, up_to

IN_PIXELS: Final = 0x8000
"""Set in `x_raw` and `w_raw` for pixels; without it they count eights of pixels."""

DELETE_ALL: Final = 0xFF
"""A `delete_count` that means every area and has no list of them."""

SPEAKS_OWN_TEXT: Final = 2
"""The `sound_mode` of a -YY card that speaks `sound`; 1 would speak `data`, 0 is silent."""

_BYTE: Final = 0xFF
_WORD: Final = 0xFFFF

_PLACE: Final = Struct("<BHHHHBBBHB")
_VOICE: Final = Struct("<BBB")
_LOOK: Final = Struct("<BBBBBBB")
_TEXT_SIZE: Final = Struct("<I")
_AREA_SIZE: Final = Struct("<H")


_OfSound = Annotated[Byte, only_when(lambda area: area.sound_mode)]
_OwnText = Annotated[bytes, only_when(lambda area: area.sound_mode == SPEAKS_OWN_TEXT)]


class Area(Layout, frozen=True, kw_only=True):
    """One dynamic area, its fields in the order of the document; the sound fields are for -YY cards.

    `sound_voice` has the speaker in its low and the repeats in its high four bits. `extend` is the document's
    extension without its length; the document leaves its layout unclear, so none is sent.
    """

    area_type: Byte = 0
    x_raw: Word = IN_PIXELS
    y: Word = 0
    w_raw: Word
    h: Word
    area_id: Byte = 0
    line_gap: Byte = 0
    run_mode: Byte = 0
    timeout_s: Word = 0
    sound_mode: Annotated[int, up_to(SPEAKS_OWN_TEXT)] = 0
    sound_voice: _OfSound = 0
    sound_volume: _OfSound = 0
    sound_speed: _OfSound = 0
    sound: _OwnText = b""
    extend: bytes = b""
    align: Byte = 0
    single_line: Byte = 2
    new_line: Byte = 1
    display_mode: Byte = 1
    exit_mode: Byte = 0
    speed: Byte = 0
    stay_half_s: Byte = 0
    data: bytes = b""


class Update(Layout, frozen=True, kw_only=True):
    """The data of A3 06: which areas to delete, then areas to write."""

    delete_count: int = 0
    delete_ids: tuple[int, ...] = ()
    areas: tuple[Area, ...] = ()


def pack(update: Update) -> bytes:
    """The bytes of an update; ValueError when it has more of something than the card can count."""
    _refuse_more("areas", len(update.areas), _BYTE)
    deleted = bytes((update.delete_count, *update.delete_ids))
    areas = [_pack_area(area) for area in update.areas]
    return deleted + bytes((len(areas),)) + b"".join(_AREA_SIZE.pack(len(area)) + area for area in areas)


def unpack(data: bytes) -> Update | None:
    """The update that `pack` makes these very bytes of; None when there is none."""
    try:
        update = _unpack(data)
        return update if pack(update) == data else None
    except (IndexError, ValueError, struct.error):
        return None


def _pack_area(area: Area) -> bytes:
    place = _PLACE.pack(
        area.area_type,
        area.x_raw,
        area.y,
        area.w_raw,
        area.h,
        area.area_id,
        area.line_gap,
        area.run_mode,
        area.timeout_s,
        area.sound_mode,
    )
    look = _LOOK.pack(
        area.align,
        area.single_line,
        area.new_line,
        area.display_mode,
        area.exit_mode,
        area.speed,
        area.stay_half_s,
    )
    _refuse_more("bytes of extension", len(area.extend), _BYTE)
    extend = bytes((len(area.extend),)) + area.extend
    packed = place + _pack_sound(area) + extend + look + _TEXT_SIZE.pack(len(area.data)) + area.data
    _refuse_more("bytes of one area", len(packed), _WORD)
    return packed


def _pack_sound(area: Area) -> bytes:
    if not area.sound_mode:
        return b""
    voice = _VOICE.pack(area.sound_voice, area.sound_volume, area.sound_speed)
    return voice + _TEXT_SIZE.pack(len(area.sound)) + area.sound if area.sound_mode == SPEAKS_OWN_TEXT else voice


def _unpack(data: bytes) -> Update:
    count = data[0]
    listed = 0 if count == DELETE_ALL else count
    at = 2 + listed
    areas = []
    for _ in range(data[at - 1]):
        (size,) = _AREA_SIZE.unpack_from(data, at)
        at += _AREA_SIZE.size
        areas.append(_unpack_area(data[at : at + size]))
        at += size
    return Update(delete_count=count, delete_ids=tuple(data[1 : 1 + listed]), areas=tuple(areas))


def _unpack_area(data: bytes) -> Area:
    area_type, x_raw, y, w_raw, h, area_id, line_gap, run_mode, timeout_s, sound_mode = _PLACE.unpack_from(data)
    at = _PLACE.size
    voice, volume, speed_of_speech, sound = 0, 0, 0, b""
    if sound_mode:
        voice, volume, speed_of_speech = _VOICE.unpack_from(data, at)
        at += _VOICE.size
    if sound_mode == SPEAKS_OWN_TEXT:
        sound = _counted(data, at)
        at += _TEXT_SIZE.size + len(sound)
    extend = data[at + 1 : at + 1 + data[at]]
    at += 1 + len(extend)
    align, single_line, new_line, display_mode, exit_mode, speed, stay_half_s = _LOOK.unpack_from(data, at)
    return Area(
        area_type=area_type,
        x_raw=x_raw,
        y=y,
        w_raw=w_raw,
        h=h,
        area_id=area_id,
        line_gap=line_gap,
        run_mode=run_mode,
        timeout_s=timeout_s,
        sound_mode=sound_mode,
        sound_voice=voice,
        sound_volume=volume,
        sound_speed=speed_of_speech,
        sound=sound,
        extend=extend,
        align=align,
        single_line=single_line,
        new_line=new_line,
        display_mode=display_mode,
        exit_mode=exit_mode,
        speed=speed,
        stay_half_s=stay_half_s,
        data=_counted(data, at + _LOOK.size),
    )


def _counted(data: bytes, at: int) -> bytes:
    (size,) = _TEXT_SIZE.unpack_from(data, at)
    start = at + _TEXT_SIZE.size
    return data[start : start + size]


def _refuse_more(what: str, there_are: int, most: int) -> None:
    if there_are > most:
        raise ValueError(f"{there_are} {what}; accepted: at most {most}")
