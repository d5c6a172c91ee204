"""Situations M3 and M5: what is edited or deleted before it was read."""

from __future__ import annotations

from datetime import UTC, datetime

from runtime.codec import Boxed, Origin
from runtime.core.events import Deleted, Edited, Event, Message, Said
from runtime.turn import grouped, mended

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _box(*events: Event) -> list[Boxed]:
    return [Boxed(f"e{n}", event, Origin("c", "telegram", "chat", "contact")) for n, event in enumerate(events)]


def _said(name: str, text: str) -> Said:
    return Said((Message(name, text, NOW),), NOW)


def test_m3_only_the_new_text_is_read_and_every_event_is_counted() -> None:
    events = _box(_said("m1", "Dienstag"), Edited("m1", "Mittwoch", NOW), Edited("m1", "Donnerstag", NOW))
    groups = grouped(mended(events))
    assert [m.text for g in groups if isinstance(g.event, Said) for m in g.event.messages] == ["Donnerstag"]
    assert sum(len(group.boxed) for group in groups) == 3


def test_m5_what_is_deleted_before_it_was_read_is_never_read() -> None:
    events = _box(_said("m1", "geheim"), _said("m2", "Termin bitte"), Deleted("m1", NOW))
    groups = grouped(mended(events))
    assert [m.text for g in groups if isinstance(g.event, Said) for m in g.event.messages] == ["Termin bitte"]
    assert "geheim" not in str(groups) or all("geheim" not in str(group.event) for group in groups)
    assert sum(len(group.boxed) for group in groups) == 3


def test_a_plain_burst_is_left_as_it_is() -> None:
    events = _box(_said("m1", "Dienstag"), _said("m2", "um drei"))
    assert mended(events) is events
