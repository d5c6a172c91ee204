"""Situations N1 to N3 and law 13: who may be sent what, as a matrix of kind, channel and what was said."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.consent import KINDS, given, may_send, opted_out, started, stopped, wrote_again
from runtime.core.conversation import Conversation
from runtime.core.events import OptedOut
from tests.core.desk import desk
from tests.core.talk import NOW, Talk

CHANNELS = ("telegram", "whatsapp_cloud", "twilio_sms", "webchat", "terminal", "api", "email")
NONE: set[str] = set()
MATRIX = {
    "fresh": {"answer", "reminder", "nudge"},
    "stop": NONE,
    "stop, wrote again": {"answer"},
    "stop, start": {"answer"},
    "stop, start, yes": {"answer", "reminder", "nudge"},
    "reminders off": {"answer"},
    "marketing on": {"answer", "reminder", "nudge", "marketing"},
    "marketing on, stop, start, yes": {"answer", "reminder", "nudge"},
    "blocked us": NONE,
    "blocked us, wrote again": {"answer", "reminder", "nudge"},
    "suspended": {"answer"},
    "paused": {"answer", "reminder"},
    "illness": {"answer", "reminder"},
    "loss": {"answer"},
}


def _brought_to(state: str, conversation: Conversation) -> Conversation:
    for what in state.split(", "):
        match what:
            case "stop":
                conversation = stopped(conversation)
            case "start":
                conversation = started(conversation)
            case "wrote again":
                conversation = wrote_again(conversation)
            case "yes":
                conversation = given(conversation, "reminder", True)
            case "reminders off":
                conversation = given(conversation, "reminder", False)
            case "marketing on":
                conversation = given(conversation, "marketing", True)
            case "blocked us":
                conversation = opted_out(conversation, OptedOut(NOW, blocked=True))[0]
            case "suspended" | "paused":
                conversation = dataclasses.replace(conversation, desk=desk(status=what))
            case "loss" | "illness":
                conversation = dataclasses.replace(conversation, gentle=what)
    return conversation


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("state", MATRIX)
def test_n1_n3_kind_by_channel(state: str, channel: str) -> None:
    conversation = _brought_to(state, Talk(channel=channel).conversation)
    assert {kind for kind in KINDS if may_send(conversation, kind)} == MATRIX[state]


def test_n1_a_session_of_an_older_version_that_opted_out_stays_out() -> None:
    old = dataclasses.replace(Talk().conversation, opted_out=True)
    assert not any(may_send(old, kind) for kind in KINDS)
    assert may_send(wrote_again(old), "answer") and not may_send(wrote_again(old), "reminder")
