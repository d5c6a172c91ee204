"""One desk, one website and one browser for all tests of the widget; each test has a visitor of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.widget.visiting import visitor
from tests.browser.widget.website import Website
from tests.support.real_desk import STUDIO, RealDesk, real_desk


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def real(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealDesk]:
    async with real_desk(Path(tmp_path_factory.mktemp("desk")), gather_ms=100, media_mb=0.05) as real:
        picky = {**STUDIO, "tenant": "picky", "webchat": {"origins": ["https://www.salon.example"]}}
        await real.desk.tenants.put_document("picky", "tenant", picky)
        yield real


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def website(real: RealDesk) -> AsyncIterator[Website]:
    website = await Website(real.url).start()
    yield website
    await website.stop()


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def browser(real: RealDesk) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
def said() -> list[str]:
    """Warnings and errors in the page's console."""
    return []


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, said: list[str]) -> AsyncIterator[Page]:
    page = await visitor(browser, said)
    yield page
    await page.context.close()
