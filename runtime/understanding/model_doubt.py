"""When a model is asked at all: only where the rules are unsure. Never to overrule a yes, a no or a value of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runtime.core.commands import (
    Affirm,
    Ask,
    Clarify,
    Command,
    Deny,
    Language,
    Pick,
    Refine,
    Set,
    Smalltalk,
    Start,
    Unclear,
)
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.core.values import When
from runtime.understanding.segments import segments_of
from runtime.understanding.tokens import tokenise, words_of

Doubt = Literal["", "nothing", "which", "question", "guess", "long"]
LONG = 28
"""Words of a free text that may hold more than the rules found in it."""
A_QUESTION = 5
"""Words from which on a question may be a wish in other words."""
FEW = 3


def doubt(understood: Understood, request: Understand) -> Doubt:
    """Why the rules are unsure, or "" when they are sure.

    nothing: they found nothing. which: several tasks fit. question: it has the shape of a question on no known topic,
    and may be a wish. guess: they took a bare day for a booking ("Das Wetter ist heute mies"). long: a long free text
    in which they found little.
    """
    commands = tuple(command for command in understood.commands if not isinstance(command, Language | Smalltalk))
    if len(commands) < len(understood.commands) and not commands:
        return ""
    words = len(words_of(" ".join(request.texts)))
    if any(isinstance(command, Unclear) for command in commands):
        return "nothing" if _readable(commands) and words else ""
    if any(isinstance(command, Clarify) for command in commands):
        return "which"
    if _only_open_questions(commands):
        return "question" if words >= A_QUESTION else ""
    confirming = request.expectation.expecting is not None and request.expectation.expecting.kind == "confirm"
    if confirming or any(isinstance(command, Affirm | Deny | Pick | Refine) for command in commands):
        return ""
    if words >= A_QUESTION and _a_bare_day(commands, request):
        return "guess"
    return "long" if words >= LONG and len(commands) <= FEW else ""


def _readable(commands: Sequence[Command]) -> bool:
    """Noise, an empty text and a photo hold no words that a model could read better."""
    return any(isinstance(command, Unclear) and command.reason in ("words", "scope", "long") for command in commands)


def _only_open_questions(commands: Sequence[Command]) -> bool:
    asked = [command for command in commands if not isinstance(command, Set)]
    return bool(asked) and all(isinstance(command, Ask) and not command.topic for command in asked)


def _a_bare_day(commands: Sequence[Command], request: Understand) -> bool:
    """A booking begun by a time alone, in a text without any word of a task or of a wish."""
    if request.expectation.flow is not None or not any(isinstance(command, Start) for command in commands):
        return False
    if not all(isinstance(c, Start) or (isinstance(c, Set) and isinstance(c.value, When)) for c in commands):
        return False
    segments = segments_of(tokenise(" ".join(request.texts)))
    return all(hit.label == "name_weak" for segment in segments for hit in segment.hits)
