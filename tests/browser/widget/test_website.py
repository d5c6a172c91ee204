"""The widget and the website around it: who may show it, its look, its storage, what a page may say."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.widget.visiting import (
    BOT,
    COUNT,
    LAUNCH,
    OPTIONS,
    PANEL,
    WISH,
    YOURS,
    answer,
    chat,
    check,
    opened,
    say,
    texts,
)
from tests.browser.widget.website import Website
from tests.support.real_desk import RealDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="package")]


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
    await page.click("#cta")
    await expect(chat(page).locator(BOT)).to_have_count(2)
    await answer(chat(page), "Leistung")


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


async def test_words_of_others_are_not_listened_to(page: Page, website: Website) -> None:
    """The script hears its frame alone, the frame the page around it alone."""
    await page.goto(website.page(consent="ask"))
    await page.click(LAUNCH)
    await expect(chat(page).locator("#agree")).to_be_visible()
    await page.evaluate("""() => {
        for (const frontdesk of ["close", "unread", "keep"])
            window.postMessage({frontdesk, count: 9, name: "visitor", value: "v1"}, "*");
        const other = document.body.appendChild(document.createElement("iframe"));
        const script = other.contentDocument.createElement("script");
        script.textContent = `parent.document.querySelector("frontdesk-chat").shadowRoot.querySelector("iframe")
            .contentWindow.postMessage({frontdesk: "consent"}, "*")`;
        other.contentDocument.body.append(script);
        return new Promise((done) => setTimeout(done, 100));
    }""")
    await expect(page.locator(PANEL)).to_be_visible()
    await expect(chat(page).locator("#agree")).to_be_visible()
    await expect(page.locator(COUNT)).to_be_hidden()
    assert await page.evaluate("localStorage.getItem('frontdesk:demo:visitor')") is None
    await page.evaluate("frontdesk('consent')")
    await expect(chat(page).locator("#field")).to_be_visible()


async def test_the_demo_shop(page: Page, real: RealDesk, said: list[str]) -> None:
    frame = await opened(page, f"{real.url}/demo/shop?lang=de")
    await page.keyboard.press("Escape")
    await page.locator("[data-frontdesk-open$=haircut_men]").click()
    await answer(frame, "Herrenhaarschnitt")
    await check(page, "shop-de")
    assert said == []
