"""Facebook Messenger: who signed it, what it means, and what goes out.

Config: `page_id`, and `app_id`, which tells our own echoes from a colleague's. Secrets: `page_access_token`,
`app_secret` (`app_secret_previous` while it is rotated), `verify_token`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels import messenger_sending, meta_media
from channels.graph import Identity
from channels.messenger_updates import read_notification
from channels.meta import answer_handshake, check_signature, split_batch
from channels.payload import read_json
from runtime.core.messages import Attachment, Inbound, OutboundPart
from runtime.files import RemoteFile
from runtime.ports import Allowance, Connection, Delivery, Outbound, Parsed, RawRequest, Secrets


@dataclass(frozen=True, slots=True)
class MessengerChannel:
    """The channel."""

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

    def pieces(self, part: OutboundPart) -> tuple[OutboundPart, ...]:
        """The part, or what makes one message each."""
        return messenger_sending.pieces(part)

    def pace(self, part: OutboundPart, connection: Connection) -> tuple[str, tuple[Allowance, ...]]:
        """How fast it may go out, over all workers."""
        return messenger_sending.pace(part, connection)

    async def send(self, part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
        """Hand one part to Messenger, piece by piece."""
        return await messenger_sending.send_part(part, connection, http)

    async def typing(
        self, chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]
    ) -> None:
        """Mark what came as read and show "typing". Best effort."""
        await messenger_sending.typing(chat, message_id, connection, http, extra)

    async def fetch(self, attachment: Attachment, connection: Connection, http: Outbound) -> RemoteFile:
        """Where a customer's file lies, for a while."""
        return meta_media.by_address(attachment, connection)

    async def who_am_i(self, connection: Connection, http: Outbound) -> Identity:
        """Whom the token speaks for; raises ProviderRefused when it is wrong."""
        return await messenger_sending.who_am_i(connection, http)
