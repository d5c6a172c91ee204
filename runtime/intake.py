"""The front door: what channels parsed becomes events in boxes; live chats read their lines; operators act.

Implements `Gate` of `ports.py`. A message is accepted once Redis has it, and not before.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from runtime.arriving import event_of
from runtime.clocks import shift_of
from runtime.codec import Boxed, Origin, box, load_part
from runtime.core.business import Desk
from runtime.core.events import (
    Event,
    Happened,
    OperatorAsked,
    OperatorEchoed,
    OperatorJoined,
    OperatorNoted,
    OperatorReleased,
    OperatorSaid,
    Pressed,
    Reacted,
    Said,
)
from runtime.core.messages import OWN_CHATS, Inbound, OutboundPart
from runtime.core.optouts import consent_word
from runtime.core.quoting import NOT_KNOWN
from runtime.core.values import Value
from runtime.courtesy import Courtesy
from runtime.desks import DeskBook
from runtime.echoes import take_echo
from runtime.errors import BadRequest, Conflict, NotFound, StorageUnavailable
from runtime.fates import Fates
from runtime.feeds import Feed, entry_of
from runtime.identifiers import conversation_id, ulid
from runtime.identities import Identities
from runtime.inbox import handoff_facts
from runtime.media.numbering import numbered
from runtime.ports import ChatEntry, ChatFeed, Clock, Connection, OperatorAct, OperatorResult
from runtime.records.conversations import Conversations
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from runtime.telemetry import count
from runtime.tracing import current_place

_log = logging.getLogger(__name__)
ALBUM_MS = 1000
OPERATOR_WAIT_S = 15.0
LOST_WORD_S = 1.0
_NO_GATHER = ("terminal", "api")


class Door:
    """One process's door."""

    def __init__(
        self, sessions: Sessions, desks: DeskBook, conversations: Conversations, clock: Clock, settings: Settings
    ) -> None:
        self.sessions = sessions
        self.desks = desks
        self.conversations = conversations
        self.clock = clock
        self.settings = settings
        self.courtesy = Courtesy()
        self.fates = Fates(sessions, clock)
        self.identities = Identities(sessions)
        self._waiting: dict[str, set[asyncio.Future[Mapping[str, Any]]]] = {}
        sessions.on_notice(self._noticed)

    async def desk(self, tenant: str) -> Desk | None:
        """The tenant's snapshot."""
        return await self.desks.desk(tenant)

    async def connection(self, tenant: str, connector: str) -> Connection | None:
        """The tenant's connection of this connector; our own chats exist for every tenant."""
        if await self.desks.desk(tenant) is None:
            return None
        for connection in await self.desks.connections(tenant):
            if connector in (connection.connector, connection.id):
                return connection
        return Connection(tenant, connector, connector) if connector in OWN_CHATS else None

    # ---- inbound

    async def take_in(self, connection: Connection, events: tuple[Inbound, ...]) -> int:
        """Append all events in order; returns how many were new. Raises StorageUnavailable."""
        with self.courtesy.answering():
            return sum([await self._take(connection, numbered(connection, inbound)) for inbound in events])

    async def _take(self, connection: Connection, inbound: Inbound) -> bool:
        """One event to where it belongs; whether it was new."""
        key, origin = await self._from(connection, inbound)
        if inbound.kind == "status":
            return await self.fates.heard(key, inbound, origin)
        event = event_of(connection, inbound, self.clock.now())
        if event is None:
            count("inbound_ignored", kind=inbound.kind)
            return False
        if isinstance(event, OperatorEchoed):
            return await take_echo(self.sessions, key, f"{connection.id}:{inbound.event_id}", event, origin)
        if isinstance(event, Reacted) and event.emoji:
            event = await self._on_what(event, key)
        elif isinstance(event, Said) and inbound.reply_to:
            event = await self._quoting(event, key)
        return await self._append(connection, inbound, event, key, origin)

    async def _on_what(self, event: Reacted, key: SessionKey) -> Reacted:
        """A reaction with the question that it stands on, if that is the one asked last (E9)."""
        question, *messages = next(iter(await self.sessions.asked(key)), ("",))
        return dataclasses.replace(event, question=question) if event.message_id in messages else event

    async def _quoting(self, event: Said, key: SessionKey) -> Said:
        """Messages with the questions of ours that they quote (A8)."""
        known = {message: question for question, *messages in await self.sessions.asked(key) for message in messages}
        messages = (dataclasses.replace(m, quotes=known.get(m.reply_to, NOT_KNOWN)) for m in event.messages)
        return dataclasses.replace(event, messages=tuple(messages))

    async def _append(
        self, connection: Connection, inbound: Inbound, event: Event, key: SessionKey, origin: Origin
    ) -> bool:
        name = f"{connection.id}:{inbound.event_id}"
        words = isinstance(event, Said)
        gather_ms = self._gather_ms(connection, inbound) if words else 0
        body = box(Boxed(inbound.message_id or inbound.event_id, event, origin))
        heard = isinstance(event, Said | Pressed | Reacted) and not _stops(event, connection)
        boxed = BoxEvent(name, body, words, gather_ms, self.settings.gather_max_ms, heard)
        new = await self.sessions.append(key, boxed)
        count("inbound", connector=connection.connector, new=str(new))
        return new

    async def _from(self, connection: Connection, inbound: Inbound, notify: str = "") -> tuple[SessionKey, Origin]:
        """Whose conversation it is, and where an answer would go."""
        key, contact = await self.identities.of(connection, inbound)
        origin = Origin(
            connection=connection.id,
            channel=connection.connector,
            chat=inbound.conversation_id,
            contact=contact,
            name=inbound.sender_name,
            language=inbound.language,
            extra=inbound.extra,
            notify=notify,
            shift_ms=shift_of(self.clock),
            trace=current_place(),
            came_ms=int(time.time() * 1000),
        )
        return key, origin

    def key(self, connection: Connection, chat: str) -> SessionKey:
        """Where the conversation of this chat lies."""
        return SessionKey(connection.tenant, conversation_id(f"{connection.tenant}/{connection.id}", chat))

    def _gather_ms(self, connection: Connection, inbound: Inbound) -> int:
        """How long to wait for more: an album until it is quiet, a chat the setting, a terminal not at all."""
        if connection.connector in _NO_GATHER:
            return 0
        return max(ALBUM_MS, self.settings.gather_ms) if inbound.group_key else self.settings.gather_ms

    async def ask(self, connection: Connection, inbound: Inbound) -> tuple[ChatEntry, ...]:
        """Append one event and wait for its turn: what the chat shows of it.

        The turn's own process tells at once. Should its word get lost, the chat's lines tell within a second.
        """
        key, origin = await self._from(connection, inbound, self.sessions.process)
        event = event_of(connection, inbound, self.clock.now())
        if event is None:
            raise BadRequest("This kind of event is never answered.")
        token = f"{key.conversation}:{inbound.message_id}"
        future = self._expect(token)
        try:
            if await self._append(connection, inbound, event, key, origin):
                while not future.done():
                    await asyncio.wait((future,), timeout=LOST_WORD_S)
                    if not future.done() and (entries := await self._shown(key, inbound.message_id)):
                        return entries
                return _told_entries(future.result())
            return await self._shown_at_last(key, inbound.message_id)
        finally:
            self._forget(token, future)

    def _expect(self, token: str) -> asyncio.Future[Mapping[str, Any]]:
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(token, set()).add(future)
        return future

    def _forget(self, token: str, future: asyncio.Future[Mapping[str, Any]]) -> None:
        """Nobody waits with this one any more; the same act sent twice has two that wait."""
        waiting = self._waiting.get(token, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(token, None)

    async def _shown(self, key: SessionKey, message_id: str) -> tuple[ChatEntry, ...]:
        """The chat's lines, once one of them says that the message's turn is over."""
        entries = tuple(entry_of(number, raw) for number, raw in await self.sessions.read_chat(key, 0))
        return entries if any(message_id in entry.ids for entry in entries) else ()

    async def _shown_at_last(self, key: SessionKey, message_id: str) -> tuple[ChatEntry, ...]:
        """A message that came before: its replies, as soon as they are there."""
        async with self.sessions.live(key) as seat:
            while not (entries := await self._shown(key, message_id)):
                await seat.wait(LOST_WORD_S)
        return entries

    # ---- live chats

    def feed(self, connection: Connection, chat: str) -> ChatFeed:
        """What this chat shows."""
        return Feed(self.sessions, self.key(connection, chat))

    # ---- operators

    async def operate(self, tenant: str, conversation: str, act: OperatorAct) -> OperatorResult:
        """Put the act into the box and wait until its turn is over."""
        key = await self._running(tenant, conversation)
        event_id = f"operator:{act.message_id or ulid()}"
        event = _operator_event(act, event_id, self.clock.now())
        notice = await self._and_wait(key, event_id, event)
        return _result(act, notice)

    async def happen(
        self, tenant: str, conversation: str, what: str, values: Mapping[str, Value], message_id: str = ""
    ) -> str:
        """Tell a conversation what a flow waits for; its phase afterwards. Raises Conflict when none does."""
        key = await self._running(tenant, conversation)
        event_id = f"happened:{message_id or ulid()}"
        notice = await self._and_wait(key, event_id, Happened(what, self.clock.now(), values))
        records = [r for r in notice.get("records", ()) if r.get("kind") == "happened"]
        if not notice.get("repeated") and what not in [r["facts"]["what"] for r in records]:
            raise Conflict(f"No flow of conversation {conversation} waits for {what} now.")
        return str(notice.get("phase", ""))

    async def _running(self, tenant: str, conversation: str) -> SessionKey:
        """The key of a running conversation, whose tenant the records may have to tell."""
        if not tenant:
            found = await self.conversations.find(conversation)
            if found is None:
                raise NotFound(f"There is no conversation {conversation}; give ?tenant= if it is very new.")
            tenant = found.tenant
        key = SessionKey(tenant, conversation)
        if await self.sessions.read_state(key) is None:
            raise NotFound(f"Tenant {tenant} has no running conversation {conversation}.")
        return key

    async def _and_wait(self, key: SessionKey, event_id: str, event: Event) -> Mapping[str, Any]:
        token = f"{key.conversation}:{event_id}"
        future = self._expect(token)
        origin = Origin(
            "", "", "", "", notify=self.sessions.process, shift_ms=shift_of(self.clock),
            trace=current_place(), came_ms=int(time.time() * 1000),
        )  # fmt: skip
        try:
            body = box(Boxed(event_id, event, origin))
            if not await self.sessions.append(key, BoxEvent(event_id, body, words=False, gather_ms=0)):
                return {"phase": "", "owner": "", "records": [], "repeated": True}
            async with asyncio.timeout(OPERATOR_WAIT_S):
                return await future
        except TimeoutError as error:
            raise StorageUnavailable("It is noted, but its turn has not come yet; look again in a moment.") from error
        finally:
            self._forget(token, future)

    def _noticed(self, payload: bytes) -> None:
        self.told(orjson.loads(payload))

    def told(self, notice: Mapping[str, Any]) -> None:
        """A turn is over: wake whoever waits for one of its events."""
        for event_id in notice.get("ids", ()):
            for future in self._waiting.get(f"{notice.get('conversation', '')}:{event_id}", ()):
                if not future.done():
                    future.set_result(notice)

    async def handoffs(self, tenant: str) -> tuple[Mapping[str, Any], ...]:
        """Open handoffs, newest first."""
        return tuple(handoff_facts(row) for row in await self.conversations.open_handoffs(tenant))


def _stops(event: Event, connection: Connection) -> bool:
    """Whether they want to hear nothing more: then what was kept for them stays kept."""
    messages = event.messages if isinstance(event, Said) else ()
    return any(consent_word(one.text, connection.connector, opted_out=False) == "opt_out" for one in messages)


def _told_entries(notice: Mapping[str, Any]) -> tuple[ChatEntry, ...]:
    """A turn's notice as the lines that the chat shows of it; from another process its parts come as plain data."""
    parts = (part if isinstance(part, OutboundPart) else load_part(part) for part in notice.get("parts", ()))
    entries = [ChatEntry(0, "part", part=part) for part in parts]
    return (*entries, ChatEntry(0, "turn", ids=tuple(notice.get("ids", ())), phase=str(notice.get("phase", ""))))


def _operator_event(act: OperatorAct, event_id: str, now: datetime) -> Event:
    match act.verb:
        case "claim":
            return OperatorJoined(act.operator, now, act.how == "takeover", act.how == "reassign")
        case "reply":
            return OperatorSaid(act.operator, act.text, event_id, now, act.files)
        case "note":
            return OperatorNoted(act.operator, act.text, now)
        case "book" | "cancel":
            return OperatorAsked(act.operator, act.verb, now, act.arguments)
        case "release":
            if act.how == "resume":
                return OperatorReleased(act.operator, "resume", now)
            if act.how in ("drop", "close"):
                return OperatorReleased(act.operator, "drop" if act.how == "drop" else "close", now)
            raise BadRequest("`how` may be resume, drop or close.")
        case _:
            raise BadRequest("An operator may claim, reply, note, release, book or cancel.")


_REFUSALS = {
    "claim": "handoff.refused",
    "reply": "reply.refused",
    "release": "release.refused",
    "book": "act.refused",
    "cancel": "act.refused",
}


def _result(act: OperatorAct, notice: Mapping[str, Any]) -> OperatorResult:
    """Refused when the machine recorded it so of this operator; the same act sent twice was done the first time.

    Several operators' acts may have fallen into one turn, and its notice tells all of them everything.
    """
    mine = [r for r in notice.get("records", ()) if r.get("facts", {}).get("operator") == act.operator]
    against = [r for r in mine if r.get("kind") == _REFUSALS.get(act.verb)]
    refused = bool(against)
    why = str(against[-1]["facts"].get("why", "")) if against else ""
    if act.verb == "claim" and refused and notice.get("owner") == act.operator:
        refused = False
    return OperatorResult(not refused, str(notice.get("phase", "")), str(notice.get("owner", "")), why)
