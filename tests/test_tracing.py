"""Places in a trace are read, carried and told; a stage is timed whether or not anybody listens."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from runtime.codec import Boxed, Origin, box, load_part, unbox
from runtime.core.events import OptedIn
from runtime.telemetry import exposition
from runtime.tracing import Span, Trail, current_place, listen, new_place, read_traceparent, standing_in, trace_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    told: list[Span] = []
    stop = listen(told.append)
    yield told
    stop()


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (f"00-{TRACE}-{PARENT}-01", f"{TRACE}-{PARENT}"),
        (f" 00-{TRACE}-{PARENT}-00 ", f"{TRACE}-{PARENT}"),
        (f"01-{TRACE}-{PARENT}-01-more", f"{TRACE}-{PARENT}"),
        (f"00-{TRACE}-{PARENT}-01-more", ""),
        (f"ff-{TRACE}-{PARENT}-01", ""),
        (f"00-{'0' * 32}-{PARENT}-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE.upper()}-{PARENT}-01", ""),
        ("'; drop table turns; --", ""),
        ("", ""),
    ],
)
def test_traceparent_is_read_or_left(header: str, place: str) -> None:
    assert read_traceparent(header) == place


def test_a_trail_goes_on_with_its_parents_trace() -> None:
    webhook = Trail(f"{TRACE}-{PARENT}")
    with standing_in(webhook):
        assert current_place() == webhook.here
    turn = Trail(webhook.here)
    assert turn.trace == webhook.trace == TRACE and len({webhook.here, turn.here, PARENT}) == 3
    assert Trail("what is no place").trace != "what is no place" and trace_of(new_place())


def test_stages_are_noted_and_told(spans: list[Span]) -> None:
    turn = Trail(f"{TRACE}-{PARENT}", links=(new_place(),), tenant="salon")
    with turn.stage("read", "find_slots") as stage:
        stage.outcome = "done"
    with pytest.raises(KeyError), turn.stage("commit"):
        raise KeyError("what somebody wrote")
    turn.end("turn", "replied")
    assert [(step[0], step[3]) for step in turn.steps] == [("read find_slots", "done"), ("commit", "KeyError")]
    read, _, whole = spans
    assert (read.trace, read.parent, read.facts) == (TRACE, whole.id, {"tenant": "salon", "action": "find_slots"})
    assert whole.parent == PARENT and whole.links == turn.links and whole.ended_ns >= read.ended_ns
    assert b'frontdesk_stage_seconds_count{stage="read"}' in exposition()


def test_the_place_travels_beside_the_origin_so_that_older_workers_read_the_event() -> None:
    origin = Origin("c", "telegram", "1", "x", trace=f"{TRACE}-{PARENT}", came_ms=5)
    raw = box(Boxed("e1", OptedIn(NOW), origin))
    assert unbox(raw).origin == origin
    stored = orjson.loads(raw)
    assert set(stored["o"]) <= {field.name for field in dataclasses.fields(Origin)} - {"trace", "came_ms"}
    newer = {**stored, "o": {**stored["o"], "of_a_newer_version": 1}}
    assert unbox(orjson.dumps(newer)).origin == origin


def test_bytes_without_a_place_still_load() -> None:
    raw = (
        b'{"v":1,"id":"e1","t":"OptedIn","e":{"now":"2026-11-20T09:00:00Z"},"o":{"connection":"c","channel":"telegram",'
    )
    assert unbox(raw + b'"chat":"1","contact":"x"}}').origin.trace == ""
    part = {"id": "p", "tenant": "t", "connection": "c", "conversation": "v", "chat": "1", "author": "bot"}
    loaded = load_part({**part, "generation": 0, "text": "Guten Tag"})
    assert (loaded.trace, loaded.at_ms) == ("", 0)
