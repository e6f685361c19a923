"""A socket that reads once a wake-up and writes once a turn, cut into packets.

What the client does not take apart itself the protocol library reads from here, a byte at a time as it likes to.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from edge.shell.links import packets

if TYPE_CHECKING:
    from edge.shell.links.dial import Stream

READ: Final = 65536
"""Bytes taken from the kernel at once: some hundred packets, and what a flood may take of one turn of the loop."""

_LATER: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """Reads come from what `fill` has fetched, writes gather until `flush`; both raise OSError as the socket does."""

    def __init__(self, sock: Stream) -> None:
        self._sock = sock
        self._in, self._at = b"", 0
        self._begin = self._end = 0
        self._out = bytearray()

    # ---- for the loop ----

    @property
    def unfetched(self) -> bool:
        """Whether TLS holds decrypted bytes back, of which the kernel will not tell."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def fill(self) -> bool:
        """Fetches what has arrived, behind what is unread. False when the other end has hung up."""
        try:
            data = self._sock.recv(READ)
        except _LATER:
            return True
        self._in, self._at = self._in[self._at :] + data, 0
        return len(data) > 0

    def flush(self) -> bool:
        """Sends what has gathered; False when the kernel takes no more for now."""
        try:
            while self._out:
                del self._out[: self._sock.send(self._out)]
        except _LATER:
            return False
        return True

    # ---- for the client ----

    def next(self) -> int | None:
        """The first byte of the next packet once all of it is here, None before; Malformed as `packets` says."""
        found = packets.frame(self._in, self._at)
        if found is None:
            return None
        first, self._begin, self._end = found
        return first

    def take(self) -> bytes:
        """What follows the length of the packet that `next` has found; it is read then."""
        self._at = self._end
        return self._in[self._begin : self._end]

    def send(self, data: bytes | bytearray) -> int:
        """Takes all of it."""
        self._out += data
        return len(data)

    # ---- for the library ----

    def recv(self, size: int) -> bytes:
        """At most `size` bytes of those unread; BlockingIOError when there are none."""
        data = self._in[self._at : self._at + size]
        if not data:
            raise BlockingIOError
        self._at += len(data)
        return data

    def fileno(self) -> int:
        """The file descriptor, -1 once closed."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 (the socket's own signature)
        """Of no effect: the loop needs it as it is."""

    def close(self) -> None:
        """Closes the socket; what has not been flushed is lost."""
        self._sock.close()
