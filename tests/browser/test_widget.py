"""The chat on somebody else's website, in a real browser before the real desk.

One desk, one website and one browser for all tests here; each test has a visitor of its own.
"""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, FilePayload, FrameLocator, Page, async_playwright, expect

from runtime.identifiers import conversation_id
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.website import Website
from tests.support.real_desk import STUDIO, RealDesk, real_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures, for whoever wants to look at them."""
LAUNCH, PANEL, COUNT = "frontdesk-chat .launch", "frontdesk-chat .panel", "frontdesk-chat .count"
OPTIONS = ".log .options button:enabled"
YOURS, BOT, WAITING = ".bubble.you", ".bubble.bot:not(.dots)", ".bubble.you[data-state=waiting]"
PDF = b"%PDF-1.7\n" + b"y" * 700
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4UWEDRAwQCgArzgXx0HrtWgAAAABJRU5ErkJggg=="
)
WISH = "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def real(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealDesk]:
    async with real_desk(Path(tmp_path_factory.mktemp("desk")), gather_ms=100, media_mb=0.05) as real:
        picky = {**STUDIO, "tenant": "picky", "webchat": {"origins": ["https://www.salon.example"]}}
        await real.desk.tenants.put_document("picky", "tenant", picky)
        yield real


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def website(real: RealDesk) -> AsyncIterator[Website]:
    website = await Website(real.url).start()
    yield website
    await website.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(real: RealDesk) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
def said() -> list[str]:
    """Warnings and errors in the page's console."""
    return []


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, said: list[str]) -> AsyncIterator[Page]:
    page = await visitor(browser, said)
    yield page
    await page.context.close()


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


def payload(name: str, mime: str, body: bytes) -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": body}


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


async def test_a_website_that_was_not_named_is_refused(page: Page, website: Website) -> None:
    async with page.expect_console_message(lambda one: "Frontdesk" in one.text) as told:
        await page.goto(website.page(tenant="picky"))
    text = (await told.value).text
    assert f"{website.origin} is not among the websites" in text and f"origins: [{website.origin}]" in text
    assert await page.locator("frontdesk-chat").count() == 0


@pytest.mark.parametrize("claimed", ["https://www.salon.example", ""])
async def test_a_frame_shows_nothing_in_a_website_that_was_not_named(
    page: Page, real: RealDesk, website: Website, claimed: str
) -> None:
    """Also where the page claims to be one that was: the browser knows better."""
    await page.goto(website.page(framed=f"{real.url}/widget/picky?origin={claimed}"))
    await expect(page.locator("iframe")).to_be_visible()
    assert await page.frame_locator("iframe").locator(".chat").count() == 0
    await page.goto(website.page(framed=f"{real.url}/chat/demo"))
    assert await page.frame_locator("iframe").locator(".chat").count() == 0


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


async def test_where_the_browser_blocks_storage_in_frames(page: Page, real: RealDesk, website: Website) -> None:
    blocked = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked'); }})"
    await page.add_init_script(f"if (location.origin === '{real.url}') {{ {blocked} }}")
    frame = await opened(page, website.page())
    await say(frame, WISH)
    await answer(frame, "Namen")
    await page.reload()
    await answer(chat(page), "Namen")
    assert await texts(chat(page), YOURS) == [WISH]
    await say(chat(page), "Paula Brandl")
    await answer(chat(page), "nummer")


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


async def test_by_keyboard(page: Page, website: Website) -> None:
    await page.goto(website.page())
    await page.wait_for_selector(LAUNCH)
    await page.focus("#cta")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(chat(page).locator("#field")).to_be_focused()
    await page.keyboard.type("erste Zeile")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("zweite Zeile")
    assert await chat(page).locator("#field").input_value() == "erste Zeile\nzweite Zeile"
    await page.keyboard.press("Escape")
    await expect(page.locator(PANEL)).to_be_hidden()
    assert await page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "launch"
    await page.keyboard.press("Enter")
    await expect(chat(page).locator("#field")).to_have_value("erste Zeile\nzweite Zeile")


async def test_a_button_of_the_website_says_what_is_wanted(page: Page, website: Website) -> None:
    await page.goto(website.page())
    await page.wait_for_selector(LAUNCH)
    await page.click("#cta")
    await answer(chat(page), "Leistung")
    await expect(chat(page).locator(OPTIONS)).to_have_count(8)
    await chat(page).locator("#close").click()
    await expect(page.locator("#cta")).to_be_focused()


async def test_what_the_page_may_say(page: Page, website: Website) -> None:
    await page.add_init_script(
        "window.frontdesk = function () { (frontdesk.q = frontdesk.q || []).push(arguments); };"
        "window.heard = []; frontdesk('on', 'open', () => heard.push('open'));"
        "frontdesk('on', 'unread', (count) => heard.push(count)); frontdesk('open');"
    )
    await page.goto(website.page())
    await expect(chat(page).locator("#field")).to_be_focused()
    await expect(page.locator(PANEL)).to_be_visible()
    await page.evaluate("frontdesk('close')")
    await expect(page.locator(PANEL)).to_be_hidden()
    assert (await page.evaluate("heard"))[0] == "open"


async def test_its_look_by_attributes(page: Page, website: Website, said: list[str]) -> None:
    wished = {"position": "left", "accent": "#ffd400", "theme": "dark", "title": "Kranich hilft", "bottom": "60"}
    frame = await opened(page, website.page(lang="en", language="de", **wished))
    await expect(frame.locator("#heading")).to_have_text("Kranich hilft")
    await expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    box = await page.locator(PANEL).bounding_box()
    assert box is not None
    assert (box["x"], box["y"] + box["height"]) == (24, 800)
    style = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    assert await frame.locator(".head").evaluate(style) == ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]
    await say(frame, "Guten Tag")
    await answer(frame, "Guten Tag")
    await check(page, "de-dark-yellow")
    assert said == []


async def test_a_page_with_a_will_of_its_own(page: Page, website: Website, said: list[str]) -> None:
    for path in ("/hostile", "/strict"):
        frame = await opened(page, website.page(path=path, accent="#24504b", theme="light"))
        await say(frame, "Guten Tag")
        await answer(frame, "Guten Tag")
        box = await page.locator(PANEL).bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (392, 688)
        await frame.locator("#close").click()
    assert said == []


async def test_nothing_before_consent(page: Page, website: Website) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    address = website.page(consent="ask", privacy="https://kranich.example/datenschutz")
    await page.goto(address)
    await page.click(LAUNCH)
    frame = chat(page)
    await expect(frame.locator("#agree")).to_be_focused()
    await expect(frame.locator("#consent-privacy")).to_have_attribute("href", "https://kranich.example/datenschutz")
    await expect(frame.locator("#field")).to_be_hidden()
    await check(page, "de-light-consent")
    assert sockets == []
    await frame.locator("#agree").click()
    await say(frame, "Guten Tag")
    await answer(frame, "Guten Tag")
    await page.reload()
    await expect(chat(page).locator(YOURS)).to_have_count(1)
    await expect(chat(page).locator("#consent")).to_be_hidden()
    assert sockets
    assert all("visitor" not in url and "." not in url.partition("?")[2] for url in sockets)


async def test_files_are_chosen_dropped_and_pasted(page: Page, real: RealDesk, website: Website) -> None:
    frame = await opened(page, website.page())
    async with page.expect_file_chooser() as chooser:
        await frame.locator("#attach").click()
    chosen = [payload("Foto vom Hof.png", "image/png", PNG), payload("Rezept.pdf", "application/pdf", PDF)]
    await (await chooser.value).set_files(chosen)
    await expect(frame.locator(".you .picture img")).to_have_attribute("alt", "Foto vom Hof.png")
    await expect(frame.locator(".you a.file .name")).to_have_text("Rezept.pdf")
    await expect(frame.locator(".upload")).to_have_count(0)
    await expect(frame.locator(".dots")).to_have_count(0)
    drop = """(one, kind) => {
        const data = new DataTransfer(), how = {bubbles: true, cancelable: true};
        const body = new TextEncoder().encode("%PDF-1.7\\n" + "y".repeat(600));
        data.items.add(new File([body], `${kind}.pdf`, {type: "application/pdf"}));
        one.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", {clipboardData: data, ...how})
            : new DragEvent(kind, {dataTransfer: data, ...how}));
    }"""
    await frame.locator("#log").evaluate(drop, "dragover")
    await expect(frame.locator(".drop")).to_be_visible()
    await frame.locator("#log").evaluate(drop, "drop")
    await expect(frame.locator(".drop")).to_be_hidden()
    await expect(frame.locator(".you a.file .name")).to_have_text(["Rezept.pdf", "drop.pdf"])
    await frame.locator("#field").evaluate(drop, "paste")
    await expect(frame.locator(".you a.file .name")).to_have_text(["Rezept.pdf", "drop.pdf", "paste.pdf"])
    await expect(frame.locator(".dots")).to_have_count(0)
    await check(page, "de-light-files")
    await page.reload()
    await expect(frame.locator(".you a.file")).to_have_count(3)
    loaded = "one => one.complete && one.naturalWidth"
    await expect(frame.locator(".picture img")).to_be_visible()
    assert await frame.locator(".picture img").evaluate(loaded) == 2
    await real.recorded()
    _, case = await real.ask_api(f"conversations/{await id_of(page)}")
    sent = [file["name"] for line in case["lines"] for file in line.get("files", ())]
    assert sent == ["Foto vom Hof.png", "Rezept.pdf", "drop.pdf", "paste.pdf"]


async def test_files_that_cannot_be_sent_say_why(page: Page, real: RealDesk, website: Website) -> None:
    frame = await opened(page, website.page())
    await expect(frame.locator("#offline")).to_be_hidden()
    large = payload("film.mp4", "video/mp4", b"x" * 60_000)
    program = payload("start.exe", "application/octet-stream", b"MZ\x90\0\3\0" + bytes(500))
    await frame.locator("#picker").set_input_files([large, program])
    await expect(frame.locator(".upload .why")).to_have_text(
        ["Zu groß, höchstens 50\u00a0KB sind möglich.", "Diese Art von Datei kann hier nicht gesendet werden."]
    )
    await check(page, "de-light-refused-files")
    for _ in range(2):
        await frame.locator(".upload .off").first.click()
    await expect(frame.locator(".upload")).to_have_count(0)
    await real.shut()
    await expect(frame.locator("#offline")).to_be_visible()
    await frame.locator("#picker").set_input_files([payload("a.pdf", "application/pdf", PDF)])
    await expect(frame.locator(".upload")).to_have_count(1)
    await real.open()
    await expect(frame.locator(".you a.file .name")).to_have_text("a.pdf")


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


async def test_one_greeting_and_not_a_second_one(page: Page, website: Website) -> None:
    await page.clock.install()
    await page.goto(website.page(greeting="Räder gesucht?"))
    await page.wait_for_selector(LAUNCH)
    await page.clock.fast_forward(5000)
    await expect(page.locator("frontdesk-chat .hint")).to_contain_text("Räder gesucht?")
    await check(page, "de-light-greeting")
    await page.click("frontdesk-chat .hint .off")
    await page.reload()
    await page.wait_for_selector(LAUNCH)
    await page.clock.fast_forward(5000)
    await expect(page.locator("frontdesk-chat .hint")).to_have_count(0)


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


async def test_the_demo_shop(page: Page, real: RealDesk, said: list[str]) -> None:
    frame = await opened(page, f"{real.url}/demo/shop?lang=de")
    await page.keyboard.press("Escape")
    await page.locator("[data-frontdesk-open$=haircut_men]").click()
    await answer(frame, "Herrenhaarschnitt")
    await check(page, "shop-de")
    assert said == []
