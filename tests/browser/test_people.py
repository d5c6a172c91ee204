"""People's pages in a real browser before the real desk: two people and a customer at once, drafts, keys, colours."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, async_playwright, expect

from runtime.identifiers import conversation_id
from runtime.ports import OperatorAct
from tests.browser.conftest import ARGUMENTS, CHROMIUM, picture
from tests.browser.test_chat_page import say, texts
from tests.support.real_desk import TOKEN, RealDesk, real_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
SHOTS = os.environ.get("SHOTS", "")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealDesk]:
    data: Path = tmp_path_factory.mktemp("people")
    async with real_desk(data, gather_ms=0) as real:
        yield real


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome() -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{CHROMIUM} is absent"
        pytest.skip(f"{CHROMIUM} is absent")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(real: RealDesk, chrome: Browser) -> AsyncIterator[Desk]:
    desk = Desk(real, chrome)
    yield desk
    await desk.close()
    assert desk.complaints == [], "the pages' consoles stay empty"


class Desk:
    """Pages of several people before one desk; what their consoles say is kept."""

    def __init__(self, real: RealDesk, browser: Browser) -> None:
        self.real = real
        self.browser = browser
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    async def page(self, *, locale: str = "de-DE", scheme: str = "light", size: dict[str, int] | None = None) -> Page:
        """A new browser's page."""
        viewport = size or WIDE
        context = await self.browser.new_context(
            locale=locale, color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
            viewport={"width": viewport["width"], "height": viewport["height"]},
        )  # fmt: skip
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(8000)
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    async def person(self, name: str, path: str = "", **how: str) -> Page:
        """Somebody of the team, signed in."""
        page = await self.page(locale=how.get("locale", "de-DE"), scheme=how.get("scheme", "light"))
        await page.goto(f"{self.real.url}/desk{path}")
        await page.fill("#name", name)
        await page.fill("#token", TOKEN)
        await page.click("button[type=submit]")
        await expect(page.locator("#list")).to_be_visible()
        return page

    async def talk(self, contact: str, *words: str) -> str:
        """Somebody who said this by the API; the conversation's path."""
        for text in words:
            await self.real.desk.say(tenant="demo", contact=contact, text=text)
        await self.real.recorded()
        return f"/c/demo/{conversation_id('demo/api', contact)}"

    async def operate(self, path: str, verb: str, name: str, text: str = "", how: str = "resume") -> None:
        """A colleague acts."""
        act = OperatorAct(verb, name, text, how)
        assert (await self.real.desk.door.operate("demo", path.rpartition("/")[2], act)).done

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def violations(page: Page) -> list[str]:
    result = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in result.response["violations"]]


async def seen_after(began: float, sight: Awaitable[None]) -> float:
    """Milliseconds until it is seen."""
    await sight
    return (time.perf_counter() - began) * 1000


async def test_law_6_two_people_and_a_customer_at_once(desk: Desk) -> None:
    customer = await desk.page(size=PHONE)
    await customer.goto(f"{desk.real.url}/chat/demo")
    await say(customer, "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt")
    await expect(customer.locator(".bubble.bot:not(.dots)").last).to_contain_text("Namen")
    token: str = await customer.evaluate("localStorage.getItem('frontdesk:demo:visitor')")
    path = f"/c/demo/{conversation_id('demo/webchat', token.partition('.')[0])}"
    await desk.real.recorded()
    ida, tom = await desk.person("Ida", path), await desk.person("Tom")
    await expect(tom.locator(f"#list a[href*='{path}']")).to_contain_text("Termin buchen")
    await tom.goto(f"{desk.real.url}/desk{path}")

    began = time.perf_counter()
    await ida.click("#take")
    to_customer = await seen_after(began, expect(customer.locator("#presence")).to_have_text("Ida antwortet jetzt"))
    to_tom = await seen_after(began, expect(tom.locator("#hands")).to_contain_text("bei Ida"))
    print(f"\ntakeover seen by the customer after {to_customer:.0f} ms, by the colleague after {to_tom:.0f} ms")  # noqa: T201  # what was measured
    assert to_customer < 1000 and to_tom < 1000
    await expect(tom.locator(f"#list a[href*='{path}']")).to_contain_text("bei Ida")
    before = await texts(customer, ".bubble.bot:not(.dots)")

    await say(customer, "Paula Brandl")
    await expect(ida.locator("#thread .msg.customer").last).to_contain_text("Paula Brandl")
    await ida.fill("#text", "Guten Tag, hier ist Ida.")
    began = time.perf_counter()
    await ida.press("#text", "Control+Enter")
    await expect(ida.locator("#thread .msg.operator").last).to_contain_text("Guten Tag, hier ist Ida.")
    reply = await seen_after(began, expect(customer.locator(".bubble.operator")).to_contain_text("hier ist Ida"))
    print(f"the answer seen by the customer after {reply:.0f} ms")  # noqa: T201  # what was measured
    assert await texts(customer, ".bubble.bot:not(.dots)") == before, "the bot is silent meanwhile"
    await expect(ida.locator("#thread .msg.local")).to_have_count(0)

    await tom.fill("#text", "Ich auch!")
    await tom.press("#text", "Control+Enter")
    await expect(tom.locator("#take-ask")).to_be_visible()
    await tom.keyboard.press("Escape")
    await expect(tom.locator(".msg.local.failed")).to_have_count(1)
    await desk.real.quiet()
    await expect(customer.locator(".bubble.operator")).to_have_count(1)

    await ida.click("#give summary")
    began = time.perf_counter()
    await ida.click("[data-how=resume]")
    back = await seen_after(began, expect(customer.locator(".bubble.bot:not(.dots)").last).to_contain_text("Namen"))
    print(f"the flow goes on where it was after {back:.0f} ms")  # noqa: T201  # what was measured
    await expect(tom.locator("#hands")).to_contain_text("Bot antwortet")
    await say(customer, "Paula Brandl")
    await expect(customer.locator(".bubble.bot:not(.dots)").last).to_contain_text("nummer")


async def test_k12_two_claim_and_the_other_reads_who(desk: Desk) -> None:
    path = await desk.talk("claims", "Ich möchte mit einem Menschen sprechen")
    page = await desk.person("Ida", path)
    await expect(page.locator("#hands")).to_contain_text("wartet auf eine Person")
    await desk.operate(path, "claim", "Tom")
    script = """url => fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})
        .then(answer => answer.json().then(told => [answer.status, told.error]))"""
    status, error = await page.evaluate(script, f"{desk.real.url}/desk{path}/claim")
    assert status == 409 and "Tom" in error
    desk.complaints.clear()  # the browser notes the refusal
    await expect(page.locator("#hands")).to_contain_text("bei Tom")


async def test_a_draft_stays_over_news_and_reload_and_a_failed_send_can_be_sent_again(desk: Desk) -> None:
    path = await desk.talk("drafts", "Ich möchte mit einem Menschen sprechen")
    page = await desk.person("Ida", path)
    await page.click("#take")
    await expect(page.locator("#hands")).to_contain_text("bei mir")
    await page.fill("#text", "Halb fertig")
    await desk.talk("drafts", "Sind Sie da?")
    await expect(page.locator("#thread .msg.customer").last).to_contain_text("Sind Sie da?")
    await expect(page.locator("#text")).to_have_value("Halb fertig")
    await page.reload()
    await expect(page.locator("#text")).to_have_value("Halb fertig")
    await page.context.set_offline(True)
    await page.press("#text", "Control+Enter")
    await expect(page.locator(".msg.local.failed")).to_contain_text("Nicht angekommen")
    await shot(page, "failed-send")
    await page.context.set_offline(False)
    await page.click(".msg.local button >> nth=0")
    await expect(page.locator(".msg.local")).to_have_count(0)
    await expect(page.locator("#thread .msg.operator .bubble")).to_have_text(["Halb fertig"])
    desk.complaints.clear()  # lost connections are noted by the browser


async def test_k11_a_note_is_for_the_team_alone(desk: Desk) -> None:
    path = await desk.talk("notes", "Ich möchte mit einem Menschen sprechen")
    page = await desk.person("Ida", path)
    await page.keyboard.press("n")
    await page.keyboard.type("Ruft gern morgens an")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#thread .msg.note")).to_contain_text("Ruft gern morgens an")
    await expect(page.locator("#thread .msg.note")).to_contain_text("Notiz von Ida")
    assert "morgens" not in " ".join(await desk.real.desk.say(tenant="demo", contact="notes", text="Hallo?"))


async def test_keys_move_open_and_list_themselves(desk: Desk) -> None:
    await desk.talk("keys-1", "Hallo")
    await desk.talk("keys-2", "Was kostet ein Haarschnitt in Quarkblau?")
    page = await desk.person("Ida")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(page.locator("#rows .conv").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk h2").first).to_be_visible()
    await page.keyboard.press("x")
    await expect(page.locator(".trace[open] .trace-body")).to_contain_text("Verstanden")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("Quarkblau")
    await expect(page.locator("#rows .conv")).to_have_count(1)
    await expect(page).to_have_url(
        f"{desk.real.url}/desk/c/{'/'.join(page.url.split('/c/')[1].split('?')[0].split('/'))}?q=Quarkblau"
    )


async def test_nothing_jumps_under_the_pointer(desk: Desk) -> None:
    await desk.talk("still-1", "Hallo")
    page = await desk.person("Ida")
    first = page.locator("#rows .conv").first
    await first.hover()
    name = await first.get_attribute("id")
    await desk.talk("still-2", "Ich will sofort mit einem Menschen sprechen")
    await expect(page.locator("#fresh")).to_be_visible()
    assert await page.locator("#rows .conv").first.get_attribute("id") == name
    await page.mouse.move(900, 400)
    await expect(page.locator("#fresh")).to_be_hidden()
    await expect(page.locator("#rows .group-label").first).to_contain_text("Wartet")


async def test_a_lost_stream_says_so_and_comes_back_with_what_was_missed(desk: Desk) -> None:
    path = await desk.talk("lost", "Hallo")
    page = await desk.person("Ida", path)
    await desk.real.shut()
    await expect(page.locator("#lost")).to_be_visible()
    await desk.real.desk.say(tenant="demo", contact="lost", text="Was kostet ein Herrenhaarschnitt?")
    await desk.real.open()
    await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
    await expect(page.locator("#thread .msg.bot").last).to_contain_text("32 €")
    desk.complaints.clear()  # lost connections are noted by the browser


async def test_a_long_conversation_is_read_in_stretches(desk: Desk) -> None:
    path = await desk.talk("long", *(f"Was kostet ein Herrenhaarschnitt? Nummer {n}" for n in range(45)))
    page = await desk.person("Ida", path)
    await expect(page.locator("#thread .msg.customer")).to_have_count(40)
    await page.click("[data-earlier]")
    await expect(page.locator("#thread .msg.customer")).to_have_count(45)
    await desk.talk("long", "Noch eine")
    await expect(page.locator("#thread .msg.customer").last).to_contain_text("Noch eine")
    await expect(page.locator("#thread .msg.customer")).to_have_count(46)
    assert (
        len(set(await page.eval_on_selector_all("#thread [id]", "all => all.map(one => one.id)")))
        == await page.locator("#thread [id]").count()
    )


async def test_the_list_and_the_talk_are_two_pages_on_a_phone(desk: Desk) -> None:
    path = await desk.talk("phone", "Hallo")
    page = await desk.person("Ida")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.click(f"a[href*='{path}']")
    await expect(page.locator("#talk")).to_be_visible()
    await expect(page.locator("#list")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.click("[data-to-list]")
    await expect(page.locator("#list")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("locale", "inbox"), [("de-DE", "Posteingang"), ("en-GB", "Inbox")])
async def test_accessible_in_both_languages_and_colours(desk: Desk, locale: str, inbox: str, scheme: str) -> None:
    path = await desk.talk(
        f"axe-{locale}-{scheme}",
        "Ich möchte am Mittwoch um drei einen Herrenhaarschnitt, und was kostet das?",
        "Ich möchte mit einem Menschen sprechen",
    )
    page = await desk.page(locale=locale, scheme=scheme)
    await page.goto(f"{desk.real.url}/desk{path}")
    assert await violations(page) == []
    await page.fill("#name", "Ida")
    await page.fill("#token", TOKEN)
    await page.click("button[type=submit]")
    await expect(page.locator("h1")).to_have_text(inbox)
    await page.click("details.trace >> nth=0")
    await expect(page.locator(".trace-body code").first).to_be_visible()
    await shot(page, f"talk-{locale}-{scheme}")
    assert await violations(page) == []
    await page.click("#take")
    await expect(page.locator("#give")).to_be_visible()
    await page.click("#give summary")
    assert await violations(page) == []
    for size in (PHONE, {"width": 320, "height": 640}):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert await violations(page) == []
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.click(".trace-body a")
    await expect(page.locator("h1")).to_contain_text("1")
    await shot(page, f"turn-{locale}-{scheme}")
    assert await violations(page) == []


async def test_files_go_both_ways_between_the_customer_and_the_page(desk: Desk) -> None:
    customer = await desk.page(size=PHONE)
    await customer.goto(f"{desk.real.url}/chat/demo")
    await say(customer, "Ich möchte mit einem Menschen sprechen")
    await expect(customer.locator(".bubble.bot:not(.dots)").last).to_be_visible()
    token: str = await customer.evaluate("localStorage.getItem('frontdesk:demo:visitor')")
    path = f"/c/demo/{conversation_id('demo/webchat', token.partition('.')[0])}"
    await desk.real.recorded()
    ida = await desk.person("Ida", path)
    photo: FilePayload = {"name": "Wunsch.png", "mimeType": "image/png", "buffer": picture((190, 120, 60))}
    await customer.set_input_files("#picker", photo)
    await say(customer, "So hätte ich es gern")
    image = ida.locator("#thread .msg.customer a.shot img").last
    await expect(image).to_be_visible()
    assert await image.evaluate("one => one.decode().then(() => one.naturalWidth)") == 320
    assert await image.get_attribute("alt") == "Wunsch.png"

    await ida.click("#take")
    await expect(ida.locator("#hands")).to_contain_text("bei mir")
    price: FilePayload = {
        "name": "Preisliste 2026.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.7\n" + b"y" * 7000,
    }
    card: FilePayload = {"name": "Farbe.png", "mimeType": "image/png", "buffer": picture((40, 110, 90))}
    await ida.set_input_files("#file", [price, card])
    await expect(ida.locator("#chosen button")).to_have_count(2)
    await shot(ida, "files-chosen")
    await ida.fill("#text", "Hier ist unsere Preisliste.")
    await ida.press("#text", "Control+Enter")
    mine = ida.locator("#thread .msg.operator").last
    await expect(mine.locator("a.file")).to_contain_text("Preisliste 2026.pdf")
    await expect(mine.locator("a.shot img")).to_be_visible()
    await expect(ida.locator("#chosen button")).to_have_count(0)
    await expect(ida.locator("#thread .msg.local")).to_have_count(0)
    await expect(customer.get_by_text("Preisliste 2026.pdf")).to_be_visible()
    picture_sent = mine.locator("a.shot img")
    assert await picture_sent.evaluate("one => one.decode().then(() => one.naturalWidth)") == 320
    await expect(ida.get_by_text("Hier ist unsere Preisliste.").last).to_be_in_viewport(ratio=1)
    await shot(ida, "files-sent")
    await shot(customer, "files-customer")
    async with ida.expect_download() as download:
        await mine.locator("a.file").evaluate("one => { one.removeAttribute('target'); one.click(); }")
    assert (await (await download.value).path()).read_bytes().startswith(b"%PDF-1.7")
    await ida.evaluate("document.documentElement.dataset.theme = 'dark'")
    await shot(ida, "files-dark")
    await ida.set_viewport_size({"width": 390, "height": 844})
    assert await ida.evaluate("document.documentElement.scrollWidth") <= 390
    await shot(ida, "files-phone")

    await ida.set_input_files("#file", FilePayload(name="x.exe", mimeType="", buffer=b"MZ\0\0"))
    await expect(ida.locator("#act-error")).to_contain_text("x.exe")
    await expect(ida.locator("#chosen button")).to_have_count(0)
    desk.complaints.clear()  # the browser notes the refusal


@pytest.mark.parametrize(("locale", "words"), [("de-DE", "Das gibt es hier nicht"), ("en-GB", "There is nothing here")])
async def test_a_page_that_is_not_there_says_so_and_leads_back(desk: Desk, locale: str, words: str) -> None:
    page = await desk.person("Ida", locale=locale)
    await page.goto(f"{desk.real.url}/desk/c/demo/none")
    desk.complaints.clear()  # the browser notes the 404
    await expect(page.locator("h1")).to_have_text(words)
    await shot(page, f"not-there-{locale}")
    assert await violations(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 390, "height": 844})
    await shot(page, f"not-there-{locale}-dark-phone")
    assert await violations(page) == []
    await page.click(".btn.primary")
    await expect(page.locator("#list")).to_be_visible()
