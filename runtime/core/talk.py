"""Talk beside the task: why, help, repeat, small talk, language, and the ladder when nothing was understood. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, assert_never

from runtime.core.agreeing import leaving
from runtime.core.changing import replace
from runtime.core.commands import Help, Language, Repeat, Smalltalk, Wait, Why
from runtime.core.conversation import Ask, Conversation, Question, asking, drafted, saying, slot_of
from runtime.core.corrections import set_slot
from runtime.core.effects import Effect
from runtime.core.flows import Slot
from runtime.core.handoff import open_handoff
from runtime.core.values import ANY

Step = tuple[Conversation, tuple[Effect, ...]]
LADDER = 3
"""The miss at which a person is fetched."""


def talk(conversation: Conversation, command: Why | Help | Repeat | Wait | Smalltalk | Language) -> Conversation:
    match command:
        case Why(options):
            return _why(conversation, options)
        case Help():
            return _help(conversation)
        case Repeat("slower" | "simpler"):
            # Who asked for it once needs it for the rest of the talk (I2).
            return _again(replace(conversation, plain=True), "plain")
        case Repeat():
            return _again(conversation)
        case Wait():
            return drafted(saying(conversation, "answer", "take_your_time"), hold=True)
        case Smalltalk(_, wording) if wording:
            return saying(conversation, "answer", "own_words", text=wording)
        case Smalltalk(kind):
            return _smalltalk(conversation, kind)
        case Language(code):
            return _language(conversation, code)
    assert_never(command)


def _smalltalk(conversation: Conversation, kind: str) -> Conversation:
    if kind == "greeting":
        return drafted(conversation, spoken=True)
    if kind == "bye":
        return leaving(conversation)
    return saying(conversation, "answer", f"smalltalk.{kind}")


def _language(conversation: Conversation, code: str) -> Conversation:
    known = conversation.desk.business.languages if conversation.desk else (code,)
    if code not in known:
        both = {"de", "en"} <= set(known)
        return saying(conversation, "notice", "language.unknown" if both else "language.unknown.one")
    conversation = replace(conversation, language=code)
    return saying(conversation, "notice", "language.switched")


_STANDING = ("change", "clarify", "resume", "agree", "prompt")


def still_open(conversation: Conversation, before: Conversation) -> Conversation:
    """A question that no line of a flow asks (which part, which of these, go on?) stands until it is answered."""
    question = conversation.question
    if question is None or conversation.draft.ask or (question.kind not in _STANDING and not question.choices):
        return conversation
    if conversation.phase != "bot" or conversation.stack != before.stack:
        return conversation
    ask = Ask(question.kind, question.slot, question.flows, about=question.about, choices=question.choices)
    return asking(conversation, replace(ask, form=_form_of(conversation, question)))


def _form_of(conversation: Conversation, question: Question) -> Literal["full", "either", "persons"]:
    """How a question is asked again that names two readings, or persons."""
    if not question.choices:
        return "full"
    frame = conversation.top
    slot = slot_of(conversation, frame, question.slot) if frame else None
    return "persons" if slot and slot.type == "person" else "either"


def unless_moved(conversation: Conversation, before: Conversation) -> Conversation:
    """A "Moment" leaves the question as it is, unless the talk moved on beside it."""
    if not conversation.draft.hold or conversation.stack == before.stack:
        return conversation
    return drafted(conversation, hold=False)


def _why(conversation: Conversation, options: bool) -> Conversation:
    frame, question = conversation.top, conversation.question
    if frame is None or question is None or not question.slot:
        return _help(conversation)
    if question.slot in conversation.draft.fresh:
        return conversation
    slot = slot_of(conversation, frame, question.slot)
    if slot and slot.type == "datetime" and options and question.kind == "slot":
        return set_slot(conversation, slot.name, ANY, "")
    if options:
        return asking(conversation, Ask(question.kind, question.slot, form="options"))
    return why_asked(conversation, slot) if slot else saying(conversation, "answer", f"why.{question.slot}")


def why_asked(conversation: Conversation, slot: Slot) -> Conversation:
    """The reason for a question: the flow file's own, else the reply files'."""
    own = slot.why.get(conversation.language, "")
    return (
        saying(conversation, "answer", "own_words", text=own)
        if own
        else saying(conversation, "answer", f"why.{slot.name}")
    )


def _help(conversation: Conversation) -> Conversation:
    question = conversation.question
    if question is None:
        return saying(conversation, "answer", "help.general")
    return _again(conversation, "again")


def _again(conversation: Conversation, form: str = "full") -> Conversation:
    """The open question once more: in full, or in other words when it was repeated before."""
    question, done = conversation.question, conversation.done
    if question is None and done is not None and not conversation.stack:
        return saying(conversation, "answer", f"already.{done.flow}", **done.values)
    if question is None:
        return drafted(conversation, spoken=True)
    reworded = form == "again" or (form == "full" and question.times > 1)
    return drafted(saying(conversation, "notice", "repeat") if form == "full" else conversation, missed=reworded)


def unclear(conversation: Conversation, reason: str, now: datetime) -> Step:
    """The ladder: reworded with an example, then options, then a person. Media and small noise do not climb it."""
    if reason == "media":
        return saying(conversation, "notice", "media.received"), ()
    question = conversation.question
    misses = (question.misses if question else conversation.misses) + 1
    slot = _asked_slot(conversation, question)
    if misses > rungs_of(slot, conversation.language):
        return open_handoff(replace(conversation, misses=0), "not_understood", now)
    if question is not None:
        conversation = replace(conversation, question=replace(question, misses=misses))
    else:
        conversation = replace(conversation, misses=misses)
        return saying(conversation, "answer", f"unclear.{misses}"), ()
    if reason == "scope":
        conversation = saying(conversation, "answer", "unclear.scope")
    return with_example(conversation, slot, misses), ()


def _asked_slot(conversation: Conversation, question: Question | None) -> Slot | None:
    frame = conversation.top
    return slot_of(conversation, frame, question.slot) if frame and question and question.slot else None


def rungs_of(slot: Slot | None, language: str) -> int:
    """How many misunderstandings a question takes before a person is fetched."""
    return len(slot.ladder.get(language, ())) if slot and slot.ladder.get(language) else LADDER - 1


def with_example(conversation: Conversation, slot: Slot | None, misses: int) -> Conversation:
    """The question comes again in other words, behind a good answer of the slot's own where it has one."""
    examples = slot.examples.get(conversation.language, ()) if slot else ()
    if examples:
        conversation = saying(conversation, "notice", "for_example", example=examples[(misses - 1) % len(examples)])
    return drafted(conversation, missed=True)
