"""The call board on a TV: what the daemon says, in letters for ten metres, and nothing it has not said lately."""

import pytest
from playwright.async_api import Page, expect

from edge.core.instant import SECOND
from edge.core.outputs import Page as BoardPage
from edge.core.outputs import ShowOnBoard
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

    await expect(page.locator("#waits li")).to_have_text(["个人现金5–25 分Personal cash", "开户与账户15–30 分Accounts"])


async def test_where_no_range_can_be_said_it_is_how_many_wait_and_then_nothing(
    daemon: FakeDaemon, opened: Opened
) -> None:
    page = await opened("/board/tv-1", **TV)
    unsaid = {"low_min": None, "high_min": None}
    daemon.tell(wait("account", 3, ahead=3, reason="wide", **unsaid))
    await expect(page.locator("#waits li")).to_have_text(["个人现金5–25 分Personal cash", "开户与账户3 人在等Accounts"])

    daemon.tell(wait("account", 3, reason="stale", until=None, **unsaid))
    await expect(page.locator("#waits li")).to_have_text(["个人现金5–25 分Personal cash"])


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
