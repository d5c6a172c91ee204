"""What people behind the desk read and change in the records: tickets that wait, and what was said.

What they do *in* a conversation goes through its box instead (`Door.operate`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runtime.casefile import Casefile
from runtime.errors import BadRequest
from runtime.ports import Clock
from runtime.records.conversations import HandoffRow
from runtime.records.tickets import Tickets
from runtime.standing import Standing

STATUS = {"assign": "pending", "answer": "answered", "close": "closed", "reopen": "open"}
"""What each verb makes of a ticket."""


def handoff_facts(row: HandoffRow) -> dict[str, Any]:
    """A handoff as it is shown: its card as facts instead of text."""
    return {**row._asdict(), "card": json.loads(row.card) if row.card else {}}


class Inbox:
    """The records' side of the operators' work."""

    def __init__(self, tickets: Tickets, casefile: Casefile, clock: Clock, standing: Standing) -> None:
        self.standing = standing
        self._casefile = casefile
        self._tickets = tickets
        self._clock = clock

    async def conversation(self, tenant: str, conversation: str) -> Mapping[str, Any]:
        """One conversation: where it stands, what was said, noted and done. Raises NotFound."""
        return await self._casefile.read(tenant, conversation)

    async def tenant_of(self, conversation: str, tenant: str = "") -> str:
        """Whose conversation this is; a very new one needs its tenant. Raises NotFound."""
        return await self._casefile.tenant_of(tenant, conversation)

    async def tickets(self, tenant: str, *, everything: bool = False) -> tuple[Mapping[str, Any], ...]:
        """Tickets that wait, what is due first comes first; `everything` has the closed ones too."""
        return tuple(row._asdict() for row in await self._tickets.waiting(tenant, everything=everything))

    async def change_ticket(self, tenant: str, ticket: str, verb: str, operator: str) -> Mapping[str, Any]:
        """Assign it to an operator, or say that it is answered, closed or open again. Raises NotFound."""
        if verb not in STATUS:
            raise BadRequest(f"A ticket can be {', '.join(STATUS)}, not {verb}.")
        now = self._clock.now()
        return (await self._tickets.change(ticket, STATUS[verb], operator, now, tenant))._asdict()
