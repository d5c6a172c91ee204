"""The laws of the desk (runtime/README.md) over the whole way: real Redis, real SQL, the loop as it runs.

What needs dying processes is in `tests/faults`; what the core alone can break is in `tests/core`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import runtime.app
from runtime.app import FrontDesk
from runtime.ports import OperatorAct
from runtime.sessions import commits, turns
from runtime.sessions.clients import Route
from runtime.sessions.keys import state_key
from runtime.sessions.scripts import Script
from runtime.settings import CONFIGS
from tests.faults.desks import TENANT, Guest, Place, booked, free_day, in_words
from tests.faults.fleet import TENANTS
from tests.faults.scripted import POISON
from tests.faults.servers import PrivateRedis
from tests.laws.watching import journal

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
