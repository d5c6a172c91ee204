"""Situation C19 over the whole way: a card number is nowhere afterwards. Real Redis, real SQL, the loop as it runs."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from redis.asyncio import Redis

from runtime.app import FrontDesk
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.ports import Patience
from runtime.understanding.cascade import OfflineRules
from tests.faults.desks import Guest, Place
from tests.laws.watching import journal

CARD, PLAIN = "4111 1111 1111 1111", "4111111111111111"
PARTS = (b"1111 1111", b"11111111")


class _Listening:
    """The rules, and everything that they were asked to read: what a model's prompt would hold."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """As the rules do."""
        self.read += [*request.texts, repr(request.expectation.filled)]
        return await OfflineRules().understand(request, now)


async def test_c19_a_card_number_reaches_no_store_no_log_and_no_prompt(
    desk: FrontDesk, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    listening = _Listening()
    desk.player.performer.understanding = listening
    guest = Guest(desk, "card")
    for text in (f"Haarschnitt bitte, meine Karte ist {CARD}", PLAIN, f"password: {PLAIN}x"):
        turn = await guest.answered(await guest.say(text))
        assert "gespeichert" in turn.text
    await guest.answered(await guest.say("einen Menschen bitte"))
    entries = await journal(desk, 4)
    assert any("⟦card⟧" in said["text"] for entry in entries for said in entry["said"])
    kept = {"redis": await _redis(place), "sql": _sql(place), "log": caplog.text.encode()}
    kept["prompts"] = "\n".join(listening.read).encode()
    assert all(kept.values())
    assert not [where for where, words in kept.items() if any(part in words for part in PARTS)]


async def _redis(place: Place) -> bytes:
    """Every value of every key."""
    client = Redis.from_url(place.redis_url)
    try:
        return b"\n".join([repr(await _value(client, key)).encode() async for key in client.scan_iter()])
    finally:
        await client.aclose()


async def _value(client: Redis, key: bytes) -> object:
    match await client.type(key):
        case b"list":
            return await client.lrange(key, 0, -1)
        case b"hash":
            return await client.hgetall(key)
        case b"stream":
            return await client.xrange(key)
        case b"zset":
            return await client.zrange(key, 0, -1)
        case b"set":
            return await client.smembers(key)
        case _:
            return await client.get(key)


def _sql(place: Place) -> bytes:
    """All bytes of the database and of its log."""
    return b"".join(path.read_bytes() for path in place.home.glob("frontdesk.db*"))
