"""What a Messenger notification means in our words, event by event.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events. Pure, and never raises. One post may
speak of several pages and people. A chat's id is that of the person, also where the page itself is the sender. What
stands in `standby` is another app's talk: we listen and do not answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from channels.meta import MOST_TEXT, PAGE_INBOX, Content, Piece, digest, filled, handing_over, number_of, unknown_parts
from channels.payload import Fields
from runtime.core.messages import Attachment, Inbound, Kind

_KINDS: dict[str, tuple[Kind, str]] = {
    "image": ("image", "image"),
    "video": ("video", "video"),
    "audio": ("audio", "audio"),
    "file": ("document", "document"),
    "sticker": ("sticker", "sticker"),
    "appointment_booking": ("share", "appointment"),
    "fallback": ("share", "link"),
    "location": ("location", "location"),
    "template": ("share", "template"),
    "share": ("share", "share"),
    "post": ("share", "share"),
    "reel": ("share", "share"),
    "ig_reel": ("share", "share"),
    "ig_post": ("share", "share"),
    "story_mention": ("share", "share"),
    "product": ("share", "product"),
}
"""Their type of attachment, our kind of message, our type."""
_EMOJI = {"smile": "😄", "angry": "😠", "sad": "😢", "wow": "😮", "love": "❤️", "like": "👍", "dislike": "👎"}
_CHANGES = ("feed", "mention", "ratings", "leadgen", "name", "page_", "group_feed", "inbox_labels", "messaging_")
"""How the fields of a page begin that are no conversation."""


def pieces(body: Fields) -> Iterator[Piece]:
    """The single events of a notification; what has not the documented shape is a piece without content."""
    if "entry" not in body:
        yield _changed(body, Fields({}))
    entries = body.several("entry")
    if None in entries:
        yield Piece("", Fields({}))
    for entry in entries:
        if entry:
            yield from _pieces_of(entry)


def _pieces_of(entry: Fields) -> Iterator[Piece]:
    """The events of one page, and one piece for all that are none."""
    own, at_ms = entry.ident("id"), entry.stamp_ms("time")
    lists = {name: entry.several(name) for name in ("messaging", "standby", "changes")}
    for name in ("messaging", "standby"):
        for item in lists[name]:
            if item:
                yield Piece(_page(entry, item), item, name, "", name == "standby", at_ms)
    for change in lists["changes"]:
        if change:
            yield _changed(change, entry)
    for part in unknown_parts(entry, lists):
        yield Piece(own, part)
    if any(None in found for found in lists.values()) or not any(lists.values()):
        yield Piece(own, Fields({}), "messaging", at_ms=at_ms)


def _changed(change: Fields, entry: Fields) -> Piece:
    """A change of the page; the dashboard's test button sends messages this way, too."""
    value = change.child("value")
    return Piece(_page(entry, value), value, change.text("field"), "change", at_ms=entry.stamp_ms("time"))


def _page(entry: Fields, item: Fields | None) -> str:
    return entry.ident("id") or (item.child("recipient").ident("id") if item else "")


def read_notification(body: Fields) -> tuple[Inbound, ...]:
    """All events in order; at least one, for nothing that came may vanish."""
    return tuple(event for piece in pieces(body) for event in read_piece(piece))


def read_piece(piece: Piece) -> tuple[Inbound, ...]:
    """The events of one piece: almost always one."""
    found = [event for name, read in _READERS.items() if piece.body.child(name) and (event := read(piece)) is not None]
    handed = handing_over(piece.body)
    if handed is not None:
        found.append(_event(piece, Content("handover", status=handed[0], facts=handed[1]), expects=False))
    return tuple(found) or (_unread(piece),)


def _unread(piece: Piece) -> Inbound:
    """Something that we do not know, of a person or of the page."""
    page_only = piece.business == "change" and piece.field.startswith(_CHANGES)
    kind: Kind = "account_event" if page_only and piece.body else "unsupported"
    event = _event(piece, Content(kind), expects=False)
    facts = {"field": piece.field, "parts": ",".join(sorted(piece.body.values)[:10])[:200]}
    if kind == "account_event":
        facts |= {name: piece.body.ident(name)[:200] for name in ("item", "verb", "post_id") if name in piece.body}
    return dataclasses.replace(event, facts=filled(facts))


def _people(piece: Piece) -> tuple[str, str]:
    """Sender and receiver, by whatever id they have."""
    sides = (piece.body.child("sender"), piece.body.child("recipient"))
    first, second = (side.ident("id") or side.ident("user_ref") or side.ident("comment_id") for side in sides)
    return first, second


def _event(piece: Piece, content: Content, *, expects: bool, named: str = "") -> Inbound:
    """An event of the piece's person. Without an id of its own it is named by its content."""
    sender, receiver = _people(piece)
    from_page = content.kind == "echo" or (bool(sender) and sender == piece.account)
    return Inbound(
        kind=content.kind,
        event_id=f"messenger:{named or digest(piece.field, piece.account, piece.body)}",
        conversation_id=receiver if from_page else sender,
        sender_id=sender,
        answer=expects and not piece.standby and not from_page,
        message_id=content.message_id,
        text=content.text[:MOST_TEXT],
        payload=content.payload,
        reply_to=content.reply_to,
        status=content.status,
        emoji=content.emoji,
        at=piece.body.stamp("timestamp"),
        attachments=content.attachments,
        extra=content.extra,
        account=piece.account,
        recipient_id=receiver if from_page else "",
        standby=piece.standby,
        facts=filled({**content.facts, "page_id": piece.account}),
    )


# ---- messages


def _message(piece: Piece) -> Inbound | None:
    message = piece.body.child("message")
    content = _content(message)
    mid = message.ident("mid")
    facts = {**_referral(message.child("referral")), "story_id": message.child("reply_to").child("story").ident("id")}
    facts |= {"error_title": message.child("error").text("title")}
    quoted = message.child("reply_to").ident("mid")
    content = dataclasses.replace(content, message_id=mid, reply_to=quoted, facts={**content.facts, **filled(facts)})
    if message.is_true("is_echo"):
        return _echo(piece, message, content, mid)
    if message.is_true("is_deleted"):
        return _event(piece, Content("deletion", message_id=mid), expects=False, named=mid and f"{mid}:deleted")
    return _event(piece, content, expects=content.expects, named=mid)


def _echo(piece: Piece, message: Fields, content: Content, mid: str) -> Inbound:
    """What went out in the page's name. Whose it was is told by the app: our own id stands in the connection."""
    app = message.ident("app_id")
    facts = {**content.facts, "app_id": app, "metadata": message.text("metadata")[:200]}
    facts |= {"written_by": "page_inbox" if app == PAGE_INBOX else ""}
    echo = dataclasses.replace(content, kind="echo", payload="", facts=filled(facts))
    return _event(piece, echo, expects=False, named=mid and f"{mid}:echo")


def _content(message: Fields) -> Content:
    text = message.text("text") or message.ident("text")
    pressed = message.child("quick_reply").ident("payload")
    # For a while a sticker came twice, as what it is and as an image.
    attachments = tuple(dict.fromkeys(_attachment(one) for one in message.several("attachments") if one))
    if pressed:
        return Content("quick_reply", text=text, payload=pressed, attachments=attachments)
    if message.is_true("is_unsupported"):
        return Content("unsupported", text=text, attachments=attachments)
    if text:
        return Content("text", text=text, attachments=attachments, facts=_command(message))
    if not attachments:
        return Content("unsupported", expects=bool(message))
    first = message.several("attachments")[0] or Fields({})
    return _attached(message, first, attachments)


def _command(message: Fields) -> dict[str, str]:
    names = [one.text("name") for one in message.children("commands")]
    return filled({"command_name": names[0] if names else ""})


def _attached(message: Fields, first: Fields, attachments: tuple[Attachment, ...]) -> Content:
    kind, _ = _KINDS.get(first.text("type"), ("unsupported", ""))
    payload = first.child("payload")
    if payload.ident("sticker_id") or message.ident("sticker_id"):
        sticker = dataclasses.replace(attachments[0], type="sticker")
        return Content("sticker", attachments=(sticker, *attachments[1:]))
    place = payload.child("coordinates")
    if kind == "location":
        spot = {"latitude": place.decimal("lat"), "longitude": place.decimal("long"), "place": first.text("title")}
        if not (spot["latitude"] and spot["longitude"]):
            return Content("unsupported", attachments=attachments)
        return Content("location", extra=filled(spot))
    return Content(kind, attachments=attachments)


def _attachment(file: Fields) -> Attachment:
    payload = file.child("payload")
    _, type_ = _KINDS.get(file.text("type"), ("unsupported", file.text("type")[:40] or "unknown"))
    sticker = payload.ident("sticker_id")
    return Attachment(
        type="sticker" if sticker else type_,
        id=payload.ident("attachment_id") or sticker,
        name=(payload.text("title") or file.text("title"))[:200],
        url=payload.text("url") or file.text("url"),
    )


# ---- everything else


def _postback(piece: Piece) -> Inbound:
    """A button of the menu, of a card, or the one that begins a chat; it may come from a link."""
    body = piece.body.child("postback")
    referral = _referral(body.child("referral"))
    mid, payload, title = body.ident("mid"), body.ident("payload"), body.text("title")
    content = Content(
        "postback", text=title or payload, payload=payload, message_id=mid, facts=referral, extra=_entry(referral)
    )
    return _event(piece, content, expects=True, named=mid)


def _referral(referral: Fields) -> dict[str, str]:
    names = ("ref", "source", "type", "ad_id", "referer_uri")
    found = {name: referral.ident(name)[:500] for name in names}
    return filled({name if name == "ref" else f"referral_{name}": value for name, value in found.items()})


def _entry(referral: dict[str, str]) -> dict[str, str]:
    """What a link says that leads into the chat (m.me/page?ref=...), as a bot's /start says it."""
    return {"command": "start", "argument": referral["ref"]} if referral.get("ref") else {}


def _referred(piece: Piece) -> Inbound:
    found = _referral(piece.body.child("referral"))
    return _event(piece, Content("referral", facts=found, extra=_entry(found)), expects=False)


def _reaction(piece: Piece) -> Inbound | None:
    body = piece.body.child("reaction")
    action, quoted = body.text("action"), body.ident("mid")
    if not quoted:
        return None
    emoji = "" if action == "unreact" else body.text("emoji") or _EMOJI.get(body.text("reaction"), "")
    facts = filled({"action": action, "reaction": body.text("reaction")})
    return _event(piece, Content("reaction", emoji=emoji, reply_to=quoted, facts=facts), expects=False)


def _edit(piece: Piece) -> Inbound | None:
    body = piece.body.child("message_edit")
    mid, number = body.ident("mid"), number_of(body, "num_edit")
    if not mid:
        return None
    content = Content("edit", text=body.text("text"), message_id=mid, facts={"num_edit": str(number)})
    named = f"{mid}:edit:{number}" if number else ""
    return _event(piece, content, expects=False, named=named)


def _receipt(word: str, name: str) -> Callable[[Piece], Inbound]:
    """Delivered and read: of everything up to a moment, and of single messages where they are named."""

    def read(piece: Piece) -> Inbound:
        body = piece.body.child(name)
        mids = body.idents("mids") or ((body.ident("mid"),) if body.ident("mid") else ())
        event = _event(piece, Content("status", status=word, message_id=mids[0] if mids else ""), expects=False)
        sender, _ = _people(piece)
        return dataclasses.replace(
            event, message_ids=mids, watermark_ms=body.stamp_ms("watermark"), recipient_id=sender
        )

    return read


def _optin(piece: Piece) -> Inbound:
    body = piece.body.child("optin")
    facts = {name: body.ident(name)[:200] for name in ("ref", "type", "title", "frequency", "token_expiry_timestamp")}
    status = body.text("notification_messages_status") or "optin"
    payload = body.ident("payload")[:500]
    return _event(piece, Content("preference", status=status, facts=filled({**facts, "data": payload})), expects=False)


def _linked(piece: Piece) -> Inbound:
    facts = {"type": "account_linking", "link_status": piece.body.child("account_linking").text("status")}
    return _event(piece, Content("system", facts=filled(facts)), expects=False)


def _policy(piece: Piece) -> Inbound:
    """Meta blocks the page, warns it, or takes that back."""
    body = piece.body.child("policy_enforcement") or piece.body.child("policy-enforcement")
    facts = filled({"field": "policy_enforcement", "reason": body.text("reason")[:300]})
    event = _event(piece, Content("account_event", status=body.text("action"), facts=facts), expects=False)
    return dataclasses.replace(event, conversation_id="", sender_id="")


_READERS: dict[str, Callable[[Piece], Inbound | None]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "message_edit": _edit,
    "delivery": _receipt("delivered", "delivery"),
    "read": _receipt("read", "read"),
    "referral": _referred,
    "optin": _optin,
    "account_linking": _linked,
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,
}
"""Their part of an event, how we read it."""
