"""Chinese text as bytes and back, for the frames that `lobbyd codec` shows."""

from __future__ import annotations

from drivers._framing import shown


def from_gbk(data: bytes) -> str | None:
    """The text (GB2312 is a part of GBK); None where the bytes are none, or would not come back the same."""
    try:
        text = data.decode("gbk")
    except UnicodeDecodeError:
        return None
    return text if text.encode("gbk") == data else None


def to_gbk(text: object) -> bytes:
    """The bytes of a text; ValueError is one sentence that says what is wrong with it."""
    if not isinstance(text, str):
        raise ValueError(f"'text' is {shown(text)}; accepted: text")  # noqa: TRY004 (one kind of error for every wrong value)
    try:
        return text.encode("gbk")
    except UnicodeEncodeError as fault:
        raise ValueError(f"'text' has {text[fault.start]!r}, which GBK has not") from None
