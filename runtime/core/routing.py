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
    Either,
    Further,
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
from runtime.core.waiting import picks_first

Commands = tuple[Command, ...]
Rule = Callable[[Conversation, Commands], Commands]

_RANK: tuple[tuple[type, ...], ...] = (
    (Language,), (Set,), (Either,), (Pick,), (Refine,), (Affirm,), (Deny,), (Cancel, Undo), (Start,), (Further,),
    (Ask, Why), (Help, Repeat), (Handoff,), (Smalltalk,), (Clarify, Unclear),
)  # fmt: skip
_NO_YES = (Deny, Wait, Cancel, Undo, Back, Restart, Repeat, Help, Handoff)
"""Beside one of these a yes to a confirm does not count."""
_NO_YES_ALONE = (Set, Either, Pick, Refine, Ask, Why)
"""Nor beside these, unless they belong to a new wish (E10)."""
BOOK, MOVE, CANCEL, UNDO = "book_appointment", "move_appointment", "cancel_appointment", "undo_last"
STOP = "stop"
"""Stands among the flows of a clarifying question for: stop here."""
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
    """Flows that the tenant does not have are nothing that a customer can start; undoing is a word of its own."""
    flows = conversation.desk.flows if conversation.desk else {}
    known = (c for c in commands if not isinstance(c, Start) or c.flow in flows)
    return tuple(Undo(c.words) if isinstance(c, Start) and c.flow == UNDO else c for c in known)


def late_words_confirm_nothing(conversation: Conversation, commands: Commands) -> Commands:
    """Words older than what was answered last are read as new text, but hold no yes (M12)."""
    return _without(commands, Affirm) if conversation.draft.late else commands


def doubt_is_no_command_beside_others(conversation: Conversation, commands: Commands) -> Commands:
    """Clarify and unclear count only alone, so that two questions never meet."""
    if (
        not conversation.stack
        and _has(commands, Clarify)
        and not _without(commands, Clarify, Unclear, Smalltalk, Language, Set)
    ):
        # The values in the sentence are not lost: it is read again for the flow that is chosen (H1).
        return _without(commands, Set)
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
    return _without(commands, Deny) if _has(commands, Set, Either, Refine, Pick, Cancel, Undo) else commands


def yes_or_no_goes_with_values(conversation: Conversation, commands: Commands) -> Commands:
    """ "Ja, Dienstag" to an open question is the value alone."""
    return _without(commands, Affirm) if not _confirming(conversation) and _has(commands, Set, Pick) else commands


def a_change_of_mind_after_booking_moves(conversation: Conversation, commands: Commands) -> Commands:
    """After a booking, a "no" with a new time moves that appointment instead of making a second one."""
    if conversation.stack or not appointment_made(conversation) or not _has(commands, Deny, Undo):
        return commands
    if not any(isinstance(c, Set) and c.slot == "start" for c in commands):
        return commands
    rest = _without(commands, Deny, Undo, Start)
    return (Start(MOVE), *rest)


def undo_needs_something_done(conversation: Conversation, commands: Commands) -> Commands:
    """ "Doch nicht" in a flow that has done nothing stops that flow."""
    if takes_up_again(conversation):
        return commands
    if _has(commands, Undo) and (conversation.done is None or conversation.stack):
        return tuple(Cancel(c.words) if isinstance(c, Undo) else c for c in commands)
    return commands


def takes_up_again(conversation: Conversation) -> bool:
    """Whether taking back the last thing means the flow that was cancelled, and not something done (G6)."""
    stopped, done = conversation.stopped, conversation.done
    if stopped is None or (done is not None and done.at > stopped.at):
        return False
    return not conversation.stack or stopped.turn + 1 == conversation.turn


def cancel_means_one_of_two_things(conversation: Conversation, commands: Commands) -> Commands:
    """ "Absagen" may mean this talk or an appointment, "abbrechen" right after a write means to undo it (G2, G3)."""
    if not _has(commands, Cancel) or _has(commands, Start):
        return commands
    flows = conversation.desk.flows if conversation.desk else {}
    means = _cancel_in_a_flow if conversation.stack else _cancel_without_a_flow
    meant = (means(conversation, c, set(flows)) if isinstance(c, Cancel) else c for c in commands)
    return tuple(dict.fromkeys(meant))


def _cancel_without_a_flow(conversation: Conversation, command: Cancel, flows: set[str]) -> Command:
    if command.ambiguous and CANCEL in flows:
        return Start(CANCEL, command.words)
    done = conversation.done
    if done is not None and done.flow != UNDO and UNDO in flows and done_s_ago(conversation) <= RECENT_MINUTES * 60:
        return Undo(command.words)
    return command


def _cancel_in_a_flow(conversation: Conversation, command: Cancel, flows: set[str]) -> Command:
    """Where an appointment is known to exist we ask; nothing is called off, and no flow stopped, on a guess."""
    top, question = conversation.top, conversation.question
    if not command.ambiguous or top is None or CANCEL not in flows:
        return command
    if top.flow in (CANCEL, UNDO):
        return Help()
    if question is not None and question.kind == "clarify" and STOP in question.flows:
        return Start(CANCEL, command.words)
    exists = top.flow == MOVE or bool(appointment_made(conversation))
    return Clarify((STOP, CANCEL), command.words) if exists else command


def done_s_ago(conversation: Conversation) -> float:
    """How long ago the last write was, in this turn's time."""
    done, last_at = conversation.done, conversation.last_at
    if done is None or last_at is None:
        return 0.0
    return (last_at - done.at).total_seconds() + conversation.draft.away_s


def appointment_made(conversation: Conversation) -> str:
    """The appointment that the last write left booked."""
    done = conversation.done
    if done is None or done.flow == CANCEL or (done.flow == UNDO and done.values.get("kind") == BOOK):
        return ""
    return str(done.values.get("appointment", ""))


def same_flow_is_not_started_again(conversation: Conversation, commands: Commands) -> Commands:
    """A start of the flow on top says nothing new, unless a yes ends that flow first (E10)."""
    top = conversation.top
    if top is None or (_confirming(conversation) and _has(commands, Affirm)):
        return commands
    return tuple(
        c for c in commands if not (isinstance(c, Start) and c.flow == top.flow) or _is_wished(conversation, c)
    )


def _is_wished(conversation: Conversation, command: Start) -> bool:
    """A second one was asked for, or this is the answer to "which first?"."""
    return command.another or picks_first(conversation, command)


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
    cancel_means_one_of_two_things,
    doubt_is_no_command_beside_others,
    correction_beats_yes,
    value_beats_no,
    yes_or_no_goes_with_values,
    same_flow_is_not_started_again,
    talk_gives_way,
)
