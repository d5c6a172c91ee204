"""The kinds of prompts and what each may be answered with. Pure data, see `prompting.py`."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.core.values import Offer

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "reminder": ("fine", "move", "off"),
    "reminder_cannot": ("move", "off"),
    "no_show": ("rebook", "no"),
    "place": ("take", "no"),
}
"""What each kind may be answered with, in the order of its buttons and numbers."""
CANNOT = "cannot"
"""Said to a reminder without saying what instead: asked back about."""


def answers_to(kind: str) -> tuple[Offer, ...]:
    """The answers as what understanding may pick from, by number or by name."""
    return tuple(Offer(answer, {}) for answer in ANSWERS.get(kind, ()))
