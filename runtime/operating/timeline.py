"""`frontdesk trace`: one conversation end to end, stage by stage. No text, no name, no number of a customer's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.core.messages import OWN_CHATS
from runtime.errors import NotFound
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.timelines import DeliveryRow, TurnRow, timeline
from runtime.tracing import trace_of


@dataclass(frozen=True, slots=True)
class Line:
    """One stage: `at_ms` after the turn's beginning, `ms` how long, None where nobody measured it."""

    stage: str
    outcome: str
    at_ms: float | None = None
    ms: float | None = None


async def show_latest(url: str, tenant: str, *, as_json: bool) -> int:
    """Print which conversations were the last to have a turn, to find the id of one."""
    database = await Database.open(url)
    try:
        rows = await Conversations(database).latest(tenant)
    finally:
        await database.close()
    if as_json:
        facts = [
            {"tenant": n.tenant, "id": n.id, "channel": n.channel, "phase": n.phase, "last_at": n.last_at.isoformat(),
             "last_turn": n.last_turn}
            for n in rows
        ]  # fmt: skip
        sys.stdout.write(json.dumps(facts, indent=1) + "\n")
        return 0
    for n in rows:
        sys.stdout.write(f"{n.id}  {n.last_at:%Y-%m-%d %H:%M}Z  {n.channel:<10} {n.phase:<9} {n.tenant}\n")
    sys.stdout.write("" if rows else "No conversations yet.\n")
    return 0


async def show_timeline(url: str, conversation: str, tenant: str, turn: int | None, *, as_json: bool) -> int:
    """Print it; raises NotFound where the records have nothing."""
    database = await Database.open(url)
    try:
        found = await Conversations(database).find(conversation, tenant)
        rows = await timeline(database, found.tenant, found.id, turn) if found else []
    finally:
        await database.close()
    if found is None or not rows:
        which = f"turn {turn} of conversation" if turn is not None else "conversation"
        raise NotFound(f"The records have no {which} {conversation}. A turn is in them a moment after its reply.")
    if as_json:
        sys.stdout.write(json.dumps([_facts(row) for row in rows], indent=1) + "\n")
        return 0
    sys.stdout.write(f"Conversation {found.id} of {found.tenant}, by {found.channel}, in phase {found.phase}\n")
    for row in rows:
        sys.stdout.write("\n".join(_tree(row)) + "\n")
    return 0


def _tree(row: TurnRow) -> Iterator[str]:
    trace = trace_of(str(row.entry.get("trace", "")))
    yield f"\nturn {row.turn}  {row.at:%Y-%m-%d %H:%M:%S}Z  {_outcome(row)}{f'  trace {trace}' if trace else ''}"
    if linked := [trace_of(str(place)) for place in row.entry.get("links", ())]:
        yield f"│  together with {' '.join(linked)}"
    lines = list(lines_of(row))
    for number, line in enumerate(lines, start=1):
        branch = "└─" if number == len(lines) else "├─"
        at = f"{line.at_ms:+10.1f}" if line.at_ms is not None else " " * 10
        ms = f"{line.ms:10.2f} ms" if line.ms is not None else " " * 13
        yield f"{branch} {line.stage:<32}{at}{ms}  {line.outcome}".rstrip()


def lines_of(row: TurnRow) -> Iterator[Line]:
    """The stages in order: what the turn measured itself, its commit, its parts, its way into the records."""
    steps: Sequence[Any] = row.entry.get("steps", ())
    for name, at_ms, ms, outcome in steps:
        yield Line(str(name), str(outcome), float(at_ms), float(ms))
    began_ms = row.at.timestamp() * 1000 - float(row.entry.get("ms") or 0)
    if row.committed_at is not None:
        ms = (row.committed_at - row.at).total_seconds() * 1000
        yield Line("commit", "in the journal", row.at.timestamp() * 1000 - began_ms, max(0.0, ms))
    yield from _parts(row, began_ms)
    if row.projected_at is not None and row.committed_at is not None:
        ms = (row.projected_at - row.committed_at).total_seconds() * 1000
        yield Line("project", "in the records", row.committed_at.timestamp() * 1000 - began_ms, max(0.0, ms))


def _parts(row: TurnRow, began_ms: float) -> Iterator[Line]:
    news = {one.part: one for one in row.deliveries}
    for number, part in enumerate(row.entry.get("parts", ()), start=1):
        one = news.get(str(part.get("id", "")))
        if one is not None:
            yield from _delivered(one, number, int(part.get("at_ms") or 0), began_ms)
        else:
            shown = str(row.entry.get("channel", "")) in OWN_CHATS
            yield Line(f"part {number}", "shown in the chat" if shown else "on its way")


def _delivered(one: DeliveryRow, number: int, written_ms: int, began_ms: float) -> Iterator[Line]:
    if one.tried_at is None or one.ms is None:
        yield Line(f"part {number}", one.status)
        return
    sent_ms = one.tried_at.timestamp() * 1000 - one.ms
    if written_ms:
        yield Line(f"part {number} outbox", "", written_ms - began_ms, max(0.0, sent_ms - written_ms))
    tries = f", {one.tries} tries" if one.tries > 1 else ""
    yield Line(f"part {number} deliver", f"{one.status}{tries}", sent_ms - began_ms, one.ms)


def _outcome(row: TurnRow) -> str:
    kinds = [str(event.get("type", "")) for event in row.entry.get("events", ())]
    came = kinds[0] if kinds else "went on"
    opened = any(record.get("kind") == "handoff.opened" for record in row.entry.get("records", ()))
    replied = "handoff" if opened else "replied" if row.entry.get("parts") else "silent"
    return f"{came} -> {replied}"


def _facts(row: TurnRow) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    stages = [{"stage": n.stage, "at_ms": n.at_ms, "ms": n.ms, "outcome": n.outcome} for n in lines_of(row)]
    return {
        "session": row.session, "turn": row.turn, "at": moment(row.at), "committed_at": moment(row.committed_at),
        "projected_at": moment(row.projected_at), "trace": trace_of(str(row.entry.get("trace", ""))),
        "links": [trace_of(str(place)) for place in row.entry.get("links", ())],
        "outcome": _outcome(row), "stages": stages,
    }  # fmt: skip
