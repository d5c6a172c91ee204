"""Files over the whole way: sent from the web chat, seen again, answered by a person with one of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from runtime.records.tables import files
from tests.support.real_desk import TOKEN, RealDesk, TelegramCustomer, real_desk

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"x" * 5000
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"z" * 900
PDF = b"%PDF-1.7\n" + b"y" * 700


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path / "data", media_mb=0.02) as real:
        await real.add("salon")
        yield real


class Visitor:
    """A page with the chat open."""

    def __init__(self, real: RealDesk, tenant: str = "salon") -> None:
        self.real = real
        self.tenant = tenant
        self.token = ""
        self.entries: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []

    async def come(self) -> aiohttp.ClientWebSocketResponse:
        """Say hello, as after a reload, and read until the page is as it was."""
        socket = await self.real.http.ws_connect(f"{self.real.url}/chat/{self.tenant}/ws")
        await socket.send_json({"type": "hello", "visitor": self.token, "after": 0})
        self.entries = []
        async for frame in self._until(socket, "synced"):
            self.token = frame.get("visitor", self.token)
        return socket

    async def _until(self, socket: aiohttp.ClientWebSocketResponse, kind: str) -> AsyncIterator[dict[str, Any]]:
        async with asyncio.timeout(15):
            while True:
                frame = await socket.receive_json()
                self.entries += [frame] if frame["type"] == "entry" else []
                yield frame
                if kind in (frame["type"], frame.get("kind")):
                    return

    async def says(self, socket: aiohttp.ClientWebSocketResponse, until: str = "turn", **frame: Any) -> dict[str, Any]:
        """Send a message and read until its turn is over; the last frame."""
        await socket.send_json({"type": "say", **frame})
        return [frame async for frame in self._until(socket, until)][-1]

    async def uploads(self, body: bytes, name: str = "foto.png", mime: str = "image/png") -> tuple[int, Any]:
        """Hand in a file."""
        url = f"{self.real.url}/chat/{self.tenant}/files"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": mime}
        async with self.real.http.post(url, data=body, params={"name": name}, headers=headers) as answer:
            return answer.status, await answer.json()

    async def gets(self, path: str, token: str | None = None) -> tuple[int, bytes, Any]:
        """A file, with the visitor's token or another."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        url = path if path.startswith("http") else f"{self.real.url}{path}"
        async with self.real.http.get(url, headers=headers) as answer:
            return answer.status, await answer.read(), dict(answer.headers)


async def conversation_of(real: RealDesk) -> str:
    await real.recorded()
    (found,) = await real.desk.conversations.latest("salon")
    return found.id


async def test_a_visitor_sends_a_picture_and_sees_it_again(real: RealDesk) -> None:
    visitor = Visitor(real)
    socket = await visitor.come()
    status, file = await visitor.uploads(PNG, "C:\\Bilder\\../Mein Büro.png")
    assert (status, file["name"], file["mime"], file["size"]) == (201, "Mein Büro.png", "image/png", len(PNG))
    await visitor.says(socket, id="m1", text="", files=[file["id"]])
    await socket.close()
    await visitor.come()
    said = next(entry for entry in visitor.entries if entry["kind"] == "said")
    shown = said["files"]["m1"][0]
    assert said["messages"] == [["m1", ""]] and shown["id"] == file["id"]
    status, body, headers = await visitor.gets(f"/chat/salon/files/{file['id']}")
    assert (status, body) == (200, PNG) and headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Security-Policy"].startswith("sandbox")
    status, body, _ = await visitor.gets(shown["url"], token="")
    assert (status, body) == (200, PNG), "the address that came with the line opens it without a header"
    assert any("Team" in entry.get("text", "") for entry in visitor.entries), "never silence"


async def test_nobody_else_sees_it(real: RealDesk) -> None:
    await real.add("other")
    visitor, stranger, elsewhere = Visitor(real), Visitor(real), Visitor(real, "other")
    for one in (visitor, stranger, elsewhere):
        await (await one.come()).close()
    _, file = await visitor.uploads(PNG)
    path = f"/chat/salon/files/{file['id']}"
    assert [(await visitor.gets(path, token))[0] for token in ("", "x.y", elsewhere.token)] == [403, 403, 403]
    assert (await stranger.gets(path))[0] == 404
    assert (await elsewhere.gets(f"/chat/other/files/{file['id']}"))[0] == 404
    socket = await stranger.come()
    frame = await stranger.says(socket, "refused", id="m1", text="x", files=[file["id"]])
    assert frame["reason"] == "unknown_file" and not frame["retry"]


async def test_a_person_sees_it_and_answers_with_a_file(real: RealDesk) -> None:
    visitor = Visitor(real)
    socket = await visitor.come()
    _, file = await visitor.uploads(PNG)
    await visitor.says(socket, id="m1", text="Ich möchte mit einem Menschen sprechen", files=[file["id"]])
    conversation = await conversation_of(real)
    base, headers = f"{real.url}/v1/conversations/{conversation}", {"Authorization": f"Bearer {TOKEN}"}
    async with real.http.get(f"{base}/files/{file['id']}", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, PNG)
    async with real.http.get(f"{base}/files/{file['id']}") as answer:
        assert answer.status == 403
    _, case = await real.ask_api(f"conversations/{conversation}")
    assert [line["files"][0]["id"] for line in case["lines"] if line.get("files")] == [file["id"]]
    pdf = {**headers, "Content-Type": "application/pdf"}
    async with real.http.post(f"{base}/files?name=Plan.pdf&operator=Ida", data=PDF, headers=pdf) as answer:
        status, plan = answer.status, await answer.json()
    assert status == 201
    assert (await real.ask_api(f"conversations/{conversation}/claim", {"operator": "Ida"}))[0] == 200
    reply = {"operator": "Ida", "text": "Hier ist der Plan.", "files": [plan["id"]]}
    assert (await real.ask_api(f"conversations/{conversation}/reply", reply))[0] == 200
    await real.recorded()
    await visitor.come()
    part = next(entry for entry in visitor.entries if entry.get("author") == "operator")
    status, body, headers = await visitor.gets(part["files"][0]["url"], token="")
    assert (status, body) == (200, PDF) and headers["Content-Disposition"].startswith("attachment")
    _, case = await real.ask_api(f"conversations/{conversation}")
    (line,) = [line for line in case["lines"] if line.get("author") == "operator"]
    assert line["files"][0]["name"] == "Plan.pdf" and line["files"][0]["state"] == "kept"


async def test_what_is_not_taken(real: RealDesk) -> None:
    visitor = Visitor(real)
    await (await visitor.come()).close()
    assert (await visitor.uploads(b""))[0] == 400
    assert (await visitor.uploads(b"MZ\x90\0\x03\0" + b"\0" * 50, "bild.png"))[0] == 400
    assert (await visitor.uploads(b"x" * 30_000, "text.txt", "text/plain"))[0] == 413

    async def drips() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 1000

    url, headers = f"{real.url}/chat/salon/files", {"Authorization": f"Bearer {visitor.token}"}
    async with real.http.post(url, data=drips(), headers=headers) as answer:
        assert answer.status == 413, "also where nobody told the length"
    foreign = {**headers, "Origin": "https://evil.example"}
    async with real.http.post(url, data=PNG, headers=foreign) as answer:
        assert answer.status == 403
    folder = real.desk.media.folder.root
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_an_upload_that_stands_still_is_the_senders_fault_and_leaves_nothing(
    real: RealDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.web.uploads.SILENCE_S", 0.05)
    visitor = Visitor(real)
    await (await visitor.come()).close()

    async def stalls() -> AsyncIterator[bytes]:
        yield PNG
        await asyncio.Event().wait()

    url, headers = f"{real.url}/chat/salon/files", {"Authorization": f"Bearer {visitor.token}"}
    async with real.http.post(url, data=stalls(), headers=headers) as answer:
        assert answer.status == 408 and (await answer.json())["error"].startswith("The file came too slowly.")
    async with real.desk.database.reading() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(files))).scalar_one() == 0


async def test_m8_a_telegram_picture_reaches_people_and_their_file_reaches_telegram(real: RealDesk) -> None:
    real.stub.files["AgAD-1"] = JPEG
    paula = TelegramCustomer(real, "salon", 4401200)
    sizes = [{"file_id": "AgAD-1", "file_unique_id": "u", "width": 90, "height": 90, "file_size": len(JPEG)}]
    update = paula.message("", photo=sizes, caption="Ich möchte mit einem Menschen sprechen")
    del update["message"]["text"]
    await paula.update(update)
    conversation = await conversation_of(real)
    assert "liegt für das Team bereit" in " ".join(one["text"] for one in paula.got)
    await real.desk.fetcher.fetch_due(datetime.now(UTC))
    async with asyncio.timeout(10):
        while not (line := await line_with_file(real, conversation)) or line["files"][0]["state"] == "waiting":  # noqa: ASYNC110  # records tell nobody
            await asyncio.sleep(0.05)  # another task of the desk may have it
    kept = line["files"][0]
    assert (kept["state"], kept["mime"], kept["size"]) == ("kept", "image/jpeg", len(JPEG))
    base, headers = f"{real.url}/v1/conversations/{conversation}", {"Authorization": f"Bearer {TOKEN}"}
    async with real.http.get(f"{base}/files/{kept['id']}", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, JPEG)
    pdf = {**headers, "Content-Type": "application/pdf"}
    async with real.http.post(f"{base}/files?name=Plan.pdf&operator=Ida", data=PDF, headers=pdf) as answer:
        plan = await answer.json()
    await real.ask_api(f"conversations/{conversation}/claim", {"operator": "Ida"})
    reply = {"operator": "Ida", "text": "Hier ist der Plan.", "files": [plan["id"]]}
    assert (await real.ask_api(f"conversations/{conversation}/reply", reply))[0] == 200
    await real.quiet()
    (sent,) = real.stub.called("sendDocument")
    assert sent["caption"] == "Hier ist der Plan." and real.stub.objections == []
    async with real.http.delete(f"{base}/files", headers=headers) as answer:
        assert (await answer.json())["erased"] == 2
    async with real.http.get(f"{base}/files/{kept['id']}", headers=headers) as answer:
        assert answer.status == 404
    assert [path for path in real.desk.media.folder.root.rglob("*") if path.is_file()] == []


async def line_with_file(real: RealDesk, conversation: str) -> dict[str, Any]:
    """The first line of the conversation that has a file."""
    _, case = await real.ask_api(f"conversations/{conversation}")
    return next((line for line in case["lines"] if line.get("files")), {})
