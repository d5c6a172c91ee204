"""The chat page in a real browser: nothing lost over reloads and restarts, buttons, languages, accessibility."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from runtime.core.messages import RenderedButton
from runtime.ports import OperatorAct
from tests.browser.conftest import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPTIONS = ".log .options button:enabled"
TAKEN = ".bubble.you:is([data-state=taken], [data-state=done])"
YOURS, BOT = ".bubble.you", ".bubble.bot:not(.dots)"


async def say(page: Page, text: str) -> None:
    await page.fill("#field", text)
    await page.press("#field", "Enter")


async def texts(page: Page, selector: str) -> list[str]:
    """Visible words of bubbles, without what only a screen reader hears."""
    script = "all => all.map(one => [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''))"
    found: list[str] = await page.eval_on_selector_all(selector, script)
    return found


def seen(*spoken: str) -> list[str]:
    """Words as the page shows them: a number is glued to its "Uhr"."""
    return [text.replace(" Uhr", "\u00a0Uhr") for text in spoken]


async def violations(page: Page) -> list[str]:
    result = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in result.response["violations"]]


async def chat_of(page: Page) -> str:
    token: str = await page.evaluate("localStorage.getItem('frontdesk:studio:visitor')")
    return token.partition(".")[0]


async def test_a_booking_by_buttons(page: Page, running: RunningDesk, complaints: list[str]) -> None:
    await page.goto(running.url)
    await expect(page.locator("#intro")).to_be_visible()
    await page.click("#intro button >> nth=0")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await expect(page.locator("#intro")).to_have_count(0)
    await page.click(f"{OPTIONS} >> nth=1")
    await expect(page.locator(OPTIONS)).to_have_text(["Ja, buchen", "Ändern"])
    await page.click(f"{OPTIONS} >> nth=0")
    await expect(page.locator(BOT).last).to_contain_text("Gebucht.")
    await expect(page.locator(OPTIONS)).to_have_count(0)
    assert [event.payload for _, event in running.gate.taken] == ["", "de:time1", "de:yes"]
    yours, theirs = await texts(page, YOURS), await texts(page, BOT)
    assert yours == seen("Ich möchte einen Termin", "Dienstag, 24. November, 17:15 Uhr", "Ja, buchen")
    await page.reload()
    await expect(page.locator(BOT)).to_have_count(len(theirs))
    assert (await texts(page, YOURS), await texts(page, BOT)) == (yours, theirs)
    assert complaints == []


async def test_a_number_and_its_word_stay_on_one_line(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    await say(page, "Am Montag um 9 Uhr oder 10:30 Uhr, für 3 Personen, 24. November")
    await expect(page.locator(TAKEN)).to_have_count(1)
    assert await texts(page, YOURS) == ["Am Montag um 9\u00a0Uhr oder 10:30\u00a0Uhr, für 3 Personen, 24. November"]
    assert "\u00a0" not in running.gate.taken[-1][1].text, "only what is shown is glued"


async def test_a_reload_in_the_middle_of_a_turn(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    running.gate.hold()
    await say(page, "Ich hätte gern einen Termin")
    await expect(page.locator(TAKEN)).to_have_count(1)
    await expect(page.locator(".dots")).to_be_visible()
    await page.reload()
    await expect(page.locator(TAKEN)).to_have_count(1)
    await expect(page.locator(".dots")).to_be_visible()
    running.gate.go_on()
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await expect(page.locator(".dots")).to_have_count(0)
    assert await texts(page, YOURS) == ["Ich hätte gern einen Termin"]
    assert len(running.gate.taken) == 1
    await page.reload()
    await expect(page.locator(OPTIONS)).to_have_count(3)
    assert await page.evaluate("localStorage.getItem('frontdesk:studio:pending')") == "[]"


async def test_what_is_written_while_the_server_is_away_goes_out_in_order(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    await say(page, "eins")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await running.stop()
    await expect(page.locator("#offline")).to_be_visible()
    for word in ("zwei", "drei", "vier"):
        await say(page, word)
    await expect(page.locator(".bubble.you[data-state=waiting]")).to_have_count(3)
    await running.start()
    await expect(page.locator("#offline")).to_be_hidden()
    await expect(page.locator(TAKEN)).to_have_count(4)
    assert [event.text for _, event in running.gate.taken] == ["eins", "zwei", "drei", "vier"]
    await expect(page.locator(BOT)).to_have_count(8)


async def test_written_while_away_and_then_reloaded(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    await say(page, "eins")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    running.gate.down = True
    await running.gate.wake_feeds()
    await say(page, "zwei")
    await page.reload()
    await expect(page.locator(".bubble.you[data-state=waiting]")).to_have_text("Eigene Nachricht: zwei")
    running.gate.down = False
    await expect(page.locator(BOT)).to_have_count(4)
    assert await texts(page, YOURS) == ["eins", "zwei"]
    assert [event.text for _, event in running.gate.taken] == ["eins", "zwei"]


async def test_five_messages_at_once_stay_in_order(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    words = ["eins", "zwei", "drei", "vier", "fünf"]
    for word in words:
        await say(page, word)
    await expect(page.locator(BOT)).to_have_count(10)
    assert [event.text for _, event in running.gate.taken] == words == await texts(page, YOURS)


async def test_a_person_takes_over(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    await page.click("#person .link")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    chat = await chat_of(page)
    await running.gate.operate("studio", chat, OperatorAct("claim", "Tom"))
    await expect(page.locator("#presence")).to_have_text("Tom antwortet jetzt")
    await running.gate.operate("studio", chat, OperatorAct("reply", "Tom", "Hier ist Tom."))
    await expect(page.locator(".bubble.operator")).to_have_text("TomHier ist Tom.")
    await say(page, "Hallo Tom")
    await expect(page.locator(TAKEN)).to_have_count(2)
    await expect(page.locator(".dots")).to_have_count(0)
    await running.gate.operate("studio", chat, OperatorAct("release", "Tom"))
    await expect(page.locator("#presence")).to_have_text("Antwortet sofort, auch nachts")


async def test_words_stay_words(page: Page, running: RunningDesk, complaints: list[str]) -> None:
    await page.goto(running.url)
    await say(page, "<img src=x onerror=alert(1)>")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    buttons = (RenderedButton("<b>fett</b>", "x"),)
    await running.gate.show("studio", await chat_of(page), "<script>x</script> https://desk.example/a?b=c.", buttons)
    await expect(page.locator(OPTIONS)).to_have_text(["<b>fett</b>"])
    await expect(page.locator(".bubble a")).to_have_attribute("href", "https://desk.example/a?b=c")
    assert await page.locator(".log img, .log script, .log b").count() == 0
    assert complaints == []


async def test_a_link_says_what_is_wanted_once_a_day(page: Page, running: RunningDesk) -> None:
    await page.goto(f"{running.url}?start=book--service-cut")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await page.reload()
    await expect(page.locator(OPTIONS)).to_have_count(3)
    assert [event.payload for _, event in running.gate.taken] == ["enter||book--service-cut"]
    await page.goto(f"{running.url}?start=<b>")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    assert len(running.gate.taken) == 1


async def test_by_keyboard(page: Page, running: RunningDesk) -> None:
    await page.goto(running.url)
    await page.focus("#field")
    await page.keyboard.type("erste Zeile")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("zweite Zeile")
    await page.keyboard.press("Enter")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    assert running.gate.taken[0][1].text == "erste Zeile\nzweite Zeile"
    await page.focus(f"{OPTIONS} >> nth=0")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field")).to_be_focused()
    await expect(page.locator(OPTIONS)).to_have_count(2)


async def test_without_storage_in_the_browser(browser: Browser, running: RunningDesk) -> None:
    page = await browser.new_page()
    await page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked'); }})")
    await page.goto(running.url)
    await say(page, "Hallo")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "wish"), [("de", "Ich hätte gern einen Termin"), ("en", "I would like a haircut")]
)
async def test_accessible_in_both_languages_and_themes(
    page: Page, running: RunningDesk, theme: str, language: str, wish: str
) -> None:
    await page.set_viewport_size({"width": 320, "height": 600})
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"{running.url}?lang={language}&theme={theme}")
    assert await violations(page) == []
    await say(page, wish)
    await expect(page.locator(OPTIONS)).to_have_count(3)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    assert await violations(page) == []
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320
    assert await page.evaluate("parseFloat(getComputedStyle(document.getElementById('field')).fontSize)") >= 16
