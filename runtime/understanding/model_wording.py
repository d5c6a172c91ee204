"""A model's own words for small talk: let through only when they can promise, state and ask nothing.

Strict on purpose: whatever is in doubt is dropped, and the reply file's sentence stands. No figure, time, price, link,
question, promise or offer; nothing that was or will be done; no name that is not the business's own.
"""

from __future__ import annotations

import re

from runtime.core.business import Business
from runtime.understanding.tokens import fold, word_set, words_of

LONGEST = 200
MOST_SENTENCES = 2
_FORBIDDEN = re.compile(r"[\d?§$€£%@<>{}\[\]|*_#`\\/=~^\"„“”«»:;()]|www|http", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!…]+")
_PROMISE = word_set(
    """
    verspreche versprechen versprochen garantiere garantieren garantiert werde werden wird wuerde buche buchen gebucht
    bestaetige bestaetigt bestaetigen reserviere reserviert storniert storniere abgesagt verschoben kostenlos gratis
    rabatt gutschein guenstig billig preis preise kostet euro umsonst erstatten erstattet rueckerstattung geld termin
    termine frei sofort immer nie niemals sicher bestimmt uhr heute morgen uebermorgen gestern montag dienstag mittwoch
    donnerstag freitag samstag sonntag januar februar maerz april mai juni juli august september oktober november
    dezember woche monat eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf hundert tausend halb viertel
    promise promised guarantee guaranteed will shall would book booked booking confirm confirmed reserve reserved
    cancelled canceled moved free discount voucher cheap price prices costs cost euros pounds dollars refund refunded
    money appointment appointments available immediately always never surely today tomorrow yesterday monday tuesday
    wednesday thursday friday saturday sunday january february march may june july october december week month one two
    three four five six seven eight nine ten eleven twelve hundred thousand half quarter oclock noon midnight
    arzt diagnose medikament anwalt klage rechtlich doctor diagnosis medicine lawyer legal
    """
)
_DOINGS = word_set(
    """
    ich wir uns unser unsere unserem unseren jemand man kollege kollegin kollegen team mensch
    i i'll i've i'd we we'll we've we'd we're us our ours somebody someone anybody colleague colleagues they
    erledigt erledige notiert notiere vermerkt eingetragen angemeldet gemeldet melden meldet melde weitergeleitet
    weitergegeben vorgemerkt aufgenommen gespeichert geplant geregelt organisiert veranlasst vereinbart abgemacht fest
    gesendet geschickt gemacht anruf rueckruf anrufen zurueck vorbei liste platz offen geoeffnet geschlossen besetzt
    done set noted scheduled arranged sorted registered signed sent forwarded passed saved added handled planned agreed
    fixed settled list slot spot place visit call calls called back open opened closed come
    """
)
"""Who would do something, and what would have been done: nothing happens because a model says so."""
_NOUNS = word_set(
    """
    tag abend morgen mittag wetter sonne regen dank frage fragen freude gern spass wochenende glueck hilfe moment
    laune stimmung lob mensch kunde kundin team salon studio praxis laden zeit muehe nachricht worte nachfrage sie ihnen
    ihr ihre ihrem ihren i day evening weather question fun help
    """
)
"""Words with a capital letter that name nobody."""


def acceptable(words: str, business: Business) -> str:
    """The sentence as it may be said, or "" when it must not be."""
    text = " ".join(words.split())
    if not text or len(text) > LONGEST or _FORBIDDEN.search(text) or not text.isprintable():
        return ""
    if len([part for part in _SENTENCE.split(text) if part.strip()]) > MOST_SENTENCES:
        return ""
    if set(words_of(text)) & (_PROMISE | _DOINGS) or _names_somebody(text, business):
        return ""
    return text if text[-1] in ".!…" else f"{text}."


def _names_somebody(text: str, business: Business) -> bool:
    """A word with a capital letter inside a sentence that is neither a usual noun nor the business's name."""
    own = set(words_of(f"{business.name} {business.policies.assistant_name}"))
    for sentence in _SENTENCE.split(text):
        for word in sentence.split()[1:]:
            plain = fold(word.strip(",!-"))
            if word[:1].isupper() and plain not in _NOUNS and plain not in own:
                return True
    return False
