"""What an open page is told, what it is told again after a reconnect, and what becomes of one that does not listen."""

import asyncio
from typing import Any

import aiohttp
import pytest

from edge.core.commands import EndDevice, Ignore, PublishDevice, PublishPrompt
from edge.core.events import TicketIssued
from edge.web.events import Crowded, Hub
from edge.web.server import Pages
from edge.web.stream import Pace
from tests.fakes import turns
from tests.web.branch import TEN, FakeDaemon, call, pages_of, serving, triage_prompt, wait
from tests.web.reader import listening

ISSUED = TicketIssued(at=TEN, ticket="A013", service="cash")


async def told(hub: Hub, kinds: set[str], last: str | None = None) -> str:
    """What a stream begins with."""
    stream = hub.join(kinds, last, lambda: None)
    chunk = await anext(stream.chunks())
    stream.end()
    return chunk.decode()


async def test_a_new_page_gets_one_snapshot_and_then_what_happens(
    daemon: FakeDaemon, web: aiohttp.ClientSession
) -> None:
    async with listening(web) as reader:
        first = await reader.next()
        daemon.tell(PublishPrompt(triage_prompt()), call())
        prompt, board = await reader.next(), await reader.next()

    assert (first.kind, first.id) == ("snapshot", "boot7:0")
    assert first.data["branch"]["name"]["zh"] == "示范支行"
    assert (prompt.kind, prompt.id, prompt.data["state"]) == ("prompt", "boot7:1", "raised")
    assert (board.kind, board.id, board.data["ticket"]) == ("board", "boot7:2", "A012")


async def test_a_page_that_comes_back_gets_what_it_missed_and_at_once_a_sign_of_life(
    daemon: FakeDaemon, web: aiohttp.ClientSession
) -> None:
    for number in (1, 2, 3):
        daemon.tell(PublishPrompt(triage_prompt(number)))

    async with listening(web, last="boot7:1") as reader:
        again = [await reader.next() for _ in range(3)]

    assert [(event.kind, event.id) for event in again] == [
        ("prompt", "boot7:2"),
        ("prompt", "boot7:3"),
        ("queue", None),
    ]


async def test_the_id_may_come_in_the_query_because_a_page_cannot_set_the_header(
    daemon: FakeDaemon, web: aiohttp.ClientSession
) -> None:
    daemon.tell(PublishPrompt(triage_prompt(1)), PublishPrompt(triage_prompt(2)))

    async with web.get("/api/events", params={"last": "boot7:1", "kinds": "prompt"}) as response:
        await response.content.readuntil(b"\n\n")
        block = await response.content.readuntil(b"\n\n")

    assert block.startswith(b"id: boot7:2\nevent: prompt\n")


@pytest.mark.parametrize(
    "last",
    ["boot6:2", "boot7:99", "boot7:-1", "boot7:", "boot7", "nonsense", "boot7:9" + "9" * 40, "boot7:²"],
)
async def test_an_id_of_another_run_or_of_no_run_is_answered_by_a_snapshot(
    daemon: FakeDaemon, pages: Pages, last: str
) -> None:
    daemon.tell(PublishPrompt(triage_prompt()))

    assert "event: snapshot" in await told(pages._hub, {"snapshot", "prompt"}, last)


async def test_an_id_older_than_the_ring_is_answered_by_a_snapshot(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(ring=4))
    hub.perform([PublishPrompt(triage_prompt(number)) for number in range(10)])

    assert "event: snapshot" in await told(hub, {"snapshot", "prompt"}, "boot7:5")
    assert "event: snapshot" not in await told(hub, {"snapshot", "prompt"}, "boot7:6")


async def test_a_page_gets_of_a_snapshot_only_what_it_shows(pages: Pages) -> None:
    board = await told(pages._hub, {"snapshot", "board", "wait"})

    assert '"boards"' in board
    assert '"waiting":[' not in board
    assert '"prompts"' not in board
    assert '"staff"' not in board


async def test_a_silent_link_is_kept_alive_by_events_and_they_carry_the_last_id(daemon: FakeDaemon) -> None:
    pages = pages_of(daemon, Pace(heartbeat_s=0.02))
    async with (
        serving(pages.on_port("127.0.0.1:0")) as url,
        aiohttp.ClientSession(url) as web,
        listening(web) as reader,
    ):
        daemon.tell(PublishPrompt(triage_prompt()))
        beats = [await reader.next("heartbeat") for _ in range(2)]

    assert beats[0].data == {"at": "2026-11-20T10:00:00+08:00"}
    assert beats[1].id == "boot7:1"


async def test_a_busy_stream_is_given_its_heartbeats_too(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(heartbeat_s=0.0))
    stream = hub.join({"prompt", "heartbeat"}, None, lambda: None)
    chunks = stream.chunks()
    await anext(chunks)
    hub.perform([PublishPrompt(triage_prompt())])

    chunk = (await anext(chunks)).decode()

    assert chunk.index("event: prompt") < chunk.index("event: heartbeat")


async def test_changes_of_the_queue_are_gathered_into_one_event(
    daemon: FakeDaemon, pages: Pages, web: aiohttp.ClientSession
) -> None:
    async with listening(web, kinds="queue,prompt") as reader:
        for number in range(20):
            pages.happened([TicketIssued(at=TEN, ticket=f"C{number:03}", service="cash")])
        queue = await reader.next("queue")
        daemon.tell(PublishPrompt(triage_prompt()))
        after = await reader.next()

    assert [ticket["ticket"] for ticket in queue.data["waiting"]][:2] == ["A003", "A007"]
    assert queue.data["health"] == {"state": "ok", "problems": [], "troubles": []}
    assert after.kind == "prompt"


async def test_a_queue_that_is_as_it_was_is_not_told_again(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(settle_s=0.0))
    stream = hub.join({"queue"}, None, lambda: None)
    chunks = stream.chunks()
    await anext(chunks)

    hub.happened([ISSUED])
    assert b"event: queue" in await anext(chunks)
    hub.happened([ISSUED])
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert stream._level is None


async def test_a_page_that_joins_hears_that_the_queue_is_again_as_it_was_told_last(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(settle_s=0.0))
    before = hub.join({"queue"}, None, lambda: None)
    hub.happened([ISSUED])
    await turns()
    before.end()
    waiting, daemon.picture["waiting"] = daemon.picture["waiting"], []

    after = hub.join({"snapshot", "queue"}, None, lambda: None)
    chunks = after.chunks()
    assert b'"waiting":[]' in await anext(chunks)
    daemon.picture["waiting"] = waiting
    hub.happened([ISSUED])

    assert b'"ticket":"A003"' in await anext(chunks)


async def test_every_kind_of_news_has_its_form(daemon: FakeDaemon, web: aiohttp.ClientSession) -> None:
    async with listening(web) as reader:
        await reader.next("snapshot")
        daemon.tell(
            wait(),
            PublishDevice("atm-1", "atm", "down", {"dispenser": "fault"}, "", TEN),
            Ignore("ticket.called", "X1", "nobody drew it"),
            EndDevice("atm-1"),
        )
        forecast, status, gone = await reader.next(), await reader.next(), await reader.next()

    assert (forecast.kind, forecast.data["service"], forecast.data["wait_p90"]) == ("wait", "cash", 1230.0)
    assert (status.kind, status.data["device"], status.data["parts"]) == ("device", "atm-1", {"dispenser": "fault"})
    assert (gone.kind, gone.data) == ("device", {"device": "atm-1", "gone": True})


async def test_journalled_events_are_told_to_those_who_ask_and_to_nobody_else(
    pages: Pages, web: aiohttp.ClientSession
) -> None:
    async with listening(web, kinds="event,prompt") as follower, listening(web) as page:
        await page.next("snapshot")
        pages.happened([ISSUED])
        event = await follower.next()
        on_the_page = await page.next()

    assert (event.kind, event.id) == ("event", "boot7:1")
    assert event.data == {
        "type": "ticket.issued",
        "at": "2026-11-20T10:00:00+08:00",
        "ticket": "A013",
        "service": "cash",
    }
    assert on_the_page.kind == "queue"


async def test_a_page_that_does_not_read_is_cut_off_and_the_others_hear_on(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(backlog=3))
    cut: list[str] = []
    slow = hub.join({"prompt"}, None, lambda: cut.append("slow"))
    quick = hub.join({"prompt"}, None, lambda: cut.append("quick"))
    await anext(slow.chunks())
    heard = quick.chunks()
    await anext(heard)

    for number in range(5):
        hub.perform([PublishPrompt(triage_prompt(number))])
        await anext(heard)

    assert cut == ["slow"]
    assert hub.streams == 1
    assert await ends(slow.chunks())


async def ends(chunks: Any) -> bool:
    await anext(chunks)
    return [chunk async for chunk in chunks] == []


async def test_there_is_an_end_to_the_pages_that_may_be_open(daemon: FakeDaemon) -> None:
    hub = Hub(daemon, Pace(streams=2))
    streams = [hub.join({"prompt"}, None, lambda: None) for _ in range(2)]

    with pytest.raises(Crowded):
        hub.join({"prompt"}, None, lambda: None)

    streams[0].end()
    hub.join({"prompt"}, None, lambda: None)


async def test_nothing_is_put_into_words_while_nobody_listens(daemon: FakeDaemon) -> None:
    hub = Hub(daemon)

    hub.perform([PublishPrompt(triage_prompt())])
    hub.happened([ISSUED])

    assert [entry.frame for entry in hub._ring] == [None, None]
    assert hub._settling is None
