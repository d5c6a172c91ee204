"""What a conversation is: everything the machine remembers of it, and small pure ways to change it.

Persisted as it stands, but for `desk`. Every shape has room for an older one: new fields carry defaults. Which of them
need a new version of the whole is told in `shapes.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from runtime.core.business import Desk
from runtime.core.changing import replace
from runtime.core.events import Message, Outcome, Prompted
from runtime.core.flows import Flow, Slot
from runtime.core.messages import Button, PartClass, Say
from runtime.core.traffic import NO_TRAFFIC, Traffic
from runtime.core.values import Offer, Value

CONFIRM_MINUTES = 30
WINDOW = 6
"""Turns kept in the window."""

TAIL = 500
LONGEST_TEXT = 2000
"""Characters of a message that are read."""

Phase = Literal["bot", "queued", "owned", "returning"]
QuestionKind = Literal["slot", "offer", "confirm", "clarify", "change", "resume", "agree", "prompt"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's value with the customer's words for it and the turn that gave it."""

    value: Value
    words: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked and wait for. `id` travels in the buttons: another id is an older question."""

    id: str
    kind: QuestionKind
    slot: str
    asked_at: datetime
    flows: tuple[str, ...] = ()
    misses: int = 0
    """How often the answer was not understood."""
    times: int = 1
    """How often it was asked."""
    failed: bool = False
    """Whether its delivery is known to have failed: then nobody saw it, and a yes cannot mean it."""
    fingerprint: str = ""
    """Of the facts that a confirm sums up."""
    refusals: int = 0
    """How often the customer would not answer it; for offers, whether these were turned down."""
    about: Mapping[str, Value] = field(default_factory=dict)
    """What a prompt told: the appointment that its answer is about."""
    choices: tuple[Value, ...] = ()
    """The two readings that it lets choose from, or the persons that it offers."""
    before: tuple[str, ...] = ()
    """Ids under which the very same offers were shown before."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow on the stack, at one of its lines."""

    flow: str
    hash: str
    opened_at: datetime
    at: int = 0
    slots: Mapping[str, Filled] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    """Slots that the customer will not or cannot give."""
    results: Mapping[str, Outcome] = field(default_factory=dict)
    chosen: Mapping[str, Offer] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    """Ids of all offers shown for the present wish."""
    refine: Mapping[str, str] = field(default_factory=dict)
    """What "later", "another day" add to the next read."""
    confirmed: str = ""
    """Fingerprint of the facts that the customer said yes to."""
    waiting: str = ""
    """Key of the action that runs."""
    refusals: int = 0
    """How often all offers were turned down."""
    stood: str = ""
    """The time that was chosen before another task came in between: named when it no longer fits (F5)."""
    nudged: bool = False
    called: bool = False
    """Whether the flow below called it: then it returns there, and is left together with it."""
    returned: str = ""
    """How the flow that was called here ended: done or aborted."""
    waits_until: int = 0
    """Epoch second at which a wait for the world is over."""
    held: bool = False
    """Whether it was named to a customer who was about to leave: nobody is held on twice (H7)."""
    beyond: Mapping[str, object] | None = None
    """Fields of a newer version, written back as they came."""


@dataclass(frozen=True, slots=True)
class Done:
    """The last write that went through: what undo would take back."""

    key: str
    action: str
    flow: str
    question: str
    values: Mapping[str, Value]
    at: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """The flow that was cancelled last: "doch" shortly after goes on with it (G6)."""

    frame: Frame
    at: datetime
    turn: int


@dataclass(frozen=True, slots=True)
class Todo:
    """A wish that waits for its turn."""

    flow: str
    slots: Mapping[str, Filled] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    """What the customer would not give before it: not asked again for this one."""


@dataclass(frozen=True, slots=True)
class Handover:
    """An open handoff."""

    reason: str
    generation: int
    opened_at: datetime
    acknowledged: bool = False
    """Whether the customer was told that more words were noted."""
    overdue: bool = False
    """Whether the promised time is over and the customer was asked what they would rather."""
    waiting_since: datetime | None = None
    """Since when words of the customer wait for the person who has the conversation."""
    sla: int = 0
    """Number of the clock that warns the others; an older clock does nothing."""
    away: int = 0
    """Number of the clock that takes it back from a person who went away; 0 where an older version set it."""
    reopened: int = 0
    """How often it was taken up again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The handoff that a person gave back last: taken up again soon, it is the same one."""

    handoff: Handover
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person had the desk do, while it is under way."""

    key: str
    what: str
    operator: str
    arguments: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Promise:
    """A ticket that was opened in this session, with what the customer was promised."""

    ticket: str
    kind: str
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn in the window: what was said, what we asked."""

    turn: int
    said: str
    replied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the customer, by its provider's id."""

    id: str
    mark: str
    """Fingerprint of its text."""
    turn: int


@dataclass(frozen=True, slots=True)
class Ask:
    """The question that the reply of this turn will end with."""

    kind: QuestionKind
    slot: str = ""
    flows: tuple[str, ...] = ()
    form: Literal["full", "short", "again", "options", "none_fits", "either", "persons"] = "full"
    saying: str = ""
    about: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The reply in the making; empty between turns."""

    sayings: tuple[tuple[PartClass, Say], ...] = ()
    ask: Ask | None = None
    buttons: tuple[Button, ...] = ()
    fresh: tuple[str, ...] = ()
    """Slots that got a value in this turn: the next question acknowledges them."""
    spoken: bool = False
    """Whether the customer wrote or pressed something in this turn."""
    said: str = ""
    pressed: bool = False
    ordinal: int = 0
    acts: int = 0
    silent: bool = False
    """A right silence: law 11 names the reasons."""
    late: bool = False
    """The words are older than what was answered last: no yes in them counts."""
    away_s: float = 0.0
    """How long the customer had been away before this turn."""
    missed: bool = False
    """Whether something was not understood in this turn."""
    hold: bool = False
    """Leave the open question as it is and do not ask it again ("Moment")."""
    edited: bool = False
    """The words are a changed version of answered ones: only their values count (M4)."""
    quotes: str = ""
    """The older question of ours that the words quote (A8)."""
    deaf: bool = False
    """The words were answered by a rule and are not to be understood."""
    calm: bool = False
    """Their tone was answered: that they hold nothing else is no miss (J1)."""
    replay: bool = False
    """An earlier sentence is read again for the flow just chosen: only its values count (H1)."""
    prompt: Prompted | None = None
    """What is to be told once the action under `prompt_key` has said that it still holds."""
    prompt_key: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tenant, a connection and a contact, and where they stand."""

    tenant: str
    id: str
    session: str
    connection: str
    channel: str
    chat: str
    contact: str
    language: str
    version: int = 1
    turn: int = 0
    phase: Phase = "bot"
    owner: str = ""
    generation: int = 0
    last_at: datetime | None = None
    heard_at: datetime | None = None
    """When the customer wrote or pressed something last: providers count their window from there."""
    disclosed_at: datetime | None = None
    opted_out: bool = False
    """Whether STOP stands; what may be sent says `consent.may_send`."""
    consents: Mapping[str, bool] = field(default_factory=dict)
    """What the customer said about kinds of messages, and about being remembered ("memory")."""
    blocked: bool = False
    """They blocked us or left: nothing arrives."""
    gentle: Literal["", "loss", "illness"] = ""
    """A reason they gave that calls for few words: no nudges, no questions how it was (J7)."""
    traffic: Traffic = field(default_factory=lambda: NO_TRAFFIC)  # or each load copies it deeply
    echoes: tuple[str, ...] = ()
    """Fingerprints of our last bubbles, by which we know our own words when they come back (M17)."""
    heard: tuple[Heard, ...] = ()
    """The last messages, for edits and deletions."""
    abuse: int = 0
    """How often they were abusive (J3)."""
    facts: Mapping[str, Value] = field(default_factory=dict)
    stack: tuple[Frame, ...] = ()
    """The last one is on top."""
    question: Question | None = None
    misses: int = 0
    """Not understood without an open question."""
    done: Done | None = None
    todo: tuple[Todo, ...] = ()
    mentioned: Mapping[str, Filled] = field(default_factory=dict)
    """Values that were named while no flow ran."""
    handoff: Handover | None = None
    ended: Ended | None = None
    asked: Asked | None = None
    promises: tuple[Promise, ...] = ()
    """Tickets opened lately, the newest last."""
    window: tuple[Exchange, ...] = ()
    answered_at: datetime | None = None
    """The provider's time of the newest message that was answered."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the channel wants back with each part."""
    stopped: Stopped | None = None
    plain: bool = False
    """Whether the customer asked for simpler words: questions keep to them."""
    nudge: int = 0
    """Generation of the timer that asks once more; 0 when none is set."""
    sentence: str = ""
    """The words that an open question is about: unclear between flows, or a question that we had no answer to."""
    draft: Draft = Draft()
    desk: Desk | None = None
    beyond: Mapping[str, object] | None = None
    """Fields of a newer version, written back as they came."""

    @property
    def top(self) -> Frame | None:
        """The frame that runs."""
        return self.stack[-1] if self.stack else None


def flow_of(conversation: Conversation, frame: Frame) -> Flow | None:
    """The pinned version of the flow that a frame runs."""
    return conversation.desk.flow(frame.hash) if conversation.desk else None


def slot_of(conversation: Conversation, frame: Frame, name: str) -> Slot | None:
    """A slot's definition in the frame's flow."""
    flow = flow_of(conversation, frame)
    return flow.slot(name) if flow else None


def on_top(conversation: Conversation, frame: Frame) -> Conversation:
    """The conversation with its top frame replaced."""
    return replace(conversation, stack=(*conversation.stack[:-1], frame))


def drafted(conversation: Conversation, **changes: object) -> Conversation:
    """The conversation with its draft changed."""
    return replace(conversation, draft=replace(conversation.draft, **changes))  # type: ignore[arg-type]  # names are checked by the dataclass


def saying(conversation: Conversation, part: PartClass, name: str, /, **values: Value) -> Conversation:
    """The draft with one more saying; the same one twice is said once."""
    entry = (part, Say(name, values))
    if entry in conversation.draft.sayings:
        return conversation
    return drafted(conversation, sayings=(*conversation.draft.sayings, entry))


def asking(conversation: Conversation, ask: Ask) -> Conversation:
    """The draft with this as its one question."""
    return drafted(conversation, ask=ask)


def fingerprint(*facts: object) -> str:
    """A short stable hash of facts that a yes is bound to."""
    return hashlib.blake2s(repr(facts).encode(), digest_size=8).hexdigest()


def texts_of(messages: tuple[Message, ...]) -> tuple[str, ...]:
    """The texts of a burst, each cut to what is read of it: nobody may make a turn as dear as they like."""
    return tuple(_read_of(m.text) for m in messages if m.text.strip())


def _read_of(text: str) -> str:
    """All of a text; of a pasted mail its beginning and its end, where wishes stand (C20)."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[: LONGEST_TEXT - TAIL - 1]} {text[-TAIL:]}"


def first_words(messages: tuple[Message, ...]) -> str:
    """The texts of a burst on one line, cut to what the window keeps."""
    return " / ".join(m.text for m in messages if m.text)[:300]
