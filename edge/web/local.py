"""Asks the daemon of this machine over its Unix socket, with the standard library alone, for other commands."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKET: Final = Path("/var/lib/lobbyd/lobbyd.sock")
"""Where the daemon of an installed branch listens."""


class NoDaemon(Exception):
    """Nobody answers at the socket; the message is one sentence for people, with what to do."""


class Silent(NoDaemon):
    """Somebody is there and does not answer."""


class Untold(NoDaemon):
    """Whether somebody is there this user may not ask."""


def figures(path: Path, target: str, timeout_s: float = 5.0) -> Any:
    """What `target` answers, as JSON; NoDaemon or Silent says why there is none."""
    try:
        with asked(path, target, timeout_s) as answer:
            found = json.load(answer)
    except TimeoutError:
        raise Silent(f"the daemon at {path} stopped in the middle of its answer; see its log") from None
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise NoDaemon(f"the daemon at {path} gave no answer: {fault}") from None
    return found


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@contextmanager
def asked(path: Path, target: str, timeout_s: float = 5.0) -> Iterator[http.client.HTTPResponse]:
    """The answer to a GET of `target`, open for reading; NoDaemon or Silent says why there is none."""
    with closing(_Connection(path, timeout_s)) as connection:
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
        except TimeoutError:
            raise Silent(f"the daemon at {path} has not answered for {timeout_s:g} s; see its log") from None
        except PermissionError:
            raise Untold(f"this user may not open {path}; ask as the daemon's own user or as root") from None
        except (OSError, http.client.HTTPException) as fault:
            raise NoDaemon(_why(path, fault)) from None
        with answer:
            if answer.status != http.HTTPStatus.OK:
                raise NoDaemon(f"the daemon at {path} gave no answer: {answer.read(500).decode(errors='replace')}")
            yield answer


def _why(path: Path, fault: Exception) -> str:
    if isinstance(fault, FileNotFoundError):
        return f"no daemon at {path}; start it, or name the socket of another with --socket"
    if path.exists() and not path.is_socket():
        return f"{path} is no socket; that of a daemon is lobbyd.sock in its [state] dir"
    if isinstance(fault, ConnectionRefusedError):
        return f"nobody listens at {path}: the daemon has ended; start it again"
    return f"no daemon at {path}: {fault}"
