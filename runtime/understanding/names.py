"""People's names in a text: introduced ("mein Name ist ..."), or alone where a name was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from runtime.understanding.dates.lexicon import items_of
from runtime.understanding.dates.spoken_numbers import english_numbers, german_numbers
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import Token, fold, word_set

LONGEST = 4
ALIKE = 0.7
"""Two surnames so alike are the same one, spelled otherwise."""
_NUMBERS = frozenset({**german_numbers(), **english_numbers()})
PARTICLES = word_set(
    """
    von van de der den del della di da dos du el al bin ben la le zu zum zur o mc mac ter st san
    """
)
TITLES = word_set(
    """
    herr herrn frau mr mrs ms miss mister sir madam familie family
    """
)
_DEGREES = frozenset(["dr", "prof", "mag", "ing", "dipl", "di", "ddr", "med", "dent"])
NO_NAMES = TITLES | _DEGREES | PARTICLES
"""Words inside of names that name nobody."""
_NOT_NAMES = word_set(
    """
    haarschnitt schneiden krank neu spaet frueh zufrieden muede sicher interessiert verhindert flexibel offen da
    weg fertig dabei kunde kundin neukunde neukundin patient patientin mitarbeiter new customer client here
    ready late interested flexible running afraid fine good sick happy looking calling writing trying wondering
    available busy unterwegs berufstaetig vegetarier schwanger pregnant allergisch allergic gerade auch schon
    leider nur bloss egal super toll klasse prima perfekt top okay ok jo jep nope nein ja moin servus tschuess
    bye ciao abbrechen stop stopp hilfe help mensch human bot roboter wieso weshalb termin nummer telefon handy
    phone number telefonnummer email mail adresse keine keiner kein weiss ahnung idee weiter zurueck back cancel
    undo gleich bitte sorry entschuldigung preis preise kosten price oeffnungszeiten parken parkplatz bisschen
    etwas moment sekunde warten warte wait hold second gern gerne lieber besser anders falsch richtig stimmt
    passt klar genau absolut natuerlich perfect great sure wie lange was kostet wo ist wann habt ihr hmm hm aeh
    oeh ehm tja naja also asdf qwertz test denn bloed service leistung tag day date uhrzeit person doof dumm
    quatsch mist scheisse idiot verdammt fuck shit damn stupid geht gehts nicht yep yup yeah yea nah noe nee jup
    jepp yes no erste zweite dritte letzte halb viertel dreiviertel uhr half quarter first third last fourth
    ersten zweiten dritten letzten schade oje ups oops hoppla verzeihung danke hallo hello gruesse gruss
    gruessen lg mfg vg viele regards cheers sincerely wishes rechnung
    """
)
_ALSO_SURNAMES = word_set(
    """
    anders neu spaet gern gut klar kurz lang lange klein gross frei schnell morgen freitag sonntag samstag montag
    sommer winter herbst abend will may young long short strong good best bright day king noon power
    """
)
"""Words that follow a first name as often as not."""
_BARE_TOO = frozenset({"kurz", "lang", "lange", "klein", "gross", "young", "king", "long"})
"""Surnames even in small letters, where nothing else is said."""
_ROLE = re.compile(
    r"(zeugin|zeuge|erin|entin|istin|antin|nerin|ndin|student|rentner|lehrer|azubi|schueler|mieter|kundin)$"
)
"""What people are rather than what they are called: "ich bin Trauzeugin"."""
_SMALL_TOO = _ALSO_SURNAMES - {"good", "gut", "best", "short", "long", "kurz", "lang", "frei", "klar", "gern"}
_NEVER = word_set(
    """
    falsch richtig nicht egal not wrong der die das the a an ein eine ist is bitte please
    """
)
"""What follows "mein Name ist" without being one."""
_FILLERS = word_set(
    """
    aeh aehm ehm oehm oeh hm hmm wie gesagt also ja ok okay gut naja na dann bitte danke der die das name ist
    mein waere auf den namen fuer unter einfach halt und hier well uh um er so it is my the please thanks for
    under just sure yes ah oh genau richtig klar gerne gern
    """
)


def introduced(
    tokens: Sequence[Token], at: int, free: Sequence[bool], weak: bool, sure: bool = False
) -> tuple[int, int] | None:
    """The token range of the name that begins at `at`; a weak introduction ("ich bin ...") wants capitals.

    After a sure one ("mein Name ist", "Frau") every word is a name: "Frau Freitag", "Herr Morgen", "Will May".
    """
    while at < len(tokens) and (tokens[at].norm in TITLES or tokens[at].norm in (":", ",", "-", '"', "'", "„", "“")):
        sure = sure or tokens[at].norm in TITLES
        at += 1
    end, letters = at, 0
    while (
        end < len(tokens)
        and letters < LONGEST
        and free[end]
        and (_part(tokens, end, at, weak) or _certain(tokens, end, at, sure) or _surname(tokens, end, at))
    ):
        letters += tokens[end].kind == "word"
        end += 1
    while end > at and (tokens[end - 1].norm in PARTICLES or tokens[end - 1].kind == "mark"):
        end -= 1
    return (at, end) if end > at else None


def _certain(tokens: Sequence[Token], at: int, start: int, sure: bool) -> bool:
    """Any word right after what can only introduce a name, and capitals behind a capital."""
    token = tokens[at]
    if not sure or token.kind != "word" or token.norm in _NEVER:
        return False
    if at == start:
        return token.text[0].isupper() or (token.norm in _SMALL_TOO and at + 1 == len(tokens))
    return _surname(tokens, at, start)


def _surname(tokens: Sequence[Token], at: int, start: int) -> bool:
    """A capitalised word behind a capitalised first name, although it is a word: "Tanja Anders", "Robert Freitag"."""
    token, first = tokens[at], tokens[at - (2 if at > start + 1 and tokens[at - 1].norm == "-" else 1)]
    return (
        at > start
        and token.kind == first.kind == "word"
        and token.norm in _ALSO_SURNAMES
        and token.text[0].isupper()
        and first.text[0].isupper()
        and (at + 1 == len(tokens) or tokens[at + 1].kind != "word" or not is_time(token))
    )


def _part(tokens: Sequence[Token], at: int, start: int, weak: bool) -> bool:
    token = tokens[at]
    if token.norm in ("-", "."):
        return at > start and _inside(tokens, at)
    if token.kind != "word":
        return False
    if _degree(tokens, at):
        return True
    if token.norm in PARTICLES:
        return (
            at + 1 < len(tokens) and tokens[at + 1].kind == "word" and tokens[at + 1].norm not in STOPWORDS - PARTICLES
        )
    if token.norm in STOPWORDS or token.norm in _NOT_NAMES or is_time(token) or _is_number(token):
        return False
    if weak and _ROLE.search(token.norm):
        return False
    return token.text[0].isupper() if weak or at > start + 2 else True


def _degree(tokens: Sequence[Token], at: int) -> bool:
    """ "Dr Sommer", "Mag. Lang": the rarer ones need their point."""
    norm = tokens[at].norm
    return norm in ("dr", "prof") or (norm in _DEGREES and at + 1 < len(tokens) and tokens[at + 1].norm == ".")


def _is_number(token: Token) -> bool:
    """ "zehn" is one; "Herr Zehn" writes himself otherwise."""
    return token.norm in _NUMBERS and token.text.islower()


def _inside(tokens: Sequence[Token], at: int) -> bool:
    """A hyphen between two parts, or the point of "Dr." and of an initial."""
    if at + 1 >= len(tokens) or tokens[at + 1].kind != "word":
        return False
    before = tokens[at - 1]
    if tokens[at].norm == "-":
        return before.end == tokens[at].start and tokens[at + 1].start == tokens[at].end
    return before.norm in _DEGREES or (len(before.norm) == 1 and before.end == tokens[at].start)


def is_surname(token: Token) -> bool:
    """Whether a small word alone may well be somebody's name."""
    return token.norm in _BARE_TOO


def is_time(token: Token) -> bool:
    """Date words are no names, but "August" may be one when it is written so."""
    if token.norm in ("august", "sommer", "winter", "may", "april", "june", "jan"):
        return False
    return any(item.code in "WVTRmKF" for item in items_of((token,), "de"))


def alone(tokens: Sequence[Token], free: Sequence[bool]) -> tuple[int, int] | None:
    """The range of a bare answer that is nothing but a name, with fillers around it."""
    first, last = 0, len(tokens)
    while first < last and (tokens[first].norm in _FILLERS or tokens[first].kind == "mark" or not free[first]):
        first += 1
    while last > first and (tokens[last - 1].norm in _FILLERS or tokens[last - 1].kind == "mark" or not free[last - 1]):
        last -= 1
    titled = first < last and tokens[first].norm in TITLES
    while first < last and tokens[first].norm in TITLES:
        first += 1
    if first == last or any(not free[at] for at in range(first, last)):
        return None
    last = _before_spelling(tokens, first, last)
    words = [token for token in tokens[first:last] if token.kind == "word"]
    spelled = _spelled(tokens[first:last])
    if not spelled and (not 0 < len(words) <= LONGEST or len(words[-1].norm) < 2):
        return None
    if len(words) == 1 == len(tokens) and words[0].norm in _BARE_TOO:
        return first, last
    fits = spelled or all(
        _part(tokens, at, first, weak=False)
        or _comma(tokens, at, first)
        or _certain(tokens[:last], at, first, titled)
        or _surname(tokens[:last], at, first)
        for at in range(first, last)
    )
    return (first, last) if fits or _capitals(tokens[first:last]) else None


def _before_spelling(tokens: Sequence[Token], first: int, last: int) -> int:
    """Where "Becker mit ck" and "Johnson, J-O-H-N" begin to spell."""
    for at in range(first + 1, last):
        rest = [token for token in tokens[at + 1 : last] if token.kind == "word"]
        if (
            tokens[at].norm in ("mit", "with")
            and rest
            and all(len(token.norm) <= 3 or token.norm in _HOW for token in rest)
        ):
            return at
        if tokens[at].norm == "," and len(rest) > 1 and all(len(token.norm) == 1 for token in rest):
            return at
    return last


_HOW = frozenset({"doppel", "double", "vorne", "hinten", "am", "ende", "scharfem", "weichem", "hartem"})


def _comma(tokens: Sequence[Token], at: int, first: int) -> bool:
    """ "Meier, Anna"; a lower-case third name is a name too in a bare answer."""
    token = tokens[at]
    if token.norm == ",":
        return at > first
    if token.kind != "word" or token.norm in STOPWORDS or token.norm in _NOT_NAMES:
        return False
    return not is_time(token) and not _is_number(token)


def _capitals(tokens: Sequence[Token]) -> bool:
    """Two capitalised words are a name although they are words too ("Peter Kurz", "Will May")."""
    words = [token for token in tokens if token.kind == "word"]
    return (
        len(words) == 2 == len(tokens)
        and all(w.text[0].isupper() and w.norm not in _NOT_NAMES and not is_time(w) for w in words)
        and (words[0].norm not in STOPWORDS or {w.norm for w in words} <= _ALSO_SURNAMES)
    )


def _spelled(tokens: Sequence[Token]) -> bool:
    letters = [token for token in tokens if token.norm != "-"]
    return len(letters) >= 3 and all(len(token.norm) == 1 and token.kind == "word" for token in letters)


def written(tokens: Sequence[Token], text: str) -> str:
    """The name as the customer wrote it; small letters throughout get capitals, single letters are joined."""
    if _spelled(tokens):
        return "".join(token.text for token in tokens if token.norm != "-").capitalize()
    name = " ".join(text[tokens[0].start : tokens[-1].end].split())
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}".strip()
    if name != name.lower():
        return name
    first, *rest = name.split(" ")
    return " ".join(
        [first if first in _NOBLE else _capital(first), *(w if w in PARTICLES else _capital(w) for w in rest)]
    )


_NOBLE = frozenset({"von", "van", "de", "zu"})


def _capital(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def respelled(known: str, name: str) -> str:
    """ "It's Clarke with an e" after "Stephen Clark": a surname written otherwise keeps the first name."""
    first, _, surname = known.rpartition(" ")
    if not first or " " in name or name == surname or first.casefold() == name.casefold():
        return name
    return f"{first} {name}" if _likeness(fold(surname), fold(name)) >= ALIKE else name


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
