""" "Wann hat Frau Müller ihren Termin?": somebody else's appointments are nothing that we tell (B5)."""

from __future__ import annotations

import itertools

from runtime.core.commands import Ask
from runtime.understanding import names
from runtime.understanding.desks import PHRASES
from runtime.understanding.reading import Reading, Segment
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import Token, word_set

_APPOINTMENT = word_set(
    "termin termine terminen appointment appointments booking bookings dran bestellt gebucht booked"
)
_BEGINS = word_set(
    "wann hat ist kommt war hatte wer welche welchen um when does is has did what which was who kommst haben bis"
)
_MINE = word_set("ich mein meine meinen meinem meiner mir mich wir unser unseren i my me mine we our us i'm i've")
_OWNER = word_set("ihren seinen ihr sein ihre seine her his their hat has kommt does")


def asked_about_stranger(reading: Reading) -> bool:
    """Take a question about the appointment of somebody named who is neither the customer nor works here."""
    if reading.kind in ("slot", "confirm") and reading.asked is not None and reading.asked.type == "person":
        return False
    for segment in reading.segments:
        if _is_question(segment) and _about_somebody(reading, segment):
            reading.add(Ask(reading.text.strip(), "stranger"), "rules:question")
            reading.claim(segment.places[0], segment.places[-1] + 1)
            return True
    return False


def _is_question(segment: Segment) -> bool:
    words = set(segment.words)
    begins = segment.question or segment.words[0] in _BEGINS
    return begins and bool(words & _APPOINTMENT) and not words & _MINE


def _about_somebody(reading: Reading, segment: Segment) -> bool:
    """A title with a name, a name as the one who has it, or "Anna's appointment"."""
    tokens = [reading.tokens[place] for place in segment.places]
    for before, token in itertools.pairwise(tokens):
        if before.norm in names.TITLES and _is_name(reading, token):
            return True
    for token, after in itertools.pairwise(tokens):
        owned = token.norm.endswith(("'s", "’s")) and after.norm in _APPOINTMENT
        if owned and _is_name(reading, token):
            return True
    verbs = {token.norm for token in tokens}
    return bool(verbs & _OWNER) and any(_is_name(reading, token) for token in tokens[1:])


def _is_name(reading: Reading, token: Token) -> bool:
    norm = token.norm.removesuffix("'s")
    return (
        token.kind == "word"
        and token.text[0].isupper()
        and len(norm) > 2
        and norm not in STOPWORDS
        and norm not in PHRASES.spelling
        and norm not in names.TITLES
        and norm not in _APPOINTMENT
        and not reading.index.mentions(norm)
        and not names.is_time(token)
    )
