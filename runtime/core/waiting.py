"""Wishes that wait: which is done first, what goes on the list, and when there are too many (F2 to F4, F7). Pure."""

from __future__ import annotations

from runtime.core.calling import tasks
from runtime.core.changing import replace
from runtime.core.commands import Affirm, Command, Set, Start
from runtime.core.conversation import Ask, Conversation, Filled, Frame, Todo, asking, flow_of, on_top, saying
from runtime.core.corrections import refreshed

MOST_OPEN = 3
"""Wishes that are kept in mind at once: on the stack and on the list."""
FIRST = "first"
"""Names the question which of several wishes comes first."""
Commands = tuple[Command, ...]


def sorted_out(conversation: Conversation, commands: Commands) -> tuple[Conversation, Commands]:
    """The commands for now, the first wish leading; wishes whose time has not come go on the list with their values.

    A yes together with a new wish keeps the wish's values for the new flow (E10).
    """
    starts = [c for c in commands if isinstance(c, Start)]
    if not starts:
        return conversation, commands
    first, *later = starts
    rest: Commands = tuple(c for c in commands if not isinstance(c, Start))
    waits = _waits(conversation, rest, first)
    sets = first.sets or tuple(c for c in rest if isinstance(c, Set))
    if not first.sets:
        rest = tuple(c for c in rest if not isinstance(c, Set))
    # A wish with values of its own was not the first in its message: what stands beside it is about what runs.
    if waits:
        conversation = listed(conversation, Todo(first.flow, _filled(sets)), aloud=not _yes(rest))
    elif first.sets:
        rest = (*rest, replace(first, sets=()), *sets)
    else:
        rest = (first, *sets, *rest)
    return _all_listed(conversation, first, later, opens=not waits), rest


def _all_listed(conversation: Conversation, first: Start, later: list[Start], *, opens: bool) -> Conversation:
    """Several wishes in one message: named in the order in which they are done."""
    named = [first.flow]
    for start in later:
        if len(tasks(kept(conversation))) + len(conversation.todo) + opens >= MOST_OPEN:
            conversation = saying(conversation, "notice", "flow.too_many")
            break
        conversation = replace(conversation, todo=(*conversation.todo, Todo(start.flow, _filled(start.sets))))
        named.append(start.flow)
    if len(named) < 2:
        return conversation
    flows = {f"flow_{n}": flow for n, flow in enumerate(named, 1)}
    return saying(conversation, "acknowledgement", "flow.several", **flows)


def _filled(sets: tuple[Set, ...]) -> dict[str, Filled]:
    return {c.slot: Filled(c.value, c.words) for c in sets}


def _waits(conversation: Conversation, commands: Commands, start: Start) -> bool:
    """A wish beside a yes comes after what the yes is about; one for which there is no room, later."""
    question = conversation.question
    answered = question is not None and question.kind in ("confirm", "resume", "offer") and _yes(commands)
    if not conversation.stack or picks_first(conversation, start):
        return False
    return answered or not has_room(conversation, start.flow)


def _yes(commands: Commands) -> bool:
    return any(isinstance(c, Affirm) for c in commands)


def kept(conversation: Conversation) -> tuple[Frame, ...]:
    """The stack without a flow on top that knows nothing yet: that one gives way to a new wish, while there is room."""
    top = conversation.top
    knows = top is None or top.slots or top.chosen
    full = len(tasks(conversation.stack)) >= MOST_OPEN or (top is not None and top.called)
    return conversation.stack if knows or full else conversation.stack[:-1]


def has_room(conversation: Conversation, flow: str) -> bool:
    """Whether a flow can be begun above what runs: one waits at the most, and never the same one."""
    stack = tasks(kept(conversation))
    return len(stack) < MOST_OPEN - 1 and all(frame.flow != flow for frame in stack)


def listed(conversation: Conversation, todo: Todo, *, aloud: bool = True) -> Conversation:
    """The wish at the end of the list. The third of different kinds asks which is first; a fourth is refused (F3)."""
    stack = tasks(kept(conversation))
    if len(stack) + len(conversation.todo) >= MOST_OPEN:
        return saying(conversation, "notice", "flow.too_many")
    conversation = replace(conversation, todo=(*conversation.todo, todo))
    flows = (todo.flow, *(frame.flow for frame in reversed(stack)))
    if aloud and len(flows) == len(set(flows)) == MOST_OPEN:
        return asking(conversation, Ask("clarify", FIRST, flows=flows))
    return saying(conversation, "acknowledgement", "flow.later", flow=todo.flow) if aloud else conversation


def picks_first(conversation: Conversation, start: Start) -> bool:
    """Whether this names the wish that is to come first."""
    question = conversation.question
    if question is None or question.kind != "clarify" or question.slot != FIRST:
        return False
    return start.flow in question.flows and not start.another


def taken_first(conversation: Conversation, flow: str) -> tuple[Conversation, Todo | None]:
    """The wish that comes first: on top of the stack where it runs, else off the list for whoever opens it."""
    conversation = replace(conversation, question=None)
    todo = next((t for t in conversation.todo if t.flow == flow), None)
    if todo is not None:
        return replace(conversation, todo=tuple(t for t in conversation.todo if t is not todo)), todo
    frame = next(f for f in conversation.stack if f.flow == flow)
    if frame is conversation.top:
        return conversation, None
    rest = tuple(f for f in conversation.stack if f is not frame)
    definition = flow_of(conversation, frame)
    conversation = replace(conversation, stack=(*rest, frame))
    return (on_top(conversation, refreshed(frame, definition)) if definition else conversation), None
