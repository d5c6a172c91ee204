"""What the builders are given and what they make: the moment of speaking, and a piece of a wish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from runtime.understanding.dates.lexicon import Item
from runtime.understanding.tokens import Token


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and in which language a text was said. `opens` and `closes` rank the readings of "um drei"."""

    today: date
    clock: time
    tokens: tuple[Token, ...]
    language: str
    opens: int = 7
    closes: int = 20
    day_known: bool = True
    """Whether a bare number can only be a clock time, because the day is settled."""
    now: datetime = datetime.min  # noqa: DTZ901  # naive where the zone does not matter
    """The moment itself, aware where the zone is known: hours ahead then count over a change of the clocks."""
    mentions: bool = False
    """Whether everything that is said counts: what is over too, and the less likely readings."""
    month_first: bool = False
    """Whether 5/12 is the twelfth of May."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing said about a time. Fields that it does not speak of are empty."""

    days: tuple[date, ...] = ()
    weekday: int = -1
    recurring: int = -1
    more: tuple[int, ...] = ()
    """Further weekdays that recur."""
    start: date | None = None
    end: date | None = None
    clocks: tuple[time, ...] = ()
    from_clock: time | None = None
    until_clock: time | None = None
    middle: time | None = None
    """The clock time that a part of the day is also said for."""
    anything: bool = False
    past: bool = False
    now: bool = False
    """Said of this very moment."""
    others: tuple[date, ...] = ()
    """Less likely days, for those who want every reading."""
    open_part: str = ""
    """What a day left unsaid: "year" ("24. December") or "month" ("the 24th"); a weekday beside it may settle it."""

    @property
    def names_day(self) -> bool:
        """Whether it speaks of days."""
        return bool(self.days or self.weekday >= 0 or self.recurring >= 0 or self.start)

    @property
    def names_clock(self) -> bool:
        """Whether it speaks of the time of day."""
        return bool(self.clocks or self.from_clock or self.until_clock)


PAST = Piece(past=True)


def first_of(items: list[Item], codes: str) -> Item | None:
    """The first item with one of these codes."""
    return next((item for item in items if item.code in codes), None)


def all_of(items: list[Item], codes: str) -> list[Item]:
    """Every item with one of these codes."""
    return [item for item in items if item.code in codes]


def count_of(items: list[Item]) -> int:
    """The number among the items, one where there is none ("in einer Woche")."""
    number = first_of(items, "n")
    return number.value if number else 1
