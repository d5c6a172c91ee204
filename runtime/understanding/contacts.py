"""Phone numbers and e-mail addresses in a text, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from runtime.understanding.dates.spoken_numbers import english_numbers, german_numbers
from runtime.understanding.tokens import tokenise

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(
    r"\b([\w.+-]+(?:\s+(?:punkt|dot|unterstrich|underscore|minus|dash)\s+[\w+-]+)*)\s+(?:at|ät|klammeraffe)\s+"
    r"([\w-]+(?:\s+(?:minus|dash)\s+[\w-]+)*(?:\.[\w-]+|\s+(?:punkt|dot)\s+[\w-]+)*(?:\.|\s+(?:punkt|dot)\s+)[a-z]{2,})\b",
    re.IGNORECASE,
)
_SPOKEN = {"punkt": ".", "dot": ".", "unterstrich": "_", "underscore": "_", "minus": "-", "dash": "-"}
_PHONE = re.compile(
    r"(?<![\d.:,/-])(?:\+|\(?00|\(?0|\()?\s?\d(?:[\d\s()/–.-]*\d)?(?![\d:]|[.,]\d|\s?(?:uhr|h|€|euro|eur|am|pm)\b)",
    re.I,
)
_DATE = re.compile(r"^\(?\d{1,2}[./-]\d{1,2}[./-]?(?:\d{2,4})?$|^\d{4}-\d\d-\d\d|^[0-3]?\d [01]?\d (?:20)?\d\d\b")


SHORTEST = 6
"""Fewer digits are no phone number."""
_DIGITS = {word: str(value) for word, value in {**german_numbers(), **english_numbers(), "oh": 0}.items()}


@dataclass(frozen=True, slots=True)
class Contact:
    """What was found: kind phone or email, its words, its value and its place."""

    kind: str
    words: str
    value: str
    start: int
    end: int


def contacts_in(text: str, country: str, phone_expected: bool = False) -> list[Contact]:
    """Every e-mail address and phone number of a text."""
    found = [Contact("email", m.group(), m.group().lower().rstrip("."), *m.span()) for m in _EMAIL.finditer(text)]
    if not found and " " in text:
        found = [_dictated(match) for match in _SPOKEN_EMAIL.finditer(text)]
    if any(letter.isdigit() for letter in text):
        found.extend(_phones(text, country, phone_expected, found))
    if phone_expected and not found:
        found.extend(_spoken_phone(text, country))
    return found


def _spoken_phone(text: str, country: str) -> list[Contact]:
    """ "null eins fünf eins ...", in single digits or in groups, with "doppel-drei"."""
    digits, spoken, twice = "", [], False
    for token in tokenise(text):
        value = token.norm if token.kind == "digits" else _DIGITS.get(token.norm, "")
        twice = twice or token.norm in ("doppel", "double")
        if value:
            digits += value * 2 if twice else value
            spoken.append(token)
            twice = False
    number = phone_value(digits, country, True) if len(digits) >= SHORTEST else ""
    return (
        [Contact("phone", text[spoken[0].start : spoken[-1].end], number, spoken[0].start, spoken[-1].end)]
        if number
        else []
    )


def _dictated(match: re.Match[str]) -> Contact:
    local, domain = (_written(part) for part in match.groups())
    return Contact("email", match.group(), f"{local}@{domain}".lower(), *match.span())


def _written(spoken: str) -> str:
    words = spoken.replace(".", " . ").split()
    return "".join(_SPOKEN.get(word.lower(), word) for word in words)


def _phones(text: str, country: str, expected: bool, taken: list[Contact]) -> list[Contact]:
    found = []
    for match in _PHONE.finditer(text):
        words = match.group().strip()
        if any(match.start() < contact.end and contact.start < match.end() for contact in taken):
            continue
        value = phone_value(words, country, expected)
        if value:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            found.append(Contact("phone", words, value, start, start + len(words)))
    return found


@lru_cache(maxsize=1024)
def phone_value(words: str, country: str, expected: bool) -> str:
    """The number in E.164, empty when the digits are something else: a date, a time, a price, a count."""
    digits = re.sub(r"\D", "", words)
    dialled = words.startswith(("+", "0", "(0", "(+"))
    if len(digits) < (6 if expected or dialled else 7) or len(digits) > 17 or (_DATE.match(words) and not expected):
        return ""
    if re.search(r"[.]", words) and not dialled and not expected:
        return ""
    try:
        number = phonenumbers.parse(words, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_valid_number(number) or (phonenumbers.is_possible_number(number) and (dialled or expected)):
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if expected or (dialled and len(digits) >= 6):
        return f"+{number.country_code}{number.national_number}"
    return ""
