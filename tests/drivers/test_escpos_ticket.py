from datetime import UTC, timedelta, timezone

import pytest
from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from drivers._escpos_ticket import COLUMNS, Cut, Paper, ticket
from edge.core.instant import SECOND, parse
from edge.core.outputs import PrintTicket
from edge.core.shown import UNSAID, Shown
from edge.core.wording import Text
from edge.sim.devices.printer_escpos import Printer, Slip

CHINA = timezone(timedelta(hours=8))
DRAWN = PrintTicket(
    device="printer-1",
    ticket="A012",
    service=Text("个人现金", "Personal cash"),
    branch=Text("示范支行", "Demo branch"),
    ahead=6,
    wait=Shown(10, 20),
    at=parse("2026-01-05T01:31:07+00:00"),
    lasts=60 * SECOND,
    qr="https://example.cn/t/A012",
)
NARROW = Paper(width_mm=58)


def printed(command: PrintTicket, paper: Paper = NARROW) -> Slip:
    """What a printer makes of it."""
    printer = Printer()
    answers = [*printer.receive(ticket(command, paper, CHINA).data)]
    (slip,) = printer.slips
    assert (answers, printer.unknown) == ([], [])
    return slip


def by_python_escpos() -> bytes:
    """The same ticket, made by python-escpos, which leaves Chinese text to its callers."""
    other = Dummy()
    other.hw("INIT")
    other._raw(b"\x1c&")
    other.set(align="center")
    for line in ("示范支行", ""):
        other._raw(line.encode("gbk") + b"\n")
    other.set(custom_size=True, width=6, height=6)
    other._raw(b"A012\n")
    other.set(custom_size=True, width=2, height=2)
    other._raw("个人现金\n".encode("gbk"))
    other.set(custom_size=True, width=1, height=1)
    for line in ("前面有6人等候", "预计等候约10至20分钟"):
        other._raw(line.encode("gbk") + b"\n")
    other.qr("https://example.cn/t/A012", native=True, ec=QR_ECLEVEL_M, size=6)
    other._raw(b"2026-01-05 09:31\n")
    other.cut(feed=False)
    return bytes(other.output)


def test_python_escpos_writes_the_same_bytes() -> None:
    assert ticket(DRAWN, NARROW, CHINA).data == by_python_escpos()


def test_a_ticket_says_what_its_holder_wants_to_know_and_the_number_is_large() -> None:
    slip = printed(DRAWN)

    assert slip.lines == (
        "示范支行", "", "A012", "个人现金", "前面有6人等候", "预计等候约10至20分钟", "2026-01-05 09:31"
    )  # fmt: skip
    assert slip.sizes == (1, 1, 6, 2, 1, 1, 1)
    assert slip.codes == ("https://example.cn/t/A012",)


def test_what_is_not_known_is_not_printed() -> None:
    slip = printed(replace(DRAWN, ahead=None, wait=UNSAID, qr=None))

    assert slip.lines[3:] == ("个人现金", "2026-01-05 09:31")
    assert slip.codes == ()
    assert "0人" in printed(replace(DRAWN, ahead=0, wait=UNSAID)).text


def test_languages_and_a_last_line() -> None:
    english = printed(DRAWN, Paper(lang="en", notice="Missed it? Ask us"))
    both = printed(DRAWN, Paper(lang="both"))

    assert english.lines[:1] + english.lines[3:6] == (
        "Demo branch", "Personal cash", "6 waiting before you", "Wait about 10 to 20 min"
    )  # fmt: skip
    assert english.lines[-1] == "Missed it? Ask us"
    assert both.lines[:2] == ("示范支行", "Demo branch")
    assert both.lines[5:9] == ("Personal cash", "前面有6人等候", "6 waiting before you", "预计等候约10至20分钟")
    same = replace(DRAWN, service=Text("cash", "cash"))
    assert printed(same, Paper(lang="both")).text.count("cash") == 1


@pytest.mark.parametrize(
    ("cut", "command"), [("partial", b"\x1dV\x42\x00"), ("full", b"\x1dV\x41\x00"), ("none", b"\x1bd\x05")]
)
def test_the_cut_is_the_configured_one(cut: Cut, command: bytes) -> None:
    assert ticket(DRAWN, Paper(cut=cut), UTC).data.endswith(command)


@pytest.mark.parametrize(
    ("number", "width", "size"), [("A012", 58, 6), ("A012", 80, 6), ("PRIVATE-0012", 58, 2), ("PRIVATE-0012", 80, 4)]
)
def test_the_number_is_as_large_as_the_paper_allows(number: str, width: int, size: int) -> None:
    slip = printed(replace(DRAWN, ticket=number), Paper(width_mm=width))

    assert slip.sizes[2] == size
    assert size * len(number) <= COLUMNS[width]


def test_a_character_that_gbk_has_not_stands_as_a_question_mark_and_is_told_of() -> None:
    made = ticket(replace(DRAWN, branch=Text("示范🏦支行", "")), NARROW, CHINA)

    assert made.flaw == "1 character has no sign in the printer and stand as ?"
    assert printed(replace(DRAWN, branch=Text("示范🏦支行", ""))).lines[0] == "示范?支行"
    assert ticket(DRAWN, NARROW, CHINA).flaw == ""


@pytest.mark.parametrize("text", ["例", "x" * 1001, "a\nb"])
def test_a_qr_code_that_no_printer_could_draw_is_left_out_and_told_of(text: str) -> None:
    made = ticket(replace(DRAWN, qr=text), NARROW, CHINA)

    assert made.flaw == "the QR code is left out: its text is too long, or has other than ASCII letters"
    assert printed(replace(DRAWN, qr=text)).codes == ()


@given(st.text(max_size=60), st.text(max_size=300), st.sampled_from([58, 80]))
def test_no_text_is_a_command(words: str, code: str, width: int) -> None:
    """10 04 and 10 05 would be obeyed at once, also in the middle of a text; the rest of 1b, 1c, 1d a little later."""
    command = replace(DRAWN, ticket=words, service=Text(words, words), branch=Text(words, words), qr=code)
    data = ticket(command, Paper(width_mm=width, lang="both", notice=words), CHINA).data

    assert not any(real_time in data for real_time in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert "2026-01-05 09:31" in printed(command, Paper(width_mm=width, lang="both", notice=words)).lines
