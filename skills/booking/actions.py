"""The booking actions: what a flow's lines call, by name. Reads in `reads.py`, writes in `writes.py`."""

from __future__ import annotations

from runtime.ports import Action
from runtime.records.appointments import Appointments
from runtime.records.prompts import Prompts
from runtime.records.waiting import WaitingList
from skills.booking.prompts import FollowUp, Remind
from skills.booking.reads import FindFreeTimes, MyAppointments
from skills.booking.waiting import Join, OfferPlace
from skills.booking.writes import Book, Cancel, Link, Move, Undo, no_link


def booking_actions(
    store: Appointments, prompts: Prompts, waiting: WaitingList, link: Link = no_link
) -> dict[str, Action]:
    """Every action of this skill by its name in a flow. `link` tells where an appointment's calendar file lies."""
    return {
        "booking.find_free_times": FindFreeTimes(store),
        "booking.my_appointments": MyAppointments(store),
        "booking.book": Book(store, link),
        "booking.move": Move(store),
        "booking.cancel": Cancel(store),
        "booking.undo": Undo(store),
        "booking.remind": Remind(store, prompts),
        "booking.follow_up": FollowUp(store, prompts),
        "booking.wait": Join(waiting),
        "booking.offer_place": OfferPlace(waiting, store),
    }
