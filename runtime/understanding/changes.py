"""After "what shall I change?": which part of the flow the customer names."""

from __future__ import annotations

from runtime.core.commands import Pick
from runtime.understanding.desks import STAFF
from runtime.understanding.reading import Reading

STAGE = "rules:change"


def named_part(reading: Reading) -> None:
    """A part without a new value: `Pick(offer=<slot name>)`, for a day or a time a `Refine`."""
    if reading.kind != "change":
        return
    for label, slot in _parts(reading).items():
        for segment, hit in reading.hits(label):
            reading.add(Pick(slot, reading.text.strip()), STAGE)
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
            return


def _parts(reading: Reading) -> dict[str, str]:
    """Label -> slot name, for the slots that the flow has."""
    found: dict[str, str] = {}
    for slot in reading.flow.slots.values() if reading.flow else ():
        if slot.type == "choice":
            found["change_staff" if slot.options == STAFF else "change_service"] = slot.name
        elif slot.type in ("person", "phone"):
            found["change_name" if slot.type == "person" else "change_phone"] = slot.name
    return found
