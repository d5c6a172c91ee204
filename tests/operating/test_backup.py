"""Backup of a desk at work, restore elsewhere and on the other engine: the rows are equal, the conversation goes on."""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

import runtime.app
from runtime.app import FrontDesk, database_url
from runtime.clocks import MovedClock, read_moment
from runtime.errors import ConfigurationError, Conflict
from runtime.operating.archive import checked, reading
from runtime.operating.backup import Wanted, back_up, restore
from runtime.records.database import Database
from runtime.records.tables import metadata
from runtime.settings import Settings

NOW, LATER, LAST = "2026-11-20T10:00", "2026-11-20T10:10", "2026-11-20T10:20"


@asynccontextmanager
async def at_work(data: Path, url: str = "", now: str = NOW) -> AsyncIterator[FrontDesk]:
    """A desk of its own."""
    clock = MovedClock(read_moment(now, "Europe/Berlin"))
    async with runtime.app.start(Settings(data=data, database_url=url), clock=clock) as desk:
        yield desk


async def said(desk: FrontDesk, contact: str, *texts: str) -> str:
    """Say one after the other; the last answer."""
    replies = []
    for text in texts:
        replies = await desk.say(tenant="demo", contact=contact, text=text, language="de")
    return " ".join(replies)


async def every_row(database: Database) -> dict[str, list[Any]]:
    """What stands in all tables, in an order."""
    async with database.reading() as connection:
        return {
            table.name: sorted(map(repr, (await connection.execute(sa.select(table))).all()))
            for table in metadata.sorted_tables
        }


async def saved(data: Path, file: Path, **wanted: bool) -> dict[str, list[Any]]:
    """A desk where one appointment stands, somebody waits for a person, and somebody is in the middle of a booking."""
    async with at_work(data) as desk:
        await said(desk, "anna", "Ich hätte gern am Dienstag um 15 Uhr einen Herrenhaarschnitt", "Anna Meier")
        await said(desk, "anna", "0561 123456", "ja")
        await said(desk, "ben", "Ich möchte mit einem Menschen sprechen")
        await said(desk, "carl", "Ich hätte gern am Mittwoch um 15 Uhr einen Herrenhaarschnitt")
        assert await desk.appointments.all("demo")
        await desk.projector.catch_up()
        assert await back_up(database_url(desk.settings), desk.settings, file, Wanted(**wanted), "1.0") == 0
        return await every_row(desk.database)


@pytest.mark.slow
async def test_everything_comes_back_on_either_engine_and_the_conversation_goes_on(
    tmp_path: Path, empty_url: str
) -> None:
    file = tmp_path / "desk.backup"
    before = await saved(tmp_path / "a", file)
    settings = Settings(data=tmp_path / "b", database_url=empty_url)
    assert await restore(empty_url, settings, file, force=False) == 0
    restored = await Database.open(empty_url)
    after = await every_row(restored)
    await restored.close()
    assert after == before
    async with at_work(tmp_path / "b", empty_url, LATER) as desk:
        assert "15 Uhr" in await said(desk, "carl", "Carl Otto", "0561 654321")
        booked = await said(desk, "carl", "ja")
        assert booked.startswith("Gebucht"), booked
        assert [one.name for one in await desk.appointments.all("demo")] == ["Anna Meier", "Carl Otto"]
        assert "15 Uhr" in await said(desk, "anna", "Wann ist mein Termin?")
        await desk.projector.catch_up()
        assert not (await every_row(desk.database))["parked"]


@pytest.mark.slow
async def test_a_booking_made_between_backup_and_restore_does_not_stand_in_the_way(tmp_path: Path) -> None:
    file, settings = tmp_path / "desk.backup", Settings(data=tmp_path / "a")
    await saved(tmp_path / "a", file)
    async with at_work(tmp_path / "a", now=LATER) as desk:  # the same turn numbers, other words
        assert (await said(desk, "carl", "Carl Otto", "0561 654321", "ja")).startswith("Gebucht")
    assert await restore(database_url(settings), settings, file, force=True) == 0
    async with at_work(tmp_path / "a", now=LAST) as desk:
        await said(desk, "carl", "Karla Otto", "0561 999999", "ja")
        assert [one.name for one in await desk.appointments.all("demo")] == ["Anna Meier", "Karla Otto"]


@pytest.mark.slow
async def test_what_is_there_is_lost_only_when_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "desk.backup"
    await saved(tmp_path / "a", file)
    there = Settings(data=tmp_path / "a")
    with pytest.raises(Conflict, match="--force"):
        await restore(database_url(there), there, file, force=False)
    async with at_work(tmp_path / "a"):
        with pytest.raises(Conflict, match="stop it first"):
            await restore(database_url(there), there, file, force=True)
    with pytest.raises(ConfigurationError, match="there already"):
        await back_up(database_url(there), there, file, Wanted(), "1.0")


async def test_secrets_go_along_only_when_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "a"
    token = runtime.app.kept_secret(data, "operator-token")
    settings = Settings(data=data)
    url = database_url(settings)
    for name, with_secrets in (("plain", False), ("whole", True)):
        await back_up(url, settings, tmp_path / name, Wanted(False, with_secrets), "1.0")
        assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600
        assert (token in gzip.decompress((tmp_path / name).read_bytes()).decode()) is with_secrets
    there = Settings(data=tmp_path / "b")
    await restore(database_url(there), there, tmp_path / "whole", force=False)
    assert (tmp_path / "b" / "operator-token").read_text() == token
    assert stat.S_IMODE(os.stat(tmp_path / "b" / "operator-token").st_mode) == 0o600


async def test_a_damaged_cut_or_newer_file_is_refused(tmp_path: Path) -> None:
    settings, whole = Settings(data=tmp_path / "a"), tmp_path / "whole"
    await back_up(database_url(settings), settings, whole, Wanted(False), "1.0")
    assert checked(whole)["holds"] == ["records"] and list(reading(whole)) == []
    lines = gzip.decompress(whole.read_bytes()).splitlines(keepends=True)
    head = orjson.loads(lines[0])
    newer = orjson.dumps({**head, "frontdesk_backup": 2}) + b"\n"
    for name, data in {
        "cut": gzip.compress(lines[0]),
        "changed": gzip.compress(lines[0].replace(b"sqlite", b"sqlitf") + lines[-1]),
        "bytes": whole.read_bytes()[:-20],
        "newer": gzip.compress(newer + lines[-1]),
        "other": b"no backup",
        "json": gzip.compress(b"[1]\n"),
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ConfigurationError):
            checked(tmp_path / name)
    with pytest.raises(ConfigurationError, match="not there"):
        checked(tmp_path / "nothing")


async def test_a_backup_of_a_newer_schema_names_the_version_to_install(tmp_path: Path) -> None:
    settings, file = Settings(data=tmp_path / "a"), tmp_path / "file"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runtime.operating.backup.HEAD", "9999")
        await back_up(database_url(settings), settings, file, Wanted(False), "7.0")
    with pytest.raises(ConfigurationError, match=r"Install Frontdesk 7\.0"):
        await restore(database_url(settings), settings, file, force=True)


async def test_a_backup_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "a")
    url = database_url(settings)

    def broken(_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runtime.operating.backup.records.dumped", broken)
    with pytest.raises(OSError, match="No space"):
        await back_up(url, settings, tmp_path / "file", Wanted(False), "1.0")
    assert os.listdir(tmp_path) == ["a"]
