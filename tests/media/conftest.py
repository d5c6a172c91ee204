"""A store over a real folder and real records of both engines, and a provider of files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.media.folder import Folder
from runtime.media.store import FileStore
from runtime.outbound import HttpOutbound
from runtime.records.database import Database
from runtime.records.files import Files
from tests.media.shelf import Shelf
from tests.records.conftest import database, places, url
from tests.support.file_stub import FileStub

__all__ = ["database", "places", "url"]
LARGEST = 100_000
ALLOWED = "image/* audio/* video/* application/pdf text/* application/zip"


@pytest.fixture
async def stub() -> AsyncIterator[FileStub]:
    async with FileStub() as stub:
        yield stub


@pytest.fixture
async def shelf(database: Database, tmp_path: Path, stub: FileStub) -> AsyncIterator[Shelf]:
    store = FileStore(Folder(tmp_path / "media"), Files(database), LARGEST, ALLOWED)
    async with HttpOutbound() as http:
        yield Shelf(store, database, stub, http)
