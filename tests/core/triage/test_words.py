"""The words of prompts: a closed list of placeholders, a length, and what no prompt says."""

from edge.core.hall import Hall, Window
from edge.core.instant import seconds
from edge.core.policy import Policy
from edge.core.triage.moment import Moment
from edge.core.triage.placeholders import PLACEHOLDERS
from edge.core.triage.words import faults, filled, length_of, placeholders
from edge.core.wording import Text


def test_a_placeholder_counts_as_four_characters() -> None:
    assert length_of("最久已等{longest_wait_min}分") == 9
    assert length_of("字" * 40) == 40


def test_placeholders_are_found_in_order() -> None:
    assert placeholders("{waiting}人等候，停{paused_windows}窗") == ["waiting", "paused_windows"]


def test_texts_are_filled_from_the_hall_as_it_stands() -> None:
    hall = Hall(waiting={"A1": 0, "A2": 5}, windows={"1": Window(id="1", state="paused"), "2": Window(id="2")})
    text = Text("{waiting}人{paused_windows}窗{longest_wait_min}分", "{waiting} {paused_windows} {longest_wait_min}")

    assert filled(text, Moment(hall, Policy(), seconds(719.9)), "hall") == Text("2人1窗11分", "2 1 11")


def test_a_device_is_named_by_its_id() -> None:
    assert filled(Text("{device}号机", "{device}"), Moment(Hall(), Policy(), 0), "atm-1").zh == "atm-1号机"


def test_without_a_forecast_minutes_are_a_question_mark() -> None:
    assert PLACEHOLDERS["wait_now_min"].value(Moment(Hall(), Policy(), 0), "hall") == "?"


def test_a_device_is_no_placeholder_of_the_hall() -> None:
    assert list(faults(Text("{device}", "ok"), "device")) == []
    assert list(faults(Text("{device}", "ok"), "hall")) != []


def test_what_no_prompt_may_say_is_found_whatever_its_case() -> None:
    assert list(faults(Text("好", "That is the Bank's rule."), "hall")) == [
        "en: says 'bank's rule', which no prompt may say"
    ]
