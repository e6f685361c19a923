"""The call board on a TV: what the daemon says, in letters for ten metres, and nothing it has not said lately."""

import pytest
from playwright.async_api import Page, expect

from edge.core.instant import SECOND
from edge.core.outputs import BoardLevel, ShowOnBoard
from edge.core.outputs import Page as BoardPage
from edge.core.wording import Text
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.web.branch import TEN, FakeDaemon, call, wait, words

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TV = {"viewport": {"width": 1920, "height": 1080}, "is_mobile": False, "has_touch": False}


async def fits(page: Page) -> bool:
    fit: bool = await page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
    )
    return fit


async def test_a_call_fills_the_screen_and_then_joins_the_latest(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board", **TV)
    await expect(page.locator("#text-zh")).to_have_text("现等候约10至25分钟")

    daemon.tell(call("A012", "3"))
    await expect(page.locator("#ticket")).to_have_text("A012")
    await expect(page.locator("#window")).to_have_text("3")
    await expect(page.locator("#calls li")).to_have_text(["A0022 号窗口", "A0011 号窗口"])
    daemon.tell(call("B003", "1"))

    await expect(page.locator("#ticket")).to_have_text("B003")
    await expect(page.locator("#calls li").first).to_have_text("A0123 号窗口")
    assert await page.locator("#ticket").evaluate("element => parseFloat(getComputedStyle(element).fontSize)") > 300
    assert await fits(page)


async def test_the_latest_calls_all_fit(daemon: FakeDaemon, opened: Opened) -> None:
    names = [f"s{number}" for number in range(6)]
    daemon.picture["services"] = {id: {"name": words("账户业务", "Accounts and cards"), "public": True} for id in names}
    daemon.tell(*(wait(id, 3, 1300, 2600) for id in names))
    page = await opened("/board/tv-1", **TV)
    await expect(page.locator("#calls li")).to_have_count(2)
    for number in range(10):
        daemon.tell(call(f"C{number:03}", "10"))

    await expect(page.locator("#waits li")).to_have_count(4)
    await expect(page.locator("#calls li")).to_have_count(6)
    await expect(page.locator("#calls li").first).to_have_text("C00810 号窗口")
    last = await page.locator("#calls li").last.bounding_box()
    footer = await page.locator("footer").bounding_box()
    wait_box = await page.locator("#waits li").last.bounding_box()
    assert wait_box is not None
    assert wait_box["x"] + wait_box["width"] < 1920
    assert last is not None
    assert footer is not None
    assert last["y"] + last["height"] < footer["y"]


async def test_another_boards_calls_are_not_shown(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    await expect(page.locator("#text-zh")).to_have_text("现等候约10至25分钟")

    daemon.tell(call("A050", board="other"), call("A012"))

    await expect(page.locator("#ticket")).to_have_text("A012")
    await expect(page.locator("#calls")).not_to_contain_text("A050")


async def test_waits_are_those_of_classes_that_may_be_named(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    daemon.tell(wait("large", 2), wait("account", 3, low_min=15, high_min=30))

    await expect(page.locator("#waits li")).to_have_text(
        ["个人现金5–25 分 minPersonal cash", "开户与账户15–30 分 minAccounts"]
    )


async def test_where_no_range_can_be_said_it_is_how_many_wait_and_then_nothing(
    daemon: FakeDaemon, opened: Opened
) -> None:
    page = await opened("/board/tv-1", **TV)
    unsaid = {"low_min": None, "high_min": None}
    daemon.tell(wait("account", 3, ahead=3, reason="wide", **unsaid))
    await expect(page.locator("#waits li")).to_have_text(
        ["个人现金5–25 分 minPersonal cash", "开户与账户3 人在等 waitingAccounts"]
    )

    daemon.tell(wait("account", 3, reason="stale", until=None, **unsaid))
    await expect(page.locator("#waits li")).to_have_text(["个人现金5–25 分 minPersonal cash"])


async def test_what_is_too_old_to_be_shown_goes_by_itself(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    await expect(page.locator("#waits li").first).to_be_visible()

    daemon.tell(wait(until=TEN - SECOND), wait("account", until=TEN - SECOND))
    await expect(page.locator("#waits-box")).to_be_hidden()


async def test_an_emergency_takes_the_whole_screen(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    text = Text("请勿惊慌，跟工作人员离开", "Stay calm, leave with staff")
    daemon.tell(ShowOnBoard("tv-1", BoardPage("emergency", text), TEN))

    await expect(page.locator("#text-zh")).to_have_text(text.zh)
    await expect(page.locator("#text-en")).to_have_text(text.en)
    await expect(page.locator("aside, footer").locator("visible=true")).to_have_count(0)
    assert await fits(page)


async def test_nothing_stale_stands_on_the_screen(daemon: FakeDaemon, cable: Cable, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    await page.clock.install()
    await page.reload()
    daemon.tell(call("A012"))
    await expect(page.locator("#ticket")).to_have_text("A012")

    cable.hold()
    await page.clock.run_for(27_000)
    await expect(page.locator("#text-zh")).to_have_text("请留意叫号，谢谢耐心")
    await expect(page.locator("#call, aside, footer").locator("visible=true")).to_have_count(0)
    await expect(page.locator("#clock")).to_have_text("")
    cable.mend()

    await expect(page.locator("#ticket")).to_have_text("A012")
    await expect(page.locator("#call")).to_be_visible()


async def test_a_long_number_fits(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", **TV)
    daemon.tell(call("VIP0128", "12"))

    await expect(page.locator("#ticket")).to_have_text("VIP0128")
    box = await page.locator("#ticket").bounding_box()
    aside = await page.locator("aside").bounding_box()
    assert box is not None
    assert aside is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= aside["x"]
    assert await fits(page)


@pytest.mark.parametrize("name", ["贷款与公积金", "个人贷款与住房公积金综合业务办理"])
async def test_waits_fit_whatever_the_classes_are_called(daemon: FakeDaemon, opened: Opened, name: str) -> None:
    names = [f"s{number}" for number in range(4)]
    english = "Personal loans and housing provident fund"
    daemon.picture["services"] = {id: {"name": words(name, english), "public": True} for id in names}
    daemon.tell(*(wait(id, 3, low_min=20, high_min=35) for id in names), call("A012", "3"))
    page = await opened("/board/tv-1", **TV)

    await expect(page.locator("#waits li")).to_have_count(4)
    boxes = [await item.bounding_box() for item in await page.locator("#waits p, aside, #clock").all()]
    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 1920 for box in boxes)
    assert await page.locator("#waits b").first.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize(("ticket", "window"), [("CORP-0128", "12"), ("CORPORATE-01", "贵宾理财室")])
async def test_a_number_is_as_large_as_it_can_be(daemon: FakeDaemon, opened: Opened, ticket: str, window: str) -> None:
    page = await opened("/board/tv-1", **TV)
    daemon.tell(call("A001", "1"), call(ticket, window))

    await expect(page.locator("#ticket")).to_have_text(ticket)
    room = await page.locator("#now").bounding_box()
    assert room is not None
    for id in ("#ticket", ".goto"):
        box = await page.locator(id).bounding_box()
        assert box is not None
        assert room["x"] <= box["x"]
        assert box["x"] + box["width"] <= room["x"] + room["width"]
        assert await page.locator(id).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert await fits(page)


async def test_a_number_that_is_called_again_is_seen_to_be(daemon: FakeDaemon, opened: Opened) -> None:
    blinking = "document.getElementById('ticket').getAnimations().length"
    page = await opened("/board/tv-1", **TV)
    daemon.tell(call("B003", "1"))
    await expect(page.locator(".label")).to_have_text("请 Please")
    await page.evaluate("document.getElementById('ticket').getAnimations().forEach(one => one.finish())")
    assert await page.evaluate(blinking) == 0

    daemon.tell(ShowOnBoard("tv-1", BoardPage("call", Text("请再来一次", "Once more"), "B003", "1", again=True), TEN))
    await expect(page.locator(".label")).to_have_text("再次请 Again, please")
    assert await page.evaluate(blinking) == 1


@pytest.mark.parametrize("level", ["emergency", "scam"])
async def test_what_people_are_to_do_in_danger_stands_though_the_wire_is_cut(
    daemon: FakeDaemon, cable: Cable, opened: Opened, level: BoardLevel
) -> None:
    page = await opened("/board/tv-1", **TV)
    await page.clock.install()
    await page.reload()
    text = Text("请勿惊慌，跟工作人员离开", "Stay calm, leave with staff")
    daemon.tell(ShowOnBoard("tv-1", BoardPage(level, text), TEN))
    await expect(page.locator("#text-zh")).to_have_text(text.zh)

    cable.hold()
    await page.clock.run_for(27_000)
    await expect(page.locator("#clock")).to_have_text("")
    await expect(page.locator("#text-zh")).to_have_text(text.zh)
    await expect(page.locator("aside, footer").locator("visible=true")).to_have_count(0)
    cable.mend()


async def test_a_class_keeps_its_place_among_the_waits(daemon: FakeDaemon, opened: Opened) -> None:
    names = [f"s{number}" for number in range(5)]
    daemon.picture["services"] = {id: {"name": words(f"业务{id}", id), "public": True} for id in names}
    daemon.tell(*(wait(id, 3 + number, low_min=5, high_min=10) for number, id in enumerate(names)))
    page = await opened("/board/tv-1", **TV)
    shown = page.locator("#waits li")
    await expect(shown).to_have_text([f"业务{id}5–10 分 min{id}" for id in names[1:]])

    few = {"low_min": None, "high_min": None}
    daemon.tell(wait("s0", 5, ahead=5, **few))
    daemon.tell(wait("s4", 4, ahead=4, **few))
    await expect(shown.last).to_have_text("业务s44 人在等 waitings4")
    await expect(shown.first).to_have_text("业务s15–10 分 mins1")
    daemon.tell(wait("s0", 9, ahead=9, **few))
    await expect(shown.first).to_have_text("业务s09 人在等 waitings0")
    await expect(shown.last).to_have_text("业务s35–10 分 mins3")
