"""Whether anybody is in the lobby: a lobby manager or a lobby guide signed in on a handheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)

if TYPE_CHECKING:
    from edge.core.hall import Hall

IN_THE_LOBBY: Final = frozenset({"lobby_manager", "lobby_guide"})


@dataclass(slots=True)
class Presence:
    """Of the business day: when the first of anybody signed in, and since when nobody is in the lobby.

    While nobody at all has signed in, nothing is known: the branch may do without handhelds.
    """

    first_at: Instant | None = None
    empty_since: Instant | None = None


def signed(hall: Hall, at: Instant) -> None:
    """Somebody has signed in or out; call it when the hall knows."""
    presence = hall.presence
    if presence.first_at is None and hall.signed_in:
        presence.first_at = at
    if IN_THE_LOBBY.isdisjoint(hall.signed_in.values()):
        presence.empty_since = at if presence.empty_since is None else presence.empty_since
    else:
        presence.empty_since = None
