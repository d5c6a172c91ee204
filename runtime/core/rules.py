"""Rules that a slot's value must keep, by name: a closed table, so that a flow file cannot hold code. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from runtime.core.business import Business
from runtime.core.flows import ActLine, Choose, Flow, Slot
from runtime.core.opening import openings_on
from runtime.core.values import ANY, Value, When

Kept = Callable[[Value, int, Business, datetime], bool]


class Rule(NamedTuple):
    """For which types of slot a rule is, whether it takes a number (`at_least:2`), and whether a value keeps it."""

    types: tuple[str, ...]
    numbered: bool
    kept: Kept


def rule_parts(written: str) -> tuple[str, str]:
    """ "at_least:2" is the rule `at_least` with the number "2"."""
    name, _, number = written.partition(":")
    return name.strip(), number.strip()


def broken_rule(slot: Slot, value: Value, business: Business, now: datetime) -> str:
    """The first rule of a slot that a value breaks, as it was written; "" when it keeps all of them."""
    if value == ANY:
        return ""
    for written in slot.rules:
        name, number = rule_parts(written)
        rule = RULES.get(name)
        if rule is not None and not rule.kept(value, int(number or 0), business, now):
            return written
    return ""


def is_searched(flow: Flow, slot: str) -> bool:
    """Whether a read looks for what fits and offers it: its answer is better than a rule's bare no (C5)."""
    read = {line.into for line in flow.lines if isinstance(line, ActLine) and slot in (line.reads or ())}
    return any(isinstance(line, Choose) and line.slot == slot and line.source in read for line in flow.lines)


def _future(value: Value, number: int, business: Business, now: datetime) -> bool:
    if not isinstance(value, When):
        return True
    local = now.astimezone(ZoneInfo(business.timezone))
    last = max(value.days, default=value.until_day)
    if last is None or last > local.date():
        return True
    return last == local.date() and (not value.clock or max(value.clock) > local.time().replace(tzinfo=None))


def _opening_hours(value: Value, number: int, business: Business, now: datetime) -> bool:
    if not isinstance(value, When) or not value.days:
        return True
    return any(open_at(business, day, value.clock) for day in value.days)


def open_at(business: Business, day: date, clocks: tuple[time, ...]) -> bool:
    """Whether the business is open at one of these times, or, without a time, on that day at all."""
    openings = openings_on(business, day)
    return any(o.start <= clock < o.end for o in openings for clock in clocks) if clocks else bool(openings)


def _at_least(value: Value, number: int, business: Business, now: datetime) -> bool:
    return not isinstance(value, int) or value >= number


def _at_most(value: Value, number: int, business: Business, now: datetime) -> bool:
    return not isinstance(value, int) or value <= number


def _longest(value: Value, number: int, business: Business, now: datetime) -> bool:
    return not isinstance(value, str) or len(value) <= number


def _full_name(value: Value, number: int, business: Business, now: datetime) -> bool:
    return not isinstance(value, str) or len(value.split()) > 1


RULES: Mapping[str, Rule] = {
    "future": Rule(("datetime",), False, _future),
    "opening_hours": Rule(("datetime",), False, _opening_hours),
    "at_least": Rule(("number",), True, _at_least),
    "at_most": Rule(("number",), True, _at_most),
    "longest": Rule(("text", "person"), True, _longest),
    "full_name": Rule(("person",), False, _full_name),
}
