"""Chromium before the pages of a branch that exists only for them; whatever it complains of fails the test.

One Chromium for all tests, so they share the session's loop; each has its own daemon, wire and browser profile.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from edge.web.stream import Pace
from tests.browser.cable import Cable
from tests.fakes import PATIENCE_S
from tests.processes import CHROMIUM
from tests.web.branch import FakeDaemon, pages_of, serving

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP lobby.test 127.0.0.1",
)
EXPECTED = re.compile(r"^Failed to load resource: (net::ERR_|the server responded with a status of 409)")
"""What Chromium says of a wire that was cut, and of an action that was refused."""

PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=1000 * PATIENCE_S)

Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest_asyncio.fixture(loop_scope="session")
async def cable(daemon: FakeDaemon) -> AsyncIterator[Cable]:
    """The pages, open, behind a wire that can be cut."""
    pages = pages_of(daemon, Pace(settle_s=0.01))
    async with (
        serving(pages.on_port("127.0.0.1:0", ["lobby.test"])) as url,
        Cable(int(url.rpartition(":")[2])).plugged_in() as cable,
    ):
        yield cable


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser, cable: Cable) -> AsyncIterator[Opened]:
    """Opens a page of the branch by its path; on a phone unless told otherwise.

    `lobby.test` is what a plain address on the branch's network is to a browser: no secure context.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_(path: str, host: str = "127.0.0.1", **context: Any) -> Page:
        settings: dict[str, Any] = {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "zh-CN"}
        contexts.append(await browser.new_context(**{**settings, **context}))
        contexts[-1].set_default_timeout(1000 * PATIENCE_S)
        page = await contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"http://{host}:{cable.port}{path}")
        return page

    yield open_
    for context in contexts:
        await context.close()
    assert [text for text in complaints if not EXPECTED.search(text)] == []


@pytest.fixture
def handheld(opened: Opened) -> Opened:
    """Opens the handheld and signs in as the first lobby manager."""

    async def open_(**context: Any) -> Page:
        page = await opened("/handheld", **context)
        await page.tap("[data-staff=lm-1]")
        return page

    return open_
