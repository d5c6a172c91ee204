"""Races between customers, messages, operators and processes. Two desks here are two processes to Redis and SQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from runtime.ports import OperatorAct
from runtime.sessions.shapes import Empty, Held, Later, ReadyEntry, Taken
from tests.faults.desks import TENANT, Gate, Guest, Place, booked, free_day
from tests.faults.fleet import SMALL

pytestmark = [pytest.mark.faults, pytest.mark.slow]


async def test_of_fifty_customers_racing_for_one_time_one_gets_it_and_the_others_get_offers(place: Place) -> None:
    start = free_day()
    async with place.desks() as desks:
        guests = [Guest(desks[n % 2], f"racer-{n}", SMALL, "api") for n in range(50)]
        confirms = await asyncio.gather(*(guest.to_the_confirm(start, f"Anna {n}") for n, guest in enumerate(guests)))
        both = list(zip(guests, confirms, strict=True))
        ids = await asyncio.gather(*(guest.press(confirm.payload("yes")) for guest, confirm in both))
        ends = await asyncio.gather(*(guest.answered(one) for guest, one in zip(guests, ids, strict=True)))
        assert await booked(desks[0], SMALL) == [start]
    assert sum("Gebucht" in end.text for end in ends) == 1
    assert sum(bool(end.payload("pick")) for end in ends) == 49, [end.text for end in ends]


async def test_five_messages_300_ms_apart_are_one_turn_with_one_reply(place: Place) -> None:
    async with place.desks(gather_ms=800) as desks:
        guest = Guest(desks[0], "slow-typer")
        ids = []
        for number, text in enumerate(("Hallo", "also", "Ich hätte gern einen Termin", "und zwar", "Haarschnitt")):
            ids.append(await guest.say(text, through=desks[number % 2]))
            await asyncio.sleep(0.3)
        await guest.answered(*ids)
        turns = await guest.turns()
    assert [turn.ids for turn in turns] == [tuple(ids)]
    assert len(turns[0].parts) == 1


async def test_five_at_once_in_ten_rounds_over_two_processes_are_all_kept_in_order(place: Place) -> None:
    async with place.desks(gather_ms=100) as desks:
        guest = Guest(desks[0], "five-at-once")
        sent: list[str] = []
        for _ in range(10):
            before = len(await guest.turns())
            ids = [await guest.say("Haben Sie Parkplätze?", through=desks[number % 2]) for number in range(5)]
            await guest.answered(*ids)
            assert 1 <= len(await guest.turns()) - before <= 2
            sent += ids
        turns = await guest.turns()
    assert [one for turn in turns for one in turn.ids] == sent


async def test_a_pressed_yes_is_done_and_the_wish_behind_it_is_the_next_turn(place: Place) -> None:
    start = free_day()
    async with place.desks() as desks:
        guest = Guest(desks[0], "presser")
        confirm = await guest.to_the_confirm(start)
        yes = await guest.press(confirm.payload("yes"))
        await asyncio.sleep(0.04)
        no = await guest.say("nein, Mittwoch", through=desks[1])
        first, second = await guest.answered(yes), await guest.answered(no)
        assert await booked(desks[0]) == [start]
    assert first.ids == (yes,) and "Gebucht" in first.text
    assert second.ids == (no,)
    assert second.payload("pick") or second.payload("yes"), second.text


async def test_yes_and_no_typed_together_are_one_turn_that_writes_nothing(place: Place) -> None:
    start = free_day()
    async with place.desks() as desks:
        guest = Guest(desks[0], "typer")
        await guest.to_the_confirm(start)
        yes = await guest.say("ja")
        await asyncio.sleep(0.04)
        no = await guest.say("nein, Mittwoch", through=desks[1])
        turn = await guest.answered(yes, no)
        assert await booked(desks[0]) == []
    assert turn.ids == (yes, no)
    assert turn.payload("yes") or turn.payload("pick"), turn.text


async def test_words_that_come_while_a_typed_yes_is_read_stop_its_write(place: Place) -> None:
    """Law 4: the intent itself is refused when newer words wait."""
    start = free_day()
    async with place.desks(count=1) as desks:
        guest = Guest(desks[0], "interrupter")
        await guest.to_the_confirm(start)
        gate = Gate(desks[0].player.performer.understanding)
        desks[0].player.performer.understanding = gate
        yes = await guest.say("ja")
        await gate.reached.wait()
        no = await guest.say("nein, Mittwoch")
        gate.open.set()
        turn = await guest.answered(yes, no)
        assert await booked(desks[0]) == []
    assert turn.ids == (yes, no)


async def test_a_yes_that_came_late_or_twice_writes_nothing_more(place: Place) -> None:
    start = free_day()
    async with place.desks() as desks:
        guest = Guest(desks[0], "doubler")
        old = await guest.to_the_confirm(start)
        later = start + timedelta(hours=1)
        fresh = await guest.ask(f"Doch lieber um {later:%H:%M} Uhr")
        await guest.answered(await guest.press(old.payload("yes")))
        assert await booked(desks[0]) == []  # an old question's yes
        ids = await asyncio.gather(*(guest.press(fresh.payload("yes"), through=desk) for desk in desks))
        for one in ids:
            await guest.answered(one)
        await guest.ask("ja")
        assert await booked(desks[0]) == [later]


async def test_when_two_operators_claim_at_once_one_has_it(place: Place) -> None:
    async with place.desks() as desks:
        guest = Guest(desks[0], "wants-a-person")
        await guest.ask("Mensch")
        conversation = await guest.conversation()
        acts = [OperatorAct("claim", name) for name in ("Olga", "Otto")]
        results = await asyncio.gather(
            *(desk.door.operate(TENANT, conversation, act) for desk, act in zip(desks, acts, strict=True))
        )
    assert sorted(result.done for result in results) == [False, True]
    winner = next(act.operator for act, result in zip(acts, results, strict=True) if result.done)
    assert {result.owner for result in results} == {winner}


async def test_each_operator_hears_what_became_of_their_own_act(place: Place) -> None:
    """Both acts fall into one turn: Otto's claim is refused, Olga's release is not."""
    async with place.desk() as desk:
        guest = Guest(desk, "handed-on")
        await guest.ask("Mensch")
        conversation = await guest.conversation()
        assert (await desk.door.operate(TENANT, conversation, OperatorAct("claim", "Olga"))).done
        take = desk.sessions.take

        async def later(entry: ReadyEntry) -> Taken | Later | Held | Empty:
            await asyncio.sleep(0.2)
            return await take(entry)

        desk.sessions.take = later  # type: ignore[method-assign]  # so that both wait when the turn begins
        acts = (OperatorAct("claim", "Otto"), OperatorAct("release", "Olga"))
        claim, release = await asyncio.gather(*(desk.door.operate(TENANT, conversation, act) for act in acts))
    assert not claim.done
    assert release.done
