"""What holds of the rules about devices whatever happens, in any order, with any gaps, and over any restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import event as seen
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge import snapshot
from edge.core import events as ev
from edge.core.commands import PublishPrompt
from edge.core.engine import Engine
from edge.core.instant import SECOND, seconds
from edge.core.outputs import ShowOnBoard
from edge.core.policy import DevicePlan
from edge.core.wording import Text
from tests.core.triage.branch import policy
from tests.play import at

if TYPE_CHECKING:
    from edge.core.commands import Command, PromptRecord
    from edge.core.instant import Micros

RULES: Final = (
    "all-devices-down", "card-retained", "cash-low", "cash-not-dispensed", "device-down", "device-unknown",
    "dispenser-lost", "paper-low", "tamper",
)  # fmt: skip
KINDS: Final[dict[str, ev.DeviceKind]] = {"atm-1": "atm", "recycler-1": "recycler", "queue": "dispenser"}
BRANCH: Final = replace(
    policy(*RULES),
    devices={
        **{id: DevicePlan(id, kind, stale=seconds(60)) for id, kind in KINDS.items()},
        "board-1": DevicePlan("board-1", "board", shows="lobby"),
    },
    words={"L01": Text("早上好，请先取号", "Good morning")},
)
COOLDOWN: Final = seconds(600)
ALONE: Final = {"cash_not_dispensed": ("cash", "cash-not-dispensed"), "card_retained": ("card", "card-retained")}

START: Final = at("8:00")

DEVICE = st.sampled_from(sorted(KINDS))
PARTS = st.dictionaries(
    st.sampled_from(["cash", "paper", "cash_unit_1", "operator_switch"]), st.sampled_from(["ok", "low", "out"])
)
STATUS = st.builds(
    lambda device, state, parts: ("status", device, state, parts),
    DEVICE, st.sampled_from(["ok", "degraded", "down", "unknown"]), PARTS,
)  # fmt: skip
TROUBLE = st.builds(
    lambda device, event: ("event", device, event),
    DEVICE,
    st.sampled_from([
        "cash_not_dispensed", "card_retained", "tamper", "vibration", "door_open", "cash_low", "cash_out", "cash_full",
        "paper_low", "paper_out", "transaction",
    ]),
)  # fmt: skip
CHECK = st.builds(lambda device, result: ("check", device, result), DEVICE, st.sampled_from(["ok", "faulty"]))
TAP = st.builds(
    lambda action, which: ("tap", action, which),
    st.sampled_from(["acknowledge", "done", "decline", "escalate"]), st.integers(0, 5),
)  # fmt: skip
TICKET = st.just(("ticket",))
GAP = st.one_of(
    st.sampled_from([0, 1, SECOND, 20 * SECOND, 60 * SECOND, 60 * SECOND + 1, 300 * SECOND, COOLDOWN, 86_400 * SECOND]),
    st.integers(0, 30 * SECOND),
    st.integers(0, 2000 * SECOND),
)
ANYTHING = st.lists(st.tuples(GAP, st.one_of(STATUS, TROUBLE, CHECK, TAP, TICKET)), min_size=1, max_size=40)

AT_ONE_MACHINE = st.lists(
    st.tuples(
        st.sampled_from([SECOND, 20 * SECOND, 90 * SECOND, COOLDOWN]),
        st.one_of(
            st.sampled_from(sorted(ALONE)).map(lambda event: ("event", "atm-1", event)),
            st.sampled_from(["acknowledge", "done", "decline"]).map(lambda action: ("tap", action, 0)),
            st.sampled_from(["ok", "faulty"]).map(lambda result: ("check", "atm-1", result)),
        ),
    ),
    min_size=3,
    max_size=12,
)
"""One customer after the other, and staff who come, go, and find it in order or not."""
STEPS = st.one_of(ANYTHING, AT_ONE_MACHINE)


@dataclass
class Scene:
    """One engine, fed by steps; `restarting` takes its hall through a snapshot before every step."""

    restarting: bool = False
    now: Micros = START
    tickets: int = 0

    def __post_init__(self) -> None:
        self.engine = Engine(BRANCH)

    def take(self, gap: Micros, step: tuple[Any, ...]) -> list[Command]:
        """What follows from one step, its wakes included."""
        self.now += gap
        if self.restarting:
            self.engine = Engine(BRANCH, snapshot.load_hall(snapshot.dump(self.engine.hall)))
        event = self._event(*step)
        return [] if event is None else self.engine.feed(event)

    def _event(self, what: str, *details: Any) -> ev.Happening | None:
        match what:
            case "status":
                device, state, parts = details
                return ev.DeviceStatus(at=self.now, device=device, kind=KINDS[device], state=state, parts=parts)
            case "event":
                return ev.DeviceEvent(at=self.now, device=details[0], event=details[1])
            case "check":
                return self._act("device_checked", details[0], result=details[1])
            case "tap":
                open_now = sorted(self.engine.hall.desk.prompts)
                return self._act(details[0], open_now[details[1] % len(open_now)], reason="so") if open_now else None
            case _:
                self.tickets += 1
                return ev.TicketIssued(at=self.now, ticket=f"A{self.tickets}", service="cash")

    def _act(self, action: Any, target: str, **detail: str) -> ev.StaffAction:
        return ev.StaffAction(
            at=self.now, staff="lm-1", role="lobby_manager", action=action, target=target, detail=detail
        )


def told(commands: list[Command]) -> list[PromptRecord]:
    """What was said of prompts, anew or again."""
    return [command.record for command in commands if isinstance(command, PublishPrompt)]


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_restart_before_any_step_changes_nothing(steps: list[tuple[Micros, tuple[Any, ...]]]) -> None:
    plain, restarting = Scene(), Scene(restarting=True)
    for gap, step in steps:
        commands = plain.take(gap, step)
        for record in told(commands):
            seen(f"{record.rule} {record.state}")
        assert restarting.take(gap, step) == commands


A_DAY: Final[list[tuple[float, tuple[Any, ...]]]] = [
    (0, ("status", "atm-1", "ok", {"cash": "ok"})),
    (0, ("status", "recycler-1", "ok", {})),
    (1, ("status", "queue", "ok", {})),
    (5, ("event", "atm-1", "cash_not_dispensed")),
    (30, ("tap", "acknowledge", 0)),
    (5, ("event", "atm-1", "cash_not_dispensed")),
    (5, ("check", "atm-1", "ok")),
    (9, ("event", "atm-1", "cash_not_dispensed")),
    (10, ("event", "recycler-1", "card_retained")),
    (70, ("check", "atm-1", "faulty")),
    (10, ("check", "atm-1", "ok")),
    (30, ("tap", "done", 0)),
    (30, ("event", "recycler-1", "card_retained")),
    (5, ("status", "recycler-1", "ok", {"cash": "low"})),
    (5, ("status", "recycler-1", "unknown", {})),
    (5, ("event", "queue", "paper_low")),
    (700, ("event", "recycler-1", "vibration")),
    (10, ("status", "atm-1", "down", {})),
    (100, ("event", "recycler-1", "vibration")),
    (10, ("status", "queue", "unknown", {})),
    (10, ("tap", "decline", 0)),
    (900, ("status", "recycler-1", "ok", {"cash": "ok"})),
    (10, ("check", "recycler-1", "ok")),
    (10, ("status", "atm-1", "ok", {})),
    (10, ("check", "queue", "ok")),
    (86_400, ("ticket",)),
]
"""Every rule about devices raised, every way a prompt of theirs can end but by leaving the branch."""


def test_a_restart_before_any_step_of_a_day_changes_nothing() -> None:
    plain, restarting = Scene(), Scene(restarting=True)
    found: list[PromptRecord] = []
    for after_s, step in A_DAY:
        commands = plain.take(seconds(after_s), step)
        assert restarting.take(seconds(after_s), step) == commands
        found += told(commands)

    assert {record.rule for record in found} == set(RULES)
    assert {record.state for record in found} >= {"raised", "acknowledged", "escalated", "done", "declined", "cleared"}


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_no_customer_is_left_alone(steps: list[tuple[Micros, tuple[Any, ...]]]) -> None:
    """Every case of cash or a card kept is being called out as soon as it has happened, whatever went before."""
    scene = Scene()
    for gap, step in steps:
        count = _count(scene, step)
        commands = scene.take(gap, step)
        if count is None or _count(scene, step) == count:
            continue
        rule = ALONE[step[2]][1]
        said = [r for r in told(commands) if (r.rule, r.about["id"], r.at) == (rule, step[1], r.at)]
        assert said
        assert said[-1].state in ("raised", "escalated")
        assert said[-1].prompt in scene.engine.hall.desk.prompts


def _count(scene: Scene, step: tuple[Any, ...]) -> int | None:
    if step[0] != "event" or step[2] not in ALONE:
        return None
    device = scene.engine.hall.devices.get(step[1])
    trouble = device.troubles.get(ALONE[step[2]][0]) if device is not None else None
    return trouble.count if trouble is not None else 0


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_one_prompt_an_episode_and_none_again_within_the_cool_down_unless_worse(
    steps: list[tuple[Micros, tuple[Any, ...]]],
) -> None:
    scene = Scene()
    last: dict[tuple[str, str], PromptRecord] = {}
    ended: dict[tuple[str, str], Micros] = {}
    for gap, step in steps:
        day = scene.engine.hall.day
        for record in told(scene.take(gap, step)):
            about = (record.rule, record.about["id"])
            before = last.get(about)
            new = before is None or before.prompt != record.prompt
            if new and before is not None:
                assert int(record.prompt.rpartition(".")[2]) == int(before.prompt.rpartition(".")[2]) + 1
                assert about in ended, "the next only after the last has ended"
                worse = any(
                    isinstance(value, int) and value > before.because.get(name, 0)
                    for name, value in record.because.items()
                )
                assert worse or record.at >= ended[about] + COOLDOWN or day != scene.engine.hall.day
            if record.state in ("done", "declined", "cleared", "withdrawn", "expired"):
                ended[about] = record.at
            elif new:
                ended.pop(about, None)
            last[about] = record


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_boards_show_nothing_of_any_of_it(steps: list[tuple[Micros, tuple[Any, ...]]]) -> None:
    """But for the opening text of a new day, boards are left as they are: here no warning has words."""
    scene = Scene()
    for gap, step in steps:
        shown = [command for command in scene.take(gap, step) if isinstance(command, ShowOnBoard)]
        assert {command.page.level for command in shown} <= {"campaign"}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_these_can_speak_in_such_a_branch(rule: str) -> None:
    """The properties above are not empty: each rule is raised by one step of theirs, after the machines were well."""
    scene = Scene()
    for device in KINDS:
        scene.take(0, ("status", device, "ok", {}))
    step: dict[str, tuple[Any, ...]] = {
        "card-retained": ("event", "atm-1", "card_retained"),
        "cash-low": ("event", "atm-1", "cash_low"),
        "cash-not-dispensed": ("event", "atm-1", "cash_not_dispensed"),
        "device-down": ("status", "atm-1", "down", {}),
        "device-unknown": ("status", "atm-1", "unknown", {}),
        "dispenser-lost": ("status", "queue", "down", {}),
        "paper-low": ("event", "queue", "paper_low"),
        "tamper": ("event", "atm-1", "vibration"),
        "all-devices-down": ("status", "atm-1", "down", {}),
    }
    if rule == "all-devices-down":
        scene.take(0, ("status", "recycler-1", "down", {}))

    assert (rule, "raised") in [(record.rule, record.state) for record in told(scene.take(1, step[rule]))]
