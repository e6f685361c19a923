"""Simulated C-Power cards: what the maker's papers say they do, and what people would read."""

from edge import driver
from edge.core.instant import SECOND
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import Reply
from edge.sim.devices.led_cpower import Cards

PURE_TEXT = bytes.fromhex("a56832017b01130000001200000100000302ff00006162630d636261009a04ae")
SCREEN_OFF = bytes.fromhex("a568320176010000000000000000001201ae")
QUERY_POWER = bytes.fromhex("a56832017601011301ae")


def boards_driver(*addresses: int) -> driver.Driver:
    module = driver.load("led_cpower")
    devices = [driver.Device(f"board-{a}", "board", module.Settings(), address=a) for a in addresses]
    return module.create(devices)


def page(board: str, zh: str) -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text(zh, "…")), 0)


def answers(cards: Cards, data: bytes) -> list[bytes]:
    return list(cards.receive(data))


def test_a_page_is_shown_and_answered_by_the_card_it_is_for() -> None:
    cards, codec = Cards({"board-1": 1, "board-2": 2}), boards_driver(1, 2)
    (answer,) = answers(cards, codec.encode(page("board-2", "请A012号到2号窗\n水")).data)
    assert codec.receive(answer, 0) == [Reply(2, ok=True)]
    assert cards.boards["board-2"].text == "请A012号到2号窗\n水"
    assert cards.boards["board-1"].text == ""


def test_frames_may_come_a_byte_at_a_time() -> None:
    cards, codec = Cards({"board-1": 1}, answers_like_old=True), boards_driver(1)
    data = codec.encode(page("board-1", "一")).data
    (answer,) = [answer for byte in data for answer in answers(cards, bytes((byte,)))]
    assert codec.receive(answer, 0) == [Reply(1, ok=True)]


def test_a_flipped_bit_is_answered_as_such() -> None:
    cards, codec = Cards({"board-1": 1}), boards_driver(1)
    data = bytearray(codec.encode(page("board-1", "一")).data)
    data[-8] ^= 1
    (answer,) = answers(cards, bytes(data))
    assert codec.receive(answer, 0) == [Reply(1, ok=False, detail="checksum")]
    assert (cards.bad_frames, cards.boards["board-1"].text) == (1, "")


def test_the_papers_text_is_shown_once_there_is_a_window() -> None:
    cards, codec = Cards({"board-1": 1}), boards_driver(1)
    (refused,) = answers(cards, PURE_TEXT)
    assert codec.receive(refused, 0) == [Reply(1, ok=False, detail="error 4")]
    answers(cards, codec.encode(page("board-1", "一")).data)
    answers(cards, PURE_TEXT)
    assert cards.boards["board-1"].text == "abc\ncba"


def test_a_screen_that_is_switched_off_says_so() -> None:
    cards, codec = Cards({"board-1": 1}), boards_driver(1)
    codec.poll(0)
    (asked,) = codec.poll(60 * SECOND)
    assert asked.data == QUERY_POWER
    (on,) = answers(cards, QUERY_POWER)
    assert codec.receive(on, 0) == [Reply(1, ok=True, detail="on")]
    answers(cards, SCREEN_OFF)
    (off,) = answers(cards, QUERY_POWER)
    assert codec.receive(off, 0) == [Reply(1, ok=True, detail="the screen is switched off", flawed=True)]


def test_what_a_card_showed_goes_with_the_power() -> None:
    cards, codec = Cards({"board-1": 1}), boards_driver(1)
    answers(cards, codec.encode(page("board-1", "一")).data)
    cards.boards["board-1"].blank()
    cards.boards["board-1"].powered = False
    assert answers(cards, QUERY_POWER) == []
    cards.boards["board-1"].powered = True
    assert len(answers(cards, PURE_TEXT)) == 1
    assert cards.boards["board-1"].text == ""


def test_a_frame_to_all_is_taken_by_all() -> None:
    cards, layer = Cards({"board-1": 1, "board-2": 2}), vars(driver.load("led_cpower"))["FRAMES"]
    found = answers(cards, layer.encode({"card_id": 255, "protocol_code": 0x76, "rest_hex": "01"}))
    assert [layer.decode([answer])[0]["card_id"] for answer in found] == [1, 2]
