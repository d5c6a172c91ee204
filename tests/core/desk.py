"""A little business for tests of the core, with the real flows and the real words."""

from __future__ import annotations

from datetime import time
from functools import cache

from runtime.core.business import Business, Desk, Opening, Person, Policies, Service, Status
from runtime.core.flow_check import ActionFacts
from runtime.core.flows import Flow
from runtime.flow_files import read_flows, sound
from runtime.settings import CONFIGS
from runtime.tenants import options_of
from runtime.wording import Wording

ACTIONS = {
    "booking.find_free_times": ActionFacts(write=False),
    "booking.my_appointments": ActionFacts(write=False),
    "booking.book": ActionFacts(write=True),
    "booking.move": ActionFacts(write=True),
    "booking.cancel": ActionFacts(write=True),
    "booking.undo": ActionFacts(write=True),
    "booking.remind": ActionFacts(write=True),
    "booking.follow_up": ActionFacts(write=True),
    "booking.wait": ActionFacts(write=True),
    "booking.offer_place": ActionFacts(write=True),
}


def business(formality: str = "formal", cut_price: str = "45.00") -> Business:
    """Studio Linde: two people, three services, open from Tuesday to Saturday, 9 to 18."""
    return Business(
        tenant="linde",
        name="Studio Linde",
        timezone="Europe/Berlin",
        country="DE",
        languages=("de", "en"),
        formality=formality,
        phone="+49 221 5550142",
        hours=tuple(Opening(day, time(9), time(18)) for day in range(1, 6)),
        services=(
            Service("cut", {"de": "Haarschnitt", "en": "Haircut"}, ("Schnitt",), 60, cut_price, ()),
            Service("colour", {"de": "Färben", "en": "Colour"}, ("Farbe",), 120, "80.00", ("anna",)),
            Service("beard", {"de": "Bartpflege", "en": "Beard trim"}, (), 30, "18.00", ()),
        ),
        staff=(Person("anna", "Anna"), Person("paul", "Paul")),
        policies=Policies(helpline="0800 5550111", messages_per_minute=0, messages_per_day=0),
    )


@cache
def flows() -> dict[str, Flow]:
    """The flow files that come with the desk."""
    files = sound(read_flows(CONFIGS / "flows", ACTIONS))
    return {name: file.flow for name, file in files.items() if file.flow is not None}


@cache
def wording() -> Wording:
    """The reply files that come with the desk."""
    return Wording.read(CONFIGS / "replies")


def desk(own: Business | None = None, status: Status = "active") -> Desk:
    """The desk of a business with the flows as published."""
    own = own or business()
    return Desk(own, options_of(own), flows(), {flow.hash: flow for flow in flows().values()}, status)
