"""Cleaning what understanding proposed, before the dialogue acts on it: a table of pure rules, in this order. Pure."""

from __future__ import annotations

from collections.abc import Callable

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
    Command,
    Deny,
    Handoff,
    Help,
    Language,
    Pick,
    Refine,
    Repeat,
    Restart,
    Set,
    Smalltalk,
    Start,
    Unclear,
    Undo,
    Wait,
    Why,
)
from runtime.core.conversation import Conversation

Commands = tuple[Command, ...]
Rule = Callable[[Conversation, Commands], Commands]

_RANK: tuple[tuple[type, ...], ...] = (
    (Language,), (Set,), (Pick,), (Refine,), (Affirm,), (Deny,), (Cancel, Undo), (Start,), (Ask, Why), (Help, Repeat),
    (Handoff,), (Smalltalk,), (Clarify, Unclear),
)  # fmt: skip
_NO_YES = (Deny, Wait, Cancel, Undo, Back, Restart, Repeat, Help, Handoff)
"""Beside one of these a yes to a confirm does not count."""
_NO_YES_ALONE = (Set, Pick, Refine, Ask, Why)
"""Nor beside these, unless they belong to a new wish (E10)."""
MOVE, CANCEL, UNDO = "move_appointment", "cancel_appointment", "undo_last"
RECENT_MINUTES = 30


def clean(conversation: Conversation, commands: Commands) -> Commands:
    """The commands that count, in the order in which they are carried out."""
    for rule in RULES:
        commands = rule(conversation, commands)
    return tuple(sorted(commands, key=_rank))


def _rank(command: Command) -> int:
    return next((i for i, kinds in enumerate(_RANK) if isinstance(command, kinds)), len(_RANK))


def _has(commands: Commands, *kinds: type) -> bool:
    return any(isinstance(c, kinds) for c in commands)


def _without(commands: Commands, *kinds: type) -> Commands:
    return tuple(c for c in commands if not isinstance(c, kinds))


def _confirming(conversation: Conversation) -> bool:
    return conversation.question is not None and conversation.question.kind == "confirm"


def known_only(conversation: Conversation, commands: Commands) -> Commands:
    """Flows that the tenant does not have are nothing that a customer can start."""
    flows = conversation.desk.flows if conversation.desk else {}
    return tuple(c for c in commands if not isinstance(c, Start) or c.flow in flows)


def late_words_confirm_nothing(conversation: Conversation, commands: Commands) -> Commands:
    """Words older than what was answered last are read as new text, but hold no yes (M12)."""
    return _without(commands, Affirm) if conversation.draft.late else commands


def doubt_is_no_command_beside_others(conversation: Conversation, commands: Commands) -> Commands:
    """Clarify and unclear count only alone, so that two questions never meet."""
    rest = _without(commands, Clarify, Unclear, Smalltalk, Language)
    return _without(commands, Clarify, Unclear) if rest else commands


def correction_beats_yes(conversation: Conversation, commands: Commands) -> Commands:
    """ "Ja, aber um 16 Uhr" is a correction, "ja, Moment" is no yes yet: nothing is written on either (E3)."""
    if not _confirming(conversation):
        return commands
    beside_a_wish = _has(commands, Start)
    taken_back = _has(commands, *_NO_YES) or (not beside_a_wish and _has(commands, *_NO_YES_ALONE))
    return _without(commands, Affirm) if taken_back else commands


def value_beats_no(conversation: Conversation, commands: Commands) -> Commands:
    """ "Nein, Mittwoch" is a value, not a no."""
    return _without(commands, Deny) if _has(commands, Set, Refine, Pick, Cancel, Undo) else commands


def yes_or_no_goes_with_values(conversation: Conversation, commands: Commands) -> Commands:
    """ "Ja, Dienstag" to an open question is the value alone."""
    return _without(commands, Affirm) if not _confirming(conversation) and _has(commands, Set, Pick) else commands


def a_change_of_mind_after_booking_moves(conversation: Conversation, commands: Commands) -> Commands:
    """After a booking, a "no" with a new time moves that appointment instead of making a second one."""
    done = conversation.done
    if done is None or conversation.stack or done.flow == CANCEL or not _has(commands, Deny, Undo):
        return commands
    if not any(isinstance(c, Set) and c.slot == "start" for c in commands) or "appointment" not in done.values:
        return commands
    rest = _without(commands, Deny, Undo, Start)
    return (Start(MOVE), *rest)


def undo_needs_something_done(conversation: Conversation, commands: Commands) -> Commands:
    """ "Doch nicht" in a flow that has done nothing stops that flow."""
    if _has(commands, Undo) and (conversation.done is None or conversation.stack):
        return tuple(Cancel(c.words) if isinstance(c, Undo) else c for c in commands)
    return commands


def nothing_runs_to_be_cancelled(conversation: Conversation, commands: Commands) -> Commands:
    """Without a flow, "absagen" means an appointment, and "abbrechen" right after a write means to undo it."""
    if conversation.stack or not _has(commands, Cancel) or _has(commands, Start):
        return commands
    flows = conversation.desk.flows if conversation.desk else {}
    return tuple(_instead_of_cancel(conversation, c, set(flows)) for c in commands)


def _instead_of_cancel(conversation: Conversation, command: Command, flows: set[str]) -> Command:
    if not isinstance(command, Cancel):
        return command
    if conversation.done is not None and conversation.done.flow != UNDO and UNDO in flows:
        return Undo(command.words)
    return Start(CANCEL, command.words) if command.ambiguous and CANCEL in flows else command


def same_flow_is_not_started_again(conversation: Conversation, commands: Commands) -> Commands:
    """A start of the flow on top says nothing new, unless a yes ends that flow first (E10)."""
    top = conversation.top
    if top is None or (_confirming(conversation) and _has(commands, Affirm)):
        return commands
    return tuple(c for c in commands if not (isinstance(c, Start) and c.flow == top.flow))


def talk_gives_way(conversation: Conversation, commands: Commands) -> Commands:
    """Small talk beside something that moves the conversation on is not answered; who we are always is."""
    rest = _without(commands, Smalltalk, Clarify, Unclear, Language, Wait)
    if not rest:
        return commands
    kept = _without(commands, Wait)
    return tuple(c for c in kept if not isinstance(c, Smalltalk) or c.kind == "identity")


RULES: tuple[Rule, ...] = (
    known_only,
    late_words_confirm_nothing,
    a_change_of_mind_after_booking_moves,
    undo_needs_something_done,
    nothing_runs_to_be_cancelled,
    doubt_is_no_command_beside_others,
    correction_beats_yes,
    value_beats_no,
    yes_or_no_goes_with_values,
    same_flow_is_not_started_again,
    talk_gives_way,
)
