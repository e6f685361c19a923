"""Logs: one line an event, for the journal or for people; repeats collapsed, long numbers masked.

Under systemd a line is `<priority>who: what key=value …` (sd-daemon(3)) and journald stamps it; elsewhere it begins
with time and level. Whatever the source, no long number in free text leaves the process (see `privacy`): it could be a
card, an account, an identity number, a telephone.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Final

import structlog

from edge.core.instant import Instant, seconds
from edge.core.privacy import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from edge.shell.clock import Clock

_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_COLOURS: Final = {"debug": 2, "info": 32, "warning": 33, "error": 31, "critical": 35}
_NEEDS_NO_QUOTES: Final = re.compile(r"[^\s\"'=\\]+")
_OURS: Final = frozenset({"config"})
"""Words we made ourselves: six digits in a row of a hash are nobody's number."""
_REPEATS_TOLD: Final = frozenset(10**power for power in range(1, 10))
"""A line that repeats is counted aloud at these, so that a silent journal is not mistaken for peace."""


def configure(*, level: str = "info", stream: IO[str] | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Sends all logs, those of libraries too (from warnings up), as lines to `stream`, by default stderr."""
    out = sys.stderr if stream is None else stream
    journal, terminal = is_journal(out, environ), out.isatty()
    threshold = logging.getLevelNamesMapping()[level.upper()]
    lines = Lines(out, journal=journal, colour=terminal)
    stamp = structlog.processors.TimeStamper("%H:%M:%S" if terminal else "%Y-%m-%dT%H:%M:%S%z", utc=False)
    structlog.configure(
        processors=[render] if journal else [stamp, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *names: Voice(lines, *names),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Borrowed()], level=max(threshold, logging.WARNING), force=True)


def is_journal(stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Whether `stream` is the journal's: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def render(_: Any, level: str, event: MutableMapping[str, Any]) -> tuple[tuple[str, str, str], dict[str, Any]]:
    """The last processor: what a Voice is called with, which is time, level and text."""
    stamp, fault = event.pop("timestamp", ""), event.pop("exc_info", None)
    words = [masked(str(event.pop("event", "")))]
    words += [f"{key}={value if key in _OURS else _value(value)}" for key, value in event.items()]
    text = " ".join(words)
    if fault:
        text = f"{text}\n{masked(_trace(fault))}"
    return (stamp, level, text), {}


class Lines:
    """Writes lines to a stream; identical ones in succession are written once and then counted."""

    def __init__(self, stream: IO[str], *, journal: bool = False, colour: bool = False) -> None:
        self._stream, self._journal, self._colour = stream, journal, colour
        self._last = ("", "")
        self._repeats = 0

    def put(self, stamp: str, level: str, text: str) -> None:
        """Writes one event, however many lines it has, each with its priority."""
        if (level, text) == self._last:
            self._repeats += 1
            if self._repeats in _REPEATS_TOLD:
                self._write(stamp, level, f"repeated {self._repeats} times: {text.partition(chr(10))[0]}")
            return
        if self._repeats and self._repeats not in _REPEATS_TOLD:
            self._write(stamp, self._last[0], f"repeated {self._repeats} times")
        self._last, self._repeats = (level, text), 0
        self._write(stamp, level, text)

    def _write(self, stamp: str, level: str, text: str) -> None:
        if self._journal:
            prefix = f"<{_PRIORITIES[level]}>"
        elif self._colour:
            prefix = f"\x1b[2m{stamp}\x1b[0m \x1b[{_COLOURS[level]}m{level:<8}\x1b[0m "
        else:
            prefix = f"{stamp} {level:<8} "
        with suppress(OSError, ValueError):  # the reader of our logs has gone: the branch goes on without them
            self._stream.write("".join(f"{prefix}{line}\n" for line in text.splitlines()))
            self._stream.flush()


class Voice:
    """The logger of one room of the program; structlog calls it by the level's name."""

    def __init__(self, lines: Lines, name: str = "") -> None:
        self._lines, self._before = lines, f"{name}: " if name else ""

    def put(self, stamp: str, level: str, text: str) -> None:
        """Passes an event on, with the name of the room before it."""
        level = "error" if level == "exception" else level
        self._lines.put(stamp, level, f"{self._before}{text}")

    debug = info = warning = error = exception = critical = put


class Bounded:
    """A log line that bad bytes may cause without end: the first at once, then one in `every_s` seconds at most."""

    def __init__(self, log: structlog.typing.FilteringBoundLogger, clock: Clock, *, every_s: float = 60.0) -> None:
        self.count = 0
        self._log, self._clock, self._every = log, clock, seconds(every_s)
        self._told, self._told_at = 0, Instant(-self._every)

    def warning(self, event: str, **values: Any) -> None:
        """Counts, and logs with the count since the last line when it is time for one."""
        self.count += 1
        now = self._clock.now()
        if not 0 <= now - self._told_at < self._every:  # nor does a clock that was set back keep it silent
            self._log.warning(event, **values, count=self.count - self._told)
            self._told, self._told_at = self.count, now


class _Borrowed(logging.Handler):
    """Takes the records of libraries that log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Passes a record on under the library's name."""
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)


def _value(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    text = masked(str(value))
    return text if _NEEDS_NO_QUOTES.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _trace(fault: Any) -> str:
    """The stack of an exception, of `sys.exc_info()` or of what is being handled."""
    if isinstance(fault, tuple):
        fault = fault[1]
    if not isinstance(fault, BaseException):
        fault = sys.exception()
    return "".join(traceback.format_exception(fault)).rstrip() if fault is not None else ""
