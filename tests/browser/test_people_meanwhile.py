"""People's pages in a real browser: what somebody does while something else is still under way."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_people import Desk
from tests.browser.test_people import chrome as chrome
from tests.browser.test_people import desk as desk
from tests.browser.test_people import real as real

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


async def test_an_answer_goes_to_whom_it_was_written_also_when_another_conversation_is_opened_meanwhile(
    desk: Desk,
) -> None:
    first = await desk.talk("meant", "Ich möchte mit einem Menschen sprechen")
    other = await desk.talk("bystander", "Ich möchte mit einem Menschen sprechen")
    page = await desk.person("Ida", first)
    held = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/claim", slowly)
    await page.fill("#text", "Nur für die eine")
    async with page.expect_request("**/claim"):
        await page.press("#text", "Control+Enter")
    await page.click(f"#list a[href*='{other}']")
    await expect(page.locator("#talk")).to_have_attribute("data-path", other.removeprefix("/"))
    async with page.expect_response("**/reply") as answered:
        held.set()
    assert first in (await answered.value).url
    await page.click(f"#list a[href*='{first}']")
    await expect(page.locator("#thread .msg.operator:not(.local)")).to_contain_text("Nur für die eine")
