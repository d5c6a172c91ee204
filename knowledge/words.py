"""A question's words, folded and lightly stemmed, German and English alike, and how well they fit other words.

Made for short questions and facts. Where a match is doubtful it scores low: silence is better than a wrong answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_STOP = """
 come coming too along mitkommen spass spas
 der die das den dem des ein eine einen einem einer eines kein keine keinen und oder aber auch noch nur schon mal
 denn so sehr ganz ich du er sie es wir ihr mich mir dich dir uns euch ihnen ihn ihm man mein meine meinen meinem
 meiner dein deine ihre ihren ihrem ihrer euer eure euren eurem unser unsere sich wer was wie wo wann warum
 welche welcher welches welchen ist sind bin war waren sein seid hat habe haben habt hatte haette haettet haetten
 gibt gibts gebe geben kann kannst koennen koennt koennte koennten darf duerfen muss muessen soll sollte will
 wollen moechte moechten wuerde wuerden werden wird mag in im an am auf aus bei beim mit nach von vom vor zu zum
 zur fuer um ueber unter bis ab durch ohne als wenn dass ob da dort hier ja nein nicht bitte danke hallo hi hey
 guten tag moin servus eigentlich vielleicht ungefaehr etwa gerade eben irgendwie irgendwo ueberhaupt
 normalerweise gern gerne wissen sagen sagt frage fragen wuesste weiss mitteilen nochmal moeglich moeglichkeit
 moeglichkeiten direkt laden studio praxis salon geschaeft werkstatt betrieb info infos information a the and or
 but also still only just very i you he she it we they me us them my your our their his her its who what how
 where when why which whose is are were be been do does did have has had having can could may might must should
 shall would like want need get got there here on at to from of for with without by about into near if that this
 these those not no yes please thanks thank hello good morning tell know ask question any some possible
 possibility shop place store business really actually maybe roughly around let one s t m re ve ll d don doesn
 komme kommen kommt rein hinein hin raus gehen geht naehe nearby reinkommen bringen mitbringen bring nehmen nehmt
 nimmt akzeptieren akzeptiert take takes accept accepted erlaubt allowed allow
"""
STOP = frozenset(_STOP.split())
_SUFFIXES = ("ungen", "ings", "ung", "ing", "ern", "est", "en", "er", "es", "em", "ed", "e", "n", "s")
_PREFIXES = ("be", "ge", "ver", "er", "an", "ab", "auf", "aus", "ein", "zu", "vor", "mit", "re", "pre", "un")


def fold(text: str) -> str:
    """Lower case without umlauts, accents and hyphens inside words."""
    text = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"(?<=[a-z])-(?=[a-z])", "", text)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A folded word without its ending; both sides of a comparison lose the same."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= (4 if len(suffix) == 1 and suffix != "s" else 3):
            return word[: -len(suffix)]
    return word


@lru_cache(maxsize=2048)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order. Names and facts come again with every question."""
    return tuple(re.findall(r"[a-z0-9]+", fold(text)))


@lru_cache(maxsize=2048)
def content(text: str) -> tuple[str, ...]:
    """The stems of the words that say something."""
    return tuple(stem(word) for word in words(text) if word not in STOP)


_ALIKE = """
parken parkplatz parkplaetze parkhaus parking park carpark
zahlen bezahlen zahlung bezahlung zahlungsart zahlungsarten zahlungsmittel pay paying payment
karte eckarte kreditkarte kartenzahlung girocard card cards creditcard debit
bar bargeld barzahlung cash
wlan wifi internet
hund hunde haustier haustiere dog dogs pet pets
gutschein gutscheine geschenkgutschein voucher vouchers giftcard
rollstuhl rollstuhlgerecht barrierefrei stufenlos wheelchair accessible accessibility stepfree
bus bahn strassenbahn tram ubahn sbahn haltestelle bushaltestelle stop station verkehrsmittel anfahrt transport
ueberweisung verordnung rezept referral prescription
"""
_GROUP = {stem(word): number for number, line in enumerate(_ALIKE.strip().splitlines()) for word in line.split()}


def fit(asked: str, known: str) -> float:
    """How well a known stem explains an asked one: the same, one of its kind, a compound of it, or not at all."""
    if asked == known:
        return 1.0
    if asked in _GROUP and _GROUP[asked] == _GROUP.get(known):
        return 0.85
    short, long = sorted((asked, known), key=len)
    if len(short) < 4:
        return 0.0
    if long.startswith(short):
        return 0.85
    if long.endswith(short):
        rest = long[: -len(short)]
        # "zahlen" and "bezahlen" are one thing; a "Speisekarte" is a "Karte" of another kind.
        return 0.85 if rest in _PREFIXES or long == known else 0.5
    return 0.0


def best_fit(asked: str, known: Iterable[str]) -> float:
    """The best fit among several."""
    return max((fit(asked, one) for one in known), default=0.0)


def contains(text_words: Sequence[str], phrase: str) -> bool:
    """Whether the folded words hold this phrase, its words next to each other, each in any form."""
    wanted, have = stems(words(phrase)), stems(tuple(text_words))
    if not wanted or wanted[0] not in have:
        return False
    return any(have[i : i + len(wanted)] == wanted for i in range(len(have) - len(wanted) + 1))


@lru_cache(maxsize=4096)
def stems(of: tuple[str, ...]) -> tuple[str, ...]:
    """The stems of folded words."""
    return tuple(stem(word) for word in of)
