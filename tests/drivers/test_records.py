import re
from typing import Annotated, Any

import pytest

from drivers._records import Byte, Layout, Word, exactly, from_json, only_when, to_json


class Sample(Layout, frozen=True, kw_only=True):
    kind: Byte
    size: Word = 7
    mark: Annotated[bytes, exactly(2)] = b"\x00\x00"
    extra: Annotated[bytes, only_when(lambda sample: sample.kind == 1)] = b""


def test_numbers_stay_numbers_and_bytes_become_hexadecimal() -> None:
    assert to_json(Sample(kind=2, mark=b"\xab\xcd")) == {"kind": 2, "size": 7, "mark_hex": "abcd"}


def test_a_field_that_is_not_there_is_not_written() -> None:
    assert "extra_hex" in to_json(Sample(kind=1))
    assert "extra_hex" not in to_json(Sample(kind=2))


def test_a_record_comes_back() -> None:
    sample = Sample(kind=1, size=9, mark=b"\x01\x02", extra=b"\xff")

    assert from_json(Sample, to_json(sample)) == sample


def test_what_has_a_default_may_be_left_out() -> None:
    assert from_json(Sample, {"kind": 3}) == Sample(kind=3)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({}, "lacks 'kind'"),
        ({"kind": 256}, "'kind' is 256; accepted: 0 to 255"),
        ({"kind": -1}, "'kind' is -1; accepted: 0 to 255"),
        ({"kind": True}, "'kind' is True; accepted: 0 to 255"),
        ({"kind": "1"}, "'kind' is '1'; accepted: 0 to 255"),
        ({"kind": 1, "mark_hex": "0000ff"}, "'mark_hex' is '0000ff'; accepted: 4 hexadecimal digits"),
        ({"kind": 1, "extra_hex": "0"}, "'extra_hex' is '0'; accepted: an even number of hexadecimal digits"),
        ({"kind": 1, "extra_hex": "00 00"}, "'extra_hex' is '00 00'; accepted: an even number of hexadecimal digits"),
        ({"kind": 1, "extra_hex": 5}, "'extra_hex' is 5; accepted: an even number of hexadecimal digits"),
        ({"kind": 2, "extra_hex": "00"}, "'extra_hex' has no place here: the other fields say that it is absent"),
        ({"kind": 1, "spare": 1}, "unknown field 'spare'; accepted: kind, size, mark_hex, extra_hex"),
    ],
)
def test_a_value_that_cannot_be_is_one_sentence(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        from_json(Sample, item)
