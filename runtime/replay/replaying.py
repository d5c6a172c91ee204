"""A whole conversation, played again session by session, turn by turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from runtime.codec import NewerShape, Unreadable, plain
from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.errors import NotFound
from runtime.ports import Understanding
from runtime.records.conversations import Conversations
from runtime.replay.comparing import Difference, differences
from runtime.replay.past import PastDesks
from runtime.replay.playing import PlayedTurn, played
from runtime.replay.recorded import RecordedTurn, read_turn
from runtime.wording import Wording


@dataclass(slots=True)
class Replay:
    """What came of playing a conversation again."""

    tenant: str
    conversation: str
    sessions: int = 0
    turns: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the reader should know beside them."""


class Replayer:
    """Plays from the records; an `understanding` also reads the customers' words anew."""

    def __init__(
        self,
        conversations: Conversations,
        past: PastDesks,
        wording: Wording,
        understanding: Understanding | None = None,
    ) -> None:
        self.conversations = conversations
        self.past = past
        self.wording = wording
        self.understanding = understanding

    async def replay(self, tenant: str, conversation: str, session: str = "") -> Replay:
        """One conversation, or one of its sessions. Raises NotFound when the records do not have it."""
        found = Replay(tenant, conversation)
        for one, turns in by_session(await self.recorded(found, session)):
            found.sessions += 1
            await self._session(found, one, turns)
        return found

    async def recorded(self, found: Replay, session: str) -> list[RecordedTurn]:
        """The entries that can be read; one that cannot is a difference of its own."""
        entries = await self.conversations.entries(found.tenant, found.conversation, session)
        if not entries:
            what = f"session {session} of conversation" if session else "conversation"
            raise NotFound(f"There is no {what} {found.conversation} of tenant {found.tenant} in the records.")
        turns: list[RecordedTurn] = []
        for number, entry in enumerate(entries, 1):
            try:
                turns.append(read_turn(entry))
            except (Unreadable, NewerShape) as error:
                found.differences.append(Difference("", 0, f"entry {number}", "unreadable", str(error), ""))
        return turns

    async def _session(self, found: Replay, session: str, turns: Sequence[RecordedTurn]) -> None:
        conversation = turns[0].opening
        if conversation is None:
            gap = Difference(session, 1, "turn 1", "missing", "", "the beginning of the session is not in the records")
            found.differences.append(gap)
            return
        self._notes(found, turns[0])
        for recorded in turns:
            found.differences += _gap(conversation, recorded)
            desk = await self.past.desk(conversation, recorded)
            turn = played(replace(conversation, desk=desk), recorded, self.wording)
            found.turns += 1
            found.differences += differences(recorded, turn)
            found.differences += await self._read_anew(recorded, turn)
            conversation = turn.conversation

    def _notes(self, found: Replay, first: RecordedTurn) -> None:
        if "opening" not in first.raw:
            _noted(found, "Recorded by an older version: how the session began is a guess, and less is compared.")
        elif first.replies != self.wording.hash:
            _noted(found, "The replies have changed since.")

    async def _read_anew(self, recorded: RecordedTurn, turn: PlayedTurn) -> list[Difference]:
        """What today's understanding makes of the words, where it differs."""
        found: list[Difference] = []
        if self.understanding is None:
            return found
        for request, then in turn.readings:
            if then.spent is not None:
                continue  # A model helped then; the rules alone are nothing to compare with.
            now = await self.understanding.understand(request, then.now)
            was, is_now = _told(then.commands, then.language), _told(now.commands, now.language)
            if was != is_now:
                found.append(Difference(recorded.session, recorded.turn, recorded.place, "understanding", was, is_now))
        return found


def by_session(turns: Iterable[RecordedTurn]) -> Iterator[tuple[str, list[RecordedTurn]]]:
    """The turns of each session, in their order."""
    sessions: dict[str, list[RecordedTurn]] = {}
    for turn in turns:
        sessions.setdefault(turn.session, []).append(turn)
    yield from sessions.items()


def _gap(conversation: Conversation, recorded: RecordedTurn) -> list[Difference]:
    """A turn that is in no records: all that follows may differ by it."""
    expected = conversation.turn + (recorded.seq == 0)
    if recorded.turn == expected:
        return []
    text = f"the records go from turn {conversation.turn} to turn {recorded.turn}"
    return [Difference(recorded.session, recorded.turn, recorded.place, "missing", "", text)]


def _noted(found: Replay, note: str) -> None:
    if note not in found.notes:
        found.notes.append(note)


def _told(commands: Sequence[object], language: str) -> list[str]:
    """Commands as people can compare them."""
    lines = [f"{type(one).__name__} {_facts(one)}".strip() for one in commands]
    return [*lines, f"language {language}"]


def _facts(command: object) -> str:
    facts = plain(command)
    return ", ".join(f"{name}={value!r}" for name, value in facts.items() if value not in ("", None, False, [], ()))
