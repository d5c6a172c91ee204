"""A talk without the loop: plays the performer's part synchronously, answers Understand with given commands, collects.

talk = Talk()
reply = talk.say(Start("book_appointment"), text="Ich möchte einen Termin")
assert reply.asks == ("slot", "service")
reply = talk.press("Haarschnitt")
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from runtime.core.business import Business, Desk
from runtime.core.commands import Command, Set, Start
from runtime.core.conversation import Conversation, Question
from runtime.core.effects import Act, Answer, DropTimer, Effect, Expectation, Record, Send, SetTimer, Understand
from runtime.core.events import (
    Acted,
    Answered,
    Delivered,
    Event,
    Message,
    OperatorJoined,
    OperatorReleased,
    Pressed,
    Said,
    Settled,
    TimerFired,
    Understood,
)
from runtime.core.messages import PartClass, RenderedButton
from runtime.core.step import step
from runtime.core.values import Value, When
from runtime.wording import Context
from tests.core.desk import desk, wording
from tests.core.diary import Appointment, Diary

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""A Friday, ten o'clock in Berlin."""
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
SUNDAY = date(2026, 11, 22)
BOOK, MOVE, CANCEL = "book_appointment", "move_appointment", "cancel_appointment"
Read = Callable[[Expectation], tuple[Command, ...]]


def at(day: date, hour: int, minute: int = 0) -> When:
    """A wish for exactly this time."""
    return When(days=(day,), clock=(time(hour, minute),))


def wish(value: Value, slot: str = "start") -> Set:
    """A wished time as a command."""
    return Set(slot, "", value)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one turn brought: the parts, what is asked now, what was read, written and recorded."""

    sends: tuple[Send, ...]
    question: Question | None
    reads: tuple[Act, ...]
    writes: tuple[Act, ...]
    records: tuple[Record, ...]
    timers: tuple[SetTimer | DropTimer, ...]
    texts: tuple[str, ...]
    buttons: tuple[RenderedButton, ...]

    @property
    def text(self) -> str:
        """The bubbles, a blank line between them."""
        return "\n\n".join(self.texts)

    @property
    def names(self) -> list[str]:
        """The names of all sayings, in order."""
        return [say.name for send in self.sends for _, say in send.sayings]

    @property
    def classes(self) -> list[PartClass]:
        """The part classes of all sayings, in order."""
        return [kind for send in self.sends for kind, _ in send.sayings]

    @property
    def asks(self) -> tuple[str, str]:
        """Kind and slot of the open question."""
        return (self.question.kind, self.question.slot) if self.question else ("", "")

    def recorded(self, kind: str) -> list[Record]:
        """The records of a kind."""
        return [record for record in self.records if record.kind == kind]


@dataclass(slots=True)
class Talk:
    """One conversation with its diary and its clock."""

    desk: Desk = field(default_factory=desk)
    now: datetime = NOW
    channel: str = "telegram"
    language: str = "de"
    answer: str = "Ab 45 Euro."
    conversation: Conversation = field(init=False)
    diary: Diary = field(init=False)
    replies: list[Reply] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    steps: list[tuple[Conversation, Event, Conversation, tuple[Effect, ...]]] = field(default_factory=list)
    expectation: Expectation | None = None
    reread: tuple[Command, ...] = ()
    """What an unclear sentence reads as, once its flow is chosen."""
    before_words: Event | None = None
    """Steps before the next message, in its turn."""
    _messages: int = 0
    _effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.diary = Diary(self.desk.business)
        self.conversation = Conversation(
            tenant=self.desk.business.tenant,
            id="conversation",
            session="01SESSION",
            connection="telegram",
            channel=self.channel,
            chat="chat",
            contact="contact",
            language=self.language,
            desk=self.desk,
        )

    # ---- what the customer does

    def say(
        self, *commands: Command, text: str = "…", language: str = "", at: datetime | None = None, also: str = ""
    ) -> Reply:
        """A turn with one message (or two: `also`) that understanding reads as these commands."""
        return self.turn(lambda: self._said((text, also) if also else (text,), commands, language, at))

    def hear(self, text: str, kind: str = "text") -> Reply:
        """A turn that understanding never sees, because the guard or a rule answers it, or reads as nothing."""
        return self.turn(lambda: self._said((text,), (), "", None, kind))

    def press(self, label: str) -> Reply:
        """A turn with the button of this label below the last reply that had buttons."""
        return self.press_payload(self.payload(label))

    def press_payload(self, payload: str) -> Reply:
        """A turn with a button that carries this."""
        return self.turn(lambda: self.step(Pressed(payload, self._message_id(), self.now, self.now)))

    def payload(self, label: str) -> str:
        """What the button of this label carries, newest reply first."""
        for reply in reversed(self.replies):
            for button in reply.buttons:
                if button.text == label:
                    return button.payload
        raise AssertionError(f"No reply had a button {label!r}")

    def happen(self, event: Event) -> Reply:
        """A turn with any other event."""
        return self.turn(lambda: self.step(event))

    def claim(self, operator: str = "Linde", takeover: bool = False) -> Reply:
        """An operator takes the conversation."""
        return self.happen(OperatorJoined(operator, self.now, takeover))

    def release(self, how: str = "resume", operator: str = "Linde") -> Reply:
        """The operator gives it back."""
        assert how in ("resume", "drop", "close")
        return self.happen(OperatorReleased(operator, how, self.now))  # type: ignore[arg-type]  # asserted just above

    def fire(self, name: str, generation: int) -> Reply:
        """A timer goes off."""
        return self.happen(TimerFired(name, generation, self.now))

    def fail_delivery(self) -> None:
        """The last question is known not to have arrived."""
        asked = self.conversation.question
        assert asked is not None
        self.step(Delivered("part", "failed", asked.id, self.now))

    def later(self, **span: float) -> Talk:
        """Move the clock."""
        self.now += timedelta(**span)
        return self

    def change_desk(self, own: Business) -> None:
        """The business publishes other facts."""
        self.desk = desk(own)
        self.diary.business = own
        self.conversation = dataclasses.replace(self.conversation, desk=self.desk)

    # ---- shorthands

    def to_confirm(self, **slots: Value) -> Reply:
        """A booking up to the question whether to book."""
        values: dict[str, Value] = {"service": "cut", "start": at(TUESDAY, 15), "name": "Meier", "phone": "+4915123456"}
        sets = tuple(Set(name, "", value) for name, value in {**values, **slots}.items())
        reply = self.say(Start(BOOK), *sets)
        assert reply.asks == ("confirm", ""), reply.asks
        return reply

    @property
    def booked(self) -> list[Appointment]:
        """What stands in the diary."""
        return self.diary.booked

    # ---- the machinery

    def turn(self, play: Callable[[], None]) -> Reply:
        """One turn: play its events, settle, collect."""
        self._effects.clear()
        play()
        self.step(Settled(self.now, f"q{len(self.events)}"))
        reply = self._collected()
        self.replies.append(reply)
        return reply

    def step(self, event: Event) -> None:
        """One event, and whatever its effects bring back."""
        queue = [event]
        while queue:
            queue += self._stepped(queue.pop(0))

    def _stepped(self, event: Event) -> list[Event]:
        before = self.conversation
        self.conversation, effects = step(before, event)
        self.events.append(event)
        self.steps.append((before, event, self.conversation, effects))
        self._effects += effects
        return [result for effect in effects if (result := self._performed(effect)) is not None]

    def _performed(self, effect: Effect) -> Event | None:
        match effect:
            case Understand():
                self.expectation = effect.expectation
                commands = self.reread if self.conversation.draft.replay else self._commands
                return Understood(commands, self._language or effect.expectation.language, self.now)
            case Answer():
                return Answered(effect.question, self.answer, self.now)
            case Act():
                return Acted(effect.key, self.diary.run(effect, self.now), self.now)
            case _:
                return None

    _commands: tuple[Command, ...] = ()
    _language: str = ""

    def _said(
        self, texts: tuple[str, ...], commands: tuple[Command, ...], language: str, sent: datetime | None,
        kind: str = "text",
    ) -> None:  # fmt: skip
        if self.before_words is not None:
            self.step(self.before_words)
            self.before_words = None
        self._commands, self._language = commands, language
        messages = tuple(Message(self._message_id(), text, sent or self.now, kind=kind) for text in texts)
        self.step(Said(messages, self.now))

    def _message_id(self) -> str:
        self._messages += 1
        return f"m{self._messages}"

    def _collected(self) -> Reply:
        sends = tuple(e for e in self._effects if isinstance(e, Send))
        acts = [e for e in self._effects if isinstance(e, Act)]
        parts = [(send, self._context(send)) for send in sends]
        return Reply(
            sends=sends,
            question=self.conversation.question,
            reads=tuple(act for act in acts if not act.write),
            writes=tuple(act for act in acts if act.write),
            records=tuple(e for e in self._effects if isinstance(e, Record)),
            timers=tuple(e for e in self._effects if isinstance(e, SetTimer | DropTimer)),
            texts=tuple(wording().bubble(send, context) for send, context in parts),
            buttons=tuple(b for send, context in parts for b in wording().buttons(send, context)),
        )

    def _context(self, send: Send) -> Context:
        return Context(self.desk, send.language or self.conversation.language, self.conversation.turn)
