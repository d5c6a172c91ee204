"""The rules: which rows of items mean a day, a stretch of days, a clock time or a part of the day.

A rule's pattern is a regular expression whose words are signs of `lexicon.SIGNS`. The longest match at a place
wins, the earlier rule on a tie. What a match means is said by the function of `days.py` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from runtime.understanding.dates import clocks, days
from runtime.understanding.dates.lexicon import SIGNS, Item
from runtime.understanding.dates.pieces import Moment, Piece

Builder = Callable[[list[Item], Moment], Piece | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over signs and what it means. Only with `bare` does it count where a time is expected."""

    name: str
    pattern: re.Pattern[str]
    build: Builder
    starts: frozenset[str]
    bare: bool = False


_SIGN = re.compile(r"[A-Z_]{2,}|\bA\b")
_ELEMENT = re.compile(r"(?P<words>\((?!\?)[^()]*\)|\[[^\]]*\]|[A-Z_]+)(?P<open>[?*]?)")


def _rule(name: str, pattern: str, build: Builder, bare: bool = False) -> Rule:
    codes = _SIGN.sub(lambda word: re.escape(SIGNS[word.group()]), pattern)
    return Rule(name, re.compile(re.sub(r"\s+", "", codes)), build, _starts(pattern), bare)


def _starts(pattern: str) -> frozenset[str]:
    """The codes that a match can begin with: those of its first element, and of the next while it may be missing."""
    found: set[str] = set()
    for element in _ELEMENT.finditer(re.sub(r"^\(\?<[=!][^)]*\)", "", pattern)):
        found.update(SIGNS[sign] for sign in _SIGN.findall(element["words"]))
        if not element["open"]:
            break
    return frozenset(found)


_ANY_ORDINAL = "[ORDINAL WORD_ORDINAL NUMBER]"
_SOME = "[NUMBER A]"
_HOUR_AHEAD = "[AT ABOUT BEFORE AFTER FROM UNTIL BETWEEN]"
_NO_NOUN = "(?! UNIT | COUNTED | MONTH)"

RULES = (
    # days
    _rule("24.11.2026", "DATE", days.written_date),
    _rule("24. November 2026", f"{_ANY_ORDINAL} [OF THE]* MONTH ,? YEAR?", days.day_of_month),
    _rule("November 24th 2026", f"MONTH [THE COMMA STOP DASH]* {_ANY_ORDINAL} (?! OCLOCK | AM | PM) ,? YEAR?",
          days.day_of_month),
    _rule("20th of next month", f"{_ANY_ORDINAL} [OF THE]* [NEXT THIS] UNIT", days.day_in_month),
    _rule("am 24.11", "ON [PAIR] (?! OCLOCK)", days.pair_date),
    _rule("24.11", "PAIR (?! OCLOCK)", days.pair),
    _rule("der 24.", "(?<= [THE ON UNTIL FROM BEFORE AFTER WEEKDAY COMMA BETWEEN AND OR TO DASH]) ORDINAL (?! UNIT)",
          days.day_number),
    _rule("am vierundzwanzigsten", "(?<= ON) THE? WORD_ORDINAL (?! UNIT)", days.day_number),
    _rule("the twenty-first", "(?<= WEEKDAY) [COMMA THE]* WORD_ORDINAL", days.day_number),
    _rule("am 24", "(?<= ON) THE? NUMBER (?! UNIT | COUNTED | OCLOCK | AM | PM | OTHER)", days.day_number),
    _rule("24. 25.", "ORDINAL (?= [OR AND TO DASH UNTIL COMMA] THE? ORDINAL)", days.day_number),
    _rule("24.", "ORDINAL", days.day_number, bare=True),
    _rule("Dienstag", "[NEXT THIS AFTER_NEXT LAST]? WEEKDAY", days.weekday),
    _rule("Dienstag in einer Woche", f"[NEXT THIS]? [WEEKDAY RELATIVE TOMORROW] IN {_SOME} UNIT", days.day_and_more),
    _rule("a week on Tuesday", f"{_SOME} UNIT [ON FROM]? (WEEKDAY | RELATIVE)", days.day_and_more),
    _rule("Tuesday week", "WEEKDAY UNIT", days.day_and_more),
    _rule("montags", "EVERY? RECURRING", days.recurring),
    _rule("jeden Montag", "EVERY ON? WEEKDAY", days.recurring),
    _rule("heute", "RELATIVE", days.relative),
    _rule("heute Morgen", "(?<= [RELATIVE WEEKDAY]) COMMA? TOMORROW", clocks.morning),
    _rule("morgen", "TOMORROW", days.tomorrow),
    _rule("in drei Tagen", f"IN {_SOME} [UNIT]", days.ahead),
    _rule("in zwei Wochen am Dienstag", f"IN {_SOME} UNIT ON? WEEKDAY", days.weekday_ahead),
    _rule("in anderthalb Stunden", "IN ONE_AND_A_HALF UNIT", days.ahead),
    _rule("in half an hour", "IN (HALF_AFTER_SHORT|HALF_BEFORE) A? UNIT", days.ahead),
    _rule("three days from now", f"{_SOME} UNIT FROM_NOW", days.ahead),
    _rule("two days ago", f"{_SOME} UNIT AGO", days.past),
    _rule("vor zwei Tagen", f"BEFORE {_SOME} UNIT", days.past),
    _rule("letzte Woche", "LAST NUMBER? UNIT", days.past),
    _rule("Heiligabend", "FEAST YEAR?", days.feast),
    # stretches
    _rule("nächste Woche", "[NEXT THIS AFTER_NEXT] UNIT", days.period),
    _rule("Anfang nächster Woche", "[START MIDDLE END] THE? [NEXT THIS AFTER_NEXT]? (UNIT | MONTH YEAR?)",
          days.section),
    _rule("erste Dezemberwoche", "[ORDINAL WORD_ORDINAL NUMBER LAST] MONTH UNIT", days.week_of_month),
    _rule("first week of December", "[ORDINAL WORD_ORDINAL NUMBER LAST] UNIT [OF IN THE]* MONTH YEAR?",
          days.week_of_month),
    _rule("die nächsten Tage", "NEXT [NUMBER FEW] UNIT", days.coming),
    _rule("Dezember", "[NEXT THIS]? MONTH YEAR?", days.month),
    _rule("Wochenende", "[NEXT THIS AFTER_NEXT]? WEEKEND", days.weekend),
    # clock times
    _rule("15:30 Uhr", "CLOCK OCLOCK? [AM PM]?", clocks.clock),
    _rule("15.30 Uhr", "PAIR OCLOCK", clocks.clock),
    _rule("3.30 pm", "PAIR [AM PM]", clocks.clock),
    _rule("um 15.30", "(?<= [AT ABOUT FROM UNTIL BETWEEN BEFORE]) PAIR", clocks.clock),
    _rule("15 Uhr 30", "NUMBER OCLOCK NUMBER (?! OCLOCK | UNIT | COUNTED)", clocks.hour),
    _rule("15 Uhr", "NUMBER OCLOCK [AM PM]?", clocks.hour),
    _rule("1530 Uhr", "YEAR OCLOCK", clocks.four_digits),
    _rule("3 pm", "NUMBER NUMBER? [AM PM]", clocks.hour),
    _rule("halb vier", f"HALF_BEFORE NUMBER OCLOCK? {_NO_NOUN}", clocks.half_before),
    _rule("half past three", "HALF_PAST NUMBER [AM PM]?", clocks.half_past),
    _rule("half three", f"HALF_AFTER_SHORT NUMBER [AM PM]? {_NO_NOUN}", clocks.half_past),
    _rule("Viertel vor drei", "QUARTER [BEFORE AFTER TO PAST] NUMBER OCLOCK? [AM PM]?", clocks.quarter),
    _rule("viertel drei", f"QUARTER NUMBER OCLOCK? {_NO_NOUN}", clocks.quarter),
    _rule("dreiviertel acht", "THREE_QUARTERS NUMBER OCLOCK?", clocks.quarter),
    _rule("fünf vor drei",
          f"(?<! [OF FROM BETWEEN]) NUMBER UNIT? [BEFORE AFTER PAST TO] NUMBER OCLOCK? [AM PM]? {_NO_NOUN}",
          clocks.minutes_off),
    _rule("fünf vor halb drei", "NUMBER UNIT? [BEFORE AFTER] HALF_BEFORE NUMBER OCLOCK?", clocks.minutes_off),
    _rule("um drei", f"(?<= {_HOUR_AHEAD}) THE? NUMBER {_NO_NOUN}", clocks.hour),
    _rule("um drei dreißig", f"(?<= [AT ABOUT]) NUMBER NUMBER {_NO_NOUN}", clocks.hour),
    _rule("10 bis 12 Uhr", "NUMBER (?= [UNTIL TO DASH] (NUMBER ([OCLOCK AM PM]) | CLOCK))", clocks.hour),
    _rule("von 10 bis 12", f"(?<= [OF FROM BETWEEN]) NUMBER (?= [UNTIL TO DASH AND] NUMBER {_NO_NOUN})", clocks.hour),
    _rule("morgen 10", f"(?<= [RELATIVE TOMORROW PART]) COMMA? NUMBER {_NO_NOUN}", days.daytime_hour),
    _rule("Dienstag 10", f"(?<= WEEKDAY) COMMA? NUMBER {_NO_NOUN}", days.daytime_hour),
    _rule("10 nachmittags", "NUMBER (?= ,? [IN ON THIS]? THE? PART)", clocks.hour_before_part),
    _rule("9 tomorrow", "NUMBER (?= RELATIVE)", clocks.hour_before_part),
    _rule("um 1530", "(?<= [AT ABOUT]) YEAR", clocks.four_digits),
    _rule("make it 5", f"(?<= INSTEAD) NUMBER {_NO_NOUN} (?= [COMMA STOP] | $)", clocks.hour),
    _rule("do 5 instead", "NUMBER (?= INSTEAD)", clocks.hour),
    _rule("10 rum", "(?<= THE) NUMBER (?= ABOUT)", clocks.hour),
    # parts of the day, and no limit at all
    _rule("nachmittags", "[IN ON THE]* [PART]", clocks.part),
    _rule("this evening", "THIS (PART | TOMORROW)", clocks.part_of_today),
    _rule("am Morgen", "[ON EVERY] TOMORROW", clocks.morning),
    _rule("egal wann", "ANYTHING", clocks.anything),
    _rule("jetzt", "NOW", clocks.now),
    # only where a time is expected
    _rule("drei dreißig", f"NUMBER NUMBER {_NO_NOUN}", clocks.hour, bare=True),
    _rule("drei", f"NUMBER {_NO_NOUN} (?! PART)", days.bare_number, bare=True),
    _rule("1530", "YEAR", clocks.four_digits, bare=True),
)  # fmt: skip

AFTER_CLOCK = (_rule("10 oder 11", f"NUMBER {_NO_NOUN}", clocks.hour),)
"""What a number means after a clock time and a connective."""


def by_first_sign(rules: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    """The rules that can begin with a code at all, so that only few are tried at a place."""
    starts: dict[str, list[Rule]] = {}
    for rule in rules:
        for code in rule.starts:
            starts.setdefault(code, []).append(rule)
    return {code: tuple(found) for code, found in starts.items()}


STARTS = by_first_sign(RULES)
