"""What customers send and what they get: inbound messages, outgoing parts, sayings by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from runtime.core.values import Value

Kind = Literal[
    "text", "image", "video", "voice", "audio", "document", "sticker", "location", "contact", "button",
    "list_reply", "quick_reply", "postback", "form_reply", "order", "share",
    "reaction", "edit", "deletion", "status", "membership", "echo", "unsupported",
    "referral", "handover", "preference", "system", "call", "account_event",
]  # fmt: skip

PRESSED: frozenset[Kind] = frozenset({"button", "list_reply", "quick_reply", "postback"})
"""Kinds that carry a payload of ours back."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came or goes with a message; `id` is the provider's handle, never a URL that holds a token."""

    type: str
    """image, video, voice, audio, document or sticker."""
    id: str = ""
    mime: str = ""
    size: int = 0
    name: str = ""
    duration_s: int = 0
    url: str = ""
    """Where a provider without handles keeps it: such an address expires, so it is fetched at once. Of what we send:
    where the provider may fetch it without any secret."""
    file: str = ""
    """Our own id of the file, where we keep it."""
    path: str = ""
    """Where its bytes lie while it is being sent; filled in for the channel, never stored."""


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A contact card."""

    name: str
    phones: tuple[str, ...]
    own: bool = False
    """Whether it is the sender's own card."""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order that was put together in a provider's catalogue; the price as the provider wrote it."""

    product: str
    quantity: int
    price: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event that a channel found in a payload, in our words. Ids are strings; `at` is the provider's time."""

    kind: Kind
    event_id: str
    """What the provider repeats when it sends the same thing twice: the key of the seen mark."""
    conversation_id: str
    sender_id: str
    answer: bool
    """Whether the desk should answer at all."""
    message_id: str = ""
    text: str = ""
    payload: str = ""
    """What a pressed button carries."""
    reply_to: str = ""
    status: str = ""
    group_key: str = ""
    """Parts of one album share it."""
    group: bool = False
    sender_name: str = ""
    language: str = ""
    emoji: str = ""
    at: datetime | None = None
    order: int = 0
    """The provider's sequence number, 0 where there is none."""
    attachments: tuple[Attachment, ...] = ()
    contacts: tuple[SharedContact, ...] = ()
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Facts of this channel alone that a send needs again, such as a business connection."""
    account: str = ""
    """The provider's id of our own number or page that this belongs to; "" is the connection of the address."""
    aliases: tuple[str, ...] = ()
    """Other ids of the same customer, such as the phone number beside a user id, or the new ones after a change."""
    recipient_id: str = ""
    """Whom a message of ours went to, for a status or an echo."""
    error_code: int = 0
    """The provider's number for what went wrong."""
    fault: str = ""
    """What that number means, in a word of `errors.ProviderFault`, or `gone`: nothing reaches this customer."""
    message_ids: tuple[str, ...] = ()
    """Of a status: all messages that it speaks of, where they are several."""
    watermark_ms: int = 0
    """Of a status: it speaks of everything that we sent until then (Messenger's read receipts name no message)."""
    items: tuple[OrderItem, ...] = ()
    standby: bool = False
    """Another app holds this chat: we only listen."""
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What else the provider said that may matter to somebody, by its own names; never needed for a send."""


@dataclass(frozen=True, slots=True)
class Say:
    """A saying by its name in `configs/replies/`, with the values it is filled with."""

    name: str
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label is a saying, its payload comes back as Pressed."""

    label: Say
    payload: str


OWN_CHATS = frozenset({"webchat", "terminal", "api"})
"""Connectors whose screen is our own chat list: nothing is sent to a provider, and nothing unasked."""

PartClass = Literal["notice", "answer", "acknowledgement", "question", "closing"]
Author = Literal["bot", "operator", "system"]


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as the customer sees it."""

    text: str
    payload: str
    description: str = ""
    """A second line, where a channel shows buttons as a list."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message that the provider approved beforehand: outside its window nothing else may be sent."""

    name: str
    language: str
    """As the provider has it, such as de or en_GB."""
    values: tuple[str, ...] = ()
    """What stands in the places of its text, in order."""
    payloads: tuple[str, ...] = ()
    """What its quick-reply buttons carry, in order."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class OutboundPart:
    """One outgoing bubble, as it lies in the outbox and goes to a channel.

    `id` is stable over retries. `generation` is the owner's generation at the time of writing: delivery withholds
    a bot's part of an older one (law 6). What a provider takes only as several messages is cut into pieces before it is
    sent; they have the part's id and are numbered.
    """

    id: str
    tenant: str
    connection: str
    conversation: str
    """Our conversation id."""
    chat: str
    """The provider's chat id: where to send."""
    author: Author
    generation: int
    text: str
    language: str = "de"
    buttons: tuple[RenderedButton, ...] = ()
    turn: int = 0
    question: str = ""
    """Id of the question that this part asks."""
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What the channel told us to bring along, see Inbound.extra."""
    trace: str = ""
    """The turn's place in its trace."""
    at_ms: int = 0
    """When it was written, real time; 0 where nobody said. Delivery gives up after a day."""
    heard_at_ms: int = 0
    """When the customer's last message came, real time; 0 where nobody said. Providers close their window by it."""
    template: Template | None = None
    """Goes out instead of `text`, which then says the same in our own words."""
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    contacts: tuple[SharedContact, ...] = ()
    quote: str = ""
    """The provider's id of the message that this one answers."""
    reaction: str = ""
    """An emoji on the message `quote` instead of a message."""
    menu: str = ""
    """What opens the buttons, where a channel shows them as a list."""
    piece: int = 0
    """Which piece of its part this is, from 1; 0 for a whole part."""
    pieces: int = 0
    """How many pieces its part was cut into."""
