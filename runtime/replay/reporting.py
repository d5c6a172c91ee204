"""What a replay found, for people and for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any

from runtime.replay.replaying import Replay

MOST_SHOWN = 20
_LONGEST = 400


def report(replay: Replay) -> str:
    """One conversation, for people."""
    return "\n".join(_lines(replay))


def _lines(replay: Replay) -> Iterator[str]:
    sessions = f"{replay.sessions} session{'' if replay.sessions == 1 else 's'}"
    yield f"conversation {replay.conversation} of {replay.tenant}: {replay.turns} turns in {sessions}"
    yield from (f"  {note}" for note in replay.notes)
    several = replay.sessions > 1
    for one in replay.differences[:MOST_SHOWN]:
        where = f"{one.place} of session {one.session}" if several and one.session else one.place
        yield f"  {where}: {one.what}"
        yield f"    was: {_short(one.was)}"
        yield f"    now: {_short(one.now)}"
    if (more := len(replay.differences) - MOST_SHOWN) > 0:
        yield f"  … and {more} more"
    yield f"  {verdict(replay)}"


def verdict(replay: Replay) -> str:
    """In three words."""
    if not replay.differences:
        return "identical"
    return f"{len(replay.differences)} difference{'' if len(replay.differences) == 1 else 's'}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.replace("\n", "\n         ")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def as_json(replay: Replay) -> str:
    """One conversation, for programs."""
    return json.dumps(dataclasses.asdict(replay), ensure_ascii=False, default=str)


def summary(replays: Sequence[Replay]) -> str:
    """Many, in one line."""
    wrong = [one for one in replays if one.differences]
    turns = sum(one.turns for one in replays)
    return f"{len(replays)} conversations, {turns} turns: {len(replays) - len(wrong)} identical, {len(wrong)} differ"
