"""The media store: files of conversations, by tenant, looked at before they are kept.

A file is known before its bytes come and kept only when all of them are there, so whoever dies in between leaves a row
that the sweep finds, and never bytes that nobody knows of.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

from runtime.core.messages import Attachment
from runtime.errors import BadRequest, NotFound, ProviderRefused, StorageUnavailable, TooLarge
from runtime.files import NewFile, StoredFile
from runtime.media.folder import Folder, Stage, is_file_id
from runtime.media.kinds import HEAD, clean_name, is_allowed, sniffed, type_of
from runtime.records.files import FileRow, Files
from runtime.telemetry import count

_log = logging.getLogger(__name__)
MOST_AN_HOUR = 30
MOST_BYTES_AN_HOUR = 150_000_000
MOST_BYTES_OF_A_TENANT = 2_000_000_000
"""What customers may upload by themselves."""


class FileStore:
    """`MediaStore` over a folder and the records."""

    def __init__(self, folder: Folder, files: Files, largest: int, allowed: str) -> None:
        self.folder = folder
        self.files = files
        self.largest = largest
        self.allowed = allowed

    async def save(self, new: NewFile, pieces: AsyncIterator[bytes]) -> StoredFile:
        """Keep a file that comes piece by piece."""
        row = _row(new)
        await self.files.add(row._asdict())
        try:
            async with self.folder.stage(new.tenant, row.id, self.largest, HEAD) as stage:
                async for piece in pieces:
                    await stage.write(piece)
                row = await self.settled(row, stage)
        except (BadRequest, StorageUnavailable) as error:
            count("files", how="upload", outcome=type(error).__name__)
            await self._forget(row)
            raise
        count("files", how="upload", outcome="kept")
        return self.stored(row)

    async def settled(self, row: FileRow, stage: Stage) -> FileRow:
        """What was staged is looked at and kept. Raises BadRequest for what is not taken."""
        mime = sniffed(stage.head, row.declared)
        if stage.size and not is_allowed(mime, self.allowed):
            raise BadRequest("Files of this kind are not taken.")
        await stage.keep()
        kept = row._replace(
            mime=mime, type=type_of(mime, row.type), size=stage.size, name=clean_name(row.name, mime), state="kept",
            why="", next_at=None,
        )  # fmt: skip
        news = {name: getattr(kept, name) for name in ("mime", "type", "size", "name", "state", "why", "next_at")}
        if not await self.files.settle(row, **news):
            await self.folder.remove(row.tenant, row.id)
            raise NotFound("The file was deleted while it came.")
        return kept

    async def allow(self, new: NewFile) -> None:
        """Raise BadRequest when this customer, or all of them together, have uploaded enough for now."""
        since = datetime.now(UTC) - timedelta(hours=1)
        number, own, of_all = await self.files.uploaded_since(new.tenant, new.conversation, since)
        if number >= MOST_AN_HOUR or own >= MOST_BYTES_AN_HOUR or of_all >= MOST_BYTES_OF_A_TENANT:
            count("files", how="upload", outcome="too_many")
            raise TooLarge("Enough files for now; the next ones in an hour.")

    async def open(self, tenant: str, conversation: str, file: str) -> StoredFile:
        """A conversation's file, by its id."""
        found = await self.files.find(tenant, [file]) if is_file_id(file) else ()
        if not found or found[0].conversation != conversation or found[0].state in ("uploading", "erasing"):
            raise NotFound("There is no such file in this conversation.")
        return self.stored(found[0])

    async def attachments(self, tenant: str, conversation: str, ids: Iterable[str]) -> tuple[Attachment, ...]:
        """Kept files as parts of a message, in the order asked for. Raises BadRequest."""
        wanted = list(dict.fromkeys(ids))
        rows = {row.id: row for row in await self.files.find(tenant, [one for one in wanted if is_file_id(one)])}
        found = [rows[one] for one in wanted if one in rows]
        if len(found) < len(wanted) or any((r.conversation, r.state) != (conversation, "kept") for r in found):
            raise BadRequest("unknown_file")
        return tuple(self.stored(row).attachment for row in found)

    async def bearing(self, tenant: str, attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        """Attachments with the places of their bytes, for sending. Raises ProviderRefused for one that is gone."""
        rows = {row.id: row for row in await self.files.find(tenant, [one.file for one in attachments if one.file])}
        kept = {name for name, row in rows.items() if row.state == "kept"}
        missing = [one.file for one in attachments if one.file and one.file not in kept]
        if missing:
            raise ProviderRefused(f"File {missing[0]} of tenant {tenant} is not kept any more; upload it again.")
        places = {name: str(self.folder.path(tenant, name)) for name in rows}
        return tuple(_placed(one, places.get(one.file, "")) for one in attachments)

    async def erase(self, tenant: str, *, conversation: str = "", contact: str = "") -> int:
        """Take away all files of a conversation or a contact."""
        if not (conversation or contact):
            raise BadRequest("Name the conversation or the contact whose files are to be erased.")
        number = await self.files.doom(tenant, conversation=conversation, contact=contact)
        await self.erase_doomed()
        return number

    async def erase_doomed(self, most: int = 100) -> int:
        """Take away the bytes of what is to be erased, then what is known of it."""
        number = 0
        while rows := await self.files.doomed(most):
            for row in rows:
                await self.folder.remove(row.tenant, row.id)
            await self.files.erased(rows)
            number += len(rows)
        return number

    async def _forget(self, row: FileRow) -> None:
        try:
            await self.files.erased([row])
        except StorageUnavailable as error:
            _log.warning("File %s of tenant %s is swept away later: %s", row.id, row.tenant, error)

    def stored(self, row: FileRow) -> StoredFile:
        """A row as the rest of the program reads it."""
        return StoredFile(
            row.tenant, row.id, row.conversation, row.name, row.type, row.mime or row.declared, row.size, row.state,
            row.why, row.at, self.folder.path(row.tenant, row.id) if row.state == "kept" else None,
        )  # fmt: skip


def _row(new: NewFile) -> FileRow:
    at = datetime.now(UTC)
    return FileRow(
        new.tenant, f"f{secrets.token_hex(10)}", new.conversation, new.contact, "", "",
        "in" if new.author == "contact" else "out", new.author, "", clean_name(new.name), "",
        new.mime.partition(";")[0].strip().lower()[:100], "uploading", "", "", "", 0, 0, at, None,
    )  # fmt: skip


def _placed(attachment: Attachment, path: str) -> Attachment:
    return dataclasses.replace(attachment, path=path) if path else attachment
