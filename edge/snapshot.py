"""The hall as JSON and back, checked on the way in: a restart must not trust what an older or broken file says."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from edge.core.hall import Hall
from edge.core.waiting.learnt import Learnt

Kept = TypeVar("Kept", Hall, Learnt)


class Unreadable(ValueError):
    """The bytes are no snapshot of this build; the message says where they differ."""


def dump(kept: Hall | Learnt) -> bytes:
    """A hall, or what was learnt, as JSON; the same state gives the same bytes."""
    if isinstance(kept, Hall):
        return _hall().dump_json(kept, exclude={"agenda": {"heap"}})  # an index, built anew when read
    return _learnt().dump_json(kept)


def load_hall(body: bytes) -> Hall:
    """The hall of a snapshot; Unreadable when it is not one of this build."""
    hall = _load(_hall(), body)
    hall.agenda.reindex()
    return hall


def load_learnt(body: bytes) -> Learnt:
    """What was learnt on earlier days; Unreadable when the bytes are something else, such as other people's JSON."""
    learnt = _load(_learnt(), body)
    if from_json(body).keys().isdisjoint(field.name for field in fields(Learnt)):
        raise Unreadable("it holds nothing that is learnt")
    return learnt


def _load(adapter: TypeAdapter[Kept], body: bytes) -> Kept:
    try:
        return adapter.validate_json(body)
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise Unreadable(f"{where}: {first['msg']} ({refused.error_count()} faults)") from None


@cache
def _hall() -> TypeAdapter[Hall]:
    return TypeAdapter(Hall)


@cache
def _learnt() -> TypeAdapter[Learnt]:
    return TypeAdapter(Learnt)
