"""The store: what was committed is there again, whatever happened between; a full disk loses nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge.shell.store import BALLAST, CHECKPOINT_EVERY, SEEN_MOST, DiskFull, Store, StoreFailed, Turn
from tests.logless import journalled

if TYPE_CHECKING:
    from pathlib import Path


def opened(folder: Path) -> Store:
    return Store.open(folder, "0571-0042")


def test_a_turn_is_there_after_reopening(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit(Turn(events=[(5, b'{"a":1}', None)], messages=[(5, "tick", "{}")], answers=[("k", 5, "yes")], fired=9))
    store.close()

    again = opened(tmp_path)

    assert list(again.tail(0)) == [(1, b'{"a":1}')]
    assert [(m.boot, m.seq, m.kind, m.at) for m in again.after((0, 0), 10)] == [(1, 1, "tick", 5)]
    assert again.answer("k") == "yes"
    assert again.fired == 9


def test_each_start_is_a_boot_and_numbers_have_no_gap_within_it(tmp_path: Path) -> None:
    for boot in (1, 2, 3):
        store = opened(tmp_path)
        for _ in range(3):
            store.commit(Turn(messages=[(1, "x", "{}"), (1, "y", "{}")]))
        store.close()
        assert store.boot == boot
    marks = [(m.boot, m.seq) for m in opened(tmp_path).after((0, 0), 100)]

    assert marks == [(boot, seq) for boot in (1, 2, 3) for seq in range(1, 7)]


def test_an_id_is_fixed_at_the_commit(tmp_path: Path) -> None:
    store = opened(tmp_path)
    first = store.commit(Turn(messages=[(1, "x", "{}")]))
    store.close()

    assert [m.id for m in opened(tmp_path).after((0, 0), 9)] == [m.id for m in first] == ["0571-0042:1:1"]


def test_settled_messages_are_forgotten_with_the_next_commit(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit(Turn(messages=[(1, "x", "{}")] * 5))
    store.settle((1, 3))
    assert store.depth == 2
    store.close()
    store = opened(tmp_path)
    assert store.depth == 5

    store.settle((1, 3))
    store.commit(Turn(fired=1))

    assert [m.seq for m in store.after((0, 0), 9)] == [4, 5]


def test_a_message_of_the_same_digest_was_seen_also_by_the_daemon_before_us(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit(Turn(events=[(1, b"{}", b"digest")]))
    assert store.seen(b"digest")
    store.close()

    assert opened(tmp_path).seen(b"digest")
    assert not store.seen(b"other")


def test_the_newest_digests_outlive_a_restart_the_longest(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit(Turn(events=[(n, b"{}", b"%d" % n) for n in range(SEEN_MOST)]))
    store.commit(Turn(events=[(0, b"{}", b"0")]))  # said again
    store.close()
    store = opened(tmp_path)

    store.commit(Turn(events=[(n, b"{}", b"new %d" % n) for n in range(3)]))

    assert store.seen(b"0")
    assert store.seen(b"%d" % (SEEN_MOST - 1))
    assert not store.seen(b"1")


def test_nobody_else_may_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = opened(tmp_path)
        store.commit(Turn(fired=1))
        store.keep_room()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)

    assert modes == dict.fromkeys(("lock", "lobbyd.db", "lobbyd.db-wal", "lobbyd.db-shm", "ballast"), 0o600)


def test_two_daemons_do_not_share_a_state(tmp_path: Path) -> None:
    store = opened(tmp_path)

    with pytest.raises(StoreFailed, match="another lobbyd runs on this state"):
        opened(tmp_path)
    store.close()


def test_a_file_that_is_no_database_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "lobbyd.db").write_bytes(b"not a database, rather a long text that sqlite will not take for one" * 9)

    with pytest.raises(StoreFailed, match="move it aside"):
        opened(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreFailed, match=r"check \[state\] dir"):
        opened(tmp_path / "file" / "state")


def test_trimming_keeps_what_no_snapshot_covers(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit(Turn(events=[(n, b"{}", None) for n in range(10)], answers=[("old", 1, "a"), ("new", 9, "b")]))
    store.trim(8, 5)
    assert len(list(store.tail(0))) == 10
    store.keep_snapshot(b"{}")

    store.trim(8, 5)

    assert [number for number, _ in store.tail(0)] == [9, 10]
    assert (store.answer("old"), store.answer("new")) == (None, "b")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_the_log_is_brought_into_the_file_when_it_is_asked_for_and_enough_has_gathered(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for n in range(CHECKPOINT_EVERY - 1):
        store.commit(Turn(events=[(n, b"{}", None)]))
        store.checkpoint()
    before = journalled(tmp_path)
    store.commit(Turn(events=[(CHECKPOINT_EVERY, b"{}", None)]))
    unasked = journalled(tmp_path)
    store.checkpoint()

    assert before == unasked == 0
    assert journalled(tmp_path) == CHECKPOINT_EVERY


def test_a_full_disk_refuses_the_turn_whole_and_takes_it_once_there_is_room(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        store = opened(mount)
        big = Turn(events=[(1, b"x" * 40_000, None)], messages=[(1, "x", "{}")])
        taken = 0
        with pytest.raises(DiskFull, match="make room"):
            for _ in range(200):
                store.commit(big)
                taken += 1
        filler = mount / "filler"
        assert taken > 0
        assert len(list(store.tail(0))) == taken
        assert not filler.exists()
        subprocess.run(["mount", "-o", "remount,size=16m", str(mount)], check=True)
        messages = store.commit(big)
        assert len(list(store.tail(0))) == taken + 1
        assert messages[0].seq == taken + 1
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_on_a_full_disk_it_opens_by_what_was_kept_back_and_says_what_to_do_when_there_is_nothing(
    tmp_path: Path,
) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(mount)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        store = opened(mount)
        store.commit(Turn(events=[(n, b"{}", None) for n in range(10)]))
        store.keep_room()
        store.close()
        (mount / "filler").write_bytes(b"x" * (os.statvfs(mount).f_bavail * 4096))
        store = opened(mount)
        assert store.boot == 2
        assert not (mount / "ballast").exists()
        (mount / "more").write_bytes(b"x" * (os.statvfs(mount).f_bavail * 4096))
        store.trim(99, 99)
        store.close()
        with (mount / "more").open("ab") as file, contextlib.suppress(OSError):
            file.write(b"x" * 4_000_000)

        with pytest.raises(StoreFailed, match="make room"):
            opened(mount)
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


def test_the_ballast_is_given_up_first(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.keep_room()

    assert (tmp_path / "ballast").stat().st_size == BALLAST
    store.close()


WRITER = """
import sys
from pathlib import Path
from edge.shell.store import Store, Turn
store = Store.open(Path(sys.argv[1]), "b")
n = 0
while True:
    n += 1
    store.commit(Turn(events=[(n, str(n).encode(), None)], messages=[(n, "x", str(n))]))
    print(n, flush=True)
"""


def test_what_was_said_to_be_committed_survives_a_kill(tmp_path: Path) -> None:
    said = 0
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _, line in zip(range(50), writer.stdout, strict=False):
            said_now = int(line)
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split()
        said += int(rest[-1]) if rest else said_now
    store = opened(tmp_path)

    assert len(list(store.tail(0))) >= said
    assert store.depth == len(list(store.tail(0)))
    store.close()
