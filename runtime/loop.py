"""The central loop: take a conversation, play its turn, commit, deliver. Any number of these, in any process.

What may go wrong has one answer each: newer words -> the turn runs again; lease lost -> somebody else does it;
storage away -> given back, later; our own mistake -> given back, and after three tries the event is parked.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import orjson

from runtime.alerts import sound
from runtime.attending import Attention
from runtime.clocks import play_at
from runtime.codec import (
    Boxed,
    NewerShape,
    Origin,
    State,
    Unreadable,
    box,
    dump_facts,
    dump_state,
    load_state,
    salvaged,
    unbox,
)
from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.core.events import Parked
from runtime.core.messages import OWN_CHATS
from runtime.delivery import Deliverer
from runtime.desks import DeskBook
from runtime.errors import BugError, FrontdeskError, StorageUnavailable
from runtime.identifiers import ulid
from runtime.identities import reached_at
from runtime.intake import Door
from runtime.newer import Newer
from runtime.patience import Purse
from runtime.records.contacts import Contacts
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import (
    Commit,
    Committed,
    Empty,
    Held,
    Later,
    LeaseLost,
    OutboxLease,
    ReadyEntry,
    Stale,
    Taken,
)
from runtime.sessions.store import Sessions
from runtime.telemetry import about, count, observe
from runtime.tracing import Trail
from runtime.trails import begin_trail, count_turn
from runtime.turn import Player, StaleTurn, Turn, outbox_parts

_log = logging.getLogger(__name__)
RUNS_A_TURN = 3
"""A turn runs again for newer words at most twice; the third run is committed as it is."""
TRIES = 3
RETRY_MS = 1000
LONGEST_RETRY_MS = 5000


class Loop:
    """Takes turns until it is stopped."""

    def __init__(
        self,
        sessions: Sessions,
        player: Player,
        desks: DeskBook,
        deliverer: Deliverer,
        contacts: Contacts,
        workers: int,
        door: Door,
        newer_wait_s: float = 120.0,
    ) -> None:
        self.sessions = sessions
        self.player = player
        self.desks = desks
        self.deliverer = deliverer
        self.contacts = contacts
        self.door = door
        self.attention = Attention(deliverer.channels, deliverer.connections, deliverer.http)
        self.newer = Newer(sessions, newer_wait_s)
        self._slots = asyncio.Semaphore(workers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = time.monotonic()

    def stuck_s(self) -> float:
        """How long every worker has been busy without any of them coming to an end; 0 while one is free."""
        return time.monotonic() - self._moved if self._tasks and self._slots.locked() else 0.0

    async def run(self) -> None:
        """Take turn after turn; each runs as a task of its own, at most `workers` at once."""
        while True:
            await self.door.courtesy.after_you()
            await self._slots.acquire()
            try:
                entry = await self.sessions.next_ready()
            except BaseException:
                self._slots.release()
                raise
            task = asyncio.create_task(self._work(entry))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._moved = time.monotonic()
        self._tasks.discard(task)
        self._slots.release()

    @property
    def busy(self) -> int:
        """How many turns are in flight in this process."""
        return len(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Let the turns in flight end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.attention.stop()

    async def _work(self, entry: ReadyEntry) -> None:
        """One ready entry; the outermost place, where nothing may fall through."""
        with about(tenant=entry.key.tenant, conversation=entry.key.conversation):
            try:
                began = time.perf_counter()
                taken = await self.sessions.take(entry)
                match taken:
                    case Later(wait_ms):
                        self.sessions.defer(entry, wait_ms)
                    case Held() | Empty():
                        pass
                    case Taken():
                        await self._guarded(taken, time.perf_counter() - began)
            except FrontdeskError as error:
                _log.warning("A turn could not be taken: %s", error)

    async def _guarded(self, taken: Taken, took_s: float) -> None:
        """Play a turn and give the conversation back whatever happens."""
        try:
            await self._turn(taken, took_s)
        except LeaseLost as error:
            count("turns_lost")
            _log.warning("A turn goes on elsewhere: %s", error)
        except NewerShape as error:
            await self.sessions.release(taken.lease, wait_ms=self.newer.put_off(taken, error), blame=False)
        except StorageUnavailable as error:
            _log.warning("A turn is put off: %s", error)
            await self.sessions.release(taken.lease, wait_ms=RETRY_MS, blame=False)
        except asyncio.CancelledError:
            await asyncio.shield(self.sessions.release(taken.lease, blame=False))
            raise
        except Exception:
            # One of the three outermost loops: a mistake of ours costs this try, not the worker.
            count("turns_failed")
            _log.exception("A turn failed")
            await self.sessions.release(taken.lease, wait_ms=min(LONGEST_RETRY_MS, 50 * 4**taken.tries))

    async def _turn(self, taken: Taken, took_s: float) -> None:
        """Play until the commit is accepted; newer words mean to play again with everything."""
        began = time.monotonic()
        joined, purse = False, Purse()
        await self.door.courtesy.one_by_one()
        for run in range(RUNS_A_TURN + 1):  # one more for words that a write must not pass by
            try:
                state = self._state(taken)
            except NewerShape:
                if not self.newer.session_waited_enough(taken):
                    raise
                await self.newer.set_aside(taken, self.player.clock.now())
                return await self.sessions.release(taken.lease)
            events = await self._readable(taken)
            if events is None:
                return
            turn = await self._begin(taken, state, events, check=run < RUNS_A_TURN - 1)
            turn.joined, turn.purse = joined, purse
            self.attention.noticed(turn.conversation, events)
            begin_trail(turn, events, took_s)
            try:
                await self._play(turn, taken, state, events)
                with turn.trail.stage("commit"):
                    committed = await self._commit(turn)
            except StaleTurn as stale:
                count("turns_stale")
                joined = joined or turn.joined
                purse.again()
                taken = await self._again(taken, stale.wait_ms)
                continue
            await self._after(turn, committed, began)
            return
        raise BugError("A turn was refused although nothing was checked.")

    async def _play(self, turn: Turn, taken: Taken, state: State | None, events: Sequence[Boxed]) -> None:
        """Finish an open intent, or play what waits; a box that keeps killing its turns is taken apart."""
        if state is not None and state.open is not None:
            count("intents_recovered")
            await self.player.finish(turn, state.open, give_up=taken.tries > TRIES)
        elif taken.tries > TRIES and events:
            await self.player.play(turn, taken, await self._park(taken, events[0]))
        elif taken.tries == TRIES and not turn.joined:
            # On the last try only the first event runs, so that the one at fault shows itself. Not earlier: most tries
            # end with their worker, not by an event, and a burst must stay whole then.
            await self.player.play(turn, taken, events[:1], behind=events[1:])
        else:
            await self.player.play(turn, taken, events)

    async def _park(self, taken: Taken, poison: Boxed) -> list[Boxed]:
        """Put an event aside. The news of it waits in its place, so that no death can keep the apology back."""
        _log.error("An event was parked: %s (%s)", poison.id, type(poison.event).__name__)
        count("events_parked")
        news = dataclasses.replace(poison, event=Parked(poison.id, self.player.clock.now()))
        instead = [] if isinstance(poison.event, Parked) else [news]
        body = b"".join(box(one) for one in instead)
        await self.sessions.park(taken.lease, 1, "killed its turn three times", instead=body, tries=taken.tries)
        return instead

    async def _again(self, taken: Taken, wait_ms: int) -> Taken:
        """Everything that waits now, after the remaining quiet, under the same lease."""
        while True:
            await asyncio.sleep(wait_ms / 1000)
            again = await self.sessions.retake(taken.lease)
            if isinstance(again, Taken):
                return again
            wait_ms = again.wait_ms

    def _state(self, taken: Taken) -> State | None:
        """The session; one that stays unreadable begins anew, rather than never to answer this customer again."""
        if not taken.state:
            return None
        try:
            return load_state(taken.state)
        except Unreadable:
            if taken.tries <= TRIES:
                raise
            count("sessions_unreadable")
            _log.exception("A session cannot be read and begins anew")
            return None

    async def _readable(self, taken: Taken) -> list[Boxed] | None:
        """The events up to one that cannot be read; None when that one is the first and was put aside."""
        events: list[Boxed] = []
        for raw in taken.events:
            try:
                events.append(unbox(raw))
            except (Unreadable, NewerShape) as error:
                if events:
                    break
                if isinstance(error, NewerShape) and not self.newer.event_waited_enough(taken):
                    raise
                _log.error("An event was parked: %s", error)
                count("events_parked")
                news = salvaged(raw)
                await self.sessions.park(taken.lease, 1, str(error), instead=box(news) if news else b"")
                await self.sessions.release(taken.lease)
                return None
        return events

    async def _begin(self, taken: Taken, state: State | None, events: Sequence[Boxed], *, check: bool) -> Turn:
        """The turn with its conversation and the desk it belongs to."""
        key = taken.lease.key
        desk = await self.desks.desk(key.tenant)
        if desk is None:
            raise StorageUnavailable(f"Tenant {key.tenant} is not in the records; import it again or wait for SQL.")
        conversation = state.conversation if state else await self._new(key, events)
        for frame in conversation.stack:
            await self.desks.pin(frame.hash)
        conversation = reached_at(replace(conversation, desk=desk), events)
        words = taken.words if check else None
        turn = Turn(conversation, taken.lease, words, _origin(events, conversation))
        turn.opening = b"" if state else dump_state(State(conversation))
        play_at(turn.origin.shift_ms)
        if state is not None and state.open is not None:
            play_at(_shift(state.open.entry))
            _restore(turn, state)
            turn.conversation = replace(turn.conversation, desk=desk)
        return turn

    async def _new(self, key: SessionKey, events: Sequence[Boxed]) -> Conversation:
        """A first session, or the next one of a contact that we know."""
        origin = events[0].origin
        desk = await self.desks.desk(key.tenant)
        languages = desk.business.languages if desk else ("de",)
        known = await self.contacts.recall(key.tenant, origin.contact)
        wanted = origin.language if origin.language in languages else known.language
        facts = {n: v for n, v in (("name", known.name), ("phone", known.phone)) if v}
        return Conversation(
            tenant=key.tenant,
            id=key.conversation,
            session=ulid(),
            connection=origin.connection,
            channel=origin.channel,
            chat=origin.chat,
            contact=origin.contact,
            language=wanted if wanted in languages else languages[0],
            facts=facts,
            extra=origin.extra,
            opted_out=known.consents.get("stop", False),
            blocked=known.consents.get("blocked", False),
            consents={kind: yes for kind, yes in known.consents.items() if kind not in ("stop", "blocked")},
        )

    async def _commit(self, turn: Turn) -> Committed:
        """The turn's one commit; newer words refuse it unless a write closed it."""
        conversation = turn.conversation
        entry = dump_facts(self.player.entry(turn)) if turn.events else None
        others = [process for process in turn.notify if process != self.sessions.process]
        body = dump_facts(_notice(turn)) if others else b""
        commit = Commit(
            consumed=0 if turn.closed else turn.consumed,
            words_seen=None if turn.closed else turn.words_seen,
            state=dump_state(State(conversation)),
            parts=outbox_parts(turn),
            timers=tuple(turn.timers),
            dropped_timers=tuple(turn.dropped),
            journal=entry,
            generation=conversation.generation,
            notices=tuple((process, body) for process in others),
        )
        result = await self.sessions.commit(turn.lease, commit)
        if isinstance(result, Stale):
            raise StaleTurn(result.wait_ms)
        return result

    async def _after(self, turn: Turn, committed: Committed, began: float) -> None:
        outcome = count_turn(turn)
        sound(turn.conversation.tenant, turn.conversation.id, turn.records)
        observe("turn", time.monotonic() - began)
        if self.sessions.process in turn.notify:
            self.door.told(_notice(turn))
        if committed.outbox is not None:
            await self._deliver(turn, committed.outbox)
        turn.trail.end("turn", outcome)

    async def _deliver(self, turn: Turn, outbox: OutboxLease) -> None:
        """A chat of ours shows it at once; a provider's delivery has a trail of its own."""
        local = turn.conversation.channel in OWN_CHATS
        with turn.trail.stage("deliver") if local else nullcontext():
            await self.deliverer.deliver(outbox, local=local)


def _notice(turn: Turn) -> dict[str, Any]:
    """What whoever waits for a turn is told: which events it took in, what came of them."""
    conversation = turn.conversation
    return {
        "conversation": conversation.id,
        "ids": turn.ids,
        "phase": conversation.phase,
        "owner": conversation.owner,
        "records": turn.records,
        "parts": turn.parts if conversation.channel == "api" else [],
    }


def _origin(events: Sequence[Boxed], conversation: Conversation) -> Origin:
    """Where this turn came from; an open turn without events comes from its own conversation."""
    for boxed in reversed(events):
        if boxed.origin.connection:
            return boxed.origin
    shift_ms = events[-1].origin.shift_ms if events else None
    return Origin(
        conversation.connection, conversation.channel, conversation.chat, conversation.contact, shift_ms=shift_ms
    )


def _shift(entry: Mapping[str, Any]) -> int:
    """How far business time was moved in a turn that another worker began."""
    shift = datetime.fromisoformat(entry["now"]) - datetime.fromisoformat(entry["at"])
    return round(shift / timedelta(milliseconds=1))


def _restore(turn: Turn, state: State) -> None:
    """The turn as it stood when its worker died."""
    assert state.open is not None  # noqa: S101  # asked before
    entry = state.open.entry
    turn.events, turn.said = list(entry.get("events", ())), list(entry.get("said", ()))
    turn.records, turn.actions = list(entry.get("records", ())), list(entry.get("actions", ()))
    turn.stages, turn.alarms = list(entry.get("stages", ())), list(entry.get("alarms", ()))
    turn.opening = orjson.dumps(entry["opening"]) if "opening" in entry else b""
    turn.trail = Trail(str(entry.get("trace", "")))
    turn.parts, turn.ids, turn.notify = list(state.open.parts), list(state.open.ids), list(state.open.notify)
