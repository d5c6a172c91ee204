"""What a journal entry holds of an event: the same data as by the long way, only written once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import orjson
import pytest

from runtime.codec import Unreadable, dump_facts, journaled, plain, read_journaled
from runtime.core.commands import (
    Affirm,
    Back,
    Deny,
    Handoff,
    Help,
    Restart,
    Set,
    Skip,
    Start,
    Unclear,
    Undo,
    Wait,
)
from runtime.core.events import Acted, Event, Message, Outcome, Pressed, Said, TimerFired, Understood
from runtime.core.messages import OutboundPart, RenderedButton
from runtime.core.values import Offer, When

NOW = datetime(2026, 11, 20, 9, 0, 0, 4200, tzinfo=UTC)
WISH = When(days=(date(2026, 11, 24),), clock=(time(15),), from_clock=time(9, 30))
OFFER = Offer("20261124T1400-mara", {"start": "2026-11-24T15:00:00+01:00"}, {"staff_name": "Mara"})
EVENTS: tuple[Event, ...] = (
    Said((Message("1", 'Käse 🧀 "x" \\ \n\u2028', NOW, kind="text"),), NOW.replace(microsecond=0)),
    Pressed("yes|q1|", "2", NOW.astimezone(timezone(timedelta(hours=1))), NOW),
    Understood((Start("book_appointment"), Set("start", "Dienstag um 15 Uhr", WISH), Affirm()), "de", NOW, ("rules",)),
    Understood((Set("count", "sehr viele", 10**30),), "de", NOW),
    Acted("demo/c/s/1/1", Outcome("done", "offers", {"notice": "", "count": 3, "ok": True}, (OFFER,)), NOW),
    TimerFired("handoff", 3, NOW),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_journaled_as_its_plain_data(event: Event) -> None:
    entry = orjson.loads(dump_facts({"events": [journaled(event)]}))
    kinds = {"kinds": [type(one).__name__ for one in event.commands]} if isinstance(event, Understood) else {}
    assert entry["events"] == [{"type": type(event).__name__, **kinds, **plain(event)}]


@pytest.mark.parametrize("event", [*EVENTS[:3], *EVENTS[4:]], ids=lambda event: type(event).__name__)
def test_a_journaled_event_is_read_back_as_it_was(event: Event) -> None:
    assert read_journaled(orjson.loads(dump_facts({"event": journaled(event)}))["event"]) == event


def test_commands_that_look_alike_are_told_apart() -> None:
    alike = (Wait(), Back(), Restart(), Help(), Skip("refused"), Unclear("words"), Handoff("asked"), Undo("a"))
    event = Understood(alike, "de", NOW)
    assert read_journaled(orjson.loads(dump_facts({"event": journaled(event)}))["event"]) == event


def test_commands_of_an_older_entry_are_known_by_their_fields() -> None:
    event = Understood((Skip("unknown"), Unclear("noise"), Handoff("asked"), Affirm("ja"), Deny("nein")), "de", NOW)
    entry = orjson.loads(dump_facts({"event": journaled(event)}))["event"]
    del entry["kinds"]
    assert read_journaled(entry) == event
    with pytest.raises(Unreadable):
        read_journaled({**entry, "commands": [{}]})


def test_a_command_that_has_grown_since_an_older_entry_is_still_known() -> None:
    """So an older version wrote it: without kinds, and `Start` had two fields."""
    start = {"flow": "book_appointment", "words": "Cleaning on Thursday"}
    entry = {"type": "Understood", "commands": [start], "language": "en", "now": NOW.isoformat()}
    assert read_journaled(entry) == Understood((Start(start["flow"], start["words"]),), "en", NOW)


def test_a_part_is_written_as_its_plain_data() -> None:
    buttons = (RenderedButton("Ja", "yes|q1|"),)
    part = OutboundPart("p", "t", "api", "c", "chat", "bot", 0, "Hallo", buttons=buttons, extra={"a": "b"})
    assert orjson.loads(dump_facts({"parts": [part]})) == {"parts": [plain(part)]}
