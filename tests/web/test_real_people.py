"""People behind the desk over HTTP, with the real desk: tickets, handoffs with their cards, transcripts."""

from __future__ import annotations

import json
import os
import sys
from asyncio import create_subprocess_exec, subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runtime.records.journal import project
from tests.records.test_tickets import asked, opened
from tests.support.real_desk import RealDesk, real_desk

pytestmark = pytest.mark.slow


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path) as real:
        yield real


async def command(real: RealDesk, *words: str) -> tuple[str, Any]:
    """What a command shows beside the running desk: its lines, and its JSON."""
    shown = []
    for more in ((), ("--json",)):
        arguments = (*words, "--data", str(real.desk.settings.data), *more)
        process = await create_subprocess_exec(
            sys.executable, "-m", "runtime.cli", *arguments, stdout=subprocess.PIPE, env={**os.environ}
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        shown.append(out.decode())
    return shown[0], json.loads(shown[1])


async def test_tickets_are_listed_assigned_and_closed(real: RealDesk) -> None:
    await project(real.desk.database, asked(opened(), tenant="demo"))
    status, answer = await real.ask_api("tickets?tenant=demo")
    assert status == 200 and [one["kind"] for one in answer["tickets"]] == ["callback"]
    assert answer["tickets"][0]["phone"] == "+4930901820"
    lines, rows = await command(real, "tickets")
    assert "callback" in lines and "Jörg Weiß" in lines
    assert rows[0]["id"] == "t1" and rows[0]["opened_at"].endswith("+01:00")
    status, answer = await real.ask_api("tickets/t1/assign", {"operator": "Linde"})
    assert status == 200 and (answer["ticket"]["status"], answer["ticket"]["operator"]) == ("pending", "Linde")
    assert (await real.ask_api("tickets/t1/close?tenant=demo", {"operator": "Linde"}))[0] == 200
    assert (await real.ask_api("tickets"))[1]["tickets"] == []
    assert [one["status"] for one in (await real.ask_api("tickets?all=1"))[1]["tickets"]] == ["closed"]
    assert (await real.ask_api("tickets/t1/close?tenant=other", {"operator": "Linde"}))[0] == 404
    assert (await real.ask_api("tickets/t1/close", {}))[0] == 400
    assert (await real.ask_api("tickets/t1/burn", {"operator": "Linde"}))[0] == 404
    async with real.http.get(f"{real.url}/v1/tickets") as unsigned:
        assert unsigned.status == 403


async def id_of(real: RealDesk, contact: str) -> str:
    connection = await real.desk.door.connection("demo", "api")
    assert connection is not None
    return real.desk.door.key(connection, contact).conversation


async def test_f9_the_handoff_is_shown_with_its_card(real: RealDesk) -> None:
    desk = real.desk
    await desk.say(tenant="demo", contact="jane", text="Ich möchte am Mittwoch um drei einen Herrenhaarschnitt")
    await desk.say(tenant="demo", contact="jane", text="Ich möchte mit einem Menschen sprechen")
    await real.recorded()
    _, answer = await real.ask_api("handoffs?tenant=demo")
    (handoff,) = answer["handoffs"]
    card = handoff["card"]
    assert (card["reason"], card["flow"], card["slots"]["service"]) == ("asked", "book_appointment", "haircut_men")
    assert card["last_words"][-1] == "Ich möchte mit einem Menschen sprechen"
    lines, rows = await command(real, "handoffs")
    assert "asked" in lines and rows[0]["card"] == card


async def test_a_conversation_is_read_with_words_notes_and_where_it_stands(real: RealDesk) -> None:
    await real.desk.say(tenant="demo", contact="jane", text="Mensch")
    conversation = await id_of(real, "jane")
    await real.recorded()
    assert (await real.operate(conversation, "claim"))[0] == 200
    assert (await real.operate(conversation, "note", text="Stammkundin"))[0] == 200
    assert (await real.operate(conversation, "reply", text="Guten Tag, hier ist Ida."))[0] == 200
    await real.desk.say(tenant="demo", contact="jane", text="Hallo Ida")
    await real.recorded()
    status, found = await real.ask_api(f"conversations/{conversation}")
    assert status == 200 and (found["phase"], found["owner"], found["running"]) == ("owned", "Ida", True)
    assert found["waiting_since"] and found["card"]["reason"] == "asked"
    kinds = [line["kind"] for line in found["lines"]]
    assert kinds.index("said") < kinds.index("handoff.opened") < kinds.index("handoff.claimed") < kinds.index("note")
    said = [(line["author"], line["text"]) for line in found["lines"] if line["kind"] in ("said", "part")]
    assert said[0] == ("contact", "Mensch") and said[-2:] == [
        ("operator", "Guten Tag, hier ist Ida."),
        ("contact", "Hallo Ida"),
    ]
    assert (await real.ask_api("conversations/none"))[0] == 404
    async with real.http.get(f"{real.url}/v1/conversations/{conversation}") as unsigned:
        assert unsigned.status == 403


async def test_k3_a_callback_is_asked_for_in_words_and_stands_in_the_list(real: RealDesk) -> None:
    desk = real.desk
    (reply,) = await desk.say(tenant="demo", contact="jane", text="Können Sie mich bitte zurückrufen?")
    assert "Nummer" in reply
    (reply,) = await desk.say(tenant="demo", contact="jane", text="0561 5550199")
    assert "Wann" in reply
    (reply,) = await desk.say(tenant="demo", contact="jane", text="heute um 15 Uhr")
    assert "15:30 Uhr" in reply
    await real.recorded()
    (ticket,) = (await real.ask_api("tickets"))[1]["tickets"]
    assert (ticket["kind"], ticket["phone"]) == ("callback", "+495615550199")
    assert ticket["due_at"].startswith("2026-11-20 14:30")


async def test_k15_reassigned_through_the_api(real: RealDesk) -> None:
    await real.desk.say(tenant="demo", contact="jane", text="Mensch")
    conversation = await id_of(real, "jane")
    await real.recorded()
    assert (await real.operate(conversation, "claim"))[0] == 200
    status, answer = await real.operate(conversation, "claim", operator="Tom", how="reassign")
    assert status == 200 and answer["owner"] == "Tom"
    assert (await real.operate(conversation, "reply", text="Noch da?"))[0] == 409
    await real.recorded()
    ((handoff,),) = (list((await real.ask_api("handoffs"))[1].values()),)
    assert [one["operator"] for one in handoff] == ["Tom"]


async def test_k13_an_operator_books_through_the_api(real: RealDesk) -> None:
    await real.desk.say(tenant="demo", contact="jane", text="Mensch")
    conversation = await id_of(real, "jane")
    await real.recorded()
    assert (await real.operate(conversation, "claim"))[0] == 200
    wanted = {"service": "haircut_men", "start": "2026-11-25T15:00", "name": "Jane Moor", "phone": "+495615550199"}
    body = {"operator": "Ida", "arguments": wanted}
    status, answer = await real.ask_api(f"conversations/{conversation}/book", {**body, "message_id": "b1"})
    assert status == 200 and answer["phase"] == "owned"
    assert (await real.ask_api(f"conversations/{conversation}/book", {**body, "message_id": "b1"}))[0] == 200
    (booked,) = await real.desk.appointments.all("demo")
    assert booked.name == "Jane Moor" and booked.status == "booked"
    await real.recorded()
    _, found = await real.ask_api(f"conversations/{conversation}")
    (action,) = (line["facts"] for line in found["lines"] if line["kind"] == "action")
    assert action["actor"] == "Ida"
    told = [line["text"] for line in found["lines"] if line["kind"] == "part" and "hat gebucht" in line["text"]]
    assert told == ["Ida hat gebucht: Herrenhaarschnitt, Mittwoch, 25. November, 15 Uhr."]
    status, answer = await real.ask_api(f"conversations/{conversation}/book", {"operator": "Tom", "arguments": wanted})
    assert status == 409 and answer["owner"] == "Ida"
