"""Asking the daemon of this machine: whoever does not answer is told apart and named."""

import asyncio
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from edge.web.local import NoDaemon, Silent, figures
from edge.web.server import Pages
from tests.web.branch import serving


def ask(path: Path, timeout_s: float = 5.0) -> Any:
    return figures(path, "/api/view", timeout_s)


async def test_the_daemon_answers(pages: Pages, tmp_path: Path) -> None:
    async with serving(pages.on_socket(tmp_path / "s")):
        found = await asyncio.to_thread(ask, tmp_path / "s")

    assert found["branch"]["id"] == "0571-0042"


def test_a_socket_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon, match=r"no daemon at .*; start it, or name the socket of another with --socket"):
        ask(tmp_path / "s")


def test_a_socket_somebody_left_behind_is_told_apart(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "s"))

    with pytest.raises(NoDaemon, match=r"nobody listens at .*: the daemon has ended"):
        ask(tmp_path / "s")


def test_what_is_no_socket_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "s").touch()

    with pytest.raises(NoDaemon, match=r"/s is no socket; that of a daemon is lobbyd.sock in its \[state\] dir"):
        ask(tmp_path / "s")


def test_a_daemon_that_hangs_is_told_apart(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stuck:
        stuck.bind(str(tmp_path / "s"))
        stuck.listen()

        with pytest.raises(Silent, match=r"has not answered for 0\.05 s"):
            ask(tmp_path / "s", timeout_s=0.05)


@pytest.mark.parametrize(
    "answer", [b"", b"hello", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\nx"]
)
def test_whatever_else_is_behind_the_socket_is_no_daemon(tmp_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "s"))
        other.listen()
        thread = threading.Thread(target=answers_once, args=(other, answer))
        thread.start()
        with pytest.raises(NoDaemon):
            ask(tmp_path / "s")
        thread.join()


def answers_once(listening: socket.socket, answer: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)


def test_asking_needs_none_of_the_servers_libraries() -> None:
    import subprocess

    look = "import sys, edge.cli.status, edge.cli.tail; print('aiohttp' in sys.modules, 'pydantic' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert found.stdout == "False False\n"
