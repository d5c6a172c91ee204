"""What a Telegram update means in our words (Bot API 10.1, https://core.telegram.org/bots/api#update).

Pure, and never raises: a field that is missing or of another type is nothing there, a kind that we do not know is
`unsupported`. Who is answered: everybody in a private chat; in a group only who names or quotes a bot or gives a
command; never a bot, never ourselves, never a channel.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.payload import Fields
from runtime.core.messages import Attachment, Inbound, Kind, SharedContact

_GROUPS = ("group", "supergroup")
_MENTION = re.compile(r"(?<![\w@])@(\w*bot)\b", re.IGNORECASE)  # a bot's user name always ends in "bot"
_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)

_FILES: tuple[tuple[str, Kind, str], ...] = (
    ("voice", "voice", "audio"),
    ("audio", "audio", "audio"),
    ("video", "video", "video"),
    ("video_note", "video", "video"),
    ("animation", "video", "video"),  # before document: an animation fills that too
    ("document", "document", "document"),
    ("sticker", "sticker", "sticker"),
)
"""Their field, our kind of message, our type of attachment."""

_NOTICES = frozenset({
    "new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
    "channel_chat_created", "message_auto_delete_timer_changed", "pinned_message", "successful_payment",
    "refunded_payment", "users_shared", "chat_shared", "connected_website", "write_access_allowed",
    "passport_data", "proximity_alert_triggered", "boost_added", "chat_background_set", "checklist_tasks_done",
    "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    "giveaway_created", "giveaway_completed", "giveaway_winners", "paid_message_price_changed",
    "video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
    "managed_bot_created", "poll_option_added", "poll_option_deleted", "chat_owner_left", "chat_owner_changed",
    "gift", "unique_gift", "gift_upgrade_sent", "suggested_post_approved", "suggested_post_approval_failed",
    "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
})  # fmt: skip
"""Messages that Telegram writes about a chat; nobody waits for an answer to them."""

_STANDING = {"member": "joined", "administrator": "joined", "creator": "joined", "left": "left", "kicked": "removed"}


@dataclass(frozen=True, slots=True)
class Mark:
    """What every event of one update shares. `bot` is our own user name, "" where it is not known."""

    event_id: str
    order: int
    bot: str

    def names_us(self, username: str) -> bool:
        """Whether this user name is ours; without our own name, whether it is a bot's."""
        name = username.casefold()
        return name == self.bot.casefold() if self.bot else name.endswith("bot")


@dataclass(frozen=True, slots=True)
class Content:
    """What a message carries, apart from who sent it where."""

    kind: Kind
    attachments: tuple[Attachment, ...] = ()
    contacts: tuple[SharedContact, ...] = ()
    emoji: str = ""
    status: str = ""
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    expects: bool = True
    """Whether somebody who sends this expects an answer."""


def read_update(update: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """The events of one update, in order."""
    for name, read in _READERS.items():
        if body := update.child(name):
            return read(body, mark)
    return (_unknown(update, mark),)


def _unknown(update: Fields, mark: Mark) -> Inbound:
    body = next((found for name in update.values if (found := update.child(name))), Fields({}))
    sender = _sender_id(body)
    return Inbound(
        kind="unsupported", event_id=mark.event_id, conversation_id=body.child("chat").ident("id") or sender,
        sender_id=sender, answer=False, order=mark.order,
    )  # fmt: skip


def _message(message: Fields, mark: Mark) -> tuple[Inbound, ...]:
    content = _content(message)
    sender, chat = message.child("from"), message.child("chat")
    answer = content.expects and not sender.is_true("is_bot") and _is_for_us(message, chat, mark)
    return (_inbound(message, mark, content, answer),)


def _business_message(message: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """A chat of the owner's own account: what they or their bot wrote there comes back as an echo."""
    if _is_own_business_message(message):
        return (_inbound(message, mark, dataclasses.replace(_content(message), kind="echo"), False),)
    return _message(message, mark)


def _is_own_business_message(message: Fields) -> bool:
    """In a business chat the chat's id is the customer's id."""
    sender = message.child("from").ident("id")
    return "sender_business_bot" in message or bool(sender and sender != message.child("chat").ident("id"))


def _edited(message: Fields, mark: Mark) -> tuple[Inbound, ...]:
    return (_inbound(message, mark, dataclasses.replace(_content(message), kind="edit"), False),)


def _post(message: Fields, mark: Mark) -> tuple[Inbound, ...]:
    return (_inbound(message, mark, _content(message), False),)


def _inbound(message: Fields, mark: Mark, content: Content, answer: bool) -> Inbound:
    sender, chat = message.child("from"), message.child("chat")
    return Inbound(
        kind=content.kind,
        event_id=mark.event_id,
        conversation_id=chat.ident("id"),
        sender_id=_sender_id(message),
        answer=answer,
        message_id=message.ident("message_id"),
        text=_text(message),
        reply_to=_quoted(message),
        status=content.status,
        group_key=message.ident("media_group_id"),
        group=chat.text("type") in _GROUPS,
        sender_name=_full_name(sender),
        language=sender.text("language_code"),
        emoji=content.emoji,
        at=message.moment("edit_date") or message.moment("date"),
        order=mark.order,
        attachments=content.attachments,
        contacts=content.contacts,
        extra={**_way_back(message), **_command(_text(message)), **content.extra},
    )


def _text(message: Fields) -> str:
    return message.text("text") or message.text("caption")


def _sender_id(message: Fields) -> str:
    people = ("from", "user", "sender_chat", "actor_chat", "chat")
    return next((ident for name in people if (ident := message.child(name).ident("id"))), "")


def _full_name(person: Fields) -> str:
    return f"{person.text('first_name')} {person.text('last_name')}".strip()


def _way_back(message: Fields) -> dict[str, str]:
    """Where an answer must go besides the chat: a business connection, a forum's topic."""
    topic = message.ident("message_thread_id") if message.is_true("is_topic_message") else ""
    direct = message.child("direct_messages_topic").ident("topic_id")
    found = {
        "business_connection_id": message.text("business_connection_id"),
        "message_thread_id": topic,
        "direct_messages_topic_id": direct,
    }
    return {name: value for name, value in found.items() if value}


def _command(text: str) -> dict[str, str]:
    """`/start abc` as a fact: people come with it from a link that says what they want."""
    if not (found := _COMMAND.fullmatch(text)):
        return {}
    return {"command": found[1], **({"argument": found[3]} if found[3] else {})}


def _is_for_us(message: Fields, chat: Fields, mark: Mark) -> bool:
    if chat.text("type") == "channel":
        return False
    if chat.text("type") not in _GROUPS:
        return True
    return _quotes_us(message, mark) or _names_us(message, mark)


def _quoted(message: Fields) -> str:
    """What a message replies to; in a forum all hang on the one that opened their topic, which quotes nothing."""
    quoted = message.child("reply_to_message")
    return "" if quoted.child("forum_topic_created") else quoted.ident("message_id")


def _quotes_us(message: Fields, mark: Mark) -> bool:
    author = message.child("reply_to_message").child("from")
    name = author.text("username")
    return author.is_true("is_bot") and (not mark.bot or not name or mark.names_us(name))


def _names_us(message: Fields, mark: Mark) -> bool:
    text = _text(message)
    if found := _COMMAND.fullmatch(text):
        return not found[2] or mark.names_us(found[2])
    entities = (*message.children("entities"), *message.children("caption_entities"))
    by_entity = (entity.child("user") for entity in entities if entity.text("type") == "text_mention")
    if any(user.is_true("is_bot") and mark.names_us(user.text("username") or "bot") for user in by_entity):
        return True
    return any(mark.names_us(name) for name in _MENTION.findall(text))


def _content(message: Fields) -> Content:
    for look in (_photo, _file, _place, _card, _coming_and_going):
        if found := look(message):
            return found
    if message.text("text"):
        return Content("text")
    return Content("unsupported", expects=not any(name in message for name in _NOTICES))


def _photo(message: Fields) -> Content | None:
    """All sizes are the same picture: the largest one counts."""
    sizes = [size for size in message.children("photo") if size.text("file_id")]
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: (size.number("width") * size.number("height"), size.number("file_size")))
    return Content("image", (_attachment("image", largest),))


def _file(message: Fields) -> Content | None:
    for name, kind, type_ in _FILES:
        if file := message.child(name):
            return Content(kind, (_attachment(type_, file),), emoji=file.text("emoji"))
    return None


def _attachment(type_: str, file: Fields) -> Attachment:
    return Attachment(
        type=type_, id=file.text("file_id"), mime=file.text("mime_type"), size=max(0, file.number("file_size")),
        name=file.text("file_name"), duration_s=max(0, file.number("duration")),
    )  # fmt: skip


def _place(message: Fields) -> Content | None:
    venue = message.child("venue")
    spot = venue.child("location") or message.child("location")
    if not (venue or spot):
        return None
    found = {
        "latitude": spot.decimal("latitude"),
        "longitude": spot.decimal("longitude"),
        "place": venue.text("title"),
        "address": venue.text("address"),
    }
    return Content("location", extra={name: value for name, value in found.items() if value})


def _card(message: Fields) -> Content | None:
    card = message.child("contact")
    if not card:
        return None
    user, phone = card.ident("user_id"), card.ident("phone_number")
    own = bool(user) and user == message.child("from").ident("id")
    return Content("contact", contacts=(SharedContact(_full_name(card), (phone,) if phone else (), own, user),))


def _coming_and_going(message: Fields) -> Content | None:
    if new_chat := message.ident("migrate_to_chat_id"):
        return Content("membership", status="migrated", extra={"migrate_to_chat_id": new_chat}, expects=False)
    if "migrate_from_chat_id" in message:
        return Content("membership", status="migrated", expects=False)
    for name, status in (("new_chat_members", "joined"), ("left_chat_member", "left")):
        if name in message:
            return Content("membership", status=status, expects=False)
    return None


def _pressed(query: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """A button under one of our messages. Its own id is what answerCallbackQuery wants; games have no data."""
    sender, message = query.child("from"), query.child("message")
    chat, data = message.child("chat"), query.text("data")
    return (
        Inbound(
            kind="button" if data else "unsupported",
            event_id=mark.event_id,
            conversation_id=chat.ident("id") or sender.ident("id"),
            sender_id=sender.ident("id"),
            answer=not sender.is_true("is_bot") and bool(data),
            message_id=query.ident("id"),
            payload=data,
            reply_to=message.ident("message_id"),
            group=chat.text("type") in _GROUPS,
            sender_name=_full_name(sender),
            language=sender.text("language_code"),
            order=mark.order,
            extra=_way_back(message),
        ),
    )


def _reacted(reaction: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """The emoji that came newly; "" when one was only taken off."""
    old = {item.text("emoji") for item in reaction.children("old_reaction")}
    new = [emoji for item in reaction.children("new_reaction") if (emoji := item.text("emoji"))]
    emoji = next((found for found in new if found not in old), new[0] if new else "")
    event = _about_chat(reaction, mark, "reaction")
    return (dataclasses.replace(event, emoji=emoji, reply_to=reaction.ident("message_id")),)


def _standing(change: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """Our own standing in a chat. In a private chat "kicked" means that the customer blocked the bot."""
    status = change.child("new_chat_member").text("status")
    word = _STANDING.get(status, status)
    if word == "removed" and change.child("chat").text("type") not in _GROUPS:
        word = "blocked"
    return (dataclasses.replace(_about_chat(change, mark, "membership"), status=word),)


def _about_chat(body: Fields, mark: Mark, kind: Kind) -> Inbound:
    sender, chat = body.child("from") or body.child("user"), body.child("chat")
    return Inbound(
        kind=kind, event_id=mark.event_id, conversation_id=chat.ident("id"), sender_id=_sender_id(body), answer=False,
        group=chat.text("type") in _GROUPS, sender_name=_full_name(sender), language=sender.text("language_code"),
        at=body.moment("date"), order=mark.order,
    )  # fmt: skip


def _deleted(body: Fields, mark: Mark) -> tuple[Inbound, ...]:
    """One update may name several messages: one event each, so that each has its own seen mark."""
    base = dataclasses.replace(_about_chat(body, mark, "deletion"), extra=_way_back(body))
    ids = body.idents("message_ids")
    if len(ids) < 2:
        return (dataclasses.replace(base, message_id=ids[0] if ids else ""),)
    return tuple(dataclasses.replace(base, message_id=one, event_id=f"{mark.event_id}:{one}") for one in ids)


_READERS: dict[str, Callable[[Fields, Mark], tuple[Inbound, ...]]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "message_reaction": _reacted,
    "my_chat_member": _standing,
    "business_message": _business_message,
    "edited_business_message": _edited,
    "deleted_business_messages": _deleted,
    "channel_post": _post,
    "edited_channel_post": _edited,
}
"""Their update, how we read it."""

ALLOWED_UPDATES = tuple(_READERS)
"""What we ask Telegram for; reactions come only when they are named."""
