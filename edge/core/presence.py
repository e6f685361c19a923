"""Who is there: whoever carries a role today, and whether a lobby manager or a lobby guide is in the lobby."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from edge.core.instant import Instant  # noqa: TC001 (a snapshot reads the annotations when the program runs)

if TYPE_CHECKING:
    from edge.core.hall import Hall
    from edge.core.policy import Policy

IN_THE_LOBBY: Final = frozenset({"lobby_manager", "lobby_guide"})

LEFT_MOST: Final = 256
"""More people do not work at a branch."""


class Presence(Struct):
    """Of the business day: when the first of anybody signed in, and since when nobody is in the lobby.

    While nobody at all has signed in, nothing is known: the branch may do without handhelds. `left` are those who have
    signed out and not in again.
    """

    first_at: Instant | None = None
    empty_since: Instant | None = None
    left: list[str] = field(default_factory=list)


def carriers(hall: Hall, policy: Policy, role: str) -> list[str]:
    """Who carries a role now: by configuration, unless signed in as something else or signed out, and by sign-in."""
    signed_in, left = hall.signed_in, hall.presence.left
    found = [id for id in policy.staff.get(role, ()) if signed_in.get(id, role) == role and id not in left]
    return found + [id for id, carried in signed_in.items() if carried == role and id not in found]


def signed(hall: Hall, staff: str, at: Instant) -> None:
    """Somebody has signed in or out; call it when the hall knows."""
    presence = hall.presence
    if staff in presence.left:
        presence.left.remove(staff)
    if staff not in hall.signed_in:
        presence.left.append(staff)
        del presence.left[:-LEFT_MOST]
    if presence.first_at is None and hall.signed_in:
        presence.first_at = at
    if IN_THE_LOBBY.isdisjoint(hall.signed_in.values()):
        presence.empty_since = at if presence.empty_since is None else presence.empty_since
    else:
        presence.empty_since = None
