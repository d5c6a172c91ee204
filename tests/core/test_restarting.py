"""From the top: what was chosen is asked again, what was given at the start stays."""

from __future__ import annotations

from runtime.core.commands import Affirm, Restart, Undo
from tests.core.talk import Talk


def test_undoing_from_the_top_still_knows_what_to_take_back() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Undo())
    assert talk.say(Restart()).asks == ("confirm", "")
    talk.say(Affirm())
    assert not any(appointment.booked for appointment in talk.booked)
