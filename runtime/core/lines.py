"""Walking through a flow's lines until a question, an action or the end. Pure.

The only place where a write comes to be: `_act` asks for one when the customer said yes to exactly these facts.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from runtime.core.availability import said_why_not, why_not
from runtime.core.awaiting import begun, is_late, told_to_wait, waits
from runtime.core.calling import handed_back, handed_down
from runtime.core.changing import replace
from runtime.core.collecting import collect, has_guest
from runtime.core.conversation import (
    Ask,
    Conversation,
    Done,
    Filled,
    Frame,
    Todo,
    asking,
    drafted,
    flow_of,
    on_top,
    saying,
)
from runtime.core.corrections import rewound, set_slot, take_offer
from runtime.core.effects import Act, Effect, Record
from runtime.core.events import Acted, Outcome
from runtime.core.facts import arguments, bound_facts, named, say_values, values_of
from runtime.core.flows import (
    ActLine,
    Branch,
    CallLine,
    Choose,
    Collect,
    Confirm,
    End,
    Flow,
    HandoffLine,
    Jump,
    Line,
    Reaction,
    SayLine,
    SetLine,
    TicketLine,
    WaitLine,
)
from runtime.core.handoff import open_handoff
from runtime.core.known_persons import with_person
from runtime.core.revalidating import back_to_parked
from runtime.core.tickets import ticket_of_line
from runtime.core.values import Offer

Step = tuple[Conversation, tuple[Effect, ...]]
LINES_A_TURN = 200
ACTS_A_TURN = 12
MOST_OFFERS = 10
"""A flow that circles without the customer is handed to a person."""


def advance(conversation: Conversation, now: datetime) -> Step:
    """Walk on until the customer, an action or nobody is waited for."""
    effects: tuple[Effect, ...] = ()
    for _ in range(LINES_A_TURN):
        frame = conversation.top
        if waits(frame):
            return told_to_wait(conversation), effects
        if conversation.phase != "bot" or conversation.draft.ask or (frame and frame.waiting):
            return conversation, effects
        if frame is None:
            if not conversation.todo:
                return conversation, effects
            conversation = _open_todo(conversation, now)
            continue
        conversation, more = _one_line(conversation, frame, now)
        effects += more
    return _circling(conversation, now, effects)


def _circling(conversation: Conversation, now: datetime, effects: tuple[Effect, ...]) -> Step:
    conversation, more = handed_over(conversation, "stuck", now)
    return conversation, effects + more


def handed_over(conversation: Conversation, reason: str, now: datetime) -> Step:
    """Hand over where the flow cannot go on; when nobody is there the flow ends, or it would ask for one for ever."""
    conversation, effects = open_handoff(conversation, reason, now)
    if conversation.phase == "bot":
        conversation = replace(conversation, stack=conversation.stack[:-1])
    return conversation, effects


def _one_line(conversation: Conversation, frame: Frame, now: datetime) -> Step:
    flow = flow_of(conversation, frame)
    if flow is None:
        return _withdrawn(conversation), ()
    if frame.at >= len(flow.lines):
        return finish(conversation, frame, flow, now), ()
    return _run(conversation, frame, flow, flow.lines[frame.at], now)


def _run(conversation: Conversation, frame: Frame, flow: Flow, line: Line, now: datetime) -> Step:
    match line:
        case Collect():
            return collect(conversation, frame, flow, line, now), ()
        case Choose():
            return _choose(conversation, frame, line), ()
        case ActLine():
            return _act(conversation, frame, flow, line, now)
        case Confirm():
            return _confirm(conversation, frame, flow, line), ()
        case SayLine(name):
            values = say_values(conversation, frame)
            return _step_on(saying(conversation, "answer", named(name, values), **values), frame), ()
        case Branch():
            return on_top(conversation, replace(frame, at=_branch(frame, line))), ()
        case Jump(to):
            return on_top(conversation, replace(frame, at=to)), ()
        case SetLine(slot, value):
            slots = {**frame.slots, slot: Filled(value)}
            return _step_on(on_top(conversation, frame), replace(frame, slots=slots)), ()
        case HandoffLine(reason):
            return handed_over(conversation, reason, now)
        case CallLine():
            return _call(conversation, frame, flow, line, now)
        case WaitLine():
            return _wait(conversation, frame, flow, line, now)
        case TicketLine():
            conversation, effects = ticket_of_line(conversation, frame, line, now)
            return _step_on(conversation, frame), effects
        case End(how):
            return finish(conversation, frame, flow, now, done=how == "done"), ()
    assert_never(line)


def _call(conversation: Conversation, frame: Frame, flow: Flow, line: CallLine, now: datetime) -> Step:
    """Open the other flow, or, when it is over, go on by how it ended."""
    if not frame.returned:
        opened = open_flow(conversation, line.flow, now)
        if opened.top is frame:
            return open_handoff(conversation, "trouble", now)
        return handed_down(opened, frame), ()
    over = replace(frame, returned="")
    if frame.returned == "done":
        return _step_on(conversation, over), ()
    reaction = line.reactions.get("aborted", Reaction(end="aborted"))
    return _react_or_go_on(on_top(conversation, over), over, flow, reaction, now)


def _wait(conversation: Conversation, frame: Frame, flow: Flow, line: WaitLine, now: datetime) -> Step:
    if is_late(frame, now):
        over = replace(frame, waits_until=0)
        return _react_or_go_on(on_top(conversation, over), over, flow, line.otherwise, now)
    frame, effects = begun(frame, line, now)
    return on_top(conversation, frame), effects


def _react_or_go_on(conversation: Conversation, frame: Frame, flow: Flow, reaction: Reaction, now: datetime) -> Step:
    """A reaction; one that only says something goes on with the next line."""
    conversation, effects = react(conversation, frame, flow, reaction, now, keep_value=True)
    leads = reaction.ask or reaction.back_to or reaction.handoff or reaction.end
    return (conversation if leads else _step_on(conversation, frame)), effects


def _step_on(conversation: Conversation, frame: Frame) -> Conversation:
    return on_top(conversation, replace(frame, at=frame.at + 1))


def _branch(frame: Frame, line: Branch) -> int:
    filled = frame.slots.get(line.slot)
    holds = filled is not None and line.equals in (None, filled.value)
    return frame.at + 1 if holds else line.otherwise


def _choose(conversation: Conversation, frame: Frame, line: Choose) -> Conversation:
    if line.slot in frame.chosen:
        return _step_on(conversation, frame)
    offer = _only_choice(frame, line)
    if offer is None:
        return asking(conversation, Ask("offer", line.slot))
    return _step_on(conversation, take_offer(frame, line.slot, offer, conversation.turn + 1, picked=False))


def _only_choice(frame: Frame, line: Choose) -> Offer | None:
    """The one offer that there is, or the one that the slot already names."""
    result = frame.results.get(line.source)
    if result is None:
        return None
    if len(result.offers) == 1 and result.name in ("found", "one"):
        return result.offers[0]
    named_before = frame.slots.get(line.slot)
    wanted = named_before.value if named_before else None
    return next((offer for offer in result.offers if wanted and offer.values.get(line.slot) == wanted), None)


def _confirm(conversation: Conversation, frame: Frame, flow: Flow, line: Confirm) -> Conversation:
    if frame.confirmed and frame.confirmed == bound_facts(conversation, frame, flow):
        return _step_on(conversation, frame)
    return asking(conversation, Ask("confirm", saying=line.saying))


def _act(conversation: Conversation, frame: Frame, flow: Flow, line: ActLine, now: datetime) -> Step:
    if conversation.draft.acts >= ACTS_A_TURN:
        return handed_over(conversation, "stuck", now)
    if line.write and frame.confirmed != bound_facts(conversation, frame, flow):
        return on_top(conversation, _before_confirm(frame, flow)), ()
    ordinal = conversation.draft.ordinal + 1
    key = f"{conversation.tenant}/{conversation.id}/{conversation.session}/{conversation.turn + 1}/{ordinal}"
    act = Act(key, line.action, arguments(conversation, frame, line), line.write, conversation.draft.pressed)
    conversation = drafted(conversation, ordinal=ordinal, acts=conversation.draft.acts + 1)
    return on_top(conversation, replace(frame, waiting=key)), (act,)


def _before_confirm(frame: Frame, flow: Flow) -> Frame:
    at = max(i for i, line in enumerate(flow.lines[: frame.at]) if isinstance(line, Confirm))
    return replace(frame, at=at, confirmed="")


def acted(conversation: Conversation, event: Acted) -> Step:
    """Take an action's outcome in and go on; an outcome that nobody waits for is dropped."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None or frame.waiting != event.key:
        return conversation, ()
    line = flow.lines[frame.at]
    assert isinstance(line, ActLine)  # noqa: S101  # only those wait
    outcome = replace(event.outcome, offers=event.outcome.offers[:MOST_OFFERS])
    frame = replace(frame, waiting="", confirmed="" if line.write else frame.confirmed)
    if line.into:
        shown = (*frame.shown, *(o.id for o in outcome.offers))
        frame = replace(frame, results={**frame.results, line.into: outcome}, shown=shown[-30:])
    conversation = on_top(conversation, replace(frame, stood=""))
    notice = outcome.values.get("notice")
    if notice:
        conversation = _no_longer(conversation, frame, f"offers.{notice}", outcome)
    conversation, effects = _outcome(conversation, replace(frame, stood=""), flow, line, event)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _no_longer(conversation: Conversation, frame: Frame, name: str, outcome: Outcome) -> Conversation:
    """Why not that time; one that stood before another task came in between is named (F5)."""
    if not frame.stood:
        return saying(conversation, "notice", name, **outcome.values)
    return saying(conversation, "notice", "flow.no_longer", start=frame.stood)


def _outcome(conversation: Conversation, frame: Frame, flow: Flow, line: ActLine, event: Acted) -> Step:
    effects: tuple[Effect, ...] = ()
    outcome = event.outcome
    if line.write:
        facts = {"action": line.action, "key": event.key, "outcome": outcome.name, **outcome.values}
        effects = (Record("action", facts),)
    if line.write and outcome.name == "done":
        conversation = _remembered(conversation, frame, flow, line, event)
    reaction = line.reactions.get(outcome.name)
    if reaction is None and outcome.kind == "unknown":
        reaction = line.reactions.get("unknown", Reaction(handoff="outcome_unknown"))
    if reaction is not None and not line.write and outcome.values.get("notice"):
        reaction = replace(reaction, say="")  # the notice has said why
    if reaction is None and outcome.name == "failed":
        reaction = Reaction(handoff="action_failed")
    if reaction is None:
        return _step_on(conversation, frame), effects
    conversation, more = react(conversation, frame, flow, reaction, event.now, keep_value=line.write)
    if line.write and outcome.kind == "unknown":
        # It may have happened: the flow is over for the bot, a person looks, and nothing runs twice (P5).
        conversation = replace(conversation, stack=tuple(f for f in conversation.stack if f.flow != flow.id))
    return conversation, effects + more


def _remembered(conversation: Conversation, frame: Frame, flow: Flow, line: ActLine, event: Acted) -> Conversation:
    """The write as the last thing done: what an undo takes back, and what a second yes is answered with."""
    asked = conversation.question.id if conversation.question else ""
    values = {**values_of(conversation, frame), **event.outcome.values}
    done = Done(event.key, line.action, flow.id, asked, values, event.now)
    return replace(conversation, done=done, question=None)


def landed(conversation: Conversation, event: Acted) -> Conversation:
    """An outcome that comes when the bot no longer has the conversation: kept, so that nothing runs again (K17)."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None or frame.waiting != event.key:
        return conversation
    line = flow.lines[frame.at]
    if isinstance(line, ActLine) and line.write and event.outcome.name == "done":
        conversation = _remembered(conversation, frame, flow, line, event)
    if isinstance(line, ActLine) and line.write and event.outcome.kind != "refused":
        return replace(conversation, stack=conversation.stack[:-1])
    return on_top(conversation, replace(frame, waiting="", confirmed=""))


def react(
    conversation: Conversation, frame: Frame, flow: Flow, reaction: Reaction, now: datetime, *, keep_value: bool
) -> Step:
    """What a flow's `on:` table says: in the order say, back to a question, hand over, end."""
    if reaction.say:
        conversation = saying(conversation, "notice", reaction.say, **say_values(conversation, frame))
    if reaction.ask:
        conversation = asking(conversation, Ask("change", saying=reaction.ask))
    if reaction.back_to:
        back = rewound(frame, flow, reaction.back_to)
        slots = back.slots if keep_value else {n: f for n, f in back.slots.items() if n != reaction.back_to}
        conversation = on_top(conversation, replace(back, slots=slots))
    if reaction.handoff:
        return open_handoff(conversation, reaction.handoff, now)
    if reaction.end:
        return finish(conversation, frame, flow, now, done=reaction.end == "done"), ()
    return conversation, ()


def finish(conversation: Conversation, frame: Frame, flow: Flow, now: datetime, *, done: bool = True) -> Conversation:
    """Leave the top flow: what is to be remembered stays with the contact, the flow below goes on by name."""
    facts = dict(conversation.facts)
    if done:
        kept = [n for n, s in flow.slots.items() if s.remember and n in frame.slots]
        for name in kept:
            value = frame.slots[name].value
            if flow.slots[name].type == "person":
                facts = with_person(facts, name, str(value), guest=has_guest(frame, flow))
            else:
                facts[name] = value
    kept_back = tuple(n for n in frame.skipped if n in flow.slots and flow.slots[n].remember)
    todo = tuple(replace(t, skipped=kept_back) for t in conversation.todo) if kept_back else conversation.todo
    conversation = replace(conversation, stack=conversation.stack[:-1], facts=facts, todo=todo)
    if frame.called:
        return handed_back(conversation, frame, done=done)
    return back_to_parked(conversation, frame if done else None)


def open_flow(conversation: Conversation, flow_id: str, now: datetime) -> Conversation:
    """Put a flow on the stack, in its present version."""
    flow = conversation.desk.flows.get(flow_id) if conversation.desk else None
    if flow is None:
        return conversation
    frame = Frame(flow.id, flow.hash, now)
    return replace(conversation, stack=(*conversation.stack, frame))


def _open_todo(conversation: Conversation, now: datetime) -> Conversation:
    todo, *rest = conversation.todo
    return open_listed(replace(conversation, todo=tuple(rest)), todo, now)


def open_listed(conversation: Conversation, todo: Todo, now: datetime) -> Conversation:
    """A wish that waited, with the values that were said for it."""
    why = why_not(conversation, todo.flow, now)
    if why:
        return said_why_not(conversation, todo.flow, why, now)
    opened = open_flow(conversation, todo.flow, now)
    if opened.top is None or opened.top is conversation.top:
        return conversation
    opened = on_top(opened, replace(opened.top, skipped=todo.skipped))
    opened = saying(opened, "acknowledgement", "flow.next", flow=todo.flow)
    for name, filled in todo.slots.items():
        opened = set_slot(opened, name, filled.value, filled.words)
    return opened


def _withdrawn(conversation: Conversation) -> Conversation:
    """A flow whose version is nowhere any more: say so, keep the contact's facts, go on below."""
    conversation = saying(conversation, "notice", "flow.withdrawn")
    return back_to_parked(replace(conversation, stack=conversation.stack[:-1], question=None))
