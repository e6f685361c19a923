"""`lobbyd explain` over a real socket: one line for a ticket that waits, one sentence and exit 2 for anything else."""

import asyncio
import json
from pathlib import Path

import pytest

from edge import cli
from edge.core.explain import Explanation
from edge.core.shown import Shown
from edge.core.wording import Text
from tests.web.branch import UNTIL, FakeDaemon, pages_of, serving

LINE = Text("A003号 个人现金：预计5至25分钟；前面2人", "A003 Personal cash: 5 to 25 min; 2 ahead")
WAITS = Explanation("A003", "waiting", LINE, "cash", 2, 3, 240.0, 40, "good", Shown(5, 25, until=UNTIL))


async def explain(folder: Path, *arguments: str, daemon: FakeDaemon | None = None) -> int:
    """The command, beside the loop that serves it."""
    daemon = daemon or FakeDaemon()
    daemon.explained = {
        "A003": WAITS,
        "B/1 号?": Explanation("B/1 号?", "waiting", Text("斜杠", "slash")),
        "A001": Explanation("A001", "called", Text("A001号已叫", "A001 was called already")),
    }
    async with serving(pages_of(daemon).on_socket(folder / "s")) as path:
        return await asyncio.to_thread(cli.main, ["explain", *arguments, "--socket", path])


async def test_the_line_is_in_the_branch_s_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await explain(tmp_path, "A003") == 0
    assert capsys.readouterr() == (f"{LINE.zh}\n", "")


async def test_another_language_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await explain(tmp_path, "A003", "--language", "en") == 0
    assert capsys.readouterr() == (f"{LINE.en}\n", "")


async def test_programs_get_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await explain(tmp_path, "A003", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["ahead"], found["windows"], found["service_s"], found["sample"]) == (2, 3, 240.0, 40)
    assert (found["confidence"], found["shown"]["low_min"], found["shown"]["high_min"]) == ("good", 5, 25)
    assert found["text"] == {"zh": LINE.zh, "en": LINE.en}


async def test_any_number_can_be_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await explain(tmp_path, "B/1 号?") == 0
    assert capsys.readouterr().out == "斜杠\n"


@pytest.mark.parametrize(
    ("ticket", "sentence"),
    [
        ("A001", "A001号已叫"),
        ("Z999", "今天没有Z999号"),
        ("", "a ticket has 1 to 64 characters; give it as it is printed, such as A012"),
        ("A" * 65, "a ticket has 1 to 64 characters; give it as it is printed, such as A012"),
    ],
)
async def test_a_ticket_that_does_not_wait_is_one_sentence_and_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ticket: str, sentence: str
) -> None:
    assert await explain(tmp_path, ticket) == 2
    assert capsys.readouterr() == ("", f"lobbyd explain: {sentence}\n")


def test_without_a_daemon_it_says_where_it_looked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.sock"

    assert cli.main(["explain", "A003", "--socket", str(path)]) == 2
    assert capsys.readouterr() == (
        "",
        f"lobbyd explain: no daemon at {path}; start it, or name the socket of another with --socket\n",
    )
