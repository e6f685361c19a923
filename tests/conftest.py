"""What every test may ask for, and what happens to a test whose needs the machine does not meet.

A test that needs mosquitto (`broker`), Chromium (`browser`), espeak-ng and aplay (`voice`) or the shared data (`data`)
is left out where they are missing, and the last line of the run says so. In CI, and wherever LOBBYD_REQUIRE_ALL is set,
a missing program is a failure instead.
"""

import logging
import os
import shutil
import signal
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
import structlog

from edge.shell import supervisor
from tests.processes import CHROMIUM, Mosquitto, mosquitto_path

_CHECKOUT = Path(__file__).resolve().parent.parent
_SHARED = Path(os.environ.get("LOBBYD_SHARED", _CHECKOUT.parent / "shared"))
_REQUIRE_ALL = bool(os.environ.get("CI") or os.environ.get("LOBBYD_REQUIRE_ALL"))
_NO_DATA = "the shared data is not beside the checkout (LOBBYD_SHARED names its place)"
_SHORT_ENOUGH = 32
"""Characters of the temporary directory's path: that of a Unix socket somewhere below it may have 107."""
_SKIPPED = "Skipped: "
"""What pytest puts before a reason."""

# A busy machine is no fault of the code. The examples are the same on every machine, so that what passes here passes
# there; `make test ARGS=--hypothesis-profile=exploring` looks for new ones.
hypothesis.settings.register_profile("exploring", deadline=None)
hypothesis.settings.register_profile("lobbyd", deadline=None, derandomize=True)
hypothesis.settings.load_profile("lobbyd")


def _missing(marker: str) -> str | None:
    """Why tests with this marker cannot run here; None when they can."""
    if marker == "broker" and mosquitto_path() is None:
        return "mosquitto is not installed"
    if marker == "browser" and not CHROMIUM.exists():
        return f"there is no {CHROMIUM}"
    if marker == "voice" and (absent := [name for name in ("espeak-ng", "aplay") if shutil.which(name) is None]):
        return f"{' and '.join(absent)} not installed"
    if marker == "data" and not (_SHARED / "data").is_dir():
        return _NO_DATA
    return None


def pytest_configure(config: pytest.Config) -> None:
    # Started in the background of a script, we and every program we start would be deaf to Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if len(tempfile.gettempdir()) > _SHORT_ENOUGH:
        os.environ["TMPDIR"], tempfile.tempdir = "/tmp", None  # noqa: S108 (every program we start finds it too)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in ("broker", "browser", "voice", "data"):
        if item.get_closest_marker(marker) and (reason := _missing(marker)):
            if _REQUIRE_ALL and marker != "data":
                pytest.fail(f"{reason}, and no test may be left out here", pytrace=False)
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    reasons = Counter(one.longrepr[2].removeprefix(_SKIPPED) for one in skipped if isinstance(one.longrepr, tuple))
    if reasons:
        left_out = "; ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items()))
        terminalreporter.write_line(f"Left out: {left_out}", yellow=True)


@pytest.fixture(scope="session")
def shared_root() -> Path:
    """The same directory for fixtures of a wider scope; their tests carry the `data` marker."""
    return _SHARED


@pytest.fixture
def shared() -> Path:
    """The directory of shared data, vectors and referees; the test is left out where there is none."""
    if not _SHARED.is_dir():
        pytest.skip(_NO_DATA)
    return _SHARED


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder by a path so short that a daemon some levels below it has room for its socket's."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def tests_outlive_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon in this process that is slow to end, on a busy machine, does not end the tests with it by force."""
    monkeypatch.setattr(supervisor, "end_at_last", lambda: None)


@pytest.fixture
def unknown_name(monkeypatch: pytest.MonkeyPatch) -> str:
    """A host name nobody knows; no name server is asked, which may take its time, or know better."""
    name, ask = "no-such-host.invalid", socket.getaddrinfo

    def answer(host: Any, *more: Any, **options: Any) -> Any:
        if host == name:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ask(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return name


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """For a test that sets up logging as a program does: others find it as it was."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real broker, running; the test that wants it carries the `broker` marker."""
    broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.stop()
