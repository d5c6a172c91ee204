"""Law 8, the way back: what a newer version wrote waits for it, and no customer waits for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.app import FrontDesk
from runtime.codec import load_state
from runtime.core.conversation import Conversation
from runtime.errors import NotFound
from runtime.operating.upgrading import check_sessions
from runtime.sessions.keys import state_key
from tests.faults.desks import Guest, Place
from tests.faults.servers import PrivateRedis

NEWER_WAIT_S = 0.3


async def _of_the_future(desk: FrontDesk, guest: Guest, redis_server: PrivateRedis, **fields: Any) -> dict[str, Any]:
    """The guest's session as a newer version would have left it."""
    key = desk.door.key(await guest.connection(), guest.chat)
    stored: dict[str, Any] = json.loads(await desk.sessions.read_state(key) or b"")
    stored["conversation"] |= {"version": 99, "mood": {"colour": "blue"}, **fields}
    redis_server.ask("SET", state_key(key), json.dumps(stored))
    return stored


async def _session(desk: FrontDesk, guest: Guest) -> Conversation:
    key = desk.door.key(await guest.connection(), guest.chat)
    return load_state(await desk.sessions.read_state(key) or b"").conversation


async def test_law_11_after_a_way_back_a_newer_session_means_an_apology_and_a_person(
    place: Place, redis_server: PrivateRedis
) -> None:
    async with place.desk(newer_wait_s=NEWER_WAIT_S) as desk:
        guest = Guest(desk, "from-the-future")
        await guest.ask("Ich hätte gern einen Termin")
        stored = await _of_the_future(desk, guest, redis_server)
        answer = await guest.answered(await guest.say("Haarschnitt bitte"))
        assert answer.phase == "queued" and answer.parts, "a person looks after it"
        assert (await _session(desk, guest)).session != stored["conversation"]["session"]
        (letter,) = await desk.dead_letters.all()
        assert (letter.kind, letter.what) == ("session", "State") and "newer version" in letter.reason
        kept = await desk.dead_letters.show(letter.id, body=True)
        assert json.loads(kept.body) == stored, "kept as it was, for the newer version"
        assert await desk.dead_letters.retry_newer() == 0


async def test_law_8_a_session_that_was_set_aside_is_put_back_by_the_newer_version(
    place: Place, redis_server: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.desk(newer_wait_s=NEWER_WAIT_S) as desk:
        guest = Guest(desk, "there-and-back")
        await guest.ask("Ich hätte gern einen Termin")
        stored = await _of_the_future(desk, guest, redis_server)
        await guest.answered(await guest.say("Haarschnitt bitte"))
        (letter,) = await desk.dead_letters.all()
        with pytest.raises(NotFound, match="newer version"):
            await desk.dead_letters.retry(letter.id)
        monkeypatch.setattr("runtime.codec.VERSION", 99)  # the update is tried again
        await desk.dead_letters.retry(letter.id)
        assert (await _session(desk, guest)).session == stored["conversation"]["session"]
        went_on = await guest.ask("Haarschnitt bitte")
        assert went_on.phase == "bot" and "Haarschnitt" in went_on.text, "it goes on where it was"
        assert await desk.dead_letters.all() == []


async def test_law_8_what_this_version_does_not_know_stays_in_the_session(
    place: Place, redis_server: PrivateRedis
) -> None:
    async with place.desk() as desk:
        guest = Guest(desk, "with-more")
        await guest.ask("Ich hätte gern einen Termin")
        await _of_the_future(desk, guest, redis_server, version=1)
        await guest.ask("Haarschnitt bitte")
        key = desk.door.key(await guest.connection(), guest.chat)
        assert json.loads(await desk.sessions.read_state(key) or b"")["conversation"]["mood"] == {"colour": "blue"}


async def test_law_8_who_goes_back_can_ask_which_sessions_need_this_version(
    place: Place, redis_server: PrivateRedis, capsys: pytest.CaptureFixture[str]
) -> None:
    async with place.desk() as desk:
        here, there = Guest(desk, "plain"), Guest(desk, "with-more")
        for guest in (here, there):
            await guest.ask("Ich hätte gern einen Termin")
        await _of_the_future(desk, there, redis_server)
        await check_sessions(desk.settings)
    said = capsys.readouterr().out
    assert "Sessions: 2. Any version goes on with 1" in said and "1 need a worker that reads version 99" in said
