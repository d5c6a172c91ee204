"""`frontdesk backup` and `frontdesk restore`: everything that a desk knows, in one file, while it goes on working.

Sessions are read before the records, so that no restored conversation is ahead of them: what it has not done yet as far
as it knows may be done already, and then its key finds the first outcome. A restored conversation goes on at a higher
turn number: a turn that comes again with other words must not meet the key of one that was lost, or that came between
the two looks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from runtime.errors import ConfigurationError, Conflict
from runtime.operating.archive import (
    Line,
    checked,
    piece_line,
    read_piece,
    read_session,
    reading,
    session_line,
    writing,
)
from runtime.operating.documents import opened, say
from runtime.records import portable as records
from runtime.records.database import Database
from runtime.records.migrations import HEAD
from runtime.sessions import portable as sessions
from runtime.sessions.checks import check_redis
from runtime.sessions.clients import Route, open_routes
from runtime.sessions.portable import Beside, Running
from runtime.sessions.server import answers, start_server
from runtime.settings import Settings

SECRETS = ("operator-token",)
"""What lies in the data folder and opens doors."""
TURNS_ON = 1000
"""By how much a restored conversation's turn number goes on: more than any had between a backup and its end."""
PROCESS = "backup"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backup shall hold."""

    with_sessions: bool = True
    with_secrets: bool = False
    replaces: bool = False
    """Whether a file that is there already may be replaced."""


async def back_up(url: str, settings: Settings, path: Path, wanted: Wanted, program: str) -> int:
    """Write a backup."""
    _refuse_old(path, wanted)
    async with opened(url) as database:
        holds = ["records", *(["sessions"] if wanted.with_sessions else [])]
        holds += ["secrets"] if wanted.with_secrets else []
        head = {"schema": HEAD, "program": program, "engine": database.dialect, "at": datetime.now(UTC).isoformat()}
        counts = {"conversations": 0, "rows": 0}
        with writing(path, {**head, "holds": holds}) as archive:
            if wanted.with_sessions:
                async with redis(settings) as route:
                    async for one in sessions.dumped(route):
                        archive.add(session_line(one))
                        counts["conversations"] += isinstance(one, Running)
            async for piece in records.dumped(database):
                archive.add(piece_line(piece))
                counts["rows"] += len(piece.rows)
            for name, value in _secrets(settings.data) if wanted.with_secrets else ():
                archive.add({"secret": name, "value": value})
    say(f"{path}: {_counted(counts['rows'], counts['conversations'])}.")
    say("It holds names, phone numbers and messages: only you may read it. Keep it so.")
    return 0


def _refuse_old(path: Path, wanted: Wanted) -> None:
    if path.exists() and not wanted.replaces:
        raise ConfigurationError(f"{path} is there already; take another name, or --force to replace it.")


def _secrets(data: Path) -> Iterator[tuple[str, str]]:
    for name in SECRETS:
        if (data / name).is_file():
            yield name, (data / name).read_text(encoding="ascii")


@contextlib.asynccontextmanager
async def redis(settings: Settings) -> AsyncIterator[Route]:
    """A way to the sessions' Redis; the embedded one is started for the while where nobody runs it."""
    server = None if settings.redis_url else start_server(settings.data)
    address = settings.redis_url or (server.url if server else "")
    routes = await open_routes(address, PROCESS, 10.0, 0.0, cluster=settings.redis_cluster, strict=False)
    try:
        await check_redis(routes.work)
        yield routes.work
    finally:
        await routes.close()
        if server is not None:
            server.stop()


async def restore(url: str, settings: Settings, path: Path, *, force: bool) -> int:
    """Read a backup into an empty place, or with `force` in place of what is there."""
    head = checked(path)
    if str(head.get("schema", "")) > HEAD:
        raise ConfigurationError(
            f"{path} was made with schema {head['schema']}, this version knows {HEAD}. Install Frontdesk "
            f"{head.get('program', '')} or newer, and restore it with that."
        )
    if not settings.redis_url and answers(settings.data):
        raise Conflict(f"A desk is at work in {settings.data}; stop it first, and restore then.")
    async with opened(url) as database:
        if (filled := await records.filled_tables(database)) and not force:
            raise Conflict(_not_empty(f"The database has rows already ({', '.join(filled[:4])} ...)"))
        async with redis(settings) as route:
            # Also for a backup without sessions: conversations of other records must not go on with these.
            if not (is_empty := await sessions.is_empty(route)) and not force:
                raise Conflict(_not_empty("Redis holds conversations already"))
            counts = await _records(database, path, bool(filled))
            if not is_empty:
                await sessions.clear(route)
            restored = await sessions.load(route, _sessions(path))
    _restore_secrets(path, settings.data, force=force)
    return _told(path, head, counts, restored)


def _not_empty(what: str) -> str:
    return (
        f"{what}. Restore into an empty place (--into FOLDER), or let the backup take its place with --force: "
        "what is there now is lost then."
    )


async def _records(database: Database, path: Path, emptied: bool) -> int:
    pieces = (read_piece(line) for line in reading(path) if "table" in line)
    return sum((await records.load(database, pieces, emptied=emptied)).values())


def _sessions(path: Path) -> Iterator[Running | Beside]:
    for line in reading(path):
        if "conversation" in line or "partition" in line:
            one = read_session(line)
            yield _moved_on(one) if isinstance(one, Running) else one


def _moved_on(session: Running) -> Running:
    """Further turn and chat numbers: those after the backup were given already, to turns that are lost."""
    number = str(int(session.number) + TURNS_ON).encode() if session.number else b""
    try:
        state = orjson.loads(session.state)
        state["conversation"]["turn"] = state["conversation"].get("turn", 0) + TURNS_ON
        return dataclasses.replace(session, state=orjson.dumps(state), number=number)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, KeyError, TypeError, AttributeError):
        return dataclasses.replace(session, number=number)  # no state, or one that a newer worker must read


def _restore_secrets(path: Path, data: Path, *, force: bool) -> None:
    for line in reading(path):
        if line.get("secret") not in SECRETS:
            continue
        file = data / str(line["secret"])
        if file.exists() and not force:
            sys.stderr.write(f"{file} is there already and stays as it is.\n")
            continue
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(str(line["value"]))


def _counted(rows: int, conversations: int) -> str:
    return f"{rows} row{'s' * (rows != 1)} and {conversations} open conversation{'s' * (conversations != 1)}"


def _told(path: Path, head: Line, rows: int, conversations: int) -> int:
    say(f"{path} of {head['at'][:16].replace('T', ' ')} UTC is restored: {_counted(rows, conversations)}.")
    if "secrets" not in head["holds"]:
        say("Secrets are not part of it: put your .env in place, and a new operator token is made at the first start.")
    return 0
