"""What goes out: in order, taken over from the dead, withheld when a person took the conversation (laws 2, 3, 6)."""

from __future__ import annotations

import asyncio

from runtime.sessions.keys import SessionKey
from runtime.sessions.outbox import CHAT_KEPT
from runtime.sessions.shapes import Commit, Committed, OutboxLease, OutboxPart, OutboxView, Withheld
from runtime.sessions.store import Sessions
from tests.sessions.desk import IDLE, KEY, Opener, bot, said, taken


async def speak(sessions: Sessions, *parts: OutboxPart, generation: int = 0, key: SessionKey = KEY) -> Committed:
    """One whole turn that says these parts."""
    await sessions.append(key, said())
    turn = await taken(sessions)
    done = await sessions.commit(turn.lease, Commit(1, turn.words, b"", parts=parts, generation=generation))
    assert isinstance(done, Committed)
    return done


async def right(sessions: Sessions, *parts: OutboxPart, generation: int = 0, key: SessionKey = KEY) -> OutboxLease:
    """The right to deliver that comes with these parts."""
    lease = (await speak(sessions, *parts, generation=generation, key=key)).outbox
    assert lease is not None
    return lease


async def test_the_committer_delivers_in_order(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, *(bot(b"%d" % number) for number in range(12)))
    view = await sessions.outbox(lease)
    assert view == OutboxView(0, tuple(bot(b"%d" % number) for number in range(10)))
    assert await sessions.outbox_done(lease, 4)
    assert [part.body for part in (await sessions.outbox(lease)).parts] == [b"%d" % number for number in range(4, 12)]
    assert await sessions.outbox_done(lease, 8)
    assert (await sessions.outbox(lease)).parts == ()
    assert lease.lost


async def test_no_parts_no_outbox_and_one_deliverer_at_a_time(opener: Opener) -> None:
    sessions = await opener()
    assert (await speak(sessions)).outbox is None
    lease = await right(sessions, bot(b"one"))
    assert (await speak(sessions, bot(b"two"))).outbox is None
    assert await sessions.outbox_done(lease, 1)
    assert (await sessions.outbox(lease)).parts == (bot(b"two"),)
    assert await sessions.outbox_done(lease, 1)
    assert (await right(sessions, bot(b"three"))).token != lease.token


async def test_a_dead_deliverers_outbox_is_taken_over(opener: Opener) -> None:
    doomed = await opener()
    await right(doomed, bot(b"one"), bot(b"two"))
    await opener.kill(doomed)
    successor = await opener()
    lease = await asyncio.wait_for(successor.next_due_outbox(), 3)
    assert lease.key == KEY
    assert [part.body for part in (await successor.outbox(lease)).parts] == [b"one", b"two"]
    assert await successor.outbox_done(lease, 2)


async def test_a_stopped_deliverer_drops_nothing(opener: Opener) -> None:
    stopped = await opener(IDLE)
    old = await right(stopped, bot(b"one"))
    assert (await stopped.outbox(old)).parts
    successor = await opener()
    lease = await asyncio.wait_for(successor.next_due_outbox(), 3)
    assert not await stopped.outbox_done(old, 1)
    assert (await stopped.outbox(old)).parts == ()
    assert await stopped.deliver_local(old) == Withheld(0, ())
    assert (await successor.outbox(lease)).parts == (bot(b"one"),)


async def test_a_deliverer_keeps_its_outbox_as_long_as_it_works(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"slow"))
    try:
        await asyncio.wait_for(sessions.next_due_outbox(), 1.0)
        raise AssertionError("the outbox was taken over though its deliverer lives")
    except TimeoutError:
        assert await sessions.outbox_done(lease, 1)


async def test_an_outbox_waits_as_long_as_its_provider_wants(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"))
    await sessions.outbox_later(lease, 250)
    assert lease.lost
    assert (await speak(sessions, bot(b"two"))).outbox is None  # not even a new turn disturbs the wait
    again = await asyncio.wait_for(sessions.next_due_outbox(), 2)
    assert [part.body for part in (await sessions.outbox(again)).parts] == [b"one", b"two"]


async def test_a_repeated_done_drops_once(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"), bot(b"three"))
    await sessions.outbox(lease)
    assert await sessions.outbox_done(lease, 1)
    lease.head -= 1  # as if the answer had been lost
    assert await sessions.outbox_done(lease, 1)
    assert [part.body for part in (await sessions.outbox(lease)).parts] == [b"two", b"three"]


async def test_the_view_tells_the_owners_generation(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"late", 1), OutboxPart("operator", 2, b"I am Eva"), generation=2)
    view = await sessions.outbox(lease)
    assert view.generation == 2
    assert [(part.author, part.generation) for part in view.parts] == [("bot", 1), ("operator", 2)]


async def test_parts_of_a_bot_that_is_out_are_withheld(opener: Opener) -> None:
    sessions = await opener()
    late = bot(b"late\nbut\nwhole", 0)
    system = OutboxPart("system", 0, b"Eva joins")
    lease = await right(sessions, late, system, bot(b"new", 1), OutboxPart("operator", 1, b"hello"), generation=1)
    assert await sessions.deliver_local(lease) == Withheld(3, (late,))
    assert await sessions.read_chat(KEY, 0) == [(1, b"Eva joins"), (2, b"new"), (3, b"hello")]
    assert lease.lost


async def test_a_chat_is_numbered_without_gaps_and_keeps_200(opener: Opener) -> None:
    sessions = await opener()
    assert await sessions.read_chat(KEY, 0) == []
    for first in range(1, 251, 50):
        lease = await right(sessions, *(bot(b"%d" % number) for number in range(first, first + 50)))
        await sessions.deliver_local(lease)
    lines = await sessions.read_chat(KEY, 0)
    assert len(lines) == CHAT_KEPT
    assert lines[0] == (51, b"51")
    assert await sessions.read_chat(KEY, 248) == [(249, b"249"), (250, b"250")]
    assert await sessions.read_chat(KEY, 250) == []
    assert await sessions.read_chat(KEY, 999) == []


async def test_the_numbers_of_a_chat_go_on_after_it_was_forgotten(opener: Opener) -> None:
    sessions = await opener()
    await sessions.deliver_local(await right(sessions, bot(b"old")))
    await sessions.delete_session(KEY)
    assert await sessions.read_chat(KEY, 0) == []
    await sessions.deliver_local(await right(sessions, bot(b"new")))
    assert await sessions.read_chat(KEY, 1) == [(2, b"new")]


async def test_e9_the_question_sent_last_is_known_by_its_messages(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, bot(b"one"), bot(b"two"))
    assert await sessions.asked(KEY) == ()
    assert await sessions.outbox_done(lease, 1, asked="q1 101 102")
    assert await sessions.asked(KEY) == (("q1", "101", "102"),)
    assert await sessions.outbox_done(lease, 1)
    assert await sessions.asked(KEY) == (("q1", "101", "102"),)


async def test_a8_a_few_questions_before_the_last_one_are_known_too(opener: Opener) -> None:
    sessions = await opener()
    lease = await right(sessions, *(bot(b"part") for _ in range(8)))
    for number in range(8):
        assert await sessions.outbox_done(lease, 1, asked=f"q{number} {100 + number}")
    assert [question for question, _ in await sessions.asked(KEY)] == ["q7", "q6", "q5", "q4", "q3", "q2"]
