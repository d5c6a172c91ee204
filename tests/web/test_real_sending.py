"""What customers of WhatsApp and Messenger see of long answers and of questions with choices, through the real desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.meta_desk import MetaCustomer, MetaDesk, meta_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[MetaDesk]:
    async with meta_desk(tmp_path) as found:
        yield found


LONG = " ".join(f"Hinweis {number}: bitte lesen Sie ihn in Ruhe, z. B. am 24. November." for number in range(58))


async def test_a_long_answer_comes_in_whole_sentences_and_once(desk: MetaDesk) -> None:
    await desk.connect()
    paula = MetaCustomer(desk, "7711223344", page=True)
    await paula.says("Ich möchte mit einem Menschen sprechen")
    await desk.taken(paula)
    before = len(paula.got)
    desk.graph.plan = [{}, {"status": 502}]
    await desk.replied(paula, LONG)
    await desk.settled(paula, before + 2)
    pieces = paula.texts[before:]
    assert " ".join(pieces) == LONG
    assert all(piece.startswith("Hinweis") and piece.endswith("November.") for piece in pieces)
    assert (await desk.statuses(paula))[-1] == (LONG, "sent"), "one bubble for the people, however many messages"


@pytest.mark.parametrize("page", [False, True], ids=["whatsapp", "messenger"])
async def test_a_choice_can_be_typed_by_its_number(desk: MetaDesk, page: bool) -> None:
    await desk.connect()
    paula = MetaCustomer(desk, "4915112345678" if not page else "7711223344", page=page)
    await paula.says("Ich hätte gern einen Herrenhaarschnitt am Dienstag")
    shown = str(paula.got[-1])
    assert "1. " in shown and "2. " in shown, shown
    said = await paula.says("2")
    assert "Name" in said or "name" in said or "heißen" in said, said
    assert desk.graph.objections == []
