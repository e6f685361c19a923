"""What boards are asked to show: calls at their window and in the lobby, waits as rounded ranges, no word too many."""

from msgspec.structs import replace

from edge.core.instant import seconds
from edge.core.outputs import ShowOnBoard
from edge.core.policy import BoardTimes, DevicePlan, Policy, WindowPlan
from edge.core.wording import Text
from tests.play import Play, at, of

WORDS = {
    "L01": Text("早上好", "Good morning"),
    "L02": Text("请{t}号到{w}号窗", "{t} to {w}"),
    "L03": Text("再次请{t}号到{w}号窗", "again {t} to {w}"),
    "L04": Text("现等候约{a}至{b}分钟", "{a} to {b} min"),
    "L05": Text("请留意叫号", "watch"),
    "L23": Text("现有{n}人等候", "{n} waiting"),
    "L21": Text("电话勿信", "no calls"),
}
POLICY = Policy(
    words=WORDS,
    windows={"1": WindowPlan("1", ("cash",)), "2": WindowPlan("2", ("cash",))},
    devices={
        "lobby": DevicePlan("lobby", "board", shows="lobby"),
        "w1": DevicePlan("w1", "board", window="1", shows="window"),
        "w2": DevicePlan("w2", "board", window="2", shows="window"),
    },
    boards=BoardTimes(scam=seconds(600)),
)


def shown(play: Play, board: str) -> str:
    return play.hall.boards[board].shown.text.zh


def test_a_call_is_for_its_window_and_the_lobby_only() -> None:
    play = Play(POLICY)
    play.issue("9:00", "A1")
    told = of(ShowOnBoard, play.call("9:01", "A1", "2"))

    assert {command.board for command in told} == {"lobby", "w2"}
    assert shown(play, "w1") == "请留意叫号"


def test_a_recall_says_again() -> None:
    play = Play(POLICY)
    play.issue("9:00", "A1")
    play.call("9:01", "A1", "2")
    assert not play.hall.boards["w2"].shown.again
    play.recall("9:02", "A1", "2")

    assert shown(play, "w2") == "再次请A1号到2号窗"
    assert play.hall.boards["w2"].shown.again


def test_five_tellers_who_call_at_once_all_get_their_time_in_the_lobby() -> None:
    play = Play(POLICY)
    for n in range(5):
        play.issue("9:00", f"A{n}")
    for n in range(5):
        play.call("9:01", f"A{n}", str(n))
    seen = [shown(play, "lobby")]
    for second in range(5, 25, 5):
        play.until(f"9:01:{second:02}")
        seen.append(shown(play, "lobby"))

    assert seen == [f"请A{n}号到{n}号窗" for n in range(5)]


def test_the_warning_after_a_machine_gave_no_cash_stands_for_its_time() -> None:
    play = Play(POLICY)
    play.device("9:00", "atm-1", kind="atm")
    play.trouble("9:01", "atm-1", "cash_not_dispensed")
    assert shown(play, "lobby") == "电话勿信"
    play.until("9:10:59")
    assert shown(play, "lobby") == "电话勿信"

    play.until("9:11")

    assert shown(play, "lobby") != "电话勿信"


def test_waits_are_shown_while_somebody_waits_and_not_after() -> None:
    play = Play(POLICY)
    play.open("9:00", "1", "cash")
    play.open("9:00", "2", "cash")
    for n in range(4):
        play.issue("9:00:01", f"A{n}")
    play.until("9:01")
    assert shown(play, "lobby").startswith(("现等候约", "请留意叫号"))
    for n in range(4):
        play.call(f"9:02:0{n}", f"A{n}", str(n % 2 + 1))

    play.until("9:10")

    assert shown(play, "lobby") == "早上好"


def test_no_board_no_word_no_trouble() -> None:
    play = Play(Policy())
    play.issue("9:00", "A1")

    assert of(ShowOnBoard, play.call("9:01", "A1", "1")) == []


def test_a_board_that_is_the_lobbys_no_more_gives_up_what_only_the_lobby_shows() -> None:
    play = Play(replace(POLICY, configured=True))
    play.device("8:59", "atm-1", kind="atm")
    for n in range(3):
        play.issue("9:00", f"A{n}")
    play.trouble("9:00:30", "atm-1", "cash_not_dispensed")
    play.until("9:01")
    assert set(play.hall.boards["lobby"].claims) == {"scam", "wait", "campaign"}

    moved = {**POLICY.devices, "lobby": DevicePlan("lobby", "board", window="1", shows="window")}
    play.engine.adopt(replace(POLICY, devices=moved, configured=True), at("9:02"))
    assert shown(play, "lobby") == "请留意叫号"
    assert set(play.hall.boards["lobby"].claims) == {"campaign"}


def test_a_device_that_is_a_board_no_more_shows_nothing() -> None:
    play = Play(replace(POLICY, configured=True))
    play.issue("9:00", "A1")
    moved = {**POLICY.devices, "w1": DevicePlan("w1", "printer")}
    play.engine.adopt(replace(POLICY, devices=moved, configured=True), at("9:02"))

    assert set(play.hall.boards) == {"lobby", "w2"}
