"""The handheld under hurried hands: dialogs closed unanswered, taps already under way, keys only."""

import pytest
from playwright.async_api import Page, expect

from edge.core.commands import PublishPrompt
from tests.browser.conftest import Opened
from tests.browser.test_handheld import card, done, middle
from tests.web.branch import TEN, FakeDaemon, triage_prompt, waiting_ticket

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


async def at_a_standstill(page: Page) -> None:
    """From here on the page's time goes on by `run_for` only."""
    await page.clock.install()
    await page.reload()
    await expect(page.locator("#link")).to_have_text("在线")
    await page.clock.pause_at(await page.evaluate("Date.now() + 2_000"))


async def drawn(page: Page, count: int) -> None:
    """Returns as soon as so many cards stand on the page, by frames that pass no time of note."""
    while await page.locator("#cards .card").count() != count:
        await page.clock.run_for(17)


async def test_a_tap_under_way_presses_nothing_that_has_just_come_under_it(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    page = await handheld()
    await at_a_standstill(page)
    daemon.tell(PublishPrompt(triage_prompt(1)))
    await drawn(page, 1)
    await page.clock.run_for(1_000)
    thumb = await middle(card(page, 1).get_by_role("button", name="完成"))
    daemon.tell(PublishPrompt(triage_prompt(2, priority="urgent", at=TEN)))
    await drawn(page, 2)

    urgent = card(page, 2).get_by_role("button", name="完成")
    await expect(urgent).to_have_attribute("data-arming", "")
    await page.touchscreen.tap(*await middle(urgent))
    await page.touchscreen.tap(*thumb)
    await page.clock.run_for(500)
    await expect(urgent).to_have_attribute("data-arming", "")
    await page.clock.run_for(300)
    await expect(page.locator("[data-arming]")).to_have_count(0)
    await page.touchscreen.tap(*await middle(urgent))
    await drawn(page, 1)

    assert done(daemon) == [("done", "secondary-triage.hall.2")]


async def test_a_second_tap_at_once_does_not_close_what_the_first_has_taken(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    """Where 知道了 was there is 完成 then."""
    page = await handheld()
    await at_a_standstill(page)
    daemon.tell(PublishPrompt(triage_prompt()))
    await drawn(page, 1)
    await page.clock.run_for(1_000)
    thumb = await middle(card(page).get_by_role("button", name="知道了"))
    await page.touchscreen.tap(*thumb)
    while await card(page).locator(".note").inner_text() != "lm-1 已接手":
        await page.clock.run_for(17)
    await page.touchscreen.tap(*thumb)
    await page.clock.run_for(100)

    await expect(card(page)).to_have_count(1)
    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1")]


async def test_a_page_that_was_hidden_keeps_the_screen_on_and_is_heard_again(opened: Opened) -> None:
    page = await opened("/handheld")
    await page.add_init_script(
        """window.locks = 0; window.resumed = 0;
        const lock = { request: async () => void (window.locks += 1) };
        Object.defineProperty(navigator, 'wakeLock', { value: lock });
        const resume = AudioContext.prototype.resume;
        AudioContext.prototype.resume = function () { window.resumed += 1; return resume.call(this); };"""
    )
    await page.reload()
    shown_again = "document.dispatchEvent(new Event('visibilitychange'))"
    await page.tap("[data-staff=lm-1]")
    await page.evaluate(shown_again)
    assert await page.evaluate("[window.locks, window.resumed]") == [0, 0]
    await page.tap("#gate")
    await expect(page.locator("#gate")).not_to_be_visible()

    await page.evaluate(shown_again)

    assert await page.evaluate("[window.locks, window.resumed]") == [2, 2]


async def test_each_tab_is_where_it_was_left_and_begins_at_its_beginning(daemon: FakeDaemon, handheld: Opened) -> None:
    daemon.picture["waiting"] = [waiting_ticket(f"A{number:03}", "cash", 900 - number) for number in range(40)]
    page = await handheld()
    daemon.tell(*(PublishPrompt(triage_prompt(number)) for number in range(9)))
    await expect(page.locator("#cards .card")).to_have_count(9)
    await page.evaluate("scrollTo(0, 600)")

    await page.tap("button[data-tab=queue]")
    await expect(page.locator("#queue")).to_be_visible()
    assert await page.evaluate("scrollY") == 0
    await page.evaluate("scrollTo(0, 300)")
    await page.tap("button[data-tab=prompts]")
    assert await page.evaluate("scrollY") == 600
    await page.tap("button[data-tab=queue]")
    assert await page.evaluate("scrollY") == 300


async def test_by_keys_alone_one_goes_from_card_to_card(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(*(PublishPrompt(triage_prompt(number, tickets=())) for number in (1, 2)))
    await expect(page.locator("#cards .card")).to_have_count(2)

    await card(page, 1).get_by_role("button", name="完成").focus()
    await page.keyboard.press("Enter")
    await expect(card(page, 1)).to_have_count(0)
    await expect(card(page, 2).get_by_role("button", name="知道了")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(card(page, 2).locator(".note")).to_have_text("lm-1 已接手")
    await expect(card(page, 2).get_by_role("button", name="完成")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(card(page, 2)).to_have_count(0)
    await expect(page.locator("#prompts-title")).to_be_focused()


async def test_an_answer_that_overtakes_what_it_brought_about_frees_no_button(
    daemon: FakeDaemon, handheld: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=())))
    monkeypatch.setattr(daemon, "_answer", lambda _: {"ok": True})
    accept = card(page).get_by_role("button", name="知道了")
    await accept.focus()
    async with page.expect_response("**/api/action") as answered:
        await page.keyboard.press("Enter")
    assert (await answered.value).ok
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    daemon.tell(PublishPrompt(triage_prompt(tickets=(), state="acknowledged", by="lm-1")))
    await expect(card(page).get_by_role("button", name="完成")).to_be_focused()


async def test_a_key_held_down_acts_once(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(*(PublishPrompt(triage_prompt(number, tickets=())) for number in (1, 2)))
    await expect(page.locator("#cards .card")).to_have_count(2)
    await card(page, 1).get_by_role("button", name="完成").focus()

    await page.keyboard.down("Enter")
    await expect(card(page, 2).get_by_role("button", name="知道了")).to_be_focused()
    await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")

    await expect(card(page, 2)).to_have_attribute("data-state", "raised")
    assert done(daemon) == [("done", "secondary-triage.hall.1")]
