"""From "this is what we ask next" to sayings and buttons. Pure; the words stand in `configs/replies/`."""

from __future__ import annotations

from runtime.core.conversation import Ask, Conversation, Frame, Question, flow_of, slot_of
from runtime.core.facts import named, values_of
from runtime.core.joining import WAITING_LIST, may_join
from runtime.core.known_persons import person_buttons, persons_saying
from runtime.core.messages import Button, Say
from runtime.core.picking import offers_of
from runtime.core.prompts import ANSWERS
from runtime.core.readings import either_buttons, either_saying
from runtime.core.routing import STOP
from runtime.core.values import Offer, Value
from runtime.core.waiting import FIRST

MOST_BUTTONS, MOST_WAYS = 10, 3
NOTHING_FREE, CALLBACK = "ask.nothing_free", "callback"


def payload(verb: str, question: str, argument: str = "") -> str:
    """What a button carries: at most 64 bytes, the least that any channel allows."""
    return f"{verb}|{question}|{argument}"


def ask_form(conversation: Conversation, ask: Ask) -> str:
    """In full the first time; short after a digression; other words, then options, when not understood."""
    question = conversation.question
    if conversation.draft.missed and not ask.choices:
        return "again" if question is None or question.misses <= 1 else "options"
    if ask.form != "full":
        return ask.form
    if question is not None and same_question(question, ask) and not conversation.draft.fresh:
        return "short"
    return "full"


def same_question(question: Question, ask: Ask) -> bool:
    """Whether this asks what was asked before."""
    return (question.kind, question.slot) == (ask.kind, ask.slot)


def question_saying(conversation: Conversation, ask: Ask) -> Say:
    """The saying of a question in its form, in simpler words where the customer wished for them (I2)."""
    say = _question_saying(conversation, ask)
    if not conversation.plain or ask_form(conversation, ask) not in ("full", "short"):
        return say
    return Say(f"{say.name.removesuffix('.short').removesuffix('.one')}.plain", say.values)


def _question_saying(conversation: Conversation, ask: Ask) -> Say:
    """The saying of a question in its form, with all values that it may name."""
    frame = conversation.top
    values: dict[str, Value] = values_of(conversation, frame) if frame else {}
    form = ask_form(conversation, ask)
    suffix = "" if form == "full" else f".{form}"
    anew = suffix if form in ("again", "options") else ""
    if frame is not None:
        values = {**values, "flow": frame.flow}
    if ask.saying and form in ("full", "short"):
        waits = ".waiting" if ask.saying == NOTHING_FREE and may_join(conversation) else ""
        return Say(named(ask.saying, values) + waits, values)
    if ask.choices:
        return persons_saying(ask, values) if ask.form == "persons" else either_saying(ask, values)
    match ask.kind:
        case "slot" if own := _own_words(conversation, ask, form):
            return Say("own_words", {**values, "text": own})
        case "prompt":
            return Say(f"ask.prompt.{ask.slot}{suffix}", ask.about)
        case "slot" if frame is not None:
            guest = ".guest" if ask.slot == "name" and "guest" in frame.slots else ""
            return Say(f"ask.{frame.flow}.{ask.slot}{guest}{suffix}", values)
        case "offer" if frame is not None:
            only = len(offers_of(conversation, frame)) == 1 and form in ("full", "short")
            return Say(f"offers.{frame.flow}.{ask.slot}{'.one' if only else suffix}", values)
        case "confirm":
            return Say(f"confirm.{frame.flow if frame else ''}{suffix}", values)
        case "change":
            return Say(f"what_to_change{anew}", values)
        case "clarify" if STOP in ask.flows:
            return Say(f"stop_or_cancel{anew}")
        case "clarify" if ask.slot == FIRST:
            flows: dict[str, Value] = {f"flow_{n}": flow for n, flow in enumerate(ask.flows, 1)}
            return Say(f"clarify.first{anew}", flows)
        case "agree":
            flow = f".{frame.flow}" if frame and ask.slot == "leaving" else ""  # what is left has words a flow
            return Say(f"agree.{ask.slot}{flow}{anew}", values)
        case "clarify":
            several = ".three" if len(ask.flows) > 2 and not anew else ""
            return Say(f"clarify{several}{anew}", {f"flow_{n}": flow for n, flow in enumerate(ask.flows, 1)})
        case _:
            return Say(f"resume.{frame.flow}{anew}" if frame else "resume", values)


def _own_words(conversation: Conversation, ask: Ask, form: str) -> str:
    """The rung of a slot's own ladder, where the flow file has one."""
    frame, question = conversation.top, conversation.question
    slot = slot_of(conversation, frame, ask.slot) if frame else None
    rungs = slot.ladder.get(conversation.language, ()) if slot and form in ("again", "options") else ()
    missed = question.misses if question and same_question(question, ask) else 1
    return rungs[min(max(missed, 1), len(rungs)) - 1] if rungs else ""


def question_buttons(conversation: Conversation, ask: Ask, question: str) -> tuple[Button, ...]:
    """Buttons for this question only."""
    frame = conversation.top
    if ask.choices:
        return person_buttons(ask, question) if ask.form == "persons" else either_buttons(ask, question)
    match ask.kind:
        case "prompt":
            answers = ANSWERS.get(ask.slot, ())
            return tuple(
                Button(Say(f"button.prompt.{answer}"), payload("pick", question, answer)) for answer in answers
            )
        case "confirm":
            return (
                Button(Say(f"button.yes.{frame.flow if frame else ''}"), payload("yes", question)),
                Button(Say(f"button.no.{frame.flow if frame else ''}"), payload("no", question)),
            )
        case "resume":
            return (
                Button(Say("button.go_on"), payload("yes", question)),
                Button(Say("button.drop"), payload("no", question)),
            )
        case "agree":
            return (
                Button(Say(f"button.yes.{ask.slot}"), payload("yes", question)),
                Button(Say(f"button.no.{ask.slot}"), payload("no", question)),
            )
        case "clarify":
            return tuple(_flow_button(flow, question) for flow in ask.flows)
        case "offer" if frame is not None and ask.form == "none_fits" and not conversation.draft.missed:
            return _ways_on(conversation, frame, ask.slot, question)
        case "offer" if frame is not None:
            return _offer_buttons(conversation, frame, ask.slot, question)
        case "slot" if frame is not None:
            return _option_buttons(conversation, frame, ask.slot, question)
        case "change" if ask.saying == NOTHING_FREE:
            return _ways_out(conversation, question)
        case "change" if frame is not None:
            return _change_buttons(conversation, frame, question)
        case _:
            return ()


def _flow_button(flow: str, question: str) -> Button:
    if flow == STOP:
        return Button(Say("button.stop_here"), payload("cancel", question))
    return Button(Say("button.flow", {"flow": flow}), payload("start", "", flow))


def _ways_on(conversation: Conversation, frame: Frame, slot: str, question: str) -> tuple[Button, ...]:
    """What may fit when none of the times does."""
    definition = slot_of(conversation, frame, slot)
    if definition is None or definition.type != "datetime":
        return ()
    return tuple(Button(Say(f"button.{way}"), payload("more", question, way)) for way in ("other_day", "other_time"))


def _offer_buttons(conversation: Conversation, frame: Frame, slot: str, question: str) -> tuple[Button, ...]:
    def one(offer: Offer) -> Button:
        return Button(Say(f"button.offer.{slot}", {**offer.facts, **offer.values}), payload("pick", question, offer.id))

    buttons = tuple(one(offer) for offer in offers_of(conversation, frame)[:MOST_BUTTONS])
    definition = slot_of(conversation, frame, slot)
    if definition is not None and definition.type == "datetime":
        return (*buttons, Button(Say("button.other_day"), payload("more", question, "other_day")))
    return buttons


def _option_buttons(conversation: Conversation, frame: Frame, slot: str, question: str) -> tuple[Button, ...]:
    definition = slot_of(conversation, frame, slot)
    if definition is None or definition.type != "choice" or conversation.desk is None:
        return ()
    options = conversation.desk.options.get(definition.options, ())
    return tuple(
        Button(Say(f"button.option.{slot}", {slot: option.id}), payload("set", question, option.id))
        for option in options[:MOST_BUTTONS]
        if len(payload("set", question, option.id).encode()) <= 64
    )


def _ways_out(conversation: Conversation, question: str) -> tuple[Button, ...]:
    """Where nothing at all is free: another service, the waiting list, a call back, a person; three at most (D7)."""
    flows = conversation.desk.flows if conversation.desk else {}
    waits = (Button(Say("button.flow", {"flow": WAITING_LIST}), payload("start", "", WAITING_LIST)),)
    call_back = (Button(Say("button.flow", {"flow": CALLBACK}), payload("start", "", CALLBACK)),)
    ways = (
        Button(Say("button.change.service"), payload("change", question, "service")),
        *(waits if may_join(conversation) else ()),
        *(call_back if CALLBACK in flows else ()),
        Button(Say("button.person"), payload("person", "")),
    )
    return ways[:MOST_WAYS]


def _change_buttons(conversation: Conversation, frame: Frame, question: str) -> tuple[Button, ...]:
    flow = flow_of(conversation, frame)
    if flow is None:
        return ()
    what: list[str] = []
    for name, slot in flow.slots.items():
        if slot.type == "datetime":
            what += ["day", "time"]
        elif name in frame.slots and slot.type in ("choice", "person", "phone"):
            what.append(name)
    buttons = tuple(Button(Say(f"button.change.{w}"), payload("change", question, w)) for w in what)
    return (*buttons, Button(Say("button.cancel"), payload("cancel", question)))


def menu(conversation: Conversation) -> tuple[Say, tuple[Button, ...]]:
    """What we ask when nothing runs: a few ways to go, and a person."""
    flows = conversation.desk.flows if conversation.desk else {}
    ways = [flow for flow in ("book_appointment", "move_appointment") if flow in flows]
    buttons = tuple(Button(Say("button.flow", {"flow": f}), payload("start", "", f)) for f in ways)
    return Say("menu"), (*buttons, Button(Say("button.person"), payload("person", "")))
