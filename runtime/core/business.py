"""What a business is, as the machine and the skills see it: one frozen snapshot per tenant, never persisted.

Read from the tenant's YAML by `runtime/tenants.py`; `Desk` adds the published flows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from runtime.core.flows import Flow
from runtime.core.quiet import QuietHours
from runtime.core.values import Option

Status = Literal["active", "paused", "suspended"]
"""What a tenant's desk does: work; leave all to people (paused); say only where else to turn (suspended)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Open from `start` to `end` on a weekday (0 is Monday), local time; `end` may be 24:00 as time.max."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Holiday:
    """A closed day; with `opening` set, a day with other hours."""

    day: date
    name: Mapping[str, str]
    opening: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Something that can be booked."""

    id: str
    names: Mapping[str, str]
    synonyms: tuple[str, ...]
    duration_min: int
    price: str
    """An amount like "45.00", or "" where there is none. `price_from` says that it is a least price."""
    staff: tuple[str, ...]
    """Who does it; empty means everybody."""
    rooms: tuple[str, ...] = ()
    """Rooms that will do; one of them is taken."""
    equipment: tuple[str, ...] = ()
    """What it needs besides; one of each is taken, and two where it stands twice."""
    buffer_min: int = 0
    price_from: bool = False
    description: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff; `hours` empty means the business's."""

    id: str
    name: str
    hours: tuple[Opening, ...] = ()
    synonyms: tuple[str, ...] = ()
    absent: frozenset[date] = frozenset()
    """Days that this person is away."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A question with its answer, each in one or more languages ("" is a text without a language)."""

    questions: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that the desk neither does nor answers: people of the business do."""

    id: str
    about: Mapping[str, tuple[str, ...]]
    """Words that it is known by, each in one or more languages."""
    say: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """A fixed text, said word for word."""
    who: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Who does it: "Frau Linde"."""
    ticket: bool = True
    within_h: int = 24
    """Within so many hours the customer hears, or when somebody is in after that."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Rules of the business that bookings and wording follow."""

    lead_min: int = 60
    """Shortest notice for a booking."""
    horizon_days: int = 120
    slot_step_min: int = 15
    cancel_notice_h: int = 0
    """Free cancellation until so many hours before."""
    handoff_minutes: int = 2
    """How long a person usually takes to answer: what customers who ask for one are promised."""
    handoff_hours: tuple[Opening, ...] = ()
    """When people take conversations over; empty means the opening hours."""
    handoff_wait_min: int = 30
    """How long a handoff waits for a person before the bot is back."""
    sla_min: int = 5
    """How long a customer may wait for a person who has the conversation before the others are told."""
    sla_notice: bool = False
    """Whether the customer is told, too."""
    away_min: int = 720
    """The bot is back when the person who has a conversation did nothing in it for so long; 0 means never."""
    emergency_number: str = "112"
    helpline: str = ""
    assistant_name: str = ""
    waiting_list: bool = False
    """Whether customers may wait for a place to become free."""
    waiting_offer_min: int = 60
    """How many minutes a free place is offered to one of them before the next is asked."""
    reminders_min: tuple[int, ...] = ()
    """How many minutes before an appointment its customer is reminded; none means never."""
    quiet: QuietHours = dataclasses.field(default_factory=QuietHours)
    """When nothing is sent that nobody asked for."""
    messages_per_minute: int = 25
    """From one contact; more is a flood, answered once and only recorded then. 0 is no limit."""
    messages_per_day: int = 400


@dataclass(frozen=True, slots=True)
class WebChat:
    """The chat in browsers: where it may stand besides our own pages, and how it looks there."""

    origins: tuple[str, ...] = ()
    """Websites that may show it; see `core/origins.py`. None is only our own."""
    accent: str = ""
    """The business's colour as #rrggbb; "" is ours."""
    privacy: str = ""
    """Address of the page about privacy."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """How a business uses the installation's language model; where there is none, this changes nothing."""

    use: bool = True
    name: str = ""
    """Another model at the same place."""
    wording: bool = False
    """Whether the model may word a short reply to small talk."""
    money_per_day: float | None = None
    tokens_per_day: int | None = None
    """Budgets of a day; None is the installation's, 0 is no limit."""
    price_in: float | None = None
    price_out: float | None = None
    """Prices of a million tokens; None are the installation's."""
    calls_per_minute: int = 3
    """For one contact; beyond that the rules read alone. 0 is no limit."""


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant's own facts."""

    tenant: str
    name: str
    timezone: str
    country: str
    languages: tuple[str, ...]
    """The first one is the default."""
    formality: str = "formal"
    """formal (Sie) or informal (du)."""
    currency: str = "EUR"
    address: Mapping[str, str] = dataclasses.field(default_factory=dict)
    phone: str = ""
    email: str = ""
    hours: tuple[Opening, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    services: tuple[Service, ...] = ()
    staff: tuple[Person, ...] = ()
    facts: tuple[Fact, ...] = ()
    matters: tuple[Matter, ...] = ()
    policies: Policies = Policies()
    webchat: WebChat = WebChat()
    model: ModelUse = ModelUse()
    units: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """How many there are of a room or a piece of equipment, by "room:<id>" and "equipment:<id>"; else there is one."""

    def service(self, service_id: str) -> Service | None:
        """The service of this id."""
        return next((s for s in self.services if s.id == service_id), None)

    def person(self, person_id: str) -> Person | None:
        """The member of staff of this id."""
        return next((p for p in self.staff if p.id == person_id), None)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything about a tenant that a turn needs: its facts, its options by name and its flows by id and by hash."""

    business: Business
    options: Mapping[str, tuple[Option, ...]]
    """"services", "staff": what slots of type choice pick from."""
    flows: Mapping[str, Flow]
    """Published now, by flow id."""
    pinned: Mapping[str, Flow] = dataclasses.field(default_factory=dict)
    """Every version known here, by content hash; holds at least `flows`."""
    status: Status = "active"
    version: int = 0
    """Of the tenant's document; 0 where it came from no records."""
    barred: frozenset[str] = frozenset()
    """Contacts that operators want no more to do with."""

    @property
    def suspended(self) -> bool:
        """Whether customers only read where else to turn."""
        return self.status == "suspended"

    @property
    def paused(self) -> bool:
        """Whether everything goes to people and nothing is understood."""
        return self.status == "paused"

    def flow(self, content_hash: str) -> Flow | None:
        """The pinned version of a flow that a conversation runs."""
        return self.pinned.get(content_hash)
