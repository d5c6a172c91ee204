"""Files in the widget: chosen, dropped, pasted, refused."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.widget.visiting import (
    check,
    id_of,
    opened,
)
from tests.browser.widget.website import Website
from tests.support.real_desk import RealDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="package")]
PDF = b"%PDF-1.7\n" + b"y" * 700
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4UWEDRAwQCgArzgXx0HrtWgAAAABJRU5ErkJggg=="
)


def payload(name: str, mime: str, body: bytes) -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": body}


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
