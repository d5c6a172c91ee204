"""What understanding costs: microseconds a text, where a slot is expected and where everything is open.

Run `python -m tests.benchmarks.understanding_speed`. Budgets: 250 us where a slot is expected and for
dates alone, 1,000 us for routing.
"""

from __future__ import annotations

import statistics
import time
from datetime import datetime

from runtime.core.effects import Expectation, Understand
from runtime.core.values import Value, When
from runtime.understanding.dates.engine import find_mentions
from tests.understanding.desks import OFFERS, RULES, expecting

FILLED: dict[str, Value] = {"service": "colour", "start": When(), "name": "Meier"}
SLOT: list[tuple[str, Expectation]] = [
    ("Färben", expecting("slot", "service")), ("Herrenhaarschnitt bitte", expecting("slot", "service")),
    ("Dienstag um 15 Uhr", expecting("slot", "start")), ("nächste Woche nachmittags", expecting("slot", "start")),
    ("am 24. November um halb drei", expecting("slot", "start")), ("tomorrow after five please", expecting("slot",
    "start")),
    ("Anna Müller", expecting("slot", "name")), ("auf den Namen Schulz", expecting("slot", "name")),
    ("0151 23456789", expecting("slot", "phone")), ("die zweite", expecting("offer", "start", offers=OFFERS)),
    ("15:30 bitte", expecting("offer", "start", offers=OFFERS)), ("ja, passt", expecting("confirm", filled=FILLED)),
    ("nein, lieber Mittwoch", expecting("confirm", filled=FILLED)), ("egal bei wem", expecting("slot", "staff")),
]  # fmt: skip
OPEN: list[tuple[str, Expectation]] = [
    ("Ich hätte gern einen Herrenhaarschnitt am Dienstag um 15 Uhr bei Anna, Meier, 0151 23456789", expecting()),
    ("Guten Tag, ich möchte meinen Termin am Dienstag auf Donnerstag verschieben", expecting()),
    ("Hello, do you have anything free tomorrow afternoon for a beard trim with Paul?", expecting()),
    ("Was kostet bei euch ein Haarschnitt und habt ihr am Samstag offen?", expecting()),
    ("Kann ich bitte mit einem Mitarbeiter sprechen?", expecting()), ("I need to cancel my appointment", expecting()),
    ("Wie wird das Wetter morgen in Kassel?", expecting()),
]  # fmt: skip
ROUNDS = 400


def _measure(cases: list[tuple[str, Expectation]]) -> list[float]:
    """Microseconds for each read, warmed up; text after text, so that no read finds what the one before has kept."""
    spent: list[float] = []
    requests = [Understand((text,), expectation) for text, expectation in cases]
    for request in requests:
        RULES.read(request)
    for _ in range(ROUNDS):
        for request in requests:
            begun = time.perf_counter()
            RULES.read(request)
            spent.append((time.perf_counter() - begun) * 1e6)
    return sorted(spent)


def _dates() -> list[float]:
    """Microseconds for each text that is read for dates alone; tokens are kept for four texts only, so not between."""
    texts = [text for text, _ in SLOT + OPEN]
    now = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001  # the wall clock of the business
    spent: list[float] = []
    for _ in range(ROUNDS):
        for text in texts:
            begun = time.perf_counter()
            find_mentions(text, "de", now)
            spent.append((time.perf_counter() - begun) * 1e6)
    return sorted(spent)


def _row(name: str, spent: list[float]) -> str:
    p99 = spent[int(len(spent) * 0.99)]
    middle, mean = statistics.median(spent), statistics.mean(spent)
    return f"{name:15} p50 {middle:6.0f} us   mean {mean:6.0f} us   p99 {p99:6.0f} us"


def main() -> None:
    """Print the table."""
    for name, cases in (("slot expected", SLOT), ("routing", OPEN)):
        print(_row(name, _measure(cases)))
    print(_row("dates alone", _dates()))


if __name__ == "__main__":
    main()
