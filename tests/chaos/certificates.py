"""An authority of our own, as a bank has one, and the certificates it gives."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_NEW: Final = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates; whoever trusts `file` trusts them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._own = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        _make(self._own, f"/CN={name}")

    @property
    def file(self) -> Path:
        return self._own.cert

    def certify(self, name: str) -> Certificate:
        """A certificate for that name, and for a server on the loopback."""
        given = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        signed = ("-CA", str(self._own.cert), "-CAkey", str(self._own.key))
        extensions = ("-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE")
        _make(given, f"/CN={name}", *signed, *extensions)
        return given


def _make(certificate: Certificate, subject: str, *more: str) -> None:
    files = ("-keyout", str(certificate.key), "-out", str(certificate.cert))
    subprocess.run([*_NEW, "-subj", subject, *files, *more], check=True, capture_output=True)
