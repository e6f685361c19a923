"""Staff of the simulated branch who follow the prompts: a day told together with what they tap.

The day's events go through the daemon's own core, and what it prompts is answered after a while: taken, customers asked
one after the other, windows opened, machines looked at. Everything they tap is an event of the log, so that replaying
it with the same configuration raises the same prompts, and the branch answers them (`reactions`). How quick they are
and how many customers agree are our figures; no source has any.
"""

from __future__ import annotations

import heapq
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Final

from edge.core import events as ev
from edge.core.commands import PublishPrompt
from edge.core.instant import seconds
from edge.sim import premises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge.core.commands import Command, PromptRecord
    from edge.core.engine import Engine
    from edge.core.instant import Instant
    from edge.sim.day import Day

_NOTICES_S: Final = (10.0, 60.0)
_WALKS_S: Final = (15.0, 40.0)
_ASKS_S: Final = (15.0, 45.0)
_ARRANGES_S: Final = (20.0, 90.0)
_SEES_TO_IT_S: Final = (60.0, 300.0)
_AGREES: Final = 0.45
"""The share of customers who take the offer of a machine."""

_FOLLOWS: Final = 0.95
"""The share of prompts that are followed at all: nobody sees everything."""


class Staff:
    """Everybody who carries a handheld; `plans` are what they will do, the next first."""

    def __init__(self, engine: Engine, seed: str) -> None:
        self._engine, self._seed = engine, seed
        self._order = count()
        self._plans: list[tuple[Instant, int, Callable[[Instant], ev.StaffAction | None]]] = []
        self._seen: set[str] = set()

    @property
    def due(self) -> Instant | None:
        """When somebody next does something."""
        return self._plans[0][0] if self._plans else None

    def hear(self, commands: list[Command]) -> None:
        """Takes in what was prompted."""
        for command in commands:
            if type(command) is PublishPrompt and command.record.state in ("raised", "escalated"):
                self._hear(command.record)

    def act(self) -> ev.StaffAction | None:
        """What is done at `due`; None where it has become pointless."""
        at, _, plan = heapq.heappop(self._plans)
        return plan(at)

    def _hear(self, record: PromptRecord) -> None:
        if record.prompt in self._seen or record.priority == "silent" or record.about["kind"] == "prompt":
            return
        self._seen.add(record.prompt)
        dice = Random(f"{self._seed}/{record.prompt}")
        if dice.random() > _FOLLOWS:
            return
        noticed = record.at + _after(dice, _NOTICES_S)
        self._plan(noticed, record, "acknowledge")
        if record.rule == "secondary-triage":
            self._ask(noticed + _after(dice, _WALKS_S), record, dice)
        elif record.rule == "low-value-cash":
            self._plan(noticed + _after(dice, _WALKS_S), record, _answer(dice), target=record.about["id"])
        elif record.about["kind"] == "device" and record.rule != "device-unknown":
            at = noticed + _after(dice, _SEES_TO_IT_S)
            self._plan(at, record, "device_checked", target=record.about["id"], result="ok")
            self._plan(at, record, "done")
        else:
            at = noticed + _after(dice, _ARRANGES_S if record.expect else _SEES_TO_IT_S)
            window = record.expect.get("window")
            self._plan(at, record, "done", **({} if window is None else {"window": window}))

    def _plan(self, at: Instant, record: PromptRecord, action: ev.Action, target: str = "", **detail: Any) -> None:
        """At `at` the action will be done, if the prompt is then still there."""
        staff = _BY_ROLE.get(record.to[0], _BY_ROLE["lobby_manager"])
        role = premises.STAFF[staff].role
        detail = {**detail, **({"prompt": record.prompt} if action in _ANSWERS else {})}

        def plan(at: Instant) -> ev.StaffAction | None:
            if record.prompt not in self._engine.hall.desk.prompts:
                return None
            return ev.StaffAction(
                at=at, staff=staff, role=role, action=action, target=target or record.prompt, detail=detail
            )

        heapq.heappush(self._plans, (at, next(self._order), plan))

    def _ask(self, at: Instant, record: PromptRecord, dice: Random) -> None:
        """The longest waiting of those the prompt names by then is asked, and then the next."""

        def plan(at: Instant) -> ev.StaffAction | None:
            prompt = self._engine.hall.desk.prompts.get(record.prompt)
            if prompt is None or not prompt.tickets:
                return None
            self._ask(at + _after(dice, _ASKS_S), record, dice)
            return ev.StaffAction(
                at=at, staff=_BY_ROLE["lobby_manager"], role="lobby_manager", action=_answer(dice),
                target=prompt.tickets[0], detail={"prompt": record.prompt},
            )  # fmt: skip

        heapq.heappush(self._plans, (at, next(self._order), plan))


def followed(day: Day, engine: Engine, seed: str) -> Iterator[ev.Happening]:
    """The events of a day whose staff follow what the engine prompts, in order; the engine has taken each in."""
    staff = Staff(engine, seed)
    while (due := day.due) is not None:
        if staff.due is not None and staff.due < due:
            action = staff.act()
            happened: list[ev.Happening] = [] if action is None else [action]
            if action is not None:
                day.react(action)
        else:
            happened = day.step()
        for event in happened:
            staff.hear(engine.feed(event))
            yield event
        _let_wake(day, staff, engine)


def _let_wake(day: Day, staff: Staff, engine: Engine) -> None:
    """The core does what it wants to do by itself before anything else happens: it may prompt somebody."""
    while (wake := engine.next_wake()) is not None:
        dues = [due for due in (day.due, staff.due) if due is not None]
        if not dues or wake >= min(dues):
            return
        for _, commands in engine.wakes(wake):
            staff.hear(commands)


def _after(dice: Random, range_s: tuple[float, float]) -> int:
    return seconds(round(dice.uniform(*range_s), 3))


def _answer(dice: Random) -> ev.Action:
    return "customer_accepted" if dice.random() < _AGREES else "customer_declined"


_ANSWERS: Final = frozenset({"customer_accepted", "customer_declined"})
_BY_ROLE: Final[Mapping[str, str]] = {post.role: staff for staff, post in premises.STAFF.items()}
