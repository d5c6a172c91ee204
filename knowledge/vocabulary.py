"""The words that ask for a topic, in German and English. Data only; each table has one line of explanation."""

from __future__ import annotations

from knowledge.words import stem


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_PEOPLE = """
 mann maenner frau frauen kind kinder sohn tochter baby herren damen herr dame junge jungen maedchen oma opa mutter
 vater man men woman women kid kids child children son daughter boy girl mother father haar haare haaren hair
"""

ASKS: dict[str, frozenset[str]] = {
    topic: _stems(text)
    for topic, text in {
        "hours": """
 offen geoeffnet oeffnungszeit oeffnungszeiten oeffnet oeffnen aufmachen schliesst schliessen geschlossen ladenschluss
 sprechzeiten sprechstunde erreichbar open opening close closing closed hours""",
        "prices": """
 kostet kosten preis preise preisliste teuer guenstig price prices pricing cost costs charge expensive pricelist""",
        "duration": "dauert dauer dauern lange long duration last lasts",
        "address": "adresse anschrift standort address located location findet finde finden find",
        "phone": "telefon telefonnummer rufnummer handynummer anrufen phone telephone call",
        "email": "email emailadresse mailadresse mail",
        "staff": """
 mitarbeiter mitarbeiterin mitarbeiterinnen team personal arbeitet arbeiten staff works work employees stylist stylists
 therapist therapists mechanic mechanics kollegen friseur friseurin therapeut therapeutin""",
        "services": """
 leistungen leistung angebot anbieten bieten dienstleistungen behandlungen services service offer treatments machen
 macht angeboten""",
        "holidays": "feiertag feiertage feiertagen feiertags urlaub betriebsferien ferien holiday holidays bank",
        "cancellation": """
 stornieren stornierung stornierungsfrist stornokosten storno absagen absage stornofrist cancellation cancel
 cancelling""",
    }.items()
}
"""Any of these asks for the topic."""

BESIDE: dict[str, frozenset[str]] = {
    topic: _stems(text)
    for topic, text in {
        "hours": """
 zeiten zeit uhr uhrzeit lange morgens mittags abends vormittags nachmittags frueh spaet frueher spaeter mittag abend
 vormittag nachmittag wochenende woche tage taeglich time times late early until evening morning afternoon week weekend
 weekends days day lunch lunchtime normal regular regulaer""",
        "prices": """
 viel much zahle zahlen bezahlen pay list liste leistungen services service euro euros pfund pounds uebersicht overview
 ca circa approximately """
        + _PEOPLE,
        "duration": """
 zeit time take takes brauchen braucht brauche einplanen rechnen minuten minutes stunden hours termin appointment """
        + _PEOPLE,
        "address": "genau genaue exact exactly strasse street befindet befinden",
        "phone": "nummer number erreichen reach kontakt contact",
        "email": "adresse address schreiben write kontakt contact schicken send",
        "staff": "alles all leute people schneidet cuts macht machen does",
        "services": "alles liste list termin appointment buchen book all",
        "holidays": "offen geoeffnet geschlossen open closed naechste next",
        "cancellation": """
 kostenlos kostenfrei frist gebuehr kosten kostet policy free fee termin appointment kurzfristig rechtzeitig spaet late
 lange vorher notice""",
    }.items()
}
"""These may stand beside and change nothing."""

PHRASES: dict[str, str] = {
    "hours": r"\b(habt|haben|hat|macht|machen)\b.*\b(auf|zu)$|\b(seid|sind|bist|ist)\b.*\bda$|\bare you in\b",
    "prices": r"\bwie ?viel\b|\bhow much\b",
    "address": r"\bwo (seid|sind|ist|liegt|sitzt|bist)\b|\bwhere (are|is)\b",
    "staff": r"^wer\b|\bwer (macht|schneidet|ist)\b|^who\b",
    "services": r"\bdo you do\b|\bwas macht ihr\b|\bbietet ihr\b|\bmacht ihr\b|\bmachen sie\b",
}
"""Patterns over the folded words that ask for the topic too."""

ALIASES = {
    "opening_hours": "hours",
    "opening hours": "hours",
    "price": "prices",
    "cost": "prices",
    "location": "address",
    "contact": "phone",
    "telephone": "phone",
    "mail": "email",
    "service": "services",
    "team": "staff",
    "people": "staff",
    "holiday": "holidays",
    "closing_days": "holidays",
    "cancel": "cancellation",
    "cancellation_policy": "cancellation",
}
"""Other names of topics that callers may use."""

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "montag monday mon",
            "dienstag tuesday tue",
            "mittwoch wednesday wed",
            "donnerstag thursday thu",
            "freitag friday fri",
            "samstag sonnabend saturday sat",
            "sonntag sunday sun",
        )
    )
    for name in names.split()
}

_MONTH_NAMES = (
    "januar jaenner january",
    "februar feber february",
    "maerz march",
    "april",
    "mai may",
    "juni june",
    "juli july",
    "august",
    "september",
    "oktober october",
    "november",
    "dezember december",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

NOW_WORDS = frozenset({"jetzt", "gerade", "now", "currently", "momentan", "aktuell"})
DAY_WORDS = (
    _stems(
        "heute morgen uebermorgen today tomorrow after tonight naechsten next kommenden coming diesen diesem this uhr"
        " januar februar maerz mai"
    )
    | _stems(" ".join(MONTHS))
    | _stems(" ".join(NOW_WORDS))
)
"""These say when, whatever is asked."""

HOLIDAY_NAMES = {
    "weihnachten": (12, 25),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "heiligabend": (12, 24),
    "silvester": (12, 31),
    "neujahr": (1, 1),
}
"""What people call a holiday beside its name."""
SPRING_HOLIDAYS = frozenset({"ostern", "easter", "pfingsten", "pentecost"})
NUMERALS = _stems("erster zweiter first second")
