"""Announcers over real players: children of the session, which write down what they were given and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from drivers.announcer import Settings
from edge.config.links import SoundLink
from edge.config.load import Bus
from edge.core.events import DeviceEvent, DeviceStatus
from edge.core.instant import seconds
from edge.core.wording import Text
from edge.driver import Device
from edge.shell import announcing, session
from edge.shell.clock import Clock
from edge.shell.links import sound
from edge.shell.session import Session
from edge.sim.devices.speaker import BUSY, HANGS, SOUNDS, Speaker, write_clips
from tests.drivers.calls import say
from tests.fakes import FakeInbox
from tests.shell.branch import soon

DIGITS = ["ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"]
PAUSE_S = 0.5


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time to start a player; that is no fault of the device."""
    monkeypatch.setattr(sound, "LATE_S", 60.0)
    monkeypatch.setattr(session, "OPEN_WITHIN_S", 90.0)


class Hall:
    """An announcer's session, the loudspeaker at its end, and what the session tells."""

    def __init__(self, folder: Path, *, player: str = "", device: str = "default", **settings: Any) -> None:
        self.clips, self.end = folder / "clips", Speaker(folder / "end", clips=folder / "clips")
        write_clips(self.clips, [name for name in SOUNDS if name != "Z"], lasts_s=0.01)
        self.clock = Clock()
        self.inbox = FakeInbox(self.clock)
        given = {"clips": str(self.clips), "synthesizer": "", "pause_s": PAUSE_S, **settings}
        voice = Device("voice-1", "announcer", Settings.model_validate(given))
        bus = Bus(SoundLink(device, player or str(self.end.player)), "announcer", (voice,))
        self.session = Session(bus, self.inbox, clock=self.clock, rng=Random(1))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.session.serve())
            try:
                yield
            finally:
                task.cancel()

    def call(self, ticket: str, window: str = "3", *, lasts_s: float = 60, **change: Any) -> None:
        at, lasts = self.inbox.now(), seconds(lasts_s)
        self.session.do(replace(say(ticket, window), at=at, lasts=lasts, **change))

    async def told(self, state: str, detail: str = "", *, times: int = 1) -> None:
        def enough(events: Any) -> bool:
            found = [e for e in events if isinstance(e, DeviceStatus) and e.state == state and detail in e.detail]
            return len(found) >= times

        await self.inbox.until(enough)

    async def heard(self, *tickets: str) -> None:
        """Returns once these have been called to their end, in this order and nothing else."""
        for count in range(len(tickets)):
            await soon(partial(self._more_than, count), lambda: self.clock.sleep(0.02))
        assert self.tickets() == list(tickets)

    def _more_than(self, count: int) -> bool:
        return len(self.tickets()) > count

    @property
    def has_spoken(self) -> bool:
        """Whether the player has played a call to its end."""
        return self.session._connection is not None and self.session._connection.heard

    def tickets(self) -> list[str]:
        """What was called, by the sounds between 请 and 号."""
        return ["".join(map(sign, said[said.index("qing3") + 1 : said.index("hao4")])) for said in self.said()]

    def said(self) -> list[list[str]]:
        return [said for said in self.end.said() if said]


def sign(sound: str) -> str:
    return str(DIGITS.index(sound)) if sound in DIGITS else sound


async def test_a_call_is_a_chime_and_the_words_twice(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.call("A012")
        await hall.heard("A012")

    (said,) = hall.said()
    assert said[0] == "chime"
    assert said[1 : 1 + len(said) // 2] == said[1 + len(said) // 2 :]
    assert [event for event in hall.inbox.events if isinstance(event, DeviceEvent)] == []


async def test_five_calls_at_once_follow_each_other_and_none_is_lost_or_cut(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    tickets = [f"A00{n}" for n in range(1, 6)]
    async with hall.open():
        for window, ticket in enumerate(tickets, 1):
            hall.call(ticket, str(window))
        await hall.heard(*tickets)

    _, _, *played = hall.end.record()  # the silence it was tried with comes first
    begun, ended = played[0::2], played[1::2]
    assert all(end["ended"] - begin["began"] >= begin["lasts_s"] for begin, end in zip(begun, ended, strict=True)), (
        "each to its end, and none before the end of the one before it"
    )
    assert all(begin["began"] - end["ended"] >= PAUSE_S for end, begin in zip(ended, begun[1:], strict=False)), (
        "a pause between"
    )


async def test_while_many_wait_each_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "PATIENCE_S", 3.0)  # these calls take 2 s, not ten
    hall = Hall(tmp_path)
    async with hall.open():
        for ticket in ("A001", "A002", "A003"):
            hall.call(ticket)
        await hall.heard("A001", "A002", "A003")

    assert [said.count("qing3") for said in hall.said()] == [1, 1, 2]


async def test_repeats_of_what_waits_are_one_and_of_what_has_been_said_are_said(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        hall.call("A001")
        hall.call("A002")
        hall.call("A002")
        hall.call("A001", "4")
        await hall.heard("A001", "A002")
        hall.call("A001")
        await hall.heard("A001", "A002", "A001")

    assert "si4" in hall.said()[0], "the newer window"


async def test_what_is_urgent_is_said_before_the_others_and_cuts_nothing(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.end.trouble(HANGS)  # the first is being said for as long as we want
        for ticket in ("A001", "A002"):
            hall.call(ticket)
        await soon(lambda: len(hall.end.record()) > 2, lambda: hall.clock.sleep(0.02))
        hall.call("", "", urgent=True, text=Text("请A9号", ""))
        hall.end.trouble()
        await hall.heard("A001", "A9", "A002")


@pytest.mark.voice
async def test_espeak_speaks_and_aplay_plays_where_nothing_is_recorded(tmp_path: Path) -> None:
    hall = Hall(tmp_path, player="aplay", device="null", clips="", synthesizer="espeak-ng", english=True, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.call("A012")
        await soon(lambda: hall.has_spoken, lambda: hall.clock.sleep(0.02))

    assert hall.session.report().not_done == 0
    assert len([event for event in hall.inbox.events if isinstance(event, DeviceStatus)]) == 1


async def test_a_busy_device_is_down_with_the_reason_and_the_call_is_said_when_it_is_free(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.end.trouble(BUSY)
        hall.call("A001")
        await hall.told("down", "default: another program has it; stop that")
        assert hall.session.report().reason.startswith("default: another program has it")
        assert not hall.session.report().open
        hall.end.trouble()
        await hall.heard("A001")
        await hall.told("ok", "link back", times=2)

    assert hall.session.report().not_done == 0


async def test_a_player_that_hangs_is_stopped_and_the_call_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.end.trouble(HANGS)
        monkeypatch.setattr(sound, "LATE_S", 1.0)
        hall.call("A001")
        await hall.told("down", "player has not ended")
        monkeypatch.setattr(sound, "LATE_S", 60.0)
        hall.end.trouble()
        await hall.heard("A001")


async def test_a_player_that_is_missing_is_told_and_named_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path, player="no-such-player")
    with capture_logs() as logs:
        async with hall.open():
            hall.call("A001", lasts_s=2)
            await hall.told("down", "no-such-player is not installed; check player of the link")
            await soon(lambda: hall.session.report().not_done, lambda: hall.clock.sleep(0.05))

    (told,) = [event for event in hall.inbox.events if isinstance(event, DeviceEvent)]
    assert (told.event, told.detail) == ("not_done", "call of A001: not within 2 s")
    assert [log["event"] for log in logs] == ["link lost", "not done"]


async def test_no_voice_is_told_with_every_reason(tmp_path: Path) -> None:
    hall = Hall(tmp_path, clips="/nowhere", synthesizer="no-such-voice")
    async with hall.open():
        await hall.told("down", "there is no voice; /nowhere: cannot be read: No such file or directory; no-such-voice")


async def test_clips_that_are_wrong_degrade_it_and_the_synthesizer_speaks(tmp_path: Path) -> None:
    voice = tmp_path / "voice"
    voice.write_text(f"#!/bin/sh\ncat > {tmp_path}/asked; cat {tmp_path}/clips/qing3.wav\n")
    voice.chmod(0o755)
    hall = Hall(tmp_path, synthesizer=str(voice), chime=False, times=1)
    (hall.clips / "hao4.wav").write_bytes(b"hello")
    async with hall.open():
        await hall.told("degraded", "hao4.wav is no WAV file")
        hall.call("A012")
        await soon(lambda: ["qing3"] in hall.said(), lambda: hall.clock.sleep(0.02))
        await hall.told("degraded", "no clip hao4.wav")

    assert (tmp_path / "asked").read_text().startswith("qing3 A ling2 yi1 er4 hao4")


async def test_a_synthesizer_that_fails_is_a_reason_and_the_call_waits_for_it(tmp_path: Path) -> None:
    voice = tmp_path / "voice"
    voice.write_text("#!/bin/sh\necho 'out of breath' >&2\nexit 1\n")
    voice.chmod(0o755)
    hall = Hall(tmp_path, synthesizer=str(voice), clips="", times=1, chime=False)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.call("A012")
        await hall.told("down", "voice failed: out of breath")
        voice.write_text(f"#!/bin/sh\ncat {hall.clips}/qing3.wav\n")
        await soon(lambda: ["qing3"] in hall.said(), lambda: hall.clock.sleep(0.02))


async def test_a_call_that_cannot_be_said_degrades_it_is_passed_on_and_stops_nothing(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.call("Z001")
        await hall.told("degraded", "no clip Z.wav, and no synthesizer is configured")
        hall.call("A002")
        await hall.heard("A002")

    events = [event for event in hall.inbox.events if isinstance(event, DeviceEvent)]
    assert [(event.device, event.event, event.detail) for event in events] == [("voice-1", "unsaid", "Z001")]


async def test_a_call_that_comes_too_late_is_not_said(tmp_path: Path) -> None:
    hall = Hall(tmp_path, times=1)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.call("A001", lasts_s=-1)
        hall.call("A002")
        await hall.heard("A002")

    assert hall.session.report().not_done == 1


async def test_a_session_that_ends_takes_its_player_with_it(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    async with hall.open():
        await hall.told("ok", "link back")
        hall.end.trouble(HANGS)
        hall.call("A001")
        await soon(lambda: len(hall.end.record()) > 2, lambda: hall.clock.sleep(0.02))

    running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _read(path)]
    assert running == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
