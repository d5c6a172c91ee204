"""N1, N6, N8, M5 and law 13 in the records: consents outlive a session, deleted words go, contacts are barred."""

from __future__ import annotations

from runtime.records.contacts import Contacts
from runtime.records.database import Database
from runtime.records.journal import project
from runtime.records.tables import consents, contacts, messages
from runtime.records.tenants import Tenants
from tests.records.samples import entry, packed, rows_of

STOPPED = {"reminder": False, "answer": False, "stop": True}


async def test_n1_a_stop_outlives_the_session(database: Database) -> None:
    await project(database, packed(entry(1, contact={"id": "k1", "name": "Jo", "consents": STOPPED})))
    known = await Contacts(database).recall("salon", "k1")
    assert known.consents == STOPPED and known.name == "Jo"


async def test_n6_who_wants_not_to_be_remembered_is_not(database: Database) -> None:
    contact = {"id": "k1", "name": "Jo", "phone": "+4930901820", "language": "de", "consents": {"memory": False}}
    await project(database, packed(entry(1, contact=contact)))
    known = await Contacts(database).recall("salon", "k1")
    assert (known.name, known.phone, known.language) == ("", "", "de")


async def test_n6_a_consent_is_kept_with_text_time_and_channel_once(database: Database) -> None:
    facts = {"kind": "memory", "given": True, "text": "ja, gern", "channel": "telegram"}
    one = entry(1, contact={"id": "k1"}, records=[{"kind": "consent", "facts": facts}])
    await project(database, packed(one))
    await project(database, packed(one))
    [row] = await rows_of(database, consents)
    assert row["at"] is not None and {name: row[name] for name in ("contact", *facts)} == {"contact": "k1", **facts}


async def test_n8_the_day_of_the_disclosure_is_kept(database: Database) -> None:
    told = {"telegram": "2026-11-20T09:00:00+00:00"}
    await project(database, packed(entry(1, contact={"id": "k1", "disclosed": told})))
    [row] = await rows_of(database, contacts)
    assert "2026-11-20T09:00:00" in row["disclosed"]


async def test_m5_deleted_words_leave_the_transcript(database: Database) -> None:
    said = {"type": "Said", "messages": [{"id": "x1", "text": "geheim"}, {"id": "x2", "text": "bleibt"}]}
    gone = [{"kind": "message.deleted", "facts": {"message": "x1"}}]
    await project(database, packed(entry(1, events=[said]), entry(2, records=gone)))
    rows = {row["message_id"]: (row["text"], row["kind"]) for row in await rows_of(database, messages)}
    assert rows["x1"] == ("", "deleted") and rows["x2"][0] == "bleibt"


async def test_law_13_barring_is_a_persons_decision_and_workers_notice(database: Database) -> None:
    tenants = Tenants(database)
    before = await tenants.stamp()
    await tenants.bar("salon", "k1", "c1", reason="threats", by="Linde")
    [row] = await tenants.barred("salon")
    assert (row.contact, row.conversation, row.reason, row.operator) == ("k1", "c1", "threats", "Linde")
    assert await tenants.stamp() != before and await tenants.barred("clinic") == ()
    await tenants.unbar("salon", "k1")
    assert await tenants.barred("salon") == ()
