"""Telegram (Bot API 10.1): verify, parse, send, and what a bot owes Telegram besides.

The bot's token is part of every address: it must never stand in an error or a log line, so addresses are built in one
place here and only the method's name is spoken of. Secrets: `bot_token`, `webhook_secret`, optionally
`webhook_secret_previous` (during a rotation) and `api_url` (another server than Telegram's own).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from channels.payload import Fields, as_fields, read_json
from channels.splitting import split_text
from channels.telegram_updates import ALLOWED_UPDATES, Mark, read_update
from runtime.core.messages import Inbound, OutboundPart, RenderedButton
from runtime.errors import BugError, FrontdeskError, NotAllowed, ProviderRefused, ProviderUnavailable
from runtime.ports import Connection, Delivery, Outbound, Parsed, RawRequest, Secrets, WebhookState

API_URL = "https://api.telegram.org"
TEXT_LIMIT = 4096
PAYLOAD_LIMIT = 64
_SECRET_HEADER = "x-telegram-bot-api-secret-token"
_UNREACHABLE = ("chat not found", "user is deactivated", "bot was blocked", "bot was kicked")

log = logging.getLogger(__name__)


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
        given = request.headers.get(_SECRET_HEADER, "").encode()
        known = [secrets.get("webhook_secret", ""), secrets.get("webhook_secret_previous", "")]
        matches = [hmac.compare_digest(given, one.encode()) for one in known if one]
        if not given or not any(matches):
            raise NotAllowed("The request lacks Telegram's secret token. Register the webhook again for this tenant.")

    def parse(self, request: RawRequest) -> Parsed:
        """The update's events. The webhook's address may carry our user name (`?bot=`), for groups."""
        update = read_json(request.body)
        number = update.ident("update_id") or hashlib.blake2s(request.body, digest_size=10).hexdigest()
        mark = Mark(f"telegram:{number}", update.number("update_id"), request.query.get("bot", ""))
        return Parsed(read_update(update, mark))

    async def send(self, part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
        """Send one part; a text over Telegram's limit becomes several messages, the buttons stand under the last."""
        text, keyboard = _with_keyboard(part, self.strict)
        pieces = split_text(text, TEXT_LIMIT)
        if not pieces:
            raise BugError(f"Part {part.id} has no text. Every outgoing part needs one.")
        ids = []
        for last, piece in _marking_last(pieces):
            body = {"chat_id": part.chat, "text": piece, **_way_back(part.extra)}
            if last and keyboard:
                body["reply_markup"] = {"inline_keyboard": keyboard}
            ids.append((await _call("sendMessage", body, connection.secrets, http)).child("result").ident("message_id"))
        return Delivery(tuple(ids))

    async def acknowledge(self, inbound: Inbound, secrets: Secrets, http: Outbound) -> None:
        """Stop the spinner on a pressed button. Best effort: the answer does not depend on it."""
        if inbound.kind == "button" and inbound.message_id:
            body = {"callback_query_id": inbound.message_id}
            await _best_effort("answerCallbackQuery", body, secrets, http)

    async def typing(
        self, chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]
    ) -> None:
        """Show "typing" for up to five seconds; a bot cannot mark a message as read. Best effort."""
        body = {"chat_id": chat, "action": "typing", **_way_back(extra)}
        body.pop("direct_messages_topic_id", None)  # sendChatAction does not know it
        await _best_effort("sendChatAction", body, connection.secrets, http)

    async def who_am_i(self, secrets: Secrets, http: Outbound) -> BotIdentity:
        """Whose token this is; raises ProviderRefused when Telegram does not know it."""
        me = (await _call("getMe", {}, secrets, http)).child("result")
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
        await _call("setWebhook", body, secrets, http)
        return url

    async def webhook_state(self, secrets: Secrets, http: Outbound) -> WebhookState:
        """Where Telegram sends this bot's updates, and how that goes."""
        info = (await _call("getWebhookInfo", {}, secrets, http, timeout_s=5.0)).child("result")
        failed = info.number("last_error_date")
        at = datetime.fromtimestamp(failed, UTC) if failed else None
        error = info.text("last_error_message")[:200]
        return WebhookState(info.text("url"), info.number("pending_update_count"), error, at)


def _marking_last(pieces: tuple[str, ...]) -> list[tuple[bool, str]]:
    return [(number == len(pieces), piece) for number, piece in enumerate(pieces, 1)]


def _with_keyboard(part: OutboundPart, strict: bool) -> tuple[str, list[list[dict[str, str]]]]:
    """The text and its buttons, one a row. A button that Telegram cannot carry is written out, so it can be typed."""
    fitting = [button for button in part.buttons if _fits(button)]
    lines = [f"• {button.text}" for button in part.buttons if not _fits(button)]
    if lines:
        problem = f"Part {part.id} has a button whose payload is not 1 to {PAYLOAD_LIMIT} bytes long"
        if strict:
            raise BugError(f"{problem}. Make the payload shorter.")
        log.error("%s; it was written as text", problem)
    rows = [[{"text": button.text, "callback_data": button.payload}] for button in fitting]
    return "\n".join([part.text, *lines]), rows


def _fits(button: RenderedButton) -> bool:
    return 1 <= len(button.payload.encode()) <= PAYLOAD_LIMIT and bool(button.text)


def _way_back(extra: Mapping[str, str]) -> dict[str, Any]:
    """What an inbound message told us to bring along; topics are numbers on the wire."""
    found: dict[str, Any] = {}
    if connection := extra.get("business_connection_id"):
        found["business_connection_id"] = connection
    for name in ("message_thread_id", "direct_messages_topic_id"):
        if (topic := extra.get(name, "")).isdecimal():
            found[name] = int(topic)
    return found


async def _best_effort(method: str, body: Mapping[str, Any], secrets: Secrets, http: Outbound) -> None:
    try:
        await _call(method, body, secrets, http, timeout_s=3.0)
    except (ProviderRefused, ProviderUnavailable) as error:
        log.debug("Telegram did not take %s: %s", method, error)


async def _call(
    method: str, body: Mapping[str, Any], secrets: Secrets, http: Outbound, timeout_s: float = 10.0
) -> Fields:
    """One method call; after a group became a supergroup it is repeated with the new chat id."""
    status, answer, headers = await _post(method, body, secrets, http, timeout_s)
    new_chat = answer.child("parameters").ident("migrate_to_chat_id")
    if not _is_good(status, answer) and new_chat and "chat_id" in body:
        status, answer, headers = await _post(method, {**body, "chat_id": new_chat}, secrets, http, timeout_s)
    if not _is_good(status, answer):
        raise _error(method, status, answer, headers)
    return answer


async def _post(
    method: str, body: Mapping[str, Any], secrets: Secrets, http: Outbound, timeout_s: float
) -> tuple[int, Fields, Mapping[str, str]]:
    base = secrets.get("api_url") or API_URL
    url = f"{base.rstrip('/')}/bot{secrets.get('bot_token', '')}/{method}"
    status, answer, headers = await http.post_json(url, body, timeout_s=timeout_s)
    return status, as_fields(dict(answer)), headers


def _is_good(status: int, answer: Fields) -> bool:
    return status == 200 and answer.is_true("ok")


def _error(method: str, status: int, answer: Fields, headers: Mapping[str, str]) -> FrontdeskError:
    """Their word to ours. A 200 without `ok` is no Bot API answer: a proxy between us, so it may pass."""
    code = answer.number("error_code") or status
    reason = answer.text("description")[:200]
    said = f"Telegram answered {method} with {code}{f' ({reason})' if reason else ''}"
    if code == 429:
        return ProviderUnavailable(f"{said}: too many messages.", retry_after_s=_retry_after(answer, headers))
    if code >= 500 or code < 400:
        return ProviderUnavailable(f"{said}. It is tried again.")
    if code in (401, 404):
        return ProviderRefused(f"{said}: the bot token is wrong. Copy it anew from BotFather.", code=str(code))
    gone = code == 403 or any(word in reason.lower() for word in _UNREACHABLE)
    return ProviderRefused(f"{said}.", code=str(code), gone=gone)


def _retry_after(answer: Fields, headers: Mapping[str, str]) -> float:
    """Telegram's own wish, else the header's, else a second."""
    header = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    stated = answer.child("parameters").number("retry_after") or (int(header) if header.isdecimal() else 0)
    return float(max(1, stated))
