"""What a visitor of a website does with the chat on it."""

from __future__ import annotations

import os
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, FrameLocator, Page, expect

from runtime.identifiers import conversation_id

SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures, for whoever wants to look at them."""
LAUNCH, PANEL, COUNT = "frontdesk-chat .launch", "frontdesk-chat .panel", "frontdesk-chat .count"
OPTIONS = ".log .options button:enabled"
YOURS, BOT, WAITING = ".bubble.you", ".bubble.bot:not(.dots)", ".bubble.you[data-state=waiting]"
WISH = "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt"


async def visitor(browser: Browser, said: list[str], **more: Any) -> Page:
    """Somebody with a browser of their own."""
    context = await browser.new_context(
        **{"locale": "de-DE", "viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **more}
    )
    page = await context.new_page()
    page.set_default_timeout(8000)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("frontdesk-chat iframe")


async def opened(page: Page, address: str) -> FrameLocator:
    await page.goto(address)
    await page.click(LAUNCH)
    await expect(chat(page).locator("#field")).to_be_focused()
    return chat(page)


async def say(frame: FrameLocator, text: str) -> None:
    await frame.locator("#field").fill(text)
    await frame.locator("#field").press("Enter")


async def answer(frame: FrameLocator, words: str) -> None:
    await expect(frame.locator(BOT).last).to_contain_text(words)
    await expect(frame.locator(".dots")).to_have_count(0)


async def texts(frame: FrameLocator, selector: str) -> list[str]:
    script = "all => all.map(one => [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''))"
    found: list[str] = await frame.locator(selector).evaluate_all(script)
    return found


async def check(page: Page, name: str) -> None:
    """Nothing that axe finds in the page and its frames; a picture for whoever wants one."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/widget-{name}.png")
    result = await Axe().run(page)
    found = [f"{name}: {one['id']}: {one['nodes'][0]['html']}" for one in result.response["violations"]]
    assert found == []


async def id_of(page: Page) -> str:
    """The conversation's id. Chromium blocks the storage of the frame here, so the website keeps it."""
    token: str = await page.evaluate("localStorage.getItem('frontdesk:demo:visitor')")
    return conversation_id("demo/webchat", token.partition(".")[0])
