"""What is called aloud: calls and recalls, by the announcers that speak for the window, in both languages."""

from edge.core.commands import Say
from edge.core.policy import DevicePlan, Policy
from edge.core.wording import Text
from tests.play import Play, of

WORDS = {"V01": Text("请{t}号到{w}号窗口", "{t} to {w}"), "V02": Text("再次请{t}号到{w}号窗口", "again {t} to {w}")}
POLICY = Policy(
    words=WORDS,
    devices={
        "hall": DevicePlan("hall", "announcer"),
        "vip-room": DevicePlan("vip-room", "announcer", window="9"),
        "board": DevicePlan("board", "board", shows="lobby"),
    },
)


def said(commands: list[Say]) -> list[tuple[str, str]]:
    return [(say.device, say.text.zh) for say in commands]


def test_a_call_and_a_recall_are_said_each_once() -> None:
    play = Play(POLICY)
    play.issue("9:00", "A001")

    assert said(of(Say, play.call("9:01", "A001", "3"))) == [("hall", "请A001号到3号窗口")]
    assert said(of(Say, play.recall("9:02", "A001", "3"))) == [("hall", "再次请A001号到3号窗口")]
    assert of(Say, play.until("9:30")) == []


def test_an_announcer_of_a_window_says_its_calls_alone() -> None:
    play = Play(POLICY)
    play.issue("9:00", "V001")

    assert [device for device, _ in said(of(Say, play.call("9:01", "V001", "9")))] == ["hall", "vip-room"]


def test_no_words_no_sound() -> None:
    play = Play(Policy(devices=POLICY.devices))
    play.issue("9:00", "A001")

    assert of(Say, play.call("9:01", "A001", "3")) == []
