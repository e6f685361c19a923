import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._escpos_status import ANSWERS, FLAGS, QUESTIONS, Automatic, Byte, Question, StatusReader, flags_of
from edge.driver import BadFrame

XON, XOFF = b"\x11", b"\x13"


def read(*chunks: bytes) -> list[Byte | Automatic | BadFrame]:
    reader = StatusReader()
    return [one for chunk in chunks for one in reader.feed(chunk)]


def automatic(data: bytes) -> frozenset[str]:
    (found,) = read(data)
    assert isinstance(found, Automatic)
    return found.flags


def test_every_published_answer_says_what_its_table_says(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/escpos_status.json").read_text(encoding="utf-8"))["vectors"]
    asked = {data.hex(): question for question, data in QUESTIONS.items()}
    answers = [vector for vector in vectors if vector["query_hex"] in asked]
    groups = [vector for vector in vectors if vector["query_hex"].startswith("1d61ff")]
    assert (len(answers), len(groups)) == (10, 4)
    for vector in answers:
        (value,) = bytes.fromhex(vector["reply_hex"])
        said = flags_of(asked[vector["query_hex"]], value)

        assert said is not None
        for field, wanted in vector["fields"].items():
            if field == "paper":
                assert ("out" in said) == (wanted == "out")
            else:
                assert (field in said) == wanted
    for vector in groups:
        told = automatic(bytes.fromhex(vector["reply_hex"]))
        names = {"cover": "cover_open"}
        assert {field: names.get(field, field) in told for field in vector["fields"]} == vector["fields"]


def test_there_is_a_table_for_every_question_and_every_flag_is_in_one() -> None:
    assert set(ANSWERS) == set(QUESTIONS) == set(get_args(Question))
    assert {flag for table in ANSWERS.values() for flag in table} == set(FLAGS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_of_256_bytes_those_with_the_fixed_bits_and_whole_sensors_are_answers(question: Question) -> None:
    said = [value for value in range(256) if flags_of(question, value) is not None]

    if question == "paper_sensor":
        pairs = [near | out for near in (0, 3) for out in (0, 12)]
        assert said == sorted(pair | own for pair in pairs for own in (0, 0x20, 0x40, 0x60))
    else:
        assert len(said) == (4 if question == "paper" else 16)
        assert all(value & 0x93 == 0x12 for value in said)


def test_an_automatic_status_is_four_bytes_however_they_are_cut_and_whatever_flow_control_stands_between() -> None:
    whole = b"\x38\x08\x0f\x00"

    assert automatic(whole) == {"offline", "cover_open", "cutter", "near_end", "out"}
    assert read(whole[:1], whole[1:3], whole[3:]) == read(whole)
    (found,) = read(XON + whole[:2] + XOFF + XON + whole[2:])
    assert found == Automatic(whole, (b"", XOFF + XON, b""))


def test_an_answer_that_cuts_an_automatic_status_off_is_read() -> None:
    cut_off, answer = read(b"\x10\x08", b"\x1a")

    assert cut_off == BadFrame("an automatic status that is cut off", b"\x10\x08")
    assert answer == Byte(0x1A)
    assert [type(one) for one in read(b"\x10\x08\x18\x00\x00\x00")] == [BadFrame, Automatic]


def test_half_a_sensor_makes_an_automatic_status_bad() -> None:
    assert read(b"\x10\x00\x01\x00") == [BadFrame("an automatic status with half a sensor", b"\x10\x00\x01\x00")]


def test_noise_is_told_of_once_a_stretch() -> None:
    assert [type(one) for one in read(b"\xff\x99", b"\x80\x12\xff")] == [BadFrame, Byte, BadFrame]


def test_flow_control_alone_is_nothing() -> None:
    assert read(XOFF, XON * 3) == []


@given(st.binary(max_size=40), st.integers(0, 40))
def test_what_waits_is_less_than_a_status_and_nothing_is_read_twice(data: bytes, place: int) -> None:
    reader = StatusReader()
    found = [one for chunk in (data[:place], data[place:]) for one in reader.feed(chunk)]

    assert reader.waiting < 4
    read_bytes = sum(
        len(one.data) if isinstance(one, Automatic) else 1 for one in found if not isinstance(one, BadFrame)
    )
    assert read_bytes + reader.waiting <= len(data)
