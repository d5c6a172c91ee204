"""Files are fetched from providers: at least once, by whoever lives, with an end; hostile ones are not kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from runtime.core.messages import Attachment
from runtime.media import fetching
from runtime.records.files import CLAIM
from tests.media.shelf import PNG, Shelf


async def test_m8_a_whatsapp_picture_is_fetched_with_the_token(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900", "image/jpeg", name="../../x.jpg"))
    assert await shelf.state(file) == ("waiting", "")
    assert await shelf.fetch() == 1
    stored = await shelf.store.open("salon", "c1", file)
    assert (stored.mime, stored.size, stored.name) == ("image/png", len(PNG), "x.jpg"), "what it is, not what was said"
    assert stored.path is not None and stored.path.read_bytes() == PNG
    assert shelf.stub.headers[0]["Authorization"] == "Bearer t-1"
    assert await shelf.fetch() == 0 and len(shelf.stub.downloads) == 1


async def test_m8_a_messenger_file_is_fetched_from_its_address_without_a_token(shelf: Shelf) -> None:
    shelf.stub.files["a"] = b"%PDF-1.4 x"
    (file,) = await shelf.came("messenger", Attachment("document", url=f"{shelf.stub.url}/cdn/a"))
    await shelf.fetch()
    stored = await shelf.store.open("salon", "c1", file)
    assert (stored.mime, stored.name, stored.type) == ("application/pdf", "file.pdf", "document")
    assert "Authorization" not in shelf.stub.headers[0]


async def test_m8_a_telegram_file_is_fetched_by_its_path(shelf: Shelf) -> None:
    shelf.stub.files["AgAD1"] = b"OggS" + b"\0" * 100
    (file,) = await shelf.came("telegram", Attachment("voice", "AgAD1", "audio/ogg", duration_s=3))
    await shelf.fetch()
    stored = await shelf.store.open("salon", "c1", file)
    assert (stored.mime, stored.type) == ("audio/ogg", "voice")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example/x",
        "http://127.0.0.1:1/",
        "https://localhost/x",
    ],
)
async def test_an_address_that_is_not_the_providers_is_never_asked(shelf: Shelf, address: str) -> None:
    (file,) = await shelf.came("messenger", Attachment("image", url=address))
    await shelf.fetch()
    assert await shelf.state(file) == ("gone", "provider") and shelf.stub.downloads == []


async def test_a_provider_that_hands_out_another_address_gets_no_token_there(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    shelf.stub.plan = [{"redirect": "http://127.0.0.1:9/steal"}]
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    await shelf.fetch()
    assert await shelf.state(file) == ("gone", "provider")


async def test_what_the_provider_has_no_more_is_gone_at_once(shelf: Shelf) -> None:
    files = [
        *await shelf.came("telegram", Attachment("image", "old"), message="m1"),
        *await shelf.came("whatsapp_cloud", Attachment("image", "old"), message="m2"),
        *await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/old"), message="m3"),
    ]
    await shelf.fetch()
    assert [await shelf.state(file) for file in files] == [("gone", "provider")] * 3
    assert shelf.on_disk == []


@pytest.mark.parametrize(
    ("body", "size", "why"),
    [
        (b"MZ\x90\0" + b"\0" * 200, 0, "kind"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 200, 0, "kind"),
        (b"#!/bin/sh\nrm -rf /\n", 0, "kind"),
        (bytes(range(256)) * 4, 0, "kind"),
        (b"", 0, "kind"),
        (PNG + b"x" * 200_000, 0, "too_large"),
        (PNG, 10**12, "too_large"),
    ],
    ids=["exe", "elf", "script", "noise", "empty", "large", "said to be large"],
)
async def test_a_hostile_file_is_not_kept(shelf: Shelf, body: bytes, size: int, why: str) -> None:
    shelf.stub.files["a"] = body
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a", size=size))
    await shelf.fetch()
    assert await shelf.state(file) == ("refused", why)
    assert shelf.on_disk == [] and await shelf.fetch(10_000) == 0


async def test_a_packed_stream_is_not_unpacked(shelf: Shelf) -> None:
    shelf.stub.files["a"], shelf.stub.plan = PNG, [{"packed": True}]
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a"))
    await shelf.fetch()
    assert await shelf.state(file) == ("gone", "provider") and shelf.on_disk == []


async def test_a_provider_that_is_away_is_asked_again(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    shelf.stub.plan = [{"status": 503}, {"status": 401}, {"status": 429}]
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    later = 0.0
    for wait_s in (5, 10, 20):
        assert await shelf.fetch(later) == 1 and await shelf.state(file) == ("waiting", "")
        assert await shelf.fetch(later + wait_s - 1) == 0, "not before its time"
        later += wait_s + 0.1
    await shelf.fetch(later)
    assert await shelf.state(file) == ("kept", "")


async def test_trying_has_an_end(shelf: Shelf) -> None:
    shelf.stub.plan = [{"status": 500}] * fetching.MOST_TRIES
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a"))
    for number in range(fetching.MOST_TRIES):
        assert await shelf.fetch(number * 4000.0) == 1
    assert await shelf.state(file) == ("gone", "unreachable") and await shelf.fetch(10**6) == 0


async def test_a_file_that_breaks_us_is_given_up_in_the_end(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*given: object, **more: object) -> int:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(shelf.http, "download", breaks)
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a"))
    for number in range(fetching.MOST_TRIES):
        with pytest.raises(RuntimeError):
            await shelf.fetch(number * 4000.0)
    await shelf.fetch(10**6)
    assert await shelf.state(file) == ("gone", "provider") and await shelf.fetch(10**7) == 0


async def test_a_full_disk_uses_up_no_tries(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(stage: object) -> None:
        raise OSError(28, "No space left on device")

    shelf.stub.files["900"] = PNG
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    with monkeypatch.context() as patched:
        patched.setattr("runtime.media.folder.Stage.begin", full)
        for number in range(fetching.MOST_TRIES + 3):
            assert await shelf.fetch(number * 4000.0) == 1
    assert await shelf.state(file) == ("waiting", "")
    await shelf.fetch(10**6)
    assert await shelf.state(file) == ("kept", "")


async def test_a_slow_stream_is_given_up_for_now(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "DOWNLOAD_S", 0.1)
    shelf.stub.files["a"], shelf.stub.plan = PNG, [{"slow": True}]
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a"))
    await shelf.fetch()
    assert await shelf.state(file) == ("waiting", "") and shelf.on_disk == []
    await shelf.fetch(6)
    assert await shelf.state(file) == ("kept", "")


async def test_two_processes_fetch_a_file_once(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    assert sorted(await asyncio.gather(shelf.fetch(), shelf.fetch(), shelf.fetch())) == [0, 0, 1]
    assert len(shelf.stub.downloads) == 1


async def test_the_same_message_again_is_the_same_file(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    first = await shelf.came("whatsapp_cloud", Attachment("image", "900"), Attachment("image", "900"))
    await shelf.fetch()
    again = await shelf.came("whatsapp_cloud", Attachment("image", "900"), Attachment("image", "900"))
    assert first == again and len(set(first)) == 2 and await shelf.fetch() == 0


async def test_a_message_taken_back_while_its_file_comes_leaves_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.stub.files["900"] = PNG
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    download = shelf.http.download

    async def meanwhile(*given: object, **more: object) -> int:
        await shelf.taken_back("m1")
        return await download(*given, **more)  # type: ignore[arg-type]  # whatever it was called with

    monkeypatch.setattr(shelf.http, "download", meanwhile)
    await shelf.fetch()
    await shelf.store.erase_doomed()
    assert await shelf.row(file) is None and shelf.on_disk == []


WORKER = """
import asyncio, sys
from pathlib import Path
from datetime import UTC, datetime
from runtime.media.folder import Folder
from runtime.media.store import FileStore
from runtime.outbound import HttpOutbound
from runtime.records.database import Database
from runtime.records.files import Files
from tests.media.shelf import Shelf
from tests.media.conftest import ALLOWED, LARGEST
from tests.support.file_stub import FileStub

async def main(records: str, folder: str, url: str) -> None:
    database = await Database.open(records)
    stub = FileStub()
    stub.url = url
    async with HttpOutbound() as http:
        shelf = Shelf(FileStore(Folder(Path(folder)), Files(database), LARGEST, ALLOWED), database, stub, http)
        await shelf.fetch()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_killed_in_the_middle_loses_nothing(shelf: Shelf, url: str) -> None:
    shelf.stub.files["a"], shelf.stub.plan = PNG, [{"slow": True}]
    (file,) = await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/a"))
    folder = shelf.store.folder.root
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, url, str(folder), shelf.stub.url)
    async with asyncio.timeout(30):
        await shelf.stub.hanging.wait()
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert await shelf.state(file) == ("waiting", "") and await shelf.fetch() == 0, "its claim still stands"
    assert await shelf.fetch(CLAIM.total_seconds() + 1) == 1
    assert await shelf.state(file) == ("kept", "")
    (left,) = [path for path in shelf.on_disk if path.name.startswith(".")]
    os.utime(left, (1, 1))
    await shelf.fetcher.sweep(datetime.now(UTC) + timedelta(seconds=1))
    assert [path.name for path in shelf.on_disk] == [file]
