"""The laws of the desk (runtime/README.md) over the whole way: real Redis, real SQL, the loop as it runs.

What needs dying processes is in `tests/faults`; what the core alone can break is in `tests/core`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import runtime.app
from runtime.app import FrontDesk
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.ports import OperatorAct, Understanding
from runtime.records.tables import turns as turn_rows
from runtime.sessions import commits, turns
from runtime.sessions.clients import Route
from runtime.sessions.keys import state_key
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import Commit, Empty, Held, Later, Lease, ReadyEntry, Taken
from runtime.settings import CONFIGS
from tests.faults.desks import TENANT, Guest, Place, booked, free_day, in_words, prepare
from tests.faults.fleet import TENANTS
from tests.faults.play import provider, until
from tests.faults.scripted import POISON
from tests.faults.servers import PrivateRedis, private_redis


@pytest.fixture(scope="module")
def redis_server() -> Iterator[PrivateRedis]:
    """One Redis for all laws."""
    with private_redis() as server:
        yield server


@pytest.fixture
async def place(redis_server: PrivateRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty Redis and an empty SQLite."""
    redis_server.ask("FLUSHDB")
    sql = f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}"
    return await prepare(Place(redis_server.url, sql, tmp_path), monkeypatch)


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[FrontDesk]:
    """One desk at work."""
    async with place.desk() as opened:
        yield opened


class Watched:
    """An understanding that counts how many turns read words at the same time, and may fail at first."""

    def __init__(self, behind: Understanding, *, failures: int = 0) -> None:
        self.behind = behind
        self.failures = failures
        self.inside = 0
        self.most = 0

    async def understand(self, request: Understand, now: datetime) -> Understood:
        """A little slow, so that two would meet."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a mistake of ours")
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.02)
        self.inside -= 1
        return await self.behind.understand(request, now)


def watch(desk: FrontDesk, *, failures: int = 0) -> Watched:
    """Put a watch around this desk's understanding."""
    watched = Watched(desk.player.performer.understanding, failures=failures)
    desk.player.performer.understanding = watched
    return watched


# ---- 1: one turn at a time


async def test_law_1_two_processes_never_play_two_turns_of_one_conversation(place: Place) -> None:
    async with place.desks() as desks:
        watched = watch(desks[0])
        desks[1].player.performer.understanding = watched
        guest = Guest(desks[0], "impatient", channel="api")
        ids = []
        for number in range(20):
            ids.append(await guest.say("Haben Sie Parkplätze?", through=desks[number % 2]))
            await asyncio.sleep(0.01)
        await guest.answered(*ids)
        told = [one for turn in await guest.turns() for one in turn.ids]
    assert watched.most == 1
    assert told == ids


async def test_law_1_a_burst_is_one_turn(desk: FrontDesk) -> None:
    guest = Guest(desk, "burst")
    ids = [await guest.say(text) for text in ("Hallo", "ich hätte gern einen Termin", "Haarschnitt")]
    turn = await guest.answered(*ids)
    assert turn.ids == tuple(ids)
    assert len(turn.parts) == 1


async def test_law_1_a_burst_stands_in_the_providers_order(desk: FrontDesk) -> None:
    guest = Guest(desk, "shuffled")
    for number in (3, 1, 2):
        await guest.say("Haben Sie Parkplätze?", message_id=f"message-{number}", order=number)
    await guest.answered("message-2")
    (found,) = await journal(desk, 1)
    assert [said["id"] for said in found["said"]] == ["message-1", "message-2", "message-3"]


async def journal(desk: FrontDesk, count: int) -> list[dict[str, Any]]:
    """The entries in SQL, as soon as there are so many."""
    query = sa.select(turn_rows.c.entry).order_by(turn_rows.c.turn)
    for _ in range(200):
        async with desk.database.reading() as connection:
            rows = list((await connection.execute(query)).scalars())
        if len(rows) >= count:
            break
        await asyncio.sleep(0.05)
    return [json.loads(row) for row in rows]


# ---- 2: nothing accepted is lost


async def test_law_2_a_poisoned_event_is_parked_with_an_apology_and_a_person(desk: FrontDesk) -> None:
    guest = Guest(desk, "poisoner")
    turn = await guest.ask(f"Hallo {POISON}")
    assert turn.phase == "queued"
    assert "Entschuldigung" in turn.text
    parked = await desk.sessions.parked(TENANT)
    assert [event.reason for event in parked] == ["killed its turn three times"]


async def test_law_2_words_behind_a_parked_event_do_not_take_its_apology_away(desk: FrontDesk) -> None:
    guest = Guest(desk, "poisoner")
    park = desk.sessions.park

    async def parking(*args: Any, **kwargs: Any) -> None:
        await park(*args, **kwargs)
        await guest.say("Hallo?", message_id="behind")

    desk.sessions.park = parking  # type: ignore[method-assign]  # words come at the worst moment
    await guest.say(f"Hallo {POISON}", message_id="poison")
    await guest.answered("behind")
    words = "\n".join(turn.text for turn in await guest.turns())
    assert "Entschuldigung" in words


async def test_law_2_a_worker_that_dies_after_parking_leaves_the_apology_to_another(place: Place) -> None:
    async with place.desk() as desk:
        guest = Guest(desk, "poisoner")
        play = desk.player.play
        dead: list[bool] = []

        async def dying(turn: Any, taken: Any, events: Any) -> None:
            if not dead and type(events[0].event).__name__ == "Parked":
                dead.append(True)
                raise RuntimeError("dead after parking")
            await play(turn, taken, events)

        desk.player.play = dying  # type: ignore[assignment]  # stands for a death between the park and the commit
        turn = await guest.ask(f"Hallo {POISON}")
    assert dead
    assert "Entschuldigung" in turn.text


async def test_law_2_an_answer_reaches_the_provider_and_leaves_the_outbox(place: Place) -> None:
    async with provider() as stub, place.desk(telegram_api=stub.url) as desk:
        await Guest(desk, "4711", channel="telegram").say("Haben Sie Parkplätze?")
        assert await until(lambda: bool(stub.sent), 5)
    assert [(body["chat_id"], "hinter dem Haus" in body["text"]) for body in stub.sent] == [("4711", True)]


# ---- 3: nothing is done twice


async def test_law_3_the_intent_is_committed_before_the_write_runs(desk: FrontDesk) -> None:
    guest = Guest(desk, "booker")
    confirm = await guest.to_the_confirm(free_day())
    happened: list[str] = []
    commit, write = desk.sessions.commit, desk.player.performer.write

    async def committing(lease: Lease, what: Commit) -> Any:
        happened.append("intent" if what.keep else "commit")
        return await commit(lease, what)

    async def writing(*args: Any) -> Any:
        happened.append("write")
        return await write(*args)

    desk.sessions.commit = committing  # type: ignore[assignment]  # only watched
    desk.player.performer.write = writing  # type: ignore[assignment]  # only watched
    await guest.answered(await guest.press(confirm.payload("yes")))
    assert happened == ["intent", "write", "commit"]


async def test_law_3_a_write_whose_turn_died_is_finished_and_not_done_again(desk: FrontDesk) -> None:
    guest = Guest(desk, "booker")
    start = free_day()
    confirm = await guest.to_the_confirm(start)
    commit = desk.sessions.commit
    dead: list[bool] = []

    async def dying(lease: Lease, what: Commit) -> Any:
        if not what.keep and not dead:
            dead.append(True)
            raise RuntimeError("dead before the commit")
        return await commit(lease, what)

    desk.sessions.commit = dying  # type: ignore[assignment]  # the end of a worker, as the session sees it
    turn = await guest.answered(await guest.press(confirm.payload("yes")))
    assert dead
    assert await booked(desk) == [start]
    assert "Gebucht" in turn.text


async def test_law_3_the_same_message_twice_is_one(desk: FrontDesk) -> None:
    guest = Guest(desk, "repeater")
    await asyncio.gather(*(guest.say("Hallo", message_id="same") for _ in range(5)))
    await guest.answered("same")
    assert Counter(one for turn in await guest.turns() for one in turn.ids) == {"same": 1}


# ---- 4: no stale reply


async def test_law_4_a_failure_does_not_take_a_burst_apart(desk: FrontDesk) -> None:
    guest = Guest(desk, "interrupted")
    watch(desk, failures=1)
    ids = [await guest.say(text) for text in ("Hallo", "Ich hätte gern einen Termin")]
    assert (await guest.answered(*ids)).ids == tuple(ids)


async def test_law_4_a_burst_stays_whole_when_its_turn_is_played_again_after_a_failure(desk: FrontDesk) -> None:
    """A yes whose correction was accepted already must not be read without it, whatever happened in between."""
    guest = Guest(desk, "doubter")
    await guest.to_the_confirm(free_day())
    watch(desk, failures=1)
    yes = await guest.say("ja")
    no = await guest.say("nein, Mittwoch")
    turn = await guest.answered(no)
    assert turn.ids == (yes, no)
    assert await booked(desk) == []


async def test_law_4_taking_a_failing_burst_apart_writes_nothing_either(desk: FrontDesk) -> None:
    guest = Guest(desk, "doubter")
    await guest.to_the_confirm(free_day())
    watch(desk, failures=2)
    await guest.say("ja")
    no = await guest.say("nein, Mittwoch")
    await guest.answered(no)
    assert await booked(desk) == []


async def test_law_4_words_behind_a_pressed_yes_do_not_stop_it(desk: FrontDesk) -> None:
    guest = Guest(desk, "presser")
    start = free_day()
    confirm = await guest.to_the_confirm(start)
    commit = desk.sessions.commit

    async def committing(lease: Lease, what: Commit) -> Any:
        if what.keep:
            await guest.say("nein, Mittwoch", message_id="behind")
        return await commit(lease, what)

    desk.sessions.commit = committing  # type: ignore[assignment]  # words come right before the intent
    yes = await guest.press(confirm.payload("yes"))
    behind = await guest.answered("behind")
    assert (await guest.answered(yes)).ids == (yes,)
    assert await booked(desk) == [start]
    assert behind.ids == ("behind",)
    assert behind.payload("yes") or behind.payload("pick"), behind.text


async def test_law_4_words_that_wait_with_a_pressed_yes_are_the_next_turn(desk: FrontDesk) -> None:
    guest = Guest(desk, "presser")
    start = free_day()
    confirm = await guest.to_the_confirm(start)
    take = desk.sessions.take

    async def later(entry: ReadyEntry) -> Taken | Later | Held | Empty:
        await asyncio.sleep(0.2)
        return await take(entry)

    desk.sessions.take = later  # type: ignore[method-assign]  # so that both wait when the turn begins
    yes = await guest.press(confirm.payload("yes"))
    no = await guest.say("nein, Mittwoch")
    behind = await guest.answered(no)
    assert (await guest.answered(yes)).ids == (yes,)
    assert await booked(desk) == [start]
    assert behind.ids == (no,)
    assert [turn.ids for turn in await guest.turns()].count((no,)) == 1


# ---- 6: a human owns it


async def claimed(desk: FrontDesk, guest: Guest) -> str:
    """A conversation that Olga has."""
    await guest.ask("Mensch")
    conversation = await guest.conversation()
    result = await desk.door.operate(TENANT, conversation, OperatorAct("claim", "Olga"))
    assert result.done
    return conversation


async def test_law_6_the_bot_is_silent_while_a_person_has_it(desk: FrontDesk) -> None:
    guest = Guest(desk, "owned")
    conversation = await claimed(desk, guest)
    turn = await guest.ask("Haben Sie Parkplätze?")
    assert turn.parts == []
    await desk.door.operate(TENANT, conversation, OperatorAct("reply", "Olga", "Hinter dem Haus."))
    assert (await guest.turns())[-1].text == "Hinter dem Haus."
    await desk.door.operate(TENANT, conversation, OperatorAct("release", "Olga"))
    assert (await guest.ask("Haben Sie Parkplätze?")).parts


# ---- 7: bounded


async def test_law_7_take_and_commit_are_two_round_trips_and_one_for_an_intent(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {turns._TAKE.sha: "take", turns._RETAKE.sha: "retake", commits._COMMIT.sha: "commit"}
    made: Counter[str] = Counter()
    run = Route.run

    async def counting(self: Route, script: Script, partition: int, *arguments: Any) -> Any:
        made[names.get(script.sha, "other")] += 1
        return await run(self, script, partition, *arguments)

    guest = Guest(desk, "counted", channel="api")
    confirm = await guest.to_the_confirm(free_day())
    monkeypatch.setattr(Route, "run", counting)
    confirm = await guest.ask("Haben Sie Parkplätze?")
    assert (made["take"], made["retake"], made["commit"]) == (1, 0, 1)
    made.clear()
    await guest.answered(await guest.press(confirm.payload("yes")))
    assert (made["take"], made["retake"], made["commit"]) == (1, 0, 2)


async def test_law_7_a_session_stays_small_however_long_it_lives(desk: FrontDesk) -> None:
    guest = Guest(desk, "faithful", channel="api")
    await guest.to_the_confirm(free_day())
    sizes = []
    for number in range(120):
        await guest.ask("Haben Sie Parkplätze?" if number % 2 else "Ich hätte gern einen Termin")
        state = await desk.sessions.read_state(desk.door.key(await guest.connection(), guest.chat))
        sizes.append(len(state or b""))
    assert max(sizes) < 16_000
    assert max(sizes[-20:]) < 1.2 * max(sizes[20:40])


# ---- 8: pinned


async def test_law_8_a_running_flow_keeps_its_version(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.desk() as old:
        await Guest(old, "begun-before").ask("Ich hätte gern einen Termin")
    flow = _other_configs(tmp_path, monkeypatch) / "flows" / "book_appointment.yaml"
    text = flow.read_text(encoding="utf-8")
    flow.write_text(text.replace("  - collect: name\n  - collect: phone\n", "  - collect: name\n"), encoding="utf-8")
    async with place.desk() as new:
        begun, fresh = Guest(new, "begun-before"), Guest(new, "begun-after")
        await fresh.ask("Ich hätte gern einen Termin")
        for guest, day in ((begun, 7), (fresh, 8)):
            await guest.ask("Haarschnitt bitte")
            await guest.ask(in_words(free_day(day)))
            await guest.ask("Anna Berg")
        assert "Telefonnummer" in (await begun.turns())[-1].text
        assert (await fresh.turns())[-1].payload("yes")


def _other_configs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the defaults, as another version of the program would bring."""
    copied = folder / "configs"
    shutil.copytree(CONFIGS, copied)
    monkeypatch.setattr(runtime.app, "CONFIGS", copied)
    return copied


async def test_law_8_a_session_of_a_newer_version_is_left_to_a_newer_worker(
    desk: FrontDesk, redis_server: PrivateRedis
) -> None:
    guest = Guest(desk, "from-the-future")
    await guest.ask("Ich hätte gern einen Termin")
    key = desk.door.key(await guest.connection(), guest.chat)
    stored = json.loads(await desk.sessions.read_state(key) or b"")
    stored["conversation"]["version"] = 99
    redis_server.ask("SET", state_key(key), json.dumps(stored))
    said = await guest.say("Haarschnitt bitte")
    await asyncio.sleep(0.5)
    assert len(await guest.turns()) == 1
    assert json.loads(await desk.sessions.read_state(key) or b"")["conversation"]["version"] == 99
    stored["conversation"]["version"] = 1
    redis_server.ask("SET", state_key(key), json.dumps(stored))
    assert (await guest.answered(said)).parts  # the newer worker came: nothing was lost


# ---- 9: tenants are walls


async def test_law_9_the_same_chat_at_two_tenants_is_two_conversations(desk: FrontDesk) -> None:
    here, there = (Guest(desk, "same-chat", tenant) for tenant in TENANTS)
    start = free_day()
    confirm = await here.to_the_confirm(start)
    await there.answered(await there.press(confirm.payload("yes")))
    assert await booked(desk, TENANTS[0]) == await booked(desk, TENANTS[1]) == []
    await here.answered(await here.press(confirm.payload("yes")))
    assert await booked(desk, TENANTS[0]) == [start]
    assert await booked(desk, TENANTS[1]) == []
    assert "Anna" not in "\n".join(turn.text for turn in await there.turns())


# ---- 11: silence is never an answer


async def test_law_11_one_whose_person_is_waited_for_hears_of_a_parked_event_too(desk: FrontDesk) -> None:
    guest = Guest(desk, "unlucky")
    await guest.ask("Mensch")
    assert (await guest.ask(f"Hallo {POISON}")).parts


# ---- 12: the journal is complete


async def test_law_12_every_turn_stands_in_the_journal_with_its_events_results_and_words(desk: FrontDesk) -> None:
    guest = Guest(desk, "recorded")
    confirm = await guest.to_the_confirm(free_day())
    await guest.answered(await guest.press(confirm.payload("yes")))
    shown = await guest.turns()
    found = await journal(desk, len(shown))
    assert [[part["text"] for part in entry["parts"]] for entry in found] == [
        [part.text for part in turn.parts] for turn in shown
    ]
    kinds = [[event["type"] for event in entry["events"]] for entry in found]
    assert kinds[0] == ["Said", "Understood"]
    assert kinds[-1] == ["Pressed", "Acted"]
    assert found[-1]["actions"][-1]["outcome"] == "done"
    assert found[-1]["flows"] or found[0]["flows"]
