"""Which version of the stored session a conversation needs: so a plain one stays readable for the release before.

A session is stored in the lowest version whose workers can go on with it. In an update, and on the way back, such
workers still run; what they cannot read or must not drop is left to newer ones. Fields that are not named here are kept
as they are by workers that do not know them (`beyond`), or may be lost without harm.

1: the first one.
2: other tasks called in between, tickets and waits in flows, questions to agree to and about what the desk told by
   itself, persons to choose from, consents one by one, what a person has the desk do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.core.conversation import Conversation, Frame
from runtime.core.effects import Act
from runtime.core.flows import CallLine, Flow, TicketLine, WaitLine

VERSION = 2
"""What this worker reads. `tests/core/test_stored_state.py` fails when a stored field comes without its rule."""

_QUESTIONS = ("agree", "prompt")
_FORMS = ("either", "persons")
_ACTIONS = ("booking.remind", "booking.follow_up")


def _frames(holds: Callable[[Frame], bool]) -> Callable[[Conversation], bool]:
    return lambda conversation: any(holds(frame) for frame in conversation.stack)


def _kept_consent(conversation: Conversation) -> bool:
    """A yes or no of its own, which "opted out" or not does not say already."""
    out = conversation.opted_out
    return any(kind != "answer" and given == out for kind, given in conversation.consents.items())


NEEDS_2: Mapping[str, Callable[[Conversation], bool]] = {
    "Question.kind": lambda c: c.question is not None and c.question.kind in _QUESTIONS,
    "Question.about": lambda c: c.question is not None and bool(c.question.about),
    "Question.choices": lambda c: c.question is not None and bool(c.question.choices),
    "Frame.called": _frames(lambda frame: frame.called),
    "Frame.returned": _frames(lambda frame: bool(frame.returned)),
    "Frame.waits_until": _frames(lambda frame: frame.waits_until > 0),
    "Conversation.asked": lambda c: c.asked is not None,
    "Conversation.blocked": lambda c: c.blocked,
    "Conversation.consents": _kept_consent,
    "Ask.kind": lambda c: c.draft.ask is not None and c.draft.ask.kind in _QUESTIONS,
    "Ask.form": lambda c: c.draft.ask is not None and c.draft.ask.form in _FORMS,
    "Draft.prompt": lambda c: c.draft.prompt is not None,
}
"""By the place that came with version 2, when it is in use. Asked at every commit: keep them cheap."""


def version_needed(conversation: Conversation, act: Act | None = None) -> int:
    """The lowest version whose workers can go on with this, and with the write that is under way in it."""
    if act is not None and act.action in _ACTIONS:
        return 2
    if any(holds(conversation) for holds in NEEDS_2.values()):
        return 2
    desk = conversation.desk
    flows = [desk.flow(frame.hash) for frame in conversation.stack] if desk is not None else []
    return 2 if any(flow is not None and _is_newer(flow) for flow in flows) else 1


def _is_newer(flow: Flow) -> bool:
    """Whether workers of version 1 cannot run this flow: they would withdraw it from the customer."""
    if flow.available is not None or any(isinstance(line, TicketLine | CallLine | WaitLine) for line in flow.lines):
        return True
    return any(slot.why or slot.ladder or slot.examples for slot in flow.slots.values())
