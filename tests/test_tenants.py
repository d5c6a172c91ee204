"""Tenant files: what people write in all its shapes, and errors that say where, what and what instead."""

from __future__ import annotations

import dataclasses
from datetime import date, time
from typing import Any

import pytest
import yaml

from runtime.core.business import Business, Opening
from runtime.core.opening import openings_on
from runtime.errors import ConfigurationError
from runtime.tenants import business_of, connections_of, options_of, read_tenant
from runtime.tenants.document import Unreadable
from runtime.tenants.hours import read_hours
from runtime.tenants.values import Price, read_minutes, read_price
from tests.support.tenants import FILES, business, inline

HEAD = "tenant: x\nname: X\ntimezone: Europe/Berlin\ncountry: DE\n"


def spans(hours: tuple[Opening, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for opening in hours:
        end = "24:00" if opening.end == time.max else f"{opening.end:%H:%M}"
        found.setdefault(opening.weekday, []).append(f"{opening.start:%H:%M}-{end}")
    return found


NINE_TO_SIX = {0: ["09:00-18:00"]}
SPLIT = {0: ["09:00-12:00", "14:00-18:00"]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"mon": "09:00-18:00"}, NINE_TO_SIX),
        ({"Mo": "9-18"}, NINE_TO_SIX),
        ({"Mo.": "9 - 18 Uhr"}, NINE_TO_SIX),
        ({"montag": "9 bis 18 Uhr"}, NINE_TO_SIX),
        ({"Monday": "9am-6pm"}, NINE_TO_SIX),
        ({"monday": "9 a.m. to 6 p.m."}, NINE_TO_SIX),
        ({"mon": "9-6"}, NINE_TO_SIX),
        ({"mon": "09:00–18:00"}, NINE_TO_SIX),
        ({"mon": "9.00-18.00"}, NINE_TO_SIX),
        ({"mon": ["09:00", "18:00"]}, NINE_TO_SIX),
        ({"mon": [["09:00", "18:00"]]}, NINE_TO_SIX),
        ({"mon": [{"from": "09:00", "to": "18:00"}]}, NINE_TO_SIX),
        ({"mon": {"open": "09:00", "close": "18:00"}}, NINE_TO_SIX),
        ({"mon": {"von": 9, "bis": 18}}, NINE_TO_SIX),
        ({"mon": {"open": 540, "close": 1080}}, NINE_TO_SIX),
        ({"mon": "09:00:00-18:00:00"}, NINE_TO_SIX),
        ({"mo": ["9-12", "14:00-18:00"]}, SPLIT),
        ({"mo": "9-12, 14-18"}, SPLIT),
        ({"mo": "9-12 und 14-18 Uhr"}, SPLIT),
        ({"mo": {"open": "09:00", "close": "18:00", "break": "12:00-14:00"}}, SPLIT),
        ({"mo": {"start": "09:00", "end": "18:00", "breaks": [{"from": "12:00", "to": "14:00"}]}}, SPLIT),
        ({"mon": [["09:00", "12:00"], ["14:00", "18:00"]]}, SPLIT),
        ({"mon-wed": "9-18"}, {day: ["09:00-18:00"] for day in (0, 1, 2)}),
        ({"mon_wed": "9-18"}, {day: ["09:00-18:00"] for day in (0, 1, 2)}),
        ({"Mo bis Mi": "9-18"}, {day: ["09:00-18:00"] for day in (0, 1, 2)}),
        ({"mo, mi": "9-18"}, {day: ["09:00-18:00"] for day in (0, 2)}),
        ({"sa-mo": "9-18"}, {day: ["09:00-18:00"] for day in (0, 5, 6)}),
        ({"weekdays": "9-18"}, {day: ["09:00-18:00"] for day in range(5)}),
        ({"täglich": "9-18"}, {day: ["09:00-18:00"] for day in range(7)}),
        ({"mon": "9-18", "sun": None}, NINE_TO_SIX),
        ({"mon": "9-18", "sun": "closed"}, NINE_TO_SIX),
        ({"mon": "9-18", "so": "geschlossen"}, NINE_TO_SIX),
        ({"mon": "9-18", "sun": []}, NINE_TO_SIX),
        ({"mon": "9-18", "sun": False}, NINE_TO_SIX),
        ({"mon": "9-18", "sun": {"closed": True}}, NINE_TO_SIX),
        ([{"day": "mon", "from": "09:00", "to": "18:00"}], NINE_TO_SIX),
        ([{"days": ["mon"], "open": "09:00", "close": "18:00"}], NINE_TO_SIX),
        ([{"days": "mon", "start": "09:00", "end": "18:00"}], NINE_TO_SIX),
        ([{"days": "mon", "hours": "9-18"}, {"days": "sun", "closed": True}], NINE_TO_SIX),
        ([{"mon": "9-18"}, {"tue": "closed"}], NINE_TO_SIX),
        (["Mo 9-18 Uhr"], NINE_TO_SIX),
        ("Mo 9-12 und 14-18 Uhr", SPLIT),
        ("Mo-Mi 9-18 Uhr, Sa 9-14 Uhr", {**{day: ["09:00-18:00"] for day in (0, 1, 2)}, 5: ["09:00-14:00"]}),
        ("Mon, Wed 9-18", {day: ["09:00-18:00"] for day in (0, 2)}),
        ("Mo, Di und Do 9-18", {day: ["09:00-18:00"] for day in (0, 1, 3)}),
        ({"mon": "24h"}, {0: ["00:00-24:00"]}),
        ({"mon": "00:00-24:00"}, {0: ["00:00-24:00"]}),
        ({"mon": "18:00-00:00"}, {0: ["18:00-24:00"]}),
        ({"mon": "18:00-02:00"}, {0: ["18:00-24:00"], 1: ["00:00-02:00"]}),
        (None, {}),
        ("closed", {}),
    ],
)
def test_hours_in_every_shape(written: Any, meant: dict[int, list[str]]) -> None:
    assert spans(read_hours(written)) == meant


@pytest.mark.parametrize(
    "written",
    [
        {"mon": "nine"}, {"mon": "25-26"}, {"blursday": "9-18"}, {"mon": "09:00"}, {"mon": {"open": "09:00"}},
        {"mon": {"opne": "09:00", "close": "18:00"}}, {"mon": "09:00-09:00"}, 7, "9-18", {"mon": 3.5}, ["whenever"],
    ],
)  # fmt: skip
def test_hours_that_mean_nothing_are_refused(written: Any) -> None:
    with pytest.raises(Unreadable, match=r"Write"):
        read_hours(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (45, Price("45.00")), (45.5, Price("45.50")), ("45", Price("45.00")), ("45 €", Price("45.00", "EUR")),
        ("45,50 €", Price("45.50", "EUR")), ("€45", Price("45.00", "EUR")), ("EUR 45", Price("45.00", "EUR")),
        ("45 Euro", Price("45.00", "EUR")), ("ab 45 €", Price("45.00", "EUR", True)),
        ("from £65", Price("65.00", "GBP", True)),
        ("45,-", Price("45.00")), ("1.200,00 €", Price("1200.00", "EUR")), ("$1,200.50", Price("1200.50", "USD")),
        ("1.200 €", Price("1200.00", "EUR")), ("CHF 90", Price("90.00", "CHF")), ("kostenlos", Price("0.00")),
        ("auf Anfrage", Price("")), (None, Price("")), ({"amount": 45, "currency": "EUR"}, Price("45.00", "EUR")),
        ({"amount": "45", "currency": "eur", "from": True}, Price("45.00", "EUR", True)),
        ({"from": 45}, Price("45.00", "", True)),
        ("45+", Price("45.00", "", True)),
    ],
)  # fmt: skip
def test_prices(written: Any, meant: Price) -> None:
    assert read_price(written) == meant


@pytest.mark.parametrize("written", ["lots", True, {"currency": "EUR"}, "12 apples", "4 5 6 bananas"])
def test_prices_that_mean_nothing_are_refused(written: Any) -> None:
    with pytest.raises(Unreadable):
        read_price(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (45, 45), ("45", 45), ("45 min", 45), ("45min", 45), ("1h", 60), ("1,5 h", 90),
        ("1 h 30", 90), ("1h30", 90), ("1:30", 90),
        ("2 Stunden", 120), ("1 Stunde und 15 Minuten", 75), ("90 minutes", 90),
    ],
)  # fmt: skip
def test_durations(written: Any, meant: int) -> None:
    assert read_minutes(written) == meant


@pytest.mark.parametrize("written", ["soon", -5, True, "5 apples", None])
def test_durations_that_mean_nothing_are_refused(written: Any) -> None:
    with pytest.raises(Unreadable):
        read_minutes(written)


def test_the_demo_is_clean_and_speaks_both_languages() -> None:
    file = read_tenant(FILES["demo"].read_text(encoding="utf-8"), "studio.yaml", {})
    assert not file.warnings and not file.connections
    own = file.business
    assert own.tenant == "demo" and own.languages == ("de", "en") and own.formality == "formal"
    assert 6 <= len(own.services) <= 8 and len(own.staff) == 3
    assert all(set(service.names) == {"de", "en"} and service.price for service in own.services)
    assert all(set(fact.answers) == {"de", "en"} == set(fact.questions) for fact in own.facts)
    assert openings_on(own, date(2026, 12, 24)) == () == openings_on(own, date(2027, 3, 26))


def test_a_practice_in_graz() -> None:
    own = business("physio")
    assert (own.country, own.timezone, own.formality, own.currency) == ("AT", "Europe/Vienna", "formal", "EUR")
    assert own.address["de"] == "Murblickgasse 7, 8020 Graz"
    assert [service.id for service in own.services] == ["erstbefund", "einzel", "lymphe"]
    lymphe = own.services[2]
    assert (lymphe.staff, lymphe.rooms, lymphe.price, lymphe.duration_min) == (("kofler",), ("zwei",), "68.00", 50)
    assert own.policies.lead_min == 240 and own.policies.cancel_notice_h == 24
    closed = {holiday.day: holiday.name for holiday in own.holidays}
    assert closed[date(2027, 2, 17)]["de"] == "Semesterferien"
    assert closed[date(2026, 10, 26)]["de"] == "Nationalfeiertag"
    assert date(2026, 12, 24) in closed
    assert any("ueberweisung" in fact.questions.get("", ()) for fact in own.facts)


def test_a_workshop_in_london() -> None:
    own = business("bikes")
    assert (own.country, own.currency, own.languages[0], own.formality) == ("GB", "GBP", "en", "informal")
    assert own.policies.emergency_number == "999"
    assert spans(own.hours)[1] == ["08:00-18:00"] and 2 not in spans(own.hours)
    service = own.service("service")
    assert service is not None and service.price_from and service.price == "65.00"
    brakes = own.service("brakes")
    assert brakes is not None and brakes.names == {"en": "brakes", "de": "brakes"}
    assert own.facts[0].questions == {"": ("Do you rent bikes?",)}


def test_options_carry_names_and_synonyms() -> None:
    options = options_of(business("demo"))
    color = next(option for option in options["services"] if option.id == "color")
    assert color.name("de") == "Färben" and color.name("en") == "Colouring" and "Haarfarbe" in color.synonyms
    assert [option.name("de") for option in options["staff"]] == ["Mara Lindner", "Jonas Petri", "Elif Aydin"]


def test_secrets_come_from_the_environment() -> None:
    text = FILES["physio"].read_text(encoding="utf-8")
    file = read_tenant(text, "graz.yaml", {"MURBLICK_TELEGRAM": "123:abc"})
    (connection,) = file.connections
    assert connection.connector == "telegram" and connection.config == {"bot_username": "murblick_bot"}
    assert connection.secrets == {"bot_token": "123:abc", "webhook_secret": "not-so-secret"}
    assert [w for w in file.warnings if "secret stands in the file" in w and w.startswith("graz.yaml:6")]
    assert not any("123:abc" in warning for warning in file.warnings) and "abc" not in repr(connection)
    missing = read_tenant(text, "graz.yaml", {})
    assert "bot_token" not in missing.connections[0].secrets
    assert any("MURBLICK_TELEGRAM" in warning for warning in missing.warnings)
    assert connections_of(file.raw, {"MURBLICK_TELEGRAM": "9"})[0].secrets["bot_token"] == "9"


def test_connections_in_other_shapes() -> None:
    raw = {
        "tenant": "x", "name": "X", "timezone": "Europe/Berlin",
        "connections": {"telegram": {"secrets": {"bot_token": "${TG}"}}, "webchat": None},
    }  # fmt: skip
    first, second = connections_of(raw, {"TG": "1"})
    assert (first.id, first.secrets) == ("telegram", {"bot_token": "1"})
    assert second.connector == "webchat"
    twice = connections_of({**raw, "connections": [{"connector": "telegram"}, {"connector": "telegram"}]}, {})
    assert [connection.id for connection in twice] == ["telegram", "telegram-2"]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ('holidays: ["2026-12-24"]', [date(2026, 12, 24)]),
        ("holidays: [2026-12-24]", [date(2026, 12, 24)]),
        ("holidays: [{date: 2026-12-24, name: Heiligabend}]", [date(2026, 12, 24)]),
        ("holidays: {2026-12-24: Heiligabend}", [date(2026, 12, 24)]),
        ("holidays: [24.12.2026]", [date(2026, 12, 24)]),
        ("holidays: [{from: 2026-12-24, to: 2026-12-26, name: x}]", [date(2026, 12, day) for day in (24, 25, 26)]),
        ("holidays: none", []),
        ("holidays: []", []),
    ],
)
def test_own_holidays(written: str, days: list[date]) -> None:
    assert [holiday.day for holiday in inline(written).holidays] == days


@pytest.mark.parametrize(
    "written",
    ["DE-BY", "BY", "Bayern", "{country: DE, subdivision: BY}", "{region: DE-BY}", "[DE-BY]", "{bundesland: Bayern}"],
)
def test_holidays_of_a_region(written: str) -> None:
    names = {holiday.day: holiday.name for holiday in inline(f"holidays: {written}").holidays}
    assert names[date(2027, 1, 6)] == {"de": "Heilige Drei Könige", "en": "Epiphany"}
    assert date(2027, 1, 6) not in {holiday.day for holiday in inline("holidays: DE").holidays}


def test_a_holiday_with_hours() -> None:
    own = inline('hours: {thu: "9-18"}\nholidays: [{date: 2026-12-24, name: Heiligabend, hours: "9-12"}]')
    assert openings_on(own, date(2026, 12, 24)) == (Opening(3, time(9), time(12)),)


def test_yaml_surprises_stay_what_was_written() -> None:
    text = (
        HEAD.replace("DE", "NO")
        + 'phone: +47 22 00\nhours: {mon: {open: 9:00, close: 18:00}}\nholidays: ["2026-12-24"]\n'
    )
    own = read_tenant(text, "x.yaml").business
    assert own.country == "NO" and own.phone == "+47 22 00"
    assert spans(own.hours) == NINE_TO_SIX


def test_documents_that_plain_yaml_read() -> None:
    raw = yaml.safe_load(HEAD + "hours: {mon: {open: 9:00, close: 18:00}}\nholidays: [2026-12-24]\n")
    own = business_of(raw)
    assert spans(own.hours) == NINE_TO_SIX and own.holidays[0].day == date(2026, 12, 24)


def test_defaults() -> None:
    own = read_tenant("tenant: x\nname: X\ntimezone: Europe/Vienna\n", "x.yaml").business
    assert own == dataclasses.replace(own, country="AT", languages=("de", "en"), formality="formal", currency="EUR")
    assert read_tenant("tenant: x\nname: X\ncountry: CH\n", "x").business.timezone == "Europe/Zurich"


def test_staff_by_name_and_by_their_services() -> None:
    own = inline(
        "staff: [Anna Berger, {id: b, name: Paul Otto, services: [cut]}]\n"
        "services:\n - {id: cut, duration_min: 30, staff: [Paul]}\n - {id: color, duration_min: 60}\n"
        " - {id: any, duration_min: 5, staff: all}\n"
    )
    assert [person.id for person in own.staff] == ["anna-berger", "b"]
    assert [service.staff for service in own.services] == [("b",), ("anna-berger",), ("anna-berger",)]


BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 7)
)
WRONG = [
    ("servces: []\n", 5, "Did you mean 'services'"),
    ("hours:\n  mon: 9-18\n  tue: whenever\n", 7, "whenever"),
    ("hours:\n  montga: 9-18\n", 6, "montga"),
    ("services:\n  - id: cut\n", 6, "duration_min"),
    ("services:\n  - id: cut\n    duration_min: 30\n    prcie: 4\n", 8, "Did you mean 'price'"),
    ("services:\n  - id: cut\n    duration_min: 30\n    price: lots\n", 8, "45 €"),
    ("services:\n  cut:\n    duration_min: 0\n", 7, "duration_min"),
    ("services:\n  - {id: a, duration_min: 5}\n  - {id: a, duration_min: 5}\n", 7, "twice"),
    ("services:\n  - id: a\n    duration_min: 5\n    staff: [Otto]\n", 8, "no 'Otto'"),
    ("holidays:\n  - 2026-13-01\n", 6, "no day of the calendar"),
    ("holidays: DE-XX\n", 5, "no region of DE"),
    ("holidays:\n  - {from: 2026-12-26, to: 2026-12-24}\n", 6, "after the start"),
    ("formality: rude\n", 5, "formal (Sie)"),
    ("languages: [german]\n", 5, "Write de or en"),
    ("facts:\n  - q: Parking?\n", 6, "'a' is missing"),
    ("connections:\n  - connector: telegram\n    secrets:\n      bot_token:\n", 8, "BOT_TOKEN"),
    ("address: {floor: 3}\n", 5, "street"),
    ("policies:\n  lead_min: soon\n", 6, "soon"),
    ("facts: [\n", 6, "not valid YAML"),
    ("phone: 1\nphone: 2\n", 6, "twice"),
]


@pytest.mark.parametrize(("written", "line", "words"), WRONG)
def test_errors_name_the_place_and_the_remedy(written: str, line: int, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_tenant(HEAD + written, "shop.yaml", {})
    assert str(caught.value).startswith(f"shop.yaml:{line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected keys"), ("- a\n- b\n", "expected keys"), ("tenant: x\nname: X\n", "timezone"),
        ("name: X\ntimezone: Europe/Berlin\n", "'tenant' is missing"),
        ("tenant: a b\nname: X\ntimezone: UTC\n", "letters"),
        ("tenant: x\nname: X\ntimezone: Mars/Base\n", "Mars/Base"),
        ("tenant: x\nname: X\ntimezone: UTC\ncountry: Atlantis\n", "Atlantis"),
        (BOMB, "too many values"),
    ],
)  # fmt: skip
def test_files_that_are_wrong_as_a_whole(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=r"shop\.yaml") as caught:
        read_tenant(text, "shop.yaml", {})
    assert words in str(caught.value)


def test_every_problem_is_listed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_tenant(HEAD + "formality: rude\nservces: []\nlanguages: [german]\n", "shop.yaml")
    places = {line.split(" ")[0] for line in str(caught.value).splitlines()}
    assert places == {"shop.yaml:5:", "shop.yaml:6:", "shop.yaml:7:"}


@pytest.mark.parametrize("written", ["[a b, c]", "a b, c", "{de: [a b], en: c}", '{de: "a b, c"}'])
def test_synonyms(written: str) -> None:
    own = inline(f"services: [{{id: cut, duration_min: 30, synonyms: {written}}}]".replace(": a b, c}", ': "a b, c"}'))
    assert own.services[0].synonyms == ("a b", "c")


def test_a_suspended_tenant_is_read() -> None:
    assert business_of({"tenant": "x", "name": "X", "timezone": "UTC", "suspended": True}).tenant == "x"


def test_a_business_is_a_value() -> None:
    assert isinstance(business("demo"), Business) and business("demo") == business("demo")
