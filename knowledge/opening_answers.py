"""Answers about opening hours and closed days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.question import Question
from knowledge.wording import clock, day_name, from_to, long_date, spans, spoken
from runtime.core.business import Business, Opening
from runtime.core.opening import holiday_on, openings_of_weekday, openings_on

_FAR_DAYS = 60


def hours_answer(question: Question, language: str) -> str:
    """Open or closed on the day asked about, a person's days, or the week."""
    business = question.business
    if len(question.people) == 1 and question.people[0].hours:
        return _person_hours(question, language)
    if not business.hours:
        return ""
    if question.now_asked:
        return _now(question, language)
    if question.day is not None:
        return _day(business, question.day, question.today, language)
    return _text(language, de="Geöffnet ist {week}.", en="Opening hours: {week}.").format(
        week=week(business.hours, language)
    )


def holidays_answer(question: Question, language: str) -> str:
    """Whether holidays are closed days, and which is the next."""
    business = question.business
    if question.day is not None:
        return _day(business, question.day, question.today, language)
    coming = [holiday for holiday in business.holidays if holiday.day >= question.today and not holiday.opening]
    if not coming:
        return ""
    named = long_date(coming[0].day, business, language) + _named(business, coming[0].day, language)
    text = _text(
        language,
        de="An Feiertagen ist geschlossen; der nächste ist {day}.",
        en="Holidays are closed days; the next one is {day}.",
    )
    return text.format(day=named)


def week(hours: tuple[Opening, ...], language: str) -> str:
    """ "Mo–Fr 9–18 Uhr und Sa 9–14 Uhr": neighbours with the same hours together, closed days left out."""
    runs: list[tuple[int, int, str]] = []
    for weekday in range(7):
        openings = openings_of_weekday(hours, weekday)
        if not openings:
            continue
        text = spans(openings, language)
        if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], weekday, text)
        else:
            runs.append((weekday, weekday, text))
    return ", ".join(f"{_days(first, last, language)} {text}" for first, last, text in runs)


def _days(first: int, last: int, language: str) -> str:
    names = [day_name(day, language, short=True) for day in (first, last)]
    return names[0] if first == last else "–".join(names)


def _now(question: Question, language: str) -> str:
    business = question.business
    local = question.now.astimezone(ZoneInfo(business.timezone))
    current = next((o for o in openings_on(business, local.date()) if o.start <= local.time() < o.end), None)
    if current is not None:
        text = _text(language, de="Jetzt ist geöffnet, heute bis {end} Uhr.", en="Open now, until {end} today.")
        return text.format(end=clock(current.end, language))
    closed = _text(language, de="Jetzt ist geschlossen.", en="Closed right now.")
    return " ".join(filter(None, (closed, _next_open(business, local, language))))


def _day(business: Business, day: date, today: date, language: str) -> str:
    openings = openings_on(business, day)
    name = _day_words(business, day, today, language)
    if openings:
        text = _text(language, de="{day} ist {hours} geöffnet.", en="{day}: open {hours}.")
        return text.format(day=name, hours=from_to(openings, language))
    closed = _text(language, de="{day}{why} ist geschlossen.", en="{day}{why}: closed.")
    after = datetime.combine(day, datetime.max.time(), ZoneInfo(business.timezone))
    sentence = closed.format(day=name, why=_named(business, day, language))
    return " ".join(filter(None, (sentence, _next_open(business, after, language))))


def _next_open(business: Business, local: datetime, language: str) -> str:
    for number in range(_FAR_DAYS):
        day = local.date() + timedelta(days=number)
        opening = next((o for o in openings_on(business, day) if number or o.start > local.time()), None)
        if opening is not None:
            text = _text(
                language,
                de="Wieder geöffnet ist {day} ab {start} Uhr.",
                en="Open again {day} from {start}.",
            )
            when = _on(business, day, number, language)
            return text.format(day=when, start=clock(opening.start, language))
    return ""


def _on(business: Business, day: date, number: int, language: str) -> str:
    if number == 0:
        return _text(language, de="heute", en="today")
    return _text(language, de="am ", en="on ") + long_date(day, business, language)


def _day_words(business: Business, day: date, today: date, language: str) -> str:
    full = long_date(day, business, language)
    near = {0: _text(language, de="Heute", en="Today"), 1: _text(language, de="Morgen", en="Tomorrow")}.get(
        (day - today).days
    )
    if near is None:
        return _text(language, de="Am ", en="") + full
    return f"{near}, {full}," if spoken(language) == "de" else f"{near}, {full}"


def _named(business: Business, day: date, language: str) -> str:
    holiday = holiday_on(business, day)
    if holiday is None or not holiday.name:
        return ""
    name = holiday.name.get(language) or next(iter(holiday.name.values()))
    return f" ({name})"


def _person_hours(question: Question, language: str) -> str:
    person, day = question.people[0], question.day
    if day is None:
        text = _text(language, de="{name} ist {week} da.", en="{name} is in {week}.")
        return text.format(name=person.name, week=week(person.hours, language))
    openings = openings_of_weekday(person.hours, day.weekday()) if openings_on(question.business, day) else ()
    on = _day_words(question.business, day, question.today, language)
    if not openings:
        return _text(language, de="{day} ist {name} nicht da.", en="{day}: {name} is not in.").format(
            day=on, name=person.name
        )
    text = _text(language, de="{day} ist {name} {hours} da.", en="{day}: {name} is in {hours}.")
    return text.format(day=on, name=person.name, hours=from_to(openings, language))


def _text(language: str, *, de: str, en: str) -> str:
    return de if spoken(language) == "de" else en
