"""What is known of a contact when a new session begins. Kept by the projector; read here."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from runtime.errors import StorageUnavailable
from runtime.records.database import Database
from runtime.records.tables import contacts


class Known(NamedTuple):
    """A contact's facts that outlive a session; empty texts for a stranger."""

    name: str = ""
    phone: str = ""
    language: str = ""


_KNOWN = sa.select(contacts.c.name, contacts.c.phone, contacts.c.language).where(
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
        return Known(*rows[0]) if rows else Known()
