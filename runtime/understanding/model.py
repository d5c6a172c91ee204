"""The cascade: the rules first, a model where they are unsure, and the rules again when that comes to nothing.

Whatever a model does (lies, hangs, breaks, costs too much) a customer gets what the rules alone would have said, within
the turn's patience. Everything that it proposes passes `model_grounding.py`; what it cost stands in `Understood.spent`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from runtime.core.business import ModelUse
from runtime.core.commands import (
    Affirm,
    Ask,
    Cancel,
    Clarify,
    Command,
    Deny,
    Language,
    Restart,
    Set,
    Smalltalk,
    Start,
    Unclear,
)
from runtime.core.effects import Understand
from runtime.core.events import Spent, Understood
from runtime.errors import FrontdeskError, ModelUnavailable, StorageUnavailable
from runtime.model_port import ChatModel, ModelAnswer, ModelBudget, ModelCost, ModelRequest
from runtime.ports import Patience
from runtime.prompts import repair_request, understanding_request
from runtime.understanding.cascade import OfflineRules, read_text
from runtime.understanding.model_answer import INVALID, Wrong, proposals_in
from runtime.understanding.model_doubt import Doubt, doubt
from runtime.understanding.model_grounding import DROPPED, Entry, Grounding, Proposal
from runtime.understanding.model_wording import acceptable
from runtime.understanding.reading import ordered, zone

_log = logging.getLogger(__name__)
BUDGET_S = 2.5
"""For all calls of a turn, where nobody says less."""
WORTH_S = 0.3
"""With less time left no call is begun."""
LOOK_S = 0.25
"""How often a running call is held against the turn's patience."""
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """The installation's prices of a million tokens and budgets of a day; a business's own beat them. 0: none."""

    price_in: float = 0.0
    price_out: float = 0.0
    money_per_day: float = 0.0
    tokens_per_day: int = 0


@dataclass(slots=True)
class Asked:
    """What asking a model came to."""

    entries: list[Entry] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    spent: Spent | None = None
    alert: str = ""
    wording: str = ""


class RulesThenModel:
    """`Understanding` with a model behind the rules."""

    def __init__(self, rules: OfflineRules, model: ChatModel, budget: ModelBudget, prices: Prices) -> None:
        self.rules = rules
        self.model = model
        self.budget = budget
        self.prices = prices
        self._late: set[asyncio.Task[None]] = set()

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """As the rules do, and with a model's help where they are unsure; never raises for any text."""
        understood = await self.rules.understand(request, now)
        use = request.expectation.desk.business.model
        why = doubt(understood, request)
        patience = patience or _Within(BUDGET_S)
        left = request.expectation.model_calls
        if not why or not use.use or (left is not None and patience.calls >= left):
            return understood
        asked = Asked()
        try:
            await self._ask(request, understood.language, use, patience, asked)
        except ModelUnavailable as error:
            asked.stages.append(f"model:{error.kind}")
        except StorageUnavailable as error:
            _log.warning("What a model may cost cannot be looked up, the rules read alone: %s", error)
            asked.stages.append("model:budget")
        return merged(understood, asked, why)

    async def _ask(self, request: Understand, language: str, use: ModelUse, patience: Patience, asked: Asked) -> None:
        """One call, and one more when its answer has no form; fills `asked`. Raises ModelUnavailable."""
        if patience.left_s() < WORTH_S:
            raise ModelUnavailable("No time is left for a model.", "timeout")
        self.model.check(use.name)
        fresh = request.expectation.flow is None
        prompt = understanding_request(request, language, wording=use.wording and fresh, model=use.name)
        account = _Account(self, request, use, asked)
        answer = await account.call(prompt, patience)
        read = proposals_in(answer.text)
        if isinstance(read, Wrong):
            asked.stages.append("model:repair")
            answer = await account.call(repair_request(prompt, answer.text, read.why), patience)
            read = proposals_in(answer.text)
        if isinstance(read, Wrong):
            raise ModelUnavailable("The model's answer has no form, twice.", "invalid")
        self._ground(request, language, use, read, asked)

    def _ground(
        self, request: Understand, language: str, use: ModelUse, proposals: Sequence[Proposal], asked: Asked
    ) -> None:
        grounding = Grounding(request, language, read_text)
        asked.entries, dropped = grounding.entries([p for p in proposals if p.command != INVALID])
        if use.wording and request.expectation.flow is None and grounding.wording:
            asked.wording = acceptable(grounding.wording, request.expectation.desk.business)
            dropped += not asked.wording
        if dropped or any(p.command == INVALID for p in proposals):
            asked.stages.append(DROPPED)
        if not asked.entries and not asked.wording:
            asked.stages.append("model:nothing")

    def later(self, work: asyncio.Task[None]) -> None:
        """Something that no customer need wait for."""
        self._late.add(work)
        work.add_done_callback(self._late.discard)


class _Within:
    """The patience of a caller that has no turn."""

    def __init__(self, seconds: float) -> None:
        self.calls = 0
        self._until = time.monotonic() + seconds

    def left_s(self) -> float:
        return max(0.0, self._until - time.monotonic())


class _Account:
    """The calls of one turn: each within the day's budget and the turn's patience, added up in `asked.spent`."""

    def __init__(self, cascade: RulesThenModel, request: Understand, use: ModelUse, asked: Asked) -> None:
        business = request.expectation.desk.business
        self._cascade = cascade
        self._tenant = business.tenant
        self._day = request.expectation.now.astimezone(zone(business.timezone)).date().isoformat()
        self._asked = asked
        prices = cascade.prices
        self._in = prices.price_in if use.price_in is None else use.price_in
        self._out = prices.price_out if use.price_out is None else use.price_out
        money = prices.money_per_day if use.money_per_day is None else use.money_per_day
        tokens = prices.tokens_per_day if use.tokens_per_day is None else use.tokens_per_day
        self._most = ModelCost(tokens, round(money * MILLION))

    async def call(self, request: ModelRequest, patience: Patience) -> ModelAnswer:
        """One call. Raises ModelUnavailable; then what was set aside stays spent, unless nothing was sent."""
        left_s = patience.left_s()
        if left_s < WORTH_S:
            raise ModelUnavailable("No time is left for a model.", "timeout")
        guess = self._cost(sum(len(message.text) for message in request.messages) // 3, request.most_tokens)
        if self._limited and (granted := await self._take(guess)) != "yes":
            self._asked.alert = "model_budget" if granted == "first_no" else ""
            raise ModelUnavailable("The day's budget for models is spent.", "budget")
        began = time.perf_counter()
        try:
            answer = await _patiently(self._cascade.model, dataclasses.replace(request, timeout_s=left_s), patience)
        except ModelUnavailable as error:
            unsent = error.kind in ("open", "busy", "rate", "refused")
            self._spent(request.model, ModelCost() if unsent else guess, None, began)
            if unsent:
                self._correct(guess, ModelCost())
            raise
        cost = self._cost(answer.tokens_in, answer.tokens_out) if answer.tokens_in else guess
        self._spent(answer.model, cost, answer, began)
        self._correct(guess, cost)
        return answer

    @property
    def _limited(self) -> bool:
        return self._most != ModelCost()

    async def _take(self, guess: ModelCost) -> str:
        return await self._cascade.budget.take(self._tenant, self._day, guess, self._most)

    def _cost(self, tokens_in: int, tokens_out: int) -> ModelCost:
        return ModelCost(tokens_in + tokens_out, round(tokens_in * self._in + tokens_out * self._out))

    def _spent(self, model: str, cost: ModelCost, answer: ModelAnswer | None, began: float) -> None:
        old = self._asked.spent or Spent(model or self._cascade.model.name, 0)
        self._asked.spent = dataclasses.replace(
            old,
            calls=old.calls + 1,
            tokens_in=old.tokens_in + (answer.tokens_in if answer else 0),
            tokens_out=old.tokens_out + (answer.tokens_out if answer else 0),
            money=round(old.money + cost.money / MILLION, 6),
            ms=round(old.ms + (time.perf_counter() - began) * 1000, 1),
        )

    def _correct(self, guess: ModelCost, cost: ModelCost) -> None:
        if self._limited and guess != cost:
            self._cascade.later(asyncio.ensure_future(self._corrected(guess, cost)))

    async def _corrected(self, guess: ModelCost, cost: ModelCost) -> None:
        more = ModelCost(cost.tokens - guess.tokens, cost.money - guess.money)
        try:
            await self._cascade.budget.correct(self._tenant, self._day, more)
        except FrontdeskError as error:
            _log.warning("What a model cost tenant %s cannot be noted: %s", self._tenant, error)


async def _patiently(model: ChatModel, request: ModelRequest, patience: Patience) -> ModelAnswer:
    """The call, given up early when newer words or the lease's end make it pointless."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + request.timeout_s
    looks: list[asyncio.TimerHandle] = []

    def look() -> None:
        # That the time is simply over is the model's own fault, and for whoever guards it to tell.
        if patience.left_s() <= 0 and loop.time() < ends - LOOK_S / 2:
            limit.reschedule(loop.time())
        else:
            looks[:] = [loop.call_later(LOOK_S, look)]

    try:
        async with asyncio.timeout_at(ends + LOOK_S) as limit:
            looks.append(loop.call_later(LOOK_S, look))
            try:
                return await model.complete(request)
            finally:
                looks[0].cancel()
    except TimeoutError as error:
        raise ModelUnavailable("The turn waits for a model no longer.", "timeout") from error


def merged(understood: Understood, asked: Asked, why: Doubt) -> Understood:
    """The rules' reading with a model's in the place of what they did not know."""
    entries = list(zip(understood.commands, understood.stages, strict=False))
    found = [entry for entry in asked.entries if why != "long" or _adds(entry[0], understood.commands)]
    if asked.wording and not any(_matters(command) for command, _ in found):
        found = [(Smalltalk("other", asked.wording), "model:wording")]
    if why == "guess":
        entries = found if found and not any(isinstance(command, Start) for command, _ in found) else entries
    elif why != "long" and _better(found, why):
        entries = [entry for entry in entries if not isinstance(entry[0], Unclear | Clarify | Ask)] + found
    elif why == "long":
        entries += found
    entries = ordered(list(dict.fromkeys(entries)))
    commands = tuple(command for command, _ in entries)
    stages = (*(stage for _, stage in entries), *asked.stages)
    return dataclasses.replace(understood, commands=commands, stages=stages, spent=asked.spent, alert=asked.alert)


def _matters(command: Command) -> bool:
    return not isinstance(command, Smalltalk)


def _better(found: Sequence[Entry], why: Doubt) -> bool:
    """Whether it says more than the rules: for a question, another question does not."""
    return any(why != "question" or not isinstance(command, Ask | Clarify) for command, _ in found)


def _adds(command: Command, known: Sequence[Command]) -> bool:
    """Beside what the rules found, a model adds details and questions; it takes nothing away and stops nothing."""
    if isinstance(command, Affirm | Deny | Cancel | Restart | Clarify | Language | Smalltalk):
        return False
    if isinstance(command, Set):
        return all(getattr(one, "slot", None) != command.slot for one in known)
    if isinstance(command, Start):
        return not any(isinstance(one, Start) for one in known)
    return all(type(one) is not type(command) for one in known)
