"""The chat page in a real browser before the real desk: bookings, reloads, cut connections, people, two tabs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from runtime.identifiers import conversation_id
from tests.browser.test_chat_page import BOT, OPTIONS, TAKEN, YOURS, say, texts, violations
from tests.support.real_desk import RealDesk, real_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path, gather_ms=150) as real:
        yield real


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def answer(page: Page, words: str) -> None:
    """Wait until the last bubble of the bot holds these words."""
    await expect(page.locator(BOT).last).to_contain_text(words)
    await expect(page.locator(".dots")).to_have_count(0)


async def id_of(page: Page, tenant: str = "demo") -> str:
    """The conversation's id, as the operators' API has it."""
    token: str = await page.evaluate(f"localStorage.getItem('frontdesk:{tenant}:visitor')")
    return conversation_id(f"{tenant}/webchat", token.partition(".")[0])


async def test_a_german_booking_with_a_reload_in_the_middle(page: Page, real: RealDesk, complaints: list[str]) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await shot(page, "phone-de-1-empty")
    await page.click("#intro button >> nth=0")
    await expect(page.locator(OPTIONS)).to_have_count(8)
    await shot(page, "phone-de-2-services")
    await page.click(f"{OPTIONS} >> text=Herrenhaarschnitt")
    await answer(page, "Ihnen?")
    await say(page, "am Mittwoch um drei, und haben Sie Parkplätze?")
    await answer(page, "Namen")
    before = await texts(page, YOURS), await texts(page, BOT)
    await page.reload()
    await expect(page.locator(BOT)).to_have_count(len(before[1]))
    assert (await texts(page, YOURS), await texts(page, BOT)) == before
    assert "Herrenhaarschnitt" in before[0], "a pressed label stands in the transcript"
    await say(page, "Paula Brandl")
    await answer(page, "nummer")
    await say(page, "0561 5550199")
    await answer(page, "buchen")
    await expect(page.locator(OPTIONS)).to_have_count(2)
    await shot(page, "phone-de-3-confirm")
    assert await violations(page) == []
    await page.reload()
    await page.click(f"{OPTIONS} >> nth=0")
    await answer(page, "Gebucht")
    await shot(page, "phone-de-4-booked")
    (booked,) = await real.desk.appointments.all("demo")
    assert (booked.service, booked.name, booked.status) == ("haircut_men", "Paula Brandl", "booked")
    assert booked.start.isoformat() == "2026-11-25T14:00:00+00:00"
    everything = " ".join(await texts(page, BOT))
    assert everything.count("digitale Rezeption") == 1
    assert complaints == []


async def test_an_english_booking_on_a_desktop(page: Page, real: RealDesk, complaints: list[str]) -> None:
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{real.url}/chat/demo?lang=en")
    await shot(page, "desktop-en-1-empty")
    await say(page, "Hi, I'd like a men's haircut on Wednesday at 3pm")
    await answer(page, "name")
    await say(page, "Jane Miller, +44 20 7946 0123")
    await answer(page, "Shall I book")
    await shot(page, "desktop-en-2-confirm")
    await say(page, "actually Thursday please")
    await answer(page, "26 November")
    await page.click(f"{OPTIONS} >> nth=0")
    await answer(page, "26 November")
    await expect(page.locator(OPTIONS)).to_have_count(0)
    await page.emulate_media(color_scheme="dark")
    await shot(page, "desktop-en-3-booked-dark")
    assert await violations(page) == []
    (booked,) = await real.desk.appointments.all("demo")
    assert (booked.service, booked.name) == ("haircut_men", "Jane Miller")
    assert booked.start.isoformat() == "2026-11-26T14:00:00+00:00"
    assert complaints == []


async def test_the_connection_goes_and_comes_back(page: Page, real: RealDesk) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await say(page, "Was kostet ein Herrenhaarschnitt?")
    await answer(page, "32 €")
    await real.shut()
    await expect(page.locator("#offline")).to_be_visible()
    await say(page, "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt")
    await say(page, "auf den Namen Paula Brandl")
    await expect(page.locator(".bubble.you[data-state=waiting]")).to_have_count(2)
    await shot(page, "phone-de-5-offline")
    assert await violations(page) == []
    await real.open()
    await expect(page.locator("#offline")).to_be_hidden()
    await answer(page, "nummer")
    await expect(page.locator(TAKEN)).to_have_count(3)
    assert await texts(page, YOURS) == [
        "Was kostet ein Herrenhaarschnitt?",
        "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt",
        "auf den Namen Paula Brandl",
    ]


async def test_what_the_desk_says_while_the_page_is_away_is_there_when_it_comes_back(
    page: Page, real: RealDesk
) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await say(page, "Was kostet ein Herrenhaarschnitt?")
    await answer(page, "32 €")
    await page.context.set_offline(True)
    await say(page, "Wo kann ich parken?")
    await page.context.set_offline(False)
    await answer(page, "Parkplätze")
    await page.goto("about:blank")
    await page.goto(f"{real.url}/chat/demo")
    await expect(page.locator(YOURS)).to_have_count(2)
    await answer(page, "Parkplätze")


async def test_an_operator_takes_over_and_gives_back(page: Page, real: RealDesk) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await say(page, "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt")
    await answer(page, "Namen")
    await page.click("#person .link")
    await expect(page.locator("#presence")).to_have_text("Das Team ist benachrichtigt")
    await shot(page, "phone-de-6-queued")
    conversation = await id_of(page)
    assert (await real.operate(conversation, "claim"))[0] == 200
    await expect(page.locator("#presence")).to_have_text("Ida antwortet jetzt")
    assert (await real.operate(conversation, "reply", text="Guten Tag, hier ist Ida. Worum geht es?"))[0] == 200
    await expect(page.locator(".bubble.operator")).to_contain_text("hier ist Ida")
    bot = await page.locator(BOT).count()
    await say(page, "Haben Sie auch sonntags auf?")
    await expect(page.locator(TAKEN)).to_have_count(3)
    await real.quiet()
    await shot(page, "phone-de-7-person")
    assert await page.locator(BOT).count() == bot, "the bot says nothing while a person has the conversation"
    assert await violations(page) == []
    assert (await real.operate(conversation, "release"))[0] == 200
    await expect(page.locator("#presence")).to_have_text("Antwortet sofort, auch nachts")
    await shot(page, "phone-de-8-back")
    await say(page, "Paula Brandl")
    await answer(page, "nummer")
    assert await page.locator(".bubble.system").count() >= 1, "who answers is told in the conversation"


async def test_two_tabs_show_the_same(page: Page, real: RealDesk) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await say(page, "Ich möchte einen Herrenhaarschnitt am Mittwoch um drei")
    await answer(page, "Namen")
    other = await page.context.new_page()
    await other.goto(f"{real.url}/chat/demo")
    await answer(other, "Namen")
    await say(other, "Paula Brandl, 0561 5550199")
    for tab in (page, other):
        await expect(tab.locator(OPTIONS)).to_have_count(2)
        assert await texts(tab, YOURS) == [
            "Ich möchte einen Herrenhaarschnitt am Mittwoch um drei", "Paula Brandl, 0561 5550199",
        ]  # fmt: skip
    press = f"document.querySelector('{OPTIONS}')?.click()"
    await asyncio.gather(page.evaluate(press), other.evaluate(press))
    for tab in (page, other):
        await answer(tab, "25. November")
        await expect(tab.locator(OPTIONS)).to_have_count(0)
    await real.quiet()
    assert len(await real.desk.appointments.all("demo")) == 1


async def test_another_visitor_sees_nothing_of_it(page: Page, real: RealDesk) -> None:
    await page.goto(f"{real.url}/chat/demo")
    await say(page, "Was kostet ein Herrenhaarschnitt?")
    await answer(page, "32 €")
    assert page.context.browser is not None
    stranger = await page.context.browser.new_page()
    await stranger.goto(f"{real.url}/chat/demo?lang=de")
    await expect(stranger.locator("#intro")).to_be_visible()
    await expect(stranger.locator(".bubble")).to_have_count(0)
    await stranger.close()


async def test_the_start_page_leads_to_the_chat(page: Page, real: RealDesk) -> None:
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(real.url)
    await shot(page, "desktop-start")
    assert await violations(page) == []
    await page.click("text=English")
    await expect(page.locator("h1")).to_contain_text("Studio Birkenhof")
