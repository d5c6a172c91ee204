"""What one WhatsApp message carries, apart from who sent it where. Pure, and never raises.

Layouts: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages. A part
that is missing or of another type makes the message `unsupported`; its sender is answered all the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from channels.meta import MOST_TEXT, Content, error_of, filled, number_of
from channels.payload import Fields
from runtime.core.messages import Attachment, Kind, OrderItem, SharedContact

_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
UNSUPPORTED = Content("unsupported")


def content_of(message: Fields, sender: str = "") -> Content:
    """The message's content with what it quotes and where its writer came from."""
    type_ = message.text("type") or _only_known(message)
    content = _read(message, type_, sender)
    if content is None:
        return dataclasses.replace(_unsupported(message, type_), facts=_facts(message, type_))
    told = {**_facts(message, ""), **content.facts}
    quoted = content.reply_to or message.child("context").ident("id")
    return dataclasses.replace(content, facts=told, reply_to=quoted, text=content.text[:MOST_TEXT])


def _read(message: Fields, type_: str, sender: str) -> Content | None:
    if type_ == "contacts":
        return _contacts(message, sender)
    read, body = _READERS.get(type_), message.child(type_)
    return read(body) if read and (body or type_ == "request_welcome") else None


def _only_known(message: Fields) -> str:
    """The type of a message that does not say it, if exactly one kind of content is there."""
    found = [name for name in (*_READERS, "contacts") if message.child(name) or message.children(name)]
    return found[0] if len(found) == 1 else ""


def _unsupported(message: Fields, type_: str) -> Content:
    """Nobody waits for an answer to what Meta could only tell an error about; to everything else somebody does."""
    code, _ = error_of(message)
    return dataclasses.replace(UNSUPPORTED, error_code=code, expects=type_ not in _NOTICES)


def _facts(message: Fields, unread: str) -> dict[str, str]:
    context, referral = message.child("context"), message.child("referral")
    product = context.child("referred_product")
    _, error = error_of(message)
    return filled(
        {
            **error,
            "type": unread if unread != "unsupported" else message.child("unsupported").text("type"),
            "forwarded": "true" if context.is_true("forwarded") or context.is_true("frequently_forwarded") else "",
            "catalog_id": product.ident("catalog_id"),
            "product_retailer_id": product.ident("product_retailer_id"),
            "source_type": referral.text("source_type"),
            "source_id": referral.ident("source_id"),
            "source_url": referral.text("source_url")[:500],
            "headline": referral.text("headline")[:200],
            "ctwa_clid": referral.text("ctwa_clid"),
        }
    )


# ---- one kind of content each


def _text(body: Fields) -> Content | None:
    return Content("text", text=body.text("body")) if body.text("body") else None


def _media(kind: Kind, type_: str) -> Callable[[Fields], Content | None]:
    def read(body: Fields) -> Content | None:
        if not (body.ident("id") or body.text("url") or body.text("link")):
            return None
        attachment = Attachment(
            type=type_, id=body.ident("id"), mime=body.text("mime_type"), size=max(0, number_of(body, "file_size")),
            name=body.text("filename"), url=body.text("url") or body.text("link"),
        )  # fmt: skip
        spoken: Kind = "voice" if kind == "audio" and body.is_true("voice") else kind
        return Content(spoken, text=body.text("caption"), attachments=(attachment,))

    return read


def _location(body: Fields) -> Content | None:
    latitude, longitude = body.decimal("latitude"), body.decimal("longitude")
    if not (latitude and longitude):
        return None
    place = {"latitude": latitude, "longitude": longitude, "place": body.text("name"), "address": body.text("address")}
    return Content("location", extra=filled(place), facts=filled({"url": body.text("url")}))


def _contacts(message: Fields, sender: str) -> Content | None:
    asked = message.text("origin") == "contact_request"
    cards = tuple(_card(one, sender, asked=asked) for one in message.several("contacts") if one)
    return Content("contact", contacts=cards) if cards else None


def _card(card: Fields, sender: str, *, asked: bool) -> SharedContact:
    """Somebody's card; that of the sender is marked, also where we asked for it by a template's button."""
    name = card.child("name")
    whole = name.text("formatted_name") or f"{name.text('first_name')} {name.text('last_name')}".strip()
    phones = [one for one in card.several("phones") if one]
    numbers = tuple(number for one in phones if (number := one.ident("phone") or one.ident("wa_id")))
    user = next((wa_id for one in phones if (wa_id := one.ident("wa_id"))), "") or card.ident("user_id")
    return SharedContact(whole, numbers, own=asked or (bool(user) and user == sender), user_id=user)


def _interactive(body: Fields) -> Content | None:
    type_ = body.text("type") or next((name for name in _INTERACTIVE if body.child(name)), "")
    read = _INTERACTIVE.get(type_)
    inner = body.child(type_) or body.child("action")
    return read(inner) if read and inner else None


def _button_reply(reply: Fields) -> Content:
    return Content("button", text=reply.text("title"), payload=reply.ident("id"))


def _list_reply(reply: Fields) -> Content:
    facts = filled({"description": reply.text("description")})
    return Content("list_reply", text=reply.text("title"), payload=reply.ident("id"), facts=facts)


def _form_reply(reply: Fields) -> Content:
    """A form that was filled in; what was entered is for whoever made the form."""
    answers = reply.text("response_json") or reply.text("response")
    facts = {"name": reply.text("name"), "response_json": answers[:MOST_TEXT]}
    return Content("form_reply", text=reply.text("body"), facts=filled(facts))


def _product(shown: Fields) -> Content:
    """A product of the catalogue that somebody asks about."""
    facts = {name: shown.ident(name) for name in ("catalog_id", "product_retailer_id")}
    return Content("share", text=shown.child("body").text("text") or shown.text("body"), facts=filled(facts))


def _call_permission(reply: Fields) -> Content:
    facts = {name: reply.ident(name) for name in ("response", "response_source", "expiration_timestamp")}
    return Content("preference", status=reply.text("response"), facts=filled(facts), expects=False)


def _button(body: Fields) -> Content | None:
    """A quick reply under one of our templates."""
    text, payload = body.text("text"), body.ident("payload")
    return Content("button", text=text or payload, payload=payload or text) if text or payload else None


def _reaction(body: Fields) -> Content | None:
    """No emoji: it was taken off again."""
    quoted = body.ident("message_id")
    return Content("reaction", emoji=body.text("emoji"), reply_to=quoted, expects=False) if quoted else None


def _order(body: Fields) -> Content | None:
    items = tuple(_item(one) for one in body.several("product_items") if one)
    facts = filled({"catalog_id": body.ident("catalog_id")})
    return Content("order", text=body.text("text"), items=items, facts=facts) if items else None


def _item(item: Fields) -> OrderItem:
    written = item.decimal("item_price") or item.text("item_price")
    price = written if _PRICE.fullmatch(written) else ""
    return OrderItem(item.ident("product_retailer_id"), number_of(item, "quantity"), price, item.text("currency"))


def _system(body: Fields) -> Content:
    """Somebody has another number or another id from now on, or a changed device."""
    names = ("type", "user_id", "previous_user_id", "parent_user_id", "previous_parent_user_id", "identity")
    told = {name: body.ident(name) for name in names}
    number = body.ident("wa_id") or body.ident("new_wa_id")
    return Content("system", text=body.text("body"), facts=filled({"new_wa_id": number, **told}), expects=False)


def _edit(body: Fields) -> Content | None:
    """What a message reads like now; it keeps its own id."""
    original, now = body.ident("original_message_id"), content_of(body.child("message"))
    if not original:
        return None
    return Content("edit", text=now.text, attachments=now.attachments, message_id=original, expects=False)


def _revoke(body: Fields) -> Content | None:
    original = body.ident("original_message_id") or body.ident("message_id")
    return Content("deletion", message_id=original, expects=False) if original else None


def _welcome(_: Fields) -> Content:
    """Somebody opened the chat and has written nothing yet."""
    return Content("referral", expects=False, facts={"type": "request_welcome"})


_INTERACTIVE: dict[str, Callable[[Fields], Content]] = {
    "button_reply": _button_reply,
    "list_reply": _list_reply,
    "nfm_reply": _form_reply,
    "product": _product,
    "call_permission_reply": _call_permission,
}
_READERS: dict[str, Callable[[Fields], Content | None]] = {
    "text": _text,
    "image": _media("image", "image"),
    "video": _media("video", "video"),
    "audio": _media("audio", "audio"),
    "voice": _media("voice", "audio"),
    "document": _media("document", "document"),
    "sticker": _media("sticker", "sticker"),
    "location": _location,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "order": _order,
    "system": _system,
    "edit": _edit,
    "revoke": _revoke,
    "request_welcome": _welcome,
}
"""Their type, how we read what stands under its name."""
_NOTICES = frozenset({"system", "reaction", "edit", "revoke", "pin", "request_welcome", "media_placeholder"})
"""Types that nobody expects an answer to, also where we cannot read one."""
