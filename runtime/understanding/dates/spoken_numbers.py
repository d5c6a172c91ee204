"""Spoken numbers up to 99, made from their parts."""

from __future__ import annotations

_UNITS_DE = ("", "ein", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht", "neun")
_TEENS_DE = (
    "zehn",
    "elf",
    "zwoelf",
    "dreizehn",
    "vierzehn",
    "fuenfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
)
_TENS_DE = ("", "", "zwanzig", "dreissig", "vierzig", "fuenfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_UNITS_EN = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS_EN = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS_EN = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS_DE = ("", "erst", "zweit", "dritt", "viert", "fuenft", "sechst", "siebt", "acht", "neunt")
_ORDINALS_EN = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def german_numbers() -> dict[str, int]:
    """ "eins" to "neunundneunzig", with "zwo"."""
    numbers = {word: value for value, word in enumerate(_UNITS_DE) if value > 1}
    numbers |= {word: value for value, word in enumerate(_TEENS_DE, 10)}
    numbers |= {f"{word}e": value for word, value in list(numbers.items()) if value < 13 and value != 8}
    numbers |= {"eins": 1, "zwo": 2, "null": 0}
    for ten, word in enumerate(_TENS_DE):
        if word:
            numbers[word] = ten * 10
            numbers |= {f"{unit}und{word}": ten * 10 + value for value, unit in enumerate(_UNITS_DE) if unit}
            numbers[f"zwound{word}"] = ten * 10 + 2
    return numbers


def german_ordinals() -> dict[str, int]:
    """ "erste" to "einunddreissigste", in all endings."""
    stems = {word: value for value, word in enumerate(_ORDINALS_DE) if word}
    stems |= {f"{word}t": value for value, word in enumerate(_TEENS_DE, 10)}
    stems |= {f"{unit}und{_TENS_DE[2]}st": 20 + value for value, unit in enumerate(_UNITS_DE) if unit}
    stems |= {"siebent": 7, "zwanzigst": 20, "dreissigst": 30, "einunddreissigst": 31}
    return {stem + ending: value for stem, value in stems.items() for ending in ("e", "en", "er", "es", "em")}


def english_numbers() -> dict[str, int]:
    """ "one" to "ninety nine", with and without a hyphen."""
    numbers = {word: value for value, word in enumerate(_UNITS_EN) if word} | {"zero": 0}
    numbers |= {word: value for value, word in enumerate(_TEENS_EN, 10)}
    for ten, word in enumerate(_TENS_EN):
        if word:
            numbers[word] = ten * 10
            for value, unit in enumerate(_UNITS_EN):
                if unit:
                    numbers |= {f"{word} {unit}": ten * 10 + value, f"{word} - {unit}": ten * 10 + value}
    return numbers


def english_ordinals() -> dict[str, int]:
    """ "first" to "thirty first"."""
    ordinals = {word: value for value, word in enumerate(_ORDINALS_EN) if word}
    ordinals |= {f"{word}th": value for value, word in enumerate(_TEENS_EN, 10) if word != "twelve"}
    ordinals |= {"twelfth": 12, "twentieth": 20, "thirtieth": 30}
    for value, unit in enumerate(_ORDINALS_EN):
        if unit:
            ordinals |= {f"twenty {unit}": 20 + value, f"twenty - {unit}": 20 + value}
    return ordinals | {"thirty first": 31, "thirty - first": 31}


def german_halves() -> dict[str, int]:
    """ "anderthalb", "zweieinhalb" to "zwölfeinhalb", by what is in front of the half."""
    whole = [(word, value) for word, value in german_numbers().items() if 1 < value <= 12]
    return {"anderthalb": 1, "eineinhalb": 1, "anderthalbe": 1, "anderthalben": 1} | {
        f"{word}einhalb": value for word, value in whole
    }


def german_years() -> dict[str, int]:
    """ "neunzehnhundertneunzig", "zweitausendsechsundzwanzig", with or without an "und" in between."""
    rest = {word: value for word, value in german_numbers().items() if value > 0} | {"": 0}
    centuries = {"neunzehnhundert": 1900, "zweitausend": 2000, "zweitausendund": 2000}
    return {c + word: century + value for c, century in centuries.items() for word, value in rest.items()}
