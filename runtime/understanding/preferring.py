""" "Bei Anna, wenn sie kann, sonst egal": people in the order in which they are wished for (C16)."""

from __future__ import annotations

from runtime.core.commands import Set
from runtime.core.values import ANY
from runtime.understanding.desks import STAFF
from runtime.understanding.reading import Reading

STAGE = "rules:slot"


def preference(reading: Reading) -> None:
    """A person who was named becomes the first of several where the words say what else would do."""
    slots = [slot for slot in reading.slots("choice") if slot.options == STAFF]
    if not slots:
        return
    slot = slots[0].name
    named = _named_in_order(reading)
    labels = {hit.label for segment in reading.segments for hit in segment.hits}
    anybody = "else_any" in labels
    if not named or not (anybody or ("preferred" in labels and len(named) == 1) or _one_then_other(labels, named)):
        return
    order = [*named, ANY] if anybody or len(named) == 1 else named
    kept = [entry for entry in reading.commands if not (isinstance(entry[0], Set) and entry[0].slot == slot)]
    reading.commands = kept
    reading.add(Set(slot, reading.text.strip(), ",".join(order)), STAGE)
    _claim(reading)


def _one_then_other(labels: set[str], named: list[str]) -> bool:
    return len(named) > 1 and bool(labels & {"else", "preferred"})


def _named_in_order(reading: Reading) -> list[str]:
    """Whoever of the staff is named, each once, as far as the name is nobody else's too."""
    found = [reading.index.people.get(token.norm, ()) for token in reading.tokens if token.kind == "word"]
    return list(dict.fromkeys(owners[0] for owners in found if len(owners) == 1))


def _claim(reading: Reading) -> None:
    """The words of the condition are no task and no answer of their own."""
    for segment in reading.segments:
        for hit in segment.hits:
            if hit.label in ("preferred", "else_any", "any", "any_person"):
                reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
