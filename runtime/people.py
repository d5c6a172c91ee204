"""What people's pages show and remember: the list, one conversation with all that is known of it, its turns.

What was said comes from the records, where it stands from the session. What people *do* goes through the conversation's
box instead (`Door.operate`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from runtime.casefile import Casefile
from runtime.core.business import Desk
from runtime.core.conversation import Conversation
from runtime.core.flows import Flow
from runtime.desks import DeskBook
from runtime.errors import NotFound, StorageUnavailable
from runtime.people_news import PeopleNews
from runtime.ports import Clock
from runtime.records.appointments import Appointment, Appointments
from runtime.records.contacts import Contacts, Known
from runtime.records.conversations import ConversationRow
from runtime.records.database import Database
from runtime.records.people import Page, PeopleList, Wish
from runtime.records.talks import Place, Talks, TalkTurn
from runtime.sessions.keys import SessionKey
from runtime.sessions.store import Sessions

_log = logging.getLogger(__name__)
LOCKED_MS = 10 * 60 * 1000
"""For so long wrong tries count."""
MOST_TRIES = 5
APPOINTMENTS_SINCE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Opened:
    """One conversation. `row` is None while the records cannot be read, `live` once its session is over."""

    tenant: str
    id: str
    desk: Desk
    row: ConversationRow | None
    live: Conversation | None
    known: Known
    turns: tuple[TalkTurn, ...] = ()
    earlier: bool = False
    appointments: tuple[Appointment, ...] = ()

    @property
    def phase(self) -> str:
        """Who has it: bot, queued, owned or returning."""
        return self.live.phase if self.live else "bot"

    @property
    def owner(self) -> str:
        """The person who has it."""
        return self.live.owner if self.live else ""

    @property
    def channel(self) -> str:
        """Which connector it came by."""
        return self.live.channel if self.live else self.row.channel if self.row else ""


class People:
    """Reads for people's pages."""

    def __init__(
        self, sessions: Sessions, database: Database, desks: DeskBook, casefile: Casefile, clock: Clock
    ) -> None:
        self.news = PeopleNews(sessions)
        self.desks = desks
        self.clock = clock
        self._sessions = sessions
        self._casefile = casefile
        self._list = PeopleList(database)
        self._talks = Talks(database)
        self._contacts = Contacts(database)
        self._appointments = Appointments(database)

    async def page(self, wish: Wish) -> Page:
        """A page of the list."""
        return await self._list.page(wish, datetime.now(UTC))

    async def counts(self, operator: str, tenant: str) -> Mapping[str, int]:
        """How many wait, and how many this person has."""
        return await self._list.counts(operator, tenant, datetime.now(UTC))

    async def looked(self, tenant: str, conversation: str, operator: str) -> None:
        """Somebody has this conversation before their eyes: its words so far are read."""
        await self._list.looked(tenant, conversation, operator)

    async def desk(self, tenant: str) -> Desk:
        """The tenant's snapshot. Raises NotFound."""
        desk = await self.desks.desk(tenant)
        if desk is None:
            raise NotFound(f"There is no tenant {tenant[:60]!r}.")
        return desk

    async def tenants(self) -> Sequence[str]:
        """All businesses of this installation."""
        return await self.desks.tenants.all()

    async def open(
        self, tenant: str, conversation: str, *, before: Place | None = None, since: Place | None = None
    ) -> Opened:
        """The conversation with its newest turns, or those before or since a place. Raises NotFound."""
        desk = await self.desk(tenant)
        live = await self._casefile.live(SessionKey(tenant, conversation))
        try:
            row = await self._casefile.row(tenant, conversation)
        except StorageUnavailable as error:
            if live is None:
                raise
            _log.warning("Conversation %s is shown without what was said: %s", conversation, error)
            return Opened(tenant, conversation, desk, None, live, Known())
        if row is None and live is None:
            raise NotFound(f"There is no conversation {conversation[:60]}.")
        contact = row.contact if row else live.contact if live else ""
        (turns, earlier), known, booked = await asyncio.gather(
            self._talks.turns(tenant, conversation, before=before, since=since),
            self._contacts.recall(tenant, contact),
            self._booked(tenant, contact),
        )
        return Opened(tenant, conversation, desk, row, live, known, turns, earlier, booked)

    async def _booked(self, tenant: str, contact: str) -> tuple[Appointment, ...]:
        since = self.clock.now() - APPOINTMENTS_SINCE
        return await self._appointments.of_contact(tenant, contact, after=since)

    async def turn(self, tenant: str, conversation: str, place: Place) -> tuple[TalkTurn, Place | None, Place | None]:
        """One turn, and the places of those beside it. Raises NotFound."""
        found = await self._talks.turn(tenant, conversation, place)
        if found is None:
            raise NotFound(f"Conversation {conversation[:60]} has no turn {place.turn}.")
        return found, *await self._talks.beside(tenant, conversation, place)

    async def flows(self, turns: Sequence[TalkTurn], live: Conversation | None = None) -> Mapping[str, Flow]:
        """The flows that these turns ran, in their own versions, by content hash."""
        hashes = {str(one) for turn in turns for one in (*_hashes(turn.entry), *_hashes(turn.before))}
        hashes |= {frame.hash for frame in live.stack} if live else set()
        for one in hashes:
            await self.desks.pin(one)
        return {one: self.desks.pinned[one] for one in hashes if one in self.desks.pinned}

    async def tries_left(self, whose: str) -> int:
        """Count a try before its token is looked at; how many are left after it, below 0 when it is one too many."""
        return MOST_TRIES - await self._sessions.news.tried(whose, LOCKED_MS)

    async def right_token(self, whose: str) -> None:
        """Forget the tries from there."""
        await self._sessions.news.forgive(whose)


def _hashes(entry: Mapping[str, object]) -> Sequence[object]:
    flows = entry.get("flows")
    return tuple(flows.values()) if isinstance(flows, dict) else ()
