"""What a new session knows of its contact."""

from __future__ import annotations

from runtime.records.contacts import Contacts, Known
from runtime.records.database import Database
from runtime.records.journal import project
from tests.records.samples import entry, packed


async def test_what_earlier_sessions_learned_is_known(database: Database) -> None:
    known = {"id": "k1", "name": "Jörg Weiß", "phone": "+4930901820", "language": "de"}
    await project(database, packed(entry(1, contact=known), entry(2, contact={"id": "k1", "language": "en"})))
    contacts = Contacts(database)
    assert await contacts.recall("salon", "k1") == Known("Jörg Weiß", "+4930901820", "en")
    assert await contacts.recall("salon", "stranger") == Known()
    assert await contacts.recall("clinic", "k1") == Known()
