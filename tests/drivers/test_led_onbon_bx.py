import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers._onbon_areas import unpack
from drivers._onbon_frames import ACK, NACK, STATUS, Frame, FrameReader, encode
from drivers.led_onbon_bx import SENDS, Settings, create
from edge.core.instant import SECOND
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import BadFrame, CannotEncode, Device, Driver, Reply

HOST = 0x8000
AT = 0


def board(id: str = "board-3", address: int | None = 3, **settings: Any) -> Device:
    return Device(id, "board", Settings.model_validate(settings), address=address, window="3", shows="window")


def show(zh: str, en: str = "", board: str = "board-3") -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text(zh, en)), AT)


def sent(driver: Driver, command: ShowOnBoard) -> Frame:
    (frame,) = FrameReader().feed(driver.encode(command).data)
    assert isinstance(frame, Frame)
    return frame


def text(driver: Driver, command: ShowOnBoard) -> str:
    update = unpack(sent(driver, command).data)
    assert update is not None
    return update.areas[0].data.decode("gbk")


def from_card(src: int, command: tuple[int, int] = ACK, error: int = 0, data: bytes = b"", dst: int = HOST) -> bytes:
    group, cmd = command
    return encode(Frame(dst=dst, src=src, cmd_group=group, cmd=cmd, response_or_error=error, data=data))


def test_a_call_is_the_frame_that_the_reference_builds(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/onbon_bx5k.json").read_text(encoding="utf-8"))["vectors"]
    wanted = next(vector["hex"] for vector in vectors if vector["name"] == "DERIVED_call_A001_window3")
    driver = create([board("board-3", 1, width=192, height=32, font=24)])

    assert driver.encode(show("请A001号到3号窗口")).data.hex() == wanted


def test_a_board_is_updated_in_memory_only() -> None:
    assert sent(create([board()]), show("你好")).command == (0xA3, 0x06)


def test_an_answer_is_waited_for_as_long_as_the_slowest_line_needs() -> None:
    request = create([board()]).encode(show("你好"))

    assert request.expects
    assert request.address == 3
    assert 2.0 < request.deadline_s < 3.0


def test_one_board_is_refreshed_once_a_second_and_several_do_not_wait_for_one_another() -> None:
    for boards in ([board()], [board(), board("board-4", 4)]):
        request = create(boards).encode(show("你好"))
        assert (request.refresh_s, request.gap_s) == (1.0, 0.0), "one board's pause is not the others'"


def test_a_board_set_to_english_shows_the_english_text_in_a_latin_font() -> None:
    assert text(create([board(lang="en", font=16, colour="green")]), show("你好", "Hello")) == "\\FE000\\C2Hello"


@pytest.mark.parametrize(
    ("zh", "shown", "flaw"),
    [
        ("请到3号窗口", "请到3号窗口", ""),
        ("一\n二", "一\\n二", ""),
        ("\\DY", "＼DY", ""),
        ("a\r\x07\x7fb", "ab", ""),
        ("朱镕基", "朱?基", "1 character has no sign on this board and stand as ?"),
        ("3—5・分", "3—5?分", "1 character has no sign on this board and stand as ?"),
        ("😀", "?", "1 character has no sign on this board and stand as ?"),
        ("", " ", ""),
        (
            "一二三四五六七八九",
            "一二三四五六七八九",
            "the text is wider than the board: 18 half-width characters, room for 16",
        ),
    ],
)
def test_a_page_is_shown_as_far_as_the_font_goes_and_the_rest_is_said(zh: str, shown: str, flaw: str) -> None:
    assert text(create([board()]), show(zh)) == "\\FO000\\C1" + shown
    assert create([board()]).encode(show(zh)).flaw == flaw


@pytest.mark.parametrize(("generation", "most"), [("5k", 512), ("6k", 1024)])
def test_a_text_too_long_for_the_card_is_cut_between_characters(generation: str, most: int) -> None:
    driver = create([board(generation=generation)])
    long = "ァ" * 5000  # its first byte, A5, travels as two

    assert most - 3 <= len(driver.encode(show(long)).data) <= most
    shown = text(driver, show(long)).removeprefix("\\FO000\\C1")
    assert set(shown) == {"ァ"}
    flaw = driver.encode(show(long)).flaw
    assert flaw.startswith(f"the text is longer than the board takes: {len(shown)} of 5000 characters; ")


def test_a_call_is_spoken_by_a_card_that_has_a_voice_and_nothing_else_is() -> None:
    driver = create([board(voice={"person": 3, "volume": 8, "speed": 4})])
    update = unpack(sent(driver, show("请A012号\n到3号窗😀")).data)

    assert update is not None
    (area,) = update.areas
    assert (area.sound_mode, area.sound_voice, area.sound_volume, area.sound_speed) == (2, 3, 8, 4)
    assert area.sound.decode("gb2312") == "[n1]请A012号，到3号窗"
    waiting = ShowOnBoard("board-3", Page("wait", Text("现等候约5至10分钟", "")), AT)
    silent = unpack(sent(driver, waiting).data)
    assert silent is not None
    assert silent.areas[0].sound_mode == 0


def test_a_call_that_an_announcer_speaks_is_only_shown() -> None:
    page = Page("call", Text("请A012号到3号窗", ""), aloud=False)
    update = unpack(sent(create([board(voice={})]), ShowOnBoard("board-3", page, AT)).data)

    assert update is not None
    assert update.areas[0].sound_mode == 0


def test_a_text_that_leaves_no_room_for_speech_is_shown_unspoken() -> None:
    driver = create([board(voice={}, motion="left")])
    update = unpack(sent(driver, show("一" * 220)).data)

    assert update is not None
    assert update.areas[0].sound_mode == 0
    assert update.areas[0].data.decode("gbk").count("一") == 220


def test_a_card_is_asked_how_it_is_and_told_what_should_be_otherwise() -> None:
    driver = create([board(brightness={"00:00": 4}, set_time=True), board("board-4", 4)])
    (asked,) = driver.poll(AT)
    (answered,) = driver.receive(from_card(3, STATUS, 0, b"\x01\x0f" + bytes(40)), AT)
    told = driver.poll(AT)

    assert (asked.address, asked.expects) == (3, True)
    assert answered == Reply(3, ok=True, detail="on, brightness 15")
    assert [FrameReader().feed(request.data)[0] for request in told] == [
        Frame(dst=3, cmd_group=0xA3, cmd=2, data=b"\x01\x04"),
        Frame(dst=3, cmd_group=0xA2, cmd=3, reserved2=b"\x08\0", data=bytes.fromhex("7019010100000004")),
    ]


words = st.text(max_size=80)
answers = st.builds(
    from_card,
    st.just(3),
    st.sampled_from([ACK, NACK, STATUS]),
    st.integers(0, 20),
    st.binary(max_size=50),
)
settings = st.fixed_dictionaries(
    {"generation": st.sampled_from(["5k", "6k"])},
    optional={
        "brightness": st.dictionaries(st.sampled_from(["06:00", "18:00"]), st.integers(0, 15)),
        "set_time": st.booleans(),
        "voice": st.just({"person": 5}),
        "wrap": st.booleans(),
        "status_s": st.sampled_from([1.0, 60.0]),
    },
)
moments = st.lists(st.integers(0, 3_000_000_000), min_size=1, max_size=6)
turns = st.lists(words | answers, max_size=10)


@given(settings, moments, turns, st.sampled_from(["call", "wait", "blank"]))
def test_nothing_that_writes_or_erases_flash_is_ever_sent(
    table: dict[str, Any], seconds: list[int], turns: list[str | bytes], level: Any
) -> None:
    driver = create([board(**table)])
    requests = []
    for place, turn in enumerate(turns):
        at = sorted(seconds)[place % len(seconds)] * SECOND
        requests += driver.poll(at)
        if isinstance(turn, bytes):
            driver.receive(turn, at)
        else:
            requests.append(driver.encode(ShowOnBoard("board-3", Page(level, Text(turn, turn)), at)))

    for request in requests:
        (frame,) = FrameReader().feed(request.data)
        assert isinstance(frame, Frame)
        assert frame.command in {(0xA3, 0x06), (0xA1, 0x02), (0xA3, 0x02), (0xA2, 0x03)}
        assert frame.command in SENDS
        assert len(request.data) <= (512 if table["generation"] == "5k" else 1024)


def test_a_board_that_is_not_on_the_link_is_a_fault_of_the_wiring() -> None:
    with pytest.raises(CannotEncode, match="no board 'other' on this link; there are: board-3"):
        create([board()]).encode(show("你好", board="other"))


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (from_card(3), Reply(3, ok=True)),
        (from_card(3, ACK, 3), Reply(3, ok=False, detail="busy")),
        (from_card(3, NACK, 5), Reply(3, ok=False, detail="checksum")),
        (from_card(3, NACK, 99), Reply(3, ok=False, detail="error 99")),
        (from_card(4, STATUS, 0, b"\x01\x0f" + bytes(30)), Reply(4, ok=True, detail="on, brightness 15")),
        (
            from_card(4, STATUS, 0, b"\x01\x0f" + bytes(15) + b"\x01\x00" + bytes(28)),
            Reply(4, ok=True, detail="on, brightness 15"),
        ),
        (
            from_card(4, STATUS, 0, b"\x01\x0f" + bytes(15) + b"\x01\x07" + bytes(28)),
            Reply(4, ok=True, detail="on, brightness 15", blank=True),
        ),
        (
            from_card(4, STATUS, 0, b"\x02\x00" + bytes(30)),
            Reply(4, ok=True, detail="the screen is switched off", flawed=True),
        ),
        (from_card(4, STATUS, 3, b"\x02\x00" + bytes(30)), Reply(4, ok=False, detail="busy")),
    ],
)
def test_an_answer_is_a_reply_of_the_board_that_gave_it(answer: bytes, reply: Reply) -> None:
    assert create([board(), board("board-4", 4)]).receive(answer, AT) == [reply]


@pytest.mark.parametrize(
    "answer",
    [
        from_card(5),  # no board of ours
        from_card(0xFFFE),  # any of two
        from_card(3, dst=1),  # not to us
        from_card(3, (0xA2, 0x07), 0, b"\x03\x00"),  # nothing we ask
        from_card(3, STATUS),  # a status that says nothing
        create([board()]).encode(show("你好")).data,  # our own request, heard on the bus
    ],
)
def test_what_is_no_answer_to_us_is_bad(answer: bytes) -> None:
    (one,) = create([board(), board("board-4", 4)]).receive(answer, AT)

    assert isinstance(one, BadFrame)


@pytest.mark.parametrize(
    ("configured", "answers_as"), [(0xFFFE, 0xFFFE), (0xFFFE, 1), (0x8000, 0x8000), (0x8000, 1), (1, 0xFFFE)]
)
def test_a_lone_board_may_be_addressed_by_an_address_for_any(configured: int, answers_as: int) -> None:
    driver = create([board(address=configured)])

    assert sent(driver, show("你好")).dst == configured
    assert driver.receive(from_card(answers_as), AT) == [Reply(configured, ok=True)]


def test_a_board_without_an_address_has_the_factorys() -> None:
    assert create([board(address=None)]).encode(show("你好")).address == 1


def test_half_an_answer_waits_for_its_other_half() -> None:
    driver = create([board()])
    answer = from_card(3)

    assert driver.receive(answer[:15], AT) == []
    assert driver.receive(answer[15:], AT) == [Reply(3, ok=True)]


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"generation": "6k", "area": 5}, "area is 5; accepted on 6k: 0 to 4"),
        ({"generation": "5k", "area": 8}, "area is 8; accepted on 5k: 0 to 7"),
        ({"font": 18}, "Input should be 16, 24 or 32"),
        ({"speaker": 3}, "Extra inputs are not permitted"),
        ({"brightness": {"7:00": 3}}, "'7:00' is no time of day; accepted: 00:00 to 23:59"),
        ({"set_time": True, "status_s": 0}, "brightness and set_time follow the card's status; give status_s more"),
        ({"voice": {"person": 6}}, "Input should be less than or equal to 5"),
    ],
)
def test_settings_that_no_card_has_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Settings.model_validate(settings)
