"""What an inbound payload means, as the JSON that `frontdesk parse` prints. A leaf: pure, knows no channel.

The words and fields are those that developers hold adapters against: ids are strings, what is absent is null.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.core.messages import Attachment, Inbound, OrderItem, SharedContact
from runtime.errors import BadRequest, ConfigurationError
from runtime.ports import Channel, RawRequest

_WORDS = {"button": "button_reply", "deletion": "delete"}
"""Our kind, the word that the outside uses for it. Everything else has one word."""
_PLACE = ("latitude", "longitude", "place", "address")
_INTERNAL = {*_PLACE, "message_thread_id"}


def parsed_file(channel: Channel, path: Path, headers: str) -> str:
    """What a stored request means, as printed JSON; raises ConfigurationError for what cannot be read."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    request = RawRequest("POST", "/", _headers(headers), body)
    try:
        return json.dumps(parse_json(channel, request), ensure_ascii=False, indent=1)
    except BadRequest as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _headers(text: str) -> dict[str, str]:
    try:
        return {name.lower(): str(value) for name, value in json.loads(text).items()}
    except (ValueError, AttributeError) as error:
        raise ConfigurationError('--headers must be a JSON object, such as \'{"Content-Type": "..."}\'.') from error


def parse_json(channel: Channel, request: RawRequest) -> dict[str, Any]:
    """The request's events; raises BadRequest when it cannot be read at all."""
    return {"events": [event_json(event) for event in channel.parse(request).events]}


def event_json(event: Inbound) -> dict[str, Any]:
    """One event as JSON."""
    return {
        "kind": _WORDS.get(event.kind, event.kind),
        "answer": event.answer,
        "sender_id": event.sender_id or None,
        "conversation_id": event.conversation_id or None,
        "message_id": event.message_id or None,
        "event_id": event.event_id,
        "text": event.text or None,
        "payload": event.payload or None,
        "reply_to": event.reply_to or None,
        "status": event.status or None,
        "group_key": event.group_key or None,
        "group": event.group,
        "emoji": event.emoji or None,
        "sender_name": event.sender_name or None,
        "language": event.language or None,
        "at": event.at.isoformat() if event.at else None,
        "contacts": [_contact_json(contact) for contact in event.contacts],
        "attachments": [_attachment_json(attachment, event.kind) for attachment in event.attachments],
        "location": _location_json(event),
        **({"update_id": event.order} if event.order else {}),
        **_only_where_there(event),
        **event.facts,
        **{name: value for name, value in event.extra.items() if name not in _INTERNAL},
    }


def _only_where_there(event: Inbound) -> dict[str, Any]:
    found = {
        "account": event.account,
        "aliases": list(event.aliases),
        "recipient_id": event.recipient_id,
        "error_code": event.error_code,
        "message_ids": list(event.message_ids),
        "watermark": event.watermark_ms,
        "order": [_item_json(item) for item in event.items],
        "standby": event.standby,
    }
    return {name: value for name, value in found.items() if value}


def _item_json(item: OrderItem) -> dict[str, Any]:
    price = _number(item.price)
    return {
        "product_retailer_id": item.product,
        "quantity": item.quantity,
        "item_price": int(price) if price is not None and price.is_integer() else price,
        "currency": item.currency or None,
    }


def _contact_json(contact: SharedContact) -> dict[str, Any]:
    return {
        "name": contact.name,
        "phones": list(contact.phones),
        "own": contact.own,
        "user_id": contact.user_id or None,
    }


def _attachment_json(attachment: Attachment, kind: str) -> dict[str, Any]:
    return {
        "type": attachment.type,
        "id": attachment.id or None,
        "mime": attachment.mime or None,
        "size": attachment.size or None,
        "filename": attachment.name or None,
        "duration": attachment.duration_s or None,
        **({"url": attachment.url} if attachment.url else {}),
        **({"title": attachment.name} if attachment.type == "link" else {}),
        **({"voice": kind == "voice"} if attachment.type == "audio" else {}),
    }


def _location_json(event: Inbound) -> dict[str, Any] | None:
    if event.kind != "location":
        return None
    place = event.extra
    found: dict[str, Any] = {"lat": _number(place.get("latitude")), "lon": _number(place.get("longitude"))}
    return {**found, "name": place.get("place"), "address": place.get("address")}


def _number(text: str | None) -> float | None:
    return float(text) if text else None
