"""A recorded conversation is played again exactly, whatever happened in it; and a change is found."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.app import FrontDesk
from runtime.codec import Boxed, Origin, box
from runtime.core.events import Delivered, TimerFired
from runtime.errors import ConfigurationError, NotFound
from runtime.ports import OperatorAct
from runtime.records.tables import turns
from runtime.replay.command import Wishes, replay_wished
from runtime.replay.replaying import Replay
from runtime.sessions.shapes import BoxEvent
from runtime.understanding.cascade import OfflineRules
from tests.faults.desks import TENANT, Gate, Guest, Place, free_day
from tests.faults.fleet import TENANTS
from tests.faults.scripted import POISON
from tests.laws.watching import watch
from tests.replay.recording import recorded, replay_all, replayer, reworded, told


async def only(desk: FrontDesk, guest: Guest, count: int) -> Replay:
    """The replay of a guest's conversation, once so many turns are recorded; all must be as it was."""
    await recorded(desk.database, count)
    replay = await replayer(desk.database).replay(guest.tenant, await guest.conversation())
    assert not replay.differences, told([replay])
    assert not replay.notes and replay.turns >= count
    return replay


async def changed(desk: FrontDesk, statement: sa.Delete | sa.Update) -> None:
    """Tamper with the records."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(statement)

    await desk.database.attempt(work)


async def test_a_booking_with_a_digression_and_a_thank_you_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "booker")
    await guest.ask("Haben Sie Parkplätze?")
    confirm = await guest.to_the_confirm(free_day())
    await guest.answered(await guest.press(confirm.payload("yes")))
    await guest.ask("danke")
    await only(desk, guest, 8)


async def test_an_operator_who_comes_writes_notes_and_goes_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "owned")
    await guest.ask("Ich hätte gern einen Termin")
    await guest.ask("Mensch")
    conversation = await guest.conversation()
    for act in (
        OperatorAct("claim", "Olga"),
        OperatorAct("reply", "Olga", "Guten Tag."),
        OperatorAct("note", "Olga", "fragt nach Farbe"),
    ):
        assert (await desk.door.operate(TENANT, conversation, act)).done
    await guest.ask("Haben Sie Parkplätze?")
    await desk.door.operate(TENANT, conversation, OperatorAct("release", "Olga"))
    await guest.ask("Haarschnitt bitte")
    await only(desk, guest, 8)


async def test_a_handoff_that_nobody_claims_in_time_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "waiting")
    await guest.ask("Mensch")
    entry = (await guest.turns())[-1]
    assert entry.phase == "queued"
    key = desk.door.key(await guest.connection(), guest.chat)
    fired = desk.player.clock.now()
    event = TimerFired("handoff", 1, fired)
    body = box(Boxed("timer:1", event, Origin("webchat", "webchat", guest.chat, "")))
    await desk.sessions.append(key, BoxEvent("timer:1", body, words=False, gather_ms=0))
    await only(desk, guest, 2)


@pytest.mark.slow  # an event is parked only after its turn was tried three times
async def test_a_parked_event_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "poisoner")
    await guest.ask("Ich hätte gern einen Termin")
    await guest.ask(f"Hallo {POISON}")
    await only(desk, guest, 2)


async def test_a_turn_that_ran_again_for_newer_words_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "interrupter")
    await guest.to_the_confirm(free_day())
    gate = Gate(desk.player.performer.understanding)
    desk.player.performer.understanding = gate
    yes = await guest.say("ja")
    await gate.reached.wait()
    no = await guest.say("nein, Mittwoch")
    gate.open.set()
    await guest.answered(yes, no)
    await only(desk, guest, 6)


async def test_a_turn_cut_by_its_intent_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "presser")
    confirm = await guest.to_the_confirm(free_day())
    yes = await guest.press(confirm.payload("yes"))
    await asyncio.sleep(0.04)
    await guest.answered(yes, await guest.say("nein, Mittwoch"))
    await only(desk, guest, 7)


async def test_a_write_that_another_worker_finished_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "booker")
    confirm = await guest.to_the_confirm(free_day())
    commit = desk.sessions.commit
    died = False

    async def dying(lease: object, what: object) -> object:
        nonlocal died
        if not died and not what.keep and what.consumed == 0:  # type: ignore[attr-defined]  # a Commit
            died = True
            raise RuntimeError("the worker dies before its commit")
        return await commit(lease, what)  # type: ignore[arg-type]  # handed on

    desk.sessions.commit = dying  # type: ignore[assignment]  # the end of a worker, as the session sees it
    await guest.answered(await guest.press(confirm.payload("yes")))
    assert died
    await only(desk, guest, 6)


async def test_a_turn_that_failed_twice_before_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "unlucky")
    watch(desk, failures=2)
    await guest.ask("Ich hätte gern einen Termin")
    await only(desk, guest, 1)


async def test_a_confirm_that_was_never_delivered_stands_in_the_journal_and_is_identical(desk: FrontDesk) -> None:
    guest = Guest(desk, "unreached")
    confirm = await guest.to_the_confirm(free_day())
    key = desk.door.key(await guest.connection(), guest.chat)
    event = Delivered(confirm.parts[-1].id, "failed", confirm.parts[-1].question, datetime.now(UTC))
    body = box(Boxed("failed:1", event, Origin("webchat", "webchat", guest.chat, "")))
    await desk.sessions.append(key, BoxEvent("failed:1", body, words=False, gather_ms=0))
    await recorded(desk.database, 6)
    await guest.ask("ja")
    replay = await only(desk, guest, 7)
    assert replay.sessions == 1
    rows = await desk.conversations.transcript(TENANT, await guest.conversation())
    assert [row.status for row in rows if row.part == confirm.parts[-1].id] == ["failed"]


async def test_the_next_session_of_a_known_customer_is_identical(place: Place, desk: FrontDesk) -> None:
    guest = Guest(desk, "regular")
    confirm = await guest.to_the_confirm(free_day())
    await guest.answered(await guest.press(confirm.payload("yes")))
    await recorded(desk.database, 6)
    await desk.sessions.delete_session(desk.door.key(await guest.connection(), guest.chat))
    await guest.ask("Ich hätte gern einen Termin")
    replay = await only(desk, guest, 7)
    assert replay.sessions == 2


async def test_a_business_that_changed_in_between_is_played_with_what_it_was(desk: FrontDesk) -> None:
    guest = Guest(desk, "witness")
    await guest.ask("Ich hätte gern einen Termin")
    raw = await desk.tenants.document(TENANT, "tenant")
    assert raw is not None
    before = await guest.ask("Haben Sie Parkplätze?")
    facts = [{**fact, "a": "Leider keine."} for fact in raw["facts"]]
    await desk.tenants.put_document(TENANT, "tenant", {**raw, "name": "Studio Umbenannt", "facts": facts})
    await desk.desks.refresh()
    after = await guest.ask("Haben Sie Parkplätze?")
    assert before.text != after.text
    await guest.ask("Mensch")
    await only(desk, guest, 4)


async def test_one_changed_reply_is_found_and_nothing_else(desk: FrontDesk) -> None:
    guests = [Guest(desk, f"guest-{n}", TENANTS[n % 2]) for n in range(2)]
    for guest in guests:
        await guest.ask("Ich hätte gern einen Termin")
    await guests[0].ask("Haben Sie Parkplätze?")
    await guests[1].ask("Mensch")
    await recorded(desk.database, 4)
    wording = reworded("de", "handoff.asked", "Ich sage jemandem Bescheid.")
    replays = await replay_all(desk.database, wording=wording)
    (difference,) = [d for one in replays for d in one.differences]
    assert (difference.turn, difference.what) == (2, "text")
    assert "Ich sage jemandem Bescheid." in difference.now and difference.was != difference.now
    assert all(one.notes == ["The replies have changed since."] for one in replays)


async def test_understanding_anew_shows_commands_that_are_others_today(desk: FrontDesk) -> None:
    guest = Guest(desk, "guest")
    await guest.ask("Ich hätte gern einen Termin")
    await guest.ask("Haarschnitt bitte, aber zackig")
    await recorded(desk.database, 2)
    player = replayer(desk.database, understanding=desk.player.performer.understanding)
    assert not (await player.replay(TENANT, await guest.conversation())).differences
    player = replayer(desk.database, understanding=OfflineRules())
    differing = (await player.replay(TENANT, await guest.conversation())).differences
    assert {one.what for one in differing} <= {"understanding"}


async def test_a_turn_that_is_missing_is_said(desk: FrontDesk) -> None:
    guest = Guest(desk, "torn")
    for text in ("Ich hätte gern einen Termin", "Haben Sie Parkplätze?", "danke"):
        await guest.ask(text)
    await recorded(desk.database, 3)
    await changed(desk, sa.delete(turns).where(turns.c.turn == 2))
    replay = await replayer(desk.database).replay(TENANT, await guest.conversation())
    assert "missing" in [one.what for one in replay.differences]


async def test_an_entry_of_an_older_version_is_played_as_well_as_it_can(desk: FrontDesk) -> None:
    guest = Guest(desk, "old")
    await guest.ask("Ich hätte gern einen Termin")
    await guest.ask("Haben Sie Parkplätze?")
    await recorded(desk.database, 2)
    entries = await desk.conversations.entries(TENANT, await guest.conversation())
    for number, entry in enumerate(entries, 1):
        old = {n: v for n, v in orjson.loads(entry).items() if n not in ("opening", "versions", "alarms", "settled")}
        for event in old["events"]:
            event.pop("kinds", None)
        change = sa.update(turns).where(turns.c.turn == number).values(entry=orjson.dumps(old).decode())
        await changed(desk, change)
    replay = await replayer(desk.database).replay(TENANT, await guest.conversation())
    assert not replay.differences, told([replay])
    assert replay.notes


async def test_the_command_shows_what_differs_and_says_so_by_its_exit_code(
    desk: FrontDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    guest = Guest(desk, "guest")
    await guest.ask("Mensch")
    await recorded(desk.database, 1)
    conversation = await guest.conversation()
    assert await replay_wished(replayer(desk.database), Wishes(conversation)) == 0
    assert "identical" in capsys.readouterr().out
    changed = replayer(desk.database, wording=reworded("de", "handoff.asked", "Bescheid gesagt."))
    assert await replay_wished(changed, Wishes(all=True, tenant=TENANT)) == 1
    out = capsys.readouterr().out
    assert "turn 1: text" in out and "now: " in out and "Bescheid gesagt." in out
    assert "1 conversations, 1 turns: 0 identical, 1 differ" in out
    assert await replay_wished(changed, Wishes(conversation, as_json=True)) == 1
    (difference,) = orjson.loads(capsys.readouterr().out)["differences"]
    assert difference["what"] == "text" and difference["turn"] == 1
    with pytest.raises(NotFound):
        await replay_wished(changed, Wishes("nobody"))
    with pytest.raises(ConfigurationError):
        await replay_wished(changed, Wishes(all=True))
