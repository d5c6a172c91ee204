"""What we do not want to know: card numbers, bank accounts, passwords. Masked before a text is kept anywhere. Pure.

The door masks each text as it comes in, so that Redis, the journal, SQL, logs and prompts never see more than a mark
such as `⟦card⟧`. The core tells the customer, and understanding reads the text without the marks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_DIGITS = re.compile(r"(?<![\d+])\d(?:[\s.\-–—/_\u200b\u2060]{0,3}\d){11,}")
"""Any row of digits, an expiry date behind a card included; which of its groups are a card is looked for in it."""
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[\s\-]?[A-Za-z0-9]{1,4}){3,8}\b")
SHORTEST, LONGEST = 12, 19
_FIRST = "23456"
_CARD = re.compile(
    r"(?:4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|(?:50|5[6-9]|6\d)\d{10,17})"
)
"""Lengths and first digits of the cards in use, so that phone and order numbers stay what they are."""
_SECRET = re.compile(
    r"\b(?:passwort|kennwort|geheimzahl|password|passcode|pin|tan|cvv|cvc|pr[üu]fziffer|security code)\b"
    r"(?:\s*(?:[:=]|ist|is|lautet)\s*|\s+(?=\d{3,8}\b))[\"„“']?(\S{3,64})",
    re.IGNORECASE,
)
_NAMED_BY_COLON = re.compile(r"[:=]")
_MARK = re.compile(r"⟦(card|account|password)⟧")


def masked(text: str) -> str:
    """The text with a mark in the place of everything that is too private to keep."""
    if not any(letter.isdigit() for letter in text) and ":" not in text and "=" not in text:
        return text
    text = _DIGITS.sub(lambda found: _masked_cards(found.group()), text)
    text = _IBAN.sub(_masked_account, text)
    return _SECRET.sub(_masked_secret, text)


def _masked_cards(row: str) -> str:
    """The row with each run of whole groups that is a card number masked, the longest first."""
    places = [at for at, sign in enumerate(row) if sign.isdecimal()]
    digits = "".join(str(int(row[at])) for at in places)
    ends = {n + 1 for n, at in enumerate(places) if not row[at + 1 : at + 2].isdecimal()}
    kept, done, start = "", 0, 0
    for begin in (0, *sorted(ends)[:-1]):
        length = _card_length(digits, begin, ends) if begin >= start else 0
        if length:
            start = begin + length
            kept, done = f"{kept}{row[done : places[begin]]}⟦card⟧", places[start - 1] + 1
    return kept + row[done:]


def _card_length(digits: str, begin: int, ends: Collection[int]) -> int:
    """How many digits from here on are a card number that ends with a group; 0 for none."""
    if digits[begin] not in _FIRST:
        return 0
    for length in range(LONGEST, SHORTEST - 1, -1):
        end = begin + length
        if end in ends and _CARD.fullmatch(digits, begin, end) and _checks(digits[begin:end]):
            return length
    return 0


def _checks(digits: str) -> bool:
    """The check sum that every card number carries."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _masked_account(found: re.Match[str]) -> str:
    """The longest beginning that is an account number; words behind it stay."""
    words = found.group()
    for end in range(len(words), 14, -1):
        whole = words[end - 1].isalnum() and not words[end : end + 1].isalnum()
        if whole and _is_account(re.sub(r"[\s\-]", "", words[:end]).upper()):
            return "⟦account⟧" + words[end:]
    return words


def _is_account(number: str) -> bool:
    if not 15 <= len(number) <= 34:
        return False
    turned = number[4:] + number[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _masked_secret(found: re.Match[str]) -> str:
    """ "Passwort: x1y2" loses its last word; "mein Passwort ist weg" tells nothing and stays."""
    secret = found.group(1)
    named = found.group()[: found.start(1) - found.start()]
    if secret.startswith("⟦") or not (_NAMED_BY_COLON.search(named) or any(c.isdigit() for c in secret)):
        return found.group()
    return f"{named}⟦password⟧"


def private_kinds(texts: Iterable[str]) -> tuple[str, ...]:
    """What was masked in these texts, each kind once."""
    return tuple(dict.fromkeys(kind for text in texts for kind in _MARK.findall(text)))


def without_marks(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as understanding reads them."""
    plain = (_MARK.sub(" ", text).strip() if "⟦" in text else text for text in texts)
    return tuple(text for text in plain if any(letter.isalnum() for letter in text) or (text and "⟦" not in text))
