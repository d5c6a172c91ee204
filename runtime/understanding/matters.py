"""What people of the business settle themselves, by the words that its file names (H4, H13)."""

from __future__ import annotations

from runtime.core.commands import Ask
from runtime.core.matters import TOPIC
from runtime.understanding.reading import Reading
from runtime.understanding.routing import PEOPLE

_NAMES = ("person", "phone", "email")


def settled_by_people(reading: Reading) -> bool:
    """Ask about each matter that the text names; True for one that people take up, which is all that it is about."""
    if reading.asked is not None and reading.asked.type in _NAMES:
        return False
    places = [place for place, token in enumerate(reading.tokens) if token.kind == "word"]
    for found in reading.index.matters.find([reading.tokens[place].norm for place in places]):
        stage = PEOPLE if found.ticket else "rules:question"
        reading.add(Ask(reading.text.strip(), f"{TOPIC}{found.id}"), stage)
        if found.ticket:
            reading.claim(0, len(reading.tokens))
            return True
        for segment in reading.segments:
            if places[found.start] in segment.places and not segment.has("book", "move", "cancel_appointment", "wish"):
                reading.claim(segment.places[0], segment.places[-1] + 1)
        reading.claim(places[found.start], places[found.end - 1] + 1)
    return False
