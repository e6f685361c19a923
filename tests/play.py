"""A branch day written as a play: short lines in, commands out, the hall to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core import events as ev
from edge.core import instant
from edge.core.engine import Engine
from edge.core.policy import Policy

if TYPE_CHECKING:
    from edge.core.commands import Command
    from edge.core.hall import Hall
    from edge.core.instant import Instant

DATE = "2026-03-02"


def at(clock: str, date: str = DATE) -> Instant:
    """`9:00`, `09:00:05` or `09:00:05.25` of a day in UTC, as an instant."""
    hours, _, rest = clock.partition(":")
    parts = f"{int(hours):02}:{rest}"
    return instant.parse(f"{date}T{parts}{':00' if parts.count(':') == 1 else ''}+00:00")


class Play:
    """Feeds one engine; every method takes the time first and returns the commands that followed."""

    def __init__(self, policy: Policy | None = None, hall: Hall | None = None) -> None:
        self.engine = Engine(policy or Policy(), hall)
        self.date = DATE

    @property
    def hall(self) -> Hall:
        """The hall as it stands."""
        return self.engine.hall

    def feed(self, event: ev.Event) -> list[Command]:
        """Any event."""
        return self.engine.feed(event)

    def issue(self, clock: str, ticket: str, service: str = "cash", **more: Any) -> list[Command]:
        """A ticket is drawn."""
        return self.feed(ev.TicketIssued(at=at(clock, self.date), ticket=ticket, service=service, **more))

    def call(self, clock: str, ticket: str, window: str) -> list[Command]:
        """A window calls."""
        return self.feed(ev.TicketCalled(at=at(clock, self.date), ticket=ticket, window=window))

    def recall(self, clock: str, ticket: str, window: str) -> list[Command]:
        """A window calls again."""
        return self.feed(ev.TicketRecalled(at=at(clock, self.date), ticket=ticket, window=window))

    def serve(self, clock: str, ticket: str, window: str) -> list[Command]:
        """A service ends."""
        return self.feed(ev.TicketServed(at=at(clock, self.date), ticket=ticket, window=window))

    def no_show(self, clock: str, ticket: str, window: str) -> list[Command]:
        """Nobody came."""
        return self.feed(ev.TicketNoShow(at=at(clock, self.date), ticket=ticket, window=window))

    def transfer(self, clock: str, ticket: str, **where: Any) -> list[Command]:
        """A ticket waits again."""
        return self.feed(ev.TicketTransferred(at=at(clock, self.date), ticket=ticket, **where))

    def cancel(self, clock: str, ticket: str) -> list[Command]:
        """Somebody leaves."""
        return self.feed(ev.TicketCancelled(at=at(clock, self.date), ticket=ticket))

    def open(self, clock: str, window: str, *services: str) -> list[Command]:
        """A window opens."""
        return self.feed(ev.WindowOpened(at=at(clock, self.date), window=window, services=services))

    def pause(self, clock: str, window: str, reason: str | None = None) -> list[Command]:
        """A window pauses."""
        return self.feed(ev.WindowPaused(at=at(clock, self.date), window=window, reason=reason))

    def resume(self, clock: str, window: str) -> list[Command]:
        """A window goes on."""
        return self.feed(ev.WindowResumed(at=at(clock, self.date), window=window))

    def close(self, clock: str, window: str) -> list[Command]:
        """A window closes."""
        return self.feed(ev.WindowClosed(at=at(clock, self.date), window=window))

    def device(self, clock: str, device: str, state: str = "ok", kind: str = "recycler", **more: Any) -> list[Command]:
        """A device says how it is."""
        fields: dict[str, Any] = {"kind": kind, "state": state, **more}
        return self.feed(ev.DeviceStatus(at=at(clock, self.date), device=device, **fields))

    def trouble(self, clock: str, device: str, event: str) -> list[Command]:
        """Something happens at a device."""
        return self.feed(ev.DeviceEvent(at=at(clock, self.date), device=device, event=event))

    def act(self, clock: str, action: Any, target: str, staff: str = "lm-1", **detail: Any) -> list[Command]:
        """A member of staff taps."""
        role: Any = detail.pop("role", "lobby_manager")
        when = at(clock, self.date)
        return self.feed(ev.StaffAction(at=when, staff=staff, role=role, action=action, target=target, detail=detail))

    def until(self, clock: str) -> list[Command]:
        """Time passes: everything that wakes by then."""
        return self.feed(ev.Tick(at=at(clock, self.date)))


def of(kind: type[Any], commands: list[Command]) -> list[Any]:
    """The commands of one kind, in order."""
    return [command for command in commands if isinstance(command, kind)]
