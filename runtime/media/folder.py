"""Files on a disk that all workers share: one folder a tenant, names of our own, whole or not at all.

A file is written beside its place and moved there when it is complete; what a dead process left half-written is swept
away after an hour. Nothing here looks into a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from runtime.errors import BadRequest, BugError, StorageUnavailable, TooLarge

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_FILE = re.compile(r"f[0-9a-f]{20}")
_LEFT_S = 3600.0


def is_file_id(text: str) -> bool:
    """Whether a text is an id of ours."""
    return _FILE.fullmatch(text) is not None


def _folder_name(tenant: str) -> str:
    """The tenant's own; where a disk knows no capitals, Demo and demo must not meet."""
    if tenant == tenant.lower():
        return tenant
    return f"{tenant.lower()}~{hashlib.blake2s(tenant.encode(), digest_size=5).hexdigest()}"


async def _on_disk(work: Callable[..., object], *arguments: object) -> None:
    """In a thread. Only what the disk says becomes our error: a sender's broken connection is an OSError, too."""
    try:
        await asyncio.to_thread(work, *arguments)
    except OSError as error:
        raise StorageUnavailable(f"The folder of files cannot be written: {error.strerror}.") from error


class Folder:
    """The folder of all files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, tenant: str, file: str) -> Path:
        """Where a file lies. Both names are checked, so no path leads out of the tenant's folder."""
        if not _TENANT.fullmatch(tenant) or not is_file_id(file):
            raise BugError("A file's place was asked for by a name that is none of ours.")
        return self.root / _folder_name(tenant) / file[1:3] / file

    @asynccontextmanager
    async def stage(self, tenant: str, file: str, largest: int, head: int) -> AsyncIterator[Stage]:
        """A place to write to; what is not kept when the block ends is gone."""
        stage = Stage(self.path(tenant, file), largest, head)
        try:
            await _on_disk(stage.begin)
            yield stage
        finally:
            await asyncio.to_thread(stage.end)

    async def remove(self, tenant: str, file: str) -> None:
        """Take a file away; one that is not there is away already."""
        try:
            await asyncio.to_thread(self.path(tenant, file).unlink, True)
        except OSError as error:
            raise StorageUnavailable(f"A file cannot be deleted: {error.strerror}.") from error

    async def sweep(self) -> int:
        """Delete what dead processes left half-written; how many there were."""
        return await asyncio.to_thread(self._swept)

    def _swept(self) -> int:
        swept = 0
        for left in self.root.glob("*/*/.*.part"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_S:
                    left.unlink()
                    swept += 1
        return swept


class Stage:
    """A file that is being written: its size so far, and its first bytes."""

    def __init__(self, path: Path, largest: int, head: int) -> None:
        self.path = path
        self.size = 0
        self.head = b""
        self._largest = largest
        self._head = head
        self._part = path.with_name(f".{path.name}-{secrets.token_hex(4)}.part")
        self._open: BinaryIO | None = None

    def begin(self) -> None:
        """Make the folder, for its owner alone, and the file."""
        for folder in (self.path.parent.parent.parent, self.path.parent.parent, self.path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    async def write(self, piece: bytes) -> None:
        """One more piece. Raises TooLarge."""
        self.size += len(piece)
        if self.size > self._largest:
            raise TooLarge(f"A file may be {self._largest / 1e6:g} MB large.")
        if len(self.head) < self._head:
            self.head += piece[: self._head - len(self.head)]
        if self._open is not None:
            await _on_disk(self._open.write, piece)

    async def keep(self) -> None:
        """Everything is there: put it in its place, safe from a power cut. Raises BadRequest for nothing at all."""
        if not self.size:
            raise BadRequest("The file is empty.")
        await _on_disk(self._keep)

    def _keep(self) -> None:
        if self._open is None:
            raise BugError("A file is kept before it was begun.")
        self._open.flush()
        os.fsync(self._open.fileno())
        self._open.close()
        os.replace(self._part, self.path)

    def end(self) -> None:
        """Let go; a part that was not kept goes."""
        if self._open is not None:
            self._open.close()
            self._part.unlink(missing_ok=True)
