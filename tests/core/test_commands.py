"""Commands are values: frozen, equal by content, and a repeat of a prompt is told from a change of it."""

import pytest

from edge.core.commands import PromptRecord, PublishPrompt, RepeatPrompt
from edge.core.outputs import Page, ShowOnBoard
from edge.core.wording import Text


def record() -> PromptRecord:
    return PromptRecord(
        prompt="r.hall.1", rule="r", at=1, state="raised", priority="high", to=("lobby_manager",),
        about={"kind": "hall", "id": "hall"}, zone="waiting", text=Text("中", "en"),
    )  # fmt: skip


def test_a_prompt_record_has_the_fields_of_the_contract() -> None:
    assert [*PromptRecord.__struct_fields__] == [
        "prompt", "rule", "at", "state", "priority", "to", "about", "zone", "text", "because", "expect", "tickets",
        "deadline", "by", "reason", "outcome", "held_by", "plan",
    ]  # fmt: skip


def test_a_repeat_is_a_prompt_to_be_heard_but_no_change_to_be_recorded() -> None:
    assert isinstance(RepeatPrompt(record()), PublishPrompt)
    assert type(RepeatPrompt(record())) is not PublishPrompt


def test_commands_are_equal_by_content_and_cannot_be_changed() -> None:
    show = ShowOnBoard("b", Page("call", Text("一", "one"), "A1", "1"), 5)

    assert show == ShowOnBoard("b", Page("call", Text("一", "one"), "A1", "1"), 5)
    with pytest.raises(AttributeError, match="immutable"):
        show.board = "c"  # type: ignore[misc]


def test_a_text_is_filled_in_both_languages_and_names_what_is_missing() -> None:
    assert Text("{n}位", "{n} people").fill({"n": 3}) == Text("3位", "3 people")
    with pytest.raises(KeyError, match="n"):
        Text("{n}位", "x").fill({})
