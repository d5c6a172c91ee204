"""What a WhatsApp Cloud notification means in our words, event by event.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference. Pure, and never raises.
One post may speak of several numbers, people and kinds of things. Who somebody is:

- A customer's id is the business-scoped user id where Meta gives one, else the phone number. The chat has the same id.
- The other ids of the same customer are `aliases`. Whoever keeps conversations looks for one under any of them first,
  so that somebody known by number stays in the same conversation when an id comes, and when the number stays away.
- `extra["phone"]` is the number, as long as we are told it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from channels.graph import WHATSAPP, fault_of
from channels.meta import Content, Piece, digest, error_of, filled, handing_over, unknown_parts
from channels.payload import Fields
from channels.whatsapp_content import content_of
from runtime.core.messages import Inbound, Kind

_ACCOUNT_WORDS = (
    "account_", "phone_number_", "message_template_", "template_", "business_", "payment_configuration_", "security",
    "flows", "partner_solutions", "tracking_events", "automatic_events", "smb_app_state_sync", "history",
    "user_id_update", "campaign_",
)  # fmt: skip
"""How the fields begin that speak of the account and not of a conversation."""
_MOST_FACTS = 12
_PARTS = frozenset({"messages", "message_echoes", "statuses", "errors", "contacts", "metadata", "messaging_product"})


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as one message or status names them."""

    id: str
    aliases: tuple[str, ...] = ()
    number: str = ""
    name: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def pieces(body: Fields) -> Iterator[Piece]:
    """The changes of a notification; what has not the documented shape is a piece without content."""
    if "entry" not in body:
        yield _piece(body, Fields({}))
    for entry in body.several("entry"):
        changes = entry.several("changes") if entry else (None,)
        for change in changes or (None,):
            yield _piece(change or Fields({}), entry or Fields({}))
        for part in unknown_parts(entry or Fields({}), ("changes",)):
            yield Piece("", part)


def _piece(change: Fields, entry: Fields) -> Piece:
    value = change.child("value")
    number = value.child("metadata").ident("phone_number_id")
    field = change.text("field") or _field_of(value)
    at_ms = entry.stamp_ms("time")
    return Piece(number, value, field, entry.ident("id"), field == "standby", at_ms, _contacts(value))


def _contacts(value: Fields) -> Mapping[str, Fields]:
    """The contacts by each of their ids; the only one also stands for whom nobody names."""
    known = [contact for contact in value.several("contacts") if contact]
    found = {contact.ident(name): contact for name in ("wa_id", "user_id") for contact in reversed(known)}
    return {**found, "": known[0] if len(known) == 1 else Fields({})}


def _field_of(value: Fields) -> str:
    return "messages" if "messages" in value or "statuses" in value else ""


def read_notification(body: Fields) -> tuple[Inbound, ...]:
    """All events in order; at least one, for nothing that came may vanish."""
    return tuple(event for piece in pieces(body) for event in read_piece(piece))


def read_piece(piece: Piece) -> tuple[Inbound, ...]:
    """The events of one change."""
    read = _READERS.get(piece.field, _about_account)
    return tuple(read(piece)) or (_unread(piece),)


def _unread(piece: Piece, part: Fields | None = None, kind: Kind = "unsupported") -> Inbound:
    """Something that has no conversation; it is named by its content."""
    what = digest(piece.field, piece.account, piece.business, piece.at_ms, piece.body if part is None else part)
    facts = filled({"field": piece.field, "waba_id": piece.business})
    return Inbound(
        kind=kind, event_id=f"whatsapp:{what}", conversation_id="", sender_id="", answer=False, account=piece.account,
        facts=facts,
    )  # fmt: skip


# ---- messages, statuses, errors


def _messages(piece: Piece) -> Iterator[Inbound]:
    yield from _each(piece, "messages", _message)
    yield from _each(piece, "message_echoes", _echo)
    yield from _each(piece, "statuses", _status)
    for part in unknown_parts(piece.body, _PARTS):
        yield _unread(piece, part)
    if "errors" in piece.body:
        code, told = error_of(piece.body)
        event = _unread(piece, kind="account_event")
        yield dataclasses.replace(event, error_code=code, facts={**event.facts, **told})


def _each(piece: Piece, name: str, read: Callable[[Piece, Fields], Inbound]) -> Iterator[Inbound]:
    """The things of a list, and one event for all of them that are none."""
    found = piece.body.several(name)
    yield from (read(piece, one) for one in found if one)
    if None in found:
        yield _unread(piece)


def _message(piece: Piece, message: Fields) -> Inbound:
    if _is_our_number(piece, message.ident("from")) and "to" in message:
        return _echo(piece, message)
    person = _sender(piece, message)
    content = content_of(message, person.number or person.id)
    group = message.ident("group_id")
    expects = content.expects and not piece.standby and (not group or _quotes_us(piece, message))
    event = _inbound(piece, message, content, person)
    if content.kind == "system":
        event = _renamed(event, content, person)
    extra = filled({**event.extra, "group_id": group, "phone": "" if group else person.number})
    return dataclasses.replace(
        event, conversation_id=group or event.conversation_id, group=bool(group), answer=expects, extra=extra
    )


def _inbound(piece: Piece, message: Fields, content: Content, person: Person) -> Inbound:
    own_id = message.ident("id")
    named = own_id or digest(piece.account, message)
    return Inbound(
        kind=content.kind,
        event_id=f"whatsapp:{named}",
        conversation_id=person.id,
        sender_id=person.id,
        answer=False,
        message_id=content.message_id or own_id,
        text=content.text,
        payload=content.payload,
        reply_to=content.reply_to,
        status=content.status,
        sender_name=person.name,
        emoji=content.emoji,
        at=message.stamp("timestamp"),
        attachments=content.attachments,
        contacts=content.contacts,
        extra={**content.extra, **filled({"phone": person.number})},
        account=piece.account,
        aliases=person.aliases,
        error_code=content.error_code,
        items=content.items,
        standby=piece.standby,
        facts={**content.facts, **dict(person.facts)},
    )


def _renamed(event: Inbound, content: Content, person: Person) -> Inbound:
    """The conversation is that of the old id; the new ones are further names of the same customer."""
    new = (content.facts.get("user_id", ""), content.facts.get("new_wa_id", ""))
    old = content.facts.get("previous_user_id", "") or person.number or person.id
    names = dict.fromkeys(name for name in (*new, person.id, person.number, *person.aliases) if name and name != old)
    return dataclasses.replace(
        event, conversation_id=old, sender_id=event.extra.get("phone", "") or old, aliases=tuple(names)
    )


def _echo(piece: Piece, message: Fields) -> Inbound:
    """What a colleague wrote in the business app, or another app in our name."""
    person = _receiver(piece, message)
    content = content_of(message)
    status = {"edit": "edited", "deletion": "deleted"}.get(content.kind, "")
    event = _inbound(piece, message, dataclasses.replace(content, kind="echo", status=status), person)
    sender = message.ident("from") or piece.body.child("metadata").ident("display_phone_number")
    facts = filled({**event.facts, "type": message.text("type"), "app_id": message.ident("app_id")})
    group = message.ident("group_id")
    return dataclasses.replace(
        event, conversation_id=group or person.id, group=bool(group), sender_id=sender, recipient_id=person.id,
        sender_name="", facts=facts,
    )  # fmt: skip


def _status(piece: Piece, status: Fields) -> Inbound:
    """What became of one of our messages. In a group there is one status for each who got it."""
    person = _receiver(piece, status)
    message_id, word = status.ident("id"), status.text("status")
    if not (message_id and word):
        return _unread(piece, status)
    code, told = error_of(status)
    group = person.id if status.text("recipient_type") == "group" else ""
    member = status.ident("recipient_participant_user_id") or status.ident("recipient_participant_id")
    pricing, talk = status.child("pricing"), status.child("conversation")
    facts = {
        **told,
        "billable": {True: "true", False: "false"}.get(pricing.values.get("billable") is True, "") if pricing else "",
        "pricing_model": pricing.text("pricing_model"),
        "pricing_category": pricing.text("category") or talk.child("origin").text("type"),
        "pricing_type": pricing.text("type"),
        "callback_data": status.text("biz_opaque_callback_data"),
        "participant_id": member,
    }
    named = ":".join(filter(None, (message_id, word, member)))
    return Inbound(
        kind="status", event_id=f"whatsapp:{named}", conversation_id=person.id, sender_id="", answer=False,
        message_id=message_id, status=word, group=bool(group), at=status.stamp("timestamp"), account=piece.account,
        aliases=person.aliases, recipient_id=person.number or person.id, error_code=code, standby=piece.standby,
        fault=fault_of(WHATSAPP, code),
        facts=filled({**facts, **dict(person.facts)}),
    )  # fmt: skip


# ---- who it is


def _is_our_number(piece: Piece, number: str) -> bool:
    return bool(number) and number == piece.body.child("metadata").ident("display_phone_number").lstrip("+")


def _quotes_us(piece: Piece, message: Fields) -> bool:
    return _is_our_number(piece, message.child("context").ident("from").lstrip("+"))


def _sender(piece: Piece, message: Fields) -> Person:
    return _person(piece, message.ident("from"), message.ident("from_user_id") or message.ident("user_id"))


def _receiver(piece: Piece, message: Fields) -> Person:
    user = next((found for name in _RECEIVING if (found := message.ident(name))), "")
    return _person(piece, message.ident("recipient_id") or message.ident("to"), user)


_RECEIVING = ("recipient_user_id", "to_user_id", "recipient")


def _person(piece: Piece, number: str, user: str) -> Person:
    """Put together from the message and its contact: the user id first, else the number."""
    contact = _contact(piece, number, user)
    wa_id, profile = contact.ident("wa_id"), contact.child("profile")
    user = user or contact.ident("user_id") or ("" if number else wa_id)
    number = number or wa_id
    ids = tuple(dict.fromkeys(found for found in (user, number, wa_id) if found))
    told = {
        "user_id": user if user != number else "",
        "parent_user_id": contact.ident("parent_user_id"),
        "username": profile.text("username"),
    }
    phone = number if number.isdecimal() else ""
    return Person(ids[0] if ids else "", ids[1:], phone, profile.text("name"), tuple(filled(told).items()))


def _contact(piece: Piece, number: str, user: str) -> Fields:
    """The contact of a message: by its user id, by its number, or the only one that there is."""
    found = piece.contacts.get(user) or piece.contacts.get(number) if user or number else None
    return found or piece.contacts.get("", Fields({}))


# ---- everything else


def _preferences(piece: Piece) -> Iterator[Inbound]:
    """A customer wants no more marketing messages, or wants them again."""
    yield from _each(piece, "user_preferences", _preference)


def _preference(piece: Piece, wish: Fields) -> Inbound:
    person = _person(piece, wish.ident("wa_id"), wish.ident("user_id"))
    facts = {"category": wish.text("category"), "detail": wish.text("detail")}
    content = Content("preference", status=wish.text("value"), facts=filled(facts))
    return _inbound(piece, wish, content, person)


def _calls(piece: Piece) -> Iterator[Inbound]:
    yield from _each(piece, "calls", _call)
    yield from _each(piece, "statuses", _status)


def _call(piece: Piece, call: Fields) -> Inbound:
    person = _sender(piece, call)
    content = Content("call", status=call.text("event"), facts=filled({"direction": call.text("direction")}))
    event = _inbound(piece, call, content, person)
    return dataclasses.replace(event, event_id=f"{event.event_id}:{call.text('event')}")


def _groups(piece: Piece) -> Iterator[Inbound]:
    """What happened to a group: nothing that a conversation is about."""
    yield from _each(piece, "groups", _group)


def _group(piece: Piece, group: Fields) -> Inbound:
    code, told = error_of(group)
    group_id, word = group.ident("group_id"), group.text("type")
    return Inbound(
        kind="membership", event_id=f"whatsapp:{digest(piece.field, piece.account, group)}", conversation_id=group_id,
        sender_id="", answer=False, status=word, group=True, at=group.stamp("timestamp"), account=piece.account,
        error_code=code, facts=filled({**told, "group_id": group_id, "subject": group.text("subject")}),
    )  # fmt: skip


def _handovers(piece: Piece) -> Iterator[Inbound]:
    """Who holds a chat, this desk or another that answers on the same number."""
    found = handing_over(piece.body)
    if found is None:
        return
    action, facts = found
    person = _person(piece, piece.body.child("sender").ident("id") or piece.body.ident("from"), "")
    event = _inbound(piece, piece.body, Content("handover", status=action, facts=facts), person)
    yield event


def _about_account(piece: Piece) -> Iterator[Inbound]:
    """What Meta says about the business account: reviews, quality, limits, templates."""
    if not (piece.body and piece.field.startswith(_ACCOUNT_WORDS)):
        return
    event = _unread(piece, kind="account_event")
    told = {name: piece.body.ident(name)[:200] for name in list(piece.body.values)[:_MOST_FACTS]}
    yield dataclasses.replace(event, status=piece.body.text("event"), facts={**filled(told), **event.facts})


_READERS: dict[str, Callable[[Piece], Iterable[Inbound]]] = {
    "messages": _messages,
    "standby": _messages,
    "smb_message_echoes": _messages,
    "message_echoes": _messages,
    "user_preferences": _preferences,
    "messaging_handovers": _handovers,
    "calls": _calls,
    "group_lifecycle_update": _groups,
    "group_participants_update": _groups,
    "group_settings_update": _groups,
    "group_status_update": _groups,
}
"""Their field, how we read it; all others are about the account or unknown."""
