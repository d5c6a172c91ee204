"""The files of a journal entry: those to be fetched from a provider, and uploads that came into a message. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Row = dict[str, Any]
_MOST = 50
"""Of one message; what comes beyond them is not filed."""


def to_fetch(entry: Mapping[str, Any], key: Mapping[str, Any], at: datetime) -> list[Row]:
    """A row for each file that lies at a provider, due at once. A file that is known already stays as it is."""
    base: Row = {
        "tenant": key["tenant"], "conversation": key["conversation"], "at": at, "next_at": at,
        "contact": str((entry.get("contact") or {}).get("id") or ""), "connection": str(entry.get("connection") or ""),
        "state": "waiting", "why": "", "mime": "", "tries": 0,
    }  # fmt: skip
    return [
        {
            **base, "id": _word(file, "file"), "message": message, "direction": direction, "author": author,
            "type": _word(file, "type"), "name": _word(file, "name"), "declared": _word(file, "mime"),
            "handle": _word(file, "id"), "url": _word(file, "url"), "size": _size(file),
        }
        for message, direction, author, file in _files(entry)
        if direction != "part" and _is_elsewhere(file)
    ]  # fmt: skip


def placed(entry: Mapping[str, Any], key: Mapping[str, Any]) -> list[Row]:
    """Which upload came into which message or part."""
    of = {"of": key["tenant"], "in_": key["conversation"]}
    return [
        {**of, "file": _word(file, "file"), "message_": message}
        for message, direction, _, file in _files(entry)
        if direction != "out" and not _is_elsewhere(file)  # what a person sends stands in the part
    ]


def has_files(said: Iterable[Mapping[str, Any]], parts: Iterable[Any]) -> bool:
    """Whether a turn's entry makes rows here."""
    return any(one.get("files") for one in said) or any(part.attachments for part in parts)


def _files(entry: Mapping[str, Any]) -> Iterable[tuple[str, str, str, Mapping[str, Any]]]:
    """The id of a message or part, its direction, its author, and each file of ours that is in it."""
    for event in entry.get("events") or ():
        for message in event.get("messages") or ():
            yield from _of(_word(message, "id"), "in", "contact", message.get("media"))
        if event.get("type") in ("OperatorSaid", "OperatorEchoed"):
            yield from _of(_word(event, "message_id"), "out", _word(event, "operator"), event.get("media"))
    for part in entry.get("parts") or ():
        yield from _of(_word(part, "id"), "part", "", part.get("attachments"))


def _of(
    message: str, direction: str, author: str, files: Iterable[Mapping[str, Any]] | None
) -> Iterable[tuple[str, str, str, Mapping[str, Any]]]:
    known = [file for file in files or () if file.get("file")]
    return ((message, direction, author, file) for file in known[:_MOST])


def _is_elsewhere(file: Mapping[str, Any]) -> bool:
    return bool(file.get("id") or file.get("url"))


def _word(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "").replace("\0", "")[:4096]


def _size(file: Mapping[str, Any]) -> int:
    size = file.get("size")
    return size if isinstance(size, int) and 0 < size < 2**62 else 0
