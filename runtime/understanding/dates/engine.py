"""Texts to wished times: find the pieces by the rules, tie them together, read them as one wish per stretch.

Nothing here computes with the words themselves: words stand in `german.py` and `english.py`, rules in `grammar.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from runtime.core.values import When
from runtime.understanding.dates.distances import span_of
from runtime.understanding.dates.grammar import AFTER_CLOCK, LENGTH, STARTS, Rule
from runtime.understanding.dates.kinds import grain_of, kind_of
from runtime.understanding.dates.lexicon import Item, items_of
from runtime.understanding.dates.pieces import Moment, Piece
from runtime.understanding.dates.wishes import NO_WISH, Spoken, wish_of
from runtime.understanding.tokens import Token, tokenise


@dataclass(frozen=True, slots=True)
class Found:
    """A wished time in a text: its words, what they wish, and where they stand."""

    words: str
    when: When
    span: tuple[int, int]

    @property
    def kind(self) -> str:
        """date, time, datetime, daterange, timerange, datetimerange, or set for what is repeated."""
        return kind_of(self.when)

    @property
    def grain(self) -> str:
        """The smallest unit that was said: second, minute, hour, day, week, month or year."""
        return grain_of(self.when)


def find_times(text: str, language: str, now_local: datetime, *, bare: bool = False) -> list[Found]:
    """Every wished time in a text, in order. `bare` also reads a number alone, for where a time is expected."""
    return times_in(tokenise(text), text, language, now_local, bare=bare)


def find_mentions(
    text: str, language: str, now_local: datetime, *, bare: bool = False, month_first: bool = False
) -> list[Found]:
    """Everything a text says about a time, in order: what is over too, and with the less likely readings behind."""
    tokens = tokenise(text)
    moment = Moment(
        now_local.date(), now_local.time().replace(microsecond=0), tokens, language, now=now_local, mentions=True,
        month_first=month_first,
    )  # fmt: skip
    return _read(moment, text, bare)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A length of time in a text: "anderthalb Stunden"."""

    words: str
    seconds: int
    span: tuple[int, int]


def find_durations(text: str, language: str) -> list[Lasting]:
    """The lengths of time that a text tells, without those that are a distance from a day ("in zwei Stunden")."""
    tokens = tokenise(text)
    now = datetime(2000, 1, 1)  # noqa: DTZ001  # a length is the same at any moment
    moment = Moment(now.date(), now.time(), tokens, language, now=now, mentions=True)
    items = items_of(tokens, language)
    codes = "".join(item.code for item in items)
    taken = {place for one in _pieces(items, moment, False) for place in range(one.first, one.last + 1)}
    found = []
    for match in LENGTH.pattern.finditer(codes):
        span = span_of(items[match.start() : match.end()], moment)
        if span is None or span.few or taken.intersection(range(match.start(), match.end())):
            continue
        start, end = tokens[items[match.start()].first].start, tokens[items[match.end() - 1].last].end
        found.append(Lasting(text[start:end], round(span.total_seconds), (start, end)))
    return found


def times_in(
    tokens: tuple[Token, ...],
    text: str,
    language: str,
    now_local: datetime,
    *,
    bare: bool = False,
    day_known: bool = True,
    hours: tuple[int, int] = (7, 20),
    month_first: bool = False,
) -> list[Found]:
    """As `find_times`, over tokens that are there already; `hours` is when the business is likely open."""
    today, clock = now_local.date(), now_local.time()
    return _read(
        Moment(today, clock, tokens, language, *hours, day_known, now_local, month_first=month_first), text, bare
    )


def _read(moment: Moment, text: str, bare: bool) -> list[Found]:
    items = items_of(moment.tokens, moment.language)
    spoken = _pieces(items, moment, bare)
    return [found for group in _groups(spoken, items) if (found := _found(group, items, moment, text)) is not None]


# the pieces


def _pieces(items: list[Item], moment: Moment, bare: bool) -> list[Spoken]:
    codes = "".join(item.code for item in items)
    spoken: list[Spoken] = []
    at = 0
    while at < len(items):
        match = _best(codes, at, items, moment, bare, spoken)
        if match is None:
            at += 1
            continue
        piece, end = match
        spoken.append(_spoken(piece, at, end - 1, codes, spoken))
        at = end
    return _refused_after(spoken, codes)


def _best(
    codes: str, at: int, items: list[Item], moment: Moment, bare: bool, spoken: list[Spoken]
) -> tuple[Piece, int] | None:
    """The longest match at this place that has a reading."""
    matches: list[tuple[int, int, Rule]] = []
    for rank, rule in enumerate(_rules(codes, at, spoken)):
        if (rule.only == "bare" and not bare) or (rule.only == "mention" and not moment.mentions):
            continue
        match = rule.pattern.match(codes, at)
        if match is not None and match.end() > at:
            matches.append((-match.end(), rank, rule))
    for negative_end, _, rule in sorted(matches, key=lambda match: match[:2]):
        piece = rule.build(items[at:-negative_end], moment)
        if piece is not None:
            return piece, -negative_end
    return None


def _rules(codes: str, at: int, spoken: list[Spoken]) -> tuple[Rule, ...]:
    rules = STARTS.get(codes[at], ())
    if codes[at] == "n" and spoken and spoken[-1].piece.clocks and _CONNECTS.fullmatch(codes, spoken[-1].last + 1, at):
        return (*rules, *AFTER_CLOCK)
    return rules


_CONNECTS = re.compile(r"[,dt~]*[|&b=\-c][,dt~]*")
_SHORTLY = re.compile(r";[<>][d@it~q]*$")
""" "kurz nach drei" is about three."""
_BEFORE_PIECE = re.compile(r"(?P<mark>[<>fbzv=\-]?)[d@it~q]*$")
_BOUNDS = {"<": "before", ">": "after", "f": "from", "b": "until", "z": "between", "-": "range", "=": "range"}


def _spoken(piece: Piece, first: int, last: int, codes: str, before: list[Spoken]) -> Spoken:
    """The piece with what the words before it do to it."""
    begin = before[-1].last + 1 if before else 0
    gap = codes[begin:first]
    mark = _BEFORE_PIECE.search(gap)
    bound = _BOUNDS.get(mark["mark"], "") if mark else ""
    if before and _continues(before[-1], bound, gap, piece):
        bound = "range"
    if piece.clocks and _SHORTLY.search(gap):
        bound = ""
    joined = bool(before) and re.search(r"[|&]", gap) is not None
    corrects = bool(before) and "c" in gap and ("|" not in gap or re.search(r"\|.*,.*c", gap) is not None)
    return Spoken(piece, first, last, _negated(gap, joined, before), corrects, joined, bound)


def _continues(last: Spoken, bound: str, gap: str, piece: Piece) -> bool:
    """Whether "bis", "to" or the "und" after "zwischen" ends a range that the piece before began."""
    same = bool(last.piece.clocks and piece.clocks) or (last.piece.names_day and piece.names_day)
    if not same or re.search(r"[_1:.yc]", gap):
        return False
    return bound in ("until", "range") or (last.bound == "between" and "&" in gap)


def _negated(gap: str, joined: bool, before: list[Spoken]) -> bool:
    clause = re.split(r"[,.c]", gap)[-1]
    if "!" in clause:
        return True
    return joined and bool(before) and before[-1].negated and not re.search(r"[,.c_]", gap)


_REFUSED = re.compile(r"[yd@it,]{0,7}!y?")


def _refused_after(spoken: list[Spoken], codes: str) -> list[Spoken]:
    """ "Dienstag kann ich leider nicht", "Tuesday doesn't work": the day before the "not" is meant."""
    for at, one in enumerate(spoken):
        end = spoken[at + 1].first if at + 1 < len(spoken) else len(codes)
        rest = codes[one.last + 1 : end]
        if not one.piece.names_day or one.negated or not _REFUSED.match(rest):
            continue
        if at + 1 < len(spoken) and rest.endswith(("!", "!d", "!@")) and not spoken[at + 1].piece.names_clock:
            continue
        if at + 1 < len(spoken) and spoken[at + 1].bound and rest.rstrip("<>fbd@it").endswith("!"):
            continue
        spoken[at] = _negate(one)
        if at + 1 < len(spoken) and spoken[at + 1].negated and "," not in rest:
            spoken[at + 1] = _allow(spoken[at + 1])
    return spoken


def _negate(one: Spoken) -> Spoken:
    return Spoken(one.piece, one.first, one.last, True, one.corrects, one.joined, one.bound)


def _allow(one: Spoken) -> Spoken:
    return Spoken(one.piece, one.first, one.last, False, one.corrects, one.joined, one.bound)


# groups and wishes


def _groups(spoken: list[Spoken], items: list[Item]) -> list[list[Spoken]]:
    """Pieces with at most a few other words between them belong to one wish."""
    groups: list[list[Spoken]] = []
    for one in spoken:
        if groups and _near(groups[-1][-1], one, items):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _near(last: Spoken, one: Spoken, items: list[Item]) -> bool:
    between = items[last.last + 1 : one.first]
    others = sum(item.code in "_#U1:" for item in between)
    return others <= 2 and not (others and any(item.code == "." for item in between))


def _found(group: Sequence[Spoken], items: list[Item], moment: Moment, text: str) -> Found | None:
    when = wish_of(group, moment)
    if when == NO_WISH:
        return None
    start = moment.tokens[items[_opening(group[0], items)].first].start
    end = moment.tokens[items[group[-1].last].last].end
    return Found(text[start:end].strip(), when, (start, end))


def _opening(one: Spoken, items: list[Item]) -> int:
    """The item that the words of a wish begin with: its preposition belongs to it."""
    first = one.first
    while first > 0 and items[first - 1].code in "<>fbz!@it~E" and items[first - 1].last < items[first].first:
        first -= 1
    return first
