"""Frames of the web chat, and visitors that cannot be forged."""

from __future__ import annotations

import pytest

from channels.browser import BrowserChannel, sign_visitor, verify_visitor
from runtime.errors import BadRequest

CHANNEL = BrowserChannel()
SECRET = b"s" * 32


def test_a_visitor_keeps_its_id_at_its_tenant_only() -> None:
    visitor, token = CHANNEL.admit(SECRET, "salon", "", bytes(range(12)))
    assert CHANNEL.admit(SECRET, "salon", token, b"x" * 12) == (visitor, token)
    assert CHANNEL.admit(SECRET, "other", token, b"x" * 12)[0] != visitor
    assert CHANNEL.admit(b"t" * 32, "salon", token, b"x" * 12)[0] != visitor


@pytest.mark.parametrize("token", ["", ".", "v" + "0" * 24, "v" + "0" * 24 + "." + "0" * 64, "ä.ä", "x" * 9999])
def test_forged_visitors_are_nobody(token: str) -> None:
    assert verify_visitor(SECRET, "salon", token) is None


def test_another_visitors_signature_does_not_fit() -> None:
    mac = sign_visitor(SECRET, "salon", "v" + "1" * 24).partition(".")[2]
    assert verify_visitor(SECRET, "salon", f"v{'2' * 24}.{mac}") is None


def test_what_is_said_and_pressed() -> None:
    said = CHANNEL.read("v1", {"type": "say", "id": "m-1", "text": " Hallo "})
    assert (said.kind, said.text, said.event_id, said.message_id) == ("text", "Hallo", "v1:m-1", "m-1")
    assert said.conversation_id == said.sender_id == "v1" and said.answer
    pressed = CHANNEL.read("v1", {"type": "press", "id": "m-2", "payload": "q7:1", "label": "Ja"})
    assert (pressed.kind, pressed.payload, pressed.text) == ("button", "q7:1", "Ja")


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "say", "text": "x"},
        {"type": "say", "id": "a b", "text": "x"},
        {"type": "say", "id": "x" * 65, "text": "x"},
        {"type": "say", "id": "1", "text": " "},
        {"type": "say", "id": "1", "text": "x" * 4001},
        {"type": "say", "id": "1", "text": ["x"]},
        {"type": "press", "id": "1", "payload": ""},
        {"type": "press", "id": "1", "payload": "x" * 257},
        {"type": "shout", "id": "1", "text": "x"},
    ],
)
def test_odd_frames_are_refused(frame: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        CHANNEL.read("v1", frame)
