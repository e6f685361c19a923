"""The helpers other tests lean on, tried once by themselves."""

import socket
import subprocess
import sys

import pytest

from tests.processes import Mosquitto, free_port, wait_for_port


def publish(broker: Mosquitto, topic: str, payload: str) -> None:
    where = ["-h", broker.host, "-p", str(broker.port)]
    subprocess.run(["mosquitto_pub", *where, "-q", "1", "-r", "-t", topic, "-m", payload], check=True, timeout=60)


def retained(broker: Mosquitto, topic: str) -> str:
    where = ["-h", broker.host, "-p", str(broker.port)]
    command = ["mosquitto_sub", *where, "-C", "1", "-W", "60", "-t", topic]
    return subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout.strip()


@pytest.mark.broker
def test_a_stopped_broker_comes_back_on_its_port_with_what_it_had_retained(mosquitto: Mosquitto) -> None:
    publish(mosquitto, "a/b", "still here")
    mosquitto.stop()
    with socket.socket() as probe:
        assert probe.connect_ex((mosquitto.host, mosquitto.port)) != 0
    mosquitto.start()
    assert retained(mosquitto, "a/b") == "still here"


@pytest.mark.broker
def test_a_killed_broker_forgets(mosquitto: Mosquitto) -> None:
    publish(mosquitto, "a/b", "gone")
    mosquitto.kill()
    mosquitto.start()
    publish(mosquitto, "a/c", "new")
    assert retained(mosquitto, "a/#") == "new"


def test_a_program_that_ends_before_it_listens_is_named() -> None:
    with (
        subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as process,
        pytest.raises(AssertionError, match="ended with 3"),
    ):
        wait_for_port(process, free_port())
