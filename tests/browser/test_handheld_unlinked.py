"""The handheld without its daemon: what it says of what it does not know, and of what it knew before."""

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from edge.core.commands import PublishPrompt
from edge.core.instant import SECOND
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.browser.test_handheld import card
from tests.web.branch import TEN, FakeDaemon, device, triage_prompt, wait

if TYPE_CHECKING:
    from edge.web.ports import Trouble

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_before_the_daemon_has_told_anything_nothing_is_said_of_the_hall(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    daemon.picture["waiting"], daemon.picture["windows"], daemon.picture["devices"] = [], [], []
    page = await handheld()
    figures = page.locator("#glance dd")
    await expect(figures).to_have_text(["0", "–", "0/0", "正常"])
    await expect(page.locator("#none")).to_be_visible()

    await page.route("**/api/events**", lambda route: route.abort())
    await page.reload()

    await expect(page.locator("#trouble")).to_have_text("尚未收到数据，正在连接")
    await expect(figures).to_have_text(["–", "–", "–", "–"])
    await expect(page.locator("#none")).not_to_be_visible()
    await page.tap("button[data-tab=queue]")
    await expect(page.locator("#nobody")).not_to_be_visible()


async def test_what_the_daemon_would_do_is_not_claimed_while_there_is_no_link(
    daemon: FakeDaemon, cable: Cable, handheld: Opened
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(1, deadline=TEN - SECOND)), PublishPrompt(triage_prompt(2)))
    await expect(card(page, 1).locator(".note")).to_have_text("正在上报")
    cable.cut()

    await expect(card(page, 1).locator(".note")).to_have_text("到时未知（断线）")
    await expect(card(page, 2).locator(".note")).to_contain_text("后上报")
    cable.mend()
    await expect(card(page, 1).locator(".note")).to_have_text("正在上报")


async def test_troubles_are_one_short_line_for_staff_and_no_addresses(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.picture["health"] = {
        **daemon.picture["health"],
        "problems": ["serial:/dev/branch/queue: there is no such device; is it plugged in?", "hq: broker refused"],
        "troubles": [{"cause": "line", "devices": ["queue-1"]}, {"cause": "hq", "devices": []}],
    }
    daemon.tell(wait())

    await expect(page.locator("#trouble")).to_have_text("取号机线路断开；总行连接断开，网点照常")
    await page.tap("#language")
    await expect(page.locator("#trouble")).to_have_text(
        "Queue machine: line down; Headquarters’ link down, the branch goes on"
    )
    lines: list[Trouble] = [{"cause": "line", "devices": ["queue-1", "atm-1", "recycler-1"]}]
    daemon.picture["health"] = {**daemon.picture["health"], "troubles": lines}
    daemon.tell(wait())
    await expect(page.locator("#trouble")).to_have_text("Lines down: 3 devices")


async def test_what_the_daemon_says_of_a_device_is_said_in_the_page_s_language(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    details = ["link lost", "silent", "refused: busy", "纸卷歪了"]
    daemon.picture["devices"] = [device(f"atm-{n}", "atm", "unknown", detail) for n, detail in enumerate(details)]
    page = await handheld()
    await page.tap("button[data-tab=places]")

    told = page.locator("#devices .row-detail")
    await expect(told).to_have_text(["线路断开", "没有消息", "拒收（busy）", "纸卷歪了"])
    await page.tap("#language")
    await expect(told).to_have_text(["line down", "not heard of", "refused (busy)", "纸卷歪了"])


async def test_a_refusal_is_said_in_the_page_s_language(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    refused = '{"ok": false, "error": "x: done: no such prompt is open", "key": "not_open"}'
    await page.route("**/api/action", lambda route: route.fulfill(status=409, body=refused))

    await card(page).get_by_role("button", name="完成").tap()

    await expect(page.locator("#toast")).to_have_text("没有成功：这条提示已经结束")
