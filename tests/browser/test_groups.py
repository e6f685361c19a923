"""Silent prompts on the handheld: forty elderly tickets are one line, which opens to one tap for each of them."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from edge.core.commands import PromptRecord, PublishPrompt, RepeatPrompt
from edge.core.instant import SECOND
from edge.core.wording import Text
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.browser.test_access import findings
from tests.browser.test_handheld import done
from tests.web.branch import TEN, FakeDaemon, triage_prompt, waiting_ticket

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GROUP = '[data-rule="assist"]'


def assist(number: int, **changed: Any) -> PromptRecord:
    ticket = f"A{number:03}"
    fields: dict[str, Any] = {
        "prompt": f"assist.{ticket}.1", "rule": "assist", "priority": "silent", "tickets": (), "deadline": None,
        "about": {"kind": "ticket", "id": ticket}, "at": TEN - (900 - number) * SECOND,
        "text": Text(f"{ticket}号需照顾，请陪同就近办理", f"Ticket {ticket} needs help; go along"),
        "because": {"ticket": {"service": "cash", "waited_s": 0.0, "needs": ["elderly"]}},
    }  # fmt: skip
    return triage_prompt(**{**fields, **changed})


def forty_elderly(daemon: FakeDaemon) -> None:
    daemon.picture["waiting"] = [
        waiting_ticket(f"A{number:03}", "cash", 900 - number, needs=["elderly"]) for number in range(1, 41)
    ]
    daemon.tell(*(PublishPrompt(assist(number)) for number in range(1, 41)))
    daemon.tell(PublishPrompt(assist(50, prompt="form-check.C001.1", rule="form-check", because={})))


async def unfolded(page: Page) -> Any:
    await page.locator("#quiet > summary").tap()
    group = page.locator(GROUP)
    await expect(group).to_have_count(1)
    return group


async def test_forty_elderly_tickets_are_one_line_and_not_forty(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    forty_elderly(daemon)
    group = await unfolded(page)

    await expect(page.locator("#quiet-cards > li")).to_have_count(2)
    await expect(page.locator("#quiet-count")).to_have_text("41")
    await expect(group.locator(".group-name")).to_have_text("需照顾的客户")
    await expect(group.locator(".count")).to_have_text("40")
    await expect(group.locator("[data-prompt]")).to_have_count(0)


async def test_the_line_opens_to_one_tap_for_each_and_folds_again(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    forty_elderly(daemon)
    group = await unfolded(page)
    line = group.get_by_role("button", name="需照顾的客户")
    await line.tap()
    await expect(line).to_have_attribute("aria-expanded", "true")
    row = group.locator('[data-prompt="assist.A007.1"]')
    await expect(row.locator(".named-who")).to_have_text("A007年长个人现金 已等 14 分")

    await row.get_by_role("button", name="完成").tap()
    await expect(row).to_have_count(0)
    await expect(group.locator(".count")).to_have_text("39")
    other = group.locator('[data-prompt="assist.A008.1"]')
    await other.get_by_role("button", name="不采纳").tap()
    await other.get_by_role("button", name="已在处理").tap()
    await expect(other).to_have_count(0)
    assert done(daemon) == [("done", "assist.A007.1"), ("decline", "assist.A008.1")]

    await line.tap()
    await expect(group.locator("[data-prompt]")).to_have_count(0)


async def test_one_alone_is_its_card(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(assist(1)))
    await page.locator("#quiet > summary").tap()

    card = page.locator('#quiet-cards > [data-prompt="assist.A001.1"]')
    await expect(card.locator(".card-text")).to_have_text("A001号需照顾，请陪同就近办理")
    daemon.tell(PublishPrompt(assist(2)))
    await expect(page.locator(f"{GROUP} .count")).to_have_text("2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 390, 1200])
async def test_the_rows_can_be_read_and_tapped(
    daemon: FakeDaemon, handheld: Opened, scheme: str, language: str, width: int
) -> None:
    page = await handheld(color_scheme=scheme, viewport={"width": width, "height": 844})
    if language == "en":
        await page.tap("#language")
    forty_elderly(daemon)
    group = await unfolded(page)
    await group.locator(".group-line").tap()
    await group.locator('[data-prompt="assist.A002.1"] [data-act="decline"]').tap()
    await expect(page.locator(".reasons")).to_be_visible()

    assert await findings(page) == []


async def test_the_takeover_stands_on_the_card_of_what_is_to_be_taken_over(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/handheld")
    await page.tap("[data-staff=bh-1]")
    subject = triage_prompt(state="escalated", to=("branch_head",))
    daemon.picture["prompts"] = []
    takeover = triage_prompt(
        prompt="takeover.secondary-triage~2Ehall~2E1.1", rule="takeover", to=("branch_head",), tickets=(),
        about={"kind": "prompt", "id": subject.prompt}, deadline=None,
        text=Text("上一位未回应，请您接手：最久已等13分，请询问谁愿改用设备", "No answer above; please take over: …"),
    )  # fmt: skip
    daemon.tell(PublishPrompt(subject), PublishPrompt(takeover))

    await expect(page.locator("#cards .card")).to_have_count(1)
    await expect(page.locator("#cards .takeover")).to_have_text("上一位未回应，请您接手")
    await expect(page.locator("#others")).not_to_be_visible()
    daemon.tell(PublishPrompt(triage_prompt(prompt=takeover.prompt, state="cleared")))
    await expect(page.locator("#cards .takeover")).to_have_count(0)


async def listening(page: Page) -> str:
    """Signs in, allows sound and notes every vibration; the expression counts the urgent ones."""
    await page.add_init_script("window.buzzed = []; navigator.vibrate = (how) => window.buzzed.push(how.length);")
    await page.clock.install()
    await page.reload()
    await page.tap("[data-staff=lm-1]")
    await page.tap("#gate")
    await expect(page.locator("#gate")).not_to_be_visible()
    return "window.buzzed.filter((beats) => beats === 7).length"


async def test_without_a_link_the_page_keeps_the_time_of_an_unanswered_prompt_itself(
    daemon: FakeDaemon, cable: Cable, opened: Opened
) -> None:
    page = await opened("/handheld")
    loud = await listening(page)
    daemon.tell(PublishPrompt(triage_prompt(priority="urgent", at=TEN)))
    await expect(page.locator("#cards .card")).to_have_count(1)
    cable.cut()
    await expect(page.locator("#link")).to_have_text("重连中…")
    before = await page.evaluate(loud)

    await page.clock.run_for(21_000)
    assert await page.evaluate(loud) > before


async def test_a_prompt_is_heard_again_when_the_daemon_says_it_again_and_not_before(
    daemon: FakeDaemon, opened: Opened
) -> None:
    page = await opened("/handheld")
    loud = await listening(page)
    urgent = triage_prompt(priority="urgent", at=TEN)
    daemon.tell(PublishPrompt(urgent))
    await expect(page.locator("#cards .card")).to_have_count(1)
    await page.clock.run_for(3_000)
    assert await page.evaluate(loud) == 1

    await page.clock.run_for(19_000)  # more than twenty seconds by the page's own clock
    assert await page.evaluate(loud) == 1
    daemon.tell(RepeatPrompt(urgent, aloud=True))
    await page.wait_for_function(f"{loud} === 2")
    daemon.tell(RepeatPrompt(triage_prompt(priority="urgent", at=TEN, tickets=("A009",))))
    await expect(page.locator(".named li")).to_have_count(1)
    await page.clock.run_for(3_000)
    assert await page.evaluate(loud) == 2
