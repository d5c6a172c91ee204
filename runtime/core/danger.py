"""Words that say that somebody is in danger now, by rules for German and English. Pure, no model.

A text is read sentence by sentence. A finding is no alarm when it lies in the past, in a story, a course or a "what
if", or when a figure of speech or a small ailment explains it; "gerade" and "right now" overrule a mere "hatte".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

Danger = Literal["emergency", "distress"]

_PERSON = (
    r"(er|sie|es|jemand|man|mein\w*|unser\w*|ein\w*|der|die|das|he|she|somebody|someone|my|our|a|the)"
    r"( \w+)? (mann|frau|mutter|mama|vater|papa|kind|sohn|tochter|baby|oma|opa|bruder|schwester|freund\w*|kolleg\w*|"
    r"chef\w*|nachbar\w*|kund\w*|gast|mitarbeiter\w*|husband|wife|mother|mum|father|dad|child|son|daughter|grandma|"
    r"grandpa|brother|sister|friend|colleague|boss|neighbou?r|customer|client|man|woman|guest)|"
    r"\b(er|sie|jemand|he|she|somebody|someone)\b"
)
_GONE = r"(bewusstlos|ohnmaechtig|umgekippt|zusammengebrochen|nicht (mehr )?ansprechbar)"
_HELP = r"(notarzt|krankenwagen|rettungswagen|rettungsdienst|feuerwehr)"
_HEART = r"(herzinfarkt|herzstillstand|schlaganfall)"

_EMERGENCY = (
    # fire and gas
    r"\b(es|hier|bei (mir|uns)|(die|unsere|meine) (wohnung|kueche)|(das|unser|mein) haus|der (laden|keller)) brennt\b",
    r"\bfeuer ausgebrochen\b|^(feuer|es brennt|fire)$|\bgasgeruch\b|\bgasleck\b",
    r"\b(es riecht|riecht es|riecht hier) (hier )?(stark )?nach gas\b",
    r"\b(house|flat|kitchen|shop|building|place|room) is on fire\b|\bsmell(s|ing)? (of )?gas\b|\ba? ?gas leak\b",
    r"\b(there'?s|there is|we have) (a )?fire\b(?! (sale|drill|place|pit|exit|door|extinguisher|alarm))",
    # a body that gives up
    rf"({_PERSON}).{{0,30}}\b{_GONE}\b|\b(liegt|lag|ist|wurde) (gerade )?bewusstlos\b|^bewusstlos",
    rf"({_PERSON}).{{0,40}}\b(reagiert|bewegt sich) nicht\b|\batmet (gar |ueberhaupt )?nicht( mehr)?\b",
    r"\b(bekomm\w*|krieg\w*)( ich| er| sie)? (gerade )?keine luft\b|\bdroht zu ersticken\b|\bam ersticken\b",
    rf"\b(hat|habe|bekommt|bekomme|kriegt|kriege|erleidet|verdacht auf)( \w+){{0,4}} {_HEART}\b|^(ein )?{_HEART}$",
    rf"\bhatte( \w+){{0,3}} (einen )?{_HEART}\b",
    r"\bverblut\w*|\bblutet (sehr |so |extrem )?stark\b|\bstark(e)? blut(et|ung)\b",
    r"\bunconscious\b(?! bias)|\b(not|isn'?t|stopped) breathing\b|\bcan'?t breathe\b|\bcannot breathe\b|\bchoking\b",
    r"\b(ha(s|ve|ving)|had|got) (just )?(had )?(a |an )?(heart attack|stroke)\b|^heart attack$",
    r"\bbleeding (so |very )?(heavily|badly|to death|out)\b",
    rf"({_PERSON}).{{0,20}}\b(collapsed|passed out|fainted|won'?t wake up|isn'?t responding|not responding)\b",
    # help is called for
    rf"\b(brauch\w*|ruf\w*|hol\w*|schick\w*)( \w+){{0,3}} (den |die |einen |nen |n )?{_HELP}\b(?! termin)",
    rf"\b{_HELP} (rufen|holen|schicken|anrufen)\b|\b(112|110) (an)?(rufen|waehlen)\b",
    r"\b(call|need|get|send)( \w+){0,2} (ambulance|fire brigade|paramedics?)\b",
    r"\b(call|dial)( the)? (911|999|112)\b(?! \w)",
    r"\b(werde|werden) (gerade |hier )?(ueberfallen|ausgeraubt)\b|\bein ueberfall\b|\bbeing (robbed|attacked|mugged)\b",
    r"^(hilfe |schnell |achtung )*((das|dies|hier|es) ist )?(ein )?(echter )?notfall( schnell| hilfe| bitte)*$",
    r"^(help |quick |please )*(it'?s |this is |it is )?(an )?(real )?emergency( help| quick| please)*$",
)  # fmt: skip
_DISTRESS = (
    r"\b(will|moechte|mag|kann|wollte)( ich)? (einfach |so )?nicht (mehr|laenger) (weiter)?leben\b"
    r"(?! (in|bei|mit|ohne)\b)",
    r"\bnicht (mehr|laenger) (weiter)?leben (will|moechte|kann|mag)\b|\bkeinen (sinn|grund) (mehr )?(zu|im) leben\b",
    r"\bmich (selbst )?umbringen\b|\bich bringe? mich (noch |jetzt |heute |bald )?um\b|\bbringe mich um\b",
    r"\bmir (selbst )?das leben nehmen\b|\bmir (selbst )?(et)?was antun\b|\bmeinem leben ein ende\b",
    r"\bsuizid\w*|\bselbstmord\w*",
    r"\b(will|moechte)( ich)? (einfach |doch )?(nur )?(noch )?sterben\b(?! vor)|\bwaere( ich)? (lieber|besser) tot\b",
    r"\b(will|moechte|werde|muss|koennte)( ich)? mich (selbst )?(ritzen|verletzen|schneiden)\b",
    r"\b(ritze|verletze) mich( selbst)?\b",
    r"\bkill(ing)? myself\b|\b(end|take|taking|ending) my (own )?life\b|\bsuicid\w*",
    r"\b(want|wish|wanna|wanted|ready)( to)?( just)? die\b(?! (of|from|for)\b)|\bbetter off dead\b|\bself[- ]harm\w*",
    r"\b(want|wanna|going|gonna|plan\w*|urge|think\w*|feel\w*)\b.{0,20}\b(hurt|harm|cut)(ting|ing)? myself\b",
    r"\b(cutting|harming) myself\b|\bno (reason|point) (to|in) liv(e|ing)\b",
    r"\bdon'?t want to (live( any ?more| any longer)?\b(?! (in|at|with|near|on|here|there|without|like)\b)|be alive)",
)
_STEMS = (
    "brennt", "feuer", "fire", "gas", "bewusstlos", "ohnmaechtig", "umgekippt", "zusammengebrochen", "ansprechbar",
    "reagiert", "bewegt", "atmet", "luft", "erstick", "herz", "schlaganfall", "blut", "unconscious", "breath",
    "choking", "heart", "stroke", "bleed", "collapsed", "passed out", "fainted", "wake up", "respond", "notarzt",
    "wagen", "rettung", "ambulance", "brigade", "paramedic", "112", "110", "911", "999", "ueberfall", "ausgeraubt",
    "robbed", "attacked", "mugged", "notfall", "emergency", "leben", "bring", "antun", "suizid", "selbstmord",
    "sterben", "tot", "ritz", "verletz", "schneiden", "kill", "life", "suicid", "to die", "a die", "t die", "dead",
    "harm", "hurt", "cut", "liv", "alive",
)  # fmt: skip
"""Without one of these no row of the tables can be found: most texts need no further look."""
_NOW = r"\b(gerade( eben)?|soeben|eben|jetzt|sofort|schnell|right now|just|now)\b"
_PAST = r"\b(hatte|hatten|gehabt|gekriegt|bekam|had|used to|nearly|almost|fast|beinahe|gave)\b"
_LONG_AGO = (
    r"\b(letzte[sn]? (jahr|monat|woche|sommer|winter|herbst|fruehling|mal)|vor (\w+ ){0,2}(jahr|monat|woche|tag)\w*|"
    rf"damals|frueher|(seit|nach) (meinem|dem|einem|seinem|ihrem) {_HEART}|gestern|"
    r"last (year|month|week|summer|winter|time)|(\w+ )?(years?|months?|weeks?|days?) ago|in the past|yesterday|"
    r"(since|after) (my|the|his|her) (heart attack|stroke))\b"
)
_STORY = (
    r"\b(vorsorge|kurs\w*|training\w*|uebung\w*|seminar\w*|versicher\w*|praevention\w*|film\w*|buch|buecher|serie|lied|"
    r"erste[- ]hilfe\w*|theater\w*|verein|spende\w*|attentat\w*|begangen|arbeite\w*|beruf\w*|"
    r"prevention|insurance|drill|class(es)?|course|movie|film|book|song|series|squad|play|first[- ]aid|charity|"
    r"committed|work (for|as|at|with)|alert system)\b"
)
_WHAT_IF = (
    r"\b(falls|im falle?|was waere|waere es|wuerde[nt]?|angst|neige\w*|oft|manchmal|immer wieder|leicht mal|"
    r"kein\w* notfall|in case|what if|would|afraid|scared|tend to|sometimes|often|no emergency|not an emergency)\b"
)
_SMALL: tuple[tuple[str, str], ...] = (
    (
        r"brenn|burn|fire",
        r"\b(kopfhaut|haut|augen?|naegel\w*|zunge|hals|magen|wunde|lippen?|lampe|licht|kerze|scalp|skin|eyes?|throat)\b",
    ),
    (r"blut|bleed", r"\b(zahnfleisch|nase\w*|lippen?|gums?|nose|rasier\w*|shav(ing|ed))\b"),
    (r"notfall|emergency", r"\b(\w*haare?s?|hair|frisur\w*|farbe|colour|nails?|naegel\w*|bart|beard)\b"),
    (r"cut|hurt|schneid|verletz|die|sterb|kill|umbring", r"\b(rasier\w*|shav(ing|ed)|lachen|laugh(ing)?)\b"),
)
"""What a finding that holds the first is explained by."""


@lru_cache(maxsize=16)
def fold(text: str) -> str:
    """Small letters without umlauts, one kind of apostrophe, single spaces: the form that the tables are written in."""
    folded = text.lower().replace("’", "'").replace("ß", "ss")
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(umlaut, letters)
    return re.sub(r"\s+", " ", folded)


def danger_in(texts: Sequence[str]) -> Danger | None:
    """The danger that these texts tell of, each read on its own and all together; the more urgent one first."""
    joined = fold(" ".join(texts))
    if not any(stem in joined for stem in _STEMS):
        return None
    readings = (*map(fold, texts), joined) if len(texts) > 1 else (joined,)
    sentences = [sentence for reading in readings for sentence in _sentences(reading)]
    if any(_tells(sentence, _DISTRESS_RE) for sentence in sentences):
        return "distress"
    return "emergency" if any(_tells(sentence, _EMERGENCY_RE) for sentence in sentences) else None


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"[.!?;…\n]+| aber | but ", text):
        bare = re.sub(r"[^\w', -]", " ", sentence)
        yield re.sub(r"\s+", " ", bare).strip(" ,-")


def _tells(sentence: str, table: re.Pattern[str]) -> bool:
    for read in {sentence, sentence.replace(",", "")}:
        for found in table.finditer(read):
            if not _explained(read, found):
                return True
    return False


def _explained(sentence: str, found: re.Match[str]) -> bool:
    """Whether the sentence says that nobody is in danger now."""
    if _STORY_RE.search(sentence) or _WHAT_IF_RE.search(sentence) or _LONG_AGO_RE.search(sentence):
        return True
    if any(kind.search(found[0]) and reason.search(sentence) for kind, reason in _SMALL_RE):
        return True
    begin = sentence.rfind(",", 0, found.start()) + 1
    end = sentence.find(",", found.end())
    clause = sentence[begin : end if end >= 0 else None]
    return bool(_PAST_RE.search(clause)) and not _NOW_RE.search(sentence)


def _table(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_EMERGENCY_RE, _DISTRESS_RE = _table(_EMERGENCY), _table(_DISTRESS)
_NOW_RE, _PAST_RE, _LONG_AGO_RE = re.compile(_NOW), re.compile(_PAST), re.compile(_LONG_AGO)
_STORY_RE, _WHAT_IF_RE = re.compile(_STORY), re.compile(_WHAT_IF)
_SMALL_RE = tuple((re.compile(kind), re.compile(reason)) for kind, reason in _SMALL)
