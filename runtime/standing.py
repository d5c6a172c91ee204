"""Who is answered at all, by a person's decision: a contact that is barred, a desk that is paused or suspended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.errors import BadRequest, NotFound
from runtime.records.conversations import Conversations
from runtime.records.tenants import STATUSES, Tenants


class Standing:
    """Reads and changes it; running desks follow within five seconds."""

    def __init__(self, tenants: Tenants, conversations: Conversations) -> None:
        self._tenants = tenants
        self._conversations = conversations

    async def bar(
        self, conversation: str, operator: str, *, tenant: str = "", reason: str = "", off: bool = False
    ) -> Mapping[str, Any]:
        """Bar the contact of a conversation, or answer them again (`off`). Raises NotFound."""
        found = await self._conversations.find(conversation, tenant)
        if found is None or not found.contact:
            raise NotFound(f"There is no conversation {conversation} in the records; `frontdesk handoffs` lists some.")
        if off:
            await self._tenants.unbar(found.tenant, found.contact)
        else:
            await self._tenants.bar(found.tenant, found.contact, conversation, reason, operator)
        return {"tenant": found.tenant, "contact": found.contact, "conversation": conversation, "barred": not off}

    async def barred(self, tenant: str) -> tuple[Mapping[str, Any], ...]:
        """Who is barred, the newest first."""
        return tuple(
            {
                "contact": b.contact,
                "conversation": b.conversation,
                "reason": b.reason,
                "operator": b.operator,
                "at": b.at,
            }
            for b in await self._tenants.barred(tenant)
        )

    async def set_status(self, tenant: str, status: str, operator: str) -> Mapping[str, Any]:
        """Make a desk active, paused or suspended. Raises NotFound, or BadRequest for another word."""
        wanted = next((known for known in STATUSES if known == status), None)
        if wanted is None:
            raise BadRequest(f"A desk can be {', '.join(STATUSES)}, not {status}.")
        if await self._tenants.document(tenant, "tenant") is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        await self._tenants.set_status(tenant, wanted, by=operator)
        return {"tenant": tenant, "status": wanted}
