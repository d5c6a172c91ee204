"""P1 to P3 and M18 through the real desk: whatever the model does, the customer is served, and nothing is invented."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

import pytest

from runtime.core.messages import Inbound
from tests.models.conftest import Opened, Talker
from tests.models.dialogues import ALL, ENGLISH, GERMAN, LOST, MOVED, OPTION, Dialogue
from tests.support.model_stub import FAULTS, ModelStub, row


async def play(talker: Talker, dialogue: Dialogue) -> str:
    """Say everything; answers to a question that came twice are the same words again."""
    talker.contact = f"{talker.contact}-{dialogue.id}"
    read = ""
    for text in dialogue.says:
        read = await talker.say(text)
        assert read, text
    assert dialogue.ends in read
    return read


Booked = list[tuple[str, str, str]]


def reached(dialogue: Dialogue, before: Booked, booked: Booked) -> bool:
    """Whether what was said stands in the calendar now, and nothing else beside what stood there before."""
    return sorted(booked) == sorted([*before, *dialogue.booked])


@pytest.mark.parametrize("dialogue", ALL, ids=lambda one: one.id)
async def test_a_model_reads_what_the_rules_cannot(opened: Opened, stub: ModelStub, dialogue: Dialogue) -> None:
    stub.table = list(dialogue.table)
    async with opened() as talker:
        read = await play(talker, dialogue)
        assert reached(dialogue, [], await talker.booked()), read
    assert stub.requests


SLOW = ("hang", "slow_stream")


@pytest.mark.parametrize("mode", [pytest.param(m, marks=pytest.mark.slow) if m in SLOW else m for m in FAULTS])
async def test_p1_p3_each_fault_ends_at_the_goal_or_with_a_person(opened: Opened, stub: ModelStub, mode: str) -> None:
    stub.mode = mode
    async with opened() as talker:
        hurried(talker)
        for dialogue in (GERMAN, ENGLISH, OPTION, MOVED):
            stub.table = list(dialogue.table)
            before = await talker.booked()
            read = await play(talker, dialogue)
            assert reached(dialogue, before, await talker.booked()), (mode, dialogue.id, read)
        stub.table = []
        await play(talker, LOST)
        assert await handed_over(talker) == ["not_understood"]
    assert stub.requests, "the model was never asked"


async def handed_over(talker: Talker) -> list[str]:
    """The reasons of all open handoffs, once they are in the records."""
    async with asyncio.timeout(5):
        while True:
            if found := await talker.desk.door.handoffs(talker.tenant):
                break
            await asyncio.sleep(0.02)
    return [str(one["reason"]) for one in found]


def hurried(talker: Talker) -> None:
    """Each turn has less patience than a customer, so that a slow model makes no slow test; P2 has the real one."""
    understanding: Any = talker.desk.player.performer.understanding
    behind = understanding.understand

    class Hurry:
        calls = 0

        def __init__(self) -> None:
            self._until = time.monotonic() + 0.5

        def left_s(self) -> float:
            return max(0.0, self._until - time.monotonic())

    async def understand(request: Any, now: Any, patience: Any = None) -> Any:
        return await behind(request, now, Hurry())

    understanding.understand = understand


async def test_p1_a_model_that_is_down_is_left_alone_after_a_few_tries(opened: Opened, stub: ModelStub) -> None:
    stub.mode = "500"
    async with opened() as talker:
        for number in range(8):
            talker.contact = f"down-{number}"
            assert "Termin" in await talker.say("Ich seh aus wie ein Wischmopp")
        assert len(stub.requests) == 4
        assert "model:open" in (await talker.understood(8))["stages"]
        assert "KI" not in talker.read


@pytest.mark.slow
async def test_p2_a_model_that_hangs_costs_less_than_three_seconds(opened: Opened, stub: ModelStub) -> None:
    stub.mode = "hang"
    async with opened() as talker:
        began = time.monotonic()
        read = await talker.say("Ich seh aus wie ein Wischmopp")
        took = time.monotonic() - began
        assert "Termin" in read and took <= 3.0, took
        spent = (await talker.understood())["spent"]
        assert spent["calls"] == 1 and spent["ms"] <= 2600
    assert stub.given_up == 1


@pytest.mark.slow
async def test_p2_of_a_chat_whose_burst_was_gathered_the_three_seconds_count_from_the_last_words(
    opened: Opened, stub: ModelStub
) -> None:
    stub.mode = "hang"
    async with opened() as talker:
        began = time.monotonic()
        await write(talker, "browser-1", ["Ich seh aus wie ein Wischmopp"])
        await answered(talker, "browser-1", 1)
        assert time.monotonic() - began <= 3.2  # 3 s, and what the machine that runs this is busy with


async def write(talker: Talker, chat: str, texts: list[str]) -> None:
    """As a browser does, where a burst is gathered and messages are counted."""
    for number, text in enumerate(texts):
        await write_one_text(talker, chat, str(number), text)


async def answered(talker: Talker, chat: str, turns: int) -> None:
    """Until so many turns have ended."""
    connection = await talker.desk.door.connection(talker.tenant, "webchat")
    assert connection is not None
    async with talker.desk.door.feed(connection, chat) as feed, asyncio.timeout(20):
        while sum(entry.kind == "turn" for entry in await feed.read(0)) < turns:
            await feed.wait(1.0)


async def test_m18_five_hundred_messages_cost_three_calls_at_most(opened: Opened, stub: ModelStub) -> None:
    async with opened(gather_ms=0, gather_max_ms=0) as talker:
        texts = [f"Wischmopp Nummer {'i' * (number % 40)} ist hier wieder am Werk" for number in range(500)]
        await write(talker, "flood", texts)
        async with asyncio.timeout(30):
            await quiet(talker)
    assert 0 < len(stub.requests) <= 3


async def quiet(talker: Talker) -> None:
    """Until nothing waits and nothing runs."""
    while True:
        await asyncio.sleep(0.05)
        if not talker.desk.loop.busy and not await talker.desk.sessions.ready_depth():
            return


async def test_m18_one_contact_may_ask_three_times_a_minute(opened: Opened, stub: ModelStub) -> None:
    async with opened(gather_ms=0, gather_max_ms=0) as talker:
        for number in range(6):
            await write_one_text(talker, "slow", str(number), f"Ich heiße {'a' * number}wischmopp und seh schlimm aus")
            await answered(talker, "slow", number + 1)
        assert len(stub.requests) == 3


async def write_one_text(talker: Talker, chat: str, number: str, text: str) -> None:
    """One message of a browser."""
    connection = await talker.desk.door.connection(talker.tenant, "webchat")
    assert connection is not None
    one = f"{chat}-{number}"
    inbound = Inbound(
        kind="text", event_id=one, conversation_id=chat, sender_id=chat, answer=True, message_id=one, text=text
    )
    await talker.desk.door.take_in(connection, (inbound,))


async def test_p3_an_invented_phone_number_is_never_booked(opened: Opened, stub: ModelStub) -> None:
    """A model that lies in every turn, about everything: what stands in the calendar is what was said."""
    chance = random.Random(7)  # repeatable on purpose
    stub.mode = "invented_value"
    async with opened() as talker:
        for number in range(4):
            talker.contact = f"lied-to-{number}"
            stub.table = [row(".", ("start", "book_appointment", ""), ("affirm", "", "genau"))]
            digits = f"0171 23{chance.randint(10000, 99999)}"
            before = await talker.booked()
            for text in (
                "Mein Pony fällt mir schon in die Augen",
                "Herrenhaarschnitt",
                f"Mittwoch um {10 + number} Uhr",
                "Jonas Meier",
                digits,
                "hm, das muss ich mir noch durch den Wischmopp gehen lassen",
            ):
                await talker.say(text)
            assert await talker.booked() == before, "a model said yes"
            await talker.say("ja")
            phone = f"+49{digits[1:].replace(' ', '')}"
            assert sorted(await talker.booked()) == sorted([*before, ("haircut_men", "Jonas Meier", phone)])
    assert len(stub.requests) >= 8


async def test_p3_the_rest_is_traced_and_what_was_right_is_done(opened: Opened, stub: ModelStub) -> None:
    stub.table = [
        row(
            "Wischmopp",
            ("start", "book_appointment", ""),
            ("set", "phone", "0171 9999999"),
            ("set", "colour_of_the_wall", "Wischmopp"),
            ("start", "sell_the_shop", ""),
            ("steal", "", ""),
        )
    ]
    async with opened() as talker:
        assert "Leistung" in await talker.say("Ich seh aus wie ein Wischmopp")
        understood = await talker.understood()
    assert understood["kinds"] == ["Start"]
    assert understood["stages"] == ["model:commands", "model:dropped"]
    assert spent_of(understood)["tokens_in"] > 100


def spent_of(understood: Mapping[str, Any]) -> Mapping[str, Any]:
    spent: Mapping[str, Any] = understood["spent"]
    return spent


async def test_the_budget_of_a_day_is_kept_and_the_operators_hear_of_it_once(opened: Opened, stub: ModelStub) -> None:
    stub.table = [row("Wischmopp", ("start", "book_appointment", ""))]
    model = {"money_per_day": 0.01, "price_in": 4.0, "price_out": 8.0}
    async with opened(model) as talker:
        alerts = []
        for number in range(4):
            talker.contact = f"dear-{number}"
            await talker.say("Ich seh aus wie ein Wischmopp")
            alerts.append((await talker.understood(number + 1))["alert"])
        last = await talker.understood(4)
    assert len(stub.requests) == 1 and "model:budget" in last["stages"] and last["spent"] is None
    assert alerts == ["", "model_budget", "", ""]


async def test_a_business_that_wants_no_model_has_none(opened: Opened, stub: ModelStub) -> None:
    async with opened({"use": False}) as talker:
        assert "Termin" in await talker.say("Ich seh aus wie ein Wischmopp")
    assert stub.requests == []
