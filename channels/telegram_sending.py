"""What goes out to Telegram: every kind of part within the limits of the Bot API, and what its errors mean.

The bot's token is part of every address: it must never stand in an error or a log line, so addresses are built in one
place here and only the method's name is spoken of.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from channels.cutting import Takes, is_ours, pieces_of
from channels.payload import Fields, as_fields
from runtime.core.messages import Attachment, OutboundPart, RenderedButton
from runtime.errors import BugError, FrontdeskError, ProviderFault, ProviderRefused, ProviderUnavailable
from runtime.ports import Connection, Delivery, Outbound, Secrets

API_URL = "https://api.telegram.org"
TEXT_LIMIT, CAPTION_LIMIT, PAYLOAD_LIMIT = 4096, 1024, 64
PHOTO_LIMIT = 10 << 20
_BLOCKED = ("user is deactivated", "bot was blocked", "bot was kicked")
_NOT_THERE = ("chat not found",)
_METHODS: Mapping[str, tuple[str, str]] = {
    "image": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "voice": ("sendVoice", "voice"),
    "audio": ("sendAudio", "audio"),
}
_CAPTIONED = frozenset({"image", "video", "voice", "audio", "document"})

log = logging.getLogger(__name__)


def pieces(part: OutboundPart, *, strict: bool = False) -> tuple[OutboundPart, ...]:
    """The part, or what makes one message each. There are no templates here: their text goes out."""
    part = replace(part, template=None) if part.template is not None else part
    if part.reaction and not part.quote.isdecimal():
        part = replace(part, text=part.reaction, reaction="")
    return pieces_of(part, _STRICT if strict else _LOOSE)


async def send_part(part: OutboundPart, connection: Connection, http: Outbound, *, strict: bool = False) -> Delivery:
    """Send a part, piece by piece; the buttons stand under the last."""
    found = pieces(part, strict=strict)
    if not found:
        raise BugError(f"Part {part.id} is empty. Every outgoing part needs a text, a file or a place.")
    return Delivery(tuple([await _send(piece, connection.secrets, http) for piece in found]))


async def _send(piece: OutboundPart, secrets: Secrets, http: Outbound) -> str:
    if piece.reaction:
        reaction = [{"type": "emoji", "emoji": piece.reaction}]
        body = {"chat_id": piece.chat, "message_id": int(piece.quote), "reaction": reaction}
        await call("setMessageReaction", body, secrets, http)
        return ""
    method, content = _content(piece)
    body = {"chat_id": piece.chat, **content, **way_back(piece.extra), **_quote(piece)}
    if piece.buttons:
        rows = [[{"text": button.text, "callback_data": button.payload}] for button in piece.buttons]
        body["reply_markup"] = {"inline_keyboard": rows}
    if piece.attachments and is_ours(piece.attachments[0]):
        answer = await _upload(method, body, piece.attachments[0], secrets, http)
    else:
        answer = await call(method, body, secrets, http)
    return answer.child("result").ident("message_id")


def _content(piece: OutboundPart) -> tuple[str, dict[str, Any]]:
    """The method, and what it says."""
    if piece.attachments:
        file = piece.attachments[0]
        method, field = _method(file)
        content: dict[str, Any] = {} if is_ours(file) else {field: file.id or file.url}
        return method, {**content, **({"caption": piece.text} if piece.text else {})}
    if piece.place is not None:
        return "sendLocation", {"latitude": piece.place.latitude, "longitude": piece.place.longitude}
    if piece.contacts:
        card = piece.contacts[0]
        first, _, last = (card.name.strip() or card.phones[0]).partition(" ")
        name = {"first_name": first, **({"last_name": last} if last else {})}
        return "sendContact", {"phone_number": card.phones[0], **name}
    return "sendMessage", {"text": piece.text}


def _method(file: Attachment) -> tuple[str, str]:
    """Photos up to ten megabytes; what has no method of its own is a document."""
    if file.type == "image" and file.size > PHOTO_LIMIT:
        return "sendDocument", "document"
    return _METHODS.get(file.type, ("sendDocument", "document"))


def _quote(piece: OutboundPart) -> dict[str, Any]:
    """A message that is gone meanwhile must not keep the answer back."""
    if not piece.quote.isdecimal():
        return {}
    return {"reply_parameters": {"message_id": int(piece.quote), "allow_sending_without_reply": True}}


def _with_buttons(part: OutboundPart, strict: bool) -> tuple[OutboundPart, int]:
    """A button that Telegram cannot carry is written out, so it can be typed."""
    fitting = tuple(button for button in part.buttons if _fits(button))
    lines = [f"• {button.text}" for button in part.buttons if not _fits(button)]
    if not lines:
        return part, TEXT_LIMIT
    problem = f"Part {part.id} has a button whose payload is not 1 to {PAYLOAD_LIMIT} bytes long"
    if strict:
        raise BugError(f"{problem}. Make the payload shorter.")
    log.error("%s; it was written as text", problem)
    return replace(part, text="\n".join([part.text, *lines]), buttons=fitting), TEXT_LIMIT


def _fits(button: RenderedButton) -> bool:
    return 1 <= len(button.payload.encode()) <= PAYLOAD_LIMIT and bool(button.text)


_LOOSE = Takes(TEXT_LIMIT, lambda part: _with_buttons(part, False), CAPTION_LIMIT, _CAPTIONED, place=True, cards=1)
_STRICT = replace(_LOOSE, buttons=lambda part: _with_buttons(part, True))


def way_back(extra: Mapping[str, str]) -> dict[str, Any]:
    """What an inbound message told us to bring along; topics are numbers on the wire."""
    found: dict[str, Any] = {}
    if connection := extra.get("business_connection_id"):
        found["business_connection_id"] = connection
    for name in ("message_thread_id", "direct_messages_topic_id"):
        if (topic := extra.get(name, "")).isdecimal():
            found[name] = int(topic)
    return found


# Calls.


async def best_effort(method: str, body: Mapping[str, Any], secrets: Secrets, http: Outbound) -> None:
    """A call on whose outcome nothing depends."""
    try:
        await call(method, body, secrets, http, timeout_s=3.0)
    except (ProviderRefused, ProviderUnavailable) as error:
        log.debug("Telegram did not take %s: %s", method, error)


async def call(
    method: str, body: Mapping[str, Any], secrets: Secrets, http: Outbound, timeout_s: float = 10.0
) -> Fields:
    """One method call; after a group became a supergroup it is repeated with the new chat id."""
    status, answer, headers = await http.post_json(_url(method, secrets), body, timeout_s=timeout_s)
    read = as_fields(dict(answer))
    new_chat = read.child("parameters").ident("migrate_to_chat_id")
    if not _is_good(status, read) and new_chat and "chat_id" in body:
        moved = {**body, "chat_id": new_chat}
        status, answer, headers = await http.post_json(_url(method, secrets), moved, timeout_s=timeout_s)
        read = as_fields(dict(answer))
    if not _is_good(status, read):
        raise _error(method, status, read, headers)
    return read


async def _upload(method: str, body: Mapping[str, Any], file: Attachment, secrets: Secrets, http: Outbound) -> Fields:
    """A file of ours goes along as form-data; what is no string is JSON there."""
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    _, field = _method(file)
    status, answer, headers = await http.post_form(_url(method, secrets), fields, file, field=field)
    read = as_fields(dict(answer))
    if not _is_good(status, read):
        raise _error(method, status, read, headers)
    return read


def _url(method: str, secrets: Secrets) -> str:
    base = secrets.get("api_url") or API_URL
    return f"{base.rstrip('/')}/bot{secrets.get('bot_token', '')}/{method}"


def _is_good(status: int, answer: Fields) -> bool:
    return status == 200 and answer.is_true("ok")


def _error(method: str, status: int, answer: Fields, headers: Mapping[str, str]) -> FrontdeskError:
    """Their word to ours. A 200 without `ok` is no Bot API answer: a proxy between us, so it may pass."""
    code = answer.number("error_code") or status
    reason = answer.text("description")[:200]
    said = f"Telegram answered {method} with {code}{f' ({reason})' if reason else ''}"
    if code == 429:
        wait_s = _retry_after(answer, headers)
        return ProviderUnavailable(f"{said}: too many messages.", retry_after_s=wait_s, code="429", kind="rate")
    if code >= 500 or code < 400:
        return ProviderUnavailable(f"{said}. It is tried again.", code=str(code))
    if code in (401, 404):
        wrong = f"{said}: the bot token is wrong. Copy it anew from BotFather."
        return ProviderRefused(wrong, code=str(code), kind="token")
    kind = _kind(code, reason.lower())
    return ProviderRefused(f"{said}.", code=str(code), gone=kind in ("blocked", "undeliverable"), kind=kind)


def _kind(code: int, reason: str) -> ProviderFault:
    if any(word in reason for word in _NOT_THERE):
        return "undeliverable"
    return "blocked" if code == 403 or any(word in reason for word in _BLOCKED) else "bad_request"


def _retry_after(answer: Fields, headers: Mapping[str, str]) -> float:
    """Telegram's own wish, else the header's, else a second."""
    header = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    stated = answer.child("parameters").number("retry_after") or (int(header) if header.isdecimal() else 0)
    return float(max(1, stated))
