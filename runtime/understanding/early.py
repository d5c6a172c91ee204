"""What is said before it is asked: no phone number, and an appointment that was made from somewhere else (B6, C6)."""

from __future__ import annotations

from runtime.core.commands import Affirm, Handoff, Set, Skip
from runtime.understanding.reading import Reading
from runtime.understanding.routing import CANCEL, MINE, MOVE, task_of

_ABOUT_MINE = (MOVE, CANCEL, MINE)


def soft_yes_alone(reading: Reading) -> bool:
    """ "Mehr oder weniger" to a summary is a soft yes, and neither "weniger" nor "mehr" (E8)."""
    if reading.kind != "confirm" or len(reading.segments) != 1:
        return False
    segment = reading.segments[0]
    whole = any(hit.label == "yes_soft" and hit.start == 0 and hit.end == len(segment.words) for hit in segment.hits)
    if whole:
        reading.add(Affirm(reading.text.strip(), firm=False), "rules:confirm")
        reading.claim(0, len(reading.tokens))
    return whole


def refused_before_asked(reading: Reading) -> None:
    """ "Meine Nummer möchte ich nicht angeben": then it is never asked."""
    asked = reading.asked
    phones = reading.slots("phone")
    if not phones or asked is phones[0] or any(_sets(command, phones[0].name) for command, _ in reading.commands):
        return
    for segment, hit in list(reading.hits("no_phone")):
        reading.add(Skip("refused", phones[0].name), "rules:control")
        reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
        return


def _sets(command: object, slot: str) -> bool:
    return isinstance(command, Set) and command.slot == slot


def proof_needed(reading: Reading) -> None:
    """Who booked under another number can prove it to a person only: there is no second channel for a code."""
    if not reading.says("other_number", "booked_elsewhere"):
        return
    flow = reading.expectation.flow
    about_mine = (flow.id if flow else task_of(reading)) in _ABOUT_MINE
    other = reading.says("other_number") and (about_mine or flow is None)
    if other or (about_mine and not reading.expectation.has_appointment):
        reading.add(Handoff("proof"), "rules:handoff")
