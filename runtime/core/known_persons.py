"""Several people on one line: the contact keeps its own name, the others are known beside it (B3, B4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from runtime.core.conversation import Ask, Conversation
from runtime.core.messages import Button, Say
from runtime.core.values import Value

PEOPLE = "people"
"""The fact that holds the others' names."""
MOST_PEOPLE = 4
LONGEST_NAME = 40
OTHER = "other"
"""What is picked for "somebody else"."""
ALIKE = 0.7


def persons_of(facts: Mapping[str, Value], slot: str) -> tuple[str, ...]:
    """Everybody who is known on this line, the contact first."""
    own = facts.get(slot)
    others = [name for name in str(facts.get(PEOPLE, "")).split("|") if name]
    return (str(own), *others) if own else tuple(others)


def with_person(facts: Mapping[str, Value], slot: str, name: str, *, guest: bool) -> dict[str, Value]:
    """The facts after an appointment for this person: the contact's own name is never overwritten, only respelled."""
    own = str(facts.get(slot, ""))
    name = name[:LONGEST_NAME].replace("|", " ")
    if not guest and (not own or own == name or respelled(own, name)):
        return {**facts, slot: name}
    others = [known for known in persons_of(facts, slot) if known not in (own, name)]
    if name == own:
        return dict(facts)
    return {**facts, PEOPLE: "|".join([*others, name][-MOST_PEOPLE:])}


def respelled(old: str, new: str) -> bool:
    """Whether it is the same name in other letters: Meier and Maier, but not Anna and Paul."""
    before, after = old.casefold().split(), new.casefold().split()
    return len(before) == len(after) and all(
        one == other
        or (len(one) == len(other) and one[0] == other[0] and SequenceMatcher(None, one, other).ratio() >= ALIKE)
        for one, other in zip(before, after, strict=True)
    )


def meant_person(choices: tuple[Value, ...], value: Value) -> Value:
    """ "Paul" is the one Paul among those whom the question named."""
    if not isinstance(value, str):
        return value
    words = set(value.casefold().split())
    found = [name for name in choices if isinstance(name, str) and words and words <= set(name.casefold().split())]
    return found[0] if len(found) == 1 else value


def ask_person(conversation: Conversation, slot: str) -> Ask | None:
    """The question for whom it is, where more than one person is known on this line."""
    known = persons_of(conversation.facts, slot)
    return Ask("slot", slot, form="persons", choices=known) if len(known) > 1 else None


def persons_saying(ask: Ask, values: dict[str, Value]) -> Say:
    """ "Für wen ist der Termin: Anna, Paul oder jemand anderen?"."""
    return Say("ask_person", {**values, "persons": ", ".join(map(str, ask.choices))})


def person_buttons(ask: Ask, question: str) -> tuple[Button, ...]:
    """One for each known person, and one for somebody else."""
    named = [
        Button(Say("button.named", {"person": name}), f"set|{question}|{name}")
        for name in ask.choices
        if len(f"set|{question}|{name}".encode()) <= 64
    ]
    return (*named, Button(Say("button.somebody_else"), f"pick|{question}|{OTHER}"))
