"""The rules: which rows of items mean a day, a stretch of days, a clock time or a part of the day.

A rule's pattern is a regular expression whose words are signs of `lexicon.SIGNS`. The longest match at a place
wins, the earlier rule on a tie. What a match means is said by the function of `days.py` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from runtime.understanding.dates import clocks, days, distances, feasts, stretches, written
from runtime.understanding.dates.lexicon import SIGNS, Item
from runtime.understanding.dates.pieces import Moment, Piece

Builder = Callable[[list[Item], Moment], Piece | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over signs and what it means.

    `only` "bare": where a time is expected; "mention": for who wants everything that is said about a time.
    """

    name: str
    pattern: re.Pattern[str]
    build: Builder
    starts: frozenset[str]
    only: str = ""


_SIGN = re.compile(r"[A-Z_]{2,}|\bA\b")
_ELEMENT = re.compile(r"(?P<words>\((?!\?)[^()]*\)|\[[^\]]*\]|[A-Z_]+)(?P<open>[?*]?)")


def _rule(name: str, pattern: str, build: Builder, only: str = "") -> Rule:
    codes = _SIGN.sub(lambda word: re.escape(SIGNS[word.group()]), pattern)
    return Rule(name, re.compile(re.sub(r"\s+", "", codes)), build, _starts(pattern), only)


def _starts(pattern: str) -> frozenset[str]:
    """The codes that a match can begin with: those of its first element, and of the next while it may be missing."""
    found: set[str] = set()
    for element in _ELEMENT.finditer(re.sub(r"^(\(\?<[=!][^)]*\)\s*)+", "", pattern)):
        found.update(SIGNS[sign] for sign in _SIGN.findall(element["words"]))
        if not element["open"]:
            break
    return frozenset(found)


_ANY_ORDINAL = "[ORDINAL WORD_ORDINAL NUMBER]"
_SOME = "[NUMBER A]"
_MEASURE = "[NUMBER A FEW ONE_AND_A_HALF HALF_BEFORE HALF_AFTER_SHORT QUARTER THREE_QUARTERS DATE PAIR]"
_SPAN = (
    f"{_MEASURE} [NUMBER A FEW MORE AND COMMA STOP OF HALF_BEFORE HALF_AFTER_SHORT DATE]* UNIT"
    " ([COMMA AND]* [NUMBER A]+ UNIT)* (AND A HALF_AFTER_SHORT)?"
)
_TURN = "[NEXT THIS LAST AFTER_NEXT BEFORE_LAST]"
_RANK = "[ORDINAL WORD_ORDINAL LAST]"
_HOUR_AHEAD = "[AT ABOUT BEFORE AFTER FROM UNTIL]"
_NO_NOUN = "(?! UNIT | COUNTED | MONTH | [UNTIL TO DASH] NUMBER (UNIT | COUNTED) | COMMA NUMBER UNIT)"

RULES = (
    # days
    _rule("24.11.2026", "DATE", written.written_date),
    _rule("24. November 2026", f"{_ANY_ORDINAL} [OF THE]* MONTH [COMMA STOP OF]* YEAR?", written.day_of_month),
    _rule("24. November 26", f"{_ANY_ORDINAL} MONTH NUMBER $", written.day_of_month, only="mention"),
    _rule("Oct 26 15:50 2016", "MONTH NUMBER CLOCK YEAR", written.dated_clock),
    _rule("21-04-2016",
          "(?<! [NUMBER DASH YEAR]) NUMBER DASH NUMBER DASH [NUMBER YEAR] (?! DASH)", written.dashed_date),
    _rule("2015.5.13", "YEAR STOP PAIR", written.year_first),
    _rule("2020/Sep/23", "YEAR [OR DASH STOP] (MONTH|NUMBER) [OR DASH STOP] [NUMBER ORDINAL]", written.year_first),
    _rule("Sep-23-2020", "MONTH DASH NUMBER DASH YEAR", written.year_first),
    _rule("September-2020-23", "MONTH DASH YEAR DASH [NUMBER ORDINAL]", written.year_first),
    _rule("3.-5.12.", "[ORDINAL NUMBER] [UNTIL TO DASH THE]+ (DATE | PAIR) (?! OCLOCK)", written.days_between),
    _rule("3. bis 12. September", f"[ORDINAL NUMBER] [UNTIL TO DASH AND OR THE]+ {_ANY_ORDINAL} [OF THE]* MONTH YEAR?",
          written.days_between),
    _rule("July 13 - 15",
          "MONTH [THE]? [ORDINAL NUMBER] [UNTIL TO DASH THE]+ [ORDINAL NUMBER] (?! OCLOCK | AM | PM | MONTH)",
          written.days_between),
    _rule("der zwölfte fünfte", "(?<= [THE ON WEEKDAY]) WORD_ORDINAL WORD_ORDINAL", written.spoken_numbers_date),
    _rule("November 24th 2026", f"MONTH [THE COMMA STOP DASH]* {_ANY_ORDINAL} (?! OCLOCK | AM | PM) [COMMA OF]* YEAR?",
          written.day_of_month),
    _rule("20th of next month", f"{_ANY_ORDINAL} [OF THE]* [NEXT THIS] UNIT", stretches.day_in_month),
    _rule("24.11", "(?<! [AT ABOUT]) PAIR (?! OCLOCK | UNIT | COUNTED)", written.pair),
    _rule("der 24.", "(?<= [THE ON AT UNTIL FROM BEFORE AFTER WEEKDAY COMMA BETWEEN AND OR TO DASH]) ORDINAL (?! UNIT)",
          written.day_number),
    _rule("am vierundzwanzigsten",
          "(?<= ON) THE? WORD_ORDINAL (?! UNIT | OF | MONTH | WEEKDAY | WORD_ORDINAL | FEAST)", written.day_number),
    _rule("the twenty-first", "(?<= WEEKDAY) [COMMA THE]* WORD_ORDINAL (?! FEAST)", written.day_number),
    _rule("am 24", "(?<= ON) THE? NUMBER (?! UNIT | COUNTED | OCLOCK | AM | PM | OTHER)", written.day_number),
    _rule("24. 25.", "ORDINAL (?= [OR AND TO DASH UNTIL COMMA] THE? ORDINAL)", written.day_number),
    _rule("24.", "ORDINAL", written.day_number, only="bare"),
    _rule("Dienstag", "[NEXT THIS AFTER_NEXT LAST BEFORE_LAST]? WEEKDAY", days.weekday),
    _rule("Dienstag in einer Woche",
          f"[NEXT THIS]? [WEEKDAY RELATIVE TOMORROW] IN {_SOME} UNIT", distances.day_and_more),
    _rule("friday after next", "(WEEKDAY | UNIT | WEEKEND) AFTER_NEXT", stretches.after_next),
    _rule("2 Sundays ago", "NUMBER (WEEKDAY | RECURRING) AGO", distances.weekdays_later, only="mention"),
    _rule("a week on Tuesday", f"{_SOME} UNIT ON? (WEEKDAY | RELATIVE)", distances.day_and_more),
    _rule("zwei Tage nach Ostern",
          f"{_SPAN} [BEFORE AFTER FROM] THE? [NEXT THIS]? (WEEKDAY | RELATIVE | TOMORROW | FEAST | DATE)",
          distances.anchored),
    _rule("Mittwoch vor zwei Wochen", f"WEEKDAY BEFORE {_SPAN}", distances.weekday_ago),
    _rule("Wednesday two weeks ago", f"WEEKDAY COMMA? {_SPAN} AGO", distances.weekday_ago),
    _rule("Monday two weeks from now", f"WEEKDAY COMMA? {_SPAN} FROM_NOW", distances.weekday_ahead),
    _rule("two months from now on Tuesday", f"{_SPAN} FROM_NOW COMMA? ON? WEEKDAY", distances.weekday_ahead),
    _rule("heute vor einer Woche", f"(RELATIVE | TOMORROW) BEFORE {_SPAN}", distances.relative_ago),
    _rule("2 Sundays from now", "NUMBER (WEEKDAY | RECURRING) (FROM_NOW | LATER)", distances.weekdays_later,
          only="mention"),
    _rule("erster Dienstag im Oktober", f"{_RANK} (WEEKDAY | UNIT) [IN OF THE]* MONTH YEAR?", stretches.nth_day),
    _rule("letzter Freitag im Monat", f"{_RANK} (WEEKDAY | UNIT) [IN OF THE]+ {_TURN}? UNIT", stretches.nth_day),
    _rule("letzter Freitag nächsten Monats", f"{_RANK} (WEEKDAY | UNIT) {_TURN} UNIT", stretches.nth_day),
    _rule("the Monday closest to October 5th",
          f"[ORDINAL WORD_ORDINAL]? (CLOSEST WEEKDAY | WEEKDAY CLOSEST) TO THE? (MONTH {_ANY_ORDINAL} | FEAST | DATE)",
          distances.closest,
          only="mention"),
    _rule("15 - 2", "(?<!.) NUMBER DASH NUMBER $", written.dashed_apart, only="mention"),
    _rule("2 / 15", "(?<!.) NUMBER OR NUMBER $", written.slashed_apart, only="mention"),
    _rule("first Sunday", "[ORDINAL WORD_ORDINAL] WEEKDAY", days.first_weekday, only="mention"),
    _rule("the day before", "(?<= THE) UNIT BEFORE (?= [STOP COMMA]* $)", days.day_before, only="mention"),
    _rule("Tuesday week", "WEEKDAY UNIT", distances.day_and_more),
    _rule("montags", "EVERY? RECURRING", days.recurring),
    _rule("werktags", "WORKDAYS", days.workdays),
    _rule("jeden Montag", "EVERY ON? WEEKDAY", days.recurring),
    _rule("heute", "RELATIVE", days.relative),
    _rule("heute Morgen", "(?<= [RELATIVE WEEKDAY]) COMMA? TOMORROW", clocks.morning),
    _rule("morgen", "TOMORROW", days.tomorrow),
    _rule("in ein bis zwei Wochen", "IN [ABOUT THE]* [A NUMBER] [UNTIL TO OR DASH COMMA] NUMBER UNIT",
          distances.between_counts),
    _rule("in drei Tagen", f"IN ABOUT? {_SPAN}", distances.ahead),
    _rule("in zwei Wochen am Dienstag", f"IN {_SPAN} ON? WEEKDAY", distances.weekday_ahead),
    _rule("innerhalb von drei Tagen", f"WITHIN [OF THE]* {_SPAN}", distances.within),
    _rule("three days from now", f"{_SPAN} FROM_NOW", distances.ahead),
    _rule("30 minutes later", f"{_SPAN} LATER", distances.ahead, only="mention"),
    _rule("two days ago", f"{_SPAN} AGO", distances.past),
    _rule("vor zwei Tagen", f"BEFORE {_SPAN}", distances.past),
    _rule("letzte Woche", "[LAST BEFORE_LAST] UNIT", stretches.period),
    _rule("letzten drei Wochen", f"LAST {_SPAN}", distances.past_stretch),
    _rule("Heiligabend", "[ORDINAL WORD_ORDINAL LAST NEXT THIS]? FEAST [IN OF THE]* YEAR?", feasts.feast),
    _rule("Ostern nächstes Jahr", f"[ORDINAL WORD_ORDINAL]? FEAST [IN OF THE]* {_TURN} UNIT", feasts.feast),
    # stretches
    _rule("nächste Woche", "[NEXT THIS AFTER_NEXT] UNIT", stretches.period),
    _rule("Anfang nächster Woche", "[START MIDDLE END] THE? [NEXT THIS AFTER_NEXT]? (UNIT | MONTH YEAR?)",
          stretches.section),
    _rule("erste Dezemberwoche", "[ORDINAL WORD_ORDINAL NUMBER LAST] MONTH UNIT", stretches.week_of_month),
    _rule("first week of December", "[ORDINAL WORD_ORDINAL NUMBER LAST] UNIT [OF IN THE]* MONTH YEAR?",
          stretches.week_of_month),
    _rule("die nächsten Tage", "NEXT [NUMBER FEW] UNIT", stretches.coming),
    _rule("im Sommer", f"IN THE? {_TURN}? SEASON YEAR?", stretches.season),
    _rule("nächsten Sommer", f"{_TURN} SEASON YEAR?", stretches.season),
    _rule("erstes Quartal", "[ORDINAL WORD_ORDINAL] UNIT [OF IN THE]* YEAR?", stretches.quarter_of),
    _rule("Q3", "QUARTER_NUMBER NUMBER YEAR?", stretches.quarter),
    _rule("first quarter of 2027", "[ORDINAL WORD_ORDINAL] QUARTER [OF IN THE]* YEAR?", stretches.quarter),
    _rule("im Jahr 2027", "UNIT YEAR", stretches.year),
    _rule("2027/05",
          "YEAR [OR STOP] [NUMBER ORDINAL] (?! NUMBER | UNIT | COUNTED)", stretches.year_month, only="mention"),
    _rule("12/2026", "(?<! [NUMBER OR]) NUMBER OR YEAR (?! OR)", stretches.month_year, only="mention"),
    _rule("KW 48", "WEEK_NUMBER NUMBER [OF IN COMMA DASH OR]* YEAR?", stretches.numbered_week),
    _rule("48. Kalenderwoche", "[ORDINAL NUMBER] STOP? WEEK_NUMBER [OF IN COMMA]* YEAR?", stretches.numbered_week),
    _rule("Dezember", "[NEXT THIS LAST]? MONTH [OF IN]? YEAR?", stretches.month),
    _rule("Wochenende", f"{_TURN}? WEEKEND", stretches.weekend),
    # clock times
    _rule("15:30 Uhr", "CLOCK OCLOCK? [AM PM]?", clocks.clock),
    _rule("15.30 Uhr", "PAIR OCLOCK", clocks.clock),
    _rule("twelve o three", "(?<! NUMBER) NUMBER OH NUMBER (?! NUMBER)", clocks.hour),
    _rule("twelve-zero-three", "(?<! [NUMBER DASH]) NUMBER DASH NUMBER DASH NUMBER (?! [NUMBER DASH])", clocks.spelt,
          only="mention"),
    _rule("a quarter past noon", "QUARTER [BEFORE AFTER TO PAST] PART", clocks.past_noon),
    _rule("ten to midnight", "NUMBER UNIT? [BEFORE AFTER TO PAST] PART", clocks.past_noon),
    _rule("march eighteenth nine thirty",
          f"(?<= [ORDINAL WORD_ORDINAL WEEKDAY RELATIVE TOMORROW]) NUMBER NUMBER {_NO_NOUN}", clocks.hour),
    _rule("3.30 pm", "PAIR [AM PM]", clocks.clock),
    _rule("um 15.30", "(?<= [AT ABOUT]) PAIR (?! UNIT | COUNTED)", clocks.clock),
    _rule("15 Uhr 30", "NUMBER OCLOCK NUMBER (?! OCLOCK | UNIT | COUNTED)", clocks.hour),
    _rule("15 Uhr", "NUMBER OCLOCK [AM PM]?", clocks.hour),
    _rule("ein Uhr dreißig", "A OCLOCK NUMBER? (?! OCLOCK | UNIT | COUNTED)", clocks.one_oclock),
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
    _rule("15 minutes from 1pm", "NUMBER UNIT FROM NUMBER [OCLOCK AM PM]", clocks.minutes_off),
    _rule("fünf vor halb drei", "NUMBER UNIT? [BEFORE AFTER] HALF_BEFORE NUMBER OCLOCK?", clocks.minutes_off),
    _rule("um drei", f"(?<= {_HOUR_AHEAD}) (?<! NUMBER ABOUT) THE? NUMBER {_NO_NOUN}", clocks.hour),
    _rule("zwischen drei", f"(?<= BETWEEN) THE? NUMBER {_NO_NOUN} (?! AND NUMBER (UNIT | COUNTED))", clocks.hour),
    _rule("um drei dreißig", f"(?<= [AT ABOUT]) NUMBER NUMBER {_NO_NOUN}", clocks.hour),
    _rule("10 bis 12 Uhr",
          "NUMBER (?= [UNTIL TO DASH] (NUMBER [OCLOCK AM PM] | CLOCK | HALF_BEFORE NUMBER | QUARTER NUMBER))",
          clocks.hour),
    _rule("von 10 bis 12",
          f"(?<= [OF FROM BETWEEN]) NUMBER (?= [UNTIL TO DASH AND] (HALF_BEFORE | QUARTER)? NUMBER {_NO_NOUN})",
          clocks.hour),
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
    _rule("last night", "LAST PART", clocks.last_part),
    _rule("this evening", "THIS (PART | TOMORROW)", clocks.part_of_today),
    _rule("am Morgen", "[ON EVERY] TOMORROW", clocks.morning),
    _rule("den nächsten", "(?<= THE) NEXT (?= STOP* $)", clocks.anything),
    _rule("egal wann", "ANYTHING", clocks.anything),
    _rule("jetzt", "NOW", days.this_moment),
    # only where a time is expected
    _rule("drei dreißig", f"NUMBER NUMBER {_NO_NOUN}", clocks.hour, only="bare"),
    _rule("drei", f"NUMBER {_NO_NOUN} (?! PART)", days.bare_number, only="bare"),
    _rule("1530", "YEAR", clocks.four_digits, only="bare"),
)  # fmt: skip

LENGTH = _rule("anderthalb Stunden", _SPAN, distances.ahead)
"""A length of time, where it is no distance from a day."""
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
