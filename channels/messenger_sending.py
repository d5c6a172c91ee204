"""What goes out to Messenger: every kind of part within the provider's limits, sender actions, whose page it is.

A question gets quick replies, which vanish with the answer; buttons that ask nothing stay below their text. Places and
cards are written out. The tag HUMAN_AGENT is for what a person wrote, and for nothing else: a bot that uses it breaks
Meta's policy. https://developers.facebook.com/docs/messenger-platform/reference/send-api
Connection: config `page_id`, secret `page_access_token`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from channels.cutting import Takes, is_ours, numbered, pieces_of
from channels.graph import MESSENGER, Graph, Identity
from channels.splitting import utf16_units
from runtime.core.messages import Attachment, OutboundPart, RenderedButton
from runtime.errors import BugError
from runtime.ports import Allowance, Connection, Delivery, Outbound

GRAPH = Graph("Messenger", "page_access_token", MESSENGER)
TEXT_LIMIT, TEMPLATE_LIMIT = 2000, 640
MOST_REPLIES, MOST_BUTTONS, TITLE, PAYLOAD = 13, 3, 20, 1000
WINDOW_MS, AGENT_MS = 24 * 3_600_000, 7 * 24 * 3_600_000
TEXTS, HEAVY = Allowance("texts", 300.0, 20), Allowance("heavy", 10.0, 5)
_TYPES = {"image": "image", "sticker": "image", "video": "video", "voice": "audio", "audio": "audio"}


def pieces(part: OutboundPart) -> tuple[OutboundPart, ...]:
    """The part, or what makes one message each. There are no templates here: their text goes out."""
    if part.reaction:
        part = replace(part, text=part.reaction, reaction="", quote="")
    return pieces_of(replace(part, template=None) if part.template is not None else part, _TAKES)


async def send_part(
    part: OutboundPart, connection: Connection, http: Outbound, clock: Callable[[], float] = time.time
) -> Delivery:
    """Send a part, piece by piece."""
    found = pieces(part)
    if not found:
        raise BugError(f"Part {part.id} is empty. Every outgoing part needs a text, a file or a place.")
    now_ms = int(clock() * 1000)
    return Delivery(tuple([await _send(piece, now_ms, connection, http) for piece in found]))


def pace(part: OutboundPart, connection: Connection) -> tuple[str, tuple[Allowance, ...]]:
    """What a page may send: 300 texts a second, 10 sound or video files."""
    heavy = any(file.type in ("audio", "voice", "video") for file in part.attachments)
    return f"messenger/{_page(connection, connection.id)}", (HEAVY if heavy else TEXTS,)


async def _send(piece: OutboundPart, now_ms: int, connection: Connection, http: Outbound) -> str:
    message = await _message(piece, connection, http)
    body = {"recipient": {"id": piece.chat}, **_messaging(piece, now_ms), "message": message}
    return (await GRAPH.post(f"{_page(connection)}/messages", body, connection, http)).ident("message_id")


async def typing(chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]) -> None:
    """Mark what came as read, then show "typing" until the answer; each is a call of its own."""
    for action in ("mark_seen", "typing_on"):
        await act(action, chat, connection, http)


async def act(action: str, chat: str, connection: Connection, http: Outbound) -> None:
    """One sender action: mark_seen, typing_on or typing_off, never together with a message. Best effort."""
    body = {"recipient": {"id": chat}, "sender_action": action}
    await GRAPH.best_effort(f"{_page(connection)}/messages", body, connection, http)


async def who_am_i(connection: Connection, http: Outbound) -> Identity:
    """Whose page the token speaks for; raises ProviderRefused when the token is wrong."""
    me = await GRAPH.get(f"{_page(connection)}?fields=id,name,username", connection, http)
    return Identity(me.ident("id"), me.text("name"), me.text("username"))


def _page(connection: Connection, unknown: str = "me") -> str:
    """The page's id; without one the token knows it."""
    page = connection.config.get("page_id", "")
    return page if page.isdecimal() else unknown


def _messaging(piece: OutboundPart, now_ms: int) -> dict[str, str]:
    """Between a day and a week after the customer's last message only a person may answer, and must say so."""
    age_ms = now_ms - piece.heard_at_ms
    if piece.author == "operator" and piece.heard_at_ms and WINDOW_MS < age_ms <= AGENT_MS:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"messaging_type": "RESPONSE"}


async def _message(piece: OutboundPart, connection: Connection, http: Outbound) -> dict[str, Any]:
    if piece.attachments:
        return {"attachment": await _attachment(piece.attachments[0], connection, http)}
    if not piece.buttons:
        return {"text": piece.text}
    if _stay(piece):
        buttons = [{"type": "postback", "title": b.text, "payload": b.payload} for b in piece.buttons]
        payload = {"template_type": "button", "text": piece.text, "buttons": buttons}
        return {"attachment": {"type": "template", "payload": payload}}
    replies = [{"content_type": "text", "title": b.text, "payload": b.payload} for b in piece.buttons]
    return {"text": piece.text, "quick_replies": replies}


async def _attachment(file: Attachment, connection: Connection, http: Outbound) -> dict[str, Any]:
    """By the provider's own handle, by an address, or the bytes, which are handed over first."""
    kind = _TYPES.get(file.type, "file")
    if is_ours(file):
        message = json.dumps({"attachment": {"type": kind, "payload": {"is_reusable": True}}})
        path = f"{_page(connection)}/message_attachments"
        kept = await GRAPH.upload(path, {"message": message}, file, "filedata", connection, http)
        file = replace(file, id=kept.ident("attachment_id"))
    payload = {"attachment_id": file.id} if file.id else {"url": file.url, "is_reusable": True}
    return {"type": kind, "payload": payload}


def _with_buttons(part: OutboundPart) -> tuple[OutboundPart, int]:
    """Quick replies or buttons; where a label is too long, numbered lines, with the numbers to press."""
    if not part.buttons:
        return part, TEXT_LIMIT
    if not part.text.strip() or not all(0 < len(b.payload) <= PAYLOAD for b in part.buttons):
        return replace(part, text=numbered(part.text, part.buttons), buttons=()), TEXT_LIMIT
    if _fit(part.buttons, MOST_REPLIES):
        return part, TEMPLATE_LIMIT if _stay(part) else TEXT_LIMIT
    numbers = tuple(RenderedButton(str(n), b.payload) for n, b in enumerate(part.buttons[:MOST_REPLIES], 1))
    return replace(part, text=numbered(part.text, part.buttons), buttons=numbers), TEXT_LIMIT


def _stay(part: OutboundPart) -> bool:
    """Whether the buttons may be pressed at any time: they ask nothing."""
    return not part.question and _fit(part.buttons, MOST_BUTTONS)


def _fit(buttons: tuple[RenderedButton, ...], most: int) -> bool:
    titles = {button.text for button in buttons}
    return len(titles) == len(buttons) <= most and all(
        0 < utf16_units(b.text) <= TITLE and not b.description for b in buttons
    )


_TAKES = Takes(TEXT_LIMIT, _with_buttons)
