"""What nobody could handle, in one list: events and parts from Redis, journal entries from SQL.

Bodies hold what customers wrote: they are only given by `show(..., body=True)`, to somebody who asked for them.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from runtime.codec import NewerShape, Unreadable, load_state, unbox
from runtime.errors import NotFound
from runtime.records.database import Database
from runtime.records.parked import ParkedEntries, ParkedEntry
from runtime.sessions.parking import is_request, is_session, part_of
from runtime.sessions.shapes import ParkedEvent
from runtime.sessions.store import Sessions
from runtime.telemetry import count

_log = logging.getLogger(__name__)
_ENTRY = "entry-"


Retake = Callable[[str, str, bytes], Awaitable[str]]
"""Tenant, connector and body of a request, taken in anew; what is still nobody's, in words, empty when it is taken."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing that was put aside. `what` is its type, such as Said; `body` is empty unless it was asked for."""

    id: str
    kind: str
    """event, part, session, entry, or request: what a provider sent and nobody could take."""
    tenant: str
    conversation: str
    what: str
    reason: str
    at: datetime
    tries: int
    body: str = ""

    def facts(self) -> dict[str, Any]:
        """As JSON; without a body unless there is one."""
        shown = dataclasses.asdict(self) | {"at": self.at.isoformat(timespec="seconds")}
        return shown if self.body else {name: value for name, value in shown.items() if name != "body"}


class DeadLetters:
    """List, show, play again, drop."""

    def __init__(self, sessions: Sessions, database: Database, take: Retake | None = None) -> None:
        self._sessions = sessions
        self._entries = ParkedEntries(database)
        self._take = take

    async def all(self, tenant: str = "") -> list[DeadLetter]:
        """Of one business or of all, oldest first; never a body."""
        events, entries = await asyncio.gather(self._sessions.parked(tenant), self._entries.all(tenant))
        letters = [_of_redis(event) for event in events] + [_of_sql(entry) for entry in entries]
        return sorted(letters, key=lambda letter: letter.at)

    async def show(self, letter_id: str, *, body: bool = False) -> DeadLetter:
        """One of them; raises NotFound."""
        if letter_id.startswith(_ENTRY):
            entry = await self._entries.find(letter_id.removeprefix(_ENTRY))
            if entry is not None:
                return _with_body(_of_sql(entry), entry.entry if body else b"")
        else:
            for event in await self._sessions.parked():
                if event.id == letter_id:
                    part = part_of(event)
                    return _with_body(_of_redis(event), (part.body if part else event.body) if body else b"")
        raise NotFound(f"Nothing is parked under {letter_id[:80]}; `frontdesk parked list` shows what is.")

    async def retry(self, letter_id: str) -> DeadLetter:
        """Back to where it came from: an event into its box, a part into its outbox, an entry into the records.

        A session takes the place of what began since.
        """
        letter = await self.show(letter_id)
        if letter.kind == "session":
            await self._restore(letter_id)
        elif letter.kind == "entry":
            if not await self._entries.retry(letter_id.removeprefix(_ENTRY)):
                raise NotFound(f"{letter_id} still cannot be read: {letter.reason}. It stays; update and try again.")
        elif letter.kind == "request":
            await self._retake(letter)
        elif not await self._sessions.requeue(letter_id):
            raise NotFound(f"{letter_id} is not parked any more.")
        count("parked_retried", kind=letter.kind)
        _log.warning("Parked %s %s of tenant %s is tried again", letter.kind, letter.id, letter.tenant)
        return letter

    async def _retake(self, letter: DeadLetter) -> None:
        """Raises NotFound while nobody can take it."""
        if self._take is None:
            raise NotFound(f"{letter.id} can only be taken in by a whole desk: use its operator API.")
        bodies = [event.body for event in await self._sessions.parked(letter.tenant) if event.id == letter.id]
        if why := await self._take(letter.tenant, letter.what, bodies[0] if bodies else b"{}"):
            raise NotFound(f"{letter.id} still belongs to nobody: {why}")
        await self._sessions.drop_parked(letter.id)

    async def _restore(self, letter_id: str) -> None:
        """Raises NotFound where this version cannot read it, or somebody plays the conversation just now."""
        body = (await self.show(letter_id, body=True)).body.encode()
        try:
            state = load_state(body)
        except (Unreadable, NewerShape) as error:
            raise NotFound(f"{letter_id} still cannot be read: {error} It stays; update and try again.") from None
        if not await self._sessions.restore(letter_id, under_way=state.open is not None):
            raise NotFound(f"{letter_id} cannot be put back just now, its conversation is at work; try again.")

    async def drop(self, letter_id: str) -> DeadLetter:
        """Forget it for good."""
        letter = await self.show(letter_id)
        if letter.kind == "entry":
            await self._entries.drop(letter_id.removeprefix(_ENTRY))
        else:
            await self._sessions.drop_parked(letter_id)
        count("parked_dropped", kind=letter.kind)
        _log.warning("Parked %s %s of tenant %s was dropped", letter.kind, letter.id, letter.tenant)
        return letter

    async def retry_newer(self) -> int:
        """Play what an older version had to put aside and this one can read; returns how many."""
        done = 0
        for event in await self._sessions.parked():
            if event.reason == NewerShape.OF_AN_EVENT and _is_readable(event.body):
                done += await self._sessions.requeue(event.id)
        return done


def _of_redis(event: ParkedEvent) -> DeadLetter:
    at = datetime.fromtimestamp(event.at_ms / 1000, UTC)
    key = event.key
    if is_request(event):
        return DeadLetter(event.id, "request", key.tenant, "", key.conversation, event.reason, at, event.tries)
    kind, what = ("part", "OutboundPart") if part_of(event) else ("event", _type_of(event.body))
    if is_session(event):
        kind, what = "session", "State"
    return DeadLetter(event.id, kind, key.tenant, key.conversation, what, event.reason, at, event.tries)


def _of_sql(entry: ParkedEntry) -> DeadLetter:
    return DeadLetter(
        f"{_ENTRY}{entry.digest}", "entry", entry.tenant, "", "JournalEntry", entry.reason, entry.at, tries=1
    )


def _with_body(letter: DeadLetter, body: bytes) -> DeadLetter:
    return dataclasses.replace(letter, body=body.decode(errors="replace"))


def _type_of(body: bytes) -> str:
    """An event's type, as far as one can tell. Only letters: what is broken may hold anything."""
    try:
        name = str(orjson.loads(body)["t"])
    except (ValueError, KeyError, TypeError):
        return ""
    return name if name.isalpha() else ""


def _is_readable(body: bytes) -> bool:
    try:
        unbox(body)
    except (Unreadable, NewerShape):
        return False
    return True
