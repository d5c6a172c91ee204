"""What a provider says became of our messages: into the journal at once, into the conversation only where it matters.

Sent, delivered and read are facts for the records and cost no turn. What failed becomes an event, because a question
that nobody saw cannot be answered (law 5) and because people must hear of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from runtime.codec import Boxed, Origin, box, dump_facts
from runtime.core.events import Delivered, Event, Kept, OptedOut
from runtime.core.messages import Inbound
from runtime.ports import Clock
from runtime.sessions.keys import SessionKey
from runtime.sessions.sent import RANKS, Tell
from runtime.sessions.shapes import BoxEvent, Fate, ProviderNews
from runtime.sessions.store import Sessions
from runtime.telemetry import count

_log = logging.getLogger(__name__)
GONE = "gone"
"""The fault after which nothing will arrive until this customer writes again (M15, M16)."""


def fate_note(key: SessionKey) -> bytes:
    """The beginning of the journal's note of a delivery; the script that knows part and status ends it."""
    at = datetime.now(UTC).isoformat()
    known = {"v": 1, "kind": "delivery", "tenant": key.tenant, "conversation": key.conversation, "at": at, "tries": 0}
    return dump_facts(known)[:-1]


class Fates:
    """Brings a provider's news home."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self.sessions = sessions
        self.clock = clock

    async def heard(self, key: SessionKey, inbound: Inbound, origin: Origin) -> bool:
        """A status of our messages; whether it spoke of any that we know. Raises StorageUnavailable."""
        if inbound.status not in RANKS:
            return False
        ids = inbound.message_ids or ((inbound.message_id,) if inbound.message_id else ())
        code = str(inbound.error_code or "")
        news = ProviderNews(inbound.status, ids, fate_note(key), inbound.watermark_ms, code, inbound.fault)
        found = await self.sessions.sent.mark(key, news, self.teller(key, origin))
        count("statuses", status=inbound.status, known=str(bool(found)))
        return bool(found)

    def teller(self, key: SessionKey, origin: Origin) -> Tell:
        """What the store tells of fates before it forgets them."""

        async def tell(found: Iterable[Fate]) -> None:
            await self.told(key, found, origin)

        return tell

    async def told(self, key: SessionKey, fates: Iterable[Fate], origin: Origin) -> None:
        """Tell the conversation of what failed, and that its customer cannot be reached. Raises StorageUnavailable."""
        for fate in fates:
            if fate.status == "failed":
                await self.failed(key, fate, origin, gone=fate.why == GONE)
            elif fate.status == "kept":
                await self.kept(key, fate.part, fate.question, origin)

    async def failed(self, key: SessionKey, fate: Fate, origin: Origin, *, gone: bool) -> None:
        """The same part fails once, whoever says so and how often."""
        now = self.clock.now()
        failed = Delivered(fate.part, "failed", fate.question, now, fate.code, fate.why)
        await self.happened(key, f"{fate.part}:failed", failed, origin)
        if gone:
            await self.happened(key, f"{fate.part}:blocked", OptedOut(now, blocked=True), origin)

    async def kept(self, key: SessionKey, part: str, question: str, origin: Origin) -> None:
        """It waits for the customer to write again: its question was not seen."""
        await self.happened(key, f"{part}:kept", Kept(part, question, self.clock.now()), origin)

    async def happened(self, key: SessionKey, event_id: str, event: Event, origin: Origin) -> None:
        """An event of ours into the conversation's box, once."""
        body = box(Boxed(event_id, event, origin))
        await self.sessions.append(key, BoxEvent(event_id, body, words=False, gather_ms=0))
