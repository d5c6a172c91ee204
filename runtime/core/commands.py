"""Commands: what understanding believes a customer wants. It proposes them, the machine disposes.

A command that fills a slot carries the customer's own words (`words`) and the value that our grammar read from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runtime.core.values import Value, When


@dataclass(frozen=True, slots=True)
class Set:
    """Give a slot a value; on a filled slot it is a correction."""

    slot: str
    words: str
    value: Value


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a flow.

    `another` is a second one beside the one that runs. `sets` are values said for a wish that is not the first one of
    its message: they wait with it.
    """

    flow: str
    words: str = ""
    another: bool = False
    sets: tuple[Set, ...] = ()


@dataclass(frozen=True, slots=True)
class Pick:
    """Choose one of the offers shown, by its id."""

    offer: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refine:
    """Move on from the offers shown: later or earlier than those, another day or time, or simply more of them."""

    how: Literal["later", "earlier", "other_day", "other_time", "more"]
    words: str = ""
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Not answer the question: refused ("sag ich nicht") or unknown ("weiß ich nicht").

    With a `slot` it is about that one, asked or not: "meine Nummer möchte ich nicht angeben".
    """

    reason: Literal["refused", "unknown"]
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """Two readings of the same words for a slot; only the customer knows which ("Mittwoch" on a Wednesday)."""

    slot: str
    words: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Further:
    """One more wish in the same message, to be done after the first: a flow with its values."""

    flow: str
    sets: tuple[Set, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Affirm:
    """Yes. `firm` is False for a soft one ("denke schon")."""

    words: str = ""
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Deny:
    """No. `offers` is True when the words turn all the offers down ("keiner davon", "passt alles nicht")."""

    words: str = ""
    offers: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """ "Moment, ich schau nach"."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop what runs now ("abbrechen", "vergiss es"). `ambiguous` when it may also mean an appointment ("absagen")."""

    words: str = ""
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back what was done last ("doch nicht", "mach das rückgängig")."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    """One question back."""


@dataclass(frozen=True, slots=True)
class Restart:
    """From the top."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about the business. `topic` names a known fact (hours, prices, address, ...) where rules found one."""

    question: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Asked back: "Wofür?" (`options` False) or "Was gibt es denn?" (`options` True)."""

    options: bool = False


@dataclass(frozen=True, slots=True)
class Handoff:
    """The customer wants a person."""

    reason: str = "asked"


@dataclass(frozen=True, slots=True)
class Clarify:
    """Several flows fit; ask which."""

    flows: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say it again."""

    how: Literal["same", "slower", "shorter", "spelled", "simpler"] = "same"


@dataclass(frozen=True, slots=True)
class Help:
    """ "Hilfe", "Was können Sie?"."""


@dataclass(frozen=True, slots=True)
class Smalltalk:
    """Words that want a friendly half sentence; `identity` is "Bist du ein Bot?"."""

    kind: Literal[
        "greeting",
        "thanks",
        "bye",
        "wellbeing",
        "praise",
        "blame",
        "identity",
        "apology",
        "other",
        "wrong_place",
        "cannot_type",
    ]
    wording: str = ""
    """A model's own words for it, checked; empty for those of the reply files."""


@dataclass(frozen=True, slots=True)
class Language:
    """From now on in this language (two letters)."""

    code: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Not understood: no words known, out of scope, empty, media without text, noise, or too long."""

    reason: Literal["words", "scope", "empty", "media", "noise", "long"] = "words"


Command = (
    Start | Set | Pick | Refine | Skip | Affirm | Deny | Wait | Cancel | Undo | Back | Restart | Ask | Why
    | Either | Further | Handoff | Clarify | Repeat | Help | Smalltalk | Language | Unclear
)  # fmt: skip
