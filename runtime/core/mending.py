"""What happens to messages after they were sent: edited, deleted, reacted to (M4, M5, M6, E9). Pure.

Before they are read, the loop puts edits into their messages and takes deleted ones out; what comes here is later.
"""

from __future__ import annotations

from runtime.core.alarms import DANGER, alarmed
from runtime.core.changing import replace
from runtime.core.commands import Command, Pick, Refine, Set
from runtime.core.conversation import Ask, Conversation, Heard, asking, drafted, fingerprint, saying, texts_of
from runtime.core.effects import Effect, Record, Understand
from runtime.core.events import Deleted, Edited, Message, Pressed, Reacted, Said
from runtime.core.expecting import expectation
from runtime.core.gate import turned_away
from runtime.core.guard import guard
from runtime.core.lines import advance
from runtime.core.private import private_kinds, without_marks
from runtime.core.yes_no import affirm, deny

Step = tuple[Conversation, tuple[Effect, ...]]
REMEMBERED = 6
_YES, _NO = ("👍", "👌", "✅", "✔", "🆗"), ("👎", "❌")


def noted(conversation: Conversation, messages: tuple[Message, ...]) -> Conversation:
    """The last messages kept by id, so that an edit can be told from a repetition."""
    new = tuple(Heard(m.id, fingerprint(m.text), conversation.turn) for m in messages if m.id)
    return replace(conversation, heard=(*conversation.heard, *new)[-REMEMBERED:])


def edited(conversation: Conversation, event: Edited) -> Step:
    """A change to what was answered: its values are a correction; what is booked is only asked about."""
    old = next((heard for heard in conversation.heard if heard.id == event.message_id), None)
    mark = fingerprint(event.text)
    if old is None or old.mark == mark or not event.text.strip():
        return conversation, ()
    heard = tuple(replace(h, mark=mark) if h is old else h for h in conversation.heard)
    conversation = replace(conversation, heard=heard)
    said = Said((Message(event.message_id, event.text, event.now),), event.now)
    conversation = drafted(conversation, said=event.text[:300], edited=True, late=True)
    alarm = guard(conversation, texts_of(said.messages))
    if conversation.phase != "bot":
        alert = (Record("alert", {"kind": alarm}),) if alarm in DANGER else ()
        return conversation, (*alert, Record("message.edited", {"message": event.message_id}))
    if alarm in DANGER:
        return alarmed(conversation, alarm, said)
    conversation, ended = turned_away(conversation, said)
    if ended is not None:
        return ended
    texts = texts_of(said.messages)
    for kind in private_kinds(texts):
        conversation = saying(conversation, "notice", f"private.{kind}")
    texts = without_marks(texts)
    if conversation.stack and texts:
        return conversation, (Understand(texts, expectation(conversation, said)),)
    return _after_the_write(conversation), ()


def _after_the_write(conversation: Conversation) -> Conversation:
    """The appointment stands as it was confirmed; whether it is to be changed is a question."""
    done = conversation.done
    flows = conversation.desk.flows if conversation.desk else {}
    ways = tuple(flow for flow in ("move_appointment", "cancel_appointment") if flow in flows)
    if done is None or done.flow == "cancel_appointment" or len(ways) < 2:
        return conversation
    return asking(saying(conversation, "notice", "edited.after"), Ask("clarify", flows=ways))


def values_of_edit(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """Of a changed message only its values count: no yes, no new wish, and not understood is no miss."""
    return tuple(command for command in commands if isinstance(command, Set | Pick | Refine))


def deleted(conversation: Conversation, event: Deleted) -> Step:
    """Taken back: its words leave the window and the records; what was confirmed stays."""
    old = next((heard for heard in conversation.heard if heard.id == event.message_id), None)
    if old is not None:
        window = tuple(replace(e, said="") if e.turn == old.turn + 1 else e for e in conversation.window)
        heard = tuple(h for h in conversation.heard if h is not old)
        conversation = replace(conversation, window=window, heard=heard)
    return conversation, (Record("message.deleted", {"message": event.message_id}),)


def reacted(conversation: Conversation, event: Reacted) -> Step:
    """A thumb on the open summary answers it; on anything else, and taken off again, it says nothing."""
    question = conversation.question
    if question is None or question.kind != "confirm" or event.question != question.id or conversation.phase != "bot":
        return conversation, ()
    sign = event.emoji[:1]
    if sign not in _YES and sign not in _NO:
        return conversation, ()
    conversation = drafted(conversation, spoken=True, pressed=True, said=event.emoji)
    conversation, ended = turned_away(conversation, Pressed(event.emoji, event.message_id, event.now, event.now))
    if ended is not None:
        return ended
    effects: tuple[Effect, ...] = ()
    if sign in _YES:
        conversation = affirm(conversation, question, event.now)
    else:
        conversation, effects = deny(conversation, question, event.now)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more
