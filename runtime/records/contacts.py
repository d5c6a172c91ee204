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


class Contacts:
    """The contacts of all tenants."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def recall(self, tenant: str, contact: str) -> Known:
        """The contact's facts; a stranger's when SQL is down, because a new conversation must not wait for it."""
        query = sa.select(contacts.c.name, contacts.c.phone, contacts.c.language).where(
            contacts.c.tenant == tenant, contacts.c.id == contact
        )
        try:
            async with self.database.reading() as connection:
                row = (await connection.execute(query)).first()
        except StorageUnavailable:
            return Known()
        return Known(*row) if row else Known()
