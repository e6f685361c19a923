from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers._alpha_frames import Acknowledgement, Frame, FrameReader, acknowledge
from drivers.led_alpha import Settings, create
from edge.core.instant import SECOND
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import BadFrame, CannotEncode, Device, Driver, Reply

AT = 0
LOOKS = b"\x19\x1c1"


def sign(id: str = "sign-3", address: int | None = 3, **settings: Any) -> Device:
    return Device(id, "board", Settings.model_validate(settings), address=address, window="3", shows="window")


def show(en: str, board: str = "sign-3") -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text("中文", en)), AT)


def sent(driver: Driver, command: ShowOnBoard) -> bytes:
    (frame,) = FrameReader().feed(driver.encode(command).data)
    assert isinstance(frame, Frame)
    (only,) = frame.commands
    assert only.checksum
    return only.data


def test_a_page_is_the_priority_text_in_english() -> None:
    request = create([sign()]).encode(show("A001 to window 3"))

    assert sent(create([sign()]), show("A001 to window 3")) == b"A0\x1b0b" + LOOKS + b"A001 to window 3"
    assert request.data.startswith(b"\0\0\0\0\0\x01Z03\x02")
    assert (request.expects, request.address, request.flaw) == (False, 3, "")


@pytest.mark.parametrize(
    ("en", "shown", "flaw"),
    [
        ("one\ntwo", b"one\rtwo", ""),
        ("a\r\x00\x04\x1b\x7fb", b"ab", ""),
        ("café ~", b"caf? ?", "2 characters have no sign on this board and stand as ?"),
        ("x" * 130, b"x" * 122, "the text is longer than the board takes: 122 of 130 characters"),
    ],
)
def test_a_page_is_shown_as_far_as_it_goes_and_the_rest_is_said(en: str, shown: bytes, flaw: str) -> None:
    driver = create([sign()])

    assert sent(driver, show(en)) == b"A0\x1b0b" + LOOKS + shown
    assert driver.encode(show(en)).flaw == flaw


def test_an_empty_page_is_an_empty_text_which_blanks_the_sign() -> None:
    assert sent(create([sign()]), show("")) == b"A0\x1b0b"


def test_the_settings_are_those_of_the_text() -> None:
    driver = create([sign(colour="yellow", motion="left", speed=24)])

    assert sent(driver, show("A")) == b"A0\x1b0a\x15\x1c8A"


def test_a_sign_without_an_address_is_everybody() -> None:
    request = create([sign(address=None)]).encode(show("A"))

    assert request.data.startswith(b"\0\0\0\0\0\x01Z00\x02")
    assert request.address == 0


def test_a_sign_is_left_in_peace_for_a_second_and_others_do_not_wait_for_it() -> None:
    request = create([sign(), sign("sign-4", 4)]).encode(show("A"))
    assert (request.refresh_s, request.gap_s) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (Acknowledgement(taken=True, status=0x40), Reply(4, ok=True)),
        (Acknowledgement(taken=False, status=0x51), Reply(4, ok=False, detail="checksum, parity")),
        (Acknowledgement(taken=False, status=0x40), Reply(4, ok=False, detail="not taken")),
    ],
)
def test_an_acknowledgement_is_that_of_the_sign_last_spoken_to(answer: Acknowledgement, reply: Reply) -> None:
    driver = create([sign(acknowledges=True), sign("sign-4", 4, acknowledges=True)])
    request = driver.encode(show("A", board="sign-4"))

    assert (request.expects, request.deadline_s > 2.0) == (True, True)
    assert driver.receive(acknowledge(answer), AT) == [reply]


def test_our_own_request_heard_on_the_line_is_no_answer() -> None:
    driver = create([sign()])

    assert driver.receive(driver.encode(show("A")).data, AT) == [
        BadFrame("a frame, ours or that of a sign that was asked nothing")
    ]


def test_wrong_wiring_is_a_fault_that_is_named() -> None:
    with pytest.raises(CannotEncode, match="no board 'other' on this link; there are: sign-3"):
        create([sign()]).encode(show("A", board="other"))
    with pytest.raises(CannotEncode, match="sign-3: address is 256; accepted: 1 to 255, or 0 for every sign"):
        create([sign(address=256)]).encode(show("A"))


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"lang": "zh"}, "Input should be 'en'"),
        ({"colour": "blue"}, "colour is blue; accepted for a sign of three colours: red, green, yellow"),
        ({"wrap": True}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_no_sign_has_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Settings.model_validate(settings)


def test_the_settings_of_another_makers_board_are_taken() -> None:
    assert Settings(width=192, height=32, font=24, align="left", stay_s=3).lang == "en"


motions = st.sampled_from(["static", "quick", "left", "right", "up", "down"])


@given(st.text(max_size=200), motions, st.integers(0, 24), st.binary(max_size=40))
def test_nothing_but_the_priority_text_is_ever_sent(words: str, motion: str, speed: int, heard: bytes) -> None:
    driver = create([sign(motion=motion, speed=speed)])
    driver.receive(heard, AT)

    assert sent(driver, show(words)).startswith(b"A0\x1b")
    assert len(sent(driver, show(words))) <= len(b"A0\x1b0b") + 125
    assert driver.poll(AT + 1000 * SECOND) == []
