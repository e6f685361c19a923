"""What the estimate of one ticket rests on, in one line for people: the same on the command line and on the handheld.

It says what is shown, and of that forecast the windows counted, the people ahead, how long a service takes and how
often that has been seen: the figures the forecast itself counts with, because the line must agree with the board.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from edge.core import rivals, shown, waiting
from edge.core.instant import local
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.shown import Shown, Why
    from edge.core.waiting import NextWait

State: TypeAlias = Literal["waiting", "called", "left", "unknown"]

UNKNOWN: Final = Text("今天没有{t}号，请按票面输入", "there is no ticket {t} today; give it as it is printed")
CALLED: Final = Text("{t}号已叫：{at}到{w}号窗", "{t} was called already: at {at}, to window {w}")
CALLED_THEN: Final = Text("{t}号已叫：{at}", "{t} was called already: at {at}")
LEFT: Final = Text("{t}号已离开，不再等候", "{t} has left and waits no more")
GROUNDS: Final = Text(
    "{t}号 {name}：{told}；{people}，{windows}，{service}，{sure}",
    "{t} {name}: {told}; {people}, {windows}, {service}, {sure}",
)

RANGE: Final = Text("预计{a}至{b}分钟", "{a} to {b} min")
UNTOLD: Final[Mapping[Why | None, Text]] = {
    "stale": Text("暂不能估计（数据陈旧）", "cannot say (the data are stale)"),
    "unserved": Text("暂不能估计（无窗口办理）", "cannot say (no window serves it)"),
    "wide": Text("暂不能估计（范围过宽）", "cannot say (the range is too wide)"),
}
AHEAD: Final = Text("前面{n}人", "{n} ahead")
WINDOWS: Final = Text("{n}个窗口在办", "windows at work: {n}")
SEEN: Final = Text("每笔约{m}分{s}秒（见过{n}笔）", "{m} min {s} s a service ({n} seen)")
SUPPOSED: Final = Text("每笔按{m}分{s}秒（尚未见过）", "{m} min {s} s a service (none seen yet)")
SURE: Final[Mapping[str, Text]] = {
    "good": Text("把握较大", "confidence good"),
    "low": Text("把握较小", "confidence low"),
}


class Explanation(Struct, frozen=True):
    """`text` is the line. The figures are None where the ticket does not wait; `service_s` is the mean of a service.

    `sample` counts the services it was seen in, the old ones less; `windows` those at work for its class.
    """

    ticket: str
    state: State
    text: Text
    service: str | None = None
    ahead: int | None = None
    windows: int | None = None
    service_s: float | None = None
    sample: int | None = None
    confidence: Literal["low", "good"] | None = None
    shown: Shown | None = None


def explain(hall: Hall, policy: Policy, ticket: str, at: Instant) -> Explanation:
    """What the estimate of a ticket rests on at `at`; of one that does not wait, why there is none."""
    known = hall.tickets.get(ticket)
    if known is None:
        return Explanation(ticket, "unknown", UNKNOWN.fill({"t": ticket}))
    if known.state == "left":
        return Explanation(ticket, "left", LEFT.fill({"t": ticket}), known.service)
    if known.state != "waiting":
        called_at = known.called_at if known.called_at is not None else known.waiting_since
        values = {"t": ticket, "at": f"{local(called_at, policy.calendar.zone):%H:%M}", "w": known.window}
        text = (CALLED_THEN if known.window is None else CALLED).fill(values)
        return Explanation(ticket, "called", text, known.service)
    return _waiting(hall, policy, known, at)


def _waiting(hall: Hall, policy: Policy, ticket: Ticket, at: Instant) -> Explanation:
    told = shown.Telling(hall, at).of_ticket(ticket.id)
    following = hall.outlook.next.get(ticket.service)
    mean_s, sample = waiting.service_time(hall, policy, ticket.service, at)
    windows = _windows(hall, ticket, following)
    confidence: Literal["low", "good"] = "low" if following is None else following.confidence
    ahead = rivals.ahead(hall, ticket)[0] if told.ahead is None else told.ahead
    plan = policy.services.get(ticket.service)
    minutes, seconds = divmod(round(mean_s), 60)
    parts = {
        "name": plan.name if plan is not None else Text(ticket.service, ticket.service),
        "told": _told(told),
        "people": AHEAD.fill({"n": ahead}),
        "windows": WINDOWS.fill({"n": windows}),
        "service": (SEEN if sample else SUPPOSED).fill({"m": minutes, "s": seconds, "n": sample}),
        "sure": SURE[confidence],
    }
    zh = GROUNDS.zh.format(t=ticket.id, **{name: text.zh for name, text in parts.items()})
    en = GROUNDS.en.format(t=ticket.id, **{name: text.en for name, text in parts.items()})
    text = Text(zh, en)
    return Explanation(
        ticket.id, "waiting", text, ticket.service, ahead, windows, round(mean_s, 1), sample, confidence, told
    )


def _told(told: Shown) -> Text:
    if told.low_min is not None:
        return RANGE.fill({"a": told.low_min, "b": told.high_min})
    return UNTOLD[told.reason]


def _windows(hall: Hall, ticket: Ticket, following: NextWait | None) -> int:
    """The windows that the forecast counts on now; for a ticket that is for one window, that one if it is open."""
    if ticket.for_window is not None:
        window = hall.windows.get(ticket.for_window)
        return int(window is not None and window.state == "open")
    return 0 if following is None else following.windows
