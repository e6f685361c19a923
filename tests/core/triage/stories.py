"""A story of each rule: up to one below, the event that fires it, what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec.structs import replace

from edge.core import events as ev
from edge.core.policy import Calendar
from edge.core.triage.desk import prompt_id
from tests.core.triage.branch import SERVICES, crowd, leave, play, policy
from tests.play import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.commands import Command
    from edge.core.policy import Policy
    from tests.play import Play

Step: TypeAlias = "Callable[[Play], list[Command]]"
HOURS = Calendar(open=time(9), close=time(17))


@dataclass(frozen=True)
class Story:
    """`near` brings the hall to one below what fires the rule on `object`, `fire` fires it, `over` ends it.

    `ends` is how an untouched prompt ends. `beside` are rules that must run with it, `windows` those open from nine.
    """

    rule: str
    object: str
    near: tuple[Step, ...]
    fire: Step
    over: tuple[Step, ...]
    text: str
    beside: tuple[str, ...] = ()
    windows: int = 1
    ends: str = "cleared"

    @property
    def prompt(self) -> str:
        """The id of its prompt."""
        return prompt_id(self.rule, self.object, 1)

    def branch(self, **tuning: dict[str, Any]) -> Policy:
        """The branch of the story: opening hours, one class with a form, the one rule."""
        services = {**SERVICES, "account": replace(SERVICES["account"], form=True)}
        found = policy(self.rule, *self.beside, **tuning)
        return replace(found, services=services, calendar=HOURS)

    def begin(self, chosen: Policy | None = None) -> Play:
        """The branch at nine."""
        return play(chosen or self.branch(), windows=self.windows)


def _then(*acts: Callable[[Play], object]) -> tuple[Step, ...]:
    def listed(act: Callable[[Play], object]) -> Step:
        def step(scene: Play) -> list[Command]:
            found: Any = act(scene)
            return found if isinstance(found, list) else []

        return step

    return tuple(listed(act) for act in acts)


def rate(scene: Play, clock: str, ticket: str, rating: Any) -> list[Command]:
    """A rating that comes after the service."""
    return scene.feed(ev.TicketRated(at=at(clock), ticket=ticket, window="1", rating=rating))


def one_a_minute(scene: Play, until: int) -> list[Command]:
    """A ticket every minute from 9:01 on, called at once."""
    out: list[Command] = []
    for minute in range(1, until + 1):
        clock = f"{9 + minute // 60}:{minute % 60:02}"
        out += scene.issue(clock, f"T{minute}") + scene.call(clock, f"T{minute}", "1")
    return out


def told_until(scene: Play, ticket: str = "A1", beyond_s: float = 300.0) -> int:
    """When a wait is so long beyond what was told."""
    told = scene.hall.tickets[ticket].told_until
    assert told is not None
    return told + round(beyond_s * 1_000_000)


def _pass(scene: Play, until: int) -> list[Command]:
    return scene.feed(ev.Tick(at=until))


STORIES = (
    Story(
        rule="pause-reason",
        object="1",
        near=_then(lambda s: s.pause("9:10", "1"), lambda s: s.until("9:12:59.999999")),
        fire=lambda s: s.until("9:13"),
        over=_then(lambda s: s.act("9:14", "pause_reason", "1", reason="cash")),
        text="1号窗已停，请选择原因",
    ),
    Story(
        rule="fairness",
        object="hall",
        near=_then(lambda s: s.issue("9:01", "A1"), lambda s: s.until("9:30:59.999999")),
        fire=lambda s: s.until("9:31"),
        over=_then(lambda s: s.call("9:32", "A1", "1")),
        text="普通队最久已等30分，请优先照顾",
    ),
    Story(
        rule="vip-cap",
        object="hall",
        near=_then(
            lambda s: s.issue("9:01", "A1"),
            lambda s: s.issue("9:01", "V1", tier="gold"),
            lambda s: s.issue("9:01", "V2", tier="silver"),
            lambda s: s.call("9:02", "V1", "1"),
        ),
        fire=lambda s: s.call("9:03", "V2", "1"),
        over=_then(lambda s: s.call("9:04", "A1", "1")),
        text="贵宾已连叫2次，请照顾普通队",
    ),
    Story(
        rule="long-service",
        object="1",
        near=_then(lambda s: s.until("9:19:59.999999")),
        fire=lambda s: s.until("9:20"),
        over=_then(lambda s: s.serve("9:21", "S1", "1")),
        text="1号窗办理偏久，请去看看",
    ),
    Story(
        rule="no-show-search",
        object="A2",
        near=_then(
            lambda s: s.issue("9:01", "A1"),
            lambda s: s.issue("9:01", "A2", needs=("elderly",)),
            lambda s: s.call("9:02", "A1", "1"),
            lambda s: s.no_show("9:03", "A1", "1"),
            lambda s: s.call("9:04", "A2", "1"),
        ),
        fire=lambda s: s.no_show("9:05", "A2", "1"),
        over=_then(lambda s: s.until("9:15")),
        text="A2号叫后未到，请在厅内找一找",
    ),
    Story(
        rule="opening-crowd",
        object="hall",
        near=_then(lambda s: crowd(s, "9:05", 18)),  # and S1, who came at nine
        fire=lambda s: s.issue("9:06", "A99"),
        over=_then(lambda s: s.until("9:20")),
        text="开门6分已取20号，建议全开窗口",
    ),
    Story(
        rule="group-arrival",
        object="hall",
        near=_then(lambda s: crowd(s, "9:02", 8)),
        fire=lambda s: s.issue("9:03", "A99"),
        over=_then(lambda s: s.until("9:30")),
        text="同类业务集中到店，建议设专区",
    ),
    Story(
        rule="surge",
        object="hall",
        near=_then(lambda s: one_a_minute(s, 40), lambda s: crowd(s, "9:41", 6)),
        fire=lambda s: s.issue("9:41", "A99"),
        over=_then(lambda s: s.until("9:55")),
        text="到店人数骤增，请按高峰安排就位",
    ),
    Story(
        rule="surge-end",
        object="hall",
        beside=("surge",),
        near=_then(lambda s: one_a_minute(s, 40), lambda s: crowd(s, "9:41", 7), lambda s: s.until("9:45:59.999999")),
        fire=lambda s: s.until("9:55"),
        over=_then(lambda s: s.until("10:15")),
        text="高峰已回落，可恢复常态",
    ),
    Story(
        rule="long-wait",
        object="A1",
        near=_then(lambda s: s.issue("9:01", "A1"), lambda s: _pass(s, told_until(s) - 1)),
        fire=lambda s: _pass(s, told_until(s)),
        over=_then(lambda s: s.call("12:00", "A1", "1")),
        text="A1号等得较久，请当面告知进度",
    ),
    Story(
        rule="low-value-cash",
        object="A3",
        near=_then(
            lambda s: s.issue("9:01", "A1"),
            lambda s: s.issue("9:01", "A2", amount_band="normal"),
        ),
        fire=lambda s: s.issue("9:02", "A3", amount_band="small"),
        over=_then(lambda s: s.cancel("9:03", "A3")),
        text="A3号小额现金，设备空着，可问是否愿意",
    ),
    Story(
        rule="bad-rating",
        object="S1",
        near=_then(lambda s: s.serve("9:05", "S1", "1"), lambda s: rate(s, "9:05:10", "S1", 3)),
        fire=lambda s: rate(s, "9:05:20", "S1", 2),
        over=_then(lambda s: s.until("9:15:20")),
        text="1号窗得差评，请在客户走前问清",
    ),
    Story(
        rule="unhappy-customer",
        object="hall",
        near=_then(lambda s: s.act("9:05", "raise", "complaint", level=1, zone="waiting")),
        fire=lambda s: s.act("9:06", "raise", "complaint", level=2, zone="waiting"),
        over=_then(lambda s: s.act("9:08", "close", "complaint")),
        text="等候区有客户不悦，请先去倾听",
    ),
    Story(
        rule="vip-arrival",
        object="V1",
        near=_then(lambda s: s.issue("9:01", "A1")),
        fire=lambda s: s.issue("9:02", "V1", tier="silver"),
        over=_then(lambda s: s.call("9:05", "V1", "1")),
        text="V1号贵宾在等，请接待",
    ),
    Story(
        rule="assist",
        object="A2",
        near=_then(lambda s: s.issue("9:01", "A1"), lambda s: s.issue("9:01", "A2")),
        fire=lambda s: s.act("9:02", "need_added", "A2", need="pregnant"),
        over=_then(lambda s: s.call("9:05", "A2", "1")),
        text="A2号需照顾，请陪同就近办理",
    ),
    Story(
        rule="assist-called",
        object="A2",
        near=_then(
            lambda s: s.issue("9:01", "A1", needs=("elderly",)),
            lambda s: s.issue("9:01", "A2", needs=("deaf",)),
            lambda s: s.call("9:02", "A1", "1"),
        ),
        fire=lambda s: s.call("9:05", "A2", "1"),
        over=_then(lambda s: s.until("9:10")),
        text="A2号叫到，请当面示意",
    ),
    Story(
        rule="returned-ticket",
        object="S1",
        windows=2,
        near=_then(lambda s: s.transfer("9:04", "S2", window="1")),  # passed on, not sent back
        fire=lambda s: s.transfer("9:05", "S1", window="1"),
        over=_then(lambda s: s.call("9:15", "S1", "1")),
        text="S1号退单，改好后直接回原窗",
    ),
    Story(
        rule="form-check",
        object="A9",
        near=_then(lambda s: crowd(s, "9:01", 3), lambda s: s.issue("9:02", "A9", "account")),
        fire=lambda s: s.call("9:03", "A1", "1"),
        over=_then(lambda s: s.call("9:05", "A9", "1")),
        text="A9号快到了，请看填单有无遗漏",
    ),
    Story(
        rule="turn-away",
        object="hall",
        near=_then(lambda s: s.act("9:05", "raise", "consultation")),
        fire=lambda s: s.act("9:06", "raise", "turn_away"),
        over=_then(lambda s: s.until("9:36")),
        text="材料不齐，请交一份所需清单",
    ),
    Story(
        rule="choice-respected",
        object="A1",
        near=_then(lambda s: s.issue("9:01", "A1"), lambda s: s.act("9:02", "asked", "A1")),
        fire=lambda s: s.act("9:03", "customer_declined", "A1"),
        over=_then(lambda s: s.call("9:05", "A1", "1")),
        text="已尊重客户选择，不再提示",
    ),
    Story(
        rule="coverage-gap",
        object="hall",
        near=_then(
            lambda s: s.act("9:01", "sign_in", "lm-1"),
            lambda s: s.act("9:01", "sign_in", "t-1", "t-1", role="teller"),
            lambda s: s.act("9:10", "sign_out", "lm-1"),
            lambda s: s.until("9:11:59.999999"),
        ),
        fire=lambda s: s.until("9:12"),
        over=_then(lambda s: s.act("9:15", "sign_in", "lg-1", "lg-1", role="lobby_guide")),
        text="大堂无人已2分，请就近补位",
    ),
    Story(
        rule="closing-forecast",
        object="hall",
        near=_then(lambda s: s.serve("16:40", "S1", "1"), lambda s: s.issue("16:50", "A1")),
        fire=lambda s: crowd(s, "16:51", 9, first=2) + s.until("16:53"),
        over=_then(lambda s: leave(s, "16:54", *range(1, 11)), lambda s: s.until("16:58")),
        text="",
    ),
    Story(
        rule="education-peak",
        object="hall",
        near=_then(lambda s: crowd(s, "9:02", 14)),
        fire=lambda s: s.issue("9:03", "A15"),
        over=_then(lambda s: leave(s, "9:04", *range(1, 7)), lambda s: s.until("9:06")),
        text="高峰中，先教线上缴费等渠道",
    ),
    Story(
        rule="education-idle",
        object="hall",
        near=_then(lambda s: crowd(s, "9:05", 2), lambda s: s.until("9:14:59.999999")),
        fire=lambda s: s.until("9:15"),
        over=_then(lambda s: crowd(s, "9:16", 1, first=3), lambda s: s.until("9:18")),
        text="客流清淡，可电话邀约或讲新功能",
    ),
    Story(
        rule="micro-salon",
        object="hall",
        windows=3,
        near=_then(lambda s: crowd(s, "9:02", 7), lambda s: s.until("9:03")),
        fire=lambda s: s.issue("9:03:10", "A8") + s.until("9:05"),
        over=_then(lambda s: leave(s, "9:05:10", 1, 2), lambda s: s.until("9:08")),
        text="等候适中，可讲一段小课",
    ),
    Story(
        rule="referral",
        object="hall",
        near=_then(lambda s: s.act("9:05", "raise", "consultation", zone="door")),
        fire=lambda s: s.act("9:06", "raise", "referral", zone="door"),
        over=_then(lambda s: s.act("9:08", "close", "referral")),
        text="门口有潜在客户，请在15分内接待",
    ),
    Story(
        rule="secondary-triage",
        object="hall",
        near=_then(lambda s: crowd(s, "9:01", 14)),
        fire=lambda s: s.issue("9:01:30", "A15"),
        over=_then(lambda s: leave(s, "9:03", *range(1, 7))),
        text="现有15位等候，请到座位区问需求",
    ),
    Story(
        rule="triage-no-device",
        object="hall",
        beside=("secondary-triage",),
        near=_then(lambda s: s.device("9:00:30", "recycler-1", "down"), lambda s: crowd(s, "9:01", 14)),
        fire=lambda s: s.issue("9:01:30", "A15"),
        over=_then(lambda s: leave(s, "9:03", *range(1, 7))),
        text="等候偏多且设备不可用，请考虑加窗",
    ),
    Story(
        rule="add-window",
        object="hall",
        near=_then(lambda s: crowd(s, "9:01", 14), lambda s: s.until("9:02")),
        fire=lambda s: s.until("9:02:01"),
        over=_then(lambda s: leave(s, "9:04", *range(1, 15)), lambda s: s.until("9:10")),
        text="",
    ),
    Story(
        rule="paused-windows",
        object="hall",
        windows=2,
        near=_then(lambda s: s.pause("9:00:30", "2"), lambda s: crowd(s, "9:01", 14)),
        fire=lambda s: s.issue("9:01:30", "A15"),
        over=_then(lambda s: s.resume("9:03", "2")),
        text="15人等候，停1窗，原因见详情，请说明",
    ),
    Story(
        rule="all-devices-down",
        object="hall",
        near=_then(lambda s: s.device("9:01", "kiosk-1", "down", "kiosk")),
        fire=lambda s: s.device("9:02", "recycler-1", "down"),
        over=_then(lambda s: s.device("9:03", "recycler-1")),
        text="设备全停，已停止分流提示",
    ),
    Story(
        rule="card-retained",
        object="recycler-1",
        near=_then(lambda s: s.trouble("9:01", "recycler-1", "transaction")),
        fire=lambda s: s.trouble("9:02", "recycler-1", "card_retained"),
        over=_then(lambda s: s.act("9:04", "done", "card-retained.recycler-1.1")),
        text="recycler-1号机留卡，请致歉并登记联系办法",
        ends="done",
    ),
    Story(
        rule="cash-low",
        object="recycler-1",
        near=_then(lambda s: s.device("9:01", "recycler-1", parts={"cash": "ok"})),
        fire=lambda s: s.device("9:02", "recycler-1", parts={"cash": "low"}),
        over=_then(lambda s: s.device("9:03", "recycler-1", parts={"cash": "ok"})),
        text="recycler-1号机钞少，请安排加钞",
    ),
    Story(
        rule="cash-not-dispensed",
        object="recycler-1",
        near=_then(lambda s: s.trouble("9:01", "recycler-1", "transaction")),
        fire=lambda s: s.trouble("9:02", "recycler-1", "cash_not_dispensed"),
        over=_then(lambda s: s.act("9:02:30", "device_checked", "recycler-1", result="ok")),
        text="recycler-1号机未出钞，速去陪同，勿拨陌生号",
        ends="done",
    ),
    Story(
        rule="device-down",
        object="recycler-1",
        near=_then(lambda s: s.device("9:01", "recycler-1", "degraded")),
        fire=lambda s: s.device("9:02", "recycler-1", "down"),
        over=_then(lambda s: s.device("9:03", "recycler-1")),
        text="recycler-1号机停用，请改引别台并挂牌",
    ),
    Story(
        rule="device-unknown",
        object="recycler-1",
        near=_then(lambda s: s.device("9:01", "recycler-1", "degraded")),
        fire=lambda s: s.device("9:02", "recycler-1", "unknown"),
        over=_then(lambda s: s.device("9:03", "recycler-1")),
        text="recycler-1失联，暂不向客户推荐",
    ),
    Story(
        rule="dispenser-lost",
        object="queue-1",
        near=_then(lambda s: s.device("9:01", "queue-1", kind="dispenser")),
        fire=lambda s: s.device("9:02", "queue-1", "down", "dispenser"),
        over=_then(lambda s: s.device("9:03", "queue-1", kind="dispenser")),
        text="取号机失联，请改用手写号",
    ),
    Story(
        rule="paper-low",
        object="recycler-1",
        near=_then(lambda s: s.device("9:01", "recycler-1", parts={"paper": "ok"})),
        fire=lambda s: s.device("9:02", "recycler-1", parts={"paper": "low"}),
        over=_then(lambda s: s.device("9:03", "recycler-1", parts={"paper": "ok"})),
        text="recycler-1纸将用尽，请更换",
    ),
    Story(
        rule="tamper",
        object="recycler-1",
        near=_then(lambda s: s.trouble("9:01", "recycler-1", "transaction")),
        fire=lambda s: s.trouble("9:02", "recycler-1", "vibration"),
        over=_then(lambda s: s.act("9:02:30", "device_checked", "recycler-1", result="ok")),
        text="recycler-1号机异常震动，勿声张，先看监控",
        ends="done",
    ),
    Story(
        rule="takeover",
        object="secondary-triage.hall.1",
        beside=("secondary-triage",),
        near=_then(lambda s: crowd(s, "9:01", 15), lambda s: s.until("9:05:59.999999")),
        fire=lambda s: s.until("9:06"),
        over=_then(lambda s: leave(s, "9:07", *range(1, 7))),
        text="上一位未回应，请您接手：现有15位等候，请到座位区问需求",
    ),
)
