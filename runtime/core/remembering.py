"""Being remembered, asked for or taken back in words of its own: "merken Sie sich das", "forget my number" (N6). Pure.

A text counts only when it says nothing else: what stands beside a wish is read with it, and "vergessen Sie es" is a
cancel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from runtime.core.changing import replace
from runtime.core.consent import consent_record, given
from runtime.core.conversation import Ask, Conversation, asking, saying
from runtime.core.danger import fold
from runtime.core.effects import Effect

Step = tuple[Conversation, tuple[Effect, ...]]
_LONGEST = 14


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w']+", text))


_REMEMBER = _words("merken merk merke speichern speicher speichere abspeichern remember save keep store")
_FORGET = _words("vergessen vergiss vergesst forget")
_BY_HEART = _words("merken merk merke remember")
"""What goes with a mere "das": "behalten Sie das" and "keep it" may mean an appointment."""
_NOT = _words("nicht not dont don't never")
_MINE = _words("""
    nummer telefonnummer handynummer rufnummer namen name daten kontaktdaten angaben number phone mobile details
""")
_ME, _THAT = _words("mich me"), _words("das es that it this")
_BESIDE = _words("""
    bitte sie du dir sich ihr euch koennen koennten kannst koenntest koennt wuerden wuerdest ja doch mal fuer fuers
    naechste naechstes beim bis zum spaeter spaetere termine kuenftig kuenftige gern gerne auch einfach und mein meine
    meinen wieder naechsten die den
    please can could would will you for the next time later appointments future in also just and my do contact again
""")


def memory_word(text: str) -> Literal["remember", "forget"] | None:
    """What a text says about being remembered, if it says nothing else."""
    words = re.findall(r"[\w']+", fold(text))
    if not words or len(words) > _LONGEST or (words[:2] == ["do", "you"] and "not" not in words):
        return None
    rest = set(words) - _BESIDE
    verbs, refused = rest & (_REMEMBER | _FORGET), bool(rest & _NOT)
    objects = rest - verbs - _NOT
    if len(verbs) != 1 or not objects or not objects <= _MINE | _ME | _THAT:
        return None
    if objects <= _THAT and not verbs <= _BY_HEART:
        return None
    if objects & _ME and not verbs <= _BY_HEART | _FORGET:
        return None
    if verbs <= _FORGET:
        return None if refused else "forget"
    return "forget" if refused else "remember"


def about_memory(conversation: Conversation, texts: Sequence[str]) -> Step | None:
    """Asked once whether to keep name and number, or forgotten at once; None when nothing was said about it."""
    said = {memory_word(text) for text in texts}
    if said == {"forget"}:
        record = consent_record(conversation, "memory", given=False)
        facts = {name: value for name, value in conversation.facts.items() if name not in ("name", "phone")}
        conversation = given(replace(conversation, facts=facts), "memory", False)
        return saying(conversation, "answer", "consent.forgotten"), (record,)
    if said != {"remember"}:
        return None
    if conversation.consents.get("memory"):
        return saying(conversation, "answer", "consent.memory"), ()
    return asking(conversation, Ask("agree", "memory")), ()
