"""The projector: the same rows stand in the end, whatever comes twice, late or broken."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.codec import plain
from runtime.core.events import Pressed
from runtime.errors import Conflict
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.journal import project, retry_parked
from runtime.records.tables import audit, contacts, conversations, deliveries, handoffs, messages, parked, turns
from tests.records.samples import LATER_SESSION, NOON, entry, packed, rows_of

PROJECTED = (turns, messages, conversations, contacts, deliveries, audit, handoffs)
SAMPLE = Path(__file__).parent / "entries" / "v1.json"


def handoff(kind: str, **facts: Any) -> dict[str, Any]:
    return {"kind": f"handoff.{kind}", "facts": facts}


def contact(**known: Any) -> dict[str, Any]:
    return {"id": "k-c1", "name": "", "phone": "", "language": "de", **known}


def story() -> list[dict[str, Any]]:
    """Two sessions of one conversation with two handoffs, and a second conversation of the same contact."""
    return [
        entry(1, contact=contact(name="Jorg")),
        entry(2, events=[{"type": "Delivered", "part": "c1-p1", "status": "read"}], contact=contact()),
        entry(3, phase="queued", records=[handoff("opened", generation=1, reason="asked", summary="Termin")]),
        entry(4, phase="owned", owner="tom", records=[handoff("claimed", generation=2, operator="tom")]),
        entry(5, phase="owned", owner="tom", events=[{"type": "Delivered", "part": "c1-p1", "status": "sent"}]),
        entry(6, contact=contact(name="Jörg Weiß"), records=[handoff("closed", generation=3, how="resume")]),
        entry(6, seq=1, parts=[], events=[], contact=contact(phone="+4930901820", facts={"allergy": "none"})),
        entry(7, records=[{"kind": "part.withheld", "facts": {"part": "c1-p6"}}]),
        entry(8, conversation="c2", contact=contact(language="en")),
        entry(1, session=LATER_SESSION, phase="queued", records=[handoff("opened", generation=1, reason="distress")]),
        entry(2, session=LATER_SESSION, phase="queued", records=[handoff("refused", operator="tom")]),
    ]


async def picture(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {table.name: await rows_of(database, table) for table in PROJECTED}


class TestTheSample:
    async def test_an_entry_of_version_1_still_loads(self, database: Database) -> None:
        await project(database, [SAMPLE.read_bytes()])
        assert await rows_of(database, parked) == []
        (turn,) = await rows_of(database, turns)
        assert turn["entry"].encode() == SAMPLE.read_bytes()
        found = await Conversations(database).find(turn["conversation"])
        assert found is not None
        assert (found.tenant, found.channel, found.phase, found.contact) == ("salon", "webchat", "queued", "k81")
        transcript = await Conversations(database).transcript("salon", found.id)
        assert [(row.direction, row.author, row.text) for row in transcript] == [
            ("in", "contact", "Ich möchte mit einem Menschen sprechen"),
            ("in", "contact", "bitte"),
            ("out", "bot", "Ich hole jemanden dazu."),
        ]
        (known,) = await rows_of(database, contacts)
        assert (known["name"], known["email"], known["facts"]) == (
            "Jörg Weiß",
            "joerg@example.org",
            '{"allergy":"none"}',
        )
        (waiting,) = await Conversations(database).open_handoffs("salon")
        assert (waiting.reason, waiting.state, waiting.generation) == ("asked", "queued", 1)
        assert [row["kind"] for row in await rows_of(database, audit)] == ["handoff.opened", "note"]


class TestOrder:
    async def test_the_story_as_it_happened(self, database: Database) -> None:
        await project(database, packed(*story()))
        here = Conversations(database)
        found = await here.find("c1")
        assert found is not None
        assert (found.session, found.last_turn, found.phase) == (LATER_SESSION, 2, "queued")
        (known,) = await rows_of(database, contacts)
        assert (known["name"], known["phone"], known["language"]) == ("Jörg Weiß", "+4930901820", "en")
        first, second = sorted(await rows_of(database, handoffs), key=lambda row: str(row["session"]))
        assert (first["state"], first["operator"], first["reason"]) == ("closed", "tom", "asked")
        assert first["opened_at"] < first["claimed_at"] < first["closed_at"]
        assert (second["state"], second["reason"], second["operator"]) == ("queued", "distress", "")
        assert [row.reason for row in await here.open_handoffs()] == ["distress"]
        status = {row.part: row.status for row in await here.transcript("salon", "c1") if row.part}
        assert (status["c1-p1"], status["c1-p6"], status["c1-p7"]) == ("read", "withheld", "")

    @pytest.mark.parametrize("seed", range(6))
    async def test_shuffled_doubled_and_in_pieces_it_ends_the_same(
        self, database: Database, other: Database, seed: int
    ) -> None:
        await project(database, packed(*story()))
        expected = await picture(database)
        async with database.transaction() as connection:
            for table in PROJECTED:
                await connection.execute(sa.delete(table))
        entries = packed(*story(), *story())
        random.Random(seed).shuffle(entries)
        size = 1 + seed
        for start in range(0, len(entries), size):
            await project(database if start % 2 else other, entries[start : start + size])
        assert await picture(database) == expected

    async def test_two_projectors_at_once(self, database: Database, other: Database) -> None:
        await project(database, packed(*story()))
        expected = await picture(database)
        async with database.transaction() as connection:
            for table in PROJECTED:
                await connection.execute(sa.delete(table))
        entries = packed(*story(), *(entry(turn, conversation=f"d{turn % 3}") for turn in range(1, 40)))
        await asyncio.gather(
            *(project([database, other][n % 2], random.Random(n).sample(entries, len(entries))) for n in range(6))
        )
        found = await picture(database)
        mine = [row for row in found["conversations"] if row["id"] in ("c1", "c2")]
        assert mine == expected["conversations"]
        assert found["handoffs"] == expected["handoffs"]
        assert len(found["turns"]) == len(entries)

    async def test_a_handoff_of_an_expired_session_is_over(self, database: Database) -> None:
        opened = entry(1, phase="queued", records=[handoff("opened", generation=1, reason="asked")])
        await project(database, packed(opened))
        assert len(await Conversations(database).open_handoffs("salon")) == 1
        await project(database, packed(entry(1, session=LATER_SESSION)))
        assert await Conversations(database).open_handoffs("salon") == ()


class TestBroken:
    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            *packed(
                entry(1, tenant=""),
                entry(1, session=None),
                entry(1, turn="1"),
                entry(1, turn=True),
                entry(1, turn=2**40),
                entry(1, seq=-1),
                entry(1, at="yesterday"),
                entry(1, at="2026-11-24T12:00:00"),
                entry(1, events={"type": "Said"}),
                entry(1, events=["Said"]),
                entry(1, parts=[{"text": 5}]),
                entry(1, records=[{"kind": "note", "facts": "x"}]),
                entry(1, contact="k1"),
                entry(1, v=4),
            ),
        ],
    )
    async def test_one_broken_entry_stops_nobody(
        self, database: Database, broken: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        await project(database, [packed(entry(1))[0], broken, packed(entry(2))[0]])
        await project(database, [broken])
        assert [row["turn"] for row in await rows_of(database, turns)] == [1, 2]
        (kept,) = await rows_of(database, parked)
        assert kept["entry"] == broken
        assert kept["reason"]
        assert "parked" in caplog.text

    async def test_what_only_the_database_refuses_is_found_and_parked(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with database.transaction() as connection:
            await _refuse_turn_13(connection)
        await project(database, packed(entry(12), entry(13), entry(14)))
        assert [row["turn"] for row in await rows_of(database, turns)] == [12, 14]
        assert [row["tenant"] for row in await rows_of(database, parked)] == ["salon"]
        assert await retry_parked(database) == 0

    async def test_parked_entries_are_projected_when_they_can_be_read(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await project(database, packed(entry(1, v=4), entry(2, turn="x")))
        assert len(await rows_of(database, parked)) == 2
        monkeypatch.setattr("runtime.records.entries.VERSION", 4)
        assert await retry_parked(database) == 1
        assert [row["turn"] for row in await rows_of(database, turns)] == [1]
        assert len(await rows_of(database, parked)) == 1

    async def test_texts_that_engines_stumble_over(self, database: Database) -> None:
        said = {"type": "Said", "messages": [{"id": "m", "text": "a\0b 🦊 'x' %s :y", "at": None, "kind": "text"}]}
        note = {"kind": "note", "facts": {"text": "nul \0 here"}}
        await project(database, packed(entry(1, events=[said], records=[note])))
        assert await rows_of(database, parked) == []
        transcript = await Conversations(database).transcript("salon", "c1")
        assert transcript[0].text == "ab 🦊 'x' %s :y"
        assert transcript[0].at > NOON

    async def test_an_empty_batch_is_nothing(self, database: Database) -> None:
        await project(database, [])

    async def test_a_minimal_entry_is_enough(self, database: Database) -> None:
        names = ("v", "tenant", "conversation", "session", "turn", "at")
        await project(database, packed({name: entry()[name] for name in names}))
        assert len(await rows_of(database, turns)) == 1
        assert await rows_of(database, parked) == []


async def _refuse_turn_13(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("ALTER TABLE turns ADD CONSTRAINT unlucky CHECK (turn <> 13)")
        return
    await connection.exec_driver_sql(
        "CREATE TRIGGER unlucky BEFORE INSERT ON turns WHEN NEW.turn = 13 BEGIN SELECT RAISE(ABORT, 'unlucky'); END"
    )


class TestReading:
    async def test_pressed_buttons_are_part_of_the_transcript(self, database: Database) -> None:
        labelled = Pressed("yes|q1|", "m9", NOON, NOON, "Ja, buchen")
        bare = dataclasses.replace(labelled, message_id="m10", label="")
        events = [{"type": "Pressed", **plain(event)} for event in (labelled, bare)]
        await project(database, packed(entry(1, events=events, parts=[])))
        shown = [
            (row.kind, row.text, row.message_id) for row in await Conversations(database).transcript("salon", "c1")
        ]
        assert shown == [("button", "Ja, buchen", "m9"), ("button", "yes|q1|", "m10")]

    async def test_tenants_are_walls(self, database: Database) -> None:
        opened = [handoff("opened", generation=1, reason="asked")]
        await project(database, packed(entry(1, records=opened), entry(1, tenant="clinic", conversation="c7")))
        here = Conversations(database)
        assert await here.transcript("clinic", "c1") == ()
        assert await here.open_handoffs("clinic") == ()
        assert await here.find("c1", "clinic") is None
        assert await here.find("nothing") is None

    async def test_an_id_that_two_tenants_have_needs_the_tenants_name(self, database: Database) -> None:
        await project(database, packed(entry(1), entry(1, tenant="clinic")))
        with pytest.raises(Conflict, match="tenant"):
            await Conversations(database).find("c1")
        found = await Conversations(database).find("c1", "clinic")
        assert found is not None
        assert found.tenant == "clinic"
