"""The outbox within its budget: the oldest go first, a gap stands in their place, and the newest are always there."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.shell.outbox import GAP, MEGABYTE, ROW, Message, OutboxTable
from edge.shell.store import DiskFull, Store, Turn

DATA = '{"n": 0}'
LONG_DATA = json.dumps({"text": "x" * 1000})
SIZE = len(DATA) + ROW


def turn(messages: int = 1) -> Turn:
    return Turn(messages=[(5, "tick", DATA)] * messages)


def opened(folder: Path, messages: int) -> Store:
    """A store whose outbox has room for so many messages."""
    return Store.open(folder, "b", messages * SIZE)


def waiting(store: Store) -> list[Message]:
    return store.after((0, 0), 1_000_000)


def gap(message: Message) -> tuple[tuple[int, int], tuple[int, int], int]:
    item = json.loads(message.data)
    first, last = item["first"], item["last"]
    return (first["boot"], first["seq"]), (last["boot"], last["seq"]), item["messages"]


def test_within_the_budget_nothing_is_given_up(tmp_path: Path) -> None:
    store = opened(tmp_path, 10)
    for _ in range(10):
        store.commit(turn())

    assert [message.seq for message in waiting(store)] == list(range(1, 11))
    assert (store.lost, store.problems()) == (0, [])


def test_beyond_it_a_gap_says_which_are_missing_and_is_numbered_as_the_last_of_them(tmp_path: Path) -> None:
    store = opened(tmp_path, 10)
    for _ in range(100):
        store.commit(turn())
    first, *others = waiting(store)

    assert first.kind == GAP
    assert (first.boot, first.seq, first.id) == (1, others[0].seq - 1, f"b:1:{others[0].seq - 1}:gap")
    assert gap(first) == ((1, 1), (1, first.seq), first.seq)
    assert [message.seq for message in others] == list(range(first.seq + 1, 101))
    assert store.lost == first.seq
    assert store.problems() == [
        f"headquarters has been away too long: the oldest {first.seq} messages for it were given up"
    ]


def test_the_gap_grows_over_boots_and_counts_all(tmp_path: Path) -> None:
    for _ in range(3):
        store = opened(tmp_path, 10)
        for _ in range(20):
            store.commit(turn())
        store.close()
    store = opened(tmp_path, 10)
    first, *others = waiting(store)

    assert gap(first) == ((1, 1), (first.boot, first.seq), 60 - len(others))
    assert (others[-1].boot, others[-1].seq) == (3, 20)
    assert store.problems(), "a restart forgets nothing of it"


def test_once_headquarters_has_read_the_gap_there_is_no_problem(tmp_path: Path) -> None:
    store = opened(tmp_path, 10)
    for _ in range(30):
        store.commit(turn())
    store.settle((1, waiting(store)[0].seq))
    assert store.problems() == []
    store.flush()

    assert [message.kind for message in waiting(store)] == ["tick"] * store.depth


def test_a_turn_larger_than_the_budget_is_kept_whole(tmp_path: Path) -> None:
    store = opened(tmp_path, 10)
    store.commit(turn(5))
    store.commit(turn(50))

    assert [message.seq for message in waiting(store)][-50:] == list(range(6, 56))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), max_size=30))
def test_no_number_is_missing_that_a_gap_does_not_name(turns: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = opened(Path(folder), 20)
        settled = committed = 0
        for messages, read in turns:
            store.commit(turn(messages))
            committed += messages
            settled = min(settled + read, committed)
            store.settle((1, settled))
        rows = store.after((1, settled), 1_000_000)
        named = set(range(gap(rows[0])[0][1], gap(rows[0])[1][1] + 1)) if rows and rows[0].kind == GAP else set()
        depth = store.depth
        store.close()
        again = opened(Path(folder), 20)
        again.settle((1, settled))
        after = again.depth
        again.close()

    assert {message.seq for message in rows} | named >= set(range(settled + 1, committed + 1))
    assert depth == after == len(rows)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_on_a_full_disk_the_branch_goes_on_at_the_cost_of_what_waits_for_headquarters(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(mount)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        store = Store.open(mount, "b")
        store.keep_room()
        for _ in range(10):
            store.commit(Turn(messages=[(5, "tick", LONG_DATA)] * 200))
        (mount / "filler").write_bytes(b"x" * (os.statvfs(mount).f_bavail * 4096))
        full = 0
        for _ in range(600):
            try:
                store.commit(Turn(events=[(5, b"{}", None)], messages=[(5, "tick", LONG_DATA)] * 50))
            except DiskFull:
                full += 1
        taken = len(list(store.tail(0)))
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)

    assert full > 0, "the disk was never full"
    assert taken == 600 - full
    assert full < 10, "each time there is room at the next attempt"
    assert store.lost > 10_000


def test_what_a_message_counts_for_is_about_what_it_takes_on_disk(tmp_path: Path) -> None:
    for name, data, count in (("short", DATA, 20_000), ("prompt", LONG_DATA, 2_000)):
        store = Store.open(tmp_path / name, "b")
        empty = (tmp_path / name / "lobbyd.db").stat().st_size
        store.commit(Turn(messages=[(5, "tick", data)] * count))
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        taken = (tmp_path / name / "lobbyd.db").stat().st_size - empty
        counted = store._outbox._bytes
        store.close()

        assert taken * 0.8 < counted < taken * 2
        assert Store.open(tmp_path / name, "b")._outbox._bytes == counted


def test_it_takes_half_of_what_the_disk_has_left_at_the_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk:
        f_bavail, f_frsize = 10, MEGABYTE

    store = Store.open(tmp_path, "b", 100 * MEGABYTE)
    table: OutboxTable = store._outbox
    monkeypatch.setattr("os.statvfs", lambda _: Disk)
    store.keep_room()
    assert table._most == 5 * MEGABYTE

    Disk.f_bavail = 0
    store.keep_room()
    assert table._most == MEGABYTE, "never nothing: headquarters is to hear of today"
