"""The newcomer's one command: the branch works, a prompt appears, a tap acknowledges it, the board keeps up."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.fakes import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.asyncio(loop_scope="session")]

PATIENCE_MS = 60_000
TRIAGE = '.card[data-prompt^="secondary-triage"]'


class Demo:
    """`lobbyd demo` in a process of its own, and where its pages are."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process, self.address = process, address

    async def end(self) -> tuple[int, str]:
        """What Ctrl-C does: (exit code, what was still said).

        An end that takes longer than the supervisor allows is made by force, with exit code 1.
        """
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            code = await self.process.wait()
        return code, (await self.process.stdout.read()).decode()


@pytest_asyncio.fixture(loop_scope="session")
async def demo() -> AsyncIterator[Demo]:
    command = [sys.executable, "-m", "edge", "demo", "--headless", "--port", "0", "--scenario", "rush", "--speed", "30"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        async for line in process.stdout:
            if found := re.search(rb"(http://\S+)/board", line):
                break
    yield Demo(process, found[1].decode() if found else "")
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_a_rush_is_seen_answered_and_ended(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN")
    handheld, board = await context.new_page(), await context.new_page()
    await handheld.goto(f"{demo.address}/handheld")
    await board.goto(f"{demo.address}/board")
    await handheld.get_by_role("button", name="lm-1").click()

    card = handheld.locator(TRIAGE)
    await card.wait_for(timeout=PATIENCE_MS)
    assert "等候" in await card.inner_text()
    await handheld.bring_to_front()  # a page behind another one is drawn when the browser finds the time
    await card.get_by_role("button", name="知道了").click()
    await handheld.locator(f'{TRIAGE}[data-state="acknowledged"]').wait_for(timeout=PATIENCE_MS)

    view = await (await context.request.get(f"{demo.address}/api/view")).json()
    acknowledged = [prompt for prompt in view["prompts"] if prompt["rule"] == "secondary-triage"]
    assert [prompt["by"] for prompt in acknowledged] == ["lm-1"]
    assert view["boards"]["board-lobby"]["calls"]
    await board.get_by_text(re.compile(r"^[A-G]\d{3}$")).first.wait_for(state="attached", timeout=PATIENCE_MS)
    await context.close()

    code, said = await demo.end()
    assert code == 0
    assert "secondary-triage 1" in said
