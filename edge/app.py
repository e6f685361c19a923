"""The composition root: the only file that knows everyone. Builds a daemon from a configuration and keeps it alive."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import structlog

from edge.config import ConfigError, load
from edge.core.instant import in_seconds
from edge.core.outputs import PrintTicket, Say, ShowOnBoard, ShowOnCounter
from edge.shell import systemd
from edge.shell.broker import BranchBroker
from edge.shell.clock import Clock
from edge.shell.hq import Headquarters
from edge.shell.outbox import MEGABYTE
from edge.shell.recovery import recover
from edge.shell.runtime import Runtime
from edge.shell.session import Session
from edge.shell.store import Store
from edge.shell.supervisor import Supervisor
from edge.shell.upkeep import Heart, Housekeeping
from edge.web.picture import Picture
from edge.web.server import Door, Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from edge.config import Loaded
    from edge.core.commands import Command
    from edge.core.engine import Engine
    from edge.shell.ports import Performer, Service, Sink
    from edge.web.ports import Cause, Trouble

SOCKET = "lobbyd.sock"
"""In the state folder: where `status` and `tail` reach the daemon."""

log = structlog.get_logger("lobbyd")


class Daemon:
    """One branch's daemon: the parts that last, and the services a configuration asks for.

    `reread` gives the configuration anew on SIGHUP; `sinks` hear the commands too, after everybody else. `clock` is the
    branch's time, which the demo lets run faster; links and brokers keep the world's, in `pace`.
    """

    def __init__(
        self, loaded: Loaded, clock: Clock, *, reread: Callable[[], Loaded] | None = None, sinks: Iterable[Sink] = ()
    ) -> None:
        self.loaded, self.clock, self.pace = loaded, clock, Clock()
        self._reread = reread or partial(load, loaded.path)
        self._listening = tuple(sinks)
        self.supervisor = Supervisor(self.pace)
        state = loaded.branch.state
        self.store = Store.open(state.dir, loaded.branch.branch.id, round(state.outbox_mb * MEGABYTE))
        recovered = recover(self.store, loaded.policy)
        _agree(clock, recovered.engine)
        self.runtime = Runtime(recovered.engine, self.store, clock, upward=loaded.branch.hq is not None)
        self.picture = Picture(self.runtime, loaded, self.health, self.troubles)
        self.pages = Pages(self.picture)
        self.runtime.listeners.append(self.pages.happened)
        self.running: dict[str, Service] = {}
        self._reloading = asyncio.Lock()
        log.info("recovered", events=recovered.replayed, boot=self.store.boot, config=loaded.hash)

    @property
    def door(self) -> Door | None:
        """Where the pages are served on the network; None when the configuration has no `[web] listen`."""
        door = self.running.get("pages")
        return door if isinstance(door, Door) else None

    async def run(self, extra: Iterable[Service] = ()) -> int:
        """Serves until told to stop, `extra` services first; the exit code of the process."""
        services = self._services(self.loaded)
        self._connect(services.values())
        self.runtime.start()
        _on_signals(self)
        for service in (*extra, *services.values()):
            self.supervisor.add(service)
        self.running = services
        systemd.notify(ready=1, status=f"{len(services)} services")
        log.info("ready", services=len(services))
        try:
            return await self.supervisor.run()
        finally:
            systemd.notify(stopping=1)
            self.runtime.stop()
            self.store.close()

    async def reload(self) -> None:
        """Takes on a changed configuration without a gap; a bad one is named and the last good one kept.

        Services whose part of the configuration is unchanged go on; the others are replaced one by one. Asked for
        twice, it is done twice, one after the other.
        """
        async with self._reloading:
            systemd.notify(reloading=1)
            try:
                await self._take_on(self._reread())
            except ConfigError as refused:
                for fault in refused.faults:
                    log.error("configuration refused, the last good one is kept", fault=fault)
            except Exception:
                log.exception("configuration not taken")
            systemd.notify(ready=1)

    async def _take_on(self, loaded: Loaded) -> None:
        if loaded.branch.state != self.loaded.branch.state or loaded.branch.branch.id != self.loaded.branch.branch.id:
            log.warning("a changed [state] or branch.id is taken on at the next start")
        self.runtime.upward = loaded.branch.hq is not None
        self.runtime.adopt(loaded.policy)
        self.picture.adopt(loaded)
        await self._exchange(loaded)
        self.loaded = loaded
        log.info("configuration taken", config=loaded.hash)

    async def _exchange(self, loaded: Loaded) -> None:
        wanted = self._services(loaded)
        changed = {name for name in self.running | wanted if _part(self.loaded, name) != _part(loaded, name)}
        kept = {name: self.running[name] if name not in changed else service for name, service in wanted.items()}
        for name in changed & self.running.keys():
            await self.supervisor.remove(name)
        self.running = kept
        self._connect(kept.values())
        for name in changed & wanted.keys():
            self.supervisor.add(wanted[name])

    def _services(self, loaded: Loaded) -> dict[str, Service]:
        """Every service of a configuration by its name, in the order in which they start."""
        branch, runtime, pace = loaded.branch, self.runtime, self.pace
        unheard = [id for id in loaded.devices if self._unheard(id)]
        services: list[Service] = [
            Heart(runtime),
            Housekeeping(runtime, self.store, self.clock, branch.state.keep_days),
        ]
        services += [
            Session(bus, runtime, clock=pace, rng=Random(bus.link.place), speed=self.clock.speed, unheard=unheard)
            for bus in loaded.buses
            if bus.link.medium != "mqtt"
        ]
        if branch.broker is not None:
            services.append(BranchBroker(loaded, runtime, pace, unheard=unheard))
        if branch.hq is not None:
            services.append(Headquarters(loaded, self.store, pace, boot=self.store.boot, health=self.health))
        services.append(self.pages.on_socket(branch.state.dir / SOCKET))
        if branch.web.listen:
            services.append(self.pages.on_port(branch.web.listen, branch.web.hosts))
        return {service.name: service for service in services}

    def _unheard(self, id: str) -> bool:
        """Whether a device's last known state is unknown, so that its link speaks for it as soon as it may."""
        device = self.runtime.engine.hall.devices.get(id)
        return device is None or device.state == "unknown"

    def _connect(self, services: Iterable[Service]) -> None:
        """Lets everybody who acts on commands hear them, boards first: a call must not wait for a page."""
        sinks: list[Sink] = [
            _Outputs([service for service in services if isinstance(service, Session)]),
            self.picture,
        ]
        sinks += [service for service in services if isinstance(service, BranchBroker | Headquarters)]
        self.runtime.sinks = [*sinks, self.pages, *self._listening]
        self.runtime.repaint()

    def health(self) -> Mapping[str, Any]:
        """State, problems and counters, as pages, `status` and headquarters show them."""
        reports = self.supervisor.report()
        links = [service.report() for service in self.running.values() if isinstance(service, Session)]
        brokers = [service for service in self.running.values() if isinstance(service, BranchBroker | Headquarters)]
        lags = [service.lag_s for service in self.running.values() if isinstance(service, Housekeeping)]
        problems = [f"{r.name}: {r.last_error}" for r in reports if r.state in ("resting", "stuck")]
        problems += [f"{link.name}: {link.reason}" for link in links if not link.open]
        problems += [f"{broker.name}: {broker.reason}" for broker in brokers if broker.reason]
        problems += self.store.problems() if self.loaded.branch.hq is not None else []
        problems += self.runtime.problems()
        return {
            "state": "critical" if self.runtime.problems() else "warning" if problems else "ok",
            "problems": problems,
            "clock": self.clock.quality(),
            "outbox": self.store.depth,
            "loop_lag_s": round(max(lags, default=0.0), 3),
            "counters": {
                **self.runtime.counts,
                "outbox_lost": self.store.lost,
                "restarts": sum(report.restarts for report in reports),
                "not_done": sum(link.not_done for link in links),
                "bad_frames": sum(link.bad_frames for link in links)
                + sum(broker.bad_frames for broker in brokers if isinstance(broker, BranchBroker)),
            },
        }

    def troubles(self) -> Iterator[Trouble]:
        """What of the problems lobby staff should know, the worst first."""
        services = self.running.values()
        away = {type(s) for s in services if isinstance(s, BranchBroker | Headquarters) and s.reason}
        causes: dict[Cause, bool] = {
            "broker": BranchBroker in away,
            "service": any(report.state in ("resting", "stuck") for report in self.supervisor.report()),
            "given_up": self.loaded.branch.hq is not None and bool(self.store.problems()),
            "hq": Headquarters in away,
        }
        if self.runtime.problems():
            yield {"cause": "disk", "devices": []}
        for service in services:
            if isinstance(service, Session) and not service.report().open:
                yield {"cause": "line", "devices": sorted(service.devices)}
        for cause in (cause for cause, so in causes.items() if so):
            yield {"cause": cause, "devices": []}


def _agree(clock: Clock, engine: Engine) -> None:
    """Makes clock and hall agree about the present.

    What the journal holds has happened, so time goes on from there; but where the wall is to be believed and says that
    it is earlier, the clock was ahead when it was written, and the hall moves back.
    """
    earlier = clock.put_right(engine.hall.now)
    if earlier is None:
        clock.advance_to(engine.hall.now)
    else:
        ahead_s = in_seconds(engine.hall.now - earlier)
        log.warning("the clock was ahead of the time and is put right", ahead_s=round(ahead_s, 1))
        engine.set_back(earlier)


class _Outputs:
    """Hands each output to the service that speaks for its device; those of a device without a link are nobody's."""

    def __init__(self, performers: Sequence[Performer]) -> None:
        self._of = {device: performer for performer in performers for device in performer.devices}

    def perform(self, commands: Sequence[Command]) -> None:
        """Devices hear what they should show and do; everything else is for others."""
        for command in commands:
            match command:
                case ShowOnBoard() | ShowOnCounter() if command.device in self._of:
                    self._of[command.device].show(command)
                case Say() | PrintTicket() if command.device in self._of:
                    self._of[command.device].do(command)


def _part(loaded: Loaded, name: str) -> Any:
    """What of a configuration a service depends on: a service whose part is unchanged need not be replaced."""
    branch = loaded.branch
    match name:
        case "heart":
            return None
        case "housekeeping":
            return branch.state
        case "broker":
            buses = [bus for bus in loaded.buses if bus.link.medium == "mqtt"]
            return branch.branch, branch.broker, buses, set(loaded.devices), set(loaded.policy.services)
        case "hq":
            return branch.branch, branch.hq, loaded.hash
        case "pages" | "pages-local":
            return branch.web
        case _:
            return [bus for bus in loaded.buses if bus.link.medium != "mqtt" and bus.link.place in name]


def _on_signals(daemon: Daemon) -> None:
    """SIGTERM and SIGINT end the daemon, SIGHUP has it read its configuration again."""
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(daemon.reload(), name="reload")
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    stop: Callable[[], None] = daemon.supervisor.stop
    for number, act in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, reload)):
        with suppress(ValueError):  # not in the main thread, where only tests run a daemon
            loop.add_signal_handler(number, act)
