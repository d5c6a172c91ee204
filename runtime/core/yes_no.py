"""Yes and no: bound to the question asked last, and to a confirm only for those very facts (law 5). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from runtime.core.agreeing import agreed
from runtime.core.changing import replace
from runtime.core.commands import Affirm, Deny
from runtime.core.conversation import (
    CONFIRM_MINUTES,
    Ask,
    Conversation,
    Frame,
    Question,
    asking,
    drafted,
    flow_of,
    on_top,
    saying,
)
from runtime.core.corrections import refreshed
from runtime.core.effects import Effect
from runtime.core.facts import bound_facts
from runtime.core.flows import Confirm
from runtime.core.handoff import open_handoff
from runtime.core.joining import WAITING_LIST, may_join
from runtime.core.lines import open_flow, react
from runtime.core.picking import open_offers, pick, skip
from runtime.core.stopping import drop_top

Step = tuple[Conversation, tuple[Effect, ...]]


def yes_or_no(conversation: Conversation, command: Affirm | Deny, now: datetime) -> Step:
    question = conversation.question
    if question is None:
        return _answer_to_nothing(conversation, command), ()
    if question.kind == "agree":
        return agreed(conversation, question.slot, yes=isinstance(command, Affirm), now=now)
    if isinstance(command, Affirm) and not command.firm and question.kind == "confirm":
        # "Vielleicht" and "denke schon" write nothing: a clear word is asked for (E8).
        return asking(conversation, Ask("confirm", form="again")), ()
    if isinstance(command, Affirm):
        return affirm(conversation, question, now), ()
    return deny(conversation, question, now)


def _answer_to_nothing(conversation: Conversation, command: Affirm | Deny) -> Conversation:
    done = conversation.done
    if isinstance(command, Affirm) and done is not None and not conversation.stack:
        return saying(conversation, "answer", f"already.{done.flow}", **done.values)
    return saying(conversation, "answer", "ok") if isinstance(command, Deny) else drafted(conversation, spoken=True)


def affirm(conversation: Conversation, question: Question, now: datetime) -> Conversation:
    """A yes means what was asked last; to a confirm it holds only for those very facts."""
    frame = conversation.top
    match question.kind:
        case "confirm" if frame is not None:
            return _confirmed(conversation, frame, question, now)
        case "offer":
            offers = open_offers(conversation)
            if len(offers) == 1 and not question.refusals:
                return pick(conversation, offers[0].id)
            return asking(conversation, Ask("offer", question.slot, form="again"))
        case "resume" if frame is not None:
            flow = flow_of(conversation, frame)
            conversation = replace(conversation, question=None)
            return on_top(conversation, refreshed(frame, flow)) if flow else conversation
        case "change":
            # "Nichts, passt doch": the summary comes again, and only its own yes counts.
            return replace(conversation, question=None)
        case "clarify" if len(question.flows) == 1:
            return open_flow(replace(conversation, question=None), question.flows[0], now)
        case _:
            return conversation


def _confirmed(conversation: Conversation, frame: Frame, question: Question, now: datetime) -> Conversation:
    """Bind the yes, or say what is different and look everything up anew (A5, E5, law 5)."""
    flow = flow_of(conversation, frame)
    if flow is None:
        return conversation
    facts = bound_facts(conversation, frame, flow)
    expired = now - question.asked_at > timedelta(minutes=CONFIRM_MINUTES)
    if expired or question.failed:
        conversation = saying(conversation, "notice", "confirm.expired")
        return on_top(conversation, refreshed(frame, flow))
    if facts != question.fingerprint:
        conversation = saying(conversation, "notice", "confirm.changed")
        return on_top(conversation, refreshed(frame, flow))
    return on_top(conversation, replace(frame, confirmed=facts))


def deny(conversation: Conversation, question: Question, now: datetime) -> Step:
    """A no to a confirm asks what to change; to offers, for one constraint; to a question, it is a refusal."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None or question.kind == "clarify":
        return saying(replace(conversation, question=None), "answer", "ok"), ()
    match question.kind:
        case "confirm":
            line = flow.lines[frame.at] if frame.at < len(flow.lines) else None
            reaction = line.reactions.get("deny") if isinstance(line, Confirm) else None
            if reaction is None:
                return asking(conversation, Ask("change", saying="what_to_change")), ()
            return react(conversation, frame, flow, reaction, now, keep_value=True)
        case "offer":
            return _none_of_these(conversation, frame, question, now)
        case "resume" | "change":
            return drop_top(conversation, "cancelled", now), ()
        case "slot":
            return skip(conversation, "refused", now)
        case _:
            return saying(conversation, "answer", "ok"), ()


def _none_of_these(conversation: Conversation, frame: Frame, question: Question, now: datetime) -> Step:
    """All offers turned down: ask for a constraint twice, then fetch a person (D3)."""
    if frame.refusals >= 2 and may_join(conversation):
        return asking(conversation, Ask("agree", WAITING_LIST)), ()
    if frame.refusals >= 2:
        return open_handoff(conversation, "no_offer", now)
    conversation = on_top(conversation, replace(frame, refusals=frame.refusals + 1))
    return asking(conversation, Ask("offer", question.slot, form="none_fits")), ()
