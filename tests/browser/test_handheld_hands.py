"""The handheld under hurried hands: dialogs closed unanswered, taps already under way, keys only."""

import pytest
from playwright.async_api import expect

from edge.core.commands import PublishPrompt
from tests.browser.conftest import Opened
from tests.browser.test_handheld import card, done
from tests.web.branch import FakeDaemon, triage_prompt

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_sign_in_that_was_closed_unanswered_is_asked_again_when_needed(
    daemon: FakeDaemon, opened: Opened
) -> None:
    """The browser closes a dialog on a second Escape, or Back, and nothing may stop it."""
    page = await opened("/handheld")
    await expect(page.locator("#sign-in")).to_be_visible()
    daemon.tell(PublishPrompt(triage_prompt()))
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.locator("#sign-in")).not_to_be_visible()

    await page.tap("#who")
    await expect(page.locator("#sign-in")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.locator("#sign-in")).not_to_be_visible()
    await card(page).get_by_role("button", name="知道了").tap()
    await page.tap("[data-staff=lm-1]")

    await expect(card(page).locator(".note")).to_have_text("lm-1 已接手")
    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1")]
