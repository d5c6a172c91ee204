"""Messages that went out in our name and come back: our own are nothing, a person's mean that they have the chat (K8).

Whose it was is told by the sending app's id. Where we do not know our own, the ids of what we sent tell. But one may
be quicker than the answer of our send: such a one waits, is called off when the answer is stored, and is compared with
our last words before it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from runtime.codec import Boxed, Origin, box
from runtime.core.events import OperatorEchoed, ThreadMoved
from runtime.core.handoff import APP
from runtime.core.messages import Inbound
from runtime.ports import Connection
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent
from runtime.sessions.store import Sessions
from runtime.telemetry import count

Whose = Literal["ours", "a person's", "unknown"]
WAIT_MS = 20_000
"""Longer than any send of ours takes, with the storing of its answer."""
_HOW: Mapping[str, Literal["edited", "deleted"]] = {"edited": "edited", "deleted": "deleted"}
_INBOX = "page_inbox"


def whose(connection: Connection, inbound: Inbound) -> Whose:
    """By the app that sent it. The phone's app, and a page's own inbox, only persons use."""
    app, ours = inbound.facts.get("app_id", ""), connection.config.get("app_id", "")
    if app and app == ours:
        return "ours"
    if inbound.facts.get("written_by") == _INBOX or inbound.status in _HOW:
        return "a person's"
    if ours or connection.connector == "whatsapp_cloud":
        return "a person's"
    return "unknown"


def echo_of(connection: Connection, inbound: Inbound, now: datetime, *, sure: bool) -> OperatorEchoed:
    """The event, with whoever wrote it as well as one can tell."""
    app = inbound.facts.get("app_id", "")
    place = "phone" if connection.connector == "whatsapp_cloud" else app or "inbox"
    if inbound.facts.get("written_by") == _INBOX:
        place = "inbox"
    how: Literal["new", "edited", "deleted"] = _HOW.get(inbound.status) or "new"
    media = inbound.attachments
    kind = media[0].type if media else "text"
    return OperatorEchoed(f"{APP}{place}", inbound.text, inbound.message_id, now, sure, how, kind, inbound.at, media)


def thread_of(connection: Connection, inbound: Inbound, now: datetime) -> ThreadMoved | None:
    """Who answers from now on; None where nothing moved (somebody asks for a chat, roles change)."""
    if inbound.status not in ("pass_thread_control", "take_thread_control"):
        return None
    new, ours = inbound.facts.get("new_owner_app_id", ""), connection.config.get("app_id", "")
    is_ours = new == ours if new and ours else inbound.status == "pass_thread_control"
    return ThreadMoved(is_ours, "" if is_ours else new, now)


async def take_echo(sessions: Sessions, key: SessionKey, event_id: str, event: OperatorEchoed, origin: Origin) -> bool:
    """Into the box, at once or after a wait; whether anything new came of it."""
    body = box(Boxed(event_id, event, origin))
    if event.sure:
        return await sessions.append(key, BoxEvent(event_id, body, words=False, gather_ms=0))
    own = await sessions.sent.echoed(key, event_id, event.message_id, WAIT_MS, body)
    count("echoes", whose="ours" if own else "unknown")
    return not own
