"""PUBLISH and PUBACK byte by byte (MQTT 5, sections 3.3 and 3.4), and a stream cut into packets wherever it is cut."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.shell.links import packets
from edge.shell.links.packets import Malformed

TEN = b"\x00\x0a"


@pytest.mark.parametrize(
    ("packet", "made"),
    [
        # section 3.3, by hand: first byte, length, topic a/b, number 10, no properties, payload
        (b"\x32\x0a\x00\x03a/b\x00\x0a\x00on", packets.publish(b"a/b", b"on", 10, retain=False, properties=b"\0")),
        (b"\x33\x0a\x00\x03a/b\x00\x0aon!", packets.publish(b"a/b", b"on!", 10, retain=True, properties=b"")),
        (b"\x31\x06\x00\x03a/b\x00", packets.publish(b"a/b", b"", 0, retain=True, properties=b"\0")),
        (b"\x40\x02\x00\x0a", packets.puback(10)),
    ],
)
def test_what_is_made_is_what_the_standard_says(packet: bytes, made: bytes) -> None:
    assert made == packet


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (16383, b"\xff\x7f"),
        (16384, b"\x80\x80\x01"),
        (2097152, b"\x80\x80\x80\x01"),
    ],
)
def test_lengths_are_those_of_the_standards_table(size: int, length: bytes) -> None:
    packet = packets.publish(b"t", bytes(size - 3), 0, retain=False, properties=b"")

    assert packet[1 : 1 + len(length)] == length
    assert packets.frame(packet, 0) == (0x30, 1 + len(length), len(packet))
    assert packets.frame(packet[:-1], 0) is None


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
            st.binary(max_size=300),
            st.integers(0, 65535),
            st.booleans(),
        )
    ),
    st.lists(st.integers(0, 400)),
)
def test_a_stream_comes_apart_as_it_was_put_together(said: list[tuple[str, bytes, int, bool]], cuts: list[int]) -> None:
    stream = b"".join(packets.publish(t.encode(), p, mid, retain=kept, properties=b"") for t, p, mid, kept in said)
    heard, rest = [], b""
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    for begin, end in pairwise(places):
        rest, at = rest + stream[begin:end], 0
        while (found := packets.frame(rest, at)) is not None:
            first, start, at = found
            message = packets.published(first, rest[start:at])
            heard.append((message.topic, message.rest, message.mid, message.retain))
        rest = rest[at:]

    assert heard == said
    assert rest == b""


@pytest.mark.parametrize(
    ("first", "body"),
    [
        (0x32, b""),
        (0x32, b"\x00\x01"),
        (0x32, b"\x00\x01t"),
        (0x32, b"\x00\x01t\x00"),
        (0x32, b"\x00\x01t\x00\x00"),
        (0x30, b"\x00\x05t"),
        (0x30, b"\x00\x01\xff"),
        (0x34, b"\x00\x01t\x00\x0a"),
    ],
    ids=["empty", "no topic", "no number", "half a number", "number 0", "short topic", "no text", "QoS 2"],
)
def test_what_is_no_message_is_malformed(first: int, body: bytes) -> None:
    with pytest.raises(Malformed):
        packets.published(first, body)


def test_a_receipt_carries_its_reason_where_it_has_one() -> None:
    assert packets.pubacked(TEN) == (10, 0)
    assert packets.pubacked(TEN + b"\x87\x00") == (10, 0x87)
    with pytest.raises(Malformed):
        packets.pubacked(b"\x00")


def test_a_length_that_never_ends_is_malformed_and_one_that_may_go_on_is_waited_for() -> None:
    assert packets.frame(b"\x30\xff\xff\xff", 0) is None
    with pytest.raises(Malformed):
        packets.frame(b"\x30\xff\xff\xff\xff", 0)


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_malformed(data: bytes) -> None:
    with suppress(Malformed):
        found = packets.frame(data, 0)
        if found is not None:
            first, begin, end = found
            assert 0 <= begin <= end <= len(data)
            packets.published(first, data[begin:end])
