"""Everybody can read and reach everything: contrast, names, sizes, languages, on small screens and in the dark."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from edge.core.commands import PublishPrompt
from tests.browser.cable import Cable
from tests.browser.conftest import Opened
from tests.browser.test_board import TV
from tests.web.branch import FakeDaemon, call, triage_prompt

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8").partition("\n")[2]
PRIORITIES = ("urgent", "high", "normal", "silent")


def all_kinds(daemon: FakeDaemon) -> None:
    daemon.tell(
        *(
            PublishPrompt(triage_prompt(number, priority=priority, about={"kind": "device", "id": "recycler-1"}))
            for number, priority in enumerate(PRIORITIES)
        ),
        PublishPrompt(triage_prompt(9, state="acknowledged", by="lm-1")),
    )


async def findings(page: Page) -> Any:
    return await page.evaluate(f"({LOOK.strip().rstrip(';')})()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 320])
async def test_the_handheld_can_be_read_and_tapped(
    daemon: FakeDaemon, handheld: Opened, scheme: str, language: str, width: int
) -> None:
    page = await handheld(color_scheme=scheme, viewport={"width": width, "height": 844})
    if language == "en":
        await page.tap("#language")
    all_kinds(daemon)
    await page.locator("summary").tap()
    await page.locator('[data-prompt="secondary-triage.hall.1"]').locator('[data-act="decline"]').tap()
    await expect(page.locator(".reasons")).to_be_visible()

    found: dict[str, Any] = {}
    for tab in ("prompts", "queue", "places"):
        await page.tap(f"[data-tab={tab}]")
        await expect(page.locator(f"#{tab}")).to_be_visible()
        found[tab] = await findings(page)

    assert found == {"prompts": [], "queue": [], "places": []}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_was_before_the_break_can_still_be_read(
    daemon: FakeDaemon, cable: Cable, handheld: Opened, scheme: str
) -> None:
    page = await handheld(color_scheme=scheme)
    all_kinds(daemon)
    await expect(page.locator("#cards .card")).to_have_count(4)
    await expect(page.locator(".aged >> visible=true")).to_have_count(0)
    cable.cut()
    await expect(page.locator("#trouble")).to_be_visible()

    found: dict[str, Any] = {}
    for tab in ("prompts", "queue", "places"):
        await page.tap(f"button[data-tab={tab}]")
        await expect(page.locator(f"#{tab} .aged")).to_have_text("断线前")
        found[tab] = await findings(page)

    assert found == {"prompts": [], "queue": [], "places": []}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 320])
async def test_text_of_twice_the_size_breaks_nothing(
    daemon: FakeDaemon, handheld: Opened, language: str, width: int
) -> None:
    page = await handheld(viewport={"width": width, "height": 740})
    if language == "en":
        await page.tap("#language")
    all_kinds(daemon)
    await expect(page.locator("#cards .card")).to_have_count(4)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")

    found: dict[str, Any] = {}
    for tab in ("prompts", "queue", "places"):
        await page.tap(f"button[data-tab={tab}]")
        await expect(page.locator(f"#{tab}")).to_be_visible()
        found[tab] = await findings(page)
    await page.tap("#who")
    await expect(page.locator("#sign-in")).to_be_visible()
    found["sign-in"] = await findings(page)

    assert found == {"prompts": [], "queue": [], "places": [], "sign-in": []}


@pytest.mark.parametrize("width", [360, 320])
async def test_a_long_pseudonym_leaves_the_bar_one_line(daemon: FakeDaemon, opened: Opened, width: int) -> None:
    daemon.picture["staff"] = {"customer_manager": ["customer-manager-1"], "lobby_manager": ["lm-1"]}
    page = await opened("/handheld", viewport={"width": width, "height": 740})
    await page.tap("[data-staff=lm-1]")
    await expect(page.locator("#who")).to_have_text("lm-1")
    height = await page.locator("#bar").evaluate("bar => bar.offsetHeight")
    await page.tap("#who")
    await page.tap("[data-staff=customer-manager-1]")
    await expect(page.locator("#who")).to_have_text("customer-manager-1")

    assert await page.locator("#bar").evaluate("bar => bar.offsetHeight") == height
    assert await page.locator("h1").evaluate("title => title.scrollWidth <= title.clientWidth")
    assert await findings(page) == []


async def test_the_look_finds_what_it_is_meant_to_find(opened: Opened) -> None:
    page = await opened("/")
    await expect(page.locator("a")).to_have_count(2)
    await page.evaluate(
        """() => {
            document.body.innerHTML = `<h1 id="a">A</h1><h2 id="a">B</h2><button></button>
                <button aria-label="other">this</button><p>pale</p><p aria-describedby="none">wide</p>
                <div><p>faint</p></div>`;
            const [pale, wide, faint] = document.querySelectorAll('p');
            pale.style.color = '#999';
            pale.style.background = '#fff';
            wide.style.width = '2000px';
            faint.style = 'color: #000; background: #fff';
            faint.parentElement.style = 'background: #fff; opacity: 0.4';
            document.documentElement.lang = 'fr';
        }"""
    )

    found = "\n".join(await findings(page))

    for fault in (
        "contrast 2.85",
        'contrast 2.92: p. "faint"',
        "no name",
        "label without its text",
        "target",
        "names nothing: none",
        "twice: #a",
        "lang fr",
        "wider than the screen",
    ):
        assert fault in found


@pytest.mark.parametrize(("path", "painted"), [("/", "a"), ("/handheld", "[data-staff]")])
async def test_what_comes_first_can_be_read_and_tapped(opened: Opened, path: str, painted: str) -> None:
    page = await opened(path)
    await expect(page.locator(painted).first).to_be_visible()

    assert await findings(page) == []


async def test_the_board_can_be_read(daemon: FakeDaemon, opened: Opened) -> None:
    page = await opened("/board/tv-1", reduced_motion="reduce", **TV)
    daemon.tell(call())
    await expect(page.locator("#ticket")).to_have_text("A012")

    assert await findings(page) == []
    english = await page.locator(":lang(en)").evaluate_all("all => all.map((element) => element.textContent.trim())")
    assert {"Recent calls, to window", "to window"} <= set(english)


async def test_focus_stays_where_it_was_when_a_card_is_drawn_again(daemon: FakeDaemon, handheld: Opened) -> None:
    page = await handheld()
    daemon.tell(PublishPrompt(triage_prompt()))
    await page.get_by_role("button", name="上报").focus()

    daemon.tell(PublishPrompt(triage_prompt(because={"waiting": 18})))
    await expect(page.locator(".why")).to_have_text("18 人等候")

    assert await page.evaluate("document.activeElement.dataset.act") == "escalate"


async def test_the_first_page_leads_to_the_others(opened: Opened) -> None:
    page = await opened("/")
    await expect(page.locator("a")).to_have_count(2)
    await page.get_by_role("button", name="English").tap()
    await page.get_by_role("link", name="Call board tv-1").tap()

    await expect(page.locator("#text-zh")).to_have_text("现等候约10至25分钟")
