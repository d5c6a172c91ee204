"""What is known of a contact when a new session begins. Kept by the projector; read here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from runtime.errors import StorageUnavailable
from runtime.records.database import Database
from runtime.records.tables import contacts


@dataclass(frozen=True, slots=True)
class Known:
    """A contact's facts that outlive a session; empty for a stranger."""

    name: str = ""
    phone: str = ""
    language: str = ""
    consents: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    """What they said about messages and memory; "stop" is a STOP that stands."""


_KNOWN = sa.select(contacts.c.name, contacts.c.phone, contacts.c.language, contacts.c.consents).where(
    contacts.c.tenant == sa.bindparam("tenant"), contacts.c.id == sa.bindparam("contact")
)


class Contacts:
    """The contacts of all tenants."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def recall(self, tenant: str, contact: str) -> Known:
        """The contact's facts; a stranger's when SQL is down, because a new conversation must not wait for it."""
        try:
            rows = await self.database.look(_KNOWN, {"tenant": tenant, "contact": contact})
        except StorageUnavailable:
            return Known()
        if not rows:
            return Known()
        name, phone, language, said = rows[0]
        consents = {str(kind): bool(yes) for kind, yes in (orjson.loads(said) if said else {}).items()}
        if consents.get("memory") is False:
            return Known(language=language, consents=consents)  # They do not want to be remembered (N6).
        return Known(name, phone, language, consents)
