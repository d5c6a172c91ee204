"""The live end of one chat that we show ourselves: what it shows, and the news that there is more."""

from __future__ import annotations

from datetime import UTC, datetime

from runtime.codec import load_attachment, load_chat
from runtime.errors import BugError
from runtime.ports import ChatEntry
from runtime.sessions.keys import SessionKey
from runtime.sessions.live import LiveSeat
from runtime.sessions.store import Sessions


class Feed:
    """A live end of one chat."""

    def __init__(self, sessions: Sessions, key: SessionKey) -> None:
        self.sessions = sessions
        self.key = key
        self._seat: LiveSeat | None = None

    async def __aenter__(self) -> Feed:
        self._seat = self.sessions.live(self.key)
        await self._seat.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._seat is not None:
            await self._seat.__aexit__(*exc)

    async def read(self, after: int) -> tuple[ChatEntry, ...]:
        """Everything above a number that is still kept."""
        return tuple(entry_of(number, raw) for number, raw in await self.sessions.read_chat(self.key, after))

    async def wait(self, timeout_s: float) -> bool:
        """Until something new may be there."""
        if self._seat is None:
            raise BugError("A feed is waited on before it is entered.")
        return await self._seat.wait(timeout_s)


def entry_of(number: int, raw: bytes) -> ChatEntry:
    """A stored line as the chat's entry."""
    kind, facts, part = load_chat(raw)
    at = str(facts.get("at", ""))
    messages = tuple((str(m["id"]), str(m["text"])) for m in facts.get("messages", ()))
    ids, phase, owner = tuple(facts.get("ids", ())), str(facts.get("phase", "")), str(facts.get("owner") or "")
    files = {str(m["id"]): tuple(map(load_attachment, m["files"])) for m in facts.get("messages", ()) if "files" in m}
    return ChatEntry(number, kind, part, messages, ids, phase, at or datetime.now(UTC).isoformat(), owner, files)
