"""What the journal holds of a turn, read for playing it again. What an older version did not write stays empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from runtime.codec import load_state, read_journaled
from runtime.core.business import Status
from runtime.core.conversation import Conversation
from runtime.core.events import Event, Settled

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """One journal entry."""

    session: str
    turn: int
    seq: int
    """Above 0: beside a turn, such as the news that a part was not delivered."""
    events: tuple[Event, ...]
    settled: Settled | None
    parts: tuple[Plain, ...]
    records: tuple[Plain, ...]
    alarms: tuple[Plain, ...] | None
    """Timers; None where they were not recorded yet."""
    actions: tuple[Plain, ...]
    phase: str
    owner: str
    document: int
    status: Status
    flows: Mapping[str, str]
    replies: str
    opening: Conversation | None
    raw: Plain

    @property
    def place(self) -> str:
        """For people."""
        return f"turn {self.turn}" if not self.seq else f"beside turn {self.turn}"


def read_turn(text: str) -> RecordedTurn:
    """A journal entry as it stands in the records. Raises Unreadable for events that are not ours."""
    raw = orjson.loads(text)
    versions = raw.get("versions") or {}
    alarms = raw.get("alarms")
    return RecordedTurn(
        session=raw["session"],
        turn=raw["turn"],
        seq=raw.get("seq", 0),
        events=tuple(read_journaled(event) for event in raw.get("events", ())),
        settled=_settled(raw),
        parts=tuple(raw.get("parts", ())),
        records=tuple(raw.get("records", ())),
        alarms=None if alarms is None else tuple(alarms),
        actions=tuple(raw.get("actions", ())),
        phase=raw.get("phase", ""),
        owner=raw.get("owner", ""),
        document=versions.get("document", 0),
        status=versions.get("status", "active"),
        flows=versions.get("flows", {}),
        replies=versions.get("replies", ""),
        opening=_opening(raw),
        raw=raw,
    )


def _settled(raw: Plain) -> Settled | None:
    """The end of the turn; where it was not recorded, as good as one can tell."""
    if stored := raw.get("settled"):
        return Settled(datetime.fromisoformat(stored["now"]), stored["question_id"])
    if raw.get("seq"):
        return None
    return Settled(datetime.fromisoformat(raw["now"]), _asked(raw.get("parts", ())))


def _asked(parts: Sequence[Plain]) -> str:
    return next((part["question"] for part in reversed(parts) if part.get("question")), "")


def _opening(raw: Plain) -> Conversation | None:
    """How the session began; for an older entry only what the entry itself says."""
    if stored := raw.get("opening"):
        return load_state(orjson.dumps(stored)).conversation
    if raw["turn"] > 1 or raw.get("seq"):
        return None
    return Conversation(
        tenant=raw["tenant"],
        id=raw["conversation"],
        session=raw["session"],
        connection=raw.get("connection", ""),
        channel=raw.get("channel", ""),
        chat=raw.get("chat", ""),
        contact=(raw.get("contact") or {}).get("id", ""),
        language=raw.get("language", "de"),
    )
