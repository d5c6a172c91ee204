"""What a channel found in a payload, as an event of the conversation; without what is too private to keep. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from runtime.core.entering import ENTRY
from runtime.core.events import (
    AddressChanged,
    ConsentChanged,
    Deleted,
    Edited,
    Event,
    Message,
    OperatorEchoed,
    OptedIn,
    OptedOut,
    Pressed,
    Reacted,
    Said,
)
from runtime.core.messages import PRESSED, Inbound
from runtime.core.private import masked
from runtime.echoes import echo_of, thread_of, whose
from runtime.ports import Connection

ECHOING = frozenset({"whatsapp_cloud", "messenger", "instagram"})
"""Where persons of the business write past the desk under the same name."""
_WISHES: Mapping[str, bool] = {"stop": False, "stop_notifications": False, "resume": True, "resume_notifications": True}


def event_of(connection: Connection, inbound: Inbound, now: datetime) -> Event | None:
    """Our event; None for what changes nothing in a conversation."""
    inbound = dataclasses.replace(inbound, text=masked(inbound.text))
    match inbound.kind:
        case "echo":
            return _echo(connection, inbound, now)
        case "handover":
            return thread_of(connection, inbound, now)
        case "preference":
            return _preference(inbound, now)
        case "edit":
            return Edited(inbound.message_id, inbound.text, now)
        case "deletion":
            return Deleted(inbound.message_id, now)
        case "reaction":
            return Reacted(inbound.reply_to or inbound.message_id, inbound.emoji, now)
        case "membership":
            return _membership(inbound.status, now)
        case "status":
            return None
        case "system":
            return _moved(inbound, now)
        case _ if inbound.standby:
            return Said((_message(inbound, now),), now) if inbound.text or inbound.attachments else None
        case kind if kind in PRESSED and _is_ours(inbound):
            return Pressed(inbound.payload, inbound.message_id, inbound.at or now, now, inbound.text)
        case _ if entry := _entry_of_link(inbound):
            return Pressed(f"enter||{entry}", inbound.message_id, inbound.at or now, now)
        case _:
            return Said((_message(inbound, now),), now) if inbound.answer else None


def _message(inbound: Inbound, now: datetime) -> Message:
    return Message(
        id=inbound.message_id or inbound.event_id,
        text=inbound.text,
        at=inbound.at or now,
        media=inbound.attachments,
        contacts=inbound.contacts,
        reply_to=inbound.reply_to,
        kind=inbound.kind,
        order=inbound.order,
        group=inbound.group,
        standby=inbound.standby,
    )


def _echo(connection: Connection, inbound: Inbound, now: datetime) -> OperatorEchoed | None:
    """A person's words, sure or perhaps; our own, and what went to a group, is nothing."""
    if connection.connector not in ECHOING or inbound.group:
        return None
    found = whose(connection, inbound)
    return None if found == "ours" else echo_of(connection, inbound, now, sure=found == "a person's")


def _preference(inbound: Inbound, now: datetime) -> ConsentChanged | None:
    """Marketing is stopped, or not stopped any more, in the provider's own settings (N7)."""
    given = _WISHES.get(inbound.status.lower())
    return None if given is None else ConsentChanged("marketing", given, now, f"{inbound.kind}: {inbound.status}")


def _is_ours(pressed: Inbound) -> bool:
    """Whether a button is one that we made; those of templates and menus say in words what is wanted."""
    return "|" in pressed.payload or not pressed.text


def _moved(inbound: Inbound, now: datetime) -> AddressChanged | None:
    """A customer has another number or id from now on; everything else that a system says is nothing to us."""
    numbers = [one for one in inbound.aliases if one.isdecimal()]
    if not inbound.aliases:
        return None
    return AddressChanged(inbound.aliases[0], numbers[0] if numbers else "", now)


def _entry_of_link(inbound: Inbound) -> str:
    """What a link carried with which somebody came (`/start book--service-cut`)."""
    argument = inbound.extra.get("argument", "") if inbound.extra.get("command") == "start" else ""
    return argument if ENTRY.fullmatch(argument) else ""


def _membership(status: str, now: datetime) -> Event | None:
    """Blocked or back again; what happens in groups is nothing to a conversation."""
    if status == "blocked":
        return OptedOut(now, blocked=True)
    return OptedIn(now) if status == "joined" else None
