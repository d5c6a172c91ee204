"""Parts that come too late for a provider's window: kept, told of once, and first in line when the customer is back."""

from __future__ import annotations

import asyncio

from runtime.sessions.keeping import MOST_KEPT
from runtime.sessions.shapes import BoxEvent, OutboxLease, ProviderNews, SentPart
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, bot
from tests.sessions.test_outbox import right, speak

NOTE = b'{"v":1,"kind":"delivery"'


async def wrote(sessions: Sessions, name: str) -> None:
    """The customer is back."""
    await sessions.append(KEY, BoxEvent(name, b"press", words=False, gather_ms=0, heard=True))


async def all_kept(sessions: Sessions, lease: OutboxLease, count: int) -> None:
    for _ in range(count):
        await sessions.outbox(lease)
        assert await sessions.kept.keep(lease, NOTE + b"}")


async def test_what_is_kept_is_told_of_once_and_the_outbox_is_left_alone(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    await all_kept(sessions, lease, 2)
    view = await sessions.outbox(lease)
    assert view.parts == () and view.untold == bot(b"one")
    assert await sessions.kept.told(lease) and lease.lost
    lease = await right(sessions, bot(b"three"))
    await all_kept(sessions, lease, 1)
    assert lease.lost, "everybody knows already"


async def test_the_customer_is_back_and_what_was_kept_comes_first(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    await all_kept(sessions, lease, 2)
    await sessions.kept.told(lease)
    await wrote(sessions, "back")
    found = await asyncio.wait_for(sessions.next_due_outbox(), 3)
    view = await sessions.outbox(found)
    assert [part.body for part in view.parts] == [b"one", b"two"] and view.untold is None and view.heard_ms > 0
    assert await sessions.outbox_done(found, 2)


async def test_a_deliverer_that_dies_after_keeping_leaves_the_telling_to_the_next(opener: Opener) -> None:
    doomed = await opener()
    await all_kept(doomed, await right(doomed, bot(b"one")), 1)
    await opener.kill(doomed)
    successor = await opener()
    found = await asyncio.wait_for(successor.next_due_outbox(), 3)
    assert (await successor.outbox(found)).untold == bot(b"one")
    assert await successor.kept.told(found)


async def test_a_repeated_keep_keeps_once(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    await sessions.outbox(lease)
    assert await sessions.kept.keep(lease, NOTE + b"}")
    lease.head -= 1  # as if the answer had been lost
    assert await sessions.kept.keep(lease, NOTE + b"}")
    assert [part.body for part in (await sessions.outbox(lease)).parts] == [b"two"]


async def test_only_so_much_is_kept(opener: Opener) -> None:
    sessions = await opener()
    await all_kept(sessions, await right(sessions, *(bot(b"%d" % n) for n in range(MOST_KEPT + 3))), MOST_KEPT + 3)
    await wrote(sessions, "back")
    found = await asyncio.wait_for(sessions.next_due_outbox(), 3)
    assert (await sessions.outbox(found)).parts[0].body == b"3"


async def test_what_the_provider_refuses_afterwards_is_kept_too_and_only_once(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"))
    await sessions.outbox_sent(lease, b"", "", SentPart("p1", "q1", 1000, ("m1",), NOTE, windowed=True))
    late = ProviderNews("failed", ("m1",), NOTE, 0, "131047", "window_closed")
    assert [(f.part, f.status) for f in await sessions.sent.mark(KEY, late)] == [("p1", "kept")]
    assert await sessions.sent.mark(KEY, late) == ()
    found = await asyncio.wait_for(sessions.next_due_outbox(), 3)
    assert (await sessions.outbox(found)).untold == bot(b"one")
    assert await sessions.kept.told(found)
    assert (await speak(sessions, bot(b"two"))).outbox is not None


async def in_three_pieces(sessions: Sessions) -> OutboxLease:
    """One part that went out as three messages, `m0` to `m2`."""
    lease = await right(sessions, bot(b"one"), bot(b"two"), bot(b"three"), bot(b"rest"))
    for number in range(3):
        await sessions.outbox(lease)
        piece = SentPart("p1", "q1", 1000, (f"m{number}",), NOTE, 2 - number, windowed=True)
        await sessions.outbox_sent(lease, b"", "", piece)
    await sessions.outbox(lease)
    return lease


def too_late(message_id: str) -> ProviderNews:
    return ProviderNews("failed", (message_id,), NOTE, 0, "131047", "window_closed")


async def test_words_that_come_while_a_part_is_kept_let_it_out_again(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"))
    await sessions.outbox(lease)
    await wrote(sessions, "meanwhile")
    assert await sessions.kept.keep(lease, NOTE + b"}")
    view = await sessions.outbox(lease)
    assert [part.body for part in view.parts] == [b"one"] and view.untold is None


async def test_words_that_come_before_the_provider_calls_a_part_too_late_let_it_out_again(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"))
    await sessions.outbox(lease)
    await sessions.outbox_sent(lease, b"", "", SentPart("p1", "q1", 1000, ("m1",), NOTE, windowed=True))
    await wrote(sessions, "meanwhile")
    await sessions.sent.mark(KEY, too_late("m1"))
    found = await asyncio.wait_for(sessions.next_due_outbox(), 3)
    assert [part.body for part in (await sessions.outbox(found)).parts] == [b"one"]


async def test_each_piece_that_came_too_late_is_kept_and_those_alone(opener: Opener) -> None:
    sessions = await opener()
    lease = await in_three_pieces(sessions)
    await sessions.sent.mark(KEY, ProviderNews("delivered", ("m0",), NOTE, 0, "", ""))
    for number in (1, 2):
        assert [f.status for f in await sessions.sent.mark(KEY, too_late(f"m{number}"))] == ["kept"]
    await wrote(sessions, "back")
    view = await sessions.outbox(lease)
    assert [part.body for part in view.parts] == [b"two", b"three", b"rest"]
    assert [f.status for f in await sessions.sent.mark(KEY, ProviderNews("read", ("m0",), NOTE, 0, "", ""))] == ["read"]


async def test_a_piece_is_kept_also_when_the_provider_is_quicker_than_its_own_answer(opener: Opener) -> None:
    sessions = await opener()
    for number in range(3):
        await sessions.sent.mark(KEY, too_late(f"m{number}"))
    lease = await in_three_pieces(sessions)
    await wrote(sessions, "back")
    view = await sessions.outbox(lease)
    assert [part.body for part in view.parts] == [b"one", b"two", b"three", b"rest"]
