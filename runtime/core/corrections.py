"""Giving, changing and taking back slot values: rewind and replay.

A correction goes back to the first line that reads the slot and drops what rests on it: results, offers, choices and
the yes. `lines.py` then walks forward again; what still holds passes by. A write is never replayed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from runtime.core.changing import replace
from runtime.core.commands import Refine
from runtime.core.conversation import Conversation, Filled, Frame, drafted, flow_of, on_top, slot_of
from runtime.core.flows import ActLine, Branch, Choose, Collect, Confirm, Flow, Line
from runtime.core.slot_loader import dependents
from runtime.core.values import ANY, Offer, Value, When

LONGEST_WORDS = 200
FROM_CONTACT = 0
"""The turn of a value that no turn gave: it was known of the contact."""


def set_slot(conversation: Conversation, name: str, value: Value, words: str) -> Conversation:
    """The top flow with this value in the slot; on a filled slot this is a correction."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    slot = flow.slot(name) if flow else None
    if frame is None or flow is None or slot is None or (value == ANY and not may_be_any(conversation, name)):
        return conversation
    old = frame.slots.get(name)
    if slot.type == "datetime":
        value = _wish(old.value if old else None, value)
    filled = Filled(value, words[:LONGEST_WORDS], conversation.turn + 1)
    if slot.type == "relation":
        frame = _for_a_guest(frame, flow)
    frame = _without_assumption(frame, flow, name)
    frame = replace(
        _with_dependents(frame, flow, name),
        slots={**frame.slots, name: filled},
        skipped=tuple(s for s in frame.skipped if s != name),
    )
    fresh = (*(s for s in conversation.draft.fresh if s != name), name)
    return drafted(on_top(conversation, frame), fresh=fresh)


def _with_dependents(frame: Frame, flow: Flow, name: str) -> Frame:
    """The frame back at the first line that reads the slot or one that depends on it: their values are checked anew."""
    for changed in (name, *sorted(dependents(flow, name))):
        frame = rewound(frame, flow, changed)
    return frame


def _without_assumption(frame: Frame, flow: Flow, name: str) -> Frame:
    """ "Verschieb den am Dienstag": who says which one does not mean the one that was assumed."""
    found = {line.into for line in flow.lines if isinstance(line, ActLine) and name in (line.reads or ())}
    assumed = {
        line.slot
        for line in flow.lines
        if isinstance(line, Choose) and line.source in found and flow.slots[line.slot].type == "offer"
    }
    return replace(frame, slots={n: f for n, f in frame.slots.items() if n not in assumed}) if assumed else frame


def may_be_any(conversation: Conversation, name: str) -> bool:
    """Whether we can choose when the customer says "egal": a time or a person, but not a service or a name (C8)."""
    slot = slot_of(conversation, conversation.top, name) if conversation.top else None
    return slot is not None and (slot.type == "datetime" or (slot.type == "choice" and slot.optional))


def _for_a_guest(frame: Frame, flow: Flow) -> Frame:
    """An appointment for somebody else does not go by the contact's own name, which nobody said here (B4)."""
    known = {n for n, f in frame.slots.items() if flow.slots[n].type == "person" and f.turn == FROM_CONTACT}
    for name in known:
        frame = rewound(frame, flow, name)
    return replace(frame, slots={n: f for n, f in frame.slots.items() if n not in known})


def _wish(old: Value | None, new: Value) -> Value:
    """A wished time on top of an older one; "egal" opens it."""
    if new == ANY:
        return When(anything=True)
    if isinstance(old, When) and isinstance(new, When):
        return old.merged(new)
    return new


def unset_slot(conversation: Conversation, name: str) -> Conversation:
    """The top flow back at the question for this slot, without its value."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    slots = {n: f for n, f in frame.slots.items() if n != name}
    return on_top(conversation, replace(rewound(frame, flow, name), slots=slots))


def rewound(frame: Frame, flow: Flow, slot: str) -> Frame:
    """The frame back at the first line that reads this slot, if it stands behind it."""
    at = next((i for i, line in enumerate(flow.lines) if _reads(line, slot)), len(flow.lines))
    return _back_at(frame, flow, max(min(at, frame.at), _behind_writes(frame, flow)))


def _behind_writes(frame: Frame, flow: Flow) -> int:
    """The first line behind the writes that the frame has passed: nothing goes back before them, so none runs twice."""
    passed = (at for at, line in enumerate(flow.lines[: frame.at]) if isinstance(line, ActLine) and line.write)
    return max(passed, default=-1) + 1


def refreshed(frame: Frame, flow: Flow) -> Frame:
    """The frame back at its first read: everything that may have changed meanwhile is looked up again."""
    first = _behind_writes(frame, flow)
    reads = (i for i, line in enumerate(flow.lines) if i >= first and isinstance(line, ActLine) and not line.write)
    at = next(reads, None)
    if at is None:
        return replace(frame, confirmed="", waiting="")
    return _back_at(frame, flow, at) if at < frame.at else frame


def _reads(line: Line, slot: str) -> bool:
    match line:
        case Collect(name) | Branch(name, _, _):
            return name == slot
        case ActLine():
            return not line.write and (line.reads is None or slot in line.reads)
        case Confirm():
            return True
        case _:
            return False


def _back_at(frame: Frame, flow: Flow, at: int) -> Frame:
    """The frame at an earlier line, without what later lines had found, offered or agreed."""
    later = flow.lines[at:]
    results = {line.into for line in later if isinstance(line, ActLine) and line.into}
    choices = {line.slot for line in later if isinstance(line, Choose)}
    searching = bool(results)
    return replace(
        frame,
        at=at,
        results={n: r for n, r in frame.results.items() if n not in results},
        chosen={n: o for n, o in frame.chosen.items() if n not in choices},
        refine={} if searching else frame.refine,
        shown=() if searching else frame.shown,
        confirmed="",
        waiting="",
    )


def take_offer(frame: Frame, slot: str, offer: Offer, turn: int, words: str = "", *, picked: bool = True) -> Frame:
    """The frame with this offer chosen; one that the customer picked also becomes the wish."""
    slots = dict(frame.slots)
    start = offer.values.get(slot)
    if picked and isinstance(start, str):
        slots[slot] = Filled(_exact(start), words, turn)
    return replace(frame, chosen={**frame.chosen, slot: offer}, slots=slots)


def _exact(value: str) -> Value:
    """An ISO time as a wish for exactly that; any other value as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return When(days=(moment.date(),), clock=(moment.time().replace(tzinfo=None),))


def refine(conversation: Conversation, command: Refine) -> Conversation:
    """The top flow searching again, later or earlier than what was shown, on another day, or for more."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    slot = next((n for n, s in flow.slots.items() if s.type == "datetime"), "") if flow else ""
    if frame is None or flow is None or not slot:
        return conversation
    seen = _shown_starts(frame, slot)
    old = frame.slots.get(slot)
    wish = old.value if old and isinstance(old.value, When) else When(anything=True)
    wish, extra = _refined(wish, command, seen)
    extra["shown"] = ",".join(frame.shown)
    shown = frame.shown
    conversation = set_slot(on_top(conversation, _without_wish(frame, slot)), slot, wish, command.words)
    top = conversation.top
    assert top is not None  # noqa: S101  # it was just set
    merged = {k: v for k, v in {**frame.refine, **extra}.items() if v}
    if command.how in ("other_day", "other_time"):
        merged = {k: v for k, v in merged.items() if k not in ("after", "before")}
    return on_top(conversation, replace(top, refine=merged, shown=shown))


def _without_wish(frame: Frame, slot: str) -> Frame:
    return replace(frame, slots={n: f for n, f in frame.slots.items() if n != slot})


def _shown_starts(frame: Frame, slot: str) -> list[datetime]:
    """The times that "later" or "another day" refers to: the choice made, else the offers shown last."""
    chosen = frame.chosen.get(slot)
    offers = (chosen,) if chosen else tuple(o for r in frame.results.values() for o in r.offers if slot in o.values)
    return sorted(datetime.fromisoformat(str(o.values[slot])) for o in offers)


def _refined(wish: When, command: Refine, seen: list[datetime]) -> tuple[When, dict[str, str]]:
    """The wish with what the customer turned down taken out, and limits for the read."""
    extra: dict[str, str] = {}
    match command.how:
        case "later":
            wish, extra["after"] = _open_clock(wish, seen), seen[-1].isoformat() if seen else ""
        case "earlier":
            wish, extra["before"] = _open_clock(wish, seen), seen[0].isoformat() if seen else ""
        case "other_day":
            days = {moment.date() for moment in seen} | set(wish.days)
            wish = _other_days(wish, days)
        case "other_time":
            wish, extra["other_time"] = _open_clock(wish, seen), "yes"
        case "more":
            pass
    return (wish.merged(command.when) if command.when else wish), extra


def _open_clock(wish: When, seen: list[datetime]) -> When:
    """The same days, the clock open; a wish without a day stays with the days shown, if it was one."""
    days = {moment.date() for moment in seen}
    open_wish = replace(wish, clock=(), from_clock=None, until_clock=None, anything=False)
    if not open_wish.names_day and len(days) == 1:
        return replace(open_wish, days=tuple(days))
    return open_wish if open_wish.names_day else When(anything=True)


def _other_days(wish: When, days: set[date]) -> When:
    """The same clock, any day but these, not before the first of them when a stretch was wished."""
    first = min(days, default=None)
    return When(
        from_day=wish.from_day or (first + timedelta(days=1) if first and len(days) == 1 else None),
        until_day=wish.until_day,
        weekdays=wish.weekdays,
        not_days=tuple(sorted({*wish.not_days, *days})),
        not_weekdays=wish.not_weekdays,
        clock=wish.clock,
        from_clock=wish.from_clock,
        until_clock=wish.until_clock,
    )
