"""Facebook Messenger: who signed it, what it means, and what goes out.

Config: `page_id`, and `app_id`, which tells our own echoes from a colleague's. Secrets: `page_access_token`,
`app_secret` (`app_secret_previous` while it is rotated), `verify_token`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.messenger_updates import read_notification
from channels.meta import answer_handshake, check_signature, split_batch
from channels.payload import read_json
from runtime.core.messages import Inbound, OutboundPart
from runtime.errors import ProviderUnavailable
from runtime.ports import Connection, Delivery, Outbound, Parsed, RawRequest, Secrets


@dataclass(frozen=True, slots=True)
class MessengerChannel:
    """The channel. `strict` turns what Messenger would refuse into a BugError; tests want that."""

    strict: bool = False
    connector: str = "messenger"

    def verify(self, request: RawRequest, secrets: Secrets) -> None:
        """Our app's secret must have signed the bytes."""
        check_signature(request, secrets)

    def handshake(self, request: RawRequest, secrets: Secrets) -> str:
        """Meta's question when the address is entered."""
        return answer_handshake(request, secrets)

    def parse(self, request: RawRequest) -> Parsed:
        """Everything that the notification holds."""
        return Parsed(read_notification(read_json(request.body)))

    def split(self, request: RawRequest) -> tuple[bytes, ...]:
        """One body for each event or change."""
        return split_batch(request, ("messaging", "standby", "changes"))

    def is_for(self, event: Inbound, config: Mapping[str, str], *, strictly: bool) -> bool:
        """By the page's id."""
        named, ours = event.account, config.get("page_id", "")
        return named == ours and bool(ours) if strictly else not (named and ours) or named == ours

    async def send(self, part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
        """Hand one part to Messenger."""
        raise ProviderUnavailable(f"Messenger cannot be written to yet; part {part.id} waits.", sent=False)
