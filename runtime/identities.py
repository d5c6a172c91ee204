"""Who somebody is when a provider knows them by several ids (WhatsApp: a business-scoped user id, a phone number).

The first id that we met somebody under names their conversation and contact for good: a phone number where they came
with one, else the user id. Every other id that a payload puts beside it is linked to that. Nobody needs a number, and
whoever came by number first stays the same when an id comes, when the number stays away, or when it changes. A number
that comes with another user id than before belongs to somebody else by now: it leads to a new conversation.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence

from runtime.codec import Boxed
from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.core.events import Pressed, Said
from runtime.core.messages import Inbound
from runtime.identifiers import contact_id, conversation_id
from runtime.ports import Connection
from runtime.sessions.aliases import SameAs
from runtime.sessions.keys import SessionKey
from runtime.sessions.store import Sessions

SEVERAL = frozenset({"whatsapp_cloud"})
"""Connectors whose customers have more than one id."""
OF_OURS = frozenset({"status", "echo"})
"""Kinds that speak of our own messages: their sender is our side."""
REMEMBERED, REMEMBERED_S = 20_000, 600.0


class Identities:
    """One process's memory of who is who, in front of Redis."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[tuple[str, tuple[str, ...]], tuple[SameAs, float]] = {}

    async def of(self, connection: Connection, inbound: Inbound) -> tuple[SessionKey, str]:
        """The conversation and the contact that an event belongs to. Raises StorageUnavailable."""
        place = f"{connection.tenant}/{connection.id}"
        person = inbound.conversation_id if inbound.kind in OF_OURS | {"system"} else inbound.sender_id
        if connection.connector not in SEVERAL or not person:
            own = conversation_id(place, inbound.conversation_id)
            return SessionKey(connection.tenant, own), contact_id(place, person)
        moves = inbound.kind == "system"
        same = await self._same(connection.tenant, place, (person,) if moves else (person, *inbound.aliases))
        if moves:
            await self._moved(connection.tenant, place, same, person, inbound.aliases)
        talk = conversation_id(place, inbound.conversation_id) if inbound.group else same.conversation
        return SessionKey(connection.tenant, talk), same.contact

    async def _same(self, tenant: str, place: str, ids: tuple[str, ...]) -> SameAs:
        known = self._known.get((place, ids))
        if known is not None and time.monotonic() - known[1] < REMEMBERED_S:
            return known[0]
        same = await self._looked_up(tenant, place, ids)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[place, ids] = same, time.monotonic()
        return same

    async def _looked_up(self, tenant: str, place: str, ids: tuple[str, ...]) -> SameAs:
        keys = [SessionKey(tenant, conversation_id(place, one)) for one in ids]
        found = await asyncio.gather(*map(self._sessions.aliases.find, keys))
        users = [one for one in ids if not _is_number(one)]
        owner = _owner(users[0]) if users else "-"
        same = _first(ids, found, owner) or _own(place, ids, found, owner)
        for one, key, before in zip(ids, keys, found, strict=True):
            if len(ids) == 1 and _is_number(one):
                continue  # A number alone stands for itself until somebody says otherwise.
            link = SameAs(same.conversation, same.contact, owner)
            if before is None:
                same = await self._sessions.aliases.link(key, link)
            elif _is_number(one) and before != link and users:
                await self._sessions.aliases.link(key, link, anew=True)
        return same

    async def _moved(self, tenant: str, place: str, same: SameAs, old: str, names: tuple[str, ...]) -> None:
        """A customer has another number: it, and the id that came with it, lead to where they were, the old one not."""
        users = [one for one in names if not _is_number(one)]
        link = SameAs(same.conversation, same.contact, _owner(users[0]) if users else "-")
        for one in names:
            await self._sessions.aliases.link(SessionKey(tenant, conversation_id(place, one)), link, anew=True)
        if _is_number(old):
            left = f"{old} left"
            other = SameAs(conversation_id(place, left), contact_id(place, left))
            await self._sessions.aliases.link(SessionKey(tenant, conversation_id(place, old)), other, anew=True)
        self._known.clear()


def reached_at(conversation: Conversation, events: Sequence[Boxed]) -> Conversation:
    """Where to send: as the customer's newest words came, where a provider knows them by several ids."""
    if conversation.channel not in SEVERAL:
        return conversation
    own = [b.origin for b in events if isinstance(b.event, Said | Pressed) and b.origin.contact == conversation.contact]
    if not own or not own[-1].chat or (own[-1].chat, own[-1].extra) == (conversation.chat, conversation.extra):
        return conversation
    return replace(conversation, chat=own[-1].chat, extra={**conversation.extra, **own[-1].extra})


def _first(ids: tuple[str, ...], found: list[SameAs | None], owner: str) -> SameAs | None:
    """What the first known id stands for; a number that was somebody else's says nothing."""
    for one, same in zip(ids, found, strict=True):
        if same is not None and (not _is_number(one) or owner == "-" or same.owner in ("-", owner)):
            return same
    return None


def _own(place: str, ids: tuple[str, ...], found: list[SameAs | None], owner: str) -> SameAs:
    """Somebody new: named by their number, unless that number stands for somebody else already."""
    numbers = [one for one, same in zip(ids, found, strict=True) if _is_number(one) and same is None]
    name = numbers[0] if numbers else ids[0]
    return SameAs(conversation_id(place, name), contact_id(place, name), owner)


def _is_number(one: str) -> bool:
    return one.lstrip("+").isdecimal()


def _owner(user: str) -> str:
    return hashlib.blake2s(user.encode(), digest_size=8).hexdigest()
