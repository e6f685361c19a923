"""The daemon is killed twenty times in a busy hour, each time with messages in flight; headquarters misses nothing."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.core import wire
from edge.core.instant import local, parse
from edge.sim import premises
from edge.sim.day import Day
from edge.sim.scenarios import SCENARIOS
from tests.fakes import PATIENCE_S
from tests.processes import HOST, Mosquitto

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

KILLS = 20

FIELDS = {
    "ticket.issued": ["ticket", "service"],
    "ticket.called": ["ticket", "window"],
    "ticket.recalled": ["ticket", "window"],
    "ticket.served": ["ticket", "window"],
    "ticket.no_show": ["ticket", "window"],
    "ticket.cancelled": ["ticket"],
    "window.paused": ["window"],
    "window.resumed": ["window"],
}


def configuration(folder: Path, broker: Mosquitto) -> Path:
    """A branch whose every event comes over MQTT and goes up over MQTT."""
    topics = "\n".join(mapping(kind, names) for kind, names in FIELDS.items())
    file = folder / "branch.toml"
    file.write_text(
        f'[branch]\nid = "b1"\norg = "bank"\n[broker]\nurl = "{broker.url}"\n[hq]\nurl = "{broker.url}"\n'
        f'[web]\nlisten = ""\n[state]\ndir = "{folder / "state"}"\n'
        '[services.cash]\n[windows.1]\nservices = ["cash"]\n'
        f'[devices.all]\nkind = "terminal"\ndriver = "mqtt_json"\nlink = "mqtt:hall/events"\n{topics}',
        encoding="utf-8",
    )
    return file


def mapping(kind: str, names: list[str]) -> str:
    """One entry of the driver's table: an event's fields by their own names, its number as the device's time."""
    fields = ", ".join('{0} = "{0}"'.format(name) for name in names)  # noqa: UP032
    return (
        f'[[devices.all.settings.topics]]\ntopic = "hall/events"\nevent = "{kind}"\nwhen = {{ type = "{kind}" }}\n'
        f'fields = {{ {fields} }}\ndevice_at = "n"\n'
    )


def busy_hour() -> list[bytes]:
    """The queue events between half past nine and half past ten of a rush, each with its number."""
    day = Day(SCENARIOS["rush"], 7, local(parse("2026-03-02T09:00:00+08:00"), premises.ZONE).date())
    hour = [
        wire.publish(event, premises.ZONE)
        for event in day
        if event.type in FIELDS and "09:30" <= f"{local(event.at, premises.ZONE):%H:%M}" < "10:30"
    ]
    return [json.dumps({**item, "n": str(number)}).encode() for number, item in enumerate(hour)]


class Headquarters:
    """mosquitto_sub with a session of its own: what it prints is what headquarters has."""

    def __init__(self, broker: Mosquitto) -> None:
        command = ["mosquitto_sub", "-h", HOST, "-p", str(broker.port), "-q", "1", "-c", "-i", "hq-1", "-V", "mqttv5"]
        command += ["-x", "3600", "-t", "bank/v1/bank/b1/#", "-F", "%t\t%p"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.pipe = self.process.stdout.fileno()
        os.set_blocking(self.pipe, False)
        self.rest = b""
        self.events: list[dict[str, Any]] = []
        self.status: list[dict[str, Any]] = []

    def read(self, wait_s: float) -> None:
        """Takes what has come by `wait_s`."""
        if not select.select([self.pipe], [], [], wait_s)[0]:
            return
        *lines, self.rest = (self.rest + os.read(self.pipe, 1 << 20)).split(b"\n")
        for line in lines:
            topic, _, payload = line.decode().partition("\t")
            if "/event/" in topic:
                self.events.append(json.loads(payload))
            elif topic.endswith("/status"):
                self.status.append(json.loads(payload))

    def numbers(self) -> list[int]:
        """The numbers of the hour's events in the order they came, second deliveries left out by `id`."""
        once = {event["id"]: event for event in self.events}
        return [int(event["data"]["device_at"]) for event in once.values() if event["kind"] in FIELDS]

    def online(self, boot: int) -> bool:
        return any(status == status | {"state": "online", "boot": boot} for status in self.status)


class Sender:
    """A terminal that counts an event as sent once the broker has acknowledged it."""

    def __init__(self, broker: Mosquitto) -> None:
        self.client = paho.Client(CallbackAPIVersion.VERSION2, "sender", protocol=paho.MQTTv5)
        self.client.max_inflight_messages_set(20)
        self.client.connect(HOST, broker.port)
        self.sent: list[paho.MQTTMessageInfo] = []
        while not self.client.is_connected():
            self.client.loop(0.05)

    def send(self, payload: bytes) -> None:
        self.sent.append(self.client.publish("hall/events", payload, qos=1))
        while not self.sent[-1].is_published():
            self.client.loop(0.05)

    def acknowledged(self) -> int:
        return sum(info.is_published() for info in self.sent)


@pytest.fixture
def hq(mosquitto: Mosquitto) -> Iterator[Headquarters]:
    listening = Headquarters(mosquitto)
    yield listening
    listening.process.terminate()
    listening.process.wait()
    assert listening.process.stdout is not None
    listening.process.stdout.close()


def test_every_event_acknowledged_to_its_sender_reaches_headquarters_once_and_in_order(
    tmp_path: Path, mosquitto: Mosquitto, hq: Headquarters
) -> None:
    command = [sys.executable, "-m", "edge", "run", "-c", str(configuration(tmp_path, mosquitto))]
    sender, hour, in_flight = Sender(mosquitto), busy_hour(), []
    share = len(hour) // (KILLS + 1)
    for boot in range(1, KILLS + 1):
        daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(hq, lambda boot=boot: hq.online(boot))
        for payload in hour[(boot - 1) * share : boot * share]:
            sender.send(payload)
        daemon.kill()
        daemon.wait()
        hq.read(0.0)
        in_flight.append(sender.acknowledged() - len(set(hq.numbers())))
    daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for payload in hour[KILLS * share :]:
        sender.send(payload)
    until(hq, lambda: len(set(hq.numbers())) >= len(hour))
    daemon.terminate()
    daemon.wait()

    assert all(count > 0 for count in in_flight), in_flight
    assert hq.numbers() == list(range(len(hour)))
    marks = [(event["boot"], event["seq"]) for event in {event["id"]: event for event in hq.events}.values()]
    assert marks == sorted(marks)
    gaps = [(a, b) for a, b in pairwise(marks) if a[0] == b[0] and b[1] != a[1] + 1]
    assert not gaps


def until(hq: Headquarters, holds: Any) -> None:
    """Reads on until something holds; fails after a while."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"{len(hq.events)} events, {hq.status[-1:]}"
        hq.read(0.05)
