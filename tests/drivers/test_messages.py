import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._messages import MISSING, dig, fill, matches, read_object, topic_filter

MOST = 1000


def test_an_object_is_read() -> None:
    assert read_object('{"no": "A001", "班": 3}'.encode(), MOST) == {"no": "A001", "班": 3}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not JSON: EOF while parsing a value at line 1 column 0"),
        (b'{"no": "A0', "not JSON: EOF while parsing a string at line 1 column 10"),
        (b'{"no": NaN}', "not JSON: expected value at line 1 column 8"),
        (b'{"no": "\xff"}', "not JSON: invalid unicode code point at line 1 column 9"),
        (b"[" * 300 + b"]" * 300, "not JSON: recursion limit exceeded at line 1 column 202"),
        (b"[1]", "not a JSON object but a list"),
        (b"3", "not a JSON object but a number"),
        (b"null", "not a JSON object but null"),
        (b"x" * 1001, "a payload of 1001 bytes; accepted: at most 1000"),
    ],
)
def test_a_payload_that_is_no_object_says_why_and_quotes_nothing(payload: bytes, reason: str) -> None:
    assert read_object(payload, MOST) == reason


@given(st.binary(max_size=100) | st.text(alphabet='{}[]":,\\u01eEtrufalsn -', max_size=60).map(str.encode))
def test_any_payload_is_an_object_or_a_reason(payload: bytes) -> None:
    assert isinstance(read_object(payload, MOST), dict | str)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("no", "A001"),
        ("counter.id", 3),
        ("lanes.1.name", "b"),
        ("lanes.2", MISSING),
        ("lanes.-1", MISSING),
        ("no.id", MISSING),
        ("counter.name", MISSING),
        ("", MISSING),
    ],
)
def test_a_path_leads_to_what_stands_there(path: str, found: object) -> None:
    item = {"no": "A001", "counter": {"id": 3}, "lanes": [{"name": "a"}, {"name": "b"}]}

    assert dig(item, path) == found


def test_what_is_filled_in_is_found_there() -> None:
    item: dict[str, object] = {}
    fill(item, "counter.id", 3)
    fill(item, "counter.name", "x")

    assert item == {"counter": {"id": 3, "name": "x"}}


@pytest.mark.parametrize(
    ("pattern", "topic", "passes"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("+/+", "/b", True),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "b", False),
        ("#", "a/b", True),
        ("#", "$SYS/load", False),
        ("+/load", "$SYS/load", False),
        ("$SYS/#", "$SYS/load", True),
    ],
)
def test_a_filter_passes_the_topics_mqtt_says(pattern: str, topic: str, passes: bool) -> None:
    assert matches(pattern, topic) is passes


@pytest.mark.parametrize("text", ["", "a/#/b", "a+/b", "a/b#", "a\0b"])
def test_what_is_no_topic_filter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no topic filter"):
        topic_filter(text)
