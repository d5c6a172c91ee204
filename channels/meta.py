"""What Meta's channels share: the handshake, the signature over the raw bytes, and reading a batch.

Secrets: `app_secret` (and `app_secret_previous` while it is rotated) signs what Meta sends. `verify_token` is ours, and
Meta repeats it when the address is entered (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
Signed are the bytes as they came: Meta escapes letters in its own way, so JSON is never written anew before.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from channels.payload import Fields, read_json
from runtime.comparing import is_same
from runtime.core.messages import Attachment, Kind, OrderItem, SharedContact
from runtime.errors import NotAllowed
from runtime.ports import RawRequest, Secrets

_SIGNATURE = "x-hub-signature-256"
_PREFIX = "sha256="
LONGEST_CHALLENGE = 1000


def check_signature(request: RawRequest, secrets: Secrets) -> None:
    """Raise NotAllowed unless our app, now or before a rotation, signed exactly these bytes."""
    given = request.headers.get(_SIGNATURE, "")
    known = (secrets.get("app_secret", ""), secrets.get("app_secret_previous", ""))
    if not any(is_same(given, _signed(secret, request.body)) for secret in known if secret):
        raise NotAllowed("The request lacks Meta's signature. Check that app_secret is this app's secret.")


def _signed(secret: str, body: bytes) -> str:
    return f"{_PREFIX}{hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def answer_handshake(request: RawRequest, secrets: Secrets) -> str:
    """What Meta wants to hear when the address is entered; raises NotAllowed when the token is not ours."""
    right = is_same(request.query.get("hub.verify_token", ""), secrets.get("verify_token", ""))
    if request.query.get("hub.mode") != "subscribe" or not right:
        raise NotAllowed("The verify token is not this connection's. Copy verify_token into Meta's webhook settings.")
    return request.query.get("hub.challenge", "")[:LONGEST_CHALLENGE]


# ---- reading a batch

PAGE_INBOX = "263902037430900"
"""The app under which Meta's own page inbox writes: a person."""
MOST_TEXT = 20_000
"""Characters of one text that are read; people can write 4096."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The smallest part of a batch that can stand alone, and whose account it belongs to."""

    account: str
    body: Fields
    field: str = ""
    """The name of the webhook's field, where the piece is a change."""
    business: str = ""
    """The id of the account above the account: WhatsApp's business account."""
    standby: bool = False
    at_ms: int = 0
    contacts: Mapping[str, Fields] = dataclasses.field(default_factory=dict)
    """Who is named beside the messages, by id."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message carries, apart from who sent it where."""

    kind: Kind
    text: str = ""
    payload: str = ""
    emoji: str = ""
    reply_to: str = ""
    status: str = ""
    message_id: str = ""
    """Which message it speaks of, where that is not its own id."""
    error_code: int = 0
    attachments: tuple[Attachment, ...] = ()
    contacts: tuple[SharedContact, ...] = ()
    items: tuple[OrderItem, ...] = ()
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    expects: bool = True
    """Whether somebody who sends this expects an answer."""


def digest(*values: object) -> str:
    """A name for what has no id of its own: the same for the same content."""
    try:
        text = json.dumps(values, sort_keys=True, default=_plain)
    except (RecursionError, ValueError, TypeError):
        text = str(len(values))
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def _plain(value: object) -> object:
    return dict(value.values) if isinstance(value, Fields) else str(value)


def error_of(fields: Fields) -> tuple[int, dict[str, str]]:
    """The first error's code, and what it says; the details are for people and may hold anything."""
    error = next((one for one in fields.several("errors") if one), Fields({}))
    details = error.child("error_data").text("details")
    told = {"error": error.text("title") or error.text("message"), "error_details": details}
    return number_of(error, "code"), {name: value[:300] for name, value in told.items() if value}


def number_of(fields: Fields, name: str) -> int:
    """A whole number, also where it came as a string of digits."""
    digits = fields.ident(name).removeprefix("-")
    return fields.number(name) or (int(digits) if digits.isdecimal() and len(digits) < 10 else 0)


def filled(values: Mapping[str, str]) -> dict[str, str]:
    """Without what is empty."""
    return {name: value for name, value in values.items() if value}


def handing_over(body: Fields) -> tuple[str, dict[str, str]] | None:
    """Which app has a chat from now on (or asks for it), None where this speaks of nothing of the kind."""
    for action in ("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles"):
        if action in body:
            details = body.child(action)
            names = ("previous_owner_app_id", "new_owner_app_id", "requested_owner_app_id", "metadata")
            return action, filled({"action": action, **{name: details.ident(name) for name in names}})
    return None


def unknown_parts(fields: Fields, known: Iterable[str]) -> Iterator[Fields]:
    """Lists of things with ids under a name that we do not know: they may be messages, so they must not vanish."""
    for name, value in fields.values.items():
        if name not in known and any(
            isinstance(one, dict) and ("id" in one or "mid" in one) for one in _as_list(value)
        ):
            yield Fields({name: value})


def split_batch(request: RawRequest, names: tuple[str, ...]) -> tuple[bytes, ...]:
    """The batch as bodies that stand alone, each with one item of the lists `names`, or whole."""
    body = read_json(request.body)
    try:
        return tuple(json.dumps(one, allow_nan=False).encode() for one in _alone(body.values, names))
    except (RecursionError, ValueError):
        return (request.body,)


def _alone(body: Mapping[str, object], names: tuple[str, ...]) -> Iterator[Mapping[str, object]]:
    if "entry" not in body:
        yield body
    for entry in _as_list(body.get("entry")):
        items = [(name, item) for name in names if isinstance(entry, dict) for item in _as_list(entry.get(name))]
        if not items or not isinstance(entry, dict):
            yield {**body, "entry": [entry]}
            continue
        rest = {name: value for name, value in entry.items() if name not in names}
        for name, item in items:
            yield {**body, "entry": [{**rest, name: [item]}]}


def _as_list(value: object) -> list[object]:
    return [] if value is None else value if isinstance(value, list) else [value]
