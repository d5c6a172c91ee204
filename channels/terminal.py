"""The terminal's side of a channel: a line in, parts out.

Piped, a part is its plain text and nothing else, so that a script can read it. In a real terminal it gets a little air.
Buttons are numbered lines; a bare number typed after them presses the button.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from channels.payload import clean_text
from runtime.core.messages import Inbound, OutboundPart, RenderedButton

CONNECTOR = "terminal"


def read_line(
    line: str, *, chat: str, message_id: str, language: str = "", buttons: Sequence[RenderedButton] = ()
) -> Inbound | None:
    """What a typed line means; `buttons` are those shown last. None for an empty line."""
    text = clean_text(line).strip()
    if not text:
        return None
    pressed = _pressed(text, buttons)
    return Inbound(
        kind="button" if pressed else "text",
        event_id=f"{chat}:{message_id}",
        conversation_id=chat,
        sender_id=chat,
        answer=True,
        message_id=message_id,
        text=pressed.text if pressed else text,
        payload=pressed.payload if pressed else "",
        language=language,
    )


def _pressed(text: str, buttons: Sequence[RenderedButton]) -> RenderedButton | None:
    number = text.removesuffix(".").removesuffix(")")
    if not (number.isascii() and number.isdecimal() and len(number) <= 3):
        return None
    return buttons[int(number) - 1] if 1 <= int(number) <= len(buttons) else None


def render_part(part: OutboundPart, *, width: int = 0) -> str:
    """A part for the terminal, its buttons numbered. With `width` its lines are wrapped; 0 is for a pipe."""
    lines = [line for paragraph in part.text.splitlines() for line in _wrapped(paragraph, width)]
    lines += [f"  {number}  {button.text}" for number, button in enumerate(part.buttons, 1)]
    return "\n".join(_without_controls(line) for line in lines)


def _wrapped(paragraph: str, width: int) -> list[str]:
    if width <= 0 or not paragraph.strip():
        return [paragraph]
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)


def _without_controls(line: str) -> str:
    """No escape codes: a customer's own words come back in a reply and must not steer anybody's terminal."""
    return "".join(char for char in line if char == "\t" or (ord(char) >= 32 and not 127 <= ord(char) < 160))
