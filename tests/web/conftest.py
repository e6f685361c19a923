"""The pages of a branch that exists only for them, open on a real port."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from edge.web.server import Pages
from edge.web.stream import Pace
from tests.web.branch import FakeDaemon, pages_of, serving


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def pages(daemon: FakeDaemon) -> Pages:
    return pages_of(daemon, Pace(settle_s=0.01))


@pytest.fixture
async def web(pages: Pages) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the pages."""
    async with serving(pages.on_port("127.0.0.1:0")) as url, aiohttp.ClientSession(url) as session:
        yield session
