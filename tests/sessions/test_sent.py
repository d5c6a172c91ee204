"""What a provider tells of our messages: doubled, out of order, too early, and never of another conversation."""

from __future__ import annotations

import asyncio
import itertools
import json
import random

import pytest

from runtime.operating.archive import read_session, session_line
from runtime.sessions.keys import SessionKey
from runtime.sessions.portable import clear, dumped, load
from runtime.sessions.sent import PARTS_KEPT, RANKS
from runtime.sessions.shapes import Fate, OutboxLease, ProviderNews, SentPart
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, bot
from tests.sessions.test_outbox import right

HEAD = b'{"v":1,"kind":"delivery"'


def out(part: str, *ids: str, at_ms: int = 1000, question: str = "q1") -> SentPart:
    return SentPart(part, question, at_ms, ids, HEAD)


def news(status: str, *ids: str, watermark_ms: int = 0, code: str = "", why: str = "") -> ProviderNews:
    return ProviderNews(status, ids, HEAD, watermark_ms, code, why)


async def sent(sessions: Sessions, lease: OutboxLease, one: SentPart) -> tuple[Fate, ...]:
    kept, early = await sessions.outbox_sent(lease, b"", "", one)
    assert kept
    return early


async def noted(sessions: Sessions) -> list[tuple[str, str]]:
    """Part and status of all notes of deliveries that are on their way into the records."""
    entries = [json.loads(entry.body) for entry in await sessions.read_journal(200, 0)]
    return [(entry["part"], entry["status"]) for entry in entries]


async def test_news_of_a_message_finds_its_part_and_is_noted_once(opener: Opener) -> None:
    sessions = await opener()
    await sent(sessions, await right(sessions, bot(b"one")), out("p1", "m1"))
    assert await sessions.sent.mark(KEY, news("delivered", "m1")) == (Fate("p1", "q1", "delivered"),)
    assert await sessions.sent.mark(KEY, news("delivered", "m1")) == (Fate("p1", "q1", "delivered"),)
    assert await sessions.sent.mark(KEY, news("read", "m1")) == (Fate("p1", "q1", "read"),)
    assert await sessions.sent.mark(KEY, news("delivered", "m1")) == (Fate("p1", "q1", "read"),)
    assert await noted(sessions) == [("p1", "delivered"), ("p1", "read")]


async def test_a_part_of_two_messages_is_delivered_with_the_last_and_failed_with_any(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    await sent(sessions, lease, out("p1", "m1", "m2"))
    await sent(sessions, lease, out("p2", "m3", "m4", question=""))
    assert (await sessions.sent.mark(KEY, news("read", "m1")))[0].status == "sent"
    assert (await sessions.sent.mark(KEY, news("delivered", "m2")))[0].status == "delivered"
    assert await sessions.sent.mark(KEY, news("failed", "m4", code="131026", why="undeliverable")) == (
        Fate("p2", "", "failed", "131026", "undeliverable"),
    )
    assert await noted(sessions) == [("p1", "delivered"), ("p2", "failed")]


async def test_a_part_in_pieces_is_delivered_with_its_last_piece(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"), bot(b"three"))
    await sent(sessions, lease, SentPart("p1", "q1", 1000, ("m1",), HEAD, to_come=1))
    assert await sessions.sent.mark(KEY, news("read", "m1", watermark_ms=5000)) == (Fate("p1", "q1", "sent"),)
    await sent(sessions, lease, out("p1", "m2", at_ms=6000))
    await sent(sessions, lease, out("p2", "m3", at_ms=6000))
    assert await sessions.sent.mark(KEY, news("delivered", "m2")) == (Fate("p1", "q1", "delivered"),)
    assert await sessions.sent.mark(KEY, news("delivered", "m3")) == (Fate("p2", "q1", "delivered"),)


async def test_a_part_in_three_pieces_is_delivered_with_its_last_piece(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"), bot(b"three"))
    for number in range(3):
        await sent(sessions, lease, SentPart("p1", "q1", 1000, (f"m{number}",), HEAD, to_come=2 - number))
    told = [await sessions.sent.mark(KEY, news("delivered", f"m{number}")) for number in range(3)]
    assert [found[0].status for found in told] == ["sent", "sent", "delivered"]


async def test_a_watermark_speaks_of_everything_that_was_sent_before_it(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, *(bot(b"part") for _ in range(3)))
    for number in (1, 2, 3):
        await sent(sessions, lease, out(f"p{number}", f"m{number}", at_ms=1000 * number))
    found = await sessions.sent.mark(KEY, news("read", watermark_ms=2500))
    assert [(one.part, one.status) for one in found] == [("p1", "read"), ("p2", "read")]


async def test_news_that_comes_before_the_answer_of_our_send_is_not_lost(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    assert await sessions.sent.mark(KEY, news("read", "m1")) == ()
    assert await sessions.sent.mark(KEY, news("delivered", "m1")) == ()
    assert await sessions.sent.mark(KEY, news("failed", "m2", code="131026", why="undeliverable")) == ()
    assert await sent(sessions, lease, out("p1", "m1")) == (Fate("p1", "q1", "read"),)
    assert await sent(sessions, lease, out("p2", "m2")) == (Fate("p2", "q1", "failed", "131026", "undeliverable"),)
    assert await noted(sessions) == [("p1", "read"), ("p2", "failed")]


async def test_a_watermark_may_come_before_the_answer_of_our_send_too(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    await sessions.sent.mark(KEY, news("read", watermark_ms=2000))
    assert [one.status for one in await sent(sessions, lease, out("p1", "m1", at_ms=1900))] == ["read"]
    assert await sent(sessions, lease, out("p2", "m2", at_ms=2100)) == ()


async def test_the_mapping_outlives_its_process_and_is_bounded(opener: Opener) -> None:
    doomed = await opener()
    lease = await right(doomed, *(bot(b"part") for _ in range(PARTS_KEPT + 2)))
    for number in range(PARTS_KEPT + 1):
        await sent(doomed, lease, out(f"p{number}", f"m{number}"))
    await opener.kill(doomed)
    successor = await opener()
    assert await successor.sent.mark(KEY, news("read", "m0")) == ()
    assert len(await successor.sent.mark(KEY, news("read", "m1"))) == 1
    for number in range(200):
        assert await successor.sent.mark(KEY, news("read", f"unknown{number}")) == ()


async def test_news_is_a_conversations_and_a_tenants_own(opener: Opener) -> None:
    sessions = await opener()
    await sent(sessions, await right(sessions, bot(b"one")), out("p1", "m1"))
    for other in (SessionKey("other", KEY.conversation), SessionKey(KEY.tenant, "another")):
        assert await sessions.sent.mark(other, news("failed", "m1")) == ()
    assert (await sessions.sent.mark(KEY, news("sent", "m1")))[0].status == "sent"


async def test_an_erased_conversation_keeps_no_ids(opener: Opener) -> None:
    sessions = await opener()
    await sent(sessions, await right(sessions, bot(b"one")), out("p1", "m1"))
    await sessions.delete_session(KEY)
    assert await sessions.sent.mark(KEY, news("read", "m1")) == ()


async def test_any_order_of_sends_and_news_ends_in_the_same_fate_and_none_goes_back(opener: Opener) -> None:
    """Law: ranks only go up, and the last word does not depend on what came first."""
    chance = random.Random(20)
    sessions = await opener()
    for turn in range(4):
        told = [("m1", chance.choice(list(RANKS))) for _ in range(2)] + [("m2", chance.choice(list(RANKS)))]
        ends = set()
        for number, order in enumerate(itertools.permutations(["send", *told])):
            key = SessionKey("acme", f"c{turn}x{number}")
            ends.add(await _played(sessions, key, order))
        assert len(ends) == 1, (told, ends)


async def _played(sessions: Sessions, key: SessionKey, order: tuple[object, ...]) -> str:
    seen = [0]
    for one in order:
        if one == "send":
            lease = await right(sessions, bot(b"part"), key=key)
            found = await sent(sessions, lease, out("p", "m1", "m2"))
        else:
            assert isinstance(one, tuple)
            found = await sessions.sent.mark(key, news(one[1], one[0]))
        seen += [RANKS[fate.status] for fate in found[-1:]]
    assert seen == sorted(seen)
    return (await sessions.sent.mark(key, news("sent", "m1")))[0].status


async def test_a_backup_holds_what_is_out_and_what_is_kept(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"out"), bot(b"kept"))
    await sent(sessions, lease, out("p1", "m1"))
    assert await sessions.kept.keep(lease, HEAD + b"}")
    route = sessions._routes.work  # as the backup does
    stored = [read_session(session_line(one)) async for one in dumped(route)]
    await clear(route)
    assert await sessions.sent.mark(KEY, news("read", "m1")) == ()
    await load(route, stored)
    assert (await sessions.sent.mark(KEY, news("read", "m1")))[0].part == "p1"
    assert await route.call(KEY.partition, "LLEN", f"fd:{{p{KEY.partition:02d}}}:kept:{KEY.name}") == 1


class Killed(Exception):
    """The process ends here."""


async def killed(found: tuple[Fate, ...]) -> None:
    """Telling the conversation is as far as the process comes."""
    if any(fate.status in ("failed", "kept") for fate in found):
        raise Killed


async def test_an_early_failure_is_told_by_the_next_when_its_process_dies_before_telling(opener: Opener) -> None:
    for why, fate in (("undeliverable", "failed"), ("window_closed", "kept")):
        key = SessionKey("salon", why)
        doomed = await opener()
        lease = await right(doomed, bot(b"one"), key=key)
        part = SentPart("p1", "q1", 1000, ("m1",), HEAD, windowed=True)
        await doomed.sent.mark(key, news("failed", "m1", code="1", why=why))
        with pytest.raises(Killed):
            await doomed.outbox_sent(lease, b"", "", part, killed)
        await opener.kill(doomed)
        successor = await opener()
        told: list[Fate] = []

        async def tell(found: tuple[Fate, ...], told: list[Fate] = told) -> None:
            told += found

        lease = await asyncio.wait_for(successor.next_due_outbox(), 3)
        assert [one.body for one in (await successor.outbox(lease)).parts] == [b"one"], "it is sent once more"
        kept, early = await successor.outbox_sent(lease, b"", "", part, tell)
        assert kept and early == tuple(told) == (Fate("p1", "q1", fate, "1", why),)
        await opener.kill(successor)


async def test_too_late_is_told_by_the_next_when_its_process_dies_before_telling(opener: Opener) -> None:
    doomed = await opener()
    lease = await right(doomed, bot(b"one"))
    await doomed.outbox_sent(lease, b"", "", SentPart("p1", "q1", 1000, ("m1",), HEAD, windowed=True))
    late = news("failed", "m1", code="131047", why="window_closed")
    with pytest.raises(Killed):
        await doomed.sent.mark(KEY, late, killed)
    await opener.kill(doomed)
    successor = await opener()
    told: list[tuple[Fate, ...]] = []

    async def tell(found: tuple[Fate, ...]) -> None:
        told.append(found)

    assert await successor.sent.mark(KEY, late, tell) == (Fate("p1", "q1", "kept", "131047", "window_closed"),)
    assert told[0] == (Fate("p1", "q1", "kept", "131047", "window_closed"),)
    lease = await asyncio.wait_for(successor.next_due_outbox(), 3)
    assert (await successor.outbox(lease)).untold == bot(b"one"), "kept once"
    assert await successor.sent.mark(KEY, late) == ()
