"""Redis full or gone, SQL gone, a process told to stop: nobody is lost, nobody is left without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runtime.app import FrontDesk
from runtime.core import handoff
from runtime.core.conversation import Conversation
from runtime.core.effects import Effect, SetTimer
from runtime.ports import OperatorAct
from tests.faults.desks import TENANT, Gate, Guest, Place, booked, free_day, in_words, prepare
from tests.faults.edge import Telegram, telegram
from tests.faults.play import Provider, provider, until
from tests.faults.servers import PrivateRedis, private_redis
from tests.faults.wall import Wall

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def redis_server() -> Iterator[PrivateRedis]:
    """A Redis of this test alone: it is filled and killed here."""
    with private_redis() as server:
        yield server


@pytest.fixture
async def wall(database_url: str) -> AsyncIterator[Wall]:
    """What stands between the desks and SQL."""
    async with Wall(database_url) as opened:
        yield opened


@pytest.fixture
async def place(redis_server: PrivateRedis, wall: Wall, home: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Servers that may go away."""
    return await prepare(Place(redis_server.url, wall.url, home), monkeypatch)


@pytest.fixture
async def stub() -> AsyncIterator[Provider]:
    """Telegram."""
    async with provider() as running:
        yield running


async def answers(stub: Provider, chat: str, count: int, seconds: float = 20.0) -> list[str]:
    """Wait until a chat got so many messages."""

    def texts() -> list[str]:
        return [str(body["text"]) for body in stub.sent if body["chat_id"] == chat]

    assert await until(lambda: len(texts()) >= count, seconds), f"{chat} got {texts()}"
    return texts()


# ---- Redis


async def test_a_full_redis_refuses_new_words_and_still_drains(
    place: Place, redis_server: PrivateRedis, stub: Provider
) -> None:
    async with place.desk(telegram_api=stub.url) as desk, telegram(desk) as edge:
        gate = Gate(desk.player.performer.understanding)
        desk.player.performer.understanding = gate
        early = [edge.text(str(number), "Haben Sie Parkplätze?") for number in range(1, 31)]
        assert {await edge.post(update) for update in early} == {200}
        await gate.reached.wait()
        redis_server.ask("CONFIG", "SET", "maxmemory", 1)
        late = edge.text("99", "Hallo")
        assert await edge.post(late) == 503
        gate.open.set()
        for number in range(1, 31):
            await answers(stub, str(number), 1)
        assert not [body for body in stub.sent if body["chat_id"] == "99"]
        redis_server.ask("CONFIG", "SET", "maxmemory", 0)
        assert await edge.post(late) == 200
        await answers(stub, "99", 1)


async def test_without_redis_webhooks_are_refused_and_afterwards_everything_goes_on(
    place: Place, redis_server: PrivateRedis, stub: Provider
) -> None:
    async with place.desk(telegram_api=stub.url, gather_ms=1500) as desk, telegram(desk) as edge:
        assert await edge.post(edge.text("1", "Haben Sie Parkplätze?")) == 200
        redis_server.stop()
        late = edge.text("2", "Haben Sie Parkplätze?")
        assert await edge.post(late) == 503
        redis_server.start()
        assert await until_accepted(edge, late)
        await answers(stub, "1", 1)
        await answers(stub, "2", 1)


async def until_accepted(edge: Telegram, update: dict[str, object]) -> bool:
    """Send again, as Telegram does."""
    for _ in range(50):
        if await edge.post(update) == 200:
            return True
        await asyncio.sleep(0.2)
    return False


# ---- SQL


async def test_without_sql_every_customer_still_gets_an_answer(place: Place, wall: Wall, stub: Provider) -> None:
    start = free_day()
    async with place.desk(telegram_api=stub.url) as desk, telegram(desk) as edge:
        asked, confirmed = Guest(desk, "before-the-search"), Guest(desk, "before-the-yes")
        await asked.ask("Ich hätte gern einen Termin")
        await asked.ask("Haarschnitt bitte")
        confirm = await confirmed.to_the_confirm(start)
        await wall.close()
        search = await asked.ask(in_words(start))
        assert search.phase == "queued" and "Kalender" in search.text
        yes = await confirmed.answered(await confirmed.press(confirm.payload("yes")))
        assert yes.phase == "queued" and yes.parts and "Gebucht" not in yes.text
        assert await edge.post(edge.text("1", "Ich hätte gern einen Termin")) == 200
        await answers(stub, "1", 1)  # somebody we have never met
        await wall.open()
        assert await booked(desk) == []
        assert await Guest(desk, "afterwards").to_the_confirm(start)


# ---- the process is told to stop


async def test_a_process_told_to_stop_finishes_the_turns_in_flight(place: Place) -> None:
    async with place.desk() as other:
        guest = Guest(other, "in-flight")
        leaving = place.desk()
        desk = await leaving.__aenter__()
        gates = [Gate(one.player.performer.understanding) for one in (desk, other)]
        desk.player.performer.understanding, other.player.performer.understanding = gates
        await other.sessions.stop_intake()  # so that the one that leaves has it
        said = await guest.say("Haben Sie Parkplätze?", through=desk)
        await gates[0].reached.wait()
        stopping = asyncio.create_task(leaving.__aexit__(None, None, None))
        await asyncio.sleep(0.1)
        assert not stopping.done()
        gates[0].open.set()
        await stopping
        turn = await guest.answered(said, within_s=1)
    assert turn.parts


# ---- timers and law 6, over processes


async def test_a_timer_fires_in_whatever_process_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff, "_clocks", _soon)
    async with place.desk() as left:
        guest = Guest(left, "waits-for-nobody")
        async with place.desk() as gone:
            await left.sessions.stop_intake()
            assert (await Guest(gone, guest.chat).ask("Mensch")).phase == "queued"
        async with place.desk() as fresh:
            seat = Guest(fresh, guest.chat)
            assert await _becomes(seat, "bot")
            assert "niemand frei" in (await seat.turns())[-1].text


def _soon(conversation: Conversation, generation: int, now: datetime) -> tuple[Effect, ...]:
    """Nobody has come after a second and a half."""
    return (SetTimer(handoff.TIMER, generation, now + timedelta(seconds=1.5)),)


async def _becomes(guest: Guest, phase: str) -> bool:
    for _ in range(200):
        if (await guest.turns())[-1].phase == phase:
            return True
        await asyncio.sleep(0.05)
    return False


async def claim(desk: FrontDesk, guest: Guest, how: str = "resume") -> None:
    """Olga takes it."""
    conversation = await guest.conversation()
    result = await desk.door.operate(TENANT, conversation, OperatorAct("claim", "Olga", how=how))
    assert result.done


async def test_a_bot_part_that_waits_for_the_provider_is_withheld_once_a_person_has_it(
    place: Place, stub: Provider
) -> None:
    async with place.desks(telegram_api=stub.url) as desks, telegram(desks[0]) as edge:
        stub.plan = [{"status": 429, "retry_after": 2}]
        assert await edge.post(edge.text("1", "Haben Sie Parkplätze?")) == 200
        assert await until(lambda: bool(stub.called("sendMessage")), 5)
        await claim(desks[1], Guest(desks[1], "1", channel="telegram"), "takeover")
        texts = await answers(stub, "1", 1)
    assert len(texts) == 1 and "Olga" in texts[0], texts


async def test_a_bot_part_behind_one_on_its_way_is_withheld_too(place: Place, stub: Provider) -> None:
    async with place.desks(telegram_api=stub.url) as desks, telegram(desks[0]) as edge:
        stub.plan = [{"status": 429, "retry_after": 1}, {"delay_s": 2}]
        assert await edge.post(edge.text("1", "Haben Sie Parkplätze?")) == 200
        assert await until(lambda: len(stub.called("sendMessage")) == 1, 5)
        assert await edge.post(edge.text("1", "Ich hätte gern einen Termin")) == 200
        assert await until(lambda: len(stub.called("sendMessage")) == 2, 5)  # the first one, on its way for 2 s
        await claim(desks[1], Guest(desks[1], "1", channel="telegram"), "takeover")
        texts = await answers(stub, "1", 2)
        await asyncio.sleep(0.3)
    assert len(stub.sent) == 2 and "Olga" in texts[1], texts
