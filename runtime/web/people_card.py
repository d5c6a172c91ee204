"""Who the customer is and where the conversation stands, for the side of a conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.core.business import Desk, Policies
from runtime.core.card import plain, told_in
from runtime.core.conversation import Conversation
from runtime.core.flows import Flow
from runtime.core.values import When
from runtime.people import Opened
from runtime.records.appointments import Appointment
from runtime.web.people_rows import Clock, clock_words, initials
from runtime.web.people_trace import Way, way_of
from runtime.web.people_words import Words, masked
from runtime.wording import when_words


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment on its calendar leaf."""

    month: str
    day: str
    when: str
    what: str
    past: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; `whole` is shown on demand."""

    label: str
    value: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who has the conversation, as whoever looks at it sees it."""

    phase: str
    owner: str
    mine: bool
    words: str
    look: str
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything beside the conversation."""

    name: str
    initials: str
    since: str
    facts: tuple[Fact, ...]
    about: tuple[str, ...]
    """What it is about, while a person has it or is waited for."""
    slots: tuple[Fact, ...]
    ways: tuple[Way, ...]
    todo: tuple[str, ...]
    coming: tuple[Booked, ...]
    past: tuple[Booked, ...]
    consents: tuple[Fact, ...]


def name_of(opened: Opened, words: Words) -> str:
    """The customer's name, else the number, else where they came from."""
    facts = opened.live.facts if opened.live else {}
    name = str(facts.get("name", "")) or opened.known.name
    phone = str(facts.get("phone", "")) or opened.known.phone
    return name or masked(phone) or words("guest", channel=words.named("channel", opened.channel))


def hands_of(opened: Opened, operator: str, words: Words, now: datetime) -> Hands:
    """The phase in words, with the clock of whoever waits. `now` is business time."""
    phase, owner = opened.phase, opened.owner
    mine = phase == "owned" and owner == operator
    if opened.live is None:
        return Hands("over", "", False, words("hands.over"), "plain")
    said = {"queued": "hands.queued", "owned": "hands.mine" if mine else "hands.owned"}.get(phase, "hands.bot")
    look = {"queued": "warn", "owned": "person"}.get(phase, "accent")
    return Hands(phase, owner, mine, words(said, name=owner), look, _clock(opened.live, opened.desk, words, now))


def _clock(live: Conversation, desk: Desk, words: Words, now: datetime) -> Clock | None:
    if live.handoff is None or live.phase not in ("queued", "owned"):
        return None
    since = live.handoff.opened_at if live.phase == "queued" else live.handoff.waiting_since
    if since is None:
        return None
    real = since + (words.now - now)
    due = real + timedelta(minutes=max(1, _minutes(live.phase, desk.business.policies)))
    text, look = clock_words(due, words)
    return Clock(real.isoformat(), due.isoformat(), text, look)


def _minutes(phase: str, policies: Policies) -> int:
    return policies.handoff_minutes if phase == "queued" else policies.sla_min


def card_of(opened: Opened, flows: Mapping[str, Flow], words: Words, now: datetime) -> Card:
    """The side of a conversation. `now` is business time."""
    name = name_of(opened, words)
    coming = [one for one in opened.appointments if one.end >= now]
    past = [one for one in opened.appointments if one.end < now][-3:][::-1]
    return Card(
        name=name,
        initials=initials(name),
        since=words("since", date=words.date(opened.row.opened_at)) if opened.row else "",
        facts=tuple(_facts(opened, words)),
        about=tuple(_about(opened, words)),
        slots=tuple(_slots(opened, words)),
        ways=tuple(_ways(opened.live, flows, words)),
        todo=tuple(words.named("flow", todo.flow) for todo in opened.live.todo) if opened.live else (),
        coming=tuple(_booked(one, opened.desk, words, past=False) for one in coming[:4]),
        past=tuple(_booked(one, opened.desk, words, past=True) for one in past),
        consents=tuple(_consents(opened, words)),
    )


def _facts(opened: Opened, words: Words) -> Iterator[Fact]:
    facts = opened.live.facts if opened.live else {}
    if phone := str(facts.get("phone", "")) or opened.known.phone:
        yield Fact(words("phone"), masked(phone), phone)
    yield Fact(words("channel"), words.named("channel", opened.channel))
    language = opened.live.language if opened.live else opened.row.language if opened.row else ""
    if language:
        yield Fact(words("language"), words.named("language", language))
    yield Fact(words("business"), opened.desk.business.name)
    if opened.live and opened.live.opted_out:
        yield Fact(words("messages"), words("opted_out"))


def _about(opened: Opened, words: Words) -> Iterator[str]:
    live = opened.live
    if live is None or live.handoff is None or live.phase not in ("queued", "owned"):
        return
    yield words.named("opened", live.handoff.reason)
    said = [exchange.said for exchange in live.window if exchange.said][-2:]
    yield from (words.quoted(one[:160]) for one in said if not _is_sensitive(live, one))


def _is_sensitive(live: Conversation, said: str) -> bool:
    hidden = [f.words for frame in live.stack for n, f in frame.slots.items() if not told_in(live, frame, n)]
    return any(words and words in said for words in hidden)


def _slots(opened: Opened, words: Words) -> Iterator[Fact]:
    live = opened.live
    frame = live.top if live else None
    if live is None or frame is None:
        return
    for name, filled in frame.slots.items():
        if told_in(live, frame, name):
            wish = filled.value
            value = when_words(wish, words.language) if isinstance(wish, When) else plain(wish)
            shown = masked(value) if name == "phone" else _option(opened.desk, value, words)
            yield Fact(words.named("slot", name), shown, value if name == "phone" else "")


def _option(desk: Desk, value: str, words: Words) -> str:
    """A service or a person by name, a time as people write it."""
    business = desk.business
    names = {service.id: service.names.get(words.language, service.id) for service in business.services}
    names |= {person.id: person.name for person in business.staff}
    if value in names:
        return names[value]
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{words.weekday(at)} {words.date(at)}, {words.clock(at)}" if at.tzinfo else value


def _ways(live: Conversation | None, flows: Mapping[str, Flow], words: Words) -> Iterator[Way]:
    for number, frame in enumerate(reversed(live.stack if live else ())):
        if (flow := flows.get(frame.hash)) is not None:
            yield way_of(flow, frame.at, words, state="below" if number else "runs")


def _booked(one: Appointment, desk: Desk, words: Words, *, past: bool) -> Booked:
    service, person = _option(desk, one.service, words), _option(desk, one.person, words)
    start = one.start.astimezone(words.zone)
    when = f"{words.weekday(start)}, {words.clock(start)} – {words.clock(one.end)}"
    return Booked(words.month(start), str(start.day), when, ", ".join(filter(None, (service, person))), past)


def _consents(opened: Opened, words: Words) -> Iterator[Fact]:
    said = {**opened.known.consents, **(dict(opened.live.consents) if opened.live else {})}
    for kind, given in said.items():
        yield Fact(words.named("consent", kind), words("given" if given else "not_given"))
