"""The conversation on somebody else's website, in a real browser before the real desk."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.widget.visiting import (
    BOT,
    COUNT,
    LAUNCH,
    OPTIONS,
    PANEL,
    WAITING,
    WISH,
    YOURS,
    answer,
    chat,
    check,
    id_of,
    opened,
    say,
    texts,
    visitor,
)
from tests.browser.widget.website import Website
from tests.support.real_desk import RealDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="package")]


async def test_a_german_booking_with_a_reload_in_the_middle(
    page: Page, real: RealDesk, website: Website, said: list[str]
) -> None:
    await page.goto(website.page())
    await expect(page.locator(LAUNCH)).to_be_visible()
    await check(page, "de-light-closed")
    frame = await opened(page, website.page())
    await expect(frame.locator("#intro")).to_be_visible()
    await check(page, "de-light-open")
    await frame.locator("#intro button").first.click()
    await frame.locator(OPTIONS, has_text="Herrenhaarschnitt").click()
    await answer(frame, "Ihnen?")
    await expect(frame.locator(".options .picked")).to_have_text("Herrenhaarschnitt")
    await say(frame, "am Mittwoch um drei")
    await answer(frame, "Namen")
    before = await texts(frame, YOURS), await texts(frame, BOT)
    await page.reload()
    frame = chat(page)
    await expect(frame.locator(BOT)).to_have_count(len(before[1]))
    assert (await texts(frame, YOURS), await texts(frame, BOT)) == before
    await expect(page.locator(PANEL)).to_be_visible()
    await say(frame, "Paula Brandl, 0561 5550199")
    await answer(frame, "buchen")
    await check(page, "de-light-confirm")
    await frame.locator(OPTIONS).first.click()
    await answer(frame, "25. November")
    await check(page, "de-light-booked")
    booked = [one for one in await real.desk.appointments.all("demo") if one.name == "Paula Brandl"]
    assert [one.start.isoformat() for one in booked] == ["2026-11-25T14:00:00+00:00"]
    assert said == []


async def test_in_english_on_a_dark_phone(browser: Browser, real: RealDesk, website: Website, said: list[str]) -> None:
    phone = {"width": 390, "height": 780}
    page = await visitor(browser, said, viewport=phone, locale="en-GB", color_scheme="dark", has_touch=True)
    frame = await opened(page, website.page(lang="en"))
    await expect(frame.locator("html")).to_have_attribute("lang", "en")
    box = await page.locator(PANEL).bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    await check(page, "en-dark-phone-open")
    await say(frame, "Hi, I'd like a men's haircut on Thursday at 3pm")
    await answer(frame, "name")
    await say(frame, "Jane Miller, +44 20 7946 0123")
    await answer(frame, "Shall I book")
    await check(page, "en-dark-phone-confirm")
    small = "all => all.filter(one => one.getBoundingClientRect().height < 43.5).map(one => one.textContent)"
    assert await frame.locator(f"{OPTIONS}, .write button, .head > button:not([hidden])").evaluate_all(small) == []
    await page.set_viewport_size({"width": 390, "height": 420})  # as with a keyboard
    await expect(frame.locator("#field")).to_be_in_viewport()
    await expect(frame.locator(OPTIONS).first).to_be_in_viewport()
    await frame.locator("#close").click()
    await expect(page.locator(PANEL)).to_be_hidden()
    assert await page.evaluate("document.documentElement.style.overflow") == ""
    assert said == []
    await page.context.close()


async def test_the_connection_goes_and_comes_back(page: Page, real: RealDesk, website: Website) -> None:
    frame = await opened(page, website.page())
    await say(frame, "Was kostet ein Herrenhaarschnitt?")
    await answer(frame, "32 €")
    await real.shut()
    await expect(frame.locator("#offline")).to_be_visible()
    await say(frame, WISH)
    await say(frame, "auf den Namen Paula Brandl")
    await expect(frame.locator(WAITING)).to_have_count(2)
    await check(page, "de-light-offline")
    await real.open()
    await page.reload()
    frame = chat(page)
    await answer(frame, "nummer")
    assert await texts(frame, YOURS) == ["Was kostet ein Herrenhaarschnitt?", WISH, "auf den Namen Paula Brandl"]
    await page.reload()
    await expect(frame.locator(YOURS)).to_have_count(3)
    await expect(frame.locator(WAITING)).to_have_count(0)
    await real.recorded()
    _, case = await real.ask_api(f"conversations/{await id_of(page)}")
    lines = [line for line in case["lines"] if line["kind"] == "said"]
    assert [one["text"] for one in lines] == await texts(frame, YOURS), "each once, in order, also for the people"


async def test_offline_and_online_again_without_a_reload(page: Page, website: Website) -> None:
    frame = await opened(page, website.page())
    await say(frame, "Was kostet ein Herrenhaarschnitt?")
    await answer(frame, "32 €")
    await page.context.set_offline(True)
    for text in ("Wo kann ich parken?", "Und haben Sie am Samstag auf?"):
        await say(frame, text)
    await expect(frame.locator(WAITING)).to_have_count(2)
    await page.context.set_offline(False)
    await expect(frame.locator(".bubble.you[data-state=done]")).to_have_count(3)
    assert await texts(frame, YOURS) == [
        "Was kostet ein Herrenhaarschnitt?", "Wo kann ich parken?", "Und haben Sie am Samstag auf?",
    ]  # fmt: skip


async def test_what_comes_while_it_is_closed_is_counted(page: Page, real: RealDesk, website: Website) -> None:
    frame = await opened(page, website.page())
    await say(frame, "Guten Tag")
    await answer(frame, "Guten Tag")
    await page.keyboard.press("Escape")
    await expect(page.locator(PANEL)).to_be_hidden()
    await expect(page.locator(COUNT)).to_be_hidden()
    conversation = await id_of(page)
    await real.operate(conversation, "claim", how="takeover")
    await real.operate(conversation, "reply", text="Hier ist Ida. Ihr Termin am Mittwoch steht.")
    await expect(page.locator(COUNT)).to_have_text("2")
    await check(page, "de-light-unread")
    assert await page.title() == "Fahrrad Kranich"
    hide = "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    await page.evaluate(f"{hide}; document.dispatchEvent(new Event('visibilitychange'))")
    assert await page.title() == "(2) Fahrrad Kranich"
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    assert await page.title() == "Fahrrad Kranich"
    await page.reload()
    await expect(page.locator(COUNT)).to_have_text("2")
    await page.click(LAUNCH)
    await expect(page.locator(COUNT)).to_be_hidden()
    await expect(frame.locator("#presence")).to_have_text("Ida antwortet jetzt")
    await expect(frame.locator(".chat")).to_have_attribute("data-phase", "owned")
    await expect(frame.locator(".bubble.operator .who")).to_have_text("Ida")
    await check(page, "de-light-person")
    bot = await frame.locator(BOT).count()
    await say(frame, "Haben Sie auch sonntags auf?")
    await real.quiet()
    assert await frame.locator(BOT).count() == bot
    await page.reload()
    await expect(page.locator(LAUNCH)).to_be_attached()
    await expect(page.locator(COUNT)).to_be_hidden()


async def test_two_tabs_of_one_visitor(page: Page, website: Website) -> None:
    other = await page.context.new_page()
    await page.goto(website.page())
    await other.goto(website.page())
    await page.click(LAUNCH)
    await other.click(LAUNCH)
    await expect(chat(other).locator("#intro")).to_be_visible()
    await say(chat(page), WISH)
    for tab in (page, other):
        await answer(chat(tab), "Namen")
    await say(chat(other), "Paula Brandl")
    for tab in (page, other):
        await answer(chat(tab), "nummer")
        assert await texts(chat(tab), YOURS) == [WISH, "Paula Brandl"]


async def test_the_menu(page: Page, website: Website) -> None:
    frame = await opened(page, website.page())
    await say(frame, WISH)
    await answer(frame, "Namen")
    await frame.locator("#menu-open").click()
    await check(page, "de-light-menu")
    async with page.expect_download() as download:
        await frame.locator("#menu-save").click()
    saved = (await (await download.value).path()).read_text(encoding="utf-8")
    assert f"Eigene Nachricht: {WISH}" in saved and "Birke: " in saved
    await frame.locator("#menu-open").click()
    await frame.locator("#menu-restart").click()
    await expect(frame.locator(YOURS)).to_have_count(2)
    await expect(frame.locator(".dots")).to_have_count(0)
    await frame.locator("#menu-open").click()
    await frame.locator("#menu-forget").click()
    await expect(frame.locator("#menu-forget")).to_contain_text("Wirklich?")
    await frame.locator("#menu-forget").click()
    await expect(frame.locator("#intro")).to_be_visible()
    await expect(frame.locator(".bubble")).to_have_count(0)


async def test_a11_silence_after_opening_gets_one_hint(page: Page, website: Website) -> None:
    await page.clock.install()
    frame = await opened(page, website.page())
    await expect(frame.locator("#offline")).to_be_hidden()
    for _ in range(10):
        await page.clock.fast_forward(60_000)
    await expect(frame.locator(".bubble")).to_have_text(["Womit kann ich helfen?"])
    await page.reload()
    await page.clock.fast_forward(600_000)
    await expect(frame.locator("#intro")).to_be_visible()
    await expect(frame.locator(".bubble")).to_have_count(0)
