"""Word families: "schneiden" and "Schnitt", "colour" and "dye". Light stems for German and English.

Families are of trades' verbs and of whom something is for, not of any tenant's names.
"""

from __future__ import annotations

from functools import lru_cache

_FAMILIES = (
    "schneiden schnitt schneide schneidet geschnitten cut cutting cuts trim haircut",
    "faerben farbe faerbung faerbe gefaerbt coloration colour color colouring coloring dye dyeing tint",
    "toenen toenung toning toner",
    "waschen wash washing waesche",
    "foehnen foehn foehnfrisur blowdry styling stylen frisieren blow-dry",
    "straehnchen straehnen highlights balayage foils",
    "massieren massage massagen massages massiert",
    "reparieren reparatur repariert repair repairs fix fixing instandsetzung",
    "pruefen pruefung check checkup inspektion inspection kontrolle durchsicht untersuchung examination",
    "warten wartung service servicing maintenance inspektionen",
    "reinigen reinigung putzen clean cleaning saeubern hygiene",
    "beraten beratung consultation advice beratungsgespraech consult",
    "behandeln behandlung treatment therapy therapie",
    "rasieren rasur shave shaving",
    "wechseln wechsel tauschen austausch change replacement replace swap",
    "impfen impfung vaccination jab shot",
    "bart beard baerte",
    "herren herr maenner mann men man men's mens gentlemen gentleman male maennlich",
    "damen dame frauen frau women woman women's womens ladies lady female weiblich",
    "kinder kind kids kid children child children's kinderschnitt junge maedchen",
    "einstellen einstellung adjust adjustment adjusting justieren",
    "bremse bremsen brake brakes",
    "reifen platten plattfuss schlauch tyre tire puncture flat",
    "kette ketten chain chains",
    "gangschaltung schaltung gaenge gears gear",
    "fahrrad rad fahrraeder raeder bike bicycle bikes",
    "ruecken back",
    "naegel nagel nails nail manikuere manicure",
    "pedikuere pedicure fusspflege",
    "augenbrauen brauen eyebrows brows",
    "wimpern lashes eyelashes",
    "haare haar hair",
    "gesicht gesichts facial face",
    "erstgespraech erstberatung erstuntersuchung erstbehandlung erstbesuch ersttermin initial",
    "krankengymnastik physiotherapie physio physiotherapy",
    "lymphdrainage lymph drainage",
    "zahn zaehne tooth teeth dental",
    "auto wagen pkw car",
    "oelwechsel oel oil",
    "kurz kurzes short",
    "lang langes long",
)
_FAMILY_OF = {word: words.split()[0] for words in _FAMILIES for word in words.split()}
_ENDINGS = ("'s", "ungen", "innen", "ern", "ung", "en", "er", "es", "em", "ing", "e", "n", "s")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The word without its ending, as long as enough of it stays."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def family(word: str) -> str:
    """The first word of the family, empty when there is none."""
    return _FAMILY_OF.get(word, "")
