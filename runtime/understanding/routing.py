"""Which task a text is about: strong words for the four tasks around appointments, examples for every other flow."""

from __future__ import annotations

from runtime.core.commands import Affirm, Ask, Cancel, Clarify, Deny, Either, Handoff, Pick, Refine, Set, Start, Unclear
from runtime.core.matters import TOPIC as MATTER
from runtime.core.values import When
from runtime.understanding.names import is_time
from runtime.understanding.reading import Reading

STAGE = "rules:route"
PEOPLE = "rules:people"
"""The stage of a matter that people take up: nothing is started beside it."""
BOOK, MOVE, CANCEL, MINE = "book_appointment", "move_appointment", "cancel_appointment", "my_appointments"
UNDO = "undo_last"
"""Started by the machine itself."""
_BY_LABEL = {"cancel_appointment": CANCEL, "move": MOVE, "list": MINE, "book": BOOK}
"""Label of a phrase -> flow, the telling ones first."""
_OWN_WORDS = ("callback", "waiting_list")
"""Flows that have phrases too: likeness alone ("call off") does not put them above a task that was named."""
NEAR = 0.55
SURE = 0.75
"""An own flow so near wins over the words of a task."""
CLOSE = 0.08
"""Two flows whose likeness differs by less are asked about."""


def near_own_flow(reading: Reading) -> str:
    """The tenant's own flow that the text is close to."""
    return _other_flow(reading, NEAR)


def task_of(reading: Reading) -> str:
    """The flow that the words ask for, empty when they ask for none."""
    flows = reading.expectation.desk.flows
    for label, flow in _BY_LABEL.items():
        if flow in flows and _says_task(reading, label):
            if flow == CANCEL and MOVE in flows and _rather_moves(reading):
                return MOVE
            if flow in (MOVE, BOOK) and CANCEL in flows and _calls_off(reading):
                return CANCEL
            return _other_flow(reading, SURE) or flow
    if CANCEL in flows and _calls_off(reading):
        return CANCEL
    return _other_flow(reading, NEAR)


def _calls_off(reading: Reading) -> bool:
    """ "Ich kann am Dienstag doch nicht, bitte absagen": no noun says what, and nothing runs that it could stop."""
    return reading.expectation.flow is None and reading.says("cancel_ambiguous")


def _rather_moves(reading: Reading) -> bool:
    """ "Ich schaffe es am Dienstag nicht, geht auch Mittwoch?": who names another time wants to come."""
    if reading.says("other_day", "other_time", "later", "earlier", "move"):
        return True
    return any(
        not segment.has("cancel_appointment", "cancel_ambiguous", "list")
        and (segment.question or segment.has("correction", "yes_soft"))
        and any(is_time(reading.tokens[place]) or reading.tokens[place].kind != "word" for place in segment.places)
        for segment in reading.segments
    )


def _says_task(reading: Reading, label: str) -> bool:
    for segment, _ in reading.hits(label):
        labels = {hit.label for hit in segment.hits}
        if "bye" in labels and label == "book":
            continue
        if label in ("cancel_appointment", "move", "list") and "new_one" in labels and "book" in labels:
            continue
        if label == "cancel_appointment" and "ask_cancellation" in labels:
            continue
        return True
    return False


def _other_flow(reading: Reading, near: float) -> str:
    """A flow of the tenant's own whose examples are close."""
    words = [word for segment in reading.segments for word in segment.words]
    ranked = reading.index.routes.ranked(words)
    known = {*_BY_LABEL.values(), UNDO, *(_OWN_WORDS if near == SURE else ())}
    own = [(flow, like) for flow, like in ranked if flow not in known and like >= near]
    return own[0][0] if own else ""


def route(reading: Reading, task: str) -> None:
    """Start what is wanted, unless it runs already or the words only corrected what runs."""
    current = reading.expectation.flow
    if reading.kind == "clarify" and (reading.found(Start) or _meant(reading)):
        return
    matter = any(isinstance(c, Ask) and c.topic.startswith(MATTER) for c, _ in reading.commands)
    if matter and task not in _BY_LABEL.values():
        task = ""  # likeness to an example is no word of a task
    if any(isinstance(c, Ask) and stage == PEOPLE for c, stage in reading.commands):
        reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Set, Start))]
        return
    if _foreign_thing(reading):
        reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Set, Start))]
        if not reading.commands:
            reading.add(Unclear("scope"), STAGE)
        return
    if reading.found(Start) and any(segment.has("when_free") for segment in reading.segments):
        return  # to be told of a free time is no booking
    if current is None:
        _begin(reading, task)
    elif _new_one(reading) and BOOK in reading.expectation.desk.flows:
        _start(reading, BOOK, another=True)
    elif task and task != current.id:
        _digress(reading, task, current.id)
    elif task == current.id and _another_one(reading):
        _start(reading, task, another=_new_one(reading))


def _foreign_thing(reading: Reading) -> bool:
    """ "Einen Flug nach Rom buchen": a thing that no business like this has, unless this one does (H3)."""
    for segment, hit in reading.hits("foreign_thing"):
        words = [reading.tokens[place].norm for place in segment.places[hit.start : hit.end]]
        if not any(reading.index.mentions(word) for word in words) and not near_own_flow(reading):
            return True
    return False


def _begin(reading: Reading, task: str) -> None:
    """Nothing runs: a task that was named, or a wish for a service or a time, which is a booking."""
    flows = reading.expectation.desk.flows
    if not task and reading.found(Handoff):
        return
    has_value = reading.touched or any(_wished(command) for command, _ in reading.commands)
    if not task and not reading.found(Ask) and _only_refuses(reading):
        _refused_day(reading)
        return
    if not task and has_value and BOOK in flows and (not reading.found(Ask) or _whole_wish(reading)):
        task = BOOK
    if task == BOOK and _vague(reading):
        options = tuple(flow for flow in (BOOK, MOVE, CANCEL) if flow in flows)
        if len(options) > 1:
            reading.add(Clarify(options, reading.text.strip()), STAGE)
            return
    if task:
        _start(reading, task)
    else:
        _closest(reading)


def _whole_wish(reading: Reading) -> bool:
    """A service and a time, said besides the question: "..., and do you sell vouchers?"."""
    said = [command for command, stage in reading.commands if isinstance(command, Set) and stage == "rules:slot"]
    return any(isinstance(one.value, When) for one in said) and any(one.slot == "service" for one in said)


def _only_refuses(reading: Reading) -> bool:
    """ "Am Montag kann ich doch nicht", and no more: that is about an appointment that there is."""
    sets = [command for command, _ in reading.commands if isinstance(command, Set)]
    return len(sets) == 1 and isinstance(sets[0].value, When) and _is_refusal(sets[0].value)


def _is_refusal(when: When) -> bool:
    left_out = when.not_days or when.not_weekdays
    return bool(left_out) and not (when.days or when.weekdays or when.from_day or when.until_day or when.names_clock)


def _refused_day(reading: Reading) -> None:
    """Move it or call it off: only the customer knows."""
    flows = tuple(flow for flow in (MOVE, CANCEL) if flow in reading.expectation.desk.flows)
    reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Set, Deny, Affirm))]
    if len(flows) > 1:
        reading.add(Clarify(flows, reading.text.strip()), STAGE)
    elif flows:
        _start(reading, flows[0])


def _wished(command: object) -> bool:
    return isinstance(command, Either) or (
        isinstance(command, Set)
        and (isinstance(command.value, When) or command.slot in ("service", "services", "staff"))
    )


def _vague(reading: Reading) -> bool:
    """ "Termin", or "Termin morgen 15 Uhr", and no more, from somebody who has one already."""
    if not reading.expectation.has_appointment or reading.touched or reading.says("wish", "new_one"):
        return False
    if any(segment.question for segment in reading.segments) or reading.found(Affirm, Deny) or reading.shifts:
        return False
    sets = [command for command, _ in reading.commands if isinstance(command, Set)]
    words = sum(len(reading.rest(segment)) for segment in reading.segments)
    if sets and not any(segment.has("book") for segment in reading.segments):
        return False
    return words <= 2 and all(isinstance(command.value, When) for command in sets)


def _closest(reading: Reading) -> None:
    """No word of a task: the nearest examples, if they are near enough and alone."""
    if reading.commands:
        return
    words = [word for segment in reading.segments for word in segment.words]
    ranked = [entry for entry in reading.index.routes.ranked(words) if entry[1] >= NEAR and entry[0] != UNDO]
    if not ranked:
        return
    rivals = [flow for flow, like in ranked if ranked[0][1] - like < CLOSE][:3]
    if len(rivals) > 1:
        reading.add(Clarify(tuple(rivals), reading.text.strip()), STAGE)
    else:
        _start(reading, rivals[0])


def _start(reading: Reading, task: str, *, another: bool = False) -> None:
    reading.add(Start(task, reading.text.strip(), another), STAGE)


def _another_one(reading: Reading) -> bool:
    """A second appointment beside the one in hand, or only its name again."""
    return _new_one(reading) or not reading.commands


def _new_one(reading: Reading) -> bool:
    return any(segment.has("new_one") for segment in reading.segments)


def settle(reading: Reading) -> None:
    """ "I can't make it" starts a task and answers nothing; "ach, ich meine Donnerstag" takes back what was booked."""
    corrects = any(segment.has("correction") for segment in reading.segments) and not _new_one(reading)
    if reading.expectation.can_undo and reading.expectation.flow is None and corrects and reading.found(Set):
        reading.add(Deny(reading.text.strip()), STAGE)
    if any(isinstance(command, Start) and command.flow in (MOVE, CANCEL) for command, _ in reading.commands):
        reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Affirm, Deny))]


def _digress(reading: Reading, task: str, current: str) -> None:
    """Another task while one runs."""
    own = reading.says("existing") or (reading.says("mine") and reading.expectation.has_appointment)
    match task:
        case "book_appointment":
            if _new_one(reading) or (reading.says("book") and reading.says("wish") and not reading.found(Set, Pick)):
                _start(reading, task)
        case "move_appointment" if current == BOOK:
            _move_or_correct(reading, own)
        case "cancel_appointment" if current in (BOOK, MOVE):
            _stop_or_cancel(reading, own)
        case _:
            _start(reading, task)


def _move_or_correct(reading: Reading, own: bool) -> None:
    """Before anything is booked, "verschieben auf Mittwoch" corrects the wish in hand."""
    if own or (reading.says("mine") and not reading.found(Set, Refine, Pick)):
        reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Set, Refine, Pick))]
        _start(reading, MOVE)
    elif not reading.found(Set, Refine, Pick):
        reading.add(Refine("other_time", reading.text.strip()), STAGE)


def _stop_or_cancel(reading: Reading, own: bool) -> None:
    from_task = [entry for entry in reading.commands if not isinstance(entry[0], (Set, Deny, Affirm))]
    reading.commands = from_task
    if own:
        _start(reading, CANCEL)
    else:
        from_ambiguous(reading)


def from_ambiguous(reading: Reading) -> None:
    """Stop this, or call an appointment off: the machine knows which of them is possible."""
    reading.add(Cancel(reading.text.strip(), ambiguous=True), STAGE)


def _meant(reading: Reading) -> bool:
    """The answer to "which of these?": its number, its words, or its name."""
    expecting = reading.expectation.expecting
    flows = expecting.flows if expecting else ()
    place = _place(reading, len(flows))
    if place is not None:
        _start(reading, flows[place])
        return True
    for label, flow in _BY_LABEL.items():
        if flow in flows and (reading.says(label) or (flow == BOOK and _new_one(reading))):
            _start(reading, flow)
            return True
    words = [word for segment in reading.segments for word in segment.words]
    near = [flow for flow, like in reading.index.routes.ranked(words) if flow in flows and like > 0.2]
    if near:
        _start(reading, near[0])
    return bool(near)


def _place(reading: Reading, count: int) -> int | None:
    digits = [int(token.norm[:4]) for token in reading.tokens if token.kind == "digits"]
    for number in digits[:1]:
        return number - 1 if 1 <= number <= count else None
    for at, label in enumerate(("first", "second", "third")):
        if at < count and reading.says(label):
            return at
    return count - 1 if count and reading.says("last") else None
