"""A backup's file: gzipped lines of JSON, the first says what it is, the last that it is whole.

    {"frontdesk_backup": 1, "schema": "0002", "program": "0.1.0", "engine": "sqlite", "at": "...", "holds": [...]}
    {"table": "appointments", "columns": [...], "rows": [[...], ...]}
    {"conversation": ["tenant", "id"], "state": "...", ...}           bytes of Redis in base64
    {"end": true, "lines": 1234, "sha256": "..."}                     over every byte before this line

Version 1. A newer one is refused; what a newer program adds to version 1 are kinds of lines that may be skipped.
"""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from runtime.errors import ConfigurationError
from runtime.records.portable import Piece
from runtime.sessions.keys import SessionKey
from runtime.sessions.portable import Beside, Running

FORMAT = 1
Line = Mapping[str, Any]


@dataclass(slots=True)
class Writing:
    """An archive that is being written."""

    file: gzip.GzipFile
    lines: int = 0
    digest: Any = dataclasses.field(default_factory=hashlib.sha256)

    def add(self, line: Line) -> None:
        """Append a line."""
        data = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        self.file.write(data)
        self.digest.update(data)
        self.lines += 1


@contextmanager
def writing(path: Path, head: Line) -> Iterator[Writing]:
    """A new archive, readable by its owner alone; it has its name only when it is whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, filename="", mtime=0) as file:
                archive = Writing(file)
                archive.add({"frontdesk_backup": FORMAT, **head})
                yield archive
                end = {"end": True, "lines": archive.lines, "sha256": archive.digest.hexdigest()}
                file.write(orjson.dumps(end, option=orjson.OPT_APPEND_NEWLINE))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def reading(path: Path) -> Iterator[Line]:
    """The lines between the first and the last."""
    with gzip.open(path, "rb") as file:
        for number, data in enumerate(file):
            if number and not data.startswith(b'{"end":'):
                yield orjson.loads(data)


def checked(path: Path) -> Line:
    """The first line of an archive that is whole; raises ConfigurationError for anything else."""
    try:
        head, end, lines, digest = _read_through(path)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} is not there.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"{path} is damaged or no backup of Frontdesk ({type(error).__name__}).") from error
    if "frontdesk_backup" not in head:
        raise ConfigurationError(f"{path} is no backup of Frontdesk.")
    if head["frontdesk_backup"] > FORMAT:
        raise ConfigurationError(
            f"{path} was written by a newer Frontdesk ({head.get('program')}); restore it with that."
        )
    if (end.get("lines"), end.get("sha256")) != (lines, digest):
        raise ConfigurationError(
            f"{path} is damaged: its checksum is wrong, or its end is missing. Take another backup."
        )
    return head


def _read_through(path: Path) -> tuple[Line, Line, int, str]:
    digest, lines, head, data = hashlib.sha256(), 0, b"{}", b""
    with gzip.open(path, "rb") as file:
        for number, data in enumerate(file):
            head = data if number == 0 else head
            if data.startswith(b'{"end":'):
                break
            digest.update(data)
            lines += 1
    end = orjson.loads(data) if data.startswith(b'{"end":') else {}
    return _mapping(orjson.loads(head)), end, lines, digest.hexdigest()


def _mapping(value: Any) -> Line:
    return value if isinstance(value, dict) else {}


def piece_line(piece: Piece) -> Line:
    """Rows as a line."""
    return {"table": piece.table, "columns": piece.columns, "rows": piece.rows}


def read_piece(line: Line) -> Piece:
    """The way back from `piece_line`."""
    return Piece(line["table"], tuple(line["columns"]), tuple(line["rows"]))


_LISTS = ("box", "outbox", "meta", "timers", "chat")
_LATER_LISTS = ("kept", "sent")
"""Lists that an older backup does not have."""


def session_line(one: Running | Beside) -> Line:
    """A session, or what lies beside the sessions of a partition, as a line."""
    if isinstance(one, Beside):
        return {
            "partition": one.partition, "seen": _texts(one.seen), "parked": _texts(one.parked),
            "journal": _texts(one.journal),
        }  # fmt: skip
    lists = {name: _texts(getattr(one, name)) for name in (*_LISTS, *_LATER_LISTS)}
    key = [one.key.tenant, one.key.conversation]
    single = {"state": _text(one.state), "number": _text(one.number), "same": _text(one.same)}
    return {"conversation": key, **single, **lists}


def read_session(line: Line) -> Running | Beside:
    """The way back from `session_line`."""
    if "partition" in line:
        lists = (_raws(line[name]) for name in ("seen", "parked", "journal"))
        return Beside(line["partition"], *lists)
    parts = {name: _raws(line[name]) for name in _LISTS}
    later = {name: _raws(line.get(name, [])) for name in _LATER_LISTS}
    key, same = SessionKey(*line["conversation"]), _raw(line.get("same", ""))
    return Running(key=key, state=_raw(line["state"]), number=_raw(line["number"]), same=same, **parts, **later)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text)


def _texts(raws: tuple[bytes, ...]) -> list[str]:
    return [_text(raw) for raw in raws]


def _raws(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(_raw(text) for text in texts)
