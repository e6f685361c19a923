"""Machines that report by themselves: customers use them, their cash runs low, they fail and are mended."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from edge.core import events as ev
from edge.core import instant
from edge.sim import premises
from edge.sim.scenario import Breakdown, Incident, Silence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from edge.core.instant import Instant
    from edge.sim.floor import Floor
    from edge.sim.timeline import Process

_REPORT_EVERY_S: Final = (20.0, 30.0)
_QUIET_REPORT_EVERY_S: Final = 1200.0
"""How often the queue machine and the boards say that they are well."""

_ENDS: Final = time(17, 45)
_NOTES_A_USE: Final = (3, 30)
_LOW_SHARE: Final = 0.12
_REFILL_AFTER_S: Final = (1200.0, 2700.0)
_CHECK_AFTER_S: Final = (900.0, 1800.0)
_MEND_AFTER_S: Final = (600.0, 2400.0)
_PAPER_LOW: Final = Incident(time(0), "", "paper_low", "凭条纸将尽")
_CHANCE_INCIDENTS: Final[Mapping[str, Incident]] = {
    "card_retained": Incident(time(0), "", "card_retained", "吞卡"),
    "cash_not_dispensed": Incident(time(0), "", "cash_not_dispensed", "取款未出钞"),
    "paper_low": _PAPER_LOW,
}
_SUSPECT: Final = "cash_not_dispensed"
_SHAKEN: Final = frozenset({"vibration", "tamper"})
_LOOKED_AT_AFTER_S: Final = (240.0, 540.0)
"""How long the guard looks at the cameras, and then at the machine."""


class Appliance(Struct, eq=False):
    """One machine as it is now; `parts` holds what is not in order, everything else is."""

    id: str
    plan: premises.Machine
    dice: Random
    notes: int = 0
    down: bool = False
    silent: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    detail: str = ""

    def takes(self, service: str) -> bool:
        """Whether it can do that class of business now."""
        well = not (self.down or self.silent) and "dispenser" not in self.parts and self.parts.get("cash") != "out"
        return well and self.plan.kind in premises.CLASSES[service].machines

    def status(self, at: instant.Instant) -> ev.DeviceStatus:
        """What it says of itself."""
        usual = ("card_reader", "printer", *(("dispenser", "cash") if self.plan.notes else ()))
        parts = {part: self.parts.get(part, "ok") for part in usual}
        state: ev.DeviceState = "down" if self.down else "degraded" if self.parts else "ok"
        return ev.DeviceStatus(at=at, device=self.id, kind=self.plan.kind, state=state, parts=parts, detail=self.detail)


class Machinery:
    """All machines of the day, by their id in `machines`; `tickets_from` is when the queue machine gives tickets."""

    def __init__(self, floor: Floor) -> None:
        self.machines: dict[str, Appliance] = {}
        self.tickets_from: Instant = 0
        self._floor = floor
        for id, plan in premises.MACHINES.items():
            dice = floor.dice(f"machine {id}")
            self.machines[id] = Appliance(id, plan, dice, round(plan.notes * dice.uniform(0.6, 1.0)))

    def start(self) -> None:
        """Lets the machines report, be used, and fail as the scenario wants."""
        floor, time = self._floor, self._floor.timeline
        for machine in self.machines.values():
            time.start(self._reports(machine))
            time.start(self._is_used(machine), floor.moment(premises.OPENS))
            for kind, per_day in floor.scenario.faults_per_day.items():
                time.start(self._fails_by_chance(machine, kind, per_day), floor.moment(premises.OPENS))
        time.start(self._stays_well(premises.QUEUE_MACHINE, "dispenser"))
        for board in premises.BOARDS:
            time.start(self._stays_well(board, "board"))
        for scripted in floor.scenario.script:
            if isinstance(scripted, Breakdown):
                fails = self._breaks if scripted.machine in self.machines else self._gives_no_tickets
                time.start(fails(scripted), floor.moment(scripted.at))
            elif isinstance(scripted, Silence):
                time.start(self._falls_silent(scripted), floor.moment(scripted.at))
            elif isinstance(scripted, Incident):
                time.start(self._incident(self.machines[scripted.machine], scripted), floor.moment(scripted.at))

    def _reports(self, machine: Appliance) -> Process:
        dice = self._floor.dice(f"reports {machine.id}")
        yield self._floor.after(dice.uniform(0, _REPORT_EVERY_S[0]))
        while self._floor.timeline.now < self._floor.moment(_ENDS):
            self._says(machine)
            yield self._floor.after(dice.uniform(*_REPORT_EVERY_S))

    def _stays_well(self, id: str, kind: ev.DeviceKind) -> Process:
        dice = self._floor.dice(f"reports {id}")
        yield self._floor.after(dice.uniform(0, _REPORT_EVERY_S[0]))
        while self._floor.timeline.now < self._floor.moment(_ENDS):
            if id != premises.QUEUE_MACHINE or self.tickets_from <= self._floor.timeline.now:
                now = self._floor.timeline.now
                self._floor.timeline.emit(ev.DeviceStatus(at=now, device=id, kind=kind, state="ok"))
            yield self._floor.after(_QUIET_REPORT_EVERY_S + dice.uniform(-60, 60))

    def _is_used(self, machine: Appliance) -> Process:
        dice = self._floor.dice(f"uses {machine.id}")
        closes = self._floor.moment(premises.CLOSES)
        while (at := self._floor.after(dice.expovariate(machine.plan.uses_per_h / 3600))) < closes:
            yield at
            self.use(machine, dice.randint(*_NOTES_A_USE) * (1 if machine.plan.kind == "atm" else dice.choice((-1, 1))))

    def use(self, machine: Appliance, notes: int) -> None:
        """A customer does something at the machine, and takes so many notes out (or puts them in)."""
        if machine.down or machine.silent or "dispenser" in machine.parts:
            return
        self._happens(machine, "transaction")
        if not machine.plan.notes:
            return
        machine.notes = min(machine.plan.notes, max(0, machine.notes - notes))
        level = "out" if machine.notes == 0 else "low" if machine.notes < _LOW_SHARE * machine.plan.notes else "ok"
        if level != "ok" and machine.parts.get("cash", "ok") != level:
            if "cash" not in machine.parts:
                comes = self._floor.after(machine.dice.uniform(*_REFILL_AFTER_S))
                self._floor.timeline.start(self._is_refilled(machine), comes)
            self._happens(machine, f"cash_{level}")
            self._turns(machine, "cash", level)

    def check(self, machine: Appliance) -> None:
        """Somebody has looked at it and found it in order."""
        self._turns(machine, "dispenser", "ok")

    def _is_refilled(self, machine: Appliance) -> Process:
        machine.notes = machine.plan.notes
        self._turns(machine, "cash", "ok")
        yield from ()

    def _fails_by_chance(self, machine: Appliance, kind: str, per_day: float) -> Process:
        dice = self._floor.dice(f"fault {kind} {machine.id}")
        day_s = instant.in_seconds(self._floor.moment(premises.CLOSES) - self._floor.timeline.now)
        at = self._floor.after(dice.expovariate(per_day / day_s))
        if at >= self._floor.moment(premises.CLOSES):
            return
        yield at
        if kind in _CHANCE_INCIDENTS:
            yield from self._incident(machine, _CHANCE_INCIDENTS[kind])
        else:
            down_s = dice.uniform(*_MEND_AFTER_S)
            yield from self._breaks(Breakdown(time(0), machine.id, down_s, "card_reader", "读卡器故障"))

    def queue_machine(self, at: Instant) -> ev.DeviceStatus:
        """What the queue machine says of itself."""
        state: ev.DeviceState = "down" if self.tickets_from > at else "ok"
        return ev.DeviceStatus(at=at, device=premises.QUEUE_MACHINE, kind="dispenser", state=state)

    def _gives_no_tickets(self, fault: Breakdown) -> Process:
        time = self._floor.timeline
        self.tickets_from = self._floor.after(fault.for_s)
        time.emit(replace(self.queue_machine(time.now), detail=fault.detail))
        yield self.tickets_from
        time.emit(self.queue_machine(time.now))

    def _falls_silent(self, silence: Silence) -> Process:
        machine = self.machines[silence.machine]
        machine.silent = True
        yield self._floor.after(silence.for_s)
        machine.silent = False
        self._says(machine)

    def _breaks(self, fault: Breakdown) -> Process:
        machine = self.machines[fault.machine]
        machine.down, machine.detail = True, fault.detail
        self._turns(machine, fault.part, "fault")
        yield self._floor.after(fault.for_s)
        machine.down, machine.detail = False, ""
        self._turns(machine, fault.part, "ok")

    def _incident(self, machine: Appliance, incident: Incident) -> Process:
        self._happens(machine, incident.event, incident.detail)
        if incident.event == _SUSPECT:
            self._turns(machine, "dispenser", "suspect")
            yield self._floor.after(machine.dice.uniform(*_CHECK_AFTER_S))
            if "dispenser" in machine.parts:
                self._floor.act("os-1", "device_checked", machine.id, result="ok")
                self.check(machine)
        elif incident.event in _SHAKEN:
            yield self._floor.after(machine.dice.uniform(*_LOOKED_AT_AFTER_S))
            self._floor.act("sg-1", "device_checked", machine.id, result="ok")
        elif incident.event == _PAPER_LOW.event:
            self._turns(machine, "printer", "low")
            yield self._floor.after(machine.dice.uniform(*_REFILL_AFTER_S))
            self._turns(machine, "printer", "ok")

    def _says(self, machine: Appliance) -> None:
        if not machine.silent:
            self._floor.timeline.emit(machine.status(self._floor.timeline.now))

    def _happens(self, machine: Appliance, event: str, detail: str = "") -> None:
        if not machine.silent:
            now = self._floor.timeline.now
            self._floor.timeline.emit(ev.DeviceEvent(at=now, device=machine.id, event=event, detail=detail))

    def _turns(self, machine: Appliance, part: str, state: str) -> None:
        """A part changes and the machine says so at once."""
        before = dict(machine.parts)
        machine.parts.pop(part, None)
        if state != "ok":
            machine.parts[part] = state
        if machine.parts != before:
            self._says(machine)
