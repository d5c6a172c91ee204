"""What Messenger's Send API takes, as a JSON Schema of our own: Meta publishes none.

Written after the reference of the Send API: text 2,000 characters, 13 quick replies and 3 buttons with titles of 20,
a template's text 640, sender actions never together with a message, HUMAN_AGENT as the one tag that is left.
"""

from __future__ import annotations

from typing import Any


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


_RECIPIENT = _closed(["id"], id={"type": "string", "pattern": "^[0-9]+$"})
_QUICK_REPLY = _closed(
    ["content_type", "title", "payload"], content_type={"const": "text"}, title=_text(20), payload=_text(1000)
)
_BUTTON = _closed(["type", "title", "payload"], type={"const": "postback"}, title=_text(20), payload=_text(1000))
_BUTTONS = _closed(
    ["template_type", "text", "buttons"],
    template_type={"const": "button"}, text=_text(640),
    buttons={"type": "array", "minItems": 1, "maxItems": 3, "items": _BUTTON},
)  # fmt: skip
_FILE_SOURCE = {
    "oneOf": [
        _closed(["attachment_id"], attachment_id={"type": "string", "pattern": "^[0-9]+$"}),
        _closed(["url"], url={"type": "string", "pattern": "^https?://"}, is_reusable={"type": "boolean"}),
    ]
}
_ATTACHMENT = {
    "oneOf": [
        _closed(["type", "payload"], type={"const": "template"}, payload=_BUTTONS),
        _closed(["type", "payload"], type={"enum": ["image", "audio", "video", "file"]}, payload=_FILE_SOURCE),
    ]
}
_MESSAGE = {
    "oneOf": [
        _closed(["text"], text=_text(2000),
                quick_replies={"type": "array", "minItems": 1, "maxItems": 13, "items": _QUICK_REPLY}),
        _closed(["attachment"], attachment=_ATTACHMENT),
    ]
}  # fmt: skip
SEND: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "oneOf": [
        _closed(["recipient", "messaging_type", "message"],
                recipient=_RECIPIENT, messaging_type={"enum": ["RESPONSE", "UPDATE"]}, message=_MESSAGE),
        _closed(["recipient", "messaging_type", "tag", "message"], recipient=_RECIPIENT,
                messaging_type={"const": "MESSAGE_TAG"}, tag={"const": "HUMAN_AGENT"}, message=_MESSAGE),
        _closed(["recipient", "sender_action"], recipient=_RECIPIENT,
                sender_action={"enum": ["typing_on", "typing_off", "mark_seen"]}),
    ],
}  # fmt: skip
UPLOAD: dict[str, Any] = _closed(
    ["attachment"],
    attachment=_closed(
        ["type", "payload"], type={"enum": ["image", "audio", "video", "file"]},
        payload=_closed(["is_reusable"], is_reusable={"const": True}),
    ),
)  # fmt: skip
