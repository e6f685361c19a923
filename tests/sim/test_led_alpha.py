"""Simulated Alpha signs, told what to show by the driver, by frames at hand, and by a library nobody here wrote."""

import asyncio
import json
import os
from pathlib import Path

import alphasign
import pytest
import serial
from alphasign.commands.text import WriteText

from edge import driver
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text
from edge.driver import Reply
from edge.sim.devices.boards import BoardBus
from edge.sim.devices.led_alpha import Signs
from tests.fakes import PATIENCE_S


def signs_driver(*addresses: int) -> driver.Driver:
    module = driver.load("led_alpha")
    settings = module.Settings.model_validate({"acknowledges": True})
    return module.create([driver.Device(f"sign-{a}", "board", settings, address=a) for a in addresses])


def page(board: str, en: str) -> ShowOnBoard:
    return ShowOnBoard(board, Page("call", Text("…", en)), 0)


def answers(signs: Signs, data: bytes) -> list[bytes]:
    return list(signs.receive(data))


def test_a_page_is_shown_by_the_sign_it_is_for_and_acknowledged() -> None:
    signs, codec = Signs({"sign-1": 1, "sign-2": 2}, acknowledge=True), signs_driver(1, 2)
    data = codec.encode(page("sign-2", "Ticket A012\nto window 2")).data
    (answer,) = [answer for byte in data for answer in answers(signs, bytes((byte,)))]
    assert codec.receive(answer, 0) == [Reply(2, ok=True)]
    assert [sign.text for sign in signs.boards.values()] == ["", "Ticket A012\nto window 2"]


def test_an_empty_page_keeps_the_sign_blank_over_its_stored_texts() -> None:
    signs, codec = Signs({"sign-1": 1}), signs_driver(1)
    answers(signs, b"\x01Z00\x02AA\x1b bWelcome\x04")
    assert signs.boards["sign-1"].text == "Welcome"
    answers(signs, codec.encode(page("sign-1", "A1")).data)
    assert signs.boards["sign-1"].text == "A1"
    answers(signs, codec.encode(page("sign-1", "")).data)
    assert signs.boards["sign-1"].text == ""
    answers(signs, b"\x01Z00\x02A0\x04")
    assert signs.boards["sign-1"].text == "Welcome", "the bare form lets go of the priority text"


def test_a_flipped_bit_is_answered_as_such_and_shows_nothing() -> None:
    signs, codec = Signs({"sign-1": 1}, acknowledge=True), signs_driver(1)
    data = bytearray(codec.encode(page("sign-1", "A1")).data)
    data[-7] ^= 2
    (answer,) = answers(signs, bytes(data))
    assert codec.receive(answer, 0) == [Reply(1, ok=False, detail="checksum")]
    assert (signs.boards["sign-1"].text, signs.bad_frames) == ("", 1)


def test_a_sign_is_told_to_acknowledge() -> None:
    signs = Signs({"sign-1": 1})
    assert answers(signs, b"\x01Z01\x02A0\x1b0bA\x04") == []
    assert answers(signs, b"\x01Z?1\x02Es1\x04") == [b"\x06\x40"]
    assert answers(signs, b"\x01Z01\x02E$\x04") == [b"\x15\x60"], "it has no memory to configure"
    assert answers(signs, b"\x01Z02\x02Es0\x04") == []


def test_frames_at_hand_are_shown(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/alpha.json").read_text(encoding="utf-8"))["vectors"]
    by_name = {vector["name"]: bytes.fromhex(vector["hex"]) for vector in vectors}
    signs = Signs({"sign-1": 1, "sign-2": 2})
    answers(signs, by_name["write_text_hold_checksum"] + by_name["priority_text_addr01"])
    assert [sign.text for sign in signs.boards.values()] == ["A001", "A001 -> 3"]


async def test_a_library_nobody_here_wrote_speaks_to_the_sign_and_is_read_by_the_driver(tmp_path: Path) -> None:
    bus = BoardBus(tmp_path / "signs", signs := Signs({"sign-1": 1}, acknowledge=True))
    bus.port.plug()
    try:
        # Its own way to open a port sets a modem line, which a pseudo-terminal has not.
        data = alphasign.Packet(address="01").add(WriteText("A012 to window 2", label="0")).to_bytes()
        data = data.replace(alphasign.protocol.DELAY, b"")
        with serial.Serial(str(bus.port.path), 9600, bytesize=7, parity="E", timeout=PATIENCE_S) as port:
            await bus.port.listened()
            port.write(data)
            answer = await asyncio.to_thread(port.read, 2)
    finally:
        bus.port.unplug()
    assert signs.boards["sign-1"].text == "A012 to window 2"
    assert signs_driver(1).receive(answer, 0) == [Reply(1, ok=True)]
    (frame,) = vars(driver.load("led_alpha"))["FRAMES"].decode([data])
    assert vars(driver.load("led_alpha"))["FRAMES"].encode(frame) == data


@pytest.mark.parametrize("unplugged", [False, True])
async def test_over_a_real_port_a_sign_answers_until_it_is_unplugged(tmp_path: Path, unplugged: bool) -> None:
    bus, codec = BoardBus(tmp_path / "signs", Signs({"sign-1": 1}, acknowledge=True)), signs_driver(1)
    bus.port.plug()
    try:
        fd = os.open(bus.port.path, os.O_RDWR | os.O_NOCTTY)
        try:
            await bus.port.listened()
            if unplugged:
                bus.port.unplug()
                with pytest.raises(OSError, match="Input/output error"):
                    os.write(fd, codec.encode(page("sign-1", "A1")).data)
                return
            os.write(fd, codec.encode(page("sign-1", "A1")).data)
            answer = await asyncio.get_running_loop().run_in_executor(None, os.read, fd, 4096)
            assert codec.receive(answer, 0) == [Reply(1, ok=True)]
            assert bus.boards["sign-1"].text == "A1"
        finally:
            os.close(fd)
    finally:
        bus.port.unplug()
