"""The handheld in a lobby manager's hand: what is said, what one tap does, and what a broken link does not lose."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from edge.core import messages
from edge.core.commands import PublishPrompt
from edge.core.explain import Explanation
from edge.core.instant import SECOND
from edge.core.shown import Shown
from edge.core.wording import Text
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.fakes import PATIENCE_S
from tests.web.branch import TEN, UNTIL, ZONE, FakeDaemon, triage_prompt, wait

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EXPECT = {
    "wait_p50_s": {"now": 1380.0, "with": 720.0, "p10": 480.0, "p90": 1150.0},
    "confidence": "good",
    "service": "cash",
}


def done(daemon: FakeDaemon, *, besides: str = "sign_in") -> list[tuple[str, str]]:
    return [(act.action, act.target) for act in daemon.actions if act.action != besides]


def card(page: Page, number: int = 1) -> Any:
    return page.locator(f'[data-prompt="secondary-triage.hall.{number}"]')


async def everything_delivered(page: Page) -> None:
    """Returns when nothing waits on the device any more."""
    async with asyncio.timeout(PATIENCE_S):
        while await page.evaluate("localStorage.getItem('lobby.outbox')") != "[]":
            await asyncio.sleep(0)


async def test_who_is_here_is_asked_once_and_kept(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    await expect(page.locator("#who")).to_have_text("lm-1")
    await everything_delivered(page)
    await page.reload()

    await expect(page.locator("#link")).to_have_text("在线")
    await expect(page.locator("#who")).to_have_text("lm-1")
    await expect(page.locator("#sign-in")).not_to_be_visible()
    assert [(act.action, act.target, act.detail) for act in daemon.actions] == [
        ("sign_in", "lm-1", {"role": "lobby_manager"})
    ]


async def test_a_prompt_says_what_where_why_and_what_acting_would_change(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(expect=EXPECT)))

    shown = card(page)
    await expect(shown.locator(".pill")).to_have_text("重要")
    await expect(shown.locator(".zone")).to_have_text("等候区")
    await expect(shown.locator(".age")).to_have_text("1 分前")
    await expect(shown.locator(".card-text")).to_have_text("最久已等13分，请询问谁愿改用设备")
    await expect(shown.locator(".then")).to_have_text("提示时")
    await expect(shown.locator(".why li")).to_have_text(["17 人等候", "最久已等 13 分"])
    await expect(shown.locator(".expect")).to_have_text("个人现金预计等候 23 → 12 分（8–20 分）")
    await expect(page.locator("#spoken")).to_have_text("重要提示：最久已等13分，请询问谁愿改用设备")


async def test_one_tap_acknowledges_and_the_next_one_says_done(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))

    await card(page).get_by_role("button", name="知道了").tap()
    await expect(card(page).locator(".note")).to_have_text("lm-1 已接手")
    await card(page).get_by_role("button", name="完成").tap()
    await expect(card(page)).to_have_count(0)

    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1"), ("done", "secondary-triage.hall.1")]
    await expect(page.locator("#none")).to_have_text("眼下没有要处理的提示")


async def test_a_plain_address_of_the_lobby_is_enough(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld(host="lobby.test")
    await page.tap("#gate")
    daemon.tell(PublishPrompt(triage_prompt()))

    await card(page).get_by_role("button", name="知道了").tap()

    await expect(card(page).locator(".note")).to_have_text("lm-1 已接手")
    assert not await page.evaluate("isSecureContext")
    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1")]


async def test_a_button_stays_under_the_finger_while_waits_change(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    button = await card(page).get_by_role("button", name="知道了").element_handle()

    changed = messages.shown(Shown(5, 20, until=UNTIL), ZONE)
    daemon.picture["waiting"] = [{**ticket, "shown": changed} for ticket in daemon.picture["waiting"]]
    daemon.tell(wait())
    await expect(page.locator("#tickets small").first).to_have_text("还需 5–20 分")
    assert await button.evaluate("button => button.isConnected")
    await expect(page.locator("[data-arming]")).to_have_count(0)

    await page.mouse.move(*await middle(button))
    await page.mouse.down()
    daemon.tell(PublishPrompt(triage_prompt(because={"waiting": 30})), PublishPrompt(triage_prompt(2)))
    await expect(page.locator("button[data-tab=prompts] b")).to_have_text("2")
    await page.mouse.up()

    await expect(card(page).locator(".note")).to_have_text("lm-1 已接手")
    await expect(page.locator("#cards .card")).to_have_count(2)


async def middle(element: Any) -> tuple[float, float]:
    box = await element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def explained(daemon: FakeDaemon, ticket: str, zh: str, en: str) -> None:
    daemon.explained[ticket] = Explanation(ticket, "waiting", Text(zh, en))


async def test_a_tap_on_a_waiting_ticket_says_what_its_estimate_rests_on(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    await page.tap("button[data-tab=queue]")
    explained(daemon, "A007", "A007号：前面1人，2个窗口在办", "A007: 1 ahead, windows at work: 2")
    row = page.locator("#tickets li").nth(1)
    number = row.get_by_role("button", name="A007")

    await page.touchscreen.tap(*await middle(row.locator(".row-when")))  # anywhere on the row will do
    await expect(row.locator(".row-why")).to_have_text("A007号：前面1人，2个窗口在办")
    await expect(number).to_have_attribute("aria-expanded", "true")
    await expect(page.locator(".row-why")).to_have_count(1)
    await page.tap("#language")
    await expect(row.locator(".row-why")).to_have_text("A007: 1 ahead, windows at work: 2")

    await number.tap()
    await expect(page.locator(".row-why")).to_have_count(0)
    await expect(number).to_have_attribute("aria-expanded", "false")


async def test_a_row_stays_under_the_finger_while_waits_change(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    await page.tap("button[data-tab=queue]")
    explained(daemon, "A003", "前面0人", "0 ahead")
    await page.mouse.move(*await middle(page.locator('[data-explain="A003"]')))
    await page.mouse.down()
    changed = messages.shown(Shown(5, 20, until=UNTIL), ZONE)
    daemon.picture["waiting"] = [{**ticket, "shown": changed} for ticket in daemon.picture["waiting"]]
    daemon.tell(wait(), PublishPrompt(triage_prompt()))
    await expect(page.locator("button[data-tab=prompts] b")).to_have_text("1")
    await page.mouse.up()

    await expect(page.locator(".row-why")).to_have_text("前面0人")
    await expect(page.locator("#tickets small").first).to_have_text("还需 5–20 分")


async def test_an_open_row_is_asked_about_again_and_closes_with_its_ticket(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    page = await handheld()
    await page.clock.install()
    await page.reload()
    await page.tap("button[data-tab=queue]")
    explained(daemon, "A003", "前面0人", "0 ahead")
    await page.tap('[data-explain="A003"]')
    await expect(page.locator(".row-why")).to_have_text("前面0人")

    explained(daemon, "A003", "下一个", "next")
    await page.clock.run_for(11_000)
    daemon.tell(wait())
    await expect(page.locator(".row-why")).to_have_text("下一个")

    daemon.picture["waiting"] = daemon.picture["waiting"][1:]
    daemon.tell(wait(waiting=11))
    await expect(page.locator(".row-why")).to_have_count(0)


async def test_an_explanation_that_cannot_be_had_says_so(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    await page.tap("button[data-tab=queue]")
    await page.route("**/api/explain**", lambda route: route.abort())

    await page.tap('[data-explain="A003"]')

    await expect(page.locator(".row-why")).to_have_text("暂时无法查询")


async def test_what_was_sent_twice_is_done_once(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    await everything_delivered(page)
    daemon.tell(PublishPrompt(triage_prompt()))
    lost = 0

    async def lose_the_first_answer(route: Route) -> None:
        nonlocal lost
        if lost:
            await route.continue_()
            return
        lost += 1
        await route.fetch()
        await route.abort()

    await page.route("**/api/action", lose_the_first_answer)
    before = daemon.posts
    await card(page).get_by_role("button", name="知道了").tap()
    await everything_delivered(page)

    assert lost == 1
    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1")]
    assert daemon.posts - before == 2


async def test_declining_asks_for_a_reason_first(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))

    await card(page).get_by_role("button", name="不采纳").tap()
    assert done(daemon) == []
    await card(page).get_by_role("button", name="客户不愿意").tap()
    await expect(card(page)).to_have_count(0)

    assert [(act.action, act.detail) for act in daemon.actions[1:]] == [("decline", {"reason": "customers_unwilling"})]


async def test_later_asks_for_a_reason_which_says_when_it_comes_back(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))

    await card(page).get_by_role("button", name="稍后").tap()
    assert done(daemon) == []
    await card(page).get_by_role("button", name="同事在来").tap()
    await expect(card(page)).to_have_attribute("data-state", "shelved")
    await expect(card(page).locator(".note")).to_contain_text("后再看")
    await expect(card(page).get_by_role("button", name="稍后")).to_have_count(0)

    detail = {"reason": "others_are_coming", "minutes": 30}
    assert [(act.action, act.detail) for act in daemon.actions[1:]] == [("shelve", detail)]


async def test_a_digest_lists_what_it_holds_and_is_not_passed_on(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    held = [
        {"prompt": f"device-down.atm-{n}.1", "zh": f"atm-{n}号机停用", "en": f"Machine atm-{n} down"} for n in (1, 2)
    ]
    digest = triage_prompt(
        prompt="digest.lobby_manager.1", rule="digest", priority="normal", zone="hall", tickets=(), deadline=None,
        text=Text("另有2条提示，已合并在此，得空请看", "2 more prompts"), because={"held": held},
    )  # fmt: skip
    daemon.tell(PublishPrompt(digest))

    shown = page.locator('[data-prompt="digest.lobby_manager.1"]')
    await expect(shown.locator(".why li")).to_have_text(["atm-1号机停用", "atm-2号机停用"])
    await expect(shown.get_by_role("button")).to_have_text(["知道了", "完成", "不采纳"])


async def test_a_customer_who_was_reported_is_named_by_ticket_and_window(
    daemon: FakeDaemon, handheld: Opened
) -> None:  # fmt: skip
    page = await handheld()
    who = {"ticket": "A003", "window": "2"}
    reported = triage_prompt(
        prompt="unhappy-customer.hall.1", rule="unhappy-customer", tickets=(), because={"unhappy_customer": who}
    )
    daemon.tell(PublishPrompt(reported))

    shown = page.locator('[data-prompt="unhappy-customer.hall.1"]')
    await expect(shown.locator(".why li")).to_have_text(["A003 号客户", "2 号窗"])
    await expect(shown.locator(".then")).to_have_count(0)


async def test_named_customers_are_asked_and_answer_by_one_tap_each(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A003", "A007", "A099"))))
    rows = card(page).locator(".named li")

    await rows.nth(0).get_by_role("button", name="已问").tap()
    await expect(rows.nth(0).get_by_role("button", name="已问")).to_have_attribute("aria-pressed", "true")
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A007",), at=TEN)))
    await rows.filter(has_text="A003").get_by_role("button", name="愿意").tap()
    await rows.filter(has_text="A007").get_by_role("button", name="不愿").tap()

    await expect(rows.locator("b")).to_have_text(["A003", "A007"])
    await expect(rows.filter(has_text="A003").locator(".said")).to_have_text("愿意，去设备")
    await expect(rows.filter(has_text="A007").locator(".said")).to_have_text("不愿意，不再问")
    await everything_delivered(page)
    asked = [("asked", "A003"), ("customer_accepted", "A003"), ("customer_declined", "A007")]
    assert done(daemon) == asked
    assert daemon.actions[-1].detail == {"prompt": "secondary-triage.hall.1"}


async def test_the_last_who_was_asked_may_still_say_yes(daemon: FakeDaemon, handheld: Opened) -> None:
    """With the last question a prompt is done, but not everybody has answered it."""
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A003",))))
    await card(page).get_by_role("button", name="已问").tap()
    daemon.tell(PublishPrompt(triage_prompt(state="done", tickets=("A003",), at=TEN)))

    await expect(card(page).locator(".note")).to_have_text("已办结，客户答复后请点")
    await expect(card(page).locator(".acts")).to_have_count(0)
    await card(page).get_by_role("button", name="愿意").tap()

    await expect(card(page)).to_have_count(0)
    await everything_delivered(page)
    assert done(daemon) == [("asked", "A003"), ("customer_accepted", "A003")]


async def test_whom_one_has_asked_is_still_there_when_the_page_is_loaded_anew(
    daemon: FakeDaemon, handheld: Opened
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A003",))))
    await card(page).get_by_role("button", name="已问").tap()
    daemon.tell(PublishPrompt(triage_prompt(state="done", tickets=("A003",), at=TEN)))
    await expect(card(page).locator(".note")).to_have_text("已办结，客户答复后请点")
    await everything_delivered(page)
    for place, staff in enumerate(("lm-1", "lm-2")):
        number = place + 1
        daemon.picture["waiting"][place]["asked"] = {"prompt": f"secondary-triage.hall.{number}", "staff": staff}
    await page.reload()

    await expect(card(page).locator(".card-text")).to_have_text("问过的客户，还等答复")
    await expect(card(page).locator(".named b")).to_have_text(["A003"])
    await expect(card(page, 2)).to_have_count(0)
    await card(page).get_by_role("button", name="愿意").tap()
    await expect(card(page)).to_have_count(0)
    await everything_delivered(page)
    assert done(daemon) == [("asked", "A003"), ("customer_accepted", "A003")]


async def test_an_open_prompt_says_again_whom_one_has_asked_for_it(daemon: FakeDaemon, handheld: Opened) -> None:
    """On another device, or when this one has forgotten."""
    daemon.picture["waiting"][0]["asked"] = {"prompt": "secondary-triage.hall.1", "staff": "lm-1"}
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A007",))))

    rows = card(page).locator(".named li")
    await expect(rows.locator("b")).to_have_text(["A003", "A007"])
    asked = rows.filter(has_text="A003").get_by_role("button", name="已问")
    await expect(asked).to_have_attribute("aria-pressed", "true")


async def test_what_is_done_without_a_question_is_gone(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=("A003",))))
    await expect(card(page)).to_have_count(1)
    daemon.tell(PublishPrompt(triage_prompt(state="done", tickets=("A003",), at=TEN)))

    await expect(card(page)).to_have_count(0)


async def test_many_named_customers_do_not_push_the_buttons_away(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(tickets=tuple(f"A{number:03}" for number in range(8)))))
    rows = card(page).locator(".named li:not(:has(.plain))")
    await expect(rows).to_have_count(4)

    await card(page).get_by_role("button", name="再看 4 位").tap()

    await expect(rows).to_have_count(8)


async def test_the_language_is_switched_and_remembered(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))

    await page.tap("#language")
    await expect(card(page).locator(".card-text")).to_have_text("Longest wait 13 min; ask who would like a device")
    await page.reload()

    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("#branch")).to_have_text("Demo branch")
    await expect(page.locator("#link")).to_have_text("Online")


async def test_the_urgent_stand_first_and_the_silent_apart(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(
        PublishPrompt(triage_prompt(1, priority="silent")),
        PublishPrompt(triage_prompt(2, priority="normal")),
        PublishPrompt(triage_prompt(3, at=TEN - 5 * SECOND)),
        PublishPrompt(triage_prompt(4, at=TEN - 600 * SECOND)),
        PublishPrompt(triage_prompt(5, priority="urgent", at=TEN)),
    )

    await expect(page.locator("#cards .card")).to_have_count(4)
    order = await page.locator("#cards .card").evaluate_all("cards => cards.map((card) => card.dataset.prompt.at(-1))")
    assert order == ["5", "4", "3", "2"]
    await expect(page.locator("#quiet-count")).to_have_text("1")
    await expect(page.locator("#shouted")).to_contain_text("紧急提示")


async def test_what_is_for_others_is_listed_only_when_asked_for(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(
        PublishPrompt(triage_prompt(1, to=("branch_head",))), PublishPrompt(triage_prompt(2, to=("any_staff",)))
    )

    await expect(page.locator("#cards .card")).to_have_count(1)
    await page.get_by_role("button", name="另有 1 条已交给其他人").tap()
    await expect(page.locator("#cards .card")).to_have_count(2)
    await page.get_by_role("button", name="我的").tap()
    await expect(page.locator("#cards .card")).to_have_count(1)


async def test_what_went_on_to_somebody_else_is_still_seen(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    await expect(card(page)).to_be_visible()

    daemon.tell(PublishPrompt(triage_prompt(state="escalated", to=("branch_head",), deadline=None)))

    await expect(card(page).locator(".note")).to_have_text("已上报网点负责人")
    daemon.tell(PublishPrompt(triage_prompt(state="escalated", to=("branch_head",))))
    await expect(card(page).locator(".note")).to_have_text(re.compile(r"^已上报网点负责人；3:\d\d 后再上报$"))
    await page.tap("#language")
    further = re.compile(r"^Escalated to Branch head; goes further in 3:\d\d$")
    await expect(card(page).locator(".note")).to_have_text(further)


async def test_queue_windows_and_devices_are_a_tap_away(handheld: Opened) -> None:
    page = await handheld()

    await page.tap("[data-tab=queue]")
    await expect(page.locator("#classes li").first).to_have_text("个人现金2 个窗口3等候5–25 分现在取号预计")
    await expect(page.locator("#tickets li").nth(1)).to_have_text("A007个人现金年长已等 10 分还需 0–10 分")
    await page.tap("[data-tab=places]")
    await expect(page.locator("#windows li").first).to_have_text("1办理中A0013 分")
    await expect(page.locator("#devices li").first).to_have_text("取款机atm-1吐钞模块故障停用")


async def test_what_was_missed_is_there_when_the_link_is_back(
    daemon: FakeDaemon, cable: Cable, handheld: Opened
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(1)))
    await expect(card(page, 1)).to_be_visible()

    cable.cut()
    await expect(page.locator("#link")).to_have_text("重连中…")
    daemon.tell(PublishPrompt(triage_prompt(1, state="cleared")), PublishPrompt(triage_prompt(2)))
    await expect(card(page, 1)).to_be_visible()
    cable.mend()

    await expect(card(page, 2)).to_be_visible()
    await expect(card(page, 1)).to_have_count(0)
    await expect(page.locator("#link")).to_have_text("在线")


async def test_a_link_that_died_without_a_word_is_noticed_and_replaced(
    daemon: FakeDaemon, cable: Cable, opened: Opened
) -> None:
    page = await opened("/handheld")
    await page.clock.install()
    await page.reload()
    await page.tap("[data-staff=lm-1]")
    daemon.tell(PublishPrompt(triage_prompt(1)))
    await expect(card(page, 1)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    cable.hold()
    daemon.tell(PublishPrompt(triage_prompt(2)))
    await page.clock.run_for(24_000)
    await expect(page.locator("#link")).to_have_text("在线")
    await page.clock.run_for(3_000)
    await expect(page.locator("#link")).to_have_text("重连中…")
    cable.mend()

    await expect(card(page, 2)).to_be_visible()
    await expect(page.locator("#link")).to_have_text("在线")
    assert any(url.endswith("last=boot7%3A1") for url in asked)


async def test_what_was_tapped_without_a_link_is_kept_and_delivered(
    daemon: FakeDaemon, cable: Cable, handheld: Opened
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    await expect(card(page)).to_be_visible()

    cable.cut()
    await card(page).get_by_role("button", name="知道了").tap()
    await expect(card(page).locator(".note-pending")).to_have_text("“知道了”待送达")
    assert done(daemon) == []
    cable.mend()

    await expect(card(page).locator(".note")).to_have_text("lm-1 已接手")
    assert done(daemon) == [("acknowledge", "secondary-triage.hall.1")]


async def test_a_refusal_is_said_and_not_tried_again(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    await expect(card(page)).to_be_visible()
    daemon.records.clear()

    await card(page).get_by_role("button", name="知道了").tap()

    await expect(page.locator("#toast")).to_have_text("没有成功：prompt secondary-triage.hall.1 is not open")
    await everything_delivered(page)


async def test_a_daemon_that_was_started_anew_gives_a_fresh_picture(
    daemon: FakeDaemon, cable: Cable, handheld: Opened
) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt(1)))
    await expect(card(page, 1)).to_be_visible()

    cable.cut()
    daemon.records.clear()
    daemon.epoch = "boot8"
    cable.mend()

    await expect(card(page, 1)).to_have_count(0)


async def test_nobody_is_startled_before_sound_was_allowed(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/handheld")
    await expect(page.locator("#gate")).to_be_visible()

    await page.tap("[data-staff=lm-1]")
    await page.tap("#gate")

    await expect(page.locator("#gate")).not_to_be_visible()


async def test_text_is_text_whatever_it_holds(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    daemon.tell(PublishPrompt(triage_prompt(text=Text(evil, evil), tickets=(evil,), zone=evil)))

    await expect(card(page).locator(".card-text")).to_have_text(evil)
    assert await page.locator("#cards img, #cards script").count() == 0
    assert await page.title() == "(1) 大堂助手"
