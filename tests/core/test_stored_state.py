"""Law 8: states of older versions load and go on; a newer one is left to a newer worker.

`states/v<n>.json` is a session as version n stored it: a booking done, one parked with offers, a move to be confirmed,
a wish that waits. Never change such a file; a new version brings a new one.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import orjson
import pytest

from runtime.codec import NewerShape, State, dump_state, load_state
from runtime.core.commands import Affirm, Cancel
from runtime.core.shapes import VERSION
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
