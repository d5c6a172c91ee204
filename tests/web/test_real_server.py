"""The whole way over HTTP: Telegram's updates in, the real desk behind them, what Telegram's stub got out of it."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from runtime.codec import load_state
from runtime.core.conversation import Conversation
from runtime.sessions.server import EmbeddedServer
from tests.support.real_desk import RealDesk, TelegramCustomer, real_desk

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).resolve().parents[1] / "channels" / "fixtures" / "telegram"
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "telegram"
Case = dict[str, Any]


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path) as real:
        yield real


@pytest.fixture
async def paula(real: RealDesk) -> TelegramCustomer:
    await real.add("salon")
    return TelegramCustomer(real, "salon", 4401200)


async def conversation_of(real: RealDesk, tenant: str, chat: object) -> Conversation | None:
    connection = await real.desk.door.connection(tenant, "telegram")
    assert connection is not None
    raw = await real.desk.sessions.read_state(real.desk.door.key(connection, str(chat)))
    return load_state(raw).conversation if raw else None


FIRST_MESSAGE = 1000
"""The stand-in counts its messages from here."""


# Every payload, twice at the same moment


def fixtures() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
    return {f"{name}.json": events for name, events in found.items()}


async def post_twice(real: RealDesk, folder: Path, headers: dict[str, dict[str, str] | None]) -> None:
    """Every payload to a business of its own, both copies at once."""
    bodies = {name: (folder / name).read_bytes() for name in headers}
    posts = [real.post(slug(name), bodies[name], headers[name]) for name in headers for _ in range(2)]
    assert set(await asyncio.gather(*posts)) == {200}
    await real.quiet()


def slug(name: str) -> str:
    """The parts of an album go to one business, everything else to its own."""
    plain = name.removesuffix(".json").replace("_", "-")
    return "album" if plain.startswith("album") else plain


def answers(real: RealDesk, cases: dict[str, list[Case]]) -> tuple[Counter[str], Counter[str]]:
    """How many answers went to which chat, and how many should have."""
    wanted: Counter[str] = Counter()
    for name in {slug(name): name for name in cases}.values():
        wanted.update({str(e["conversation_id"]) for e in cases[name] if e["answer"] is True})
    return Counter(str(one["chat_id"]) for one in real.stub.sent), wanted


async def test_own_fixtures_get_one_answer_or_none(real: RealDesk) -> None:
    cases = fixtures()
    await asyncio.gather(*(real.add(name) for name in {slug(name) for name in cases}))
    await post_twice(real, FIXTURES, dict.fromkeys(cases))
    got, wanted = answers(real, cases)
    assert got == wanted
    assert real.stub.objections == []
    assert {one["callback_query_id"] for one in real.stub.called("answerCallbackQuery")} == {"38870001", "38870002"}
    topics = [one.get("message_thread_id") for one in real.stub.sent if str(one["chat_id"]) == "-1009988776"]
    assert sum(1 for topic in topics if topic) == 1, "the forum's topic is answered in the topic"


async def test_shared_samples_get_one_answer_or_none(real: RealDesk) -> None:
    if not SAMPLES.is_dir():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{SAMPLES} is absent"
        pytest.skip("the shared samples are not beside the project")
    index = json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))["samples"]
    cases = {name: case["events"] for name, case in index.items()}
    secrets = {slug(name): next(iter(case["headers"].values())) for name, case in index.items()}
    await asyncio.gather(*(real.add(name, secret) for name, secret in secrets.items()))
    await post_twice(real, SAMPLES, {name: case["headers"] for name, case in index.items()})
    got, wanted = answers(real, cases)
    assert got == wanted
    hours = [one for one in real.stub.sent if "18 Uhr" in one["text"]]
    assert len(hours) == 1, "the question about today's hours is answered with them"
    assert sum("business_connection_id" in one for one in real.stub.sent) == 1
    assert real.stub.objections == []


# Who gets in


async def keys_of(real: RealDesk, tenant: str) -> list[str]:
    server = EmbeddedServer(real.desk.settings.data.absolute(), "normal", "")
    client = redis.asyncio.Redis(unix_socket_path=str(server.socket))
    async with client:
        return [key.decode() async for key in client.scan_iter() if f":{tenant}:".encode() in key]


def rows_of(real: RealDesk, tenant: str) -> dict[str, int]:
    """Table -> rows of this tenant, apart from its own configuration."""
    counted = {}
    with sqlite3.connect(real.desk.settings.data / "frontdesk.db") as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            if "tenant" in columns:
                count = database.execute(f"SELECT COUNT(*) FROM {table} WHERE tenant = ?", (tenant,)).fetchone()
                counted[table] = int(count[0])
    database.close()
    return {table: count for table, count in counted.items() if count and table not in ("tenants", "documents")}


async def test_what_is_not_signed_leaves_no_trace(real: RealDesk, paula: TelegramCustomer) -> None:
    body = json.dumps(paula.message("Hallo")).encode()
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}, {"X-Telegram-Bot-Api-Secret-Token": ""}):
        assert await real.post("salon", body, headers) in (401, 403)
    assert await real.post("nobody", body) == 404
    assert await real.post("demo", body) == 404, "the demo has no Telegram"
    await real.recorded()
    assert await keys_of(real, "salon") == [] and rows_of(real, "salon") == {} and real.stub.requests == []
    assert await real.post("salon", body) == 200
    await real.recorded()
    assert await keys_of(real, "salon") != [] and rows_of(real, "salon") != {}


ODD_BODIES = (
    b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b'{"update_id": 1}', b'{"update_id": "x", "message": 3}',
    b'{"message": {"chat": {"id": null}}}', b'{"update_id": 1e400}', b"[" * 90_000,
    b'{"update_id": 5, "message": {"message_id": 1, "chat": {"id": 9}, "from": {"id": 9}, "text": ""}}',
    b'{"update_id": 6, "message": {"message_id": 1, "chat": {"id": 9}, "from": {"id": 9}, "text": "\\u0000\\ud800"}}',
    b'{"update_id": 7, "message": {"message_id": 1, "chat": {"id": 9}, "text": "' + "Ä".encode() * 100_000 + b'"}}',
    b'{"update_id": 8, "callback_query": {"id": "1", "from": {"id": 9}, "data": "' + b"x" * 5000 + b'"}}',
)  # fmt: skip


async def test_no_body_is_our_fault(real: RealDesk, paula: TelegramCustomer) -> None:
    for body in ODD_BODIES:
        assert await real.post("salon", body) in (200, 400), body[:80]
    await real.quiet()
    assert await real.post("salon", b"{" + b" " * (5 << 20) + b"}") == 413
    assert "14 Uhr" in await paula.says("Wann ist morgen geöffnet?")
    kept = await real.desk.sessions.parked()
    assert {one.reason for one in kept} <= {"Not understood: unsupported."}, "no event killed its turn"


# Conversations


async def test_a_booking_with_buttons(real: RealDesk, paula: TelegramCustomer) -> None:
    first = await paula.says("Guten Tag, ich hätte gern am Mittwoch um 15 Uhr einen Herrenhaarschnitt")
    assert "digitale" in first and "Namen" in first
    assert "32 €" in await paula.says("Paula Brandl, 0561 5550199")
    assert "Parkplätze" in await paula.says("Wo kann ich parken?")
    assert "Donnerstag, 26. November, 15 Uhr" in await paula.says("nein, lieber am Donnerstag")
    assert "26. November" in await paula.presses("Ja")
    (booked,) = await real.desk.appointments.all("salon")
    assert (booked.service, booked.name, booked.status) == ("haircut_men", "Paula Brandl", "booked")
    assert booked.start.isoformat() == "2026-11-26T14:00:00+00:00"
    assert len(real.stub.called("answerCallbackQuery")) == 1
    assert "digitale" not in " ".join(one["text"] for one in paula.got[1:]), "said once"
    assert real.stub.objections == []


async def test_a_double_tap_and_an_old_button(real: RealDesk, paula: TelegramCustomer) -> None:
    await paula.says("Herrenhaarschnitt am Mittwoch um 15 Uhr für Paula Brandl, 0561 5550199")
    yes = paula.got[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await asyncio.gather(*(paula.update(paula.press(yes)) for _ in range(3)))
    await real.quiet()
    before = len(paula.got)
    await paula.update(paula.press(yes))
    await real.quiet()
    assert len(paula.got) == before + 1, "an old button is answered, too"
    assert len(await real.desk.appointments.all("salon")) == 1
    assert len(real.stub.called("answerCallbackQuery")) == 4


async def test_an_album_with_words_is_one_turn(real: RealDesk, paula: TelegramCustomer) -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
    updates = [paula.message("", media_group_id="g1", photo=photo) for _ in range(4)]
    updates[0]["message"]["caption"] = "Was kostet ein Herrenhaarschnitt?"
    for update in updates:
        del update["message"]["text"]
    await asyncio.gather(*(paula.update(one) for one in reversed(updates)))
    await real.quiet()
    assert len(paula.got) == 1 and "32 €" in paula.got[0]["text"]


async def test_talk_in_a_group_is_not_ours(real: RealDesk, paula: TelegramCustomer) -> None:
    group = {"chat": {"id": -100777, "type": "supergroup", "title": "Team"}}
    for text in ("wer bringt Kuchen mit?", "wann ist morgen offen?", "Termin um drei?"):
        await paula.update(paula.message(text, **group))
    await real.quiet()
    assert real.stub.sent == [] and await keys_of(real, "salon") == []
    await paula.update(paula.message("@studio_stub_bot wann ist morgen offen?", **group))
    await real.quiet()
    assert [str(one["chat_id"]) for one in real.stub.sent] == ["-100777"]


async def test_an_edit_is_read_but_not_answered(real: RealDesk, paula: TelegramCustomer) -> None:
    update = paula.message("Was kostet ein Herrenhaarschnitt?")
    await paula.update(update)
    await real.quiet()
    edited = {**update["message"], "text": "Was kostet Färben?", "edit_date": 1_795_170_020}
    await paula.update({"update_id": update["update_id"] + 500_000, "edited_message": edited})
    await real.quiet()
    assert len(paula.got) == 1


async def test_e9_a_thumb_on_the_open_summary_books_and_on_an_older_message_nothing_happens(
    real: RealDesk, paula: TelegramCustomer
) -> None:
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    await paula.says("Herrenhaarschnitt am Mittwoch um 15 Uhr für Paula Brandl, 0561 5550199")
    newest = FIRST_MESSAGE + len(real.stub.sent)
    for number, message in enumerate((FIRST_MESSAGE + 1, newest), 1):
        thumb = {"message_id": message, "chat": {"id": paula.chat, "type": "private"}, "user": paula.person}
        thumb |= {"date": 1_795_170_000, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
        await paula.update({"update_id": 990_000 + number, "message_reaction": thumb})
        await real.quiet()
        assert len(await real.desk.appointments.all("salon")) == number - 1
    assert FIRST_MESSAGE + len(paula.got) == newest + 1


async def test_a8_a_quote_picks_from_the_present_offers_and_of_older_ones_says_that_they_are_gone(
    real: RealDesk, paula: TelegramCustomer
) -> None:
    async def quotes(number: int, text: str) -> str:
        before = len(paula.got)
        await paula.update(paula.message(text, reply_to_message={"message_id": number}))
        return await paula._answered(before)

    assert "Was passt Ihnen?" in await paula.says("Herrenhaarschnitt am Mittwoch um 6 Uhr morgens")
    first = FIRST_MESSAGE + len(real.stub.sent)
    await paula.says("Lieber am Freitag um 6 Uhr morgens")
    second = FIRST_MESSAGE + len(real.stub.sent)
    gone = await quotes(first, "das zweite")
    assert "gilt so nicht mehr" in gone and gone.count("?") == 1
    assert "Fr" in json.dumps(paula.got[-1]["reply_markup"]), "what is free now"
    assert "Namen" in await quotes(second, "das zweite")


async def test_two_languages_at_once(real: RealDesk, paula: TelegramCustomer) -> None:
    jane = TelegramCustomer(real, "salon", 5502300, "en")
    german, english = await asyncio.gather(
        paula.says("Was kostet ein Herrenhaarschnitt?"), jane.says("How much is a men's haircut?")
    )
    assert "Guten Tag" in german and "Hello" in english


# When Telegram says no


async def until(real: RealDesk, paula: TelegramCustomer, count: int) -> None:
    """Until so many messages reached the chat, over retries that no turn knows of."""
    async with asyncio.timeout(20):
        while len(paula.got) < count:  # noqa: ASYNC110  # the stub is another program
            await asyncio.sleep(0.02)
    await real.quiet()


async def test_retry_after_is_kept_and_order_too(real: RealDesk, paula: TelegramCustomer) -> None:
    real.stub.plan = [{"status": 429, "retry_after": 2}]
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    await paula.says("Und wo kann ich parken?")
    await until(real, paula, 2)
    first, *_ = refused = [one for one in real.stub.requests if one["method"] == "sendMessage" and one["status"] == 429]
    (_, *later) = [one for one in real.stub.requests if one["method"] == "sendMessage"]
    assert len(refused) == 1 and all(one["at"] - first["at"] >= 1.9 for one in later)
    assert "32 €" in paula.got[0]["text"] and "Parkplätze" in paula.got[1]["text"]


async def test_server_errors_are_waited_out(real: RealDesk, paula: TelegramCustomer) -> None:
    real.stub.plan = [{"status": 500}, {"drop": True}, {}]
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    await until(real, paula, 1)
    assert len(paula.got) == 1 and "32 €" in paula.got[0]["text"]


async def test_who_blocked_us_is_left_alone_until_they_come_back(real: RealDesk, paula: TelegramCustomer) -> None:
    real.stub.plan = [{"status": 403}]
    assert await paula.says("Hallo") == ""
    conversation = await conversation_of(real, "salon", paula.chat)
    assert conversation is not None and conversation.blocked
    standing = {"chat": {"id": paula.chat, "type": "private"}, "from": paula.person, "date": 1_795_170_100}
    joined = {**standing, "old_chat_member": {"status": "kicked"}, "new_chat_member": {"status": "member"}}
    await paula.update({"update_id": 990_001, "my_chat_member": joined})
    assert "Herrenhaarschnitt" in await paula.says("Was kostet ein Herrenhaarschnitt?")


async def test_a_long_answer_comes_in_pieces(real: RealDesk) -> None:
    rules = " ".join(f"Punkt {number}: Im Salon gilt Rücksicht auf andere Gäste." for number in range(1, 161))
    await real.add("lang", facts=[{"q": {"de": ["Hausordnung"]}, "a": {"de": rules, "en": rules}}])
    paula = TelegramCustomer(real, "lang", 4401200)
    await paula.says("Wie ist die Hausordnung?")
    assert len(paula.got) > 1 and real.stub.objections == []
    assert "Punkt 1:" in paula.got[0]["text"] and "Punkt 160:" in " ".join(one["text"] for one in paula.got)
