import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.shell.links.stream import LinkLost
from edge.shell.supervisor import END_WITHIN_S, Fatal, Report, Supervisor
from tests.fakes import PATIENCE_S, FakeClock, turns


class Scripted:
    """A service that fails at its first starts as its script says, and then runs until `fail` is called."""

    def __init__(self, name: str, *script: BaseException | None) -> None:
        self.name = name
        self.script = list(script)
        self.starts = 0
        self.stops = 0
        self._end = asyncio.Event()
        self._fault: BaseException | None = None

    async def serve(self) -> None:
        self.starts += 1
        try:
            self._fault = self.script.pop(0) if self.script else await self._run()
            if self._fault is not None:
                raise self._fault
        finally:
            self.stops += 1

    async def fail(self, fault: BaseException) -> None:
        """Has the running service fail, and lets what follows happen."""
        self._fault = fault
        self._end.set()
        await turns()

    async def _run(self) -> BaseException | None:
        self._end.clear()
        await self._end.wait()
        return self._fault


class Stubborn:
    name = "stubborn"

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def serve(self) -> None:
        while not self.may_end.is_set():
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                continue


@asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await turns()
        yield
        supervisor.stop()


def supervised(*services: Scripted | Stubborn) -> tuple[FakeClock, Supervisor]:
    clock = FakeClock()
    supervisor = Supervisor(clock)
    for service in services:
        supervisor.add(service)
    return clock, supervisor


async def test_a_failing_service_is_restarted_and_takes_nothing_down() -> None:
    failing, steady = Scripted("failing", ValueError("once")), Scripted("steady")
    _, supervisor = supervised(failing, steady)

    async with running(supervisor):
        assert (failing.starts, steady.starts) == (2, 1)
        assert supervisor.report() == [
            Report("failing", "running", 1, "ValueError: once"),
            Report("steady", "running", 0, ""),
        ]
    assert steady.stops == 1


async def test_returning_is_failing() -> None:
    service = Scripted("quitter", None)
    _, supervisor = supervised(service)

    async with running(supervisor):
        assert supervisor.report() == [Report("quitter", "running", 1, "returned")]


async def test_six_failures_at_once_earn_a_rest_of_fifteen_seconds() -> None:
    service = Scripted("broken", *[ValueError("always")] * 7)
    clock, supervisor = supervised(service)

    async with running(supervisor):
        assert (service.starts, supervisor.report()[0].state) == (6, "resting")
        await clock.pass_(14.9)
        assert service.starts == 6
        await clock.pass_(0.1)
        assert (service.starts, supervisor.report()[0].state) == (7, "resting")
        await clock.pass_(15)
        assert (service.starts, supervisor.report()[0].state) == (8, "running")


async def test_a_failure_counts_half_after_thirty_seconds() -> None:
    service = Scripted("flaky", *[ValueError("x")] * 5)
    clock, supervisor = supervised(service)

    async with running(supervisor):
        await clock.pass_(30)  # 5 count 2.5
        states = []
        for _ in range(3):
            await service.fail(ValueError("x"))
            states.append(supervisor.report()[0].state)

    assert states == ["running", "running", "resting"]


async def test_a_fatal_failure_ends_everything_with_one() -> None:
    steady = Scripted("steady")
    _, supervisor = supervised(steady, Scripted("store", ExceptionGroup("nested", [Fatal("the disk is gone")])))

    assert await supervisor.run() == 1
    assert steady.stops == 1


async def test_told_to_stop_it_ends_with_zero() -> None:
    service = Scripted("steady")
    clock, supervisor = supervised(service)
    asyncio.get_running_loop().call_soon(supervisor.stop)

    assert await supervisor.run() == 0
    assert clock.now() == 0


async def test_alike_failures_are_logged_once_and_then_counted() -> None:
    alike = [ValueError("the same")] * 4
    service = Scripted("broken", *alike, LinkLost("another"))
    _, supervisor = supervised(service)

    with capture_logs() as logs:
        async with running(supervisor):
            assert service.starts == 6

    assert [(log["event"], log.get("reason"), log.get("times")) for log in logs] == [
        ("service failed", "ValueError: the same", None),
        ("service failed alike", "ValueError: the same", 3),
        ("service failed", "another", None),
    ]
    assert isinstance(logs[0]["exc_info"], ValueError)
    assert logs[2]["exc_info"] is None  # the world's fault needs no trace


async def test_a_service_that_cancels_itself_is_restarted() -> None:
    service = Scripted("odd", asyncio.CancelledError())
    _, supervisor = supervised(service)

    async with running(supervisor):
        assert service.starts == 2


async def test_services_come_and_go_while_it_runs() -> None:
    first, second = Scripted("link"), Scripted("link")
    _, supervisor = supervised(first)

    async with running(supervisor):
        await supervisor.remove("link")
        assert first.stops == 1
        supervisor.add(second)
        await turns()
        assert second.starts == 1


async def test_one_that_does_not_stop_is_named_and_the_last_of_its_successors_follows_when_it_has() -> None:
    first, second, third = Stubborn(), Scripted("stubborn"), Scripted("stubborn")
    clock, supervisor = supervised(first)

    async with running(supervisor):
        for successor in (second, third):
            removing = asyncio.ensure_future(supervisor.remove("stubborn"))
            await clock.pass_(10)
            await removing
            supervisor.add(successor)
        (report,) = supervisor.report()
        assert (report.state, second.starts, third.starts) == ("stuck", 0, 0)

        first.may_end.set()
        await turns()
        assert (second.starts, third.starts) == (0, 1)
        assert [report.state for report in supervisor.report()] == ["running"]


async def test_two_of_one_name_are_refused() -> None:
    _, supervisor = supervised(Scripted("link"))

    with pytest.raises(ValueError, match="two services are called 'link'"):
        supervisor.add(Scripted("link"))


CHECKOUT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, signal
from edge.shell.clock import Clock
from edge.shell.supervisor import Supervisor
from tests.shell.test_supervisor import Stubborn

async def main():
    supervisor = Supervisor(Clock())
    asyncio.get_running_loop().add_signal_handler(signal.{name}, supervisor.stop)
    asyncio.get_running_loop().call_later(0.01, lambda: print("ready", flush=True))
    return await supervisor.run([Stubborn()])

asyncio.run(main())
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_stuck_service_cannot_keep_the_daemon_from_ending_within_two_seconds(name: str) -> None:
    words = [sys.executable, "-c", PROGRAM.replace("{name}", name)]
    with subprocess.Popen(words, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == b"ready\n"
            program.send_signal(signal.Signals[name])
            _, stacks = program.communicate(timeout=PATIENCE_S)
        finally:
            program.kill()

    assert program.returncode == 1
    assert b"Timeout (0:00:01.5" in stacks
    assert END_WITHIN_S < 2
