"""A daemon takes on other configurations while it runs: one at a time, whole, and what is gone is gone everywhere."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from edge import resources
from edge.shell.session import Session
from edge.shell.supervisor import Policy
from tests.chaos.house import BOARD, PLAIN, House, running
from tests.fakes import turns
from tests.shell.branch import retained, soon, witness

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes import Mosquitto


async def test_two_at_once_are_taken_on_one_after_the_other(tmp_path: Path) -> None:
    async with running(tmp_path, PLAIN + BOARD) as house:
        house.write(PLAIN)
        await asyncio.gather(house.daemon.reload(), house.daemon.reload(), house.daemon.reload())
        house.write(PLAIN + BOARD)
        await asyncio.gather(house.daemon.reload(), house.daemon.reload())
        names = [report.name for report in house.daemon.supervisor.report()]

    assert sorted(names) == sorted(house.daemon.running)
    assert any("/dev/branch/nothing" in name for name in names)


async def test_rules_and_texts_with_faults_are_all_named_and_the_last_good_ones_stay_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered = tmp_path / "delivered"
    shutil.copytree(resources.config_dir(), delivered)
    monkeypatch.setattr(resources, "config_dir", lambda: delivered)
    rule, texts = delivered / "rules" / "surge.toml", delivered / "texts" / "boards.toml"
    good = rule.read_text(encoding="utf-8"), texts.read_text(encoding="utf-8")
    async with running(tmp_path, PLAIN) as house:
        before = house.engine.policy
        rule.write_text(good[0].replace("ratio = 2.0", "ratio = 3.0\nloudness = -1", 1), encoding="utf-8")
        texts.write_text(good[1].replace("早上好", "早上好" * 9), encoding="utf-8")
        with capture_logs() as logs:
            await house.daemon.reload()
        refused = [line["fault"] for line in logs if "refused" in line["event"]]
        kept = house.engine.policy
        await house.draw("A001")

        rule.write_text(good[0].replace("ratio = 2.0", "ratio = 3.0", 1), encoding="utf-8")
        texts.write_text(good[1], encoding="utf-8")
        await house.daemon.reload()
        taken = {rule.id: rule for rule in house.engine.policy.rules}

    assert kept is before
    assert refused == [
        f"{rule}: keys.loudness is -1; accepted: a number, 0 or more",
        f"{texts}: L01.zh: is 32 characters long; accepted: at most 24, a placeholder counted as 4",
    ]
    assert taken["surge"].keys["ratio"] == 3.0


async def test_a_fault_of_ours_is_named_and_the_daemon_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, PLAIN) as house:
        monkeypatch.setattr(house.daemon, "_reread", lambda: 1 / 0)
        with capture_logs() as logs:
            await house.daemon.reload()
        await house.draw("A001")

    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["configuration not taken"]


@pytest.mark.broker
async def test_headquarters_that_comes_later_hears_of_events_and_one_that_went_leaves_no_queue(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    hq = f'[hq]\nurl = "{mosquitto.url}"\n'
    async with running(tmp_path, PLAIN) as house, witness(mosquitto, "bank/v1/bank/b1/event/#") as heard:
        await house.draw("A001")
        house.write(PLAIN + hq)
        await house.daemon.reload()
        await house.draw("A002")
        await heard.until(lambda: heard.heard)
        house.write(PLAIN)
        await house.daemon.reload()
        depth = house.daemon.store.depth
        await house.draw("A003")
        assert house.daemon.store.depth <= depth

    tickets = [json.loads(payload)["data"].get("ticket") for _, payload, _ in heard.heard]
    assert tickets[0] == "A002"


@pytest.mark.broker
async def test_a_board_that_was_taken_away_is_retained_no_more(tmp_path: Path, mosquitto: Mosquitto) -> None:
    broker, topic = f'[broker]\nurl = "{mosquitto.url}"\n', "lobby/b1/board/led-1"
    async with running(tmp_path, PLAIN + BOARD + broker) as house, witness(mosquitto, topic) as seen:
        await house.draw("A001")
        await seen.until(lambda: seen.on(topic))
        house.write(PLAIN + broker)
        await house.daemon.reload()
        await seen.until(lambda: seen.on(topic)[-1] is None)

    left: dict[str, Any] = await retained(mosquitto, "lobby/#")
    assert topic not in left


@pytest.mark.broker
async def test_headquarters_retains_nothing_of_a_device_that_was_taken_away(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    hq, topic = f'[hq]\nurl = "{mosquitto.url}"\n', "bank/v1/bank/b1/device/led-1/state"
    async with running(tmp_path, PLAIN + BOARD + hq) as house, witness(mosquitto, topic) as seen:
        await seen.until(lambda: seen.on(topic))
        house.write(PLAIN + hq)
        await house.daemon.reload()
        await seen.until(lambda: seen.on(topic)[-1] is None)

    left: dict[str, Any] = await retained(mosquitto, "bank/#")
    assert topic not in left


async def test_a_service_that_does_not_stop_is_named_and_replaced_once_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, serve = asyncio.Event(), Session.serve

    async def stubborn(_: Session) -> None:
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    monkeypatch.setattr(Session, "serve", stubborn)
    async with running(tmp_path, PLAIN + BOARD) as house:
        monkeypatch.setattr(Session, "serve", serve)
        house.daemon.supervisor._policy = Policy(stop_s=0.05)
        house.write(
            PLAIN + BOARD.replace("width = 64", "width = 128") + '[services.loan]\n[windows.2]\nservices = ["loan"]'
        )
        await house.daemon.reload()
        stuck = problems(house)
        await house.daemon.reload()
        await house.draw("A001")
        taken_on = house.engine.policy.windows.keys()
        released.set()
        await soon(lambda: "no such device" in "".join(problems(house)), turns)
        states = {report.name: report.state for report in house.daemon.supervisor.report()}

    assert (
        "serial:/dev/branch/nothing: does not stop; "
        "what is to take its place waits until it has, or until lobbyd is restarted"
    ) in stuck
    assert set(taken_on) == {"1", "2"}, "everything else is taken on"
    assert states["serial:/dev/branch/nothing"] == "running"


def problems(house: House) -> list[str]:
    told: Any = house.daemon.health()["problems"]
    return list(told)
