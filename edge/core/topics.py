"""The MQTT topics of the contract as values: made here, taken apart here, and nowhere else.

A name that comes from outside (a service class on a ticket, a prompt's id) may hold anything; in a topic it is one
ASCII level, its other characters written as `~` and the two hex digits of each UTF-8 byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.\-]+")
_ESCAPED: Final = re.compile(r"[A-Za-z0-9_.\-~]+")


class BadTopic(ValueError):
    """A word of the configuration that cannot stand in a topic."""


class BranchTopics(Struct, frozen=True):
    """`lobby/{branch}/…` on the branch's own broker; BadTopic when the branch's id is no topic level."""

    branch: str

    def __post_init__(self) -> None:
        _check("branch", self.branch)

    def prompt(self, id: str) -> str:
        """Where a prompt is retained while it is open; its id is a topic level already."""
        return f"lobby/{self.branch}/prompt/{id if _ESCAPED.fullmatch(id) else level(id)}"

    @property
    def levels(self) -> tuple[str, ...]:
        """The filters of everything that is retained."""
        return tuple(f"lobby/{self.branch}/{kind}/+" for kind in ("prompt", "board", "wait"))

    def board(self, device: str) -> str:
        """What a board should show, retained."""
        return f"lobby/{self.branch}/board/{level(device)}"

    def wait(self, service: str) -> str:
        """What the next ticket of a class may expect, retained."""
        return f"lobby/{self.branch}/wait/{level(service)}"

    def request(self, window: str) -> str:
        """What a window's teller asks of the queue machine; not retained."""
        return f"lobby/{self.branch}/request/{level(window)}"

    @property
    def actions(self) -> str:
        """The filter of what staff do on their handhelds."""
        return f"lobby/{self.branch}/staff/+/action"

    def staff_of(self, topic: str) -> str | None:
        """Whose action a message on `topic` is; None when it is none."""
        head, tail = f"lobby/{self.branch}/staff/", "/action"
        if not (topic.startswith(head) and topic.endswith(tail)):
            return None
        staff = topic[len(head) : -len(tail)]
        return staff if staff and "/" not in staff else None


class UpwardTopics(Struct, frozen=True):
    """`bank/v1/{org}/{branch}/…` at headquarters; BadTopic when one of the two is no topic level."""

    org: str
    branch: str

    def __post_init__(self) -> None:
        _check("org", self.org)
        _check("branch", self.branch)

    @property
    def root(self) -> str:
        """What every topic of this branch begins with, the last slash left out."""
        return f"bank/v1/{self.org}/{self.branch}"

    @property
    def status(self) -> str:
        """Whether the branch is there: retained, and the will."""
        return f"{self.root}/status"

    @property
    def health(self) -> str:
        """How the daemon is, retained."""
        return f"{self.root}/health"

    def wait(self, service: str) -> str:
        """What the next ticket of a class may expect, retained."""
        return f"{self.root}/wait/{level(service)}"

    def device(self, id: str) -> str:
        """A device's last status, retained."""
        return f"{self.root}/device/{level(id)}/state"

    @property
    def levels(self) -> tuple[str, ...]:
        """The filters of what is retained and ends with what it tells of: a class, a device."""
        return f"{self.root}/wait/+", f"{self.root}/device/+/state"

    def event(self, kind: str) -> str:
        """Envelopes of one kind, from the outbox."""
        return f"{self.root}/event/{level(kind)}"

    def report(self, date: str) -> str:
        """A day's figures, retained."""
        return f"{self.root}/report/{level(date)}"

    @property
    def commands(self) -> str:
        """The filter of what headquarters asks."""
        return f"{self.root}/cmd/+"

    def command_of(self, topic: str) -> str | None:
        """The name of the request on `topic`; None when it is none."""
        name = topic.removeprefix(f"{self.root}/cmd/")
        return name if name and name != topic and "/" not in name else None

    def answer(self, name: str) -> str:
        """Where the answer to a request goes unless it says where."""
        return f"{self.root}/rsp/{level(name)}"

    @property
    def ack(self) -> str:
        """Headquarters' watermark."""
        return f"{self.root}/ack"


def level(name: str) -> str:
    """Any name as one level of a topic; two names never share one."""
    if _PLAIN.fullmatch(name):
        return name
    return "".join(c if _PLAIN.fullmatch(c) else "".join(f"~{b:02X}" for b in c.encode()) for c in name) or "~"


def is_name(topic: str) -> bool:
    """Whether a text that came from outside can be published to (MQTT 5, section 4.7.1)."""
    return bool(topic) and not set("+#\0") & set(topic)


def matches(pattern: str, topic: str) -> bool:
    """Whether a topic meets a filter (MQTT 5, section 4.7); `$` topics meet no filter that begins with a wildcard."""
    wanted, levels = pattern.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    if wanted[-1] == "#":
        wanted.pop()
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(w in ("+", level) for w, level in zip(wanted, levels, strict=True))


def least(filters: Iterable[str]) -> tuple[str, ...]:
    """The filters without those that another one covers, in order: overlapping ones may bring a message twice."""
    unique = list(dict.fromkeys(filters))
    return tuple(f for f in unique if not any(_covers(other, f) for other in unique if other != f))


def _covers(wide: str, narrow: str) -> bool:
    """Whether every topic that meets `narrow` meets `wide`."""
    outer, inner = wide.split("/"), narrow.split("/")
    for n, word in enumerate(outer):
        if word == "#":
            return True
        if n == len(inner) or inner[n] == "#" or word not in ("+", inner[n]):
            return False
    return len(outer) == len(inner)


def _check(what: str, word: str) -> None:
    if not _PLAIN.fullmatch(word):
        raise BadTopic(f"{what} {word!r} cannot stand in a topic; accepted: letters, digits, '_', '.', '-'")
