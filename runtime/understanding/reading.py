"""One text while it is read: its tokens, what is claimed already, and the commands found so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
    Command,
    Deny,
    Either,
    Further,
    Handoff,
    Help,
    Language,
    Pick,
    Refine,
    Repeat,
    Restart,
    Set,
    Skip,
    Smalltalk,
    Start,
    Unclear,
    Undo,
    Wait,
    Why,
)  # fmt: skip
from runtime.core.effects import Expectation
from runtime.core.flows import Flow, Slot
from runtime.understanding.dates.language import writes_month_first
from runtime.understanding.desks import DeskIndex
from runtime.understanding.phrases import Hit
from runtime.understanding.tokens import Token

ORDER: tuple[tuple[type, ...], ...] = (
    (Language,), (Set,), (Either,), (Pick,), (Refine,), (Skip,), (Affirm, Deny),
    (Cancel, Undo, Back, Restart, Wait, Repeat, Help, Why), (Start,), (Further,), (Ask,), (Handoff,), (Smalltalk,),
    (Clarify,), (Unclear,),
)  # fmt: skip
"""In this order commands leave understanding, whatever the order of the words."""
_RANK = {kind: rank for rank, kinds in enumerate(ORDER) for kind in kinds}


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone of this name, UTC when there is none such."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of words between punctuation. `places` are indexes of tokens."""

    places: tuple[int, ...]
    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    question: bool

    def has(self, *labels: str) -> bool:
        """Whether a phrase of one of these labels stands in it."""
        return any(hit.label in labels for hit in self.hits)


@dataclass(slots=True)
class Reading:
    """What the stages share while one text is read."""

    text: str
    tokens: tuple[Token, ...]
    segments: tuple[Segment, ...]
    expectation: Expectation
    index: DeskIndex
    language: str
    free: list[bool]
    commands: list[tuple[Command, str]] = field(default_factory=list)
    flow: Flow | None = None
    """Whose slots are read: the flow on top, or the one that this text starts."""

    shared: set[int] = field(default_factory=set)
    """Tokens that are claimed but may name a service too: "für meinen Mann"."""
    touched: bool = False
    """Whether words of some option were said that choose none of them."""
    shifts: bool = False
    """Whether a time was told by another one: "eine Stunde später"."""

    @property
    def month_first(self) -> bool:
        """Whether 5/12 is in May where this business is."""
        return writes_month_first(self.language, self.expectation.desk.business.country)

    @property
    def local_now(self) -> datetime:
        """Now on the business's clock."""
        return self.expectation.now.astimezone(zone(self.expectation.desk.business.timezone)).replace(tzinfo=None)

    @property
    def kind(self) -> str:
        """What is expected: slot, offer, confirm, clarify, change, resume, or nothing."""
        return self.expectation.expecting.kind if self.expectation.expecting else ""

    @property
    def asked(self) -> Slot | None:
        """The slot that is asked for right now."""
        expecting = self.expectation.expecting
        if expecting is None or expecting.kind not in ("slot", "offer") or self.expectation.flow is None:
            return None
        return self.expectation.flow.slot(expecting.slot)

    def slots(self, *types: str) -> list[Slot]:
        """The slots of these types, the one asked for first."""
        if self.flow is None:
            return []
        found = [slot for slot in self.flow.slots.values() if slot.type in types]
        asked = self.asked if len(found) > 1 else None
        return sorted(found, key=lambda slot: slot.name != asked.name) if asked else found

    def add(self, command: Command, stage: str) -> None:
        """Note a command, once."""
        if all(known != command for known, _ in self.commands):
            self.commands.append((command, stage))

    def claim(self, first: int, end: int) -> None:
        """These tokens are spoken for."""
        for place in range(first, end):
            self.free[place] = False

    def claim_text(self, start: int, end: int) -> None:
        """The tokens between these characters are spoken for."""
        for place, token in enumerate(self.tokens):
            if token.start < end and start < token.end:
                self.free[place] = False

    def words(self, first: int, end: int) -> str:
        """The customer's own words from one token up to another."""
        return self.text[self.tokens[first].start : self.tokens[end - 1].end]

    def says(self, *labels: str) -> bool:
        """Whether a phrase of one of these labels stands anywhere, outside of what is claimed."""
        return next(self.hits(*labels), None) is not None

    def hits(self, *labels: str) -> Iterator[tuple[Segment, Hit]]:
        """The phrases of these labels whose words are still free."""
        for segment in self.segments:
            for hit in segment.hits:
                if hit.label in labels and all(self.free[place] for place in segment.places[hit.start : hit.end]):
                    yield segment, hit

    def found(self, *kinds: type) -> bool:
        """Whether a command of one of these kinds was found."""
        return any(isinstance(command, kinds) for command, _ in self.commands)

    def rest(self, segment: Segment) -> list[int]:
        """The places of a segment that nobody has claimed."""
        return [place for place in segment.places if self.free[place]]


def ordered(commands: list[tuple[Command, str]]) -> list[tuple[Command, str]]:
    """Commands in the order that the machine expects; Clarify and Unclear only when nothing else is left."""
    found = sorted(commands, key=lambda entry: _RANK[type(entry[0])])
    told = [entry for entry in found if not isinstance(entry[0], (Clarify, Unclear))]
    if any(not isinstance(command, (Language, Smalltalk)) for command, _ in told):
        return told
    return found if any(isinstance(command, Clarify) for command, _ in found) else told or found
