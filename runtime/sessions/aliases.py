"""Under which other ids a customer came before: the conversation and contact that all of them lead to.

Key `same:<tenant>:<what the conversation of that id would be called>`, value `<conversation> <contact> <owner>`, where
the owner is the fingerprint of the user id that a phone number belonged to. No id stands here in full. 400 days since
it was asked for last.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.sessions.clients import Route
from runtime.sessions.keys import TAGS, SessionKey

ALIAS_MS = 400 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class SameAs:
    """What an id stands for."""

    conversation: str
    contact: str
    owner: str = "-"


class Aliases:
    """Looks ids up, and links them."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def find(self, key: SessionKey) -> SameAs | None:
        """What this id stands for; None where nobody said so."""
        found = await self._route.call(key.partition, "GETEX", _name(key), "PX", ALIAS_MS)
        return SameAs(*found.decode().split(" ")) if found else None

    async def link(self, key: SessionKey, same: SameAs, *, anew: bool = False) -> SameAs:
        """Let it stand for this, unless somebody was quicker (or `anew`); what it stands for now."""
        value = f"{same.conversation} {same.contact} {same.owner}"
        options = ("PX", ALIAS_MS) if anew else ("NX", "PX", ALIAS_MS)
        if await self._route.call(key.partition, "SET", _name(key), value, *options):
            return same
        return await self.find(key) or same


def _name(key: SessionKey) -> str:
    return f"{TAGS[key.partition]}:same:{key.name}"
