"""What the desk tells on its own, and what an answer to it means: reminders, no-shows, places that are free. Pure.

A prompt is claimed first: an action says whether it still holds and remembers that it is told. What cannot be told now
(at night, in the middle of a talk) is left alone: whoever sent it sends it again until it is claimed. A told prompt
opens a question of its own, and its answer is about the appointment that it names, whatever else is open (A7).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from runtime.core.changing import replace
from runtime.core.commands import Affirm, Cancel, Command, Deny, Language, Pick, Refine, Set, Smalltalk, Start, Undo
from runtime.core.consent import Kind, may_send
from runtime.core.conversation import Ask, Conversation, Filled, Question, Todo, asking, drafted, on_top, saying
from runtime.core.dialogue import carry_out, start
from runtime.core.effects import Act, Effect, Record
from runtime.core.events import Acted, Prompted
from runtime.core.lines import advance
from runtime.core.prompts import ANSWERS, CANNOT
from runtime.core.quiet import is_quiet
from runtime.core.returning import was_away
from runtime.core.revalidating import back_to_parked
from runtime.core.routing import BOOK, CANCEL, MOVE
from runtime.core.values import Value, When

Step = tuple[Conversation, tuple[Effect, ...]]
TALKING = timedelta(minutes=2)
"""Who wrote so recently is in the middle of something."""


_CONSENT: Mapping[str, Kind] = {"reminder": "reminder", "place": "reminder", "no_show": "nudge"}
"""A place that is free is told to those who asked to be told."""


def prompted(conversation: Conversation, event: Prompted) -> Step:
    """Claim it, unless this is no moment for it."""
    if _must_wait(conversation, event):
        return conversation, ()
    ordinal = conversation.draft.ordinal + 1
    key = f"{conversation.tenant}/{conversation.id}/{conversation.session}/{conversation.turn + 1}/{ordinal}"
    conversation = drafted(conversation, ordinal=ordinal, prompt=event, prompt_key=key)
    return conversation, (Act(key, event.claim, event.facts, write=True),)


def _must_wait(conversation: Conversation, event: Prompted) -> bool:
    """While the business is suspended, at night, and while the customer is in the middle of something."""
    if conversation.desk is not None and conversation.desk.suspended:
        return True
    business = conversation.desk.business if conversation.desk else None
    if business and is_quiet(event.now, str(event.facts.get("zone") or business.timezone), business.policies.quiet):
        return True
    busy = conversation.question is not None or bool(conversation.stack)
    return busy and conversation.last_at is not None and event.now - conversation.last_at < TALKING


def claimed(conversation: Conversation, event: Acted) -> Step | None:
    """The claim's outcome: tell it, or leave it; None for an outcome of something else."""
    prompt = conversation.draft.prompt
    if prompt is None or event.key != conversation.draft.prompt_key:
        return None
    conversation = drafted(conversation, prompt=None, prompt_key="")
    facts: dict[str, Value] = {**prompt.facts, **event.outcome.values}
    if event.outcome.name != "done":
        return conversation, (Record("prompt.dropped", {"kind": prompt.kind, "why": event.outcome.name}),)
    if not may_send(conversation, _CONSENT.get(prompt.kind, "nudge")):
        return conversation, (Record("prompt.dropped", {"kind": prompt.kind, "why": "no_consent"}),)
    if conversation.phase in ("queued", "owned"):
        return conversation, (_note(conversation, prompt.kind, facts),)
    conversation = replace(conversation, question=None, answered_at=_newest(conversation, event.now))
    told = Record("prompt.told", {"kind": prompt.kind, "appointment": facts.get("appointment", "")})
    return asking(conversation, Ask("prompt", prompt.kind, about=facts)), (told,)


def _note(conversation: Conversation, kind: str, facts: Mapping[str, Value]) -> Record:
    """A person has the conversation: they are told, the customer is not (law 6)."""
    about = ", ".join(str(facts[name]) for name in ("service", "start", "staff") if facts.get(name))
    return Record("note", {"operator": conversation.owner, "text": f"{kind}, not sent to the customer: {about}"})


def _newest(conversation: Conversation, now: datetime) -> datetime:
    return max(filter(None, (conversation.answered_at, now)))


# ---- its answer


def outdated(conversation: Conversation, now: datetime) -> Conversation:
    """A prompt whose time has come is no open question any more."""
    question = conversation.question
    if question is None or question.kind != "prompt":
        return conversation
    ends = question.about.get("until") or (question.about.get("start") if question.slot != "no_show" else "")
    over = isinstance(ends, str) and ends and datetime.fromisoformat(ends) <= now
    return replace(conversation, question=None) if over else conversation


def answered(conversation: Conversation, commands: tuple[Command, ...], now: datetime) -> Step | None:
    """What the commands mean as an answer to the open prompt, carried out; None when they are none."""
    question = conversation.question
    if question is None or question.kind != "prompt" or conversation.draft.late:
        return None  # Words from before it was told, and changed ones, were meant for something else.
    meant = _meant(question, commands)
    if not meant:
        return None
    record = Record("prompt.answered", {"kind": question.slot, "answer": meant, **_appointment(question)})
    conversation = _done(replace(conversation, question=None), question, meant, now)
    rest = tuple(c for c in commands if not isinstance(c, _ANSWER) or (isinstance(c, Set | Refine) and meant == "move"))
    conversation, effects = carry_out(conversation, rest, now)
    conversation, more = advance(conversation, now)
    return conversation, (record, *effects, *more)


_ANSWER = (Affirm, Deny, Pick, Cancel, Undo, Start, Smalltalk, Set, Refine)


def _appointment(question: Question) -> dict[str, Value]:
    appointment = question.about.get("appointment")
    return {"appointment": appointment} if appointment else {}


def _meant(question: Question, commands: tuple[Command, ...]) -> str:
    answers = ANSWERS.get(question.slot, ())
    reminder = question.slot.startswith("reminder")
    if reminder and any(isinstance(c, Set | Refine) or (isinstance(c, Start) and c.flow == MOVE) for c in commands):
        return "move"
    if reminder and any(isinstance(c, Cancel) and c.ambiguous for c in commands):
        return "off"
    if any(isinstance(c, Start) and c.flow == CANCEL for c in commands) and reminder:
        return "off"
    if any(isinstance(c, Start) for c in commands):
        return "rebook" if question.slot == "no_show" and _starts(commands, BOOK) else ""
    picked = next((c.offer for c in commands if isinstance(c, Pick)), "")
    if picked in answers or (picked == CANNOT and reminder):
        return picked
    return _yes_or_no(question, commands, answers)


def _starts(commands: tuple[Command, ...], flow: str) -> bool:
    return any(isinstance(c, Start) and c.flow == flow for c in commands)


def _yes_or_no(question: Question, commands: tuple[Command, ...], answers: tuple[str, ...]) -> str:
    if any(isinstance(c, Deny | Cancel | Undo) for c in commands):
        return {"reminder": CANNOT, "reminder_cannot": "keep"}.get(question.slot, "no")
    yes = any(isinstance(c, Affirm) for c in commands) and question.slot != "reminder_cannot"
    others = tuple(c for c in commands if not isinstance(c, Language))
    polite = all(isinstance(c, Smalltalk) and c.kind in ("thanks", "bye", "praise") for c in others)
    if yes or (others and polite and question.slot == "reminder"):
        return answers[0]
    return "no" if others and polite and question.slot in ("no_show", "place") else ""


def _done(conversation: Conversation, question: Question, meant: str, now: datetime) -> Conversation:
    about = question.about
    match meant:
        case "move" | "off":
            slots = {"appointment": Filled(about.get("appointment", ""))}
            return _begun(conversation, MOVE if meant == "move" else CANCEL, slots, now)
        case "rebook":
            return _begun(conversation, BOOK, {"service": Filled(about.get("service", ""))}, now)
        case "take":
            return _begun(conversation, BOOK, _place(about), now)
        case "cannot":
            return asking(conversation, Ask("prompt", "reminder_cannot", about=about))
        case _:
            conversation = saying(conversation, "answer", f"prompt.{question.slot}.{meant}", **about)
            return _back(conversation)


def _place(about: Mapping[str, Value]) -> dict[str, Filled]:
    """A free place as the wish for exactly that."""
    moment = datetime.fromisoformat(str(about["start"]))
    slots = {"start": Filled(When(days=(moment.date(),), clock=(time(moment.hour, moment.minute),)))}
    return slots | {name: Filled(about[name]) for name in ("service", "staff") if about.get(name)}


def _begun(conversation: Conversation, flow: str, slots: Mapping[str, Filled], now: datetime) -> Conversation:
    """The flow with these values; where there is no room for it now, it waits with them."""
    known = conversation.desk.flows if conversation.desk else {}
    if flow not in known:
        return conversation
    waiting = len(conversation.todo)
    conversation = start(conversation, Start(flow), now)
    frame = conversation.top
    if len(conversation.todo) > waiting:
        return replace(conversation, todo=(*conversation.todo[:-1], Todo(flow, slots)))
    if frame is None or frame.flow != flow:
        return conversation
    fitting = {name: filled for name, filled in slots.items() if name in known[flow].slots}
    return on_top(conversation, replace(frame, slots={**frame.slots, **fitting}))


def _back(conversation: Conversation) -> Conversation:
    """What was open before goes on; after a while it is asked for first."""
    if not conversation.stack:
        return conversation
    return asking(conversation, Ask("resume")) if was_away(conversation) else back_to_parked(conversation)
