import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._escpos_json import Frames
from drivers._escpos_status import ANSWERS, GROUP, QUESTIONS

FLAG = st.booleans()
OWN = st.sampled_from([0, 0x20, 0x40, 0x60])
GAPS = st.lists(st.sampled_from(["", "11", "13", "1311"]), min_size=3, max_size=3)
ANSWER = st.sampled_from([question for question in QUESTIONS if question != "paper_sensor"]).flatmap(
    lambda question: st.fixed_dictionaries(
        {"answer": st.just(question)} | dict.fromkeys(map(str, ANSWERS[question]), FLAG)
    )
)
SENSOR = st.fixed_dictionaries({"answer": st.just("paper_sensor"), "near_end": FLAG, "out": FLAG, "model": OWN})
AUTOMATIC = st.fixed_dictionaries(
    {
        "automatic": st.fixed_dictionaries(dict.fromkeys([flag for table in GROUP for flag in table], FLAG)),
        "model": st.tuples(OWN, st.sampled_from([0, 0x0F, 0x6F])).map(list),
    }
)


def decode(*chunks: str) -> list[dict[str, Any]]:
    return Frames().decode([bytes.fromhex(chunk) for chunk in chunks])


def test_every_published_answer_is_spelt_out_behind_its_question_and_written_byte_for_byte(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/escpos_status.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) >= 14
    for vector in vectors:
        question, reply = vector["query_hex"].split()[0], vector["reply_hex"]
        asked, said = decode(question, reply)
        (alone,) = decode(reply)

        assert Frames().encode(asked).hex() == question
        assert Frames().encode(said).hex() == reply
        assert Frames().encode(alone).hex() == reply
        assert set(said).intersection({"answer", "automatic"}), vector["name"]


@given(ANSWER | SENSOR | AUTOMATIC)
def test_an_answer_comes_back_as_it_was_and_any_change_changes_it(item: dict[str, Any]) -> None:
    data = Frames().encode(item)
    question = [QUESTIONS[item["answer"]]] if "answer" in item else []

    assert Frames().decode([*question, data])[-1] == item
    flags = item.get("automatic", item)
    for flag, value in flags.items():
        if isinstance(value, bool):
            changed = flags | {flag: not value}
            assert Frames().encode(item | {"automatic": changed} if flags is not item else changed) != data


@given(AUTOMATIC, GAPS)
def test_flow_control_inside_an_automatic_status_is_kept(item: dict[str, Any], gaps: list[str]) -> None:
    item = item | {"between_hex": gaps} if any(gaps) else item

    assert Frames().decode([Frames().encode(item)]) == [item]


def test_questions_answers_and_what_is_neither_are_told_apart() -> None:
    assert decode("10", "0404", "72", "12", "99ff", "1d61ff", "1000") == [
        {"ask": "paper"},
        {"answer": "paper", "near_end": False, "out": True},
        {"status_hex": "12"},
        {"bad_frame": "a byte that no printer sends"},
        {"tell": 255},
        {"bad_frame": "2 bytes of an automatic status that does not end"},
    ]
    assert decode("100404", "16") == [{"ask": "paper"}, {"status_hex": "16"}]


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({}, "lacks 'ask', 'tell', 'answer', 'automatic' or 'status_hex'"),
        ({"ask": "how"}, "'ask' is 'how'; accepted: printer, offline_cause, error_cause, paper, paper_sensor"),
        ({"tell": 256}, "'tell' is 256; accepted: a number of the bits 0xff"),
        ({"answer": "paper", "near_end": True}, "lacks 'out'"),
        ({"answer": "paper", "near_end": 1, "out": True}, "'near_end' is 1; accepted: true, false"),
        ({"answer": "paper", "near_end": True, "out": True, "cutter": True}, "unknown field 'cutter'"),
        ({"status_hex": "99"}, "'status_hex' is '99': no printer answers that"),
        ({"status_hex": "11"}, "'status_hex' is '11': no printer answers that"),
        ({"automatic": True}, "'automatic' is True; accepted: an object of drawer, "),
        ({"automatic": {}, "model": [1, 0]}, "'model' is 1; accepted: a number of the bits 0x60"),
        ({"automatic": {}, "model": 0}, "'model' is 0; accepted: two numbers"),
        (
            {"automatic": {}, "between_hex": ["12", "", ""]},
            "'between_hex' has '12'; accepted: at most two of 11 and 13",
        ),
        ({"automatic": {}, "between_hex": ["11"]}, "accepted: three texts"),
    ],
)
def test_what_no_printer_says_is_refused(item: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Frames().encode(item)
