"""Two invented tenants, made by hand: a hair studio and a bicycle workshop; and short ways to ask what a text means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from runtime.core.business import Business, Desk, Fact, Opening, Person
from runtime.core.commands import Command, Set
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.events import Understood
from runtime.core.flows import Choose, Collect, Confirm, Flow, Slot
from runtime.core.values import Offer, Option, Value
from runtime.understanding.cascade import OfflineRules

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""Friday, 20 November 2026, ten o'clock in Berlin."""
RULES = OfflineRules()


def _slots(*slots: Slot) -> dict[str, Slot]:
    return {slot.name: slot for slot in slots}


def _flow(flow_id: str, slots: dict[str, Slot], de: tuple[str, ...], en: tuple[str, ...]) -> Flow:
    order = [Collect(name) for name in ("service", "start", "name", "phone") if name in slots]
    chooses = [Choose("appointment", "mine")] if "appointment" in slots else []
    return Flow(
        flow_id, "booking", f"hash-{flow_id}", {"de": de[0], "en": en[0]}, {"de": de, "en": en}, slots,
        (*chooses, *order, Confirm("summary")),
    )  # fmt: skip


SERVICE, STAFF = Slot("service", "choice", options="services"), Slot("staff", "choice", options="staff", optional=True)
START, NAME, PHONE = Slot("start", "datetime"), Slot("name", "person"), Slot("phone", "phone")
GUEST, APPOINTMENT = Slot("guest", "relation", optional=True), Slot("appointment", "offer")

FLOWS = {
    flow.id: flow
    for flow in (
        _flow(
            "book_appointment", _slots(SERVICE, STAFF, START, GUEST, NAME, PHONE),
            ("Ich hätte gern einen Termin", "Ist bei Ihnen diese Woche etwas frei?"),
            ("I'd like an appointment", "Is anything free this week?"),
        ),
        _flow(
            "move_appointment", _slots(APPOINTMENT, STAFF, START),
            ("Ich möchte meinen Termin verschieben",), ("I want to reschedule my appointment",),
        ),
        _flow(
            "cancel_appointment", _slots(APPOINTMENT, Slot("when", "datetime")),
            ("Ich möchte meinen Termin absagen",), ("I have to cancel my appointment",),
        ),
        _flow("my_appointments", {}, ("Wann ist mein Termin?",), ("When is my appointment?",)),
        _flow(
            "order_voucher", _slots(Slot("amount", "number"), Slot("email", "email")),
            ("Ich möchte einen Geschenkgutschein kaufen", "Gutschein bestellen"),
            ("I'd like to buy a gift voucher", "Order a voucher as a present"),
        ),
    )
}  # fmt: skip


def _desk(business: Business, services: tuple[Option, ...]) -> Desk:
    staff = tuple(Option(person.id, {"": person.name}, person.synonyms) for person in business.staff)
    return Desk(business, {"services": services, "staff": staff}, FLOWS, {flow.hash: flow for flow in FLOWS.values()})


_HOURS = tuple(Opening(weekday, time(9), time(18)) for weekday in range(5))

STUDIO = _desk(
    Business(
        "linde", "Studio Linde", "Europe/Berlin", "DE", ("de", "en"), hours=_HOURS,
        staff=(
            Person("anna", "Anna Berg"), Person("paul", "Paul Yilmaz"), Person("tom", "Thomas Reuter", (), ("Tom",)),
        ),
        facts=(
            Fact({"de": ("Gibt es WLAN?", "Habt ihr Internet?"), "en": ("Is there wifi?",)}, {"de": "Ja."}),
            Fact({"de": ("Sind Hunde erlaubt?",), "en": ("Are dogs allowed?",)}, {"de": "Ja.", "en": "Yes."}),
        ),
    ),
    (
        Option("cut_women", {"de": "Damenhaarschnitt", "en": "Women's haircut"}, ("Haarschnitt Damen",)),
        Option("cut_men", {"de": "Herrenhaarschnitt", "en": "Men's haircut"}, ("Haarschnitt Herren",)),
        Option("colour", {"de": "Färben", "en": "Colouring"}, ("Farbe", "Haare färben")),
        Option("highlights", {"de": "Strähnchen", "en": "Highlights"}),
        Option("beard", {"de": "Bartpflege", "en": "Beard trim"}, ("Bart schneiden",)),
        Option("kids", {"de": "Kinderhaarschnitt", "en": "Children's haircut"}),
    ),
)  # fmt: skip

WORKSHOP = _desk(
    Business(
        "kette", "Kette & Kurbel", "Europe/Berlin", "DE", ("de", "en"), hours=_HOURS,
        staff=(Person("jule", "Jule Sommer"), Person("ali", "Ali Demir")),
        facts=(Fact({"de": ("Repariert ihr auch E-Bikes?",), "en": ("Do you fix e-bikes?",)}, {"de": "Ja."}),),
    ),
    (
        Option("inspection", {"de": "Inspektion", "en": "Inspection"}, ("Durchsicht", "Wartung")),
        Option("flat", {"de": "Platten reparieren", "en": "Flat tyre repair"}, ("Reifenpanne", "Schlauch wechseln")),
        Option("brakes", {"de": "Bremsen einstellen", "en": "Brake adjustment"}),
        Option("gears", {"de": "Gangschaltung einstellen", "en": "Gear adjustment"}),
        Option("wheel", {"de": "Laufrad zentrieren", "en": "Wheel truing"}),
    ),
)  # fmt: skip

OFFERS = (
    Offer("o1", {"start": "2026-11-24T10:00:00+01:00", "staff": "anna"}, {"who": "Anna Berg"}),
    Offer("o2", {"start": "2026-11-24T15:30:00+01:00", "staff": "paul"}, {"who": "Paul Yilmaz"}),
    Offer("o3", {"start": "2026-11-25T17:00:00+01:00", "staff": "tom"}, {"who": "Thomas Reuter"}),
)


def expecting(
    kind: str = "", slot: str = "", *, flow: str = "", language: str = "de", desk: Desk = STUDIO,
    filled: Mapping[str, Value] | None = None, offers: tuple[Offer, ...] = (), flows: tuple[str, ...] = (),
    can_undo: bool = False, has_appointment: bool = False,
) -> Expectation:  # fmt: skip
    """What a text is read against; a kind without a flow stands in the booking flow."""
    running = desk.flows.get(flow or ("book_appointment" if kind and kind != "clarify" else ""))
    question = Expecting(kind, "q1", slot, flows) if kind else None  # type: ignore[arg-type]  # one of the literals
    return Expectation(
        language, NOW, desk, question, running, filled or {}, offers, can_undo=can_undo, has_appointment=has_appointment
    )


def understood(text: str | tuple[str, ...], expectation: Expectation | None = None) -> Understood:
    """What the offline rules make of a text or a burst."""
    texts = (text,) if isinstance(text, str) else text
    return RULES.read(Understand(texts, expectation or expecting()))


def commands(text: str | tuple[str, ...], expectation: Expectation | None = None) -> tuple[Command, ...]:
    """Only the commands."""
    return understood(text, expectation).commands


def values(text: str | tuple[str, ...], expectation: Expectation | None = None) -> dict[str, Value]:
    """The slots that a text sets."""
    return {command.slot: command.value for command in commands(text, expectation) if isinstance(command, Set)}
