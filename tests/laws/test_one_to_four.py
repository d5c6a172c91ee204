"""The laws of the desk (runtime/README.md) over the whole way: real Redis, real SQL, the loop as it runs.

What needs dying processes is in `tests/faults`; what the core alone can break is in `tests/core`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

import runtime.loop
from runtime.app import FrontDesk
from runtime.codec import Boxed, Origin
from runtime.core.events import Event, Message, Outcome, Pressed, Said
from runtime.ports import ActionCall
from runtime.sessions.shapes import Commit, Empty, Held, Later, Lease, ReadyEntry, Taken
from runtime.turn import eaten, grouped
from tests.faults.desks import TENANT, Guest, Place, booked, free_day
from tests.faults.play import provider, until
from tests.faults.scripted import POISON
from tests.laws.watching import journal, watch

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


async def test_law_2_a_write_that_kills_its_turn_each_time_is_given_to_a_person(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.loop, "LONGEST_RETRY_MS", 20)
    guest = Guest(desk, "booker", channel="api")
    confirm = await guest.to_the_confirm(free_day())
    runs: list[str] = []

    async def broken(call: ActionCall) -> Outcome:
        runs.append(call.key)
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(desk.player.performer.actions["booking.book"], "run", broken)
    async with asyncio.timeout(15):
        turn = await guest.answered(await guest.press(confirm.payload("yes")))
    assert len(set(runs)) == 1 and await booked(desk) == []
    assert "Jemand aus dem Team prüft das" in turn.text
    await guest.ask("Hallo?")


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


async def test_law_2_words_around_a_pressed_yes_are_all_answered(desk: FrontDesk) -> None:
    guest = Guest(desk, "around")
    start = free_day()
    confirm = await guest.to_the_confirm(start)
    take = desk.sessions.take

    async def later(entry: ReadyEntry) -> Taken | Later | Held | Empty:
        await asyncio.sleep(0.3)
        return await take(entry)

    desk.sessions.take = later  # type: ignore[method-assign]  # so that all three wait when the turn begins
    typed = await guest.say("ja")
    yes = await guest.press(confirm.payload("yes"))
    question = await guest.say("Haben Sie Parkplätze?")
    answers = [await guest.answered(one) for one in (typed, yes, question)]
    assert await booked(desk) == [start]
    assert any("Parkpl" in answer.text for answer in answers), [answer.text for answer in answers]
    assert all(answer.text for answer in answers)


def test_law_2_a_commit_takes_only_the_row_of_played_events_at_the_front() -> None:
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    origin = Origin("t", "telegram", "1", "c")
    words = [Said((Message(name, name, now),), now) for name in ("ja", "Was kostet das?")]
    events: tuple[Event, ...] = (words[0], Pressed("yes|q|", "2", now, now), words[1])
    box = [Boxed(str(number), event, origin) for number, event in enumerate(events)]
    for joined, played in ((False, [1, 2, 3]), (True, [0, 3])):
        groups = grouped(box, joined=joined)
        assert [eaten(box, groups[: number + 1]) for number in range(len(groups))] == played
