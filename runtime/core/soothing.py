"""What a tone does: abuse is limited, then ended; anger gets a person, grief few words (J1-J3, J7, H12). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, assert_never

from runtime.core.changing import replace
from runtime.core.commands import Command, Smalltalk, Unclear
from runtime.core.conversation import Ask, Conversation, asking, drafted, saying
from runtime.core.effects import Effect, Record
from runtime.core.lines import advance
from runtime.core.tone import tone_in

Step = tuple[Conversation, tuple[Effect, ...]]
PERSON = "person"
"""The slot of the question whether to fetch somebody."""
ENOUGH = 3
"""The abusive message that ends the talk."""


def answered_tone(conversation: Conversation, texts: tuple[str, ...], now: datetime) -> Step:
    """What the tone of a message calls for, before its words are understood."""
    tone = tone_in(texts) if texts else None
    match tone:
        case None | "threat":
            return conversation, ()
        case "probe":
            return _refused(conversation, now)
        case "hate" | "swearing":
            return _limited(conversation, tone)
        case "anger":
            return _offered(conversation)
        case "loss" | "illness":
            return _felt(conversation, tone), ()
    assert_never(tone)


def _refused(conversation: Conversation, now: datetime) -> Step:
    """Whoever wants to command the machine hears what it is for; the open question stands, the operators see it."""
    conversation = drafted(saying(conversation, "answer", "unclear.scope"), deaf=True)
    conversation, effects = advance(conversation, now)
    return conversation, (Record("flag", {"kind": "probe"}), *effects)


def _limited(conversation: Conversation, tone: Literal["hate", "swearing"]) -> Step:
    """A first swear word is let pass, then a limit is set, the third ends it. No machine bars anybody."""
    abuse = conversation.abuse + 1
    conversation = replace(conversation, abuse=abuse)
    flag: tuple[Effect, ...] = (Record("flag", {"kind": "abuse", "tone": tone, "count": abuse}),)
    if abuse >= ENOUGH:
        conversation = replace(conversation, stack=(), todo=(), question=None)
        conversation = drafted(saying(conversation, "closing", "abuse.ended"), deaf=True)
        return conversation, (*flag, Record("alert", {"kind": "abuse"}))
    if tone == "hate" or abuse > 1:
        return drafted(saying(conversation, "notice", "abuse.limit"), calm=True), flag
    return conversation, flag


def _offered(conversation: Conversation) -> Step:
    """Anger about the business is named, and a person is offered instead of going on with the form."""
    conversation = drafted(saying(conversation, "notice", "anger.heard"), calm=True)
    return asking(conversation, Ask("agree", PERSON)), (Record("flag", {"kind": "anger"}),)


def _felt(conversation: Conversation, tone: Literal["loss", "illness"]) -> Conversation:
    """One sentence, once."""
    if conversation.gentle == tone:
        return conversation
    conversation = replace(conversation, gentle=tone)
    return drafted(saying(conversation, "notice", f"gentle.{tone}"), calm=True)


def soothed(conversation: Conversation, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """Where the tone was answered, small talk and words that hold nothing else need no second answer."""
    if not conversation.draft.calm:
        return commands
    return tuple(command for command in commands if not isinstance(command, Unclear | Smalltalk))
