"""Messenger's payloads in their documented layout, with values of our own, and what each means."""

from __future__ import annotations

from typing import Any

from tests.channels.meta_payloads import Case, Json

PAGE, PSID, OUR_APP = "150015001500150", "6600770088009900", "515253545556"
INBOX = 263902037430900
READ_MS = 1795168800100


def page(*items: Json, name: str = "messaging", page_id: str = PAGE) -> Json:
    """A notification of one page."""
    return {"object": "page", "entry": [{"id": page_id, "time": 1795168800500, name: list(items)}]}


def item(person: str = PSID, page_id: str = PAGE, **parts: Any) -> Json:
    """One event of a person."""
    return {"sender": {"id": person}, "recipient": {"id": page_id}, "timestamp": 1795168800123, **parts}


def from_page(**parts: Any) -> Json:
    """One event with the page as its sender."""
    return {"sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": 1795168800123, **parts}


def _attached(type_: str, **payload: Any) -> Json:
    return page(item(message={"mid": f"m_{type_}", "attachments": [{"type": type_, "payload": payload}]}))


_PERSON = {"sender_id": PSID, "conversation_id": PSID}
_WROTE: Json = {"answer": True, **_PERSON, "account": PAGE, "page_id": PAGE}
_SHOWN: Json = {"answer": False, **_PERSON}
_URL = "https://cdn.example/f?x=1"

MESSENGER: dict[str, Case] = {
    "text": (
        page(item(message={"mid": "m_1", "text": "Moin"})),
        [{**_WROTE, "kind": "text", "text": "Moin", "message_id": "m_1", "at": "2026-11-20T10:00:00.123000+00:00"}],
    ),
    "text_quoting_us": (
        page(item(message={"mid": "m_2", "text": "Ja", "reply_to": {"mid": "m_out"}})),
        [{**_WROTE, "kind": "text", "reply_to": "m_out"}],
    ),
    "quick_reply": (
        page(item(message={"mid": "m_3", "text": "Ja", "quick_reply": {"payload": "yes|q1|"}})),
        [{**_WROTE, "kind": "quick_reply", "payload": "yes|q1|", "text": "Ja"}],
    ),
    "image": (
        _attached("image", url=_URL),
        [{**_WROTE, "kind": "image", "attachments": [{"type": "image", "url": _URL}], "text": None}],
    ),
    "two_images": (
        page(item(message={"mid": "m_4", "attachments": [
            {"type": "image", "payload": {"url": url}} for url in (_URL, "2")]})),
        [{**_WROTE, "kind": "image", "attachments": [{"type": "image", "url": _URL}, {"type": "image", "url": "2"}]}],
    ),
    "video": (_attached("video", url=_URL), [{**_WROTE, "kind": "video"}]),
    "audio": (_attached("audio", url=_URL), [{**_WROTE, "kind": "audio", "attachments": [{"type": "audio"}]}]),
    "file": (_attached("file", url=_URL), [{**_WROTE, "kind": "document", "attachments": [{"type": "document"}]}]),
    "sticker": (
        _attached("image", url=_URL, sticker_id=369239263222822),
        [{**_WROTE, "kind": "sticker", "attachments": [{"type": "sticker", "id": "369239263222822"}]}],
    ),
    "sticker_of_today": (
        _attached("sticker", url=_URL, sticker_id=767226160478561),
        [{**_WROTE, "kind": "sticker", "attachments": [{"type": "sticker", "id": "767226160478561"}]}],
    ),
    "sticker_told_twice": (
        page(item(message={"mid": "m_st", "attachments": [
            {"type": type_, "payload": {"url": _URL, "sticker_id": 7672}} for type_ in ("sticker", "image")]})),
        [{**_WROTE, "kind": "sticker", "attachments": [{"type": "sticker", "id": "7672"}]}],
    ),
    "shared_link": (
        _attached("fallback", url=_URL, title="Kurse"),
        [{**_WROTE, "kind": "share", "attachments": [{"type": "link", "url": _URL, "filename": "Kurse"}]}],
    ),
    "location": (
        _attached("location", coordinates={"lat": 53.5, "long": 10.0}),
        [{**_WROTE, "kind": "location", "location": {"lat": 53.5, "lon": 10.0, "name": None, "address": None}}],
    ),
    "attachment_of_tomorrow": (_attached("hologram", url=_URL), [{**_WROTE, "kind": "unsupported"}]),
    "postback": (
        page(item(postback={"mid": "m_5", "title": "Buchen", "payload": "start||book_appointment"})),
        [{**_WROTE, "kind": "postback", "payload": "start||book_appointment", "text": "Buchen", "message_id": "m_5"}],
    ),
    "begun_from_a_link": (
        page(item(postback={"title": "Los", "payload": "GET_STARTED", "referral": {"ref": "book", "source": "LINK"}})),
        [{**_WROTE, "kind": "postback", "ref": "book", "command": "start", "argument": "book"}],
    ),
    "referral": (
        page(item(referral={"ref": "flyer", "source": "SHORTLINK", "type": "OPEN_THREAD"})),
        [{**_SHOWN, "kind": "referral", "ref": "flyer"}],
    ),
    "reaction": (
        page(item(reaction={"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_out"})),
        [{**_SHOWN, "kind": "reaction", "emoji": "❤️", "reply_to": "m_out"}],
    ),
    "reaction_removed": (
        page(item(reaction={"action": "unreact", "mid": "m_out"})),
        [{**_SHOWN, "kind": "reaction", "emoji": None, "reply_to": "m_out"}],
    ),
    "reaction_without_emoji": (
        page(item(reaction={"reaction": "like", "action": "react", "mid": "m_out"})),
        [{**_SHOWN, "kind": "reaction", "emoji": "👍"}],
    ),
    "edited": (
        page(item(message_edit={"mid": "m_1", "text": "neu", "num_edit": 2})),
        [{**_SHOWN, "kind": "edit", "message_id": "m_1", "text": "neu"}],
    ),
    "delivered": (
        page(item(delivery={"mids": ["m_a", "m_b"], "watermark": READ_MS})),
        [{**_SHOWN, "kind": "status", "status": "delivered", "message_ids": ["m_a", "m_b"], "watermark": READ_MS}],
    ),
    "read": (
        page(item(read={"watermark": 1795168800100})),
        [{**_SHOWN, "kind": "status", "status": "read", "watermark": 1795168800100, "recipient_id": PSID}],
    ),
    "own_echo": (
        page(from_page(message={"mid": "m_out", "is_echo": True, "app_id": int(OUR_APP), "text": "Gern"})),
        [{"kind": "echo", "answer": False, "sender_id": PAGE, "recipient_id": PSID, "conversation_id": PSID,
          "app_id": OUR_APP, "text": "Gern"}],
    ),
    "echo_of_a_person": (
        page(from_page(message={"mid": "m_p", "is_echo": True, "app_id": INBOX, "text": "Tom"})),
        [{"kind": "echo", "app_id": str(INBOX), "written_by": "page_inbox", "conversation_id": PSID}],
    ),
    "echo_of_a_file": (
        page(from_page(message={"mid": "m_p", "is_echo": True, "attachments": [{"type": "file", "payload": {}}]})),
        [{"kind": "echo", "attachments": [{"type": "document"}]}],
    ),
    "standby": (
        page(item(message={"mid": "m_6", "text": "an andere"}), name="standby"),
        [{**_SHOWN, "kind": "text", "standby": True, "text": "an andere"}],
    ),
    "handed_to_us": (
        page(item(pass_thread_control={"previous_owner_app_id": INBOX, "new_owner_app_id": int(OUR_APP)})),
        [{**_SHOWN, "kind": "handover", "action": "pass_thread_control", "new_owner_app_id": OUR_APP}],
    ),
    "taken_from_us": (
        page(item(take_thread_control={"previous_owner_app_id": int(OUR_APP), "metadata": "m"})),
        [{**_SHOWN, "kind": "handover", "action": "take_thread_control", "previous_owner_app_id": OUR_APP}],
    ),
    "wanted_from_us": (
        page(item(request_thread_control={"requested_owner_app_id": INBOX})),
        [{**_SHOWN, "kind": "handover", "action": "request_thread_control"}],
    ),
    "opted_in": (page(item(optin={"type": "one_time_notif_req"})), [{**_SHOWN, "kind": "preference"}]),
    "account_linked": (page(item(account_linking={"status": "linked"})), [{**_SHOWN, "kind": "system"}]),
    "policy": (
        page({"recipient": {"id": PAGE}, "policy_enforcement": {"action": "block", "reason": "spam"}}),
        [{"kind": "account_event", "answer": False, "status": "block"}],
    ),
    "deleted": (
        page(item(message={"mid": "m_1", "is_deleted": True})), [{**_SHOWN, "kind": "delete", "message_id": "m_1"}],
    ),
    "event_of_tomorrow": (page(item(hologram={"a": 1})), [{**_SHOWN, "kind": "unsupported"}]),
    "dashboard_test": (
        {"object": "page", "entry": [{"id": PAGE, "changes": [
            {"field": "messages", "value": item(message={"mid": "m_t", "text": "test"})}]}]},
        [{**_WROTE, "kind": "text", "text": "test"}],
    ),
    "feed": (
        {"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "feed", "value": {"item": "post"}}]}]},
        [{"kind": "account_event", "answer": False}],
    ),
    "two_pages": (
        {"object": "page", "entry": [page(item(message={"mid": "m_7", "text": "eins"}))["entry"][0], page(
            item("99", "2", message={"mid": "m_8", "text": "zwei"}), page_id="2")["entry"][0]]},
        [{**_WROTE, "text": "eins"}, {"account": "2", "conversation_id": "99", "text": "zwei"}],
    ),
    "nothing": ({"object": "page", "entry": []}, []),
}  # fmt: skip
