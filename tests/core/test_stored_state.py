"""Law 8: states of older versions load and go on; a newer one is left to a newer worker.

`states/v<n>.json` is a session as version n stored it: a booking done, one parked with offers, a move to be confirmed,
a wish that waits. Never change such a file; a new version brings a new one.

`states/shapes.txt` lists every stored field with its type and its rule:

  first   there since version 1 of everything
  2, 3..  workers of a lower version cannot read it or must not drop it: in use, it raises the version of the session,
          and its condition stands in `runtime/core/shapes.py` (the journal's: `runtime/entry.py`)
  kept    an older worker goes on without it: it keeps it in a session and a frame, and drops it elsewhere
  kind    part of a kind of event that came later: an older worker leaves a whole event that it does not know

A field's line changes when its type does, so a new literal needs a rule, too.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import orjson
import pytest

from runtime import codec
from runtime.codec import NewerShape, State, dump_state, load_state
from runtime.core.commands import Affirm, Cancel
from runtime.core.messages import OutboundPart
from runtime.core.shapes import NEEDS_2, VERSION
from tests.core.desk import desk, flows
from tests.core.talk import BOOK, MOVE, Talk

STATES = sorted((Path(__file__).parent / "states").glob("v*.json"))


def test_there_is_a_sample_of_every_version() -> None:
    assert [path.stem for path in STATES] == [f"v{number}" for number in range(1, VERSION + 1)]


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_an_old_state_loads_and_goes_on(path: Path) -> None:
    conversation = load_state(path.read_bytes()).conversation
    assert [frame.flow for frame in conversation.stack] == [BOOK, MOVE]
    assert conversation.question is not None and conversation.question.kind == "confirm"
    assert conversation.done is not None and conversation.todo[0].flow == BOOK
    pinned = {frame.hash: dataclasses.replace(flows()[frame.flow], hash=frame.hash) for frame in conversation.stack}
    talk = Talk()
    talk.desk = dataclasses.replace(desk(), pinned={**desk().pinned, **pinned})
    talk.conversation = dataclasses.replace(conversation, desk=talk.desk)
    talk.now = conversation.question.asked_at
    moved = conversation.stack[-1].chosen["appointment"]
    old = talk.diary.add("cut", talk.now.replace(day=24))
    talk.diary.appointments = {moved.id: dataclasses.replace(old, id=moved.id)}
    reply = talk.say(Affirm())
    assert [act.action for act in reply.writes] == ["booking.move"]
    assert "flow.back" in reply.names and reply.asks == ("offer", "start")
    reply = talk.say(Cancel())
    assert "flow.next" in reply.names and reply.asks == ("slot", "start")


def test_a_newer_state_is_left_to_a_newer_worker() -> None:
    raw = orjson.loads(STATES[-1].read_bytes())
    raw["conversation"]["version"] = VERSION + 1
    with pytest.raises(NewerShape):
        load_state(orjson.dumps(raw))


def test_a_field_that_we_do_not_know_is_kept_and_written_back() -> None:
    raw = orjson.loads(STATES[-1].read_bytes())
    raw["conversation"]["colour_of_the_wall"] = "white"
    raw["conversation"]["stack"][0]["mood"] = {"now": ["good"]}
    state = load_state(orjson.dumps(raw))
    assert state.conversation.stack[0].flow == BOOK
    conversation = dataclasses.replace(state.conversation, stack=state.conversation.stack[:1], turn=8)
    stored = orjson.loads(dump_state(State(conversation)))["conversation"]
    assert stored["colour_of_the_wall"] == "white" and stored["stack"][0]["mood"] == {"now": ["good"]}
    assert "beyond" not in stored and "beyond" not in stored["stack"][0] and stored["turn"] == 8


def test_a_plain_session_is_stored_so_that_the_version_before_reads_it() -> None:
    conversation = load_state(STATES[0].read_bytes()).conversation
    assert b'"version"' not in dump_state(State(conversation))


def test_what_the_version_before_cannot_go_on_with_says_so() -> None:
    conversation = load_state(STATES[0].read_bytes()).conversation
    assert conversation.question is not None
    agree = dataclasses.replace(conversation, question=dataclasses.replace(conversation.question, kind="agree"))
    raw = dump_state(State(agree))
    assert orjson.loads(raw)["conversation"]["version"] == 2
    back = dataclasses.replace(load_state(raw).conversation, question=conversation.question)
    assert b'"version"' not in dump_state(State(back)), "it goes down again as soon as nothing needs it"


# What is stored, field by field.

LISTING = Path(__file__).parent / "states" / "shapes.txt"
OF_THE_DESK = ("desk", "expectation", "beyond")
"""Never stored, or not under this name."""
GREW = ("Question.kind", "Ask.kind")
"""There since the first version; only their literals grew."""
ADVICE = """
A stored shape has changed. Decide what a worker of the release before does when it meets it, and change the line in
tests/core/states/shapes.txt; the docstring of tests/core/test_stored_state.py names the rules. A field that must not
be dropped, or a literal that is refused, needs a version: runtime/core/shapes.py."""


def classes() -> Iterator[type]:
    """Everything that is stored in a session, a box, an outbox or a timer."""
    waiting: list[Any] = [codec.State, codec.Origin, OutboundPart, *codec._KINDS.values()]
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
            seen.add(kind)
            waiting += [hint for name, hint in get_type_hints(kind).items() if name not in OF_THE_DESK]
            yield kind


def shapes() -> Iterator[str]:
    """Each stored field with its type."""
    for kind in classes():
        for name, hint in get_type_hints(kind).items():
            if name not in OF_THE_DESK:
                yield f"{kind.__name__}.{name}: {_shown(hint)}"


def _shown(kind: Any) -> str:
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])|typing\.", "", text)


def listed() -> dict[str, str]:
    """Each field of the listing with its rule."""
    lines = (line.split(None, 1) for line in LISTING.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    return {shape: rule for rule, shape in lines}


def test_every_stored_field_has_its_rule() -> None:
    stored, known = set(shapes()), set(listed())
    new, gone = sorted(stored - known), sorted(known - stored)
    assert not new and not gone, f"{ADVICE}\nnot listed: {new}\nlisted, but not so any more: {gone}"


def test_what_needs_a_version_has_its_condition() -> None:
    rules = {shape.partition(":")[0]: rule for shape, rule in listed().items()}
    assert {place for place, rule in rules.items() if rule == "2"} == set(NEEDS_2)
    assert set(rules.values()) <= {"first", "kept", "kind", *map(str, range(2, VERSION + 1))}


def test_what_came_later_has_a_default() -> None:
    """Else an old sample would not load. A shape that came as a whole needs none."""
    rules = listed()
    old = {shape.partition(".")[0] for shape, rule in rules.items() if rule == "first"}
    by_name = {kind.__name__: kind for kind in classes()}
    for shape, rule in rules.items():
        name, _, field = shape.partition(":")[0].partition(".")
        if rule != "first" and name in old and f"{name}.{field}" not in GREW:
            found = {one.name: one for one in dataclasses.fields(by_name[name])}[field]
            missing = dataclasses.MISSING
            assert found.default is not missing or found.default_factory is not missing, f"{shape} has no default"
