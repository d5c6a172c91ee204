"""What a model proposes, held against what was said: its commands become ours, or are dropped one by one.

A value counts when the customer wrote its words in this very burst and our own grammar reads it from them; for a choice
with options the model may say which option the words mean. A model never says yes to a write: at a confirm its yes is a
soft one, which is asked for again in clear words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args, get_type_hints

from runtime.core import commands as c
from runtime.core.commands import Command, Set
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.flows import Flow, Slot
from runtime.core.routing import UNDO
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import tokenise, word_set, words_of

Entry = tuple[Command, str]
Read = Callable[[str, Expectation, str], list[Entry]]
STAGE = "model:commands"
DROPPED = "model:dropped"
MOST_COMMANDS = 8
_KINDS = get_args(get_type_hints(c.Smalltalk)["kind"])
_PROMISES = ("prompt", "agree")
"""Questions whose yes or no acts at once, without a confirm behind it."""
_NOT = word_set(
    "nicht kein keine keinen keinem keiner nie niemals ohne statt not no never without instead except ausser"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One command of a model, valid by the schema."""

    command: str
    target: str
    words: str


class Grounding:
    """One burst that proposals are held against."""

    def __init__(self, request: Understand, language: str, read: Read) -> None:
        self.expectation = request.expectation
        self.language = language
        self.text = " ".join(request.texts)
        self._said = [words_of(text) for text in request.texts]
        self._read = read
        self.wording = ""

    def entries(self, proposals: Sequence[Proposal]) -> tuple[list[Entry], int]:
        """Our commands, each with its stage, and how many proposals were dropped."""
        found: list[Command] = []
        started = next((p.target for p in proposals if p.command == "start"), "")
        flow = self.expectation.desk.flows.get(started) or self.expectation.flow
        for proposal in proposals[:MOST_COMMANDS]:
            for command in self._one(proposal, flow):
                if command not in found:
                    found.append(command)
        dropped = max(0, len(proposals) - sum(p.command in ("unclear", "reply") for p in proposals) - len(found))
        return [(command, STAGE) for command in found], dropped

    def said(self, words: str) -> bool:
        """Whether the customer wrote these words, in this order, in one message of this burst."""
        wanted = words_of(words)
        return bool(wanted) and any(_stands_in(wanted, said) for said in self._said)

    def _one(self, proposal: Proposal, flow: Flow | None) -> list[Command]:
        kind, target, words = proposal.command, proposal.target, proposal.words
        match kind:
            case "start":
                return self._start(target)
            case "set":
                return self._value(flow, target, words) if self.said(words) and not self._negated(words) else []
            case "pick" | "refine":
                return self._of_offers(kind, target, words)
            case "skip":
                asked = self.expectation.expecting is not None and self.expectation.expecting.kind == "slot"
                return [c.Skip(cast(Any, target))] if asked else []
            case "affirm" | "deny":
                return self._yes_or_no(kind, words)
            case "ask":
                return [c.Ask(words if self.said(words) else self.text)]
            case "clarify":
                flows = tuple(name for name in target.split(",") if name in self.expectation.desk.flows)
                return [c.Clarify(flows, self.text)] if len(flows) > 1 else []
            case "smalltalk" | "repeat":
                return [c.Smalltalk(cast(Any, target))] if kind == "smalltalk" else [c.Repeat(cast(Any, target))]
            case "reply":
                self.wording = words
                return []
            case _:
                return self._steering(kind)

    def _start(self, flow: str) -> list[Command]:
        """A task that this business has and that is not open already."""
        if flow == UNDO:
            return self._steering("undo")
        current = self.expectation.flow
        known = flow in self.expectation.desk.flows and not (current is not None and current.id == flow)
        return [c.Start(flow, self.text)] if known else []

    def _steering(self, kind: str) -> list[Command]:
        """What needs no words; what leaves a task only where one is open."""
        is_open = self.expectation.flow is not None
        table: Mapping[str, tuple[Command, bool]] = {
            "wait": (c.Wait(), True),
            "back": (c.Back(), is_open),
            "restart": (c.Restart(), is_open),
            "cancel": (c.Cancel(self.text), is_open),
            "undo": (c.Undo(self.text), self.expectation.can_undo),
            "help": (c.Help(), True),
            "handoff": (c.Handoff(), True),
        }
        command, allowed = table.get(kind, (c.Wait(), False))
        return [command] if allowed else []

    def _yes_or_no(self, kind: str, words: str) -> list[Command]:
        expecting = self.expectation.expecting
        if expecting is None or expecting.kind in _PROMISES or not self.said(words):
            return []
        return [c.Affirm(words, firm=False)] if kind == "affirm" else [c.Deny(words)]

    def _of_offers(self, kind: str, target: str, words: str) -> list[Command]:
        expecting, offers = self.expectation.expecting, self.expectation.offers
        if expecting is None or expecting.kind in _PROMISES or not offers:
            return []
        if kind == "refine":
            return [c.Refine(cast(Any, target), words)]
        chosen = offers[int(target) - 1 :][:1]
        return [c.Pick(chosen[0].id, words)] if chosen and self.said(words) and _tells(words) else []

    def _value(self, flow: Flow | None, target: str, words: str) -> list[Command]:
        """What our grammar reads from the customer's words, asked for this slot; for a choice also the option meant."""
        name, _, option = target.partition("=")
        slot = flow.slot(name) if flow is not None else None
        if flow is None or slot is None or slot.type == "offer":
            return []
        read = self._resolved(flow, slot, words)
        if read or not option or not _tells(words):
            return read
        known = {one.id for one in self.expectation.desk.options.get(slot.options, ())} if slot.type == "choice" else ()
        return [Set(name, words, option)] if option in known else []

    def _resolved(self, flow: Flow, slot: Slot, words: str) -> list[Command]:
        expecting = Expecting("slot", "", slot=slot.name)
        filled = self.expectation.filled if flow is self.expectation.flow else {}
        asked = dataclasses.replace(self.expectation, flow=flow, expecting=expecting, filled=filled, offers=())
        read = [command for command, _ in self._read(words, asked, self.language)]
        return [one for one in read if isinstance(one, Set | c.Either) and one.slot == slot.name]

    def _negated(self, words: str) -> bool:
        """Whether "nicht" or "not" stands just before them: cut off, they would say the opposite."""
        wanted = words_of(words)
        for said in self._said:
            for at in _places(wanted, said):
                if set(said[max(0, at - 2) : at]) & _NOT and not set(wanted) & _NOT:
                    return True
        return False


def _stands_in(wanted: Sequence[str], said: Sequence[str]) -> bool:
    if next(_places(wanted, said), None) is not None:
        return True
    # A phone number may be written in other groups.
    digits = "".join(word for word in wanted if word.isdigit())
    return len(digits) >= 6 and "".join(wanted) == digits and digits in "".join(said)


def _places(wanted: Sequence[str], said: Sequence[str]) -> Any:
    size = len(wanted)
    return (at for at in range(len(said) - size + 1) if tuple(said[at : at + size]) == tuple(wanted))


def _tells(words: str) -> bool:
    """Whether there is a word in it that may mean something."""
    return any(token.kind != "mark" and token.norm not in STOPWORDS for token in tokenise(words))
