"""What the pages need of the daemon, and the shape of the picture they get; all the web layer knows of the rest.

Times in a view are RFC 3339 text with the branch's offset, durations are seconds, and a text is {"zh": …, "en": …}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from edge.core.events import StaffAction
    from edge.core.instant import Instant

Words: TypeAlias = dict[str, str]
"""A text in both languages: {"zh": …, "en": …}."""


class Waiting(TypedDict):
    """One waiting ticket; the waits are seconds still to wait, None where none can be given.

    `asked` is for which prompt and by whom its customer was asked who has not answered yet; `shown` is what people may
    be told of the wait, as `messages.shown` gives it.
    """

    ticket: str
    service: str
    tier: str
    needs: Sequence[str]
    since: str
    declined: bool
    asked: Mapping[str, str] | None
    wait_p10: float | None
    wait_p50: float | None
    wait_p90: float | None
    shown: Mapping[str, Any]


class WindowView(TypedDict):
    """One window; `since` is when it last changed its state or, while it serves, when it called `ticket`.

    None where it has not been heard of today.
    """

    window: str
    state: Literal["open", "paused", "closed"]
    services: Sequence[str]
    ticket: str | None
    since: str | None
    reason: str | None


class BoardCall(TypedDict):
    """A call that has stood on a board."""

    ticket: str
    window: str
    at: str


class BoardView(TypedDict):
    """One board: its present page as `messages.board` gives it, and the latest calls, newest first."""

    shows: Literal["window", "lobby"] | None
    window: str | None
    page: Mapping[str, Any]
    calls: Sequence[BoardCall]


class ServiceView(TypedDict):
    """One service class; `public` says whether its name may stand on a screen (playbook, section 8.2, rule 2)."""

    name: Words
    public: bool


class BranchView(TypedDict):
    """The branch itself."""

    id: str
    name: Words
    timezone: str


Cause: TypeAlias = Literal["disk", "line", "broker", "service", "given_up", "hq"]


class Trouble(TypedDict):
    """What of a problem staff should know, without addresses and paths; `devices` are those it cuts off."""

    cause: Cause
    devices: Sequence[str]


class Health(TypedDict):
    """How the daemon is; `problems` are whole sentences, the worst first; `counters` are free-form figures.

    `troubles` are the problems as pages put them into words.
    """

    state: Literal["ok", "warning", "critical"]
    version: str
    started_at: str
    problems: Sequence[str]
    troubles: Sequence[Trouble]
    counters: Mapping[str, Any]


class View(TypedDict):
    """The whole picture for the pages: `prompts` are open records as `messages.prompt` gives them, with `raised_at`.

    `figures` are those of the business day so far as `messages.figures` gives them, None before the first. `speed` is
    how many seconds of the branch pass in one second of the world.
    """

    at: str
    branch: BranchView
    language: Literal["zh", "en"]
    services: Mapping[str, ServiceView]
    prompts: Sequence[Mapping[str, Any]]
    waiting: Sequence[Waiting]
    waits: Mapping[str, Mapping[str, Any]]
    windows: Sequence[WindowView]
    devices: Sequence[Mapping[str, Any]]
    boards: Mapping[str, BoardView]
    staff: Mapping[str, Sequence[str]]
    health: Health
    figures: Mapping[str, Any] | None
    speed: NotRequired[float]


class Daemon(Protocol):
    """The running daemon as the pages see it."""

    @property
    def epoch(self) -> str:
        """Names this run of the daemon; a page that knows another one starts afresh. No colon, no white space."""

    @property
    def zone(self) -> tzinfo:
        """The branch's time zone."""

    def now(self) -> Instant:
        """The instant to stamp on what has just been received."""

    def view(self) -> View:
        """The picture as of now; cheap enough for four calls a second; the caller may keep it, not change it."""

    def explain(self, ticket: str) -> Mapping[str, Any]:
        """What the estimate of a ticket rests on, as `messages.explanation` gives it, with the branch's `language`."""

    async def act(self, action: StaffAction, key: str) -> Mapping[str, Any]:
        """Submits an action and returns once it is committed: {"ok": true, …} or {"ok": false, "error": sentence}.

        A refusal that a tap can meet has a `key` as well, for which the pages have words.

        `key` names the request: the same key is submitted once and always gets the answer it got first, also while
        the first is still on its way.
        """


class CannotListen(OSError):
    """The address to listen on is not to be had; the message is one sentence for people, with what to do."""
