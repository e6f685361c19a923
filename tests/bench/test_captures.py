from pathlib import Path

import pytest

from edge.bench.broker import Missing
from edge.bench.captures import FOLDER, Turn, captures, feed
from edge.driver import BadFrame, Driver, Received, Reply, Request

HEX = "# a question, half an answer, the other half\n> 510d\n2832\n330d\n"


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_questions_chunks_and_messages_are_told_apart(tmp_path: Path) -> None:
    written(tmp_path, "led_onbon_bx/a.hex", HEX)
    written(tmp_path, "led_onbon_bx/a.toml", 'id = "board-9"\nkind = "board"\naddress = 4\n')
    written(tmp_path, "led_onbon_bx/a.jsonl", "")
    written(tmp_path, "mqtt_json/b.mqtt", 'queue/1 {"a": 1}\n')
    written(tmp_path, "lines/c.ws", "one\ntwo\n")

    hexadecimal, messages, topics = captures(tmp_path)

    assert hexadecimal.turns == (Turn(b"Q\r", asked=True), Turn(b"(2"), Turn(b"3\r"))
    assert (hexadecimal.stream, hexadecimal.device.id, hexadecimal.device.address) == (True, "board-9", 4)
    assert (topics.turns, topics.stream) == ((Turn(b'{"a": 1}', "queue/1"),), False)
    assert messages.turns == (Turn(b"one"), Turn(b"two"))


def test_the_frames_of_a_capture_are_its_good_ones() -> None:
    (cards,) = (capture for capture in captures(FOLDER) if capture.driver == "led_onbon_bx")
    frames = cards.frames()

    assert len(frames) == 5
    for frame in frames:
        (reply,) = feed(cards.fresh(), frame[-1])
        assert isinstance(reply, Reply)


def test_every_driver_has_good_frames_that_its_driver_reads_again() -> None:
    for capture in captures(FOLDER):
        driver, found = capture.fresh(), list[Received]()
        for frame in capture.frames():
            for turn in frame:
                found += feed(driver, turn)
        assert found, capture.name
        assert not any(isinstance(one, BadFrame) for one in found), capture.name


def test_a_driver_that_keeps_account_is_told_what_was_asked() -> None:
    class Keeper(Driver):
        def __init__(self) -> None:
            self.requests: list[bytes] = []

        def receive(self, data: bytes, at: int, topic: str = "") -> list[Received]:
            return []

        def asked(self, request: Request) -> None:
            self.requests.append(request.data)

    keeper = Keeper()
    feed(keeper, Turn(b"Q1\r", asked=True))
    assert keeper.requests == [b"Q1\r"]


def test_a_folder_without_captures_is_said(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="the captures are those of a checkout"):
        captures(tmp_path / "nowhere")
