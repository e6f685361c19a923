import io
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from edge.shell import logs
from tests.fakes import FakeClock


class Journal(io.TextIOWrapper):
    """A file that stands for the journal's socket: JOURNAL_STREAM names it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("w+b"), encoding="utf-8")

    @property
    def environ(self) -> dict[str, str]:
        status = os.fstat(self.fileno())
        return {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}

    def lines(self) -> list[str]:
        self.seek(0)
        return self.read().splitlines()


@pytest.fixture
def journal(tmp_path: Path, logs_as_before: None) -> Iterator[Journal]:
    with Journal(tmp_path / "journal") as journal:
        logs.configure(stream=journal, environ=journal.environ)
        yield journal


def test_a_line_has_priority_room_event_and_values(journal: Journal) -> None:
    structlog.get_logger("link").warning("link lost", reason="hung up", port=5005, place="/dev/queue0", zh="失联")
    structlog.get_logger().info("ready")
    structlog.get_logger("x").debug("not worth a line")

    assert journal.lines() == [
        '<4>link: link lost reason="hung up" port=5005 place=/dev/queue0 zh=失联',
        "<6>ready",
    ]


def test_the_configuration_s_hash_is_told_whole_and_a_number_that_may_be_somebody_s_is_not(journal: Journal) -> None:
    structlog.get_logger().info("configuration taken", config="0177f123456a", reason="card 0177123456")

    assert journal.lines() == ['<6>configuration taken config=0177f123456a reason="card ######"']


def test_an_event_stays_one_line_whatever_is_in_it(journal: Journal) -> None:
    structlog.get_logger().info("bad frame", data='a"b\n<0>all is lost')

    assert journal.lines() == [r'<6>bad frame data="a\"b\n<0>all is lost"']


def test_a_stack_has_the_priority_on_each_of_its_lines(journal: Journal) -> None:
    try:
        int("card 6222021234567890123")
    except ValueError:
        structlog.get_logger("supervisor").exception("service failed")
    structlog.get_logger("supervisor").error("service failed", exc_info=KeyError("other"))

    lines = journal.lines()
    assert all(line.startswith("<3>") for line in lines)
    assert lines[0] == "<3>supervisor: service failed"
    assert "<3>ValueError: invalid literal for int() with base 10: 'card ######'" in lines
    assert lines[-1] == "<3>KeyError: 'other'"


def test_what_repeats_is_written_once_and_counted(journal: Journal) -> None:
    log = structlog.get_logger("hq")
    for _ in range(12):
        log.warning("broker refused", reason="no route")
    log.warning("broker refused", reason="bad password")
    log.info("connected")

    assert journal.lines() == [
        '<4>hq: broker refused reason="no route"',
        '<4>repeated 10 times: hq: broker refused reason="no route"',
        "<4>repeated 11 times",
        '<4>hq: broker refused reason="bad password"',
        "<6>hq: connected",
    ]


def test_libraries_speak_the_same_way_from_warnings_up(journal: Journal) -> None:
    logging.getLogger("aiohttp.access").info("GET /")
    logging.getLogger("asyncio").warning("took %.3f seconds", 0.5)

    assert journal.lines() == ["<4>asyncio: took 0.500 seconds"]


def test_elsewhere_a_line_begins_with_time_and_level(logs_as_before: None) -> None:
    out = io.StringIO()
    logs.configure(stream=out, environ={})

    structlog.get_logger("lobbyd").info("ready")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} info     lobbyd: ready\n", out.getvalue())


def test_only_the_stream_that_systemd_means_is_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "one") as one, Journal(tmp_path / "two") as two:
        assert logs.is_journal(one, one.environ)
        assert not logs.is_journal(two, one.environ)
        assert not logs.is_journal(io.StringIO(), one.environ)


def test_a_reader_that_has_gone_does_no_harm(logs_as_before: None) -> None:
    out = io.StringIO()
    logs.configure(stream=out, environ={})
    log = structlog.get_logger()
    log.info("heard")
    out.close()

    log.info("unheard")


def test_what_may_come_without_end_is_logged_at_once_and_then_once_a_minute() -> None:
    clock = FakeClock()

    with capture_logs() as lines:
        bad = logs.Bounded(structlog.get_logger(), clock)
        for _ in range(130):
            bad.warning("bad frame", reason="checksum")
            clock.advance(1)

    assert [(line["event"], line["count"]) for line in lines] == [
        ("bad frame", 1),
        ("bad frame", 60),
        ("bad frame", 60),
    ]
    assert bad.count == 130
