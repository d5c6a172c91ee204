"""Buttons: what a press means, bound to the question that it stood under (C22). Pure."""

from __future__ import annotations

from typing import Literal

from runtime.core.agreeing import agreed
from runtime.core.changing import replace
from runtime.core.commands import Cancel, Pick, Refine, Start
from runtime.core.commands import Set as SetCommand
from runtime.core.conversation import Conversation, Question, drafted, saying
from runtime.core.dialogue import carry_out, start
from runtime.core.effects import Effect
from runtime.core.entering import entered as entered_by
from runtime.core.events import Pressed
from runtime.core.prompting import answered
from runtime.core.readings import chosen_reading
from runtime.core.waiting import picks_first
from runtime.core.yes_no import affirm, deny

Step = tuple[Conversation, tuple[Effect, ...]]


def pressed_now(conversation: Conversation, event: Pressed) -> Conversation:
    """The press noted; words sent before it are late from now on."""
    newest = max(filter(None, (conversation.answered_at, event.at)))
    conversation = replace(conversation, answered_at=newest)
    return drafted(conversation, said=event.payload, pressed=True, missed=False)


def entered(conversation: Conversation, entry: str, event: Pressed) -> Step:
    """Somebody came in by a link that says what is wanted (A9)."""
    conversation, commands, records = entered_by(conversation, entry)
    conversation, effects = carry_out(conversation, commands, event.now)
    return conversation, (*records, *effects)


def pressed_start(conversation: Conversation, flow: str, event: Pressed) -> Conversation:
    known = conversation.desk.flows if conversation.desk else {}
    command = Start(flow)
    runs = conversation.top is not None and conversation.top.flow == flow
    if flow not in known or (runs and not picks_first(conversation, command)):
        return conversation
    return start(conversation, command, event.now)


def pressed_answer(conversation: Conversation, verb: str, argument: str, question: Question, event: Pressed) -> Step:
    """A button of the open question."""
    told = answered(conversation, (Pick(argument),), event.now)
    if told is not None:
        return told
    match verb:
        case "yes" | "no" if question.kind == "agree":
            return agreed(conversation, question.slot, yes=verb == "yes", now=event.now)
        case "yes":
            return affirm(conversation, question, event.now), ()
        case "no":
            return deny(conversation, question, event.now)
        case "pick" | "change":
            return carry_out(conversation, (Pick(argument),), event.now)
        case "either":
            return chosen_reading(conversation, argument), ()
        case "set":
            return carry_out(conversation, (SetCommand(question.slot, "", argument),), event.now)
        case "more":
            how: Literal["other_time", "other_day"] = "other_time" if argument == "other_time" else "other_day"
            return carry_out(conversation, (Refine(how),), event.now)
        case "cancel":
            return carry_out(conversation, (Cancel(),), event.now)
        case _:
            return saying(conversation, "notice", "stale_button"), ()
