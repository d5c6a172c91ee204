"""The store: tenants are walls, sizes have an end, nothing stays that should go."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import pytest

from runtime.core.messages import Attachment
from runtime.errors import BadRequest, BugError, NotFound, ProviderRefused, TooLarge
from runtime.files import NewFile
from runtime.media import store as limits
from runtime.media.folder import Folder
from tests.media.conftest import LARGEST
from tests.media.shelf import PNG, Shelf

DAY = timedelta(days=1)


async def test_a_file_belongs_to_its_tenant_and_conversation(shelf: Shelf) -> None:
    kept = await shelf.upload(PNG)
    assert (await shelf.store.open("salon", "c1", kept.id)).path == kept.path
    for tenant, conversation, file in (
        ("other", "c1", kept.id), ("salon", "c2", kept.id), ("salon", "c1", "f" + "0" * 20),
        ("salon", "c1", "../salon/x"), ("../salon", "c1", kept.id), ("", "", ""),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await shelf.store.open(tenant, conversation, file)
        with pytest.raises((BadRequest, NotFound)):
            await shelf.store.attachments(tenant, conversation, [file])
    with pytest.raises(ProviderRefused):
        await shelf.store.bearing("other", (Attachment("image", file=kept.id),))


@pytest.mark.parametrize("tenant", ["..", ".", "a/b", "", "a\0b", "/etc", "-x", "~"])
def test_no_path_leads_out_of_the_folder(shelf: Shelf, tenant: str) -> None:
    with pytest.raises(BugError):
        shelf.store.folder.path(tenant, "f" + "0" * 20)
    with pytest.raises(BugError):
        shelf.store.folder.path("salon", "../../x")


def test_demo_and_Demo_do_not_meet_where_the_disk_knows_no_capitals(shelf: Shelf) -> None:
    one, other = (Folder(shelf.store.folder.root).path(name, "f" + "0" * 20) for name in ("demo", "Demo"))
    assert str(one).lower() != str(other).lower()


async def test_only_its_owner_reads_the_folder(shelf: Shelf) -> None:
    kept = await shelf.upload(PNG)
    assert kept.path is not None
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


async def test_the_largest_file_is_kept_and_one_byte_more_is_not(shelf: Shelf) -> None:
    await shelf.upload(PNG + b"x" * (LARGEST - len(PNG)))
    with pytest.raises(TooLarge):
        await shelf.upload(PNG + b"x" * (LARGEST - len(PNG) + 1))
    assert len(shelf.on_disk) == 1


@pytest.mark.parametrize("body", [b"", b"MZ\0\0", b"\0\x01\x02\x03", b"\x1f\x8b\x08" + b"\0" * 50])
async def test_what_is_not_taken_leaves_nothing(shelf: Shelf, body: bytes) -> None:
    with pytest.raises(BadRequest):
        await shelf.upload(body)
    assert shelf.on_disk == [] and await shelf.store.files.uploaded_since("salon", "c1", datetime.now(UTC) - DAY) == (
        0, 0, 0,
    )  # fmt: skip


async def test_enough_for_an_hour_is_enough(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_AN_HOUR", 2)
    new = NewFile("salon", "c1", "k1", "contact", "a.png", "image/png")
    for _ in range(2):
        await shelf.store.allow(new)
        await shelf.upload(PNG)
    with pytest.raises(TooLarge):
        await shelf.store.allow(new)
    await shelf.store.allow(NewFile("salon", "c2", "k2", "contact", "a.png", "image/png"))
    monkeypatch.setattr(limits, "MOST_BYTES_OF_A_TENANT", len(PNG))
    with pytest.raises(TooLarge):
        await shelf.store.allow(NewFile("salon", "c2", "k2", "contact", "a.png", "image/png"))
    await shelf.store.allow(NewFile("other", "c2", "k2", "contact", "a.png", "image/png"))


async def test_old_files_go_and_say_so(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900", name="Rezept.png"))
    await shelf.fetch()
    await shelf.fetcher.sweep(datetime.now(UTC) + 179 * DAY)
    assert await shelf.state(file) == ("kept", "")
    await shelf.fetcher.sweep(datetime.now(UTC) + 181 * DAY)
    row = await shelf.row(file)
    assert row is not None and (row.state, row.why, row.name, row.handle) == ("gone", "expired", "", "")
    assert shelf.on_disk == []


async def test_without_an_end_nothing_grows_too_old(shelf: Shelf) -> None:
    shelf.stub.files["900"], shelf.days = PNG, 0
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    await shelf.fetch()
    await shelf.fetcher.sweep(datetime.now(UTC) + 3000 * DAY)
    assert await shelf.state(file) == ("kept", "")


async def test_an_upload_that_nobody_sent_goes_after_a_day(shelf: Shelf) -> None:
    kept = await shelf.upload(PNG)
    await shelf.fetcher.sweep(datetime.now(UTC) + timedelta(hours=23))
    assert await shelf.state(kept.id) == ("kept", "")
    await shelf.fetcher.sweep(datetime.now(UTC) + timedelta(hours=25))
    assert await shelf.row(kept.id) is None and shelf.on_disk == []


async def test_a_file_of_a_message_without_an_id_is_no_upload_that_nobody_sent(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    files = [
        *await shelf.came("whatsapp_cloud", Attachment("image", "900"), message=""),
        *await shelf.came("messenger", Attachment("image", url=f"{shelf.stub.url}/cdn/900"), message=""),
    ]
    await shelf.fetch()
    await shelf.fetcher.sweep(datetime.now(UTC) + timedelta(hours=25))
    assert [await shelf.state(file) for file in files] == [("kept", "")] * 2


async def test_a_message_taken_back_takes_its_file_along(shelf: Shelf) -> None:
    shelf.stub.files["900"] = PNG
    (file,) = await shelf.came("whatsapp_cloud", Attachment("image", "900"))
    await shelf.fetch()
    await shelf.taken_back("m1", tenant="other")
    assert await shelf.state(file) == ("kept", ""), "another tenant's message of the same name"
    await shelf.taken_back("m1")
    with pytest.raises(NotFound):
        await shelf.store.open("salon", "c1", file)
    await shelf.store.erase_doomed()
    assert await shelf.row(file) is None and shelf.on_disk == []


async def test_erasing_takes_bytes_and_rows_of_this_tenant_alone(shelf: Shelf) -> None:
    mine, theirs = await shelf.upload(PNG), await shelf.upload(PNG, tenant="other")
    assert await shelf.store.erase("salon", conversation="c1") == 1
    assert await shelf.row(mine.id) is None and await shelf.state(theirs.id, "other") == ("kept", "")
    assert await shelf.store.erase("other", contact="k1") == 1 and shelf.on_disk == []
    with pytest.raises(BadRequest):
        await shelf.store.erase("salon")
