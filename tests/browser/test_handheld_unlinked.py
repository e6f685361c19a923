"""The handheld without its daemon: what it says of what it does not know, and of what it knew before."""

import pytest
from playwright.async_api import expect

from edge.core.commands import PublishPrompt
from edge.core.instant import SECOND
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.browser.test_handheld import card
from tests.web.branch import TEN, FakeDaemon, triage_prompt

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_before_the_daemon_has_told_anything_nothing_is_said_of_the_hall(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    daemon.picture.update(waiting=[], windows=[], devices=[])
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
