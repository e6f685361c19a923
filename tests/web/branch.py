"""A branch that exists only for the pages: a daemon of the web layer's port, with a picture one can set."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta, timezone, tzinfo
from typing import Any

from edge.core import instant, messages
from edge.core.commands import Command, PromptRecord, PublishPrompt, PublishWait
from edge.core.events import StaffAction
from edge.core.explain import Explanation
from edge.core.hall import WindowState
from edge.core.instant import SECOND, Instant
from edge.core.outputs import Page, ShowOnBoard
from edge.core.shown import Shown
from edge.core.wording import Text
from edge.web.ports import View, Waiting, WindowView
from edge.web.server import Door, Pages
from edge.web.stream import Pace
from tests.fakes import PATIENCE_S

ZONE = timezone(timedelta(hours=8))
TEN = instant.parse("2026-11-20T10:00:00+08:00")

OUTCOMES: Mapping[str, Any] = {
    "acknowledge": "acknowledged",
    "done": "done",
    "decline": "declined",
    "escalate": "escalated",
    "shelve": "shelved",
}


def at(ago_s: float = 0.0) -> str:
    return instant.text(TEN - instant.seconds(ago_s), ZONE)


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def triage_prompt(number: int = 1, **changed: Any) -> PromptRecord:
    fields: dict[str, Any] = {
        "prompt": f"secondary-triage.hall.{number}",
        "rule": "secondary-triage",
        "at": TEN - 90 * SECOND,
        "state": "raised",
        "priority": "high",
        "to": ("lobby_manager",),
        "about": {"kind": "hall", "id": "hall"},
        "zone": "waiting",
        "text": Text("最久已等13分，请询问谁愿改用设备", "Longest wait 13 min; ask who would like a device"),
        "because": {"longest_wait_s": 780.0, "waiting": 17},
        "expect": {},
        "tickets": ("A003", "A007"),
        "deadline": TEN + 210 * SECOND,
    }
    return PromptRecord(**{**fields, **changed})


def call(ticket: str = "A012", window: str = "3", board: str = "tv-1") -> ShowOnBoard:
    text = Text(f"请{ticket}号到{window}号窗", f"Ticket {ticket} to window {window}")
    return ShowOnBoard(board, Page("call", text, ticket, window), TEN)


UNTIL = TEN + 180 * SECOND
"""Until when what is said of the waits at ten may be shown."""


def wait(
    service: str = "cash", waiting: int = 12, p10: float | None = 540.0, p90: float | None = 1230.0, **told: Any
) -> PublishWait:
    return PublishWait(
        service=service,
        at=TEN,
        waiting=waiting,
        longest_wait_s=780.0,
        wait_p10=p10,
        wait_p50=None if p10 is None else 840.0,
        wait_p90=p90,
        windows=2,
        sample=40,
        confidence="good",
        shown=Shown(**{"low_min": 5, "high_min": 25, "until": UNTIL, **told}),
    )


def waiting_ticket(ticket: str, service: str, ago_s: float, **changed: Any) -> Waiting:
    fields: Waiting = {
        "ticket": ticket,
        "service": service,
        "tier": "ordinary",
        "needs": [],
        "since": at(ago_s),
        "declined": False,
        "asked": None,
        "wait_p10": 120.0,
        "wait_p50": 300.0,
        "wait_p90": 560.0,
        "shown": messages.shown(Shown(0, 10, until=UNTIL), ZONE),
    }
    fields.update(changed)  # type: ignore[typeddict-item]
    return fields


def device(id: str, kind: str, state: str = "ok", detail: str = "") -> dict[str, Any]:
    head = {"type": "device.status", "at": at(60), "device": id, "kind": kind}
    return {**head, "state": state, "parts": {}, "detail": detail}


def window(
    id: str, state: WindowState, services: list[str], ticket: str | None = None, ago_s: float = 200.0
) -> WindowView:
    return {
        "window": id,
        "state": state,
        "services": services,
        "ticket": ticket,
        "since": at(ago_s),
        "reason": None,
    }


def branch() -> View:
    """A busy morning, whole."""
    return {
        "at": at(),
        "branch": {"id": "0571-0042", "name": words("示范支行", "Demo branch"), "timezone": "Asia/Shanghai"},
        "language": "zh",
        "services": {
            "cash": {"name": words("个人现金", "Personal cash"), "public": True},
            "account": {"name": words("开户与账户", "Accounts"), "public": True},
            "large": {"name": words("大额取款", "Large withdrawals"), "public": False},
        },
        "prompts": [],
        "waiting": [
            waiting_ticket("A003", "cash", 780),
            waiting_ticket("A007", "cash", 640, needs=["elderly"]),
            waiting_ticket("B002", "account", 420),
            waiting_ticket("A009", "cash", 300, declined=True),
            waiting_ticket("V001", "large", 60, tier="gold"),
        ],
        "waits": {"cash": messages.wait(wait(), ZONE), "account": messages.wait(wait("account", 5, 300, 900), ZONE)},
        "windows": [
            window("1", "open", ["cash"], "A001"),
            window("2", "open", ["cash", "account"], "A002", 60),
            window("3", "paused", ["cash"]),
            window("4", "closed", ["large"]),
        ],
        "devices": [
            device("recycler-1", "recycler"),
            device("atm-1", "atm", "down", "吐钞模块故障"),
            device("queue-1", "dispenser"),
        ],
        "boards": {
            "tv-1": {
                "shows": "lobby",
                "window": None,
                "page": {
                    "board": "tv-1",
                    "level": "wait",
                    "text": words("现等候约10至25分钟", "Wait about 10 to 25 min"),
                    "ticket": None,
                    "window": None,
                    "again": False,
                    "at": at(),
                },
                "calls": [
                    {"ticket": "A002", "window": "2", "at": at(60)},
                    {"ticket": "A001", "window": "1", "at": at(200)},
                ],
            }
        },
        "staff": {"lobby_manager": ["lm-1", "lm-2"], "branch_head": ["bh-1"], "guard": ["sg-1"]},
        "health": {
            "state": "ok",
            "version": "0.1.0",
            "started_at": at(7200),
            "problems": [],
            "troubles": [],
            "counters": {"events": 812},
        },
        "figures": None,
    }


class FakeDaemon:
    """Keeps a picture and what was asked of it; an answered prompt changes state at once."""

    def __init__(self) -> None:
        self.epoch = "boot7"
        self.zone: tzinfo = ZONE
        self.picture = branch()
        self.boards = self.picture["boards"]
        self.waits = {**self.picture["waits"]}
        self.time: Instant = TEN
        self.actions: list[StaffAction] = []
        self.posts = 0
        self.records: dict[str, PromptRecord] = {}
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.pages: Pages | None = None
        self.explained: dict[str, Explanation] = {}

    def now(self) -> Instant:
        return self.time

    def view(self) -> View:
        open_ones = [messages.prompt(r, ZONE) for r in self.records.values() if r.state in ("raised", "acknowledged")]
        return {**self.picture, "at": instant.text(self.time, ZONE), "prompts": open_ones, "waits": self.waits}

    def explain(self, ticket: str) -> Mapping[str, Any]:
        found = self.explained.get(ticket) or Explanation(
            ticket, "unknown", Text(f"今天没有{ticket}号", f"no {ticket}")
        )
        return {**messages.explanation(found, ZONE), "language": "zh"}

    async def act(self, action: StaffAction, key: str) -> Mapping[str, Any]:
        self.posts += 1
        if key not in self.answers:
            self.actions.append(action)
            self.answers[key] = self._answer(action)
        return self.answers[key]

    def tell(self, *commands: Command) -> None:
        """What the runtime does after a commit."""
        for command in commands:
            if isinstance(command, PublishPrompt):
                self.records[command.record.prompt] = command.record
            if isinstance(command, ShowOnBoard) and command.board in self.picture["boards"]:
                self.boards[command.board]["page"] = messages.board(command, ZONE)
            if isinstance(command, PublishWait):
                self.waits[command.service] = messages.wait(command, ZONE)
        if self.pages is not None:
            self.pages.perform(commands)

    def _answer(self, action: StaffAction) -> Mapping[str, Any]:
        record = self.records.get(action.target)
        state = OUTCOMES.get(action.action)
        if state is None:
            return {"ok": True}
        if record is None or record.state not in ("raised", "acknowledged"):
            return {"ok": False, "error": f"prompt {action.target} is not open"}
        changed = triage_prompt(
            **{
                **{name: getattr(record, name) for name in PromptRecord.__struct_fields__},
                "state": state,
                "by": action.staff,
                "at": self.time,
            }
        )
        self.tell(PublishPrompt(changed))
        return {"ok": True}


@asynccontextmanager
async def serving(door: Door) -> AsyncIterator[str]:
    """The door open, and its address."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(door.serve(), name=door.name)
        await asyncio.wait_for(door.opened.wait(), PATIENCE_S)
        assert door.address is not None
        try:
            yield door.address
        finally:
            task.cancel()


def pages_of(daemon: FakeDaemon, pace: Pace | None = None) -> Pages:
    daemon.pages = Pages(daemon, pace)
    return daemon.pages
