"""The codec by hand against the examples and rules of the standard (OASIS MQTT 3.1.1), and against itself."""

from hypothesis import given
from hypothesis import strategies as st

from edge.bench.mqtt import PUBACK, PUBLISH, connect, packet, packets, publish, published, subscribe


def test_connect_names_protocol_level_and_client() -> None:
    assert connect("ab") == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab"


def test_subscribe_asks_for_qos_1() -> None:
    assert subscribe(10, ["a/b", "c/d"]) == b"\x82\x0e\x00\x0a\x00\x03a/b\x01\x00\x03c/d\x01"


def test_publish_carries_its_number_between_topic_and_payload() -> None:
    assert publish("a/b", b"hi", 10) == b"\x32\x09\x00\x03a/b\x00\x0ahi"


def test_lengths_are_in_groups_of_seven_bits() -> None:
    """Table 2.4 of the standard: the last length of one byte, the first of two, of three."""
    assert packet(PUBLISH, 0, bytes(127))[:2] == b"\x30\x7f"
    assert packet(PUBLISH, 0, bytes(128))[:3] == b"\x30\x80\x01"
    assert packet(PUBLISH, 0, bytes(16384))[:4] == b"\x30\x80\x80\x01"


def test_a_message_without_a_number_is_qos_0() -> None:
    assert published(0, b"\x00\x03a/bhi") == ("a/b", None, b"hi")


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(0, 400))
def test_packets_are_whole_or_wait(bodies: list[bytes], cut: int) -> None:
    stream = b"".join(packet(PUBACK, 0, body) for body in bodies)
    whole = [stream[start:end] for _, _, start, end in packets(stream)]
    assert whole == bodies
    head = [stream[start:end] for _, _, start, end in packets(stream[:cut])]
    assert head == bodies[: len(head)]
    assert sum(len(packet(PUBACK, 0, body)) for body in bodies[: len(head) + 1]) > cut or len(head) == len(bodies)


@given(st.text(max_size=40).filter(lambda text: "\ud800" not in text), st.binary(max_size=200), st.integers(1, 0xFFFF))
def test_what_is_published_is_read_again(topic: str, payload: bytes, number: int) -> None:
    ((kind, flags, start, end),) = packets(data := publish(topic, payload, number))
    assert kind == PUBLISH
    assert published(flags, data[start:end]) == (topic, number.to_bytes(2), payload)
