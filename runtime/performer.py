"""Carrying out effects: one `match`, results come back as events. Reads never fail loudly; a write never runs blindly.

A write is run only by `write`, after its intent was committed by the loop. Own rows are idempotent by key, so a
connection that breaks in the middle is answered by running the same key again; what stays open is `unknown`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from runtime.core.conversation import Conversation
from runtime.core.effects import Act, Answer, Understand
from runtime.core.events import Acted, Answered, Outcome, Understood
from runtime.core.flow_check import ActionFacts
from runtime.errors import FrontdeskError, ProviderUnavailable, StorageUnavailable
from runtime.ports import Action, ActionCall, ActionKey, Answers, Clock, Patience, Understanding
from runtime.sessions.shapes import Lease, LeaseLost
from runtime.telemetry import count

_log = logging.getLogger(__name__)
WRITE_TRIES = 3
RESERVE_S = 0.5
"""What is kept of the lease for the commit after a request."""
FAILED = Outcome("refused", "failed")
UNKNOWN = Outcome("unknown", "unknown")


def action_facts(actions: Mapping[str, Action]) -> dict[str, ActionFacts]:
    """What the flow loader must know of the actions."""
    return {
        name: ActionFacts(action.access != "read", hasattr(action, "lookup") or getattr(action, "unknowable", False))
        for name, action in actions.items()
    }


class Performer:
    """Understanding, answers and actions behind one face."""

    def __init__(
        self, understanding: Understanding, answers: Answers, actions: Mapping[str, Action], clock: Clock
    ) -> None:
        self.understanding = understanding
        self.answers = answers
        self.actions = actions
        self.clock = clock

    async def understand(self, effect: Understand, patience: Patience | None = None) -> Understood:
        """Commands for a text."""
        return await self.understanding.understand(effect, self.clock.now(), patience)

    async def answer(self, effect: Answer, conversation: Conversation) -> Answered:
        """What we know about a question; nothing when the place to look is down."""
        assert conversation.desk is not None  # noqa: S101  # attached by the loop
        now = self.clock.now()
        try:
            known = await self.answers.answer(conversation.desk, effect.question, effect.topic, effect.language, now)
        except FrontdeskError as error:
            _log.warning("Answers are unavailable for tenant %s: %s", conversation.tenant, error)
            known = None
        return Answered(effect.question, known.text if known else "", now, known.sources if known else ())

    async def read(self, act: Act, conversation: Conversation, lease: Lease) -> Acted:
        """Run a read; a failure is an outcome that the flow has an answer for."""
        try:
            outcome = await self._run(act, conversation, lease)
        except (StorageUnavailable, ProviderUnavailable, TimeoutError) as error:
            _log.warning("%s failed for tenant %s: %s", act.action, conversation.tenant, error)
            count("actions_failed", action=act.action)
            outcome = FAILED
        return Acted(act.key, outcome, self.clock.now())

    async def write(self, act: Act, conversation: Conversation, lease: Lease) -> Acted:
        """Run a write whose intent is committed. Never a second time without its key."""
        outcome = UNKNOWN
        for attempt in range(WRITE_TRIES):
            try:
                outcome = await self._run(act, conversation, lease)
                break
            except (StorageUnavailable, ProviderUnavailable, TimeoutError) as error:
                _log.warning("%s is unsure for tenant %s: %s", act.action, conversation.tenant, error)
                await asyncio.sleep(0.1 * 3**attempt)
        if outcome is UNKNOWN:
            outcome = await self._found_out(act, conversation)
        count("writes", action=act.action, outcome=outcome.name)
        return Acted(act.key, outcome, self.clock.now())

    async def _found_out(self, act: Act, conversation: Conversation) -> Outcome:
        """What became of a write that we lost sight of."""
        try:
            found = await self.actions[act.action].lookup(ActionKey(act.key, conversation.tenant, act.arguments))
        except FrontdeskError as error:
            _log.error("What became of %s for tenant %s is unknown: %s", act.action, conversation.tenant, error)
            return UNKNOWN
        return found or FAILED

    async def _run(self, act: Act, conversation: Conversation, lease: Lease) -> Outcome:
        """One run inside what is left of the lease, checked by our own clock just before."""
        action = self.actions.get(act.action)
        if action is None:
            _log.error("Flow of tenant %s names the unknown action %s", conversation.tenant, act.action)
            return FAILED
        left_s = lease.left_s() - RESERVE_S
        if lease.lost or left_s <= 0:
            raise LeaseLost(f"The lease ended before {act.action}; another worker goes on.")
        async with asyncio.timeout(left_s):
            return await action.run(self._call(act, conversation, self.clock.now(), left_s))

    def _call(self, act: Act, conversation: Conversation, now: datetime, left_s: float) -> ActionCall:
        assert conversation.desk is not None  # noqa: S101  # attached by the loop
        return ActionCall(
            key=act.key,
            tenant=conversation.tenant,
            conversation=conversation.id,
            contact=conversation.contact,
            arguments=act.arguments,
            desk=conversation.desk,
            now=now,
            language=conversation.language,
            deadline_s=left_s,
        )
