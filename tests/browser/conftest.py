"""A real Chromium, and a desk that can go down and come back at the same address."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.browser.studio import studio, talk
from tests.web.fake_gate import FakeGate, desk

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


class RunningDesk:
    """The edge over one gate, restartable on its port."""

    def __init__(self) -> None:
        self.gate = FakeGate({"studio": desk("studio", "Studio Lindenhof")}, talk)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/chat/studio"

    async def start(self) -> None:
        self._runner = web.AppRunner(studio(self.gate), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


@pytest.fixture
async def running() -> AsyncIterator[RunningDesk]:
    running = RunningDesk()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    if not os.path.isfile(CHROMIUM):
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{CHROMIUM} is absent"
        pytest.skip(f"{CHROMIUM} is absent")
    return CHROMIUM


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console said; a test that cuts connections ignores it."""
    return []


@pytest.fixture
async def page(browser: Browser, complaints: list[str]) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="de-DE", viewport={"width": 390, "height": 780})
    page = await context.new_page()
    page.set_default_timeout(8000)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()


def picture(colour: tuple[int, int, int], width: int = 320, height: int = 200) -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + bytes(colour) * width) * height

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
