import errno
import socket
from itertools import islice
from random import Random

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from edge.shell.backoff import full_jitter, local, retryable
from edge.shell.links.stream import LinkLost


@given(st.integers(), st.floats(0.01, 10), st.floats(1, 1000))
def test_every_delay_lies_between_floor_and_a_ceiling_that_doubles(seed: int, least_s: float, factor: float) -> None:
    most_s = least_s * factor
    delays = list(islice(full_jitter(Random(seed), least_s=least_s, most_s=most_s), 40))

    for attempt, delay in enumerate(delays, 1):
        assert least_s <= delay <= min(most_s, least_s * 2.0**attempt) * (1 + 1e-9)


@given(st.integers())
def test_networks_wait_half_a_second_to_thirty(seed: int) -> None:
    delays = list(islice(full_jitter(Random(seed)), 200))

    assert min(delays) >= 0.5
    assert delays[0] <= 1.0
    assert max(delays) <= 30.0


def test_branches_do_not_knock_together() -> None:
    assert len({next(full_jitter(Random(seed))) for seed in range(100)}) == 100


def test_the_same_seed_waits_alike() -> None:
    assert list(islice(full_jitter(Random(7)), 9)) == list(islice(full_jitter(Random(7)), 9))


def test_a_device_node_is_looked_for_every_second() -> None:
    assert list(islice(local(), 5)) == [1.0] * 5


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (LinkLost("gone"), True),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), True),
        (TimeoutError(), True),
        (socket.gaierror(-2, "unknown"), True),
        (serial.SerialException("no"), True),
        (ExceptionGroup("both", [LinkLost("gone"), OSError()]), True),
        (ExceptionGroup("one of ours", [LinkLost("gone"), KeyError()]), False),
        (ValueError("ours"), False),
        (RuntimeError("ours"), False),
    ],
)
def test_the_world_is_tried_again_and_our_own_faults_rise(fault: Exception, again: bool) -> None:
    assert retryable(fault) is again
