"""The hall as pages and `status` show it: one plain JSON-able picture, made when somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge import __version__
from edge.core import instant, messages, shown
from edge.core.hall import Window
from edge.core.outputs import ShowOnBoard
from edge.core.telling.boards import BLANK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from edge.config import Loaded
    from edge.core.commands import Command, PromptRecord
    from edge.core.events import StaffAction
    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.shown import Telling
    from edge.core.wording import Text
    from edge.shell.runtime import Runtime
    from edge.web.ports import BoardCall, BoardView, Health, Trouble, View, Waiting, WindowView, Words

CALLS_SHOWN: Final = 6
PRIVATE_TAGS: Final = frozenset({"account-closing", "large-cash", "vip"})
"""A class with one of these tags is not named on a shared screen (playbook, section 8.2, rule 2)."""


class Picture:
    """What the pages know of the daemon. A sink too: it keeps the latest calls of each board for the call board."""

    def __init__(
        self,
        runtime: Runtime,
        loaded: Loaded,
        health: Callable[[], Mapping[str, Any]],
        troubles: Callable[[], Iterable[Trouble]],
    ) -> None:
        self._runtime, self._loaded, self._health, self._troubles = runtime, loaded, health, troubles
        self._calls: dict[str, list[BoardCall]] = {}
        self._started = runtime.now()

    @property
    def epoch(self) -> str:
        """Names this run of the daemon."""
        return f"b{self._runtime.store.boot}"

    @property
    def zone(self) -> tzinfo:
        """The branch's time zone."""
        return self._runtime.engine.policy.calendar.zone

    def adopt(self, loaded: Loaded) -> None:
        """Shows another configuration's names from now on."""
        self._loaded = loaded

    def now(self) -> Instant:
        """The instant to stamp on what has just been received."""
        return self._runtime.now()

    async def act(self, action: StaffAction, key: str) -> Mapping[str, Any]:
        """Submits an action and returns its answer after the commit."""
        return await self._runtime.act(action, key)

    def explain(self, ticket: str) -> Mapping[str, Any]:
        """What the estimate of a ticket rests on, or why it has none."""
        found = self._runtime.engine.explain(ticket, self.now())
        return {**messages.explanation(found, self.zone), "language": self._loaded.branch.web.language}

    def perform(self, commands: Sequence[Command]) -> None:
        """Keeps the latest calls of each board."""
        for command in commands:
            if isinstance(command, ShowOnBoard) and command.page.level == "call":
                at = instant.text(command.at, self.zone)
                call: BoardCall = {"ticket": command.page.ticket or "", "window": command.page.window or "", "at": at}
                before = [c for c in self._calls.get(command.board, []) if c["ticket"] != call["ticket"]]
                self._calls[command.board] = [call, *before][:CALLS_SHOWN]

    def view(self) -> View:
        """The whole picture as of now."""
        engine, branch, zone = self._runtime.engine, self._loaded.branch, self.zone
        hall, policy = engine.hall, engine.policy
        now = self.now()
        telling = shown.Telling(hall, now)
        return {
            "at": instant.text(now, zone),
            "branch": {"id": branch.branch.id, "name": _words(policy.name), "timezone": branch.branch.timezone},
            "language": branch.web.language,
            "speed": self._runtime.clock.speed,
            "services": {
                id: {"name": _words(s.name), "public": not s.tags & PRIVATE_TAGS} for id, s in policy.services.items()
            },
            "prompts": [_prompt(record, hall, zone) for record in engine.prompts()],
            "waiting": [_ticket(hall, ticket, telling, zone) for ticket in hall.queue()],
            "waits": {wait.service: messages.wait(wait, zone) for wait in engine.waits()},
            "windows": [_window(hall, id, policy, zone) for id in sorted({*policy.windows, *hall.windows})],
            "devices": [messages.device(device, zone) for device in engine.device_states()],
            "boards": self._boards(hall, policy, zone),
            "staff": _staff(hall, policy),
            "health": self._state(zone),
            "figures": next((messages.figures(day, zone) for day in engine.figures()), None),
        }

    def _state(self, zone: tzinfo) -> Health:
        figures = self._health()
        measured = {name: figures[name] for name in ("clock", "outbox", "loop_lag_s")}
        return {
            "state": figures["state"],
            "version": __version__,
            "started_at": instant.text(self._started, zone),
            "problems": list(figures["problems"]),
            "troubles": list(self._troubles()),
            "counters": {**measured, **figures["counters"]},
        }

    def _boards(self, hall: Hall, policy: Policy, zone: tzinfo) -> dict[str, BoardView]:
        """Every board that is configured; one that nothing has been shown on yet is blank."""
        pages = {id: board.shown for id, board in hall.boards.items()}
        return {
            plan.id: {
                "shows": plan.shows,
                "window": plan.window,
                "page": messages.board(ShowOnBoard(plan.id, pages.get(plan.id, BLANK), hall.now), zone),
                "calls": self._calls.get(plan.id, []),
            }
            for plan in policy.devices.values()
            if plan.kind == "board"
        }


def _prompt(record: PromptRecord, hall: Hall, zone: tzinfo) -> dict[str, Any]:
    """The record, and since when the prompt is there: `at` is its last change."""
    raised_at = hall.desk.prompts[record.prompt].raised_at
    return {**messages.prompt(record, zone), "raised_at": instant.text(raised_at or record.at, zone)}


def _ticket(hall: Hall, ticket: Ticket, telling: Telling, zone: tzinfo) -> Waiting:
    """A waiting ticket with its wait as it was last worked out, which is also what is shown of it."""
    wait = hall.outlook.tickets.get(ticket.id)
    return {
        "ticket": ticket.id,
        "service": ticket.service,
        "tier": ticket.tier,
        "needs": list(ticket.needs),
        "since": instant.text(ticket.waiting_since, zone),
        "declined": ticket.declined,
        "asked": ticket.asked and {"prompt": ticket.asked[0], "staff": ticket.asked[1]},
        "wait_p10": wait.p10_s if wait else None,
        "wait_p50": wait.p50_s if wait else None,
        "wait_p90": wait.p90_s if wait else None,
        "shown": messages.shown(telling.of_ticket(ticket.id), zone),
    }


def _window(hall: Hall, id: str, policy: Policy, zone: tzinfo) -> WindowView:
    window = hall.windows.get(id)
    if window is None:
        window = Window(id=id, services=policy.windows[id].services, changed_at=hall.day_began)
    since = window.since if window.ticket is not None else window.changed_at
    return {
        "window": id,
        "state": window.state,
        "services": list(window.services),
        "ticket": window.ticket,
        "since": instant.text(since, zone),
        "reason": window.reason,
    }


def _staff(hall: Hall, policy: Policy) -> dict[str, list[str]]:
    """Who carries which role: those of the configuration and those signed in, whose sign-in decides."""
    roles = {role: [id for id in ids if hall.signed_in.get(id, role) == role] for role, ids in policy.staff.items()}
    for id, role in hall.signed_in.items():
        if id not in roles.setdefault(role, []):
            roles[role].append(id)
    return roles


def _words(text: Text) -> Words:
    return {"zh": text.zh, "en": text.en}
