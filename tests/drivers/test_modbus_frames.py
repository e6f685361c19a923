import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._modbus_frames import (
    COILS,
    HOLDING,
    INPUT_REGISTERS,
    INPUTS,
    Answer,
    Heard,
    Read,
    Reader,
    Stray,
    bits,
    checked,
    registers,
)
from edge.driver import BadFrame

CONTACTS = Read(1, INPUTS, 0, 8)
CLIMATE = Read(1, INPUT_REGISTERS, 1, 2)
OTHER = Read(2, INPUTS, 0, 8)
C2 = bytes.fromhex("010201c22019")


def asked(read: Read = CONTACTS, *others: Read) -> Reader:
    reader = Reader([read, *others])
    reader.ask(read)
    return reader


def answer(unit: int, function: int, data: str) -> bytes:
    body = bytes.fromhex(data)
    return checked(bytes((unit, function, len(body))) + body)


def reasons(heard: list[Heard]) -> list[str]:
    return [one.reason for one in heard if isinstance(one, BadFrame)]


def test_questions_are_the_published_ones(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/modbus.json").read_text(encoding="utf-8"))["vectors"]
    questions = [vector for vector in vectors if "count" in vector["fields"]]

    assert len(questions) == 2
    for vector in questions:
        fields = vector["fields"]
        assert Read(fields["unit"], fields["fc"], fields["addr"], fields["count"]).encode().hex() == vector["hex"]
    assert CONTACTS.encode().hex() == "01020000000879cc"  # WP8026's page


@pytest.mark.parametrize(
    ("read", "vector", "value"),
    [
        (Read(1, INPUT_REGISTERS, 1, 1), "th_resp_30.5C", [305]),
        (Read(1, HOLDING, 0x1206, 1), "read_holding_resp", [94]),
        (Read(1, HOLDING, 0, 2), "DERIVED_hum48.6_temp-9.7", [486, 0xFF9F]),
    ],
)
def test_answers_are_read_from_published_frames(shared: Path, read: Read, vector: str, value: list[int]) -> None:
    vectors = json.loads((shared / "vectors/modbus.json").read_text(encoding="utf-8"))["vectors"]
    frame = bytes.fromhex(next(each["hex"] for each in vectors if each["name"] == vector))

    (heard,) = asked(read).feed(frame)

    assert isinstance(heard, Answer)
    assert registers(heard.data) == value


def test_bits_begin_with_the_lowest_of_the_first_byte() -> None:
    assert bits(b"\xc2\x01", 9) == [False, True, False, False, False, False, True, True, True]


def test_an_answer_comes_in_pieces_and_once() -> None:
    reader = asked()

    assert reader.feed(C2[:4]) == []
    assert reader.feed(C2[4:]) == [Answer(b"\xc2")]
    assert reader.give_up() == ""


def test_an_exception_is_an_answer() -> None:
    assert asked().feed(checked(b"\x01\x82\x02")) == [Answer(b"", exception=2)]


def test_noise_before_an_answer_is_counted_and_passed_over() -> None:
    heard = asked().feed(b"\x00\xff\x01\x02" + C2)

    assert heard[-1] == Answer(b"\xc2")
    assert reasons(heard) == ["bytes that are no answer: 4"]


def test_our_own_question_heard_back_is_named_as_such() -> None:
    heard = asked().feed(CONTACTS.encode() + C2)

    assert heard[-1] == Answer(b"\xc2")
    assert reasons(heard) == ["our own question came back: the adapter hears itself, so its link wants echo=1"]


def test_an_answer_of_another_address_is_a_stray_and_the_right_one_still_counts() -> None:
    stray = answer(2, INPUTS, "00")

    assert asked(CONTACTS, OTHER).feed(stray + C2) == [
        Stray(2, "answers too late, or when 1 is asked"),
        Answer(b"\xc2"),
    ]


def test_two_answers_are_one_and_a_stray() -> None:
    reader = asked()

    assert reader.feed(C2) == [Answer(b"\xc2")]
    assert reader.feed(answer(1, INPUTS, "00")) == [Stray(1, "answers twice: have two devices that address?")]


def test_an_answer_to_another_question_is_none() -> None:
    reader = asked(CONTACTS, CLIMATE)

    assert reader.feed(answer(1, INPUT_REGISTERS, "00010002")) == [Stray(1, "answers something else than it is asked")]
    assert reader.give_up() == "answers something else than it is asked"


def test_bytes_of_before_the_question_are_no_answer() -> None:
    reader = Reader([CONTACTS])
    reader.feed(C2[:3])
    reader.ask(CONTACTS)

    assert reader.feed(C2[3:]) == []
    assert reader.give_up() == "bytes that are no answer: 3"


@pytest.mark.parametrize(
    ("came", "reason"),
    [
        (b"", ""),
        (CONTACTS.encode(), ""),
        (C2[:-1] + b"\x18", "the answer's checksum is wrong"),
        (C2[:4], "the answer breaks off"),
        (answer(9, INPUTS, "00"), "address 9 answers instead"),
        (b"\x00" * 7, "bytes that are no answer: 7"),
    ],
)
def test_what_came_instead_of_an_answer_is_named(came: bytes, reason: str) -> None:
    reader = asked()

    assert reader.feed(came) == []
    assert reader.give_up() == reason
    reader.ask(CONTACTS)
    assert len(reasons(reader.feed(C2))) == bool(came)


def test_who_answers_instead_is_remembered_until_the_question_is_given_up() -> None:
    reader = asked(CONTACTS, OTHER)
    reader.feed(answer(2, INPUTS, "00"))

    assert reader.give_up() == "address 2 answers instead"


def test_a_flood_without_an_answer_is_one_bad_frame_for_so_many_bytes() -> None:
    reader = asked()
    heard = [one for _ in range(64) for one in reader.feed(b"\x00" * 64)]

    assert reasons(heard) == ["bytes that are no answer: 256"] * 14  # the last 512 may still be an answer's beginning


@given(st.binary(max_size=40), st.binary(max_size=40), st.lists(st.integers(0, 100)))
def test_an_answer_is_found_in_any_noise_however_it_is_cut(before: bytes, after: bytes, places: list[int]) -> None:
    stream = before + C2 + after
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    whole, pieces = asked(), asked()

    heard = [one for a, b in pairwise(edges) for one in pieces.feed(stream[a:b])]

    assert heard == whole.feed(stream)


@given(
    read=st.sampled_from([CONTACTS, CLIMATE, Read(5, COILS, 0x300, 16)]),
    flips=st.lists(st.integers(0, 2000), max_size=6),
    cut=st.integers(0, 8),
    data=st.binary(min_size=4, max_size=4),
)
def test_no_mutated_frame_is_an_answer_unless_its_checksum_covers_it(
    read: Read, flips: list[int], cut: int, data: bytes
) -> None:
    frame = bytearray(answer(read.unit, read.function, data[: read.size].hex()))
    for flip in flips:
        frame[flip // 8 % len(frame)] ^= 1 << flip % 8
    mutated = bytes(frame[: len(frame) - cut])

    for one in asked(read).feed(mutated):
        if isinstance(one, Answer):
            body = bytes((read.unit, read.function, read.size)) + one.data
            refusal = bytes((read.unit, read.function | 0x80, one.exception))
            assert checked(refusal if one.exception else body) in mutated
