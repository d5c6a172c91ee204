"""Reads a journal entry into the rows it becomes. Pure: bytes in, rows out.

Version 1 of the entry: see `README.md` in this folder and the sample in `tests/records/entries/`.
What is missing is empty; what has the wrong shape makes the entry unreadable as a whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from runtime.records.filed import placed, to_fetch
from runtime.records.handoffs import KINDS

VERSION = 3
"""What needs which version stands in `runtime/entry.py`: an older projector made no row of it."""
Row = dict[str, Any]

RANKS = {"kept": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4, "withheld": 5}
"""A part's fate only goes up; the news of it may arrive in any order."""


class Unreadable(Exception):
    """An entry that cannot be projected; the text is the reason that is kept and logged: no values in it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What one entry writes, by table. News of a delivery has no turn and changes no conversation."""

    raw: bytes
    turn: Row | None = None
    conversation: Row | None = None
    contact: Row | None = None
    messages: list[Row] = dataclasses.field(default_factory=list)
    deliveries: list[Row] = dataclasses.field(default_factory=list)
    audit: list[Row] = dataclasses.field(default_factory=list)
    tickets: list[Row] = dataclasses.field(default_factory=list)
    alerts: list[Row] = dataclasses.field(default_factory=list)
    consents: list[Row] = dataclasses.field(default_factory=list)
    deleted: list[Row] = dataclasses.field(default_factory=list)
    """Messages that their sender took back: their words go."""
    edited: list[Row] = dataclasses.field(default_factory=list)
    """Messages that a person changed after they wrote them past the desk."""
    files: list[Row] = dataclasses.field(default_factory=list)
    placed: list[Row] = dataclasses.field(default_factory=list)
    """Which upload came into which message."""

    @property
    def has_handoff(self) -> bool:
        """Whether the conversation's handoffs must be looked at again."""
        return any(row["kind"] in KINDS for row in self.audit)


def read_entry(raw: bytes, committed_at: datetime | None = None) -> Rows:
    """The rows; raises Unreadable with the reason. `committed_at` is when the journal got it."""
    try:
        return _rows(orjson.loads(raw), raw, committed_at)
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _rows(entry: Mapping[str, Any], raw: bytes, committed_at: datetime | None) -> Rows:
    if (version := entry["v"]) not in range(1, VERSION + 1):
        raise Unreadable(f"version {version!r}; this release reads 1 to {VERSION}")
    at = _moment(entry["at"])
    key: Row = {"tenant": _needed(entry, "tenant"), "conversation": _needed(entry, "conversation")}
    if entry.get("kind") == "delivery":
        return Rows(raw, deliveries=[_delivery(entry, key, at)])
    key |= {"session": _needed(entry, "session"), "turn": _number(entry, "turn"), "seq": _number(entry, "seq", 0)}
    stamp = f"{key['session']}.{key['turn']:010d}.{key['seq']:04d}"
    times = {"committed_at": committed_at, "projected_at": datetime.now(UTC) if committed_at else None}
    return Rows(
        raw,
        turn={**key, "at": at, "entry": raw.decode(), **times},
        conversation=_conversation(entry, key, at, stamp),
        contact=_contact(entry, key, at, stamp),
        messages=_messages(entry, key, at),
        deliveries=_deliveries(entry, key, at),
        audit=[
            {
                **key,
                "ordinal": ordinal,
                "kind": _text(record, "kind"),
                "facts": dict(record.get("facts") or {}),
                "at": at,
            }
            for ordinal, record in enumerate(_list(entry, "records"))
        ],
        tickets=_tickets(entry, key, at),
        alerts=_alerts(entry, key, at),
        consents=_consents(entry, key, at),
        deleted=_deleted(entry, key),
        edited=_edited(entry, key),
        files=to_fetch(entry, key, at),
        placed=placed(entry, key),
    )


def _conversation(entry: Mapping[str, Any], key: Row, at: datetime, stamp: str) -> Row:
    return {
        "tenant": key["tenant"],
        "id": key["conversation"],
        "connection": _text(entry, "connection"),
        "channel": _text(entry, "channel"),
        "chat": _text(entry, "chat"),
        "contact": _text(entry.get("contact") or {}, "id"),
        "phase": _text(entry, "phase"),
        "owner": _text(entry, "owner"),
        "language": _text(entry, "language"),
        "opened_at": at,
        "last_at": at,
        "session": key["session"],
        "last_turn": key["turn"],
        "stamp": stamp,
        **_standing(entry, at),
    }


_WORDS = ("Said", "Pressed")


def _standing(entry: Mapping[str, Any], at: datetime) -> Row:
    """Where it stands, for people: `places` are the flows on the stack, the one that runs last."""
    places = entry.get("places") or [["", 0, ""]]
    said = any(event.get("type") in _WORDS for event in _list(entry, "events"))
    closed = any(
        record.get("kind") == "handoff.closed" and (record.get("facts") or {}).get("how") == "close"
        for record in _list(entry, "records")
    )
    waits = _text(entry, "waiting_since")
    return {
        "flow": str(places[-1][0]),
        "line": str(places[-1][2]),
        "waiting_since": at - (_moment(entry["now"]) - _moment(waits)) if waits else None,
        "said_at": at if said else None,
        "closed_at": at if closed else None,
    }


def _contact(entry: Mapping[str, Any], key: Row, at: datetime, stamp: str) -> Row | None:
    """A contact has several conversations, so its newest knowledge is told by real time first."""
    contact = entry.get("contact") or {}
    if not (contact_id := _text(contact, "id")):
        return None
    row: Row = {"tenant": key["tenant"], "id": contact_id, "first_seen": at, "last_seen": at}
    newest = f"{at:%Y%m%d%H%M%S%f}.{stamp}"
    for field in ("name", "phone", "email", "language"):
        row[field] = _text(contact, field)
        row[f"{field}_stamp"] = newest if row[field] else ""
    for field in ("facts", "disclosed", "consents"):
        known = contact.get(field)
        row[field] = orjson.dumps(known).decode() if known else ""
        row[f"{field}_stamp"] = newest if known else ""
    return row


def _messages(entry: Mapping[str, Any], key: Row, at: datetime) -> list[Row]:
    rows = [*_said(_list(entry, "events"), at), *_parts(_list(entry, "parts"), at)]
    return [{**key, "ordinal": ordinal, **row} for ordinal, row in enumerate(rows)]


def _said(events: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Row]:
    for event in events:
        said = _list(event, "messages")
        if not said and event.get("type") == "Pressed":
            said = [
                {"id": event.get("message_id"), "text": event.get("label") or event.get("payload"), "kind": "button"}
            ]
        if event.get("type") == "OperatorEchoed" and event.get("how") == "new":
            yield _echoed(event, at)
        for message in said:
            yield {
                "direction": "in",
                "author": "contact",
                "message_id": _text(message, "id"),
                "text": _text(message, "text"),
                "kind": _text(message, "kind") or "text",
                "at": _moment(message["at"]) if message.get("at") else at,
                "part": "",
            }


def _echoed(event: Mapping[str, Any], at: datetime) -> Row:
    """What a person wrote past the desk: no part of ours, and delivered already."""
    return {
        "direction": "out",
        "author": "operator",
        "message_id": _text(event, "message_id"),
        "text": _text(event, "text"),
        "kind": _text(event, "kind") or "text",
        "at": _moment(event["at"]) if event.get("at") else at,
        "part": "",
    }


def _parts(parts: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Row]:
    for part in parts:
        yield {
            "direction": "out",
            "author": _text(part, "author") or "bot",
            "message_id": "",
            "text": _text(part, "text"),
            "kind": "text",
            "at": at,
            "part": _text(part, "id"),
        }


def _deliveries(entry: Mapping[str, Any], key: Row, at: datetime) -> list[Row]:
    found = [
        (_text(event, "part"), _text(event, "status"), _text(event, "code"), _text(event, "why"))
        for event in _list(entry, "events")
        if event.get("type") == "Delivered"
    ]
    found += [
        (_text(record.get("facts") or {}, "part"), "withheld", "", "")
        for record in _list(entry, "records")
        if record.get("kind") == "part.withheld"
    ]
    base = {"tenant": key["tenant"], "conversation": key["conversation"], "at": at, "tries": 0, **_UNTRIED}
    return [
        {**base, "part": part, "status": status, "rank": RANKS[status], "code": code, "why": why}
        for part, status, code, why in found
        if part and status in RANKS
    ]


_UNTRIED: Row = {"ms": None, "tried_at": None}


def _delivery(entry: Mapping[str, Any], key: Row, at: datetime) -> Row:
    """A part that the deliverer sent or gave up, after how many tries, and how long the last of them took.

    Without a try it is what the provider says became of it.
    """
    status = _needed(entry, "status")
    tries, ms = _number(entry, "tries", 1), float(entry.get("ms") or 0.0)
    found = {"part": _needed(entry, "part"), "status": status, "rank": RANKS[status]}
    told = {"code": _text(entry, "code"), "why": _text(entry, "why")}
    return {**key, "at": at, **found, **told, "tries": tries, **({"ms": ms, "tried_at": at} if tries else _UNTRIED)}


_UNTOLD = ("card", "summary", "text")
"""What customers said stays in the house."""


def _alerts(entry: Mapping[str, Any], key: Row, at: datetime) -> list[Row]:
    """Alerts, and handoffs that begin: people outside are told of both."""
    place = f"{key['conversation']}.{key['session']}.{key['turn']}.{key['seq']}"
    rows = []
    for ordinal, record in enumerate(_list(entry, "records")):
        facts = dict(record.get("facts") or {})
        if record.get("kind") not in ("alert", "handoff.opened"):
            continue
        kind = _text(facts, "kind") or "handoff.opened"
        told = {name: value for name, value in facts.items() if name not in _UNTOLD}
        row: Row = {"tenant": key["tenant"], "id": f"{place}.{ordinal}", "conversation": key["conversation"]}
        rows.append({**row, "kind": kind, "facts": told, "at": at, "next_at": at, "tries": 0, "told_at": None})
    return rows


def _tickets(entry: Mapping[str, Any], key: Row, at: datetime) -> list[Row]:
    """Opened here; whoever changes them later does it in the table."""
    opened = [r.get("facts") or {} for r in _list(entry, "records") if r.get("kind") == "ticket.opened"]
    base = {"tenant": key["tenant"], "conversation": key["conversation"], "status": "open", "operator": ""}
    base |= {"contact": _text(entry.get("contact") or {}, "id"), "changed_at": at}
    texts = ("kind", "priority", "reason", "summary")
    return [
        {
            **base,
            "id": _needed(facts, "ticket"),
            **{name: _text(facts, name) for name in texts},
            "due_at": _moment(facts["due_at"]) if facts.get("due_at") else None,
            "opened_at": _moment(facts["opened_at"]) if facts.get("opened_at") else at,
        }
        for facts in opened
    ]


def _consents(entry: Mapping[str, Any], key: Row, at: datetime) -> list[Row]:
    contact = _text(entry.get("contact") or {}, "id")
    found = [(n, r.get("facts") or {}) for n, r in enumerate(_list(entry, "records")) if _text(r, "kind") == "consent"]
    return [
        {
            **key,
            "ordinal": ordinal,
            "contact": contact,
            "channel": _text(facts, "channel"),
            "kind": _text(facts, "kind"),
            "given": bool(facts.get("given")),
            "text": _text(facts, "text"),
            "at": at,
        }
        for ordinal, facts in found
    ]


def _edited(entry: Mapping[str, Any], key: Row) -> list[Row]:
    changed = [e for e in _list(entry, "events") if e.get("type") == "OperatorEchoed" and e.get("how") == "edited"]
    base = {"of": key["tenant"], "in_": key["conversation"]}
    return [{**base, "message": _needed(event, "message_id"), "now": _text(event, "text")} for event in changed]


def _deleted(entry: Mapping[str, Any], key: Row) -> list[Row]:
    return [
        {"of": key["tenant"], "in_": key["conversation"], "message": _needed(record.get("facts") or {}, "message")}
        for record in _list(entry, "records")
        if _text(record, "kind") == "message.deleted"
    ]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}, not a text")
    # PostgreSQL takes no NUL in a text.
    return value.replace("\0", "") if "\0" in value else value


def _needed(row: Mapping[str, Any], name: str) -> str:
    if not (value := _text(row, name)):
        raise ValueError(f"{name} is missing")
    return value


def _number(row: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = row.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError(f"{name} is no count")
    return value


def _list(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = row.get(name) or []
    if not isinstance(value, list):
        raise TypeError(f"{name} is a {type(value).__name__}, not a list")
    return value


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time cannot be read") from None  # without the text: it may be somebody's words
    if at.tzinfo is None:
        raise ValueError("a time has no zone")
    return at.astimezone(UTC)
