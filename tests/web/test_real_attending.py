"""Read marks and typing: once a turn has begun, never while a person has it, and nothing waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.meta_desk import MetaCustomer, MetaDesk, meta_desk

PAULA, KEN = "491755501234", "7712345600112233"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[MetaDesk]:
    async with meta_desk(tmp_path) as found:
        yield found


def shown(desk: MetaDesk) -> list[dict[str, Any]]:
    """Requests that show something and say nothing."""
    return [r.body for r in desk.graph.requests if r.body.get("status") == "read" or "sender_action" in r.body]


async def until_shown(desk: MetaDesk, count: int) -> None:
    async with asyncio.timeout(5):
        while len(shown(desk)) < count:  # noqa: ASYNC110  # the provider tells nobody
            await asyncio.sleep(0.01)


async def test_whatsapp_words_are_read_and_typing_is_shown_in_one_call(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.writes("Hallo")
    await until_shown(desk, 1)
    mark = shown(desk)[0]
    assert mark["typing_indicator"] == {"type": "text"} and mark["message_id"].startswith("wamid.in")
    assert not desk.graph.objections


async def test_the_page_shows_typing_too(desk: MetaDesk) -> None:
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.writes("Hallo")
    await until_shown(desk, 1)
    assert not desk.graph.objections


async def test_a_burst_and_the_next_turns_show_it_once(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    for text in ("Hallo", "ich hätte gern", "einen Termin"):
        await paula.writes(text)
    await until_shown(desk, 1)
    await paula.says("Damenhaarschnitt")
    assert len([one for one in shown(desk) if one.get("status") == "read"]) == 1


async def test_nothing_is_shown_while_a_person_has_it_or_for_a_status(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.echo("Hier ist Ida.")
    await desk.real.quiet()
    await paula.says("Hallo?")
    await paula.status("wamid.unknown", "read")
    await desk.real.quiet()
    assert not shown(desk)


async def test_a_provider_that_hangs_delays_no_answer(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    desk.real.desk.loop.attention._http = _Hanging()  # type: ignore[assignment]  # only its calls hang
    async with asyncio.timeout(4):
        assert await paula.says("Hallo")


class _Hanging:
    """A way out on which nothing ever comes back."""

    async def post_json(self, *_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()
