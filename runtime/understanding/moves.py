"""Moving an appointment: "von Dienstag auf Donnerstag" names two times, and only the second one is wished."""

from __future__ import annotations

from runtime.understanding import slots
from runtime.understanding.names import is_time
from runtime.understanding.reading import Reading
from runtime.understanding.routing import MOVE
from runtime.understanding.tokens import word_set

_TO = frozenset(["auf", "to", "zu", "into"])
_NOUNS = word_set(
    """
    termin buchung termins appointment booking reservation reservierung appt
    """
)
_AT = frozenset(["am", "vom", "von", "um", "on", "at", "from", "for", "der", "of", "den"])


def target_of_move(reading: Reading, task: str) -> None:
    """Hide from the date grammar what only describes the appointment that there is."""
    flow = reading.expectation.flow
    moving = task == MOVE or (flow is not None and flow.id == MOVE)
    if not moving or reading.kind == "offer":
        return
    norms = [token.norm for token in reading.tokens]
    towards = next((at for at in range(len(norms) - 1, -1, -1) if norms[at] in _TO and _time_behind(reading, at)), None)
    if towards is not None:
        _hide(reading, 0, towards + 1)
        return
    if task == MOVE:
        _hide_refused_day(reading)
        _hide_description(reading, norms)


def _time_behind(reading: Reading, at: int) -> bool:
    """Whether a day or a time follows "auf" or "to" soon."""
    following = reading.tokens[at + 1 : at + 4]
    return any(token.kind not in ("word", "mark") or is_time(token) for token in following)


def _hide_refused_day(reading: Reading) -> None:
    """ "I can't make it on Tuesday": that is the day of the appointment that there is."""
    for segment in reading.segments:
        for hit in segment.hits:
            if hit.label == "cancel_appointment":
                _hide(reading, segment.places[hit.start], segment.places[-1] + 1)


def _hide_description(reading: Reading, norms: list[str]) -> None:
    """ "meinen Termin am Dienstag verschieben": Tuesday is the old day. Up to the verb or a comma."""
    noun = next((at for at, norm in enumerate(norms) if norm in _NOUNS), None)
    if noun is None or noun + 1 >= len(norms) or norms[noun + 1] not in _AT:
        return
    end = noun + 1
    while (
        end < len(norms)
        and reading.tokens[end].kind != "mark"
        and not norms[end].startswith(("versch", "verleg", "umb"))
    ):
        end += 1
    _hide(reading, noun + 1, end)


def _hide(reading: Reading, first: int, end: int) -> None:
    """Claimed for the target; the day in it tells which appointment is meant."""
    old = [place for place in range(first, end) if reading.free[place]]
    if old:
        slots.old_day(reading, old)
    reading.claim(first, end)
