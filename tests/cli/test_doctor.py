"""`lobbyd doctor` before the demo's branch: every kind of device over its own link, well and unwell."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tomllib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from edge import resources
from edge.bench.branch import written
from edge.cli import BAD_USE, main
from edge.sim import premises
from edge.sim.demo import demo_config
from edge.sim.ends import Ends
from edge.web.local import NoDaemon, figures
from tests.fakes import PATIENCE_S
from tests.processes import HOST, Mosquitto, free_port
from tests.shell.branch import soon, witness

if TYPE_CHECKING:
    from pathlib import Path


def branch(folder: Path, ends: Ends, broker: str, hq: str | None = None, dims: str | None = None) -> Path:
    """The demo's configuration for these ends; the board `dims` is to have another brightness than it has."""
    base = tomllib.loads((resources.config_dir() / "demo.toml").read_text(encoding="utf-8"))
    places = ends.places(broker, folder / "state", f"{HOST}:{free_port()}")
    tables = demo_config(base, places)
    tables["hq"]["url"] = hq or broker
    if dims is not None:
        tables["devices"][dims]["settings"]["brightness"] = {"00:00": 3}
    return written(folder / "branch.toml", tables)


async def examined(config: Path, *arguments: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code, and of each thing its level, what was seen, and the remedy."""
    command = [sys.executable, "-m", "edge", "doctor", "-c", str(config), "--json", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(PATIENCE_S):
        said, _ = await process.communicate()
    findings = json.loads(said)["findings"]
    assert process.returncode is not None
    return process.returncode, {one["about"]: (one["level"], one["seen"], one["remedy"]) for one in findings}


def seen(findings: dict[str, tuple[str, str, str]], device: str) -> tuple[str, str]:
    level, words, _ = findings[f"device {device}"]
    return level, words


@pytest.mark.broker
async def test_without_a_daemon_every_device_is_asked_and_nothing_is_changed(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    ends = Ends(tmp_path / "pty")
    config = branch(tmp_path, ends, mosquitto.url, dims="board-1")
    async with ends.plugged_in(), witness(mosquitto, "end") as others:
        await others.say("terminal/state", {"state": "online"}, retain=True)
        await others.say("atm/atm-1/status", {"state": "degraded", "parts": {"cash": "low"}}, retain=True)
        ends.bus.lose_power("board-3")
        ends.sensor.modules[premises.SENSOR].fault = "garbled"
        ends.sign.port.unplug()
        code, found = await examined(config, "--listen", "5")

    assert code == 2
    assert seen(found, "board-1") == ("ok", "answers: on, brightness 15")
    assert seen(found, "board-3") == ("critical", "silent: 3 questions unanswered")
    assert seen(found, "board-5") == ("ok", "answers: on")
    assert seen(found, "recycler-2") == ("ok", "speaks: ok")
    assert seen(found, "ups-1")[0] == "ok"
    assert seen(found, "printer-1")[0] == "ok"
    assert seen(found, "voice-1") == ("ok", "plays")
    assert seen(found, "box-1") == ("ok", "its link is open; nothing was heard in 5 s")
    assert seen(found, "terminals") == ("ok", "speaks: ok")
    assert seen(found, "atm-1")[0] == "warning"
    assert seen(found, "atm-2") == ("warning", "nothing on atm/atm-2/status in 5 s")
    assert seen(found, "queue-1") == ("ok", "its link is open; nothing was heard in 5 s")
    level, words = seen(found, "sensor-1")
    assert (level, words.startswith("garbage: ")) == ("critical", True)
    assert "9600 baud, 8N1" in found["device sensor-1"][2]
    level, words = seen(found, "board-sign")
    assert (level, words.endswith("sign0: there is no such device")) == ("critical", True)
    assert found["broker"][:2] == ("ok", "reached and let in, MQTT 5")
    assert found["hq"][:2] == ("ok", "reached and let in, MQTT 5")
    assert found["daemon"][0] == "warning"
    assert all(remedy for level, _, remedy in found.values() if level != "ok")
    assert {board.text for board in ends.bus.boards.values()} == {""}, "nothing is painted"
    assert vars_of(ends, "board-1") == (1, 15), "one question, and the brightness left alone"
    assert set(ends.machine.asked) <= {
        "ServicePublisher.GetServices",
        "Common.Status",
        "Common.Capabilities",
        "Storage.GetStorage",
    }


def vars_of(ends: Ends, board: str) -> tuple[int, int]:
    """How many frames a card has taken, and its brightness."""
    card: Any = ends.bus.boards[board]
    return card.frames, card.brightness


@pytest.mark.broker
async def test_a_running_daemon_is_asked_and_keeps_its_ports(tmp_path: Path, mosquitto: Mosquitto) -> None:
    ends = Ends(tmp_path / "pty")
    nowhere = f"mqtt://{HOST}:{free_port()}"
    config = branch(tmp_path, ends, mosquitto.url, nowhere)
    command = [sys.executable, "-m", "edge", "run", "-c", str(config)]
    async with ends.plugged_in():
        daemon = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        try:
            await ends.listened()
            socket = tmp_path / "state" / "lobbyd.sock"
            ends.ups.port.unplug()
            states = await until(socket, "ups-1", "unknown")
            code, found = await examined(config)
            assert ends.bus.port.taken, "its port is open as it was"
        finally:
            daemon.terminate()
            await daemon.wait()

    assert code == 2
    assert found["daemon"][1].startswith("running, version ")
    assert found["hq"][0] == "warning"
    assert found["broker"][0] == "ok"
    assert {id: seen(found, id)[0] for id, state in states.items() if state == "ok"} == dict.fromkeys(
        (id for id, state in states.items() if state == "ok"), "ok"
    )
    assert seen(found, "ups-1") == ("critical", "unknown, link lost")
    (lost,) = (about for about in found if about.startswith("serial") and about.endswith("ups0"))
    assert found[lost][0] == "critical"


async def until(socket: Path, device: str, state: str) -> dict[str, str]:
    """The states of all devices once that one's is so."""

    async def look() -> None:
        with suppress(NoDaemon):  # not yet
            view = await asyncio.to_thread(figures, socket, "/api/view")
            states.update({one["device"]: one["state"] for one in view["devices"]})

    states: dict[str, str] = {}
    await soon(lambda: states.get(device) == state, look)
    return states


async def test_a_port_that_another_program_has_is_said_with_its_owner(tmp_path: Path) -> None:
    ends = Ends(tmp_path / "pty")
    config = branch(tmp_path, ends, f"mqtt://{HOST}:{free_port()}")
    holds = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    async with ends.plugged_in():
        holder = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", holds, str(ends.ups.port.path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert holder.stdout is not None
        await holder.stdout.readline()
        _, found = await examined(config, "--listen", "0")
        holder.kill()
        await holder.wait()

    level, words, remedy = found["device ups-1"]
    assert (level, remedy) == ("critical", "stop that, a port has one owner")
    assert re.search(rf"ups0: is in use by .* \(process {holder.pid}\)", words)
    assert found["broker"][0] == "critical"
    assert found["hq"][0] == "warning"
    assert found["device atm-1"][2].startswith("mend [broker] first")


@pytest.mark.usefixtures("logs_as_before")
def test_a_bad_configuration_is_named_fault_by_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "branch.toml"
    file.write_text('[branch]\nid = "a/b"\n[services.cash]\ntypical_s = -1\n', encoding="utf-8")

    assert main(["doctor", "-c", str(file)]) == BAD_USE
    told = capsys.readouterr()
    assert "branch.id" in told.err
    assert "services.cash.typical_s" in told.err
    assert len(re.findall(r"^critical +configuration: ", told.out, re.MULTILINE)) == 2
    assert main(["doctor", "-c", str(tmp_path / "none.toml"), "--json"]) == BAD_USE
    assert json.loads(capsys.readouterr().out)["state"] == "critical"


def test_a_span_that_is_none_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--listen", "soon"])

    assert ended.value.code == BAD_USE
    assert "soon is no number of seconds; accepted: 0 to 3600" in capsys.readouterr().err
