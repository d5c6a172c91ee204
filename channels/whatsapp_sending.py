"""What goes out to WhatsApp Cloud: every kind of part within the provider's limits, reading marks, whose number it is.

Short questions get reply buttons, longer ones a list, everything else numbered lines; each can be answered by typing.
https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
Connection: config `phone_number_id`, secret `access_token`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from channels.cutting import Takes, is_ours, numbered, pieces_of
from channels.graph import WHATSAPP, Graph, Identity
from channels.splitting import shortened, utf16_units
from runtime.core.messages import Attachment, OutboundPart, Place, RenderedButton, SharedContact, Template
from runtime.errors import BugError, ProviderRefused
from runtime.ports import Allowance, Connection, Delivery, Outbound

GRAPH = Graph("WhatsApp", "access_token", WHATSAPP)
TEXT_LIMIT, BODY_LIMIT, CAPTION_LIMIT = 4096, 1024, 1024
MOST_BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
MOST_ROWS, ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 10, 24, 72, 200
MOST_CARDS = 5
VALUE_LIMIT = 1024
PER_SECOND, BURST = 80.0, 10
PAIR_EVERY_S, PAIR_BURST = 6.0, 45
_MENU = "☰"
_MB = 1 << 20
_NATIVE: Mapping[str, tuple[int, frozenset[str]]] = {
    "image": (5 * _MB, frozenset({"image/jpeg", "image/png"})),
    "video": (16 * _MB, frozenset({"video/mp4", "video/3gpp"})),
    "audio": (16 * _MB, frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"})),
    "sticker": (_MB // 2, frozenset({"image/webp"})),
}
"""The largest file of a type and its formats; what is another goes out as a document."""


def pieces(part: OutboundPart) -> tuple[OutboundPart, ...]:
    """The part, or what makes one message each."""
    return pieces_of(part, _TAKES)


async def send_part(part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
    """Send a part, piece by piece."""
    found = pieces(part)
    if not found:
        raise BugError(f"Part {part.id} is empty. Every outgoing part needs a text, a file or a place.")
    return Delivery(tuple([await _send(piece, connection, http) for piece in found]))


def pace(part: OutboundPart, connection: Connection) -> tuple[str, tuple[Allowance, ...]]:
    """What a number may send in all (80 a second, another figure in `messages_per_second`), and to one customer.

    https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput
    """
    stated = connection.config.get("messages_per_second", "")
    per_s = float(stated) if stated.isdecimal() and int(stated) else PER_SECOND
    pair = Allowance(part.conversation, 1 / PAIR_EVERY_S, PAIR_BURST)
    return f"whatsapp/{_number(connection)}", (Allowance("all", per_s, BURST), pair)


async def _send(piece: OutboundPart, connection: Connection, http: Outbound) -> str:
    number = _number(connection)
    content = await _content(piece, number, connection, http)
    body = {"messaging_product": "whatsapp", **_recipient(piece), **_context(piece), **content}
    answer = await GRAPH.post(f"{number}/messages", body, connection, http)
    return next((one.ident("id") for one in answer.children("messages")), "")


async def typing(chat: str, message_id: str, connection: Connection, http: Outbound, extra: Mapping[str, str]) -> None:
    """Mark a message as read and show "typing", in one call; it ends with the answer or after 25 seconds."""
    if message_id:
        body = {**_read(message_id), "typing_indicator": {"type": "text"}}
        await GRAPH.best_effort(f"{_number(connection)}/messages", body, connection, http)


async def mark_read(message_id: str, connection: Connection, http: Outbound) -> None:
    """Mark a message as read, no more. Best effort."""
    await GRAPH.best_effort(f"{_number(connection)}/messages", _read(message_id), connection, http)


async def who_am_i(connection: Connection, http: Outbound) -> Identity:
    """Whose number this is, as WhatsApp shows it to customers; raises ProviderRefused when the token is wrong."""
    fields = "fields=id,display_phone_number,verified_name"
    me = await GRAPH.get(f"{_number(connection)}?{fields}", connection, http)
    return Identity(me.ident("id"), me.text("verified_name"), me.text("display_phone_number"))


def _number(connection: Connection) -> str:
    number = connection.config.get("phone_number_id", "")
    if not number.isdecimal():
        raise ProviderRefused(
            f"Connection {connection.id} of tenant {connection.tenant} has no phone_number_id. Copy it from the "
            "WhatsApp Manager into its config.", kind="bad_request",
        )  # fmt: skip
    return number


def _read(message_id: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}


def _recipient(piece: OutboundPart) -> dict[str, str]:
    """A group, a phone number where we know it, else the id that this business knows somebody by."""
    if group := piece.extra.get("group_id", ""):
        return {"recipient_type": "group", "to": group}
    phone = piece.extra.get("phone", "") or piece.chat
    if (digits := phone.removeprefix("+")).isdecimal():
        return {"recipient_type": "individual", "to": digits}
    return {"recipient_type": "individual", "recipient": piece.chat}


def _context(piece: OutboundPart) -> dict[str, Any]:
    return {"context": {"message_id": piece.quote}} if piece.quote and not piece.reaction else {}


# What a message holds.


async def _content(piece: OutboundPart, number: str, connection: Connection, http: Outbound) -> dict[str, Any]:
    if piece.reaction:
        return {"type": "reaction", "reaction": {"message_id": piece.quote, "emoji": piece.reaction}}
    if piece.template is not None:
        return {"type": "template", "template": _template(piece.template)}
    if piece.attachments:
        return await _media(piece, number, connection, http)
    if piece.place is not None:
        return {"type": "location", "location": _location(piece.place)}
    if piece.contacts:
        return {"type": "contacts", "contacts": [_card(card) for card in piece.contacts]}
    if piece.buttons:
        return {"type": "interactive", "interactive": _interactive(piece)}
    return {"type": "text", "text": {"body": piece.text}}


def _interactive(piece: OutboundPart) -> dict[str, Any]:
    body = {"text": piece.text}
    if _fit_as_buttons(piece.buttons):
        buttons = [{"type": "reply", "reply": {"id": b.payload, "title": b.text}} for b in piece.buttons]
        return {"type": "button", "body": body, "action": {"buttons": buttons}}
    section = {"rows": [_row(row) for row in _rows(piece.buttons)]}
    label = shortened(piece.menu, BUTTON_TITLE) or _MENU
    return {"type": "list", "body": body, "action": {"button": label, "sections": [section]}}


def _row(button: RenderedButton) -> dict[str, str]:
    row = {"id": button.payload, "title": button.text}
    return {**row, "description": button.description} if button.description else row


def _with_buttons(part: OutboundPart) -> tuple[OutboundPart, int]:
    """Reply buttons, else a list, else numbered lines."""
    if not part.buttons:
        return part, TEXT_LIMIT
    if part.text.strip() and (_fit_as_buttons(part.buttons) or _fit_as_rows(part.buttons)):
        return part, BODY_LIMIT
    return replace(part, text=numbered(part.text, part.buttons), buttons=()), TEXT_LIMIT


def _fit_as_buttons(buttons: tuple[RenderedButton, ...]) -> bool:
    """WhatsApp wants titles that differ; a second line has no place."""
    titles = {button.text for button in buttons}
    return len(titles) == len(buttons) <= MOST_BUTTONS and all(
        0 < utf16_units(b.text) <= BUTTON_TITLE and 0 < utf16_units(b.payload) <= BUTTON_ID and not b.description
        for b in buttons
    )


def _fit_as_rows(buttons: tuple[RenderedButton, ...]) -> bool:
    ids = {button.payload for button in buttons}
    return len(ids) == len(buttons) <= MOST_ROWS and all(
        b.text.strip() and 0 < utf16_units(b.payload) <= ROW_ID and _second_line(b, True) is not None for b in buttons
    )


def _rows(buttons: tuple[RenderedButton, ...]) -> list[RenderedButton]:
    """With a title that is too long all rows are numbered, and the whole label stands in the second line."""
    are_long = any(utf16_units(button.text) > ROW_TITLE for button in buttons)
    return [
        replace(b, text=shortened(f"{n}. {b.text}" if are_long else b.text, ROW_TITLE),
                description=_second_line(b, are_long) or "")
        for n, b in enumerate(buttons, 1)
    ]  # fmt: skip


def _second_line(button: RenderedButton, are_long: bool) -> str | None:
    """The description, with the label before it where that was cut; None where even this is too long."""
    is_cut = are_long and utf16_units(f"10. {button.text}") > ROW_TITLE
    line = " – ".join(filter(None, (button.text if is_cut else "", button.description)))
    return line if utf16_units(line) <= ROW_DESCRIPTION else None


def _template(template: Template) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if template.values:
        values = [{"type": "text", "text": _value(value)} for value in template.values]
        components.append({"type": "body", "parameters": values})
    for number, payload in enumerate(template.payloads):
        parameters = [{"type": "payload", "payload": payload}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(number), "parameters": parameters})
    told = {"name": template.name, "language": {"code": template.language}}
    return {**told, "components": components} if components else told


def _value(text: str) -> str:
    """WhatsApp refuses an empty value, and line breaks, tabs and rows of blanks in one."""
    return shortened(text, VALUE_LIMIT) or "–"


def _location(place: Place) -> dict[str, Any]:
    told = {"name": place.name, "address": place.address}
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        **{name: value for name, value in told.items() if value},
    }


def _card(card: SharedContact) -> dict[str, Any]:
    name_or_number = card.name.strip() or next(iter(card.phones), "–")
    first, _, last = name_or_number.partition(" ")
    name = {"formatted_name": name_or_number, "first_name": first, **({"last_name": last} if last else {})}
    return {"name": name, "phones": [{"phone": phone} for phone in card.phones]}


async def _media(piece: OutboundPart, number: str, connection: Connection, http: Outbound) -> dict[str, Any]:
    file = piece.attachments[0]
    kind = _type(file)
    media: dict[str, Any] = {"id": file.id} if file.id else {"link": file.url}
    if is_ours(file):
        fields = {"messaging_product": "whatsapp", "type": file.mime}
        media = {"id": (await GRAPH.upload(f"{number}/media", fields, file, "file", connection, http)).ident("id")}
    if piece.text and kind in ("image", "video", "document"):
        media["caption"] = piece.text
    if kind == "document" and file.name:
        media["filename"] = file.name
    return {"type": kind, kind: media}


def _type(file: Attachment) -> str:
    """Their word for it; what is too large or in another format for its type goes out as a document."""
    kind = {"voice": "audio"}.get(file.type, file.type)
    if kind not in _NATIVE:
        return "document"
    largest, formats = _NATIVE[kind]
    mime = file.mime.partition(";")[0].strip().lower()
    return "document" if file.size > largest or (mime and mime not in formats) else kind


_CAPTIONED = frozenset({"image", "video", "document"})
_TAKES = Takes(TEXT_LIMIT, _with_buttons, CAPTION_LIMIT, _CAPTIONED, place=True, cards=MOST_CARDS)
