"""Lines in, parts out."""

from __future__ import annotations

from channels.terminal import read_line, render_part
from runtime.core.messages import RenderedButton
from tests.channels.contract import part

BUTTONS = (RenderedButton("Dienstag, 24. November, 15:00", "q1:1"), RenderedButton("Mittwoch, 9:00", "q1:2"))


def test_a_line_is_a_message() -> None:
    inbound = read_line(" Hallo \n", chat="me", message_id="1")
    assert inbound is not None and (inbound.kind, inbound.text, inbound.event_id) == ("text", "Hallo", "me:1")
    assert read_line("  ", chat="me", message_id="2") is None


def test_a_number_presses_the_button_it_stands_before() -> None:
    for typed in ("2", "2.", "2)"):
        inbound = read_line(typed, chat="me", message_id="1", buttons=BUTTONS)
        assert inbound is not None and (inbound.kind, inbound.payload, inbound.text) == (
            "button",
            "q1:2",
            "Mittwoch, 9:00",
        )
    for typed in ("3", "0", "²", "zwei", "15:00", "2 Personen"):
        inbound = read_line(typed, chat="me", message_id="1", buttons=BUTTONS)
        assert inbound is not None and (inbound.kind, inbound.text) == ("text", typed)


def test_parts_are_plain_text_with_numbered_buttons() -> None:
    shown = render_part(part("Wann passt es?", buttons=BUTTONS))
    assert shown == "Wann passt es?\n  1  Dienstag, 24. November, 15:00\n  2  Mittwoch, 9:00"
    assert render_part(part("eins zwei drei"), width=9) == "eins zwei\ndrei"


def test_nobody_steers_a_terminal() -> None:
    assert render_part(part("rot\x1b[31m\x07\x9b1m\r\nneu")) == "rot[31m1m\nneu"
