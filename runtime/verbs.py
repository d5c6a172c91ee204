"""What a channel may know beside its three verbs. Who needs one of these asks whether the channel has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from runtime.core.messages import OutboundPart
from runtime.ports import Allowance, Connection, Outbound


@runtime_checkable
class Cutting(Protocol):
    """A channel whose provider takes some parts only as several messages."""

    def pieces(self, part: OutboundPart) -> tuple[OutboundPart, ...]:
        """The part itself, or what makes one message each, in order. Pure, and the same each time."""


@runtime_checkable
class Paced(Protocol):
    """A channel whose provider takes only so much in a time, from all workers together."""

    def pace(self, part: OutboundPart, connection: Connection) -> tuple[str, tuple[Allowance, ...]]:
        """Whose limits count, and which they are. Pure."""


@runtime_checkable
class Attentive(Protocol):
    """A channel that can show that a message was read and that somebody writes. Best effort, never raises."""

    async def typing(
        self, chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]
    ) -> None:
        """Mark the message as read where the provider has that, and show "typing" until the answer, or seconds."""
