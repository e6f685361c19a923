"""What headquarters may ask of a branch, and the answers: `{"ok": true, "data": …}` or `{"ok": false, "error": …}`.

A request is a JSON object, or nothing at all; its `txn` comes back in the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def answer(name: str, payload: bytes, known: Mapping[str, Callable[[], Mapping[str, Any]]]) -> dict[str, Any]:
    """The answer to request `name`; `known` holds what there is to be asked."""
    try:
        item = from_json(payload) if payload else {}
    except ValueError:
        item = None
    if not isinstance(item, dict):
        return _no({}, 'a request is a JSON object, such as {"txn": "7"}, or empty')
    act = known.get(name)
    if act is None:
        return _no(item, f"there is no request {name!r}; there are: {', '.join(sorted(known))}")
    return {**_txn(item), "ok": True, "data": act()}


def _no(item: Mapping[str, Any], error: str) -> dict[str, Any]:
    return {**_txn(item), "ok": False, "error": error}


def _txn(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"txn": item["txn"]} if isinstance(item.get("txn"), str | int) else {}
