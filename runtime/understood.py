"""What a text means, as the JSON line that `frontdesk understand` prints: commands, dates, and the stage that decided.

One line in, one line out, so that a test bench or another program can ask the product's own understanding. Knows no
clock: `reference` is the moment that a text was written at, in the business's local time.
"""

from __future__ import annotations

import dataclasses
import json
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice, product
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.codec import plain
from runtime.core.business import Desk
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.events import Understood
from runtime.core.flows import Flow
from runtime.core.values import Offer, Value, When
from runtime.errors import BadRequest
from runtime.ports import Understanding
from runtime.understanding.dates.engine import find_durations, find_mentions
from runtime.understanding.dates.language import writes_month_first

Kind = Literal["slot", "offer", "confirm", "clarify", "change", "resume", "agree", "prompt"]
KINDS: tuple[str, ...] = get_args(Kind)
MOST_READINGS = 12
LONGEST_TEXT = 10_000
FIELDS = ("text", "reference", "language", "timezone", "expecting", "offers")


@dataclass(frozen=True, slots=True)
class Question:
    """One line, read: `reference` is aware."""

    text: str
    reference: datetime
    language: str
    expectation: Expectation
    country: str = ""
    """Of the text's locale ("en-US"), "" where only its language is told."""


class Desks:
    """One business in any zone. What understanding keeps of a desk is found again with the same one."""

    def __init__(self, desk: Desk) -> None:
        self._desks = {desk.business.timezone: desk}
        self.business = desk.business

    def within(self, zone: str) -> Desk:
        """The desk with its business in this zone."""
        if zone not in self._desks:
            own = self._desks[self.business.timezone]
            self._desks[zone] = dataclasses.replace(own, business=dataclasses.replace(self.business, timezone=zone))
        return self._desks[zone]


async def understood_line(line: str, desks: Desks, understanding: Understanding, now: datetime) -> str:
    """The answer to one line of JSON. Raises BadRequest, which says what is wrong with the line."""
    question = read_question(line, desks, now)
    begun = clock.perf_counter()
    understood = await understanding.understand(
        Understand((question.text,), question.expectation), question.reference.astimezone(UTC)
    )
    took_ms = (clock.perf_counter() - begun) * 1000
    return json.dumps(_answer(question, understood, took_ms), ensure_ascii=False)


def _answer(question: Question, understood: Understood, took_ms: float) -> dict[str, Any]:
    return {
        "language": understood.language,
        "commands": [_command(command) for command in understood.commands],
        "dates": dates_in(question, understood.language),
        "durations": [
            {"text": one.words, "seconds": one.seconds} for one in find_durations(question.text, understood.language)
        ],
        "stage": understood.stages[0] if understood.stages else "",
        "stages": list(understood.stages),
        "ms": round(took_ms, 3),
    }


def _command(command: Any) -> dict[str, Any]:
    """A command by its name, with its fields; a wished time reads as its readings."""
    fields = {field.name: getattr(command, field.name) for field in dataclasses.fields(command)}
    shown = {name: _field(value) for name, value in fields.items()}
    return {"command": type(command).__name__.lower(), **shown}


def _field(value: Any) -> Any:
    if isinstance(value, When):
        return readings(value)
    if isinstance(value, tuple):
        return [_field(one) for one in value]
    return plain(value) if dataclasses.is_dataclass(value) else value


# ---- dates


def dates_in(question: Question, language: str) -> list[dict[str, Any]]:
    """Every wished time: its words, and its readings with the likeliest first."""
    expecting = question.expectation.expecting
    asked = expecting.slot if expecting and expecting.kind == "slot" else ""
    slot = question.expectation.flow.slot(asked) if asked and question.expectation.flow else None
    locale = f"{language}-{question.country or question.expectation.desk.business.country}"
    return mentioned(question.text, locale, question.reference, bare=bool(slot and slot.type == "datetime"))


def mentioned(text: str, locale: str, now: datetime, *, bare: bool = False) -> list[dict[str, Any]]:
    """What a text says about times, what is over too. The locale's country says whether 5/12 is in May."""
    language, _, country = locale.partition("-")
    month_first = writes_month_first(language, country)
    found = find_mentions(text, language, now, bare=bare, month_first=month_first)
    read = [(one, readings(one.when, now.replace(tzinfo=None))) for one in found]
    return [
        {"text": one.words, "kind": one.kind, "grain": one.grain, "values": values} for one, values in read if values
    ]


def readings(when: When, now: datetime | None = None) -> list[Any]:
    """ISO values: dates, clock times, both, or {"start", "end"} for a stretch; open on a side that has no limit."""
    days: Sequence[date] = when.days
    if when.from_day or when.until_day:
        return [_days(when), *_open_end(when)]
    if when.clock:
        found: list[Any] = [_moment(day, at) for day, at in islice(product(days or (None,), when.clock), MOST_READINGS)]
        return found + (
            [_stretch(days[0] if days else None, when.from_clock, when.until_clock)] if _window(when) else []
        )
    if when.from_clock or when.until_clock:
        return [_stretch(day, when.from_clock, when.until_clock) for day in (days or (None,))[:MOST_READINGS]]
    if days or when.not_days:
        return [day.isoformat() for day in (days or when.not_days)[:MOST_READINGS]]
    return _weekdays(when.weekdays or when.not_weekdays, now)


def _weekdays(weekdays: Sequence[int], now: datetime | None) -> list[Any]:
    """The next of each weekday, where the day of the wish is known to lie after `now`."""
    if now is None:
        return [f"weekday:{number + 1}" for number in weekdays]
    today = now.date()
    ahead = ((number - today.weekday()) % 7 or 7 for number in weekdays)
    return [date.fromordinal(today.toordinal() + days).isoformat() for days in ahead]


def _days(when: When) -> dict[str, str]:
    """A stretch of days; a time of day in it stands at both of its ends."""
    first = when.clock[0] if when.clock else None
    limits = (("start", when.from_day, when.from_clock or first), ("end", when.until_day, when.until_clock or first))
    return {name: _moment(day, at) if at else day.isoformat() for name, day, at in limits if day}


def _open_end(when: When) -> list[str]:
    """ "bis zum 21. um 16 Uhr" is also said for that moment itself."""
    day = when.until_day or when.from_day
    if day is None or (when.from_day and when.until_day):
        return []
    return [_moment(day, at) for at in when.clock]


def _window(when: When) -> bool:
    """Whether a part of the day stands beside the clock time it is also said for ("mittags")."""
    return when.from_clock is not None and when.until_clock is not None


def _moment(day: date | None, at: time) -> str:
    shown = at.isoformat("seconds" if at.second else "minutes")
    return f"{day.isoformat()}T{shown}" if day else shown


def _stretch(day: date | None, begin: time | None, end: time | None) -> dict[str, str]:
    return {name: _moment(day, at) for name, at in (("start", begin), ("end", end)) if at}


# ---- reading a line


def read_question(line: str, desks: Desks, now: datetime) -> Question:
    """One line of JSON; what is not given is as in an open conversation with this business. Raises BadRequest."""
    given = _object(line)
    text = given.get("text")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise BadRequest(f'"text" must be a string of at most {LONGEST_TEXT} characters.')
    zone = _zone(given.get("timezone") or desks.business.timezone)
    reference = _reference(given.get("reference"), zone, now)
    language, _, country = str(given.get("language") or desks.business.languages[0]).partition("-")
    if language not in ("de", "en"):
        raise BadRequest('"language" must be de or en, or one with a country such as en-GB.')
    desk = desks.within(zone.key)
    offers = tuple(_offer(number, one) for number, one in enumerate(_list(given.get("offers")), 1))
    expecting, flow = _expecting(given.get("expecting"), desk)
    expectation = Expectation(language, reference.astimezone(UTC), desk, expecting, flow, {}, offers)
    return Question(text, reference, language, expectation, country)


def _object(line: str) -> Mapping[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest('A line must be one JSON object, such as {"text": "tomorrow at three"}.') from error
    if not isinstance(given, dict):
        raise BadRequest(f"A line must be a JSON object with {', '.join(FIELDS)}; only text is needed.")
    return given


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRequest(f'"timezone" {str(name)[:40]!r} is unknown; write one such as Europe/Berlin.') from error


def _reference(given: object, zone: ZoneInfo, now: datetime) -> datetime:
    """Local time of the zone; a time with an offset is brought into it."""
    if given in (None, ""):
        return now.astimezone(zone)
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise BadRequest('"reference" must be an ISO time such as 2026-11-20T16:30.') from error
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _list(given: object) -> Sequence[Any]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise BadRequest('"offers" must be a list, of ISO times, labels, or objects with id and values.')
    return given


def _offer(number: int, given: object) -> Offer:
    """What was shown: an ISO time, a label, or {"id", "values" or "start", "label"}."""
    fields: Mapping[str, Any] = given if isinstance(given, dict) else {"start": given} if _is_time(given) else {}
    label = str(fields.get("label") or fields.get("text") or (given if isinstance(given, str) else ""))
    held = fields.get("values")
    values = {name: _value(value) for name, value in held.items()} if isinstance(held, dict) else {}
    if _is_time(fields.get("start")):
        values["start"] = _value(fields["start"])
    return Offer(str(fields.get("id") or f"o{number}"), values, {"label": label})


def _is_time(given: object) -> bool:
    if not isinstance(given, str) or len(given) < len("2026-11-20"):
        return False
    try:
        datetime.fromisoformat(given)
    except ValueError:
        return False
    return True


def _value(given: Any) -> Value:
    if _is_time(given):
        moment = datetime.fromisoformat(given)
        clock_time = () if len(given) == len("2026-11-20") else (moment.time(),)
        return When(days=(moment.date(),), clock=clock_time)
    return given if isinstance(given, bool | int) else str(given)


def _expecting(given: object, desk: Desk) -> tuple[Expecting | None, Flow | None]:
    """What the last question waits for: a slot's name, a kind of slot, a kind of question, or an object with both."""
    if given in (None, ""):
        return None, None
    fields: Mapping[str, Any] = given if isinstance(given, dict) else {}
    word = str(fields.get("slot") or fields.get("type") or "") if fields else str(given)
    kind = str(fields.get("kind") or (word if word in KINDS else "slot"))
    if kind not in KINDS:
        raise BadRequest(f'"expecting" has a kind {kind[:20]!r}; it must be one of {", ".join(KINDS)}.')
    flow, slot = _slot(desk, str(fields.get("flow") or ""), "" if word in KINDS else word)
    return Expecting(_kind(kind), "q", slot=slot), flow


def _kind(word: str) -> Kind:
    return next(kind for kind in get_args(Kind) if kind == word)


def _slot(desk: Desk, named: str, word: str) -> tuple[Flow | None, str]:
    """The flow and slot that a word means, by the slot's name or else its type; booking comes first."""
    flows = [desk.flows[named]] if named in desk.flows else list(desk.flows.values())
    flows.sort(key=lambda flow: "start" not in flow.slots or "service" not in flow.slots)
    for flow in flows:
        if not word or word in flow.slots:
            return flow, word or ("start" if "start" in flow.slots else "")
    for flow in flows:
        for slot in flow.slots.values():
            if slot.type == word:
                return flow, slot.name
    known = sorted({name for flow in flows for name in flow.slots} | {s.type for f in flows for s in f.slots.values()})
    raise BadRequest(f'"expecting" {word[:40]!r} is no slot or kind of slot; it may be {", ".join((*KINDS, *known))}.')
