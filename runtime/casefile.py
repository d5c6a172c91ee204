"""One conversation as a person behind the desk reads it: what was said, noted and done, and where it stands now.

What was said comes from the records, where it stands from the session: with SQL down the second is still told.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runtime.codec import load_state
from runtime.core.card import card
from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.desks import DeskBook
from runtime.errors import NotFound, StorageUnavailable
from runtime.records.conversations import ConversationRow, Conversations, HappenedRow, TranscriptRow
from runtime.records.files import FileRow, Files
from runtime.sessions.keys import SessionKey
from runtime.sessions.store import Sessions

_log = logging.getLogger(__name__)
_SHOWN_AS_BUBBLES = frozenset({"operator.echoed"})
_IN, _NOTED, _OUT = 0, 1, 2
"""Within a turn: first what the customer said, then what that led to, then what was answered."""


class Casefile:
    """Reads conversations for people."""

    def __init__(
        self, conversations: Conversations, sessions: Sessions, desks: DeskBook, files: Files | None = None
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._desks = desks
        self._files = files

    async def read(self, tenant: str, conversation: str) -> Mapping[str, Any]:
        """The conversation's running or last session. Raises NotFound, and StorageUnavailable without a tenant."""
        found, trouble = await self._found(tenant, conversation)
        tenant = found.tenant if found else tenant
        live = await self.live(SessionKey(tenant, conversation)) if tenant else None
        if live is None and trouble is not None:
            raise trouble
        if found is None and live is None:
            raise NotFound(f"There is no conversation {conversation}; give ?tenant= if it is very new.")
        lines = await self._lines(found) if found else []
        facts = _as_it_stands(live) if live else _as_recorded(found)
        known = {"conversation": conversation, "tenant": tenant, "records": "unavailable" if trouble else "read"}
        return {**known, **facts, "lines": lines}

    async def tenant_of(self, tenant: str, conversation: str) -> str:
        """Whose it is. Raises NotFound, also where a tenant was named and it is another's."""
        found = await self._conversations.find(conversation, tenant)
        if found is None and (not tenant or await self._sessions.read_state(SessionKey(tenant, conversation)) is None):
            raise NotFound(f"There is no conversation {conversation}; give ?tenant= if it is very new.")
        return found.tenant if found else tenant

    async def _found(self, tenant: str, conversation: str) -> tuple[ConversationRow | None, StorageUnavailable | None]:
        try:
            return await self._conversations.find(conversation, tenant), None
        except StorageUnavailable as error:
            _log.warning("Conversation %s is shown without what was said: %s", conversation, error)
            return None, error

    async def row(self, tenant: str, conversation: str) -> ConversationRow | None:
        """What the records have of it. Raises StorageUnavailable."""
        return await self._conversations.find(conversation, tenant)

    async def live(self, key: SessionKey) -> Conversation | None:
        """Its running session."""
        raw = await self._sessions.read_state(key)
        if raw is None:
            return None
        return replace(load_state(raw).conversation, desk=await self._desks.desk(key.tenant))

    async def _lines(self, found: ConversationRow) -> Sequence[Mapping[str, Any]]:
        said = await self._conversations.transcript(found.tenant, found.id, found.session)
        files = await self._files.by_message(found.tenant, found.id) if self._files else {}
        happened = await self._conversations.happened(found.tenant, found.id, found.session)
        return in_order(said, happened, files)


def in_order(
    said: Iterable[TranscriptRow], happened: Iterable[HappenedRow], files: Mapping[str, Sequence[FileRow]]
) -> Sequence[Mapping[str, Any]]:
    """Bubbles and what happened beside them, as they followed each other."""
    lines = [(row.turn, _IN if row.direction == "in" else _OUT, _bubble(row, files)) for row in said]
    lines += [(row.turn, _NOTED, _beside(row)) for row in happened if row.kind not in _SHOWN_AS_BUBBLES]
    return [line for _, _, line in sorted(lines, key=lambda entry: entry[:2])]


def _bubble(row: TranscriptRow, files: Mapping[str, Sequence[FileRow]]) -> Mapping[str, Any]:
    """What was said, with its files: waiting (on their way), kept, gone (not available any more) or refused."""
    came = files.get(row.message_id or row.part, ())
    return {
        "kind": "said" if row.direction == "in" else "part",
        "turn": row.turn,
        "author": row.author,
        "text": row.text,
        "at": row.at,
        "status": row.status,
        "why": row.why,
        "files": [
            {name: getattr(file, name) for name in ("id", "name", "mime", "size", "type", "state", "why")}
            for file in came
        ],
    }


def _beside(row: HappenedRow) -> Mapping[str, Any]:
    """A note, a change of hands, an alert, a ticket, what an action did; the card is shown once, with the handoff."""
    facts = {name: value for name, value in row.facts.items() if name != "card"}
    return {"kind": row.kind, "turn": row.turn, "facts": facts, "at": row.at}


def _as_it_stands(live: Conversation) -> Mapping[str, Any]:
    handoff, question = live.handoff, live.question
    since = handoff.opened_at if handoff else live.last_at
    return {
        "session": live.session,
        "running": True,
        "phase": live.phase,
        "owner": live.owner,
        "turn": live.turn,
        "question": question.kind if question else "",
        "waiting_since": handoff.waiting_since if handoff else None,
        "opted_out": live.opted_out,
        "unreachable": live.blocked,
        "card": card(live, handoff.reason if handoff else "", since) if since else {},
    }


def _as_recorded(found: ConversationRow | None) -> Mapping[str, Any]:
    if found is None:
        return {}
    return {"session": found.session, "running": False, "phase": found.phase, "owner": found.owner, "card": {}}
