"""What the desk said in a turn, as the Python API hands it out: texts that know their buttons."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.core.messages import OutboundPart, RenderedButton
from runtime.ports import ChatEntry


class Reply(str):
    """One bubble: its text, with the buttons and the part behind it."""

    part: OutboundPart

    @classmethod
    def of(cls, part: OutboundPart) -> Reply:
        """The reply of a part."""
        reply = cls(part.text)
        reply.part = part
        return reply

    @property
    def text(self) -> str:
        """What the customer reads."""
        return self.part.text

    @property
    def buttons(self) -> tuple[RenderedButton, ...]:
        """What the customer may press."""
        return self.part.buttons


def replies_to(entries: Sequence[ChatEntry], message_id: str) -> list[Reply]:
    """The parts of the turn that took a message in."""
    replies: list[Reply] = []
    for entry in entries:
        if entry.part is not None:
            replies.append(Reply.of(entry.part))
        elif entry.kind == "turn":
            if message_id in entry.ids:
                return replies
            replies = []
        elif entry.kind == "said":
            replies = []
    return []
