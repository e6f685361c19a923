"""What an estimate rests on, in a line: each figure is that of the hall, and who does not wait is told why."""

import pytest

from edge.core import explain, shown
from edge.core.hall import Hall
from edge.core.policy import Policy, Service, WindowPlan
from edge.core.waiting import NextWait, service_time
from edge.core.waiting.learnt import observe
from edge.core.wording import Text
from tests.play import Play, at

POLICY = Policy(
    services={"cash": Service("cash", Text("个人现金", "Personal cash"), typical_s=240.0)},
    windows={"1": WindowPlan("1", ("cash",)), "2": WindowPlan("2", ("cash",))},
    configured=True,
)


def a_queue(policy: Policy = POLICY) -> Play:
    """Two windows serve, three wait; one service of 100 s has been seen."""
    play = Play(policy)
    for window in "12":
        play.open("9:00", window, "cash")
    for n in range(6):
        play.issue(f"9:00:{n:02}", f"A{n}")
    play.call("9:00:10", "A0", "1")
    play.call("9:00:10", "A1", "2")
    play.serve("9:01:50", "A0", "1")
    play.call("9:01:50", "A2", "1")
    play.until("9:02:30")
    return play


def said(play: Play, ticket: str, low: int | None = 5, high: int | None = 15) -> explain.Explanation:
    """The explanation while that range stands for the ticket."""
    if ticket in play.hall.showing.tickets:
        play.hall.showing.tickets[ticket] = shown.Held(low, high, play.hall.now)
    return explain.explain(play.hall, play.engine.policy, ticket, play.hall.now)


def test_a_line_says_what_is_shown_and_what_it_rests_on() -> None:
    found = said(a_queue(), "A5")

    assert found.text == Text(
        "A5号 个人现金：预计5至15分钟；前面2人，2个窗口在办，每笔约3分58秒（见过1笔），把握较小",
        "A5 Personal cash: 5 to 15 min; 2 ahead, windows at work: 2, 3 min 58 s a service (1 seen), confidence low",
    )
    assert (found.state, found.service, found.ahead, found.windows) == ("waiting", "cash", 2, 2)
    assert (found.sample, found.confidence) == (1, "low")


def test_the_service_time_is_the_one_the_forecast_counts_with() -> None:
    play = a_queue()
    before = said(play, "A5").service_s or 0.0
    for _ in range(200):
        observe(play.hall.learnt, "cash", "1", 600.0)

    found = said(play, "A5")
    assert 200.0 < before < 300.0  # 240 s as configured, and one of 100 s
    assert found.service_s == pytest.approx(600.0, rel=0.1)
    assert found.service_s == round(service_time(play.hall, POLICY, "cash", play.hall.now)[0], 1)


def test_the_line_agrees_with_what_the_handheld_shows() -> None:
    play = a_queue()

    assert said(play, "A4").shown == shown.Telling(play.hall, play.hall.now).of_ticket("A4")


def test_before_anything_is_seen_the_configuration_speaks() -> None:
    play = Play(POLICY)
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.until("9:01")

    assert "每笔按4分0秒（尚未见过）" in said(play, "A1").text.zh
    assert "4 min 0 s a service (none seen yet)" in said(play, "A1").text.en


def test_a_confident_class_is_said_to_be() -> None:
    play = a_queue()
    play.hall.outlook.next["cash"] = NextWait(0, 0, 0, 0, 2, 9, "good")

    assert said(play, "A5").text.zh.endswith("把握较大")


def test_a_range_too_wide_is_not_said() -> None:
    assert "cannot say (the range is too wide)" in said(a_queue(), "A5", None, None).text.en


def test_a_class_nobody_serves_is_said_to_be_unserved() -> None:
    play = Play(POLICY)
    play.issue("9:00", "L1", "loan")
    play.until("9:01")

    found = said(play, "L1")
    assert "暂不能估计（无窗口办理）" in found.text.zh
    assert (found.windows, found.ahead, found.service) == (0, 0, "loan")


def test_stale_data_are_said_to_be() -> None:
    play = a_queue()
    late = play.hall.now + shown.GOOD_FOR + shown.HOLD

    assert "暂不能估计（数据陈旧）" in explain.explain(play.hall, POLICY, "A5", late).text.zh


def test_a_ticket_for_one_window_counts_on_that_one() -> None:
    play = a_queue()
    play.transfer("9:03", "A2", window="2")
    play.until("9:04")

    assert said(play, "A2").windows == 1
    play.pause("9:05", "2")
    assert said(play, "A2").windows == 0


@pytest.mark.parametrize(
    ("ticket", "state", "line"),
    [
        ("Z9", "unknown", Text("今天没有Z9号，请按票面输入", "there is no ticket Z9 today; give it as it is printed")),
        ("A2", "called", Text("A2号已叫：09:01到1号窗", "A2 was called already: at 09:01, to window 1")),
        ("A3", "left", Text("A3号已离开，不再等候", "A3 has left and waits no more")),
        (
            "{t}",
            "unknown",
            Text("今天没有{t}号，请按票面输入", "there is no ticket {t} today; give it as it is printed"),
        ),
    ],
)
def test_who_does_not_wait_is_told_why(ticket: str, state: str, line: Text) -> None:
    play = a_queue()
    play.cancel("9:03", "A3")

    found = explain.explain(play.hall, POLICY, ticket, play.hall.now)
    assert (found.state, found.text) == (state, line)
    assert (found.ahead, found.shown, found.confidence) == (None, None, None)


def test_an_ended_ticket_was_called() -> None:
    play = a_queue()

    assert said(play, "A0").state == "called"


def test_asking_changes_nothing() -> None:
    play = a_queue()
    agenda = dict(play.hall.agenda.due)
    said(play, "A5", *_standing(play.hall, "A5"))

    assert play.hall.agenda.due == agenda
    assert play.hall.now == at("9:02:30")


def _standing(hall: Hall, ticket: str) -> tuple[int | None, int | None]:
    held = hall.showing.tickets[ticket]
    return held.low_min, held.high_min
