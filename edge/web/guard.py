"""What a request must look like before anybody reads it: its host, its origin, its kind, its words."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Server": "lobbyd",
}
"""On every answer."""

BODY_MOST: Final = 64 * 1024
_KEY: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Refused(Exception):
    """A request that is not served: the status of the answer and one sentence for people."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port and without the brackets of an IPv6 address."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def check_host(host: str | None, names: Collection[str]) -> None:
    """Refuses names we do not go by: a rebound DNS name would make a foreign page ours.

    An IP address cannot be rebound, so any is accepted.
    """
    name = host_name(host or "")
    if name == "localhost" or name in names or _is_address(name):
        return
    raise Refused(
        400, f"this server does not go by the name {_shown(name)}; use its address, or list the name in [web] hosts"
    )


def check_origin(origin: str | None, host: str | None) -> None:
    """Refuses what another site's page sends; a browser always names the origin of a POST."""
    if origin not in {f"http://{host}", f"https://{host}"}:
        raise Refused(403, f"a request from {_shown(origin)} may not act here; accepted: pages of this server")


def check_json(content_type: str) -> None:
    """Refuses bodies that are not JSON by name; a form of another site could send those without asking."""
    if content_type.lower() != "application/json":
        raise Refused(415, f"the body is {_shown(content_type)}; accepted: application/json")


def check_key(key: str | None) -> str:
    """The name of a request, by which a repetition is recognised."""
    if key is None or not _KEY.fullmatch(key):
        raise Refused(400, f"the header Idempotency-Key is {_shown(key)}; accepted: 8 to 64 letters, digits, . _ -")
    return key


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _shown(value: str | None) -> str:
    return "missing" if value is None else ascii(value[:80])
