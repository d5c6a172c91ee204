"""Telegram (Bot API 10.1): verify, parse, send, and what a bot owes Telegram besides.

Secrets: `bot_token`, `webhook_secret`, optionally
`webhook_secret_previous` (during a rotation) and `api_url` (another server than Telegram's own).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from channels.payload import read_json
from channels.telegram_media import where
from channels.telegram_sending import best_effort, call, pieces, send_part, way_back
from channels.telegram_updates import ALLOWED_UPDATES, Mark, read_update
from runtime.comparing import is_same
from runtime.core.messages import Attachment, Inbound, OutboundPart
from runtime.errors import NotAllowed
from runtime.files import RemoteFile
from runtime.ports import Connection, Delivery, Outbound, Parsed, RawRequest, Secrets, WebhookState

_SECRET_HEADER = "x-telegram-bot-api-secret-token"


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who a token belongs to."""

    id: str
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class TelegramChannel:
    """The channel. `strict` turns a button that Telegram would refuse into a BugError; tests want that."""

    strict: bool = False
    connector: str = "telegram"

    def verify(self, request: RawRequest, secrets: Secrets) -> None:
        """The header must equal the secret that we gave to setWebhook."""
        given = request.headers.get(_SECRET_HEADER, "")
        known = [secrets.get("webhook_secret", ""), secrets.get("webhook_secret_previous", "")]
        if not any(is_same(given, one) for one in known):
            raise NotAllowed("The request lacks Telegram's secret token. Register the webhook again for this tenant.")

    def parse(self, request: RawRequest) -> Parsed:
        """The update's events. The webhook's address may carry our user name (`?bot=`), for groups."""
        update = read_json(request.body)
        number = update.ident("update_id") or hashlib.blake2s(request.body, digest_size=10).hexdigest()
        mark = Mark(f"telegram:{number}", update.number("update_id"), request.query.get("bot", ""))
        return Parsed(read_update(update, mark))

    def pieces(self, part: OutboundPart) -> tuple[OutboundPart, ...]:
        """The part, or what makes one message each."""
        return pieces(part, strict=self.strict)

    async def send(self, part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
        """Send one part: a text, files, a place, a card, a reaction."""
        return await send_part(part, connection, http, strict=self.strict)

    async def acknowledge(self, inbound: Inbound, secrets: Secrets, http: Outbound) -> None:
        """Stop the spinner on a pressed button. Best effort: the answer does not depend on it."""
        if inbound.kind == "button" and inbound.message_id:
            body = {"callback_query_id": inbound.message_id}
            await best_effort("answerCallbackQuery", body, secrets, http)

    async def typing(
        self, chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]
    ) -> None:
        """Show "typing" for up to five seconds; a bot cannot mark a message as read. Best effort."""
        body = {"chat_id": chat, "action": "typing", **way_back(extra)}
        body.pop("direct_messages_topic_id", None)  # sendChatAction does not know it
        await best_effort("sendChatAction", body, connection.secrets, http)

    async def fetch(self, attachment: Attachment, connection: Connection, http: Outbound) -> RemoteFile:
        """Where a customer's file lies now."""
        return await where(attachment, connection, http)

    async def who_am_i(self, secrets: Secrets, http: Outbound) -> BotIdentity:
        """Whose token this is; raises ProviderRefused when Telegram does not know it."""
        me = (await call("getMe", {}, secrets, http)).child("result")
        return BotIdentity(me.ident("id"), me.text("username"), me.text("first_name"))

    async def register_webhook(self, public_url: str, tenant: str, secrets: Secrets, http: Outbound) -> str:
        """Tell Telegram where to send this tenant's updates; returns the address. `public_url` includes a base path."""
        me = await self.who_am_i(secrets, http)
        url = f"{public_url.rstrip('/')}/webhook/telegram/{tenant}?bot={me.username}"
        body = {
            "url": url,
            "secret_token": secrets.get("webhook_secret", ""),
            "allowed_updates": list(ALLOWED_UPDATES),
            "max_connections": 40,
        }
        await call("setWebhook", body, secrets, http)
        return url

    async def webhook_state(self, secrets: Secrets, http: Outbound) -> WebhookState:
        """Where Telegram sends this bot's updates, and how that goes."""
        info = (await call("getWebhookInfo", {}, secrets, http, timeout_s=5.0)).child("result")
        failed = info.number("last_error_date")
        at = datetime.fromtimestamp(failed, UTC) if failed else None
        error = info.text("last_error_message")[:200]
        return WebhookState(info.text("url"), info.number("pending_update_count"), error, at)
