"""WhatsApp Cloud's payloads in their documented layout, with values of our own, and what each means."""

from __future__ import annotations

from typing import Any

from tests.channels.meta_payloads import Case, Json

NUMBER, DISPLAY, WABA = "710022003300440", "4940555000123", "660011002200330"
PERSON, USER = "4915550001122", "DE.48210099887766554433"


def change(value: Json, field: str = "messages", number: str = NUMBER) -> Json:
    """One change of a number."""
    metadata = {"display_phone_number": DISPLAY, "phone_number_id": number}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def whatsapp(*changes: Json, waba: str = WABA) -> Json:
    """A notification with these changes."""
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": list(changes)}]}


def message(
    type_: str,
    content: object = None,
    contacts: object = None,
    *,
    account: str = NUMBER,
    sender: object = PERSON,
    **more: Any,
) -> Json:
    """A notification with one message of a customer."""
    fields = {"from": sender, "id": f"wamid.{type_}-1", "timestamp": "1795168800", "type": type_, **more}
    if content is not None:
        fields[type_] = content
    people = [{"profile": {"name": "Mara Fink"}, "wa_id": PERSON}] if contacts is None else contacts
    kept = {name: value for name, value in fields.items() if value is not None}
    return whatsapp(change({"contacts": people, "messages": [kept]}, number=account))


def cards(*shared: Json) -> Json:
    """A notification with contact cards."""
    sent = {"from": PERSON, "id": "wamid.contacts-1", "type": "contacts", "contacts": list(shared)}
    return whatsapp(change({"contacts": [{"wa_id": PERSON}], "messages": [sent]}))


def status(word: str, **more: Any) -> Json:
    """A notification with one status."""
    fields = {"id": "wamid.out-1", "status": word, "timestamp": "1795168801", "recipient_id": PERSON, **more}
    return whatsapp(change({"statuses": [fields]}))


def echo(type_: str, content: object) -> Json:
    """What a colleague wrote in the business app."""
    fields = {"from": DISPLAY, "to": PERSON, "id": f"wamid.echo-{type_}", "timestamp": "1795168802", "type": type_}
    return whatsapp(change({"message_echoes": [{**fields, type_: content}]}, "smb_message_echoes"))


def _file(kind: str, type_: str, **attachment: Any) -> Json:
    return {"kind": kind, "answer": True, "sender_id": PERSON, "attachments": [{"type": type_, **attachment}]}


_MEDIA = {"id": "900100200", "mime_type": "image/jpeg", "sha256": "abc="}
_FROM = {"sender_id": PERSON, "conversation_id": PERSON}
_SAID: Json = {"answer": True, **_FROM, "account": NUMBER}
_SILENT: Json = {"answer": False, **_FROM}
_UNKNOWN_TYPE = [{"code": 131051, "title": "Message type unknown", "error_data": {"details": "Not supported."}}]
_ITEM = {"product_retailer_id": "shampoo-1", "quantity": 2, "item_price": 12.5, "currency": "EUR"}

WHATSAPP: dict[str, Case] = {
    "text": (
        message("text", {"body": "Grüße / ❤"}),
        [{**_SAID, "kind": "text", "text": "Grüße / ❤", "sender_name": "Mara Fink", "phone": PERSON}],
    ),
    "text_quoting_us": (
        message("text", {"body": "Ja"}, context={"from": DISPLAY, "id": "wamid.out-9"}),
        [{**_SAID, "kind": "text", "reply_to": "wamid.out-9"}],
    ),
    "text_forwarded": (
        message("text", {"body": "Schau"}, context={"frequently_forwarded": True}),
        [{**_SAID, "kind": "text", "reply_to": None, "forwarded": "true"}],
    ),
    "text_from_ad": (
        message("text", {"body": "Hi"}, referral={"source_type": "ad", "source_id": "77", "headline": "Neu"}),
        [{**_SAID, "kind": "text", "source_type": "ad", "source_id": "77", "headline": "Neu"}],
    ),
    "text_about_a_product": (
        message("text", {"body": "Da?"}, context={"id": "wamid.c", "referred_product": {"product_retailer_id": "p7"}}),
        [{**_SAID, "kind": "text", "reply_to": "wamid.c", "product_retailer_id": "p7"}],
    ),
    "numbers_for_strings": (
        message("text", {"body": "Hallo"}, timestamp=1795168800, sender=int(PERSON)),
        [{**_SAID, "kind": "text", "at": "2026-11-20T10:00:00+00:00"}],
    ),
    "no_timestamp_no_profile": (
        message("text", {"body": "Hallo"}, contacts=[{"wa_id": PERSON}], timestamp=None),
        [{**_SAID, "kind": "text", "at": None, "sender_name": None}],
    ),
    "no_contacts": (message("text", {"body": "Hallo"}, contacts=[]), [{**_SAID, "kind": "text"}]),
    "user_id_and_number": (
        message("text", {"body": "Hallo"}, contacts=[{"wa_id": PERSON, "user_id": USER}], from_user_id=USER),
        [{"kind": "text", "answer": True, "sender_id": USER, "conversation_id": USER, "aliases": [PERSON],
          "phone": PERSON, "user_id": USER}],
    ),
    "user_id_alone": (
        message(
            "text", {"body": "Hallo"}, sender=None,
            contacts=[{"user_id": USER, "profile": {"name": "M", "username": "mara.f"}}],
        ),
        [{"kind": "text", "answer": True, "sender_id": USER, "conversation_id": USER, "username": "mara.f"}],
    ),
    "image": (
        message("image", {**_MEDIA, "caption": "So bitte"}),
        [{**_file("image", "image", id="900100200", mime="image/jpeg"), "text": "So bitte"}],
    ),
    "image_with_address": (
        message("image", {**_MEDIA, "url": "https://lookaside.example/x"}),
        [_file("image", "image", id="900100200", url="https://lookaside.example/x")],
    ),
    "video": (message("video", {**_MEDIA, "mime_type": "video/mp4"}), [_file("video", "video", mime="video/mp4")]),
    "audio_file": (message("audio", {**_MEDIA, "voice": False}), [_file("audio", "audio", voice=False)]),
    "voice_note": (message("audio", {**_MEDIA, "voice": True}), [_file("voice", "audio", voice=True)]),
    "document": (
        message("document", {**_MEDIA, "filename": "Angebot.pdf", "caption": "Hier"}),
        [{**_file("document", "document", filename="Angebot.pdf"), "text": "Hier"}],
    ),
    "sticker": (message("sticker", {**_MEDIA, "animated": True}), [_file("sticker", "sticker", id="900100200")]),
    "location": (
        message("location", {"latitude": 53.55, "longitude": 9.99, "name": "Hafen", "address": "Kai 1"}),
        [{**_SAID, "kind": "location", "location": {"lat": 53.55, "lon": 9.99, "name": "Hafen", "address": "Kai 1"}}],
    ),
    "contacts": (
        cards({"name": {"formatted_name": "Tom Ast"}, "phones": [{"phone": "+49 40 1", "wa_id": "49401"}]}),
        [{**_SAID, "kind": "contact", "contacts": [{"name": "Tom Ast", "phones": ["+49 40 1"], "own": False}]}],
    ),
    "own_contact": (
        cards({"name": {"first_name": "Mara"}, "phones": [{"wa_id": PERSON}]}),
        [{**_SAID, "kind": "contact", "contacts": [{"name": "Mara", "phones": [PERSON], "own": True}]}],
    ),
    "own_contact_that_we_asked_for": (
        whatsapp(change({"contacts": [{"user_id": USER}], "messages": [{
            "id": "wamid.contacts-3", "type": "contacts", "origin": "contact_request",
            "contacts": [{"vcard": "BEGIN:VCARD", "phones": [{"phone": "+4915550001122"}]}],
        }]})),
        [{"kind": "contact", "sender_id": USER, "contacts": [{"phones": ["+4915550001122"], "own": True}]}],
    ),
    "product": (
        message("interactive", {"type": "product", "product": {"catalog_id": "5", "product_retailer_id": "p7"}}),
        [{**_SAID, "kind": "share", "product_retailer_id": "p7"}],
    ),
    "button_reply": (
        message("interactive", {"type": "button_reply", "button_reply": {"id": "yes|q1|", "title": "Ja"}}),
        [{**_SAID, "kind": "button_reply", "payload": "yes|q1|", "text": "Ja"}],
    ),
    "list_reply": (
        message("interactive", {"type": "list_reply", "list_reply": {"id": "pick|q1|2", "title": "9 Uhr"}}),
        [{**_SAID, "kind": "list_reply", "payload": "pick|q1|2", "text": "9 Uhr"}],
    ),
    "form_reply": (
        message("interactive", {
            "type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"a\": 1}"},
        }),
        [{**_SAID, "kind": "form_reply", "text": "Sent", "response_json": "{\"a\": 1}"}],
    ),
    "call_permission": (
        message("interactive", {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}),
        [{**_SILENT, "kind": "preference", "status": "accept"}],
    ),
    "interactive_unknown": (
        message("interactive", {"type": "hologram_reply", "hologram_reply": {"id": "1"}}),
        [{**_SAID, "kind": "unsupported", "message_id": "wamid.interactive-1"}],
    ),
    "template_button": (
        message("button", {"payload": "termin-verschieben", "text": "Verschieben"}),
        [{**_SAID, "kind": "button_reply", "payload": "termin-verschieben", "text": "Verschieben"}],
    ),
    "reaction": (
        message("reaction", {"message_id": "wamid.out-1", "emoji": "👍"}),
        [{**_SILENT, "kind": "reaction", "reply_to": "wamid.out-1", "emoji": "👍"}],
    ),
    "reaction_removed": (
        message("reaction", {"message_id": "wamid.out-1"}),
        [{**_SILENT, "kind": "reaction", "reply_to": "wamid.out-1", "emoji": None}],
    ),
    "order": (
        message("order", {"catalog_id": "5", "text": "Bitte", "product_items": [_ITEM]}),
        [{**_SAID, "kind": "order", "text": "Bitte", "order": [_ITEM]}],
    ),
    "number_changed": (
        message("system", {"type": "user_changed_number", "wa_id": "4915559998877", "body": "changed"}, contacts=[]),
        [{**_SILENT, "kind": "system", "new_wa_id": "4915559998877", "aliases": ["4915559998877"]}],
    ),
    "user_id_changed": (
        message("system", {
            "type": "user_changed_user_id", "user_id": "DE.222", "previous_user_id": USER, "body": "changed",
        }, contacts=[], sender=None),
        [{"kind": "system", "answer": False, "sender_id": USER, "conversation_id": USER, "aliases": ["DE.222"]}],
    ),
    "edited": (
        message("edit", {"original_message_id": "wamid.text-1", "message": {"type": "text", "text": {"body": "neu"}}}),
        [{**_SILENT, "kind": "edit", "message_id": "wamid.text-1", "text": "neu"}],
    ),
    "revoked": (
        message("revoke", {"original_message_id": "wamid.text-1"}),
        [{**_SILENT, "kind": "delete", "message_id": "wamid.text-1"}],
    ),
    "unsupported": (
        message("unsupported", None, errors=_UNKNOWN_TYPE),
        [{**_SAID, "kind": "unsupported", "error_code": 131051, "text": None}],
    ),
    "type_of_tomorrow": (
        message("hologram", {"id": "h"}), [{**_SAID, "kind": "unsupported", "message_id": "wamid.hologram-1"}],
    ),
    "text_without_text": (message("text", 5), [{**_SAID, "kind": "unsupported"}]),
    "opened_the_chat": (message("request_welcome"), [{**_SILENT, "kind": "referral"}]),
    "in_a_group": (
        message("text", {"body": "Hallo alle"}, group_id="G1"),
        [{"kind": "text", "answer": False, "sender_id": PERSON, "conversation_id": "G1", "group": True}],
    ),
    "in_a_group_to_us": (
        message("text", {"body": "Und ihr?"}, group_id="G1", context={"from": DISPLAY, "id": "wamid.out-3"}),
        [{"kind": "text", "answer": True, "sender_id": PERSON, "conversation_id": "G1", "group": True}],
    ),
    "two_people_two_numbers": (
        whatsapp(
            change({"contacts": [{"wa_id": "1555", "profile": {"name": "A"}}, {"wa_id": "1666"}], "messages": [
                {"from": "1666", "id": "wamid.b", "type": "text", "text": {"body": "b"}},
                {"from": "1555", "id": "wamid.a", "type": "text", "text": {"body": "a"}},
            ]}),
            change({"messages": [{"from": "1555", "id": "wamid.c", "type": "text", "text": {"body": "c"}}],
                    "statuses": [{"id": "wamid.o", "status": "read", "recipient_id": "1555"}]}, number="2"),
        ),
        [
            {"kind": "text", "sender_id": "1666", "sender_name": None, "account": NUMBER},
            {"kind": "text", "sender_id": "1555", "sender_name": "A", "account": NUMBER},
            {"kind": "text", "sender_id": "1555", "account": "2"},
            {"kind": "status", "status": "read", "account": "2", "conversation_id": "1555"},
        ],
    ),
    "status_sent": (
        status("sent", pricing={"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}),
        [{"kind": "status", "answer": False, "message_id": "wamid.out-1", "status": "sent", "recipient_id": PERSON,
          "conversation_id": PERSON, "billable": "true", "pricing_category": "utility", "pricing_type": "regular"}],
    ),
    "status_played": (status("played"), [{"kind": "status", "status": "played", "answer": False}]),
    "status_failed": (
        status("failed", errors=[{"code": 131026, "title": "Message undeliverable"}]),
        [{"kind": "status", "status": "failed", "error_code": 131026, "error": "Message undeliverable"}],
    ),
    "status_by_user_id": (
        status("delivered", recipient_user_id=USER),
        [{"kind": "status", "conversation_id": USER, "aliases": [PERSON], "recipient_id": PERSON}],
    ),
    "status_in_a_group": (
        status("read", recipient_type="group", recipient_id="G1", recipient_participant_id=PERSON),
        [{"kind": "status", "conversation_id": "G1", "group": True, "participant_id": PERSON}],
    ),
    "account_error": (
        whatsapp(change({"errors": [{"code": 131016, "title": "Service unavailable"}]})),
        [{"kind": "account_event", "answer": False, "error_code": 131016, "waba_id": WABA}],
    ),
    "echo": (
        echo("text", {"body": "Tom hier"}),
        [{"kind": "echo", "answer": False, "sender_id": DISPLAY, "recipient_id": PERSON, "conversation_id": PERSON,
          "text": "Tom hier", "message_id": "wamid.echo-text"}],
    ),
    "echo_edited": (
        echo("edit", {"original_message_id": "wamid.e", "message": {"type": "text", "text": {"body": "doch"}}}),
        [{"kind": "echo", "status": "edited", "message_id": "wamid.e", "text": "doch", "conversation_id": PERSON}],
    ),
    "echo_revoked": (
        echo("revoke", {"original_message_id": "wamid.e"}),
        [{"kind": "echo", "status": "deleted", "message_id": "wamid.e"}],
    ),
    "standby": (
        whatsapp(change({"messages": [{"from": PERSON, "id": "wamid.s", "type": "text", "text": {"body": "x"}}]},
                        "standby")),
        [{"kind": "text", "answer": False, "standby": True, "conversation_id": PERSON}],
    ),
    "no_marketing": (
        whatsapp(change({"user_preferences": [
            {"wa_id": PERSON, "category": "marketing_messages", "value": "stop", "timestamp": 1795168800},
        ]}, "user_preferences")),
        [{**_SILENT, "kind": "preference", "status": "stop", "category": "marketing_messages"}],
    ),
    "call": (
        whatsapp(change({"calls": [{"id": "wacid.1", "from": PERSON, "event": "connect"}]}, "calls")),
        [{**_SILENT, "kind": "call", "status": "connect"}],
    ),
    "group_made": (
        whatsapp(change({"groups": [{"group_id": "G1", "type": "group_create", "subject": "Kurs"}]},
                        "group_lifecycle_update")),
        [{"kind": "membership", "answer": False, "group_id": "G1", "conversation_id": "G1", "status": "group_create"}],
    ),
    "quality": (
        whatsapp({"field": "phone_number_quality_update", "value": {"event": "FLAGGED", "current_limit": "TIER_1K"}}),
        [{"kind": "account_event", "answer": False, "status": "FLAGGED", "current_limit": "TIER_1K"}],
    ),
    "field_of_tomorrow": (
        whatsapp(change({"things": [{"id": "t"}]}, "teleportation")),
        [{"kind": "unsupported", "answer": False, "field": "teleportation"}],
    ),
    "nothing": ({"object": "whatsapp_business_account"}, [{"kind": "unsupported", "answer": False}]),
}  # fmt: skip
