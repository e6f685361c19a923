"""One service of a machine on its own WebSocket: what it is asked and when, and what its answers have told so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec import Struct, field

from drivers import _xfs4iot_status as status
from drivers import _xfs4iot_storage as storage
from drivers import _xfs4iot_words as words
from drivers._machine import Meaning, Part
from drivers._xfs4iot_messages import REFUSED, SUCCESS, VERSIONS, Message, Question, ask
from edge.core.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge.core.instant import Instant, Micros

SERVICES_EVERY: Final = 60 * SECOND
"""How often the publisher is asked again: services are added when a machine is rebuilt, not by the minute."""

AGAIN_AFTER: Final = 1 * SECOND

_MISSES: Final = 2
"""Statuses in a row without an answer, after which a service is said to give none."""

_MOST_SERVICES: Final = 32
_MOST_URI: Final = 256
_URI: Final = re.compile(r"wss?://[!-~]+")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_KNOWN_VERSION: Final = re.compile(r"[1-3]\.\d{1,2}")

NO_ANSWER: Final = Meaning("no answer", "unknown")
LINK_LOST: Final = Meaning("link lost", "unknown")


class _Asked(Struct):
    """A question under way."""

    question: Question
    until: Instant


class Service(Struct):
    """What is known of one service; `channel` is its address, empty for the link's own.

    The link's own is asked for the services first. When it knows no such question it is no publisher but a service.
    """

    channel: str
    poll: Micros
    timeout: Micros
    name: str = "machine"
    is_open: bool = False
    lost: bool = False
    asks: tuple[Question, ...] = (Question.CAPABILITIES,)
    services: tuple[str, ...] = ()
    parts: dict[str, Meaning] = field(default_factory=dict)
    units: storage.Units = field(default_factory=dict)
    knows_storage: bool = False
    misses: int = 0
    _part: tuple[str, words.Table] = ("machine", words.EXTRA_DEVICE)
    _heard_status: bool = False
    _heard_storage: bool = False
    _pending: dict[int, _Asked] = field(default_factory=dict)
    _due: dict[Question, Instant] = field(default_factory=dict)
    _asked_at: dict[Question, Instant] = field(default_factory=dict)
    _version: int = 0
    _versions: Mapping[str, str] = field(default_factory=dict)
    _last_request: int = 0

    def __post_init__(self) -> None:
        if self.channel:
            self.name = name_of(self.channel)
        else:
            self.asks = (Question.SERVICES,)
        self._part = (self.name, words.EXTRA_DEVICE)

    # ---- its socket ----

    def opened(self) -> None:
        """Its socket is open: everything is asked at once, and nothing asked before will be answered."""
        self.is_open, self.lost, self.misses = True, False, 0
        self._pending.clear()
        self._due.clear()

    def closed(self) -> None:
        """Its socket is gone, and with it what was known; of its units only the counters, for they go on counting."""
        self.is_open, self.lost = False, True
        self._heard_status = self._heard_storage = False
        self.parts, self.knows_storage = {}, False
        self._pending.clear()

    # ---- out ----

    def questions(self, at: Instant) -> Iterator[bytes]:
        """What is to be sent now."""
        if not self.is_open:
            return
        under_way = {asked.question for asked in self._pending.values()}
        for question in self.asks:
            if question not in under_way and at >= self._due.get(question, at):
                self._last_request += 1
                self._pending[self._last_request] = _Asked(question, at + self.timeout)
                self._asked_at[question] = at
                self._due[question] = at + (SERVICES_EVERY if question is Question.SERVICES else self.poll)
                version = self._versions.get(question.value, VERSIONS[self._version])
                yield ask(question, version, self._last_request, self.timeout // 1000)

    def ask_again(self) -> None:
        """Something has happened: it is asked as soon as may be, but by no flood of events more than once a second."""
        for asked in self._due:
            self._due[asked] = min(self._due[asked], self._asked_at[asked] + AGAIN_AFTER)

    def overdue(self, at: Instant) -> bool:
        """Gives up what was not answered in time; whether there was any."""
        late = [request for request, asked in self._pending.items() if at > asked.until]
        for request in late:
            self._failed(self._pending.pop(request).question, refused=False)
        return bool(late)

    # ---- in ----

    def answered(self, message: Message) -> Question | None:
        """Takes an acknowledgement or a completion; the question it has answered, None while there is more to come.

        ValueError says why it is no answer to anything; then the question still waits for its own.
        """
        asked = self._pending.get(message.request or 0)
        if asked is None or asked.question.value != message.name:
            raise ValueError(f"an answer to no question of ours: {message.name}")
        if message.kind == "acknowledge" and not message.code:
            return None
        if message.code == SUCCESS:
            self._learn(asked.question, message.payload)
            self._pending.pop(message.request or 0)
            return asked.question
        self._pending.pop(message.request or 0)
        if asked.question is Question.STATUS and message.code in words.REFUSALS:
            self.parts = status.read({"device": words.REFUSALS[message.code]}, self._part)
            self._heard_status, self.misses = True, 0
            return asked.question
        self._failed(asked.question, refused=message.code in REFUSED)
        return asked.question

    def found(self, payload: Mapping[str, Any]) -> None:
        """ServicePublisher.ServiceDetailEvent: services, before the answer that has them all."""
        self.services = tuple(dict.fromkeys((*self.services, *services_in(payload))))[:_MOST_SERVICES]

    def changed(self, payload: Mapping[str, Any]) -> None:
        """Common.StatusChangedEvent."""
        self.parts |= status.read(payload, self._part)

    # ---- what it comes to ----

    @property
    def settled(self) -> bool:
        """Whether it has said how it is, or will not."""
        if not self.channel and self.asks == (Question.SERVICES,):
            return bool(self.services)
        heard = self._heard_status and (self._heard_storage or Question.STORAGE not in self.asks)
        return heard or self.lost or self.misses >= _MISSES

    def report(self) -> list[Part]:
        """Its parts; a service that cannot be asked is one part, which is unknown."""
        name = self._part[0]
        if self.lost:
            return [Part(name, LINK_LOST)]
        if self.misses >= _MISSES:
            return [Part(name, NO_ANSWER)]
        said = [Part(part, meant) for part, meant in self.parts.items()]
        return [*said, *storage.parts(self.units, whole=self.knows_storage)]

    def _learn(self, question: Question, payload: Mapping[str, Any]) -> None:
        """Takes a successful answer; ValueError leaves everything as it was."""
        match question:
            case Question.SERVICES:
                self.services = services_in(payload)
            case Question.CAPABILITIES:
                self._versions = versions_in(payload)
                self._follow_capabilities()
            case Question.STATUS:
                part = status.part_of(payload, self.name)
                self.parts, self._part = status.read(payload, part), part
                self._heard_status, self.misses = True, 0
            case Question.STORAGE:
                self.units = storage.read(payload.get("storage"), {})
                self.knows_storage = self._heard_storage = True

    def _follow_capabilities(self) -> None:
        """What it is asked from now on: its storage only where it has one, or does not say."""
        stores = not self._versions or Question.STORAGE.value in self._versions
        self.asks = (Question.STATUS, Question.STORAGE) if stores else (Question.STATUS,)

    def _failed(self, question: Question, *, refused: bool) -> None:
        """A question was refused or never answered; what is asked instead."""
        if question is Question.STORAGE:
            self._heard_storage = True
            if refused:
                self.asks = (Question.STATUS,)
            return
        if question is Question.STATUS:
            self.misses += 1
            if not refused:
                return
        self._version = (self._version + 1) % len(VERSIONS)
        if self._version == 0:
            self._tried_all(question)
        self._due.pop(question, None)

    def _tried_all(self, question: Question) -> None:
        """No version of the first question is known: the link's own is no publisher, or there are no capabilities."""
        if question is Question.SERVICES and not self.services:
            self.asks = (Question.CAPABILITIES,)
        elif question is Question.CAPABILITIES:
            self._follow_capabilities()
            self.misses += 1


def name_of(channel: str) -> str:
    """What a service is called until its status says: `sim_card_reader` of `…/SimCardReader`, without any digits."""
    words_of_it = _WORD.findall(urlsplit(channel).path.rstrip("/").rpartition("/")[2])
    return "_".join(word.lower() for word in words_of_it)[:40] or "service"


def services_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses in an answer of the publisher, each once; ValueError says what is bad."""
    listed = payload.get("services")
    if not isinstance(listed, list) or len(listed) > _MOST_SERVICES:
        raise ValueError(f"'services' is no list of at most {_MOST_SERVICES}")
    found = [one.get("serviceURI") if isinstance(one, dict) else None for one in listed]
    return tuple(dict.fromkeys(_address(uri) for uri in found))


def versions_in(payload: Mapping[str, Any]) -> Mapping[str, str]:
    """The highest version of each question that a service says it takes; empty where it does not say."""
    interfaces = payload.get("interfaces")
    if interfaces is None:
        return {}
    if not isinstance(interfaces, list) or not all(isinstance(one, dict) for one in interfaces):
        raise ValueError("'interfaces' is no list of objects")
    found: dict[str, str] = {}
    for one in interfaces:
        commands = one.get("commands") or {}
        for question in Question:
            offered = commands.get(question.value) if isinstance(commands, dict) else None
            if offered is not None:
                found[question.value] = _highest(offered)
    return found


def _highest(offered: object) -> str:
    listed = offered.get("versions") if isinstance(offered, dict) else None
    versions: Sequence[object] = listed if isinstance(listed, list) else ()
    known = [one for one in versions if isinstance(one, str) and _KNOWN_VERSION.fullmatch(one)]
    return max(known, key=lambda one: [int(number) for number in one.split(".")], default=VERSIONS[0])


def _address(uri: object) -> str:
    if not isinstance(uri, str) or len(uri) > _MOST_URI or not _URI.fullmatch(uri):
        raise ValueError("'serviceURI' is no address of a WebSocket")
    try:
        parts = urlsplit(uri)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("'serviceURI' is no address of a WebSocket")
    return uri
