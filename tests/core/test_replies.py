"""The words: both languages complete, one question at most, Sie or du, weekday and date, short digressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import pytest

import runtime.core
from runtime.core.commands import (
    Affirm,
    Ask,
    Cancel,
    Command,
    Deny,
    Handoff,
    Help,
    Refine,
    Repeat,
    Restart,
    Set,
    Skip,
    Smalltalk,
    Start,
    Unclear,
    Undo,
    Wait,
    Why,
)
from runtime.core.events import Outcome
from runtime.core.messages import Say
from runtime.core.values import ANY, Value, When
from runtime.flow_files import missing_words
from runtime.wording import Context, Entry
from tests.core.desk import business, desk, flows, wording
from tests.core.talk import BOOK, CANCEL, MOVE, SUNDAY, TUESDAY, WEDNESDAY, Reply, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to

QUESTIONS = re.compile(
    r"^(ask\.|ask_person$|either|menu$|resume|clarify|agree|what_to_change|stop_or_cancel|"
    r"confirm\.([\w]+\.)?(again|options)$|\w+_summary|"
    r"offers\.(start|appointment)(\.|$))"
)
SIE = re.compile(r"\b(Sie|Ihnen|Ihr|Ihre[mnrs]?)\b")
DU = re.compile(r"\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]ein(e[mnrs]?)?|[Ee]uch|[Ee]uer|[Ee]ure[mnrs]?)\b")
DATED = re.compile(
    r"(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), \d{1,2}\. [A-ZÄ]\w+, \d{1,2}(:\d\d)? Uhr|"
    r"\w+day \d{1,2} \w+, \d{1,2}(:\d\d)? [ap]m"
)
PLACE = re.compile(r"\{(\w+)\}")
LANGUAGES = ("de", "en")
VOICES = [("de", "formal"), ("de", "informal"), ("en", "formal")]


def variants(entry: Entry) -> Iterator[tuple[str, str]]:
    """All texts of an entry, each with its formality ("" for one that serves both)."""
    if isinstance(entry, Mapping):
        for formality, texts in entry.items():
            yield from ((formality, text) for text in ([texts] if isinstance(texts, str) else texts))
    elif isinstance(entry, str):
        yield "", entry
    else:
        yield from (("", text) for text in entry)


def texts(language: str) -> list[tuple[str, str, str]]:
    """Name, formality and text of everything in a language."""
    return [(name, *found) for name, entry in wording().replies[language].items() for found in variants(entry)]


ALL = [(language, *found) for language in LANGUAGES for found in texts(language)]


def test_every_saying_exists_in_both_languages() -> None:
    assert set(wording().replies["de"]) == set(wording().replies["en"])


@pytest.mark.parametrize("name", wording().replies["de"])
def test_both_languages_name_the_same_values(name: str) -> None:
    places = [
        {place for _, text in variants(wording().replies[language][name]) for place in PLACE.findall(text)}
        for language in LANGUAGES
    ]
    assert places[0] == places[1]


def test_every_variant_names_the_same_values() -> None:
    for language in LANGUAGES:
        for name, entry in wording().replies[language].items():
            assert len({frozenset(PLACE.findall(text)) for _, text in variants(entry)}) == 1, name


def test_a_question_mark_stands_in_questions_only_and_there_just_once() -> None:
    wrong = [
        (language, name, text) for language, name, _, text in ALL if text.count("?") != bool(QUESTIONS.match(name))
    ]
    assert not wrong


def test_i6_german_addresses_with_sie_or_du_never_both() -> None:
    for name, formality, text in texts("de"):
        assert not (SIE.search(text) and DU.search(text)), name
        if formality != "formal":
            assert not SIE.search(text), f"{name}: write {{formal, informal}}"
        if formality != "informal":
            assert not DU.search(text), f"{name}: write {{formal, informal}}"


def test_where_there_are_two_forms_both_are_there() -> None:
    for language in LANGUAGES:
        for name, entry in wording().replies[language].items():
            if isinstance(entry, Mapping):
                assert set(entry) == {"formal", "informal"}, name


def test_optional_stretches_are_closed_and_plain() -> None:
    for _, name, _, text in ALL:
        assert text.count("[[") == text.count("]]") and "  " not in text and text == text.strip(), name


def test_german_has_real_umlauts_and_quotes() -> None:
    for name, _, text in texts("de"):
        assert not re.search(r"\b(fuer|moechte|koennen|ueber|spaeter|naechste)\b", text), name
        assert '"' not in text and "'" not in text, name


def test_every_saying_that_the_core_names_has_words() -> None:
    folder = Path(runtime.core.__file__).parent
    found: set[str] = set()
    for path in folder.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'"(?:notice|answer|acknowledgement|question|closing)",\s*f?"([\w.{}]+)"', source))
        found |= set(re.findall(r'\bSay\(f?"([\w.{}]+)"', source))
    parts = {"notice", "answer", "acknowledgement", "question", "closing"}
    plain = {name for name in found - parts if "{" not in name}
    assert len(plain) > 20
    for name in plain:
        for language in LANGUAGES:
            assert wording().has(name, language), name


def test_the_flows_have_all_their_words() -> None:
    for flow in flows().values():
        assert not missing_words(flow, wording(), LANGUAGES, flow.id)


# ---- whole talks


def talks(language: str, formality: str) -> Iterator[Talk]:
    """Talks that together pass by every question and nearly every saying."""
    digressions: Sequence[Command] = (
        Ask("Was kostet das?", "prices"), Why(), Why(options=True), Help(), Repeat(), Repeat(), Wait(), Unclear(),
        Unclear("scope"), Unclear("media"), Smalltalk("thanks"), Smalltalk("identity"), Smalltalk("wellbeing"),
        Smalltalk("blame"), Smalltalk("other"), Skip("unknown"), Skip("refused"), Deny(), Affirm(), Refine("later"),
        Refine("more"), Refine("other_day"), Cancel(), Cancel(ambiguous=True), Undo(), Restart(), Handoff(),
        wish(at(SUNDAY, 10)), wish(ANY), Set("guest", "", "mother"), Start(CANCEL), Start(MOVE),
        Start("my_appointments"),
    )  # fmt: skip
    for place in ("", *STEPS):
        for command in digressions:
            talk = Talk(desk=desk(business(formality)), language=language)
            if place:
                bring_to(talk, place)
            talk.say(command)
            talk.say(Unclear())
            yield talk
    for answers in ((Affirm(), Affirm()), (Deny(), Deny()), (Deny(), Affirm())):
        talk = Talk(desk=desk(business(formality)), language=language)
        for task in (Start(BOOK), Start(MOVE), Start(CANCEL), Undo(), Undo()):
            sets = (wish(at(WEDNESDAY, 10)),) if task == Start(MOVE) else ()
            if task == Start(BOOK):
                talk.to_confirm()
            else:
                talk.say(task, *sets)
            for answer in answers:
                talk.say(answer)
        yield talk


@cache
def replies(language: str, formality: str) -> tuple[Reply, ...]:
    """Every reply of these talks, played once."""
    return tuple(reply for talk in talks(language, formality) for reply in talk.replies)


@pytest.mark.parametrize(("language", "formality"), VOICES)
def test_every_reply_reads_well(language: str, formality: str) -> None:
    number = 0
    for reply in replies(language, formality):
        number += 1
        for send, text in zip(reply.sends, reply.texts, strict=True):
            waits = reply.question is not None or "menu" in reply.names
            assert text.count("?") == (1 if waits and "take_your_time" not in reply.names else 0), text
            assert not re.search(r"[{}\[\]|]|  |\.\.|,,| ,| \.|None|\bcut\b|\bpaul\b|_", text), text
            assert text[0].isupper() and (text[-1] in ".?:" or text.splitlines()[-1].startswith("– ")), text
            assert language == "de" or not re.search(r"Haarschnitt|Bartpflege|Uhr\b", text), text
            assert not (SIE.search(text) and DU.search(text)), text
            assert language != "de" or not (DU if formality == "formal" else SIE).search(text), text
            assert len(text) < 420, text
            for button in reply.buttons:
                assert button.text and not re.search(r"[{}\[\]_]", button.text), button
                assert len(button.payload.encode()) <= 64
            assert (
                send.buttons == ()
                or reply.question is not None
                or "menu" in reply.names
                or "stay||" in str(send.buttons)
            )
    assert number > 700


@pytest.mark.parametrize(("language", "formality"), VOICES)
def test_what_confirms_names_weekday_and_date(language: str, formality: str) -> None:
    names = ("booking_summary", "move_summary", "cancel_summary", "undo_summary.", "booked", "moved", "undone.")
    seen: set[str] = set()
    for reply in replies(language, formality):
        for name in reply.names:
            if name.startswith((*names, "appointment_cancelled", "already.book", "already.move")):
                assert DATED.search(reply.text), reply.text
                seen.add(name)
    assert {"booking_summary", "move_summary", "cancel_summary", "booked", "moved", "appointment_cancelled"} <= seen


@pytest.mark.parametrize(("language", "formality"), VOICES)
@pytest.mark.parametrize("place", STEPS)
def test_a_digression_is_answered_shortly(place: str, language: str, formality: str) -> None:
    talk = Talk(desk=desk(business(formality)), language=language)
    bring_to(talk, place)
    for command in (Ask("Was kostet das?", "prices"), Smalltalk("thanks"), Smalltalk("identity"), Why()):
        text = talk.say(command).text
        assert text.count("\n") <= 1 and len(text) <= 210, text


def said(saying: str, language: str = "de", /, **values: Value) -> str:
    """One saying in words."""
    return wording().text(Say(saying, values), Context(desk(), language))


ACKNOWLEDGED: list[tuple[dict[str, Value], str, str]] = [
    ({"service": "cut"}, "Haarschnitt, gern.", "Haircut, certainly."),
    ({"start": "2026-11-24T15:00:00+01:00"}, "Dienstag, 24. November, 15 Uhr, gern.",
     "Tuesday 24 November, 3 pm, certainly."),
    ({"name": "Meier"}, "Danke, notiert auf Meier.", "Thank you, noted under Meier."),
    ({"phone": "+4915123456"}, "Danke, die Nummer ist notiert.", "Thank you, I have the number."),
    ({"service": "cut", "staff": "anna"}, "Haarschnitt bei Anna, gern.", "Haircut with Anna, certainly."),
    ({"staff": "anna", "start": "2026-11-24", "service": "cut"}, "Haarschnitt bei Anna, Dienstag, 24. November, gern.",
     "Haircut with Anna, Tuesday 24 November, certainly."),
    ({"service": "cut", "name": "Meier"}, "Haarschnitt, für Meier, notiert.", "Haircut, for Meier, noted."),
    ({"service": "cut", "staff": ANY}, "Haarschnitt, gern.", "Haircut, certainly."),
    ({"guest": "mother"}, "", ""),
    ({"start": When(from_clock=time(13))}, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("values", "german", "english"), ACKNOWLEDGED)
def test_acknowledgements(values: dict[str, Value], german: str, english: str) -> None:
    assert said("ack", **values) == german
    assert said("ack", "en", **values) == english


def test_closed_for_the_day_or_only_at_that_time() -> None:
    assert said("offers.closed", closed_day="2026-11-22") == "Am Sonntag, 22. November, haben wir geschlossen."
    assert said("offers.closed") == "Um diese Zeit haben wir geschlossen."
    assert said("offers.closed", "en", closed_day="2026-11-22") == "We're closed on Sunday 22 November."
    assert said("offers.closed", "en") == "We're closed at that time."


def test_a_reason_is_not_said_twice() -> None:
    talk = Talk()
    talk.diary.dictated["booking.find_free_times"] = [Outcome("done", "none", {"notice": "nothing_then"})]
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    assert "offers.nothing_then" in reply.names and "no_free_time" not in reply.names
    assert reply.asks == ("change", "")


def test_the_same_talk_formal_and_informal() -> None:
    told = []
    for formality in ("formal", "informal"):
        talk = Talk(desk=desk(business(formality)))
        told.append(talk.say(Start(BOOK), Set("service", "", "cut")).text)
    assert "Ihnen?" in told[0] and told[1] == told[0].replace("Ihnen", "dir")


def test_one_offer_asks_for_yes_or_no() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    (offer, *_) = talk.conversation.stack[-1].results["free_times"].offers
    talk.diary.dictated["booking.find_free_times"] = [Outcome("done", "offers", {}, (offer,))]
    assert "Passt sie Ihnen?" in talk.say(wish(When(days=(WEDNESDAY,)))).text


def test_my_appointments_are_listed() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    talk.diary.add("beard", datetime(2026, 11, 25, 14, 0, tzinfo=UTC), "paul")
    reply = talk.say(Start("my_appointments"))
    assert reply.text.splitlines()[-2:] == [
        "– Dienstag, 24. November, 15 Uhr: Haarschnitt bei Anna",
        "– Mittwoch, 25. November, 15 Uhr: Bartpflege bei Paul",
    ]
