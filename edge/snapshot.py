"""The hall as JSON and back, checked on the way in: a restart must not trust what an older or broken file says."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from edge.core.hall import Hall
from edge.core.waiting.learnt import Learnt

Kept = TypeVar("Kept", Hall, Learnt)


class Unreadable(ValueError):
    """The bytes are no snapshot of this build; the message says where they differ."""


def dump(kept: Hall | Learnt) -> bytes:
    """A hall, or what was learnt, as JSON; the same state gives the same bytes."""
    return msgspec.json.encode(kept)


def load_hall(body: bytes) -> Hall:
    """The hall of a snapshot; Unreadable when it is not one of this build."""
    return _load(Hall, body)


def load_learnt(body: bytes) -> Learnt:
    """What was learnt on earlier days; Unreadable when the bytes are something else, such as other people's JSON."""
    learnt = _load(Learnt, body)
    if msgspec.json.decode(body, type=dict[str, msgspec.Raw]).keys().isdisjoint(Learnt.__struct_fields__):
        raise Unreadable("it holds nothing that is learnt")
    return learnt


def _load(kind: type[Kept], body: bytes) -> Kept:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as refused:
        raise Unreadable(str(refused)) from None
