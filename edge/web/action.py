"""An action posted by a page, parsed once and checked in full."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import from_json

from edge.core import events as ev
from edge.core import wire
from edge.web.guard import Refused

if TYPE_CHECKING:
    from edge.core.instant import Instant

_FIELDS: Final = ("staff", "role", "action", "target", "detail")
_WORD: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_TARGET_MOST: Final = 200


def parse(body: bytes, at: Instant) -> ev.StaffAction:
    """The body of a POST as an event received at `at`; Refused says in one sentence what is wrong with it."""
    try:
        item: Any = from_json(body, allow_inf_nan=False)
    except ValueError as fault:
        raise Refused(400, f"the body is not JSON: {fault}") from None
    if not isinstance(item, dict):
        raise Refused(400, f"the body is {type(item).__name__}; accepted: an object with {', '.join(_FIELDS)}")
    if unknown := [key for key in item if key not in _FIELDS]:
        raise Refused(400, f"unknown field {unknown[0]!a:.80}; accepted: {', '.join(_FIELDS)}")
    try:
        action = cast("ev.StaffAction", wire.make("staff.action", at, item))
    except wire.WireError as fault:
        raise Refused(400, str(fault)) from None
    return _checked(action)


def _checked(action: ev.StaffAction) -> ev.StaffAction:
    """The action, if whoever did it is a pseudonym that may stand in a topic and what it is about has a name."""
    if not _WORD.fullmatch(action.staff):
        raise Refused(400, f"'staff' is {action.staff!a:.80}; accepted: up to 64 letters, digits, . _ -")
    if not 0 < len(action.target) <= _TARGET_MOST:
        raise Refused(400, f"'target' has {len(action.target)} characters; accepted: 1 to {_TARGET_MOST}")
    return action
