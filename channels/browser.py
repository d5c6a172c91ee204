"""The web chat's side of a channel: frames from the page, and who a visitor is.

There is no `send`: what a page shows lies in the chat list, from where it reads on by itself after a reload. A visitor
is a random id that the server signed together with the tenant, so nobody can read another's chat by guessing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from channels.payload import Fields
from runtime.comparing import is_same
from runtime.core.messages import Attachment, Inbound
from runtime.errors import BadRequest

TEXT_LIMIT = 4000
PAYLOAD_LIMIT = 256
LABEL_LIMIT = 200
MOST_FILES = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VISITOR = re.compile(r"v[0-9a-f]{24}")


def sign_visitor(secret: bytes, tenant: str, visitor: str) -> str:
    """The token a page keeps: the visitor's id with our signature."""
    return f"{visitor}.{_mac(secret, tenant, visitor)}"


def verify_visitor(secret: bytes, tenant: str, token: str) -> str | None:
    """The visitor's id; None when the token is not ours or belongs to another tenant."""
    visitor, _, mac = token.partition(".")
    if not _VISITOR.fullmatch(visitor):
        return None
    return visitor if is_same(mac, _mac(secret, tenant, visitor)) else None


def _mac(secret: bytes, tenant: str, visitor: str) -> str:
    return hmac.new(secret, f"webchat\n{tenant}\n{visitor}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class BrowserChannel:
    """What the web edge needs of the web chat; it reaches the edge from the composition root."""

    connector: str = "webchat"

    def admit(self, secret: bytes, tenant: str, token: str, randomness: bytes) -> tuple[str, str]:
        """The visitor's id and token: the ones it has if we signed them, else new ones from twelve random bytes."""
        visitor = verify_visitor(secret, tenant, token) or f"v{randomness[:12].hex()}"
        return visitor, sign_visitor(secret, tenant, visitor)

    def recognise(self, secret: bytes, tenant: str, token: str) -> str | None:
        """The visitor whose token this is; None when we did not sign it for this tenant."""
        return verify_visitor(secret, tenant, token)

    def read(self, visitor: str, frame: Mapping[str, object]) -> Inbound:
        """What a frame of this visitor means; raises BadRequest."""
        return read_frame(visitor, Fields(frame))


def read_frame(visitor: str, frame: Fields) -> Inbound:
    """What the page sent: {type: say, id, text, files} or {type: press, id, payload, label}. Raises BadRequest."""
    message_id = frame.text("id")
    if not _ID.fullmatch(message_id):
        raise BadRequest("The frame's id must be 1 to 64 letters, digits, - or _.")
    match frame.text("type"):
        case "say":
            files = _files(frame)
            text = _limited(frame, "text", TEXT_LIMIT) if not files or frame.text("text").strip() else ""
            return dataclasses.replace(_inbound(visitor, message_id, text=text), attachments=files)
        case "press":
            payload, label = _limited(frame, "payload", PAYLOAD_LIMIT), frame.text("label").strip()[:LABEL_LIMIT]
            return _inbound(visitor, message_id, text=label, payload=payload)
        case other:
            raise BadRequest(f"Frames of type {other[:20]!r} are not known; say and press are.")


def _files(frame: Fields) -> tuple[Attachment, ...]:
    """Files that were uploaded before, by our ids; what each of them is, the edge looks up."""
    ids = frame.values.get("files")
    if ids is None:
        return ()
    if not isinstance(ids, list) or len(ids) > MOST_FILES or not all(isinstance(one, str) for one in ids):
        raise BadRequest(f"The frame's files must be a list of at most {MOST_FILES} ids.")
    return tuple(Attachment("document", file=one) for one in ids)


def _limited(frame: Fields, name: str, limit: int) -> str:
    value = frame.text(name).strip()
    if not 1 <= len(value) <= limit:
        raise BadRequest(f"The frame's {name} must be 1 to {limit} characters long.")
    return value


def _inbound(visitor: str, message_id: str, *, text: str, payload: str = "") -> Inbound:
    return Inbound(
        kind="button" if payload else "text",
        event_id=f"{visitor}:{message_id}",
        conversation_id=visitor,
        sender_id=visitor,
        answer=True,
        message_id=message_id,
        text=text,
        payload=payload,
    )
