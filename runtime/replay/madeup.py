"""Made-up names and numbers in place of a customer's own, so that a recorded conversation may become a test.

Only what the desk itself took for a name, a number or an address is replaced; what else somebody tells stays in the
words, and whoever saves a test should read it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from runtime.core.business import Desk
from runtime.core.commands import Set
from runtime.core.events import Understood
from runtime.replay.recorded import RecordedTurn

_NAMES = ("Kim", "Beispiel", "Robin", "Muster", "Sascha", "Probe", "Toni", "Vorlage")
_MAIL = "kim.beispiel@example.org"
_DIGITS = re.compile(r"\+?\d(?:[\s/().-]*\d){5,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PERSONAL = ("person", "phone", "email")
KEPT_END = 2
"""Last digits of a number that stay: replies name a number by them."""


class MadeUp:
    """Replaces what was personal in one conversation, always the same way."""

    def __init__(self, turns: Iterable[RecordedTurn], desk: Desk) -> None:
        ours = {word.casefold() for options in desk.options.values() for one in options for word in _words(one.names)}
        self.words: dict[str, str] = {}
        self.ends: set[str] = set()
        self.mails: set[str] = set()
        slots = {name: slot.type for flow in desk.flows.values() for name, slot in flow.slots.items()}
        for turn in turns:
            for kind, value in _told(turn, slots):
                self._learn(kind, value, ours)

    def _learn(self, kind: str, value: str, ours: set[str]) -> None:
        if kind == "phone":
            self.ends.add(_plain(value)[-6:])
        elif kind == "email":
            self.mails.add(value.casefold())
        else:
            for word in _WORD.findall(value):
                if word.casefold() not in ours:
                    self.words.setdefault(word.casefold(), _NAMES[len(self.words) % len(_NAMES)])

    def text(self, text: str) -> str:
        """A text without what was personal in it."""
        for mail in self.mails:
            text = re.sub(re.escape(mail), _MAIL, text, flags=re.IGNORECASE)
        text = _DIGITS.sub(lambda found: self._number(found[0]), text)
        return _WORD.sub(lambda found: self.words.get(found[0].casefold(), found[0]), text)

    def _number(self, written: str) -> str:
        """Another number, written the same way; what is no customer's number stays."""
        if _plain(written)[-6:] not in self.ends:
            return written
        return _other_digits(written)


def _told(turn: RecordedTurn, slots: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a turn knows of the person: slots that were given, and the contact."""
    for event in turn.events:
        if isinstance(event, Understood):
            given = [one for one in event.commands if isinstance(one, Set) and slots.get(one.slot) in _PERSONAL]
            yield from ((slots[one.slot], str(one.value)) for one in given)
    contact = turn.raw.get("contact") or {}
    for kind, name in (("person", "name"), ("phone", "phone"), ("email", "email")):
        if contact.get(name):
            yield kind, str(contact[name])


def _words(names: Mapping[str, str]) -> list[str]:
    return [word for name in names.values() for word in _WORD.findall(name)]


def _plain(number: str) -> str:
    return re.sub(r"\D", "", number)


def _other_digits(written: str) -> str:
    """The beginning tells the country and the network, the end is named in replies: what is between is made up."""
    places = [at for at, sign in enumerate(written) if sign.isdigit()]
    begin = 5 if written.startswith("+") else 4
    made = list(written)
    for count, at in enumerate(places[begin:-KEPT_END]):
        made[at] = str((count + 2) % 10)
    return "".join(made)
