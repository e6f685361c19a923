import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.topics import BadTopic, BranchTopics, UpwardTopics, is_name, least, level, matches

BRANCH = BranchTopics("0571-0042")
UPWARD = UpwardTopics("example-bank", "0571-0042")


def test_the_topics_of_the_branch_are_those_of_the_contract() -> None:
    assert BRANCH.prompt("secondary-triage.hall.3") == "lobby/0571-0042/prompt/secondary-triage.hall.3"
    assert BRANCH.levels == ("lobby/0571-0042/prompt/+", "lobby/0571-0042/board/+", "lobby/0571-0042/wait/+")
    assert BRANCH.board("led-1") == "lobby/0571-0042/board/led-1"
    assert BRANCH.wait("cash") == "lobby/0571-0042/wait/cash"
    assert BRANCH.actions == "lobby/0571-0042/staff/+/action"


def test_the_topics_of_headquarters_are_those_of_the_contract() -> None:
    assert UPWARD.status == "bank/v1/example-bank/0571-0042/status"
    assert UPWARD.health == "bank/v1/example-bank/0571-0042/health"
    assert UPWARD.wait("cash") == "bank/v1/example-bank/0571-0042/wait/cash"
    assert UPWARD.device("atm-1") == "bank/v1/example-bank/0571-0042/device/atm-1/state"
    assert UPWARD.event("ticket.issued") == "bank/v1/example-bank/0571-0042/event/ticket.issued"
    assert UPWARD.report("2026-11-20") == "bank/v1/example-bank/0571-0042/report/2026-11-20"
    assert UPWARD.commands == "bank/v1/example-bank/0571-0042/cmd/+"
    assert UPWARD.answer("ping") == "bank/v1/example-bank/0571-0042/rsp/ping"
    assert UPWARD.ack == "bank/v1/example-bank/0571-0042/ack"


@pytest.mark.parametrize("word", ["", "a/b", "a+b", "网点", "a b", "#"])
def test_a_branch_whose_id_is_no_topic_level_is_refused(word: str) -> None:
    with pytest.raises(BadTopic, match=r"^branch .* cannot stand in a topic; accepted: letters"):
        BranchTopics(word)
    with pytest.raises(BadTopic, match=r"^org"):
        UpwardTopics(word, "b1")


@pytest.mark.parametrize(
    ("topic", "staff"),
    [
        ("lobby/0571-0042/staff/lm-1/action", "lm-1"),
        ("lobby/0571-0042/staff//action", None),
        ("lobby/0571-0042/staff/a/b/action", None),
        ("lobby/0571-0042/staff/action", None),
        ("lobby/other/staff/lm-1/action", None),
        ("lobby/0571-0042/staff/lm-1/actions", None),
    ],
)
def test_whose_action_it_is_stands_in_the_topic(topic: str, staff: str | None) -> None:
    assert BRANCH.staff_of(topic) == staff


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("bank/v1/example-bank/0571-0042/cmd/ping", "ping"),
        ("bank/v1/example-bank/0571-0042/cmd/", None),
        ("bank/v1/example-bank/0571-0042/cmd/a/b", None),
        ("bank/v1/example-bank/0571-0042/rsp/ping", None),
        ("ping", None),
    ],
)
def test_what_is_asked_stands_in_the_topic(topic: str, name: str | None) -> None:
    assert UPWARD.command_of(topic) == name


def test_a_name_from_outside_is_one_ascii_level() -> None:
    assert level("现金") == "~E7~8E~B0~E9~87~91"
    assert level("a/b#+~") == "a~2Fb~23~2B~7E"
    assert level("") == "~"
    assert BRANCH.prompt("rule.~E7~8E~B0.1") == "lobby/0571-0042/prompt/rule.~E7~8E~B0.1"  # is a level already
    assert BRANCH.prompt("rule.a/b.1") == "lobby/0571-0042/prompt/rule.a~2Fb.1"


@given(st.text(), st.text())
def test_two_names_never_share_a_level(one: str, other: str) -> None:
    assert (level(one) == level(other)) == (one == other)
    assert is_name(level(one))
    assert "/" not in level(one)
    assert level(one).isascii()


@pytest.mark.parametrize(
    ("pattern", "topic", "meets"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("+/+", "/a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "b/a", False),
        ("#", "a/b", True),
        ("+/b/#", "a/b", True),
        ("#", "$SYS/load", False),
        ("+/load", "$SYS/load", False),
        ("$SYS/#", "$SYS/load", True),
    ],
)
def test_filters_are_met_as_the_standard_says(pattern: str, topic: str, meets: bool) -> None:
    assert matches(pattern, topic) is meets


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a"], ["a"]),
        (["a/+", "a/b", "a/#"], ["a/#"]),
        (["a/b", "a/+"], ["a/+"]),
        (["a/+", "a/+/c"], ["a/+", "a/+/c"]),
        (["+/b", "a/+"], ["+/b", "a/+"]),
        (["a/#", "a"], ["a/#"]),
        (["+/#", "#"], ["#"]),
        (["+", "#"], ["#"]),
        (["a/+", "a/#", "+/+"], ["a/#", "+/+"]),
    ],
)
def test_no_filter_is_asked_for_that_another_covers(filters: list[str], kept: list[str]) -> None:
    assert least(filters) == tuple(kept)


@pytest.mark.parametrize(("topic", "can"), [("a/b", True), ("", False), ("a/+", False), ("#", False), ("a\0", False)])
def test_what_can_be_published_to(topic: str, can: bool) -> None:
    assert is_name(topic) is can
