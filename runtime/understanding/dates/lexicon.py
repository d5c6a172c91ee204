"""Text to items: each known word or phrase of a text becomes one sign, everything else is OTHER.

Both languages are always known, because customers mix them; where a word means something in both, the
conversation's language wins. Words with two meanings ("morgen", "may", "so") are settled by their neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from runtime.understanding.dates.english import ENGLISH
from runtime.understanding.dates.german import GERMAN
from runtime.understanding.dates.language import SECOND, DateWords
from runtime.understanding.spelling import Spelling
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import Token

SIGNS = {
    "WEEKDAY": "W", "SHORT_WEEKDAY": "w", "RECURRING": "V", "MONTH": "m", "SHORT_MONTH": "k", "NUMBER": "n",
    "ORDINAL": "O", "WORD_ORDINAL": "o", "YEAR": "Y", "CLOCK": "C", "DATE": "D", "PAIR": "X", "UNIT": "u",
    "RELATIVE": "R", "TOMORROW": "T", "PART": "p", "WEEKEND": "K", "FEAST": "F", "OCLOCK": "h", "AM": "a",
    "PM": "A", "HALF_BEFORE": "H", "HALF_PAST": "I", "HALF_AFTER_SHORT": "J", "QUARTER": "Q",
    "THREE_QUARTERS": "Z", "ONE_AND_A_HALF": "B", "START": "s", "MIDDLE": "M", "END": "e", "BEFORE": "<",
    "AFTER": ">", "FROM": "f", "UNTIL": "b", "BETWEEN": "z", "OF": "v", "AND": "&", "OR": "|", "IN": "i",
    "ON": "@", "AT": "t", "ABOUT": "~", "THE": "d", "EVERY": "E", "A": "q", "NEXT": "N", "AFTER_NEXT": "G",
    "THIS": "S", "LAST": "L", "NOT": "!", "INSTEAD": "c", "FEW": "j", "NOW": "x", "PAST": "P", "TO": "-",
    "AGO": "g", "FROM_NOW": "r", "ANYTHING": "*", "COUNTED": "U", "SILENT": "#", "OTHER": "_", "COMMA": ",",
    "STOP": ".", "DASH": "=", "REFUSING": "y", "BEFORE_LAST": "0", "LATER": "1", "HUNDRED": "2", "THOUSAND": "3",
    "OH": "4", "SEASON": "5", "WEEK_NUMBER": "6", "QUARTER_NUMBER": "8", "CLOSEST": "9", "MORE": ":", "SHORTLY": ";",
    "WORKDAYS": "%",
    "WITHIN": "+",
}  # fmt: skip
"""The one-letter code of each sign, for the rules in `grammar.py`."""


class Item(NamedTuple):
    """A stretch of tokens with its sign; `value` and `second` depend on it (hour and minute, month and day)."""

    code: str
    value: int
    second: int
    first: int
    """Index of the first token."""
    last: int
    """Index of the last token."""


class Meaning(NamedTuple):
    """What a word or phrase stands for."""

    sign: str
    value: int = 0
    second: int = 0


NO_MINUTE = -99
"""The right half of "2.0", which is neither a month nor minutes."""
Phrases = dict[tuple[str, ...], Meaning]


def _weekdays_and_months(words: DateWords) -> Iterator[tuple[str, Meaning]]:
    named = (
        ("WEEKDAY", words.weekdays), ("SHORT_WEEKDAY", words.short_weekdays), ("RECURRING", words.recurring),
        ("MONTH", words.months), ("SHORT_MONTH", words.short_months),
    )  # fmt: skip
    for sign, names in named:
        for value, phrases in enumerate(names, 1 if "MONTH" in sign else 0):
            for phrase in phrases:
                yield phrase, Meaning(sign, value)


def _day_with_part(words: DateWords) -> Iterator[tuple[str, Meaning]]:
    """ "Dienstagnachmittag", "Montagfrüh", "Mittwochmorgen"."""
    for value, names in enumerate(words.weekdays):
        for name in names:
            for (start, end), phrases in words.parts.items():
                yield from (
                    (name + part.replace(" ", ""), Meaning("W+p", value, start * 100 + end)) for part in phrases
                )
            for part in words.signs.get("TOMORROW", ()):
                yield name + part, Meaning("W+p", value, 612)
                yield name + part + "s", Meaning("W+p", value, 612)


def _weeks_of_months(words: DateWords) -> Iterator[tuple[str, Meaning]]:
    """ "Dezemberwoche"."""
    for value, names in enumerate(words.months, 1):
        yield from ((name + week, Meaning("m+u", value)) for name in names for week in ("woche", "wochen"))


def _meanings(words: DateWords) -> Iterator[tuple[str, Meaning]]:
    yield from ((phrase, Meaning("COUNTED")) for phrase in words.counted)
    yield from ((phrase, Meaning("REFUSING")) for phrase in words.refusing)
    yield from _weekdays_and_months(words)
    yield from _day_with_part(words)
    yield from _weeks_of_months(words)
    yield from ((word, Meaning("NUMBER", value)) for word, value in words.numbers.items())
    yield from ((word, Meaning("WORD_ORDINAL", value)) for word, value in words.ordinals.items())
    for (start, end), phrases in words.parts.items():
        yield from ((phrase, Meaning("PART", start, end)) for phrase in phrases)
    for (part, minutes), phrases in words.sections.items():
        yield from ((phrase, Meaning(part + "+u", minutes)) for phrase in phrases)
    for days, phrases in words.relative_days.items():
        yield from ((phrase, Meaning("RELATIVE", days)) for phrase in phrases)
    for minutes, phrases in words.units.items():
        yield from ((phrase, Meaning("UNIT", minutes, int(phrase in words.plural_units))) for phrase in phrases)
    yield from ((word, Meaning("YEAR", value)) for word, value in words.years.items())
    yield from ((word, Meaning("ONE_AND_A_HALF", value)) for word, value in words.halves.items())
    for month, phrases in words.seasons.items():
        yield from ((phrase, Meaning("SEASON", month)) for phrase in phrases)
    for (month, day), phrases in words.feasts.items():
        yield from ((phrase, Meaning("FEAST", month, day)) for phrase in phrases)
    for sign, phrases in words.signs.items():
        yield from ((phrase, Meaning(sign)) for phrase in phrases)
    yield from ((phrase, Meaning("ANYTHING")) for phrase in words.anything)
    yield from ((phrase, Meaning("SILENT")) for phrase in words.silent)


def _table(*languages: DateWords) -> dict[str, Phrases]:
    """Phrases by their first word; the last language given wins."""
    table: dict[str, Phrases] = {}
    for words in languages:
        for phrase, meaning in _meanings(words):
            parts = tuple(phrase.split(" "))
            table.setdefault(parts[0], {})[parts] = meaning
    return table


_TABLES = {"de": _table(ENGLISH, GERMAN), "en": _table(GERMAN, ENGLISH)}
_LONGEST = {
    code: {first: max(map(len, phrases)) for first, phrases in table.items()} for code, table in _TABLES.items()
}
_LONG_SIGNS = {"WEEKDAY", "RECURRING", "MONTH", "RELATIVE", "TOMORROW", "PART", "W+p", "NEXT", "WEEKEND", "NUMBER"}
SPELLING = Spelling(
    {p for words in (GERMAN, ENGLISH) for p, m in _meanings(words) if m.sign in _LONG_SIGNS and " " not in p},
    never=frozenset(GERMAN.never_misspelt + ENGLISH.never_misspelt)
    | {p for words in (GERMAN, ENGLISH) for p, m in _meanings(words)}
    | STOPWORDS,
)
_ORDINAL_ENDINGS = frozenset(GERMAN.ordinal_endings + ENGLISH.ordinal_endings)


@lru_cache(maxsize=8192)
def spelled(word: str) -> str:
    """The date word that a misspelt word was meant to be, or the word itself."""
    return SPELLING.correct(word)


def items_of(tokens: tuple[Token, ...], language: str) -> list[Item]:
    """The text as a row of items."""
    table, longest = (_TABLES.get(language) or _TABLES["de"]), (_LONGEST.get(language) or _LONGEST["de"])
    norms = [spelled(token.norm) if token.kind == "word" else token.norm for token in tokens]
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        at = _number(tokens, at, items) or _phrase(norms, at, table, longest, items) or _other(tokens, at, items)
    return _settled(_with_years(items), tokens, language)


def _with_years(items: list[Item]) -> list[Item]:
    """Years spoken in several words become one: "two thousand and thirty two", "nineteen ninety three"."""
    at = 0
    while at < len(items):
        if items[at].code == "n" and items[at].value <= 21 and (size := _year_at(items, at)):
            value = _year_value(items[at : at + size])
            items[at : at + size] = [Item("Y", value, 1, items[at].first, items[at + size - 1].last)]
        at += 1
    return items


def _year_at(items: list[Item], at: int) -> int:
    """How many items from here say a year; none where they can be something else."""
    codes = "".join(item.code for item in items[at : at + 4])
    match = _YEAR.match(codes)
    if match is None or (codes[1] not in "23" and not (_after_month(items, at) and items[at + 1].value >= 10)):
        return 0
    return match.end()


_YEAR = re.compile(r"n(?:[23](?:&?n)?|n)")


def _after_month(items: list[Item], at: int) -> bool:
    before = [item.code for item in items[max(0, at - 2) : at] if item.code not in ",v"]
    return bool(before) and before[-1] in "mk" and items[at].value in (17, 18, 19, 20, 21)


def _year_value(items: list[Item]) -> int:
    base = items[0].value * (1000 if items[1].code == "3" else 100)
    return base + (items[-1].value if len(items) > 1 and items[-1].code == "n" else 0)


_DISTANT = (["from"], ["ago"], ["later"])


def _phrase(
    norms: list[str], at: int, table: dict[str, Phrases], longest: dict[str, int], items: list[Item]
) -> int | None:
    phrases = table.get(norms[at])
    if phrases is None:
        return None
    for size in range(min(longest[norms[at]], len(norms) - at), 0, -1):
        meaning = phrases.get(tuple(norms[at : at + size]))
        if meaning is not None and meaning.sign == "SILENT" and norms[at + size : at + size + 1] in _DISTANT:
            continue  # "one second from now"
        if meaning is not None:
            _put(meaning, at, at + size - 1, items)
            return at + size
    return None


def _put(meaning: Meaning, first: int, last: int, items: list[Item]) -> None:
    if meaning.sign == "W+p":
        items.append(Item("W", meaning.value, 0, first, last))
        items.append(Item("p", *divmod(meaning.second, 100), first, last))
    elif meaning.sign.endswith("+u") and meaning.sign != "m+u":
        items.append(Item(SIGNS[meaning.sign[:-2]], 0, 0, first, last))
        items.append(Item("u", meaning.value, 0, first, last))
    elif meaning.sign == "m+u":
        items.append(Item("m", meaning.value, 0, first, last))
        items.append(Item("u", 10_080, 0, first, last))
    else:
        items.append(Item(SIGNS[meaning.sign], meaning.value, meaning.second, first, last))


def _other(tokens: tuple[Token, ...], at: int, items: list[Item]) -> int:
    norm = tokens[at].norm
    sign = {",": ",", ".": ".", "-": "=", "–": "=", "/": "|", "~": "~", "@": "t"}.get(norm, "_")
    if tokens[at].kind == "mark" and norm in ";!?:":
        sign = "."
    items.append(Item(sign, 0, 0, at, at))
    return at + 1


def _number(tokens: tuple[Token, ...], at: int, items: list[Item]) -> int | None:
    token = tokens[at]
    if token.kind == "digits":
        return _digits(tokens, at, items)
    if token.kind == "clock":
        hour, minute = map(int, token.norm.split(":")[:2])
        items.append(Item("C" if hour <= 24 and minute < 60 else "_", hour, minute, at, at))
    elif token.kind == "pair":
        left, right = token.norm.split(".")
        items.append(Item("X", int(left), int(right) if len(right) == 2 else -int(right) or NO_MINUTE, at, at))
    elif token.kind in ("iso", "dotted", "slashed"):
        items.append(Item("D", 0, 0, at, at))
    else:
        return None
    return at + 1


def _digits(tokens: tuple[Token, ...], at: int, items: list[Item]) -> int:
    token, value = tokens[at], int(tokens[at].norm[:9])
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    glued = following is not None and following.start == token.end
    ending = following.norm if following is not None and glued else ""
    if ending == "." and len(token.norm) <= 2 and _half_of_day(tokens, at + 2):
        items.append(Item("n", value, 1, at, at + 1))  # "9.am"
        return at + 2
    if len(token.norm) <= 2 and value <= 31 and (ending in _ORDINAL_ENDINGS or ending == "."):
        items.append(Item("O", value, int(ending == "."), at, at + 1))
        return at + 2
    if len(token.norm) == 4:
        items.append(Item("Y", value, 0, at, at))
    elif len(token.norm) <= 2:
        items.append(Item("n", value, 1, at, at))
    elif len(token.norm) == 3 and value % 100 < 60:
        items.append(Item("Y", value, 0, at, at))
    else:
        items.append(Item("_", 0, 0, at, at))
    return at + 1


def _half_of_day(tokens: tuple[Token, ...], at: int) -> bool:
    return at < len(tokens) and tokens[at].norm in ("am", "pm") and tokens[at - 1].end == tokens[at].start


_DATEY = frozenset("WVmknODXCYRTpuhHQ|@NSLtf<>bz-=&EG")
_BESIDE_NUMBER = frozenset("nOXoYDd-|&,@bvis")


def _settled(items: list[Item], tokens: tuple[Token, ...], language: str) -> list[Item]:
    """The items with words of two meanings decided by what stands beside them."""
    words = sum(token.kind != "mark" for token in tokens)
    items = [item._replace(code="_") if _named(items, at, tokens) else item for at, item in enumerate(items)]
    for at, item in enumerate(items):
        if item.code in "wkmaA@JOohH":
            before = items[at - 1].code if at else ""
            after = items[at + 1].code if at + 1 < len(items) else ""
            if item.code == "o" and _seconds_away(items, at, tokens[item.first]):
                items[at] = item._replace(code="u", value=SECOND)
                continue
            if item.code == "h" and _hours_ahead(items, at, tokens[item.first]):
                items[at] = item._replace(code="u", value=60)
                continue
            items[at] = item._replace(code=_decided(item, tokens[item.first], before, after, words, language))
    return items


def _seconds_away(items: list[Item], at: int, token: Token) -> bool:
    """ "one second from now": a length, not a rank."""
    near = at and at + 1 < len(items) and items[at - 1].code in "nq" and items[at + 1].code in "rg1"
    return bool(near) and token.norm == "second"


def _hours_ahead(items: list[Item], at: int, token: Token) -> bool:
    """ "in 2 h", "in 1/2h": hours, not o'clock."""
    return token.norm == "h" and at > 1 and items[at - 1].code in "nDX" and items[at - 2].code == "i"


def _decided(item: Item, token: Token, before: str, after: str, words: int, language: str) -> str:
    match item.code:
        case "w":
            return "W" if _short_weekday(item, token, before, after, words) else "_"
        case "k":
            beside = before in ("n", "O", "o", "|") or after in ("n", "O", "o", ".", "=", "Y")
            return "m" if beside else "_"
        case "m" if token.norm in ("may", "march", "mai"):
            verb = token.norm == "may" and token.text[0].islower() and after == "_"
            near = (before and before in "nOoidfb<>vsMeNSL|&" and not verb) or (after and after in "nOoY")
            return "m" if near or words == 1 else "_"
        case "@" | "a" if token.norm == "am":
            return _meridiem(before, after, language)
        case "a" | "A":
            return (
                item.code if before in ("n", "C", "X", "O", "Y", "h", "A", "p", "T") or item.last > item.first else "_"
            )
        case "h" if token.norm == "h":
            return "h" if before in ("n", "C", "X", "Y") else "_"
        case "O" if item.second and (before == "t" or not _ordinal(before, after)):
            return "n"  # "um 10. Danke": the point ends the sentence.
    return item.code


_LABELS = frozenset(GERMAN.labels + ENGLISH.labels)
_TITLES = frozenset(GERMAN.titles + ENGLISH.titles)
_NAMING = frozenset(GERMAN.naming + ENGLISH.naming)


def _named(items: list[Item], at: int, tokens: tuple[Token, ...]) -> bool:
    """Whether a word or number is part of a name: "Frau Sommer", "Zimmer 15", "ich heiße Sonja Montag"."""
    item, place = items[at], items[at].first
    before = tokens[place - 1].norm if place else ""
    if item.code in "nXYC":
        after = items[at + 1].code if at + 1 < len(items) else ""
        return before in _LABELS and after not in tuple("haA")
    if item.code not in "WmkF5" or not tokens[place].text[:1].isupper():
        return False
    if before in _TITLES or (before == "." and place > 1 and tokens[place - 2].norm in _TITLES):
        return True
    told = [token.norm for token in tokens[max(0, place - 3) : place]]
    ends = at + 1 == len(items) or items[at + 1].code in "_,."
    return ends and item.last == place and bool(_NAMING.intersection(told))


_TOLD = frozenset({"mo", "di", "mi", "fr", "sa"})
_AFTER_DATE = frozenset({"mon", "tue", "thu", "fri"})
_WRITTEN_DAYS = frozenset({"Mo", "Di", "Mi", "Do", "Fr", "Sa"})


def _short_weekday(item: Item, token: Token, before: str, after: str, words: int) -> bool:
    if words == 1 or (token.text in _WRITTEN_DAYS and before not in ("", ".")):
        return True
    if after == "." and before not in ("_", "y"):
        return True
    if before == "," and not after and token.norm in _AFTER_DATE:
        return True  # "Jul 18, Fri"
    if (before == "@" and token.norm != "so") or (token.norm in _TOLD and after in tuple("nCtD") and before != "_"):
        return True  # "am mo", "fr um 10"
    if token.norm in ("so", "do"):
        return token.text[0].isupper() and (after in tuple("ODX") or before in tuple("@NS|-=bWw"))
    capital = token.text[0].isupper() or len(token.norm) > 2
    return capital and bool((before and before in _DATEY | {"w"}) or (after and after in _DATEY | {"w", ","}))


def _meridiem(before: str, after: str, language: str) -> str:
    if before not in ("n", "C", "X") and not (before == "h" and language == "en"):
        return "@"
    if language == "de" and after in tuple("WnOoTRpdDXw"):
        return "@"
    return "a"


def _ordinal(before: str, after: str) -> bool:
    """Whether a number with a full stop is an ordinal, or only ends a sentence."""
    return bool(after) or before in ("d", "@", "b", "f", "-", "=", "&", "|", "W", ",")
