"""A socket that reads once a wake-up and writes once a turn, for a protocol library that takes a byte at a time."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge.shell.links.dial import Stream

READ: Final = 65536
"""Bytes taken from the kernel at once: some hundred packets, and what a flood may take of one turn of the loop."""

_LATER: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """Reads come from what `fill` has fetched, writes gather until `flush`; both raise OSError as the socket does."""

    def __init__(self, sock: Stream) -> None:
        self._sock = sock
        self._in, self._at, self._end = b"", 0, 0
        self._out = bytearray()

    # ---- for the loop ----

    @property
    def unread(self) -> bool:
        """Whether there is anything to be taken without asking the kernel."""
        return self._at < self._end

    @property
    def unfetched(self) -> bool:
        """Whether TLS holds decrypted bytes back, of which the kernel will not tell."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def fill(self) -> bool:
        """Fetches what has arrived; call it when nothing is unread. False when the other end has hung up."""
        try:
            self._in = self._sock.recv(READ)
        except _LATER:
            return True
        self._at, self._end = 0, len(self._in)
        return self._end > 0

    def flush(self) -> bool:
        """Sends what has gathered; False when the kernel takes no more for now."""
        try:
            while self._out:
                del self._out[: self._sock.send(self._out)]
        except _LATER:
            return False
        return True

    # ---- for the library ----

    def recv(self, size: int) -> bytes:
        """At most `size` bytes of those unread; BlockingIOError when there are none."""
        at = self._at
        if at >= self._end:
            raise BlockingIOError
        self._at = at + size
        return self._in[at : self._at]

    def send(self, data: bytes | bytearray) -> int:
        """Takes all of it."""
        self._out += data
        return len(data)

    def fileno(self) -> int:
        """The file descriptor, -1 once closed."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 (the socket's own signature)
        """Of no effect: the loop needs it as it is."""

    def close(self) -> None:
        """Closes the socket; what has not been flushed is lost."""
        self._sock.close()
