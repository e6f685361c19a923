from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers._cpower_calls import PURE_TEXT, SPLIT, PureText, Window, unpack, unpack_text, unpack_windows
from drivers._cpower_frames import ANSWER, EXTERNAL_CALLS, POWER, REQUEST, Frame, FrameReader, encode
from drivers.led_cpower import Settings, create
from edge.core.instant import SECOND
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import BadFrame, CannotEncode, Device, Driver, Reply, Request

AT = 0


def board(id: str = "board-3", address: int | None = 3, **settings: Any) -> Device:
    return Device(id, "board", Settings.model_validate(settings), address=address, window="3", shows="window")


def show(zh: str, en: str = "", board: str = "board-3") -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text(zh, en)), AT)


def frames(request: Request) -> list[Frame]:
    found = FrameReader().feed(request.data)
    return [frame for frame in found if isinstance(frame, Frame)]


def sent(driver: Driver, command: ShowOnBoard) -> PureText:
    call = unpack(frames(driver.encode(command))[1].rest)
    assert call is not None
    assert call.cc == PURE_TEXT
    text = unpack_text(call.data)
    assert text is not None
    return text


def from_card(
    card: int, result: int = 0, code: int = EXTERNAL_CALLS, rest: bytes = bytes(4), kind: int = ANSWER
) -> bytes:
    return encode(Frame(packet_type=kind, card_id=card, protocol_code=code, flag_or_result=result, rest=rest))


def test_a_page_is_a_window_and_the_text_in_it_of_which_the_text_is_answered() -> None:
    split, text = frames(create([board(width=192, height=32)]).encode(show("请A001号到3号窗")))
    call = unpack(split.rest)

    assert call is not None
    assert (call.cc, unpack_windows(call.data)) == (SPLIT, (Window(width=192, height=32),))
    assert (split.flag_or_result, text.flag_or_result) == (0, 1)
    assert (split.card_id, text.card_id) == (3, 3)


def test_the_settings_are_those_of_the_text() -> None:
    text = sent(create([board(font=24, colour="yellow", motion="left", speed=24, stay_s=3, align="left")]), show("一"))

    assert (text.font, text.effect, text.speed, text.stay_s, text.align) == (3, 11, 97, 3, 4)
    assert (text.red, text.green, text.blue) == (255, 255, 0)


@pytest.mark.parametrize(
    ("zh", "shown", "flaw"),
    [
        ("请到3号窗口", "请到3号窗口", ""),
        ("一\n二", "一\r二", ""),
        ("a\r\x07\x7f\0b", "ab", ""),
        ("朱镕基", "朱镕基", ""),
        ("😀一😀", "?一?", "2 characters have no sign on this board and stand as ?"),
        ("", " ", ""),
        (
            "一二三四五六七八九",
            "一二三四五六七八九",
            "the text is wider than the board: 18 half-width characters, room for 16",
        ),
        ("一\n二\n三", "一\r二\r三", "the text is longer than the board: 3 lines of 16 dots, room for 2"),
    ],
)
def test_a_page_is_shown_as_far_as_it_goes_and_the_rest_is_said(zh: str, shown: str, flaw: str) -> None:
    driver = create([board()])

    assert sent(driver, show(zh)).text.decode("gbk") == shown
    assert driver.encode(show(zh)).flaw == flaw


def test_a_text_too_long_for_the_card_is_cut_between_characters() -> None:
    driver = create([board(motion="left")])

    assert sent(driver, show("水" * 300)).text.decode("gbk") == "水" * 200
    assert driver.encode(show("水" * 300)).flaw == "the text is longer than the board takes: 200 of 300 characters"


def test_a_board_set_to_english_shows_the_english_text() -> None:
    assert sent(create([board(lang="en")]), show("你好", "Hello")).text == b"Hello"


def test_an_answer_is_waited_for() -> None:
    request = create([board()]).encode(show("你好"))

    assert (request.expects, request.address) == (True, 3)
    assert 1.0 < request.deadline_s < 2.0


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (from_card(3), Reply(3, ok=True)),
        (from_card(3, kind=REQUEST), Reply(3, ok=True)),
        (from_card(3, rest=bytes.fromhex("0100000012")), Reply(3, ok=True)),
        (from_card(3, 1), Reply(3, ok=False, detail="checksum")),
        (from_card(3, 9), Reply(3, ok=False, detail="error 9")),
        (from_card(4, code=POWER, rest=b"\x01\x01" + bytes(8)), Reply(4, ok=True, detail="on")),
        (
            from_card(4, code=POWER, rest=b"\x01\x00" + bytes(8)),
            Reply(4, ok=True, detail="the screen is switched off", flawed=True),
        ),
    ],
)
def test_an_answer_is_a_reply_of_the_board_that_gave_it(answer: bytes, reply: Reply) -> None:
    assert create([board(), board("board-4", 4)]).receive(answer, AT) == [reply]


@pytest.mark.parametrize(
    "answer",
    [
        from_card(5),  # no board of ours
        from_card(0xFF),  # any of two
        from_card(3, code=0x46),  # nothing we ask
        from_card(3, code=POWER, rest=b"\x00\x01"),  # somebody else's switching
        from_card(3, code=POWER, rest=b"\x01"),  # a state that says nothing
        from_card(3, rest=b"\x05\x00\x00\x00"),  # a length that is not true
    ],
)
def test_what_is_no_answer_to_us_is_bad(answer: bytes) -> None:
    (one,) = create([board(), board("board-4", 4)]).receive(answer, AT)

    assert isinstance(one, BadFrame)


def test_our_own_request_heard_on_the_bus_is_no_answer() -> None:
    driver = create([board()])
    heard = driver.receive(driver.encode(show("你好")).data, AT)

    assert heard == [
        BadFrame("our own request, heard on the bus", frame.rest[:64]) for frame in frames(driver.encode(show("你好")))
    ]


def test_a_lone_board_may_be_addressed_by_the_number_for_all() -> None:
    driver = create([board(address=255)])

    assert driver.encode(show("你好")).address == 255
    assert driver.receive(from_card(7), AT) == [Reply(255, ok=True)]


def test_a_board_without_a_number_has_the_factorys() -> None:
    assert create([board(address=None)]).encode(show("你好")).address == 1


def test_boards_are_asked_once_a_minute_whether_they_are_on() -> None:
    driver = create([board(), board("board-4", 4)])

    assert driver.poll(AT) == []
    assert driver.poll(AT + 59 * SECOND) == []
    asked = driver.poll(AT + 60 * SECOND)
    assert [request.address for request in asked] == [3, 4]
    assert asked[0].data.hex() == "a568320376010115" + "01ae"
    assert driver.poll(AT + 61 * SECOND) == []


@pytest.mark.parametrize("address", [0, 256, 65535])
def test_a_number_that_no_card_has_is_a_fault_of_the_wiring(address: int) -> None:
    with pytest.raises(CannotEncode, match=f"board-3: address is {address}; accepted: 1 to 254, or 255"):
        create([board(address=address)]).encode(show("你好"))


def test_a_board_that_is_not_on_the_link_is_a_fault_of_the_wiring() -> None:
    with pytest.raises(CannotEncode, match="no board 'other' on this link; there are: board-3"):
        create([board()]).encode(show("你好", board="other"))


def test_settings_that_no_card_has_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Settings.model_validate({"generation": "6k"})


looks = st.fixed_dictionaries(
    {},
    optional={
        "width": st.integers(8, 0x7FFF),
        "height": st.integers(8, 0x7FFF),
        "font": st.sampled_from([16, 24, 32]),
        "colour": st.sampled_from(["red", "green", "white"]),
        "motion": st.sampled_from(["static", "left", "up"]),
        "stay_s": st.floats(0, 127),
    },
)


@given(looks, st.text(max_size=300), st.integers(1, 255), st.integers(0, 200) | st.binary(max_size=40))
def test_nothing_that_writes_flash_is_ever_sent(
    settings: dict[str, Any], words: str, address: int, heard: int | bytes
) -> None:
    driver = create([board(address=address, **settings)])
    driver.poll(AT)
    if isinstance(heard, bytes):
        driver.receive(heard, AT)
    requests = [driver.encode(show(words)), *driver.poll(AT + 100 * SECOND)]

    commands = []
    for frame in (frame for request in requests for frame in frames(request)):
        call = unpack(frame.rest) if frame.protocol_code == EXTERNAL_CALLS else None
        commands.append((frame.protocol_code, frame.rest.hex() if call is None else call.cc))
    assert commands == [(EXTERNAL_CALLS, SPLIT), (EXTERNAL_CALLS, PURE_TEXT), (POWER, "01")]
