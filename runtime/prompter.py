"""The scanner: finds what the desk has to tell on its own within a day and sets it as timers of its conversations.

Every process has one. Two of them do no harm: a timer has a name, so that setting it twice is setting it once, and what
a timer brings is claimed in SQL before it is told. A Redis that has forgotten its timers has another epoch, and all are
set again; one whose time has long come without being told, too.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping, Sequence

from runtime.clocks import shift_of
from runtime.codec import Boxed, Origin, box
from runtime.core.business import Desk
from runtime.core.events import Prompted
from runtime.desks import DeskBook
from runtime.errors import FrontdeskError
from runtime.ports import Clock, PromptDue, PromptSource
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import TimerSet
from runtime.sessions.store import Sessions
from runtime.telemetry import about, count

_log = logging.getLogger(__name__)


class Prompter:
    """Looks through its sources again and again."""

    def __init__(
        self, sessions: Sessions, desks: DeskBook, sources: Sequence[PromptSource], clock: Clock, every_s: float
    ) -> None:
        self.sessions = sessions
        self.desks = desks
        self.sources = sources
        self.clock = clock
        self.every_s = every_s

    async def run(self) -> None:
        """Look for ever; one of the places where nothing may fall through."""
        if not self.every_s:
            await asyncio.Event().wait()  # Switched off; a task that ends would be taken for a dead one.
        while True:
            # Not in step with the other processes.
            await asyncio.sleep(self.every_s * random.uniform(0.5, 1.0))
            try:
                await self.once()
            except FrontdeskError as error:
                _log.warning("Reminders are looked for again in a moment: %s", error)
            except Exception:
                count("prompts_failed")
                _log.exception("Looking for reminders failed")

    async def once(self) -> int:
        """One look; returns how many timers were set."""
        epoch = await self.sessions.epoch()
        desks = await self._desks()
        found = 0
        for source in self.sources:
            due = await source.due(desks, self.clock.now(), epoch)
            for one in due:
                await self._set(one)
            await source.noted(due, epoch)
            found += len(due)
        return found

    async def _desks(self) -> Mapping[str, Desk]:
        """The businesses that are open for anything."""
        found: dict[str, Desk] = {}
        for tenant in await self.desks.tenants.all():
            desk = await self.desks.desk(tenant)
            if desk is not None and not desk.suspended:
                found[tenant] = desk
        return found

    async def _set(self, due: PromptDue) -> None:
        """Business time to real time, as for every timer."""
        wait_s = (due.at - self.clock.now()).total_seconds()
        shift_ms = shift_of(self.clock)
        origin = Origin(
            due.connection, due.channel, due.chat, due.contact, language=due.language, shift_ms=shift_ms
        )  # fmt: skip
        event = Prompted(due.kind, due.facts, due.claim, due.at)
        body = box(Boxed(f"prompt:{due.name}", event, origin))
        key = SessionKey(due.tenant, due.conversation)
        with about(tenant=due.tenant, conversation=due.conversation):
            await self.sessions.set_timer(key, TimerSet(due.name, 0, int((time.time() + wait_s) * 1000), body))
        count("prompts_set", kind=due.kind)
