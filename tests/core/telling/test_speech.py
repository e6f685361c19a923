"""What is called aloud: calls and recalls, by the announcers that speak for the window, in both languages."""

import pytest

from edge.core.commands import Command
from edge.core.events import DeviceEvent
from edge.core.outputs import Say, ShowOnBoard
from edge.core.policy import DevicePlan, Policy
from edge.core.telling.speech import UNSAID
from edge.core.wording import Text
from tests.play import Play, at, of

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


SPOKEN = Policy(
    words={**WORDS, "L02": Text("请{t}号到{w}号窗", "{t} to {w}")},
    devices={
        "hall": DevicePlan("hall", "announcer", board="card"),
        "card": DevicePlan("card", "board", shows="lobby"),
        "plain": DevicePlan("plain", "board", shows="lobby"),
    },
)


def loud(commands: list[Command]) -> dict[str, bool]:
    return {command.board: command.page.aloud for command in of(ShowOnBoard, commands) if command.page.level == "call"}


@pytest.mark.parametrize(
    ("announcer", "board", "speaks"),
    [
        ("ok", "ok", "hall"),
        ("degraded", "ok", "hall"),
        ("down", "ok", "card"),
        ("unknown", "degraded", "card"),
        ("down", "down", "hall"),
        ("down", "unknown", "hall"),
        (None, "ok", "card"),
        (None, None, "hall"),
    ],
)
def test_a_board_stands_in_for_an_announcer_and_never_are_there_two_voices(
    announcer: str | None, board: str | None, speaks: str
) -> None:
    play = Play(SPOKEN)
    for id, kind, state in (("hall", "announcer", announcer), ("card", "board", board)):
        if state is not None:
            play.device("9:00", id, state, kind)
    play.issue("9:00", "A001")
    commands = play.call("9:01", "A001", "3")

    assert [say.device for say in of(Say, commands)] == (["hall"] if speaks == "hall" else [])
    assert loud(commands) == {"card": speaks == "card", "plain": True}


def test_who_speaks_is_decided_when_the_call_is_made_and_not_when_it_is_shown() -> None:
    play = Play(SPOKEN)
    play.device("9:00", "card", "ok", "board")
    play.device("9:00", "hall", "ok", "announcer")
    for ticket in ("A001", "A002"):
        play.issue("9:00", ticket)
    said = [*of(Say, play.call("9:01:00", "A001", "3")), *of(Say, play.call("9:01:01", "A002", "4"))]
    play.device("9:01:02", "hall", "down", "announcer")
    shown = play.until("9:01:10")

    assert [say.ticket for say in said] == ["A001", "A002"]
    assert loud(shown)["card"] is False, "the second is shown now, and is the announcer's"


@pytest.mark.parametrize(
    ("board", "ticket", "ended", "spoken"),
    [
        ("ok", "A001", False, ["A001"]),
        ("down", "A001", False, []),
        ("ok", "A001", True, []),
        ("ok", "", False, []),
        ("ok", "A009", False, []),
    ],
)
def test_a_call_the_announcer_has_no_words_for_is_spoken_by_its_board_while_it_is_one(
    board: str, ticket: str, ended: bool, spoken: list[str]
) -> None:
    play = Play(SPOKEN)
    play.device("9:00", "hall", "ok", "announcer")
    play.device("9:00", "card", board, "board")
    play.issue("9:00", "A001")
    assert loud(play.call("9:01", "A001", "3")) == {"card": False, "plain": True}
    if ended:
        play.serve("9:01:01", "A001", "3")
    commands = [*play.feed(unsaid("9:01:02", "hall", ticket)), *play.until("9:02")]

    assert [c.page.ticket for c in of(ShowOnBoard, commands) if c.page.level == "call" and c.page.aloud] == spoken
    assert {c.board for c in of(ShowOnBoard, commands) if c.page.level == "call"} <= {"card"}


def test_an_announcer_without_a_board_leaves_it_unsaid() -> None:
    play = Play(POLICY)
    play.call("9:01", "A001", "3")

    assert of(ShowOnBoard, play.feed(unsaid("9:01:02", "hall", "A001"))) == []


def unsaid(clock: str, announcer: str, ticket: str) -> DeviceEvent:
    return DeviceEvent(at=at(clock), device=announcer, event=UNSAID, detail=ticket)
