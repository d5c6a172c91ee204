"""One turn: events out of the box, stepped until quiet, one reply, everything that a commit needs.

The path of a turn: `Player.play` -> `_event` -> `step` -> `_perform` -> (results are stepped as events) -> Settled.
A write stops at `_intend`: its intent is committed first, then it runs. From then on the turn is closed: what waits
behind the event that asked for it is the next turn's.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from runtime.codec import (
    Boxed,
    OpenTurn,
    Origin,
    State,
    box,
    dump_chat,
    dump_facts,
    dump_part,
    dump_state,
    journaled,
)
from runtime.core.business import Desk
from runtime.core.changing import replace
from runtime.core.consent import told_of
from runtime.core.conversation import Conversation
from runtime.core.effects import Act, Answer, DropTimer, Effect, Record, Send, SetTimer, Understand
from runtime.core.events import Acted, Deleted, Delivered, Edited, Event, Pressed, Prompted, Said, Settled, TimerFired
from runtime.core.gate import spoke
from runtime.core.messages import OWN_CHATS, OutboundPart
from runtime.core.step import step
from runtime.entry import alarm, asked_for, part_of, record_of, said_of, standing, version_of, versions
from runtime.identifiers import question_id
from runtime.patience import Purse, TurnPatience
from runtime.performer import UNKNOWN, Performer
from runtime.ports import Clock
from runtime.sessions.shapes import Commit, Lease, OutboxPart, Stale, Taken, TimerSet
from runtime.sessions.store import Sessions
from runtime.telemetry import count
from runtime.tracing import Trail
from runtime.windows import heard_at_ms
from runtime.wording import Wording

_log = logging.getLogger(__name__)


class StaleTurn(Exception):
    """Newer words wait: the turn runs again with everything."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__("newer words wait")
        self.wait_ms = wait_ms


@dataclass(slots=True)
class Turn:
    """A turn in the making."""

    conversation: Conversation
    lease: Lease
    words_seen: int | None
    origin: Origin
    consumed: int = 0
    parts: list[OutboundPart] = field(default_factory=list)
    timers: list[TimerSet] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    """As the journal has them: written out, or, after a worker's death, as they were found."""
    records: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    """Timers set and dropped, for the journal."""
    opening: bytes = b""
    """The conversation as it began, in the first turn of a session."""
    settled: Settled | None = None
    stages: list[str] = field(default_factory=list)
    said: list[dict[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    notify: list[str] = field(default_factory=list)
    closed: bool = False
    """Whether an intent was committed."""
    worthy: bool = False
    """Whether anything happened that makes it a turn; a delivery mark does not."""
    began: float = field(default_factory=time.monotonic)
    trail: Trail = field(default_factory=Trail)
    purse: Purse = field(default_factory=Purse)
    joined: bool = False
    """All words of the box stand in one Said, because a write must not pass by later words."""


@dataclass(frozen=True, slots=True)
class Group:
    """Events that are stepped as one: a single event, or a burst as one Said."""

    event: Event
    boxed: tuple[Boxed, ...]


def grouped(events: Sequence[Boxed], *, joined: bool = False) -> list[Group]:
    """A burst becomes one Said with all its messages in the provider's order; everything else stays as it came."""
    if joined:
        events = [b for b in events if not isinstance(b.event, Said)] + [b for b in events if isinstance(b.event, Said)]
    groups: list[Group] = []
    for boxed in events:
        last = groups[-1] if groups else None
        if last is not None and isinstance(last.event, Said) and isinstance(boxed.event, Said):
            messages = (*last.event.messages, *boxed.event.messages)
            if all(m.order for m in messages):
                messages = tuple(sorted(messages, key=lambda m: m.order))
            groups[-1] = Group(Said(messages, boxed.event.now), (*last.boxed, boxed))
        else:
            groups.append(Group(boxed.event, (boxed,)))
    return groups


def eaten(events: Sequence[Boxed], done: Sequence[Group]) -> int:
    """How many events a commit may take from the box: the row of played ones at its front.

    Joined words stand behind a button that came between them. When that button ends the turn, the words before it are
    not played yet and must stay; so does the button, which is answered once more, and no more than that.
    """
    played = {id(boxed) for group in done for boxed in group.boxed}
    return next((number for number, boxed in enumerate(events) if id(boxed) not in played), len(events))


def mended(events: Sequence[Boxed]) -> Sequence[Boxed]:
    """Edits and deletions of messages that nobody has read yet: only the last version is (M3, M5)."""
    last: dict[str, str | None] = {}
    for boxed in events:
        if isinstance(boxed.event, Edited | Deleted):
            last[boxed.event.message_id] = boxed.event.text if isinstance(boxed.event, Edited) else None
    return [_mended(boxed, last) for boxed in events] if last else events


def _mended(boxed: Boxed, last: Mapping[str, str | None]) -> Boxed:
    said = boxed.event
    if not isinstance(said, Said) or not any(m.id in last for m in said.messages):
        return boxed
    texts = {m.id: last.get(m.id, m.text) for m in said.messages}
    messages = tuple(replace(m, text=text) for m in said.messages if (text := texts[m.id]) is not None)
    if messages:
        return dataclasses.replace(boxed, event=Said(messages, said.now))
    return dataclasses.replace(boxed, event=Deleted(said.messages[0].id, said.now))


class Player:
    """Plays turns; knows the performer and the words, and commits only intents itself."""

    def __init__(self, sessions: Sessions, performer: Performer, wording: Wording, clock: Clock) -> None:
        self.sessions = sessions
        self.performer = performer
        self.wording = wording
        self.clock = clock
        self._versions: dict[str, tuple[Desk, orjson.Fragment]] = {}

    async def play(self, turn: Turn, taken: Taken, events: Sequence[Boxed], *, behind: Sequence[Boxed] = ()) -> None:
        """Step all events that belong to this turn and compose the reply; `behind` are later ones that wait."""
        events = mended(events)
        groups = grouped(events, joined=turn.joined)
        for number, group in enumerate(groups):
            prompt = isinstance(group.event, Prompted)
            if prompt and turn.worthy:
                break  # What the desk has to tell is never part of another turn.
            later = [g.event for g in groups[number + 1 :]] + [b.event for b in behind]
            later_words = any(isinstance(one, Said) for one in later)
            if prompt and later_words:
                turn.consumed = eaten(events, groups[: number + 1])  # The customer's words win; it comes again.
                continue
            self._note(turn, group)
            turn.consumed = eaten(events, groups[: number + 1])
            await self._event(turn, group.event, later_words)
            if turn.closed:
                break
        await self._settle(turn)

    async def finish(self, turn: Turn, open_turn: OpenTurn, *, give_up: bool = False) -> None:
        """End a turn whose worker died after its intent: the write with its stored arguments, then the reply.

        One that kills its turn each time is given up: what became of it is unknown, and people look after it.
        """
        turn.closed, turn.worthy = True, True
        if give_up:
            _log.error("%s killed its turn again and again; its outcome is unknown", open_turn.act.action)
            count("intents_given_up")
            acted = Acted(open_turn.act.key, UNKNOWN, self.clock.now())
        else:
            acted = await self._write(turn, open_turn.act)
        await self._event(turn, acted, False)
        await self._settle(turn)

    def _note(self, turn: Turn, group: Group) -> None:
        """Remember what was taken in, and whom to tell."""
        turn.worthy = turn.worthy or not isinstance(group.event, Delivered)
        for boxed in group.boxed:
            turn.ids.append(boxed.id)
            if boxed.origin.notify and boxed.origin.notify not in turn.notify:
                turn.notify.append(boxed.origin.notify)
        if isinstance(group.event, Said):
            turn.said += [said_of(message) for message in group.event.messages]
        elif isinstance(group.event, Pressed) and group.event.label:
            turn.said.append({"id": group.event.message_id, "text": group.event.label})

    async def _settle(self, turn: Turn) -> None:
        if turn.worthy:
            await self._event(turn, Settled(self.clock.now(), question_id()), False)

    async def _event(self, turn: Turn, event: Event, later_words: bool) -> None:
        """Step one event and whatever its effects bring back, until nothing is left to do."""
        queue: list[Event] = [event]
        while queue:
            event = replace(queue.pop(0), now=self.clock.now())
            self._journal_event(turn, event)
            turn.conversation, effects = step(turn.conversation, event)
            for effect in effects:
                result = await self._perform(turn, effect, later_words)
                if result is not None:
                    queue.append(result)

    def _journal_event(self, turn: Turn, event: Event) -> None:
        if isinstance(event, Settled):
            turn.settled = event
            return
        turn.events.append(journaled(event))
        if isinstance(event, Acted):
            asked = next((one for one in turn.actions if one["key"] == event.key), None)
            if asked is None:
                turn.actions.append({"key": event.key, "outcome": event.outcome.name})
            else:
                asked["outcome"] = event.outcome.name

    async def _perform(self, turn: Turn, effect: Effect, later_words: bool) -> Event | None:
        """One effect; what comes back is stepped next."""
        if isinstance(effect, Act):
            turn.actions.append(asked_for(effect))
        match effect:
            case Understand():
                with turn.trail.stage("understand") as stage:
                    patience = TurnPatience(turn.lease, turn.words_seen, turn.origin.came_ms, turn.purse)
                    understood = turn.purse.all_told(await self.performer.understand(effect, patience))
                    stage.outcome = " ".join(dict.fromkeys(understood.stages))
                turn.stages += understood.stages
                return understood
            case Answer():
                with turn.trail.stage("answer") as stage:
                    answered = await self.performer.answer(effect, turn.conversation)
                    stage.outcome = "known" if answered.text else "unknown"
                return answered
            case Act(write=True):
                return await self._intend(turn, effect, later_words)
            case Act():
                with turn.trail.stage("read", effect.action) as stage:
                    acted = await self.performer.read(effect, turn.conversation, turn.lease)
                    stage.outcome = acted.outcome.name
                return acted
            case Send():
                self._send(turn, effect)
            case SetTimer():
                self._timer(turn, effect)
            case DropTimer(name):
                turn.timers = [timer for timer in turn.timers if timer.name != name]
                turn.dropped.append(name)
                turn.alarms.append(alarm(effect))
            case Record():
                turn.records.append(record_of(effect))
        return None

    async def _intend(self, turn: Turn, act: Act, later_words: bool) -> Event:
        """Commit the intent of a write, refused when newer words wait; then run it."""
        if not turn.closed and not act.pressed and later_words and not turn.joined:
            turn.joined = True
            raise StaleTurn(0)
        words = None if act.pressed or turn.closed else turn.words_seen
        open_turn = OpenTurn(
            act, orjson.loads(dump_facts(self.entry(turn))), tuple(turn.parts), tuple(turn.ids), tuple(turn.notify)
        )
        state = dump_state(State(turn.conversation, open_turn))
        consumed = 0 if turn.closed else turn.consumed
        commit = Commit(
            consumed,
            words,
            state,
            timers=tuple(turn.timers),
            dropped_timers=tuple(turn.dropped),
            keep=True,
            generation=turn.conversation.generation,
        )
        with turn.trail.stage("intent"):
            result = await self.sessions.commit(turn.lease, commit)
        if isinstance(result, Stale):
            raise StaleTurn(result.wait_ms)
        turn.closed, turn.timers, turn.dropped = True, [], []
        return await self._write(turn, act)

    async def _write(self, turn: Turn, act: Act) -> Acted:
        with turn.trail.stage("write", act.action) as stage:
            acted = await self.performer.write(act, turn.conversation, turn.lease)
            stage.outcome = acted.outcome.name
        return acted

    def _send(self, turn: Turn, send: Send) -> None:
        part = part_of(turn.conversation, send, len(turn.parts), self.wording)
        turn.conversation = spoke(turn.conversation, part.text)
        real_ms = int(time.time() * 1000)
        heard_ms = heard_at_ms(turn.conversation, self.clock.now(), real_ms, begins=bool(turn.opening))
        turn.parts.append(replace(part, trace=turn.trail.here, at_ms=real_ms, heard_at_ms=heard_ms))

    def _timer(self, turn: Turn, timer: SetTimer) -> None:
        """Business time to real time: what is moved by `--now` still fires after the same span."""
        turn.dropped = [name for name in turn.dropped if name != timer.name]  # the last word of a turn counts
        wait_s = (timer.at - self.clock.now()).total_seconds()
        conversation = turn.conversation
        turn.alarms.append(alarm(timer))
        fired = TimerFired(timer.name, timer.generation, timer.at)
        body = box(
            Boxed(
                f"timer:{conversation.id}:{timer.name}:{timer.generation}",
                fired,
                dataclasses.replace(turn.origin, came_ms=0),
            )
        )
        turn.timers.append(TimerSet(timer.name, timer.generation, int((time.time() + wait_s) * 1000), body))

    def entry(self, turn: Turn) -> dict[str, Any]:
        """The journal entry of a turn: events with their results, what was done and said, who has it."""
        conversation = turn.conversation
        facts = conversation.facts
        return {
            "v": version_of(turn.records, turn.said, turn.parts),
            "tenant": conversation.tenant,
            "conversation": conversation.id,
            "session": conversation.session,
            "turn": conversation.turn,
            # What happened beside a turn, such as a delivery that failed, stands behind the turn that was the last.
            "seq": 0 if turn.worthy else turn.lease.fence,
            "connection": conversation.connection,
            "channel": conversation.channel,
            "chat": conversation.chat,
            "at": datetime.now(UTC).isoformat(),
            "now": self.clock.now().isoformat(),
            "language": conversation.language,
            "phase": conversation.phase,
            "owner": conversation.owner,
            "contact": {
                "id": conversation.contact,
                "name": str(facts.get("name", turn.origin.name)),
                "phone": str(facts.get("phone", "")),
                "language": conversation.language,
                **told_of(conversation),
            },
            "flows": {frame.flow: frame.hash for frame in conversation.stack},
            **standing(conversation),
            "events": turn.events,
            "actions": turn.actions,
            "records": turn.records,
            "stages": turn.stages,
            "said": turn.said,
            "parts": turn.parts,
            "alarms": turn.alarms,
            "versions": self._versions_of(conversation),
            "settled": journaled(turn.settled) if turn.settled else None,
            "ms": round((time.monotonic() - turn.began) * 1000, 2),
            "trace": turn.trail.here,
            "links": turn.trail.links,
            "steps": turn.trail.steps,
            **({"opening": orjson.Fragment(turn.opening)} if turn.opening else {}),
        }

    def _versions_of(self, conversation: Conversation) -> orjson.Fragment:
        """What this turn was played with, so that it can be played again; written once for each snapshot."""
        desk = conversation.desk
        assert desk is not None  # noqa: S101  # attached by the loop
        known = self._versions.get(conversation.tenant)
        if known is None or known[0] is not desk:
            known = self._versions[conversation.tenant] = (
                desk,
                orjson.Fragment(orjson.dumps(versions(desk, self.wording))),
            )
        return known[1]


def outbox_parts(turn: Turn) -> tuple[OutboxPart, ...]:
    """What goes to the outbox; a chat that we show ourselves also gets the customer's words and the turn's end."""
    parts = tuple(OutboxPart(p.author, p.generation, dump_part(p)) for p in turn.parts)
    if turn.conversation.channel not in OWN_CHATS or not turn.worthy:
        return parts
    generation, at = turn.conversation.generation, datetime.now(UTC)
    said = OutboxPart("system", generation, dump_chat("said", at, {"messages": turn.said}))
    facts = {"ids": turn.ids, "phase": turn.conversation.phase, "owner": turn.conversation.owner}
    ended = OutboxPart("system", generation, dump_chat("turn", at, facts))
    return (said, *parts, ended) if turn.said else (*parts, ended)
