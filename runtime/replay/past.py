"""The desk as it was: a tenant's document in the version of then, with the flows that were published then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.core.business import Desk
from runtime.core.conversation import Conversation
from runtime.core.flows import Flow
from runtime.desks import DeskBook, desk_of
from runtime.errors import NotFound
from runtime.replay.recorded import RecordedTurn


class PastDesks:
    """Snapshots of former versions, read once each."""

    def __init__(self, book: DeskBook) -> None:
        self.book = book
        self._known: dict[tuple[str, int, str, tuple[tuple[str, str], ...]], Desk] = {}

    async def desk(self, conversation: Conversation, recorded: RecordedTurn) -> Desk:
        """The desk that a turn was played with. Raises NotFound where the records do not have it any more."""
        for frame in conversation.stack:
            await self.book.pin(frame.hash)
        key = (conversation.tenant, recorded.document, recorded.status, tuple(sorted(recorded.flows.items())))
        if key not in self._known:
            self._known[key] = await self._load(conversation.tenant, recorded)
        return self._known[key]

    async def document(self, tenant: str, recorded: RecordedTurn) -> Mapping[str, Any]:
        """The tenant's document as a turn was played with it. Raises NotFound."""
        tenants = self.book.tenants
        raw = await (
            tenants.document_of(tenant, "tenant", recorded.document)
            if recorded.document
            else tenants.document(tenant, "tenant")
        )
        if raw is None:
            raise NotFound(f"Version {recorded.document} of tenant {tenant} is not in the records any more.")
        return raw

    async def _load(self, tenant: str, recorded: RecordedTurn) -> Desk:
        version = recorded.document
        if not version:
            present = await self.book.desk(tenant)
            if present is None:
                raise NotFound(f"There is no tenant {tenant} in the records.")
            return present
        raw = await self.document(tenant, recorded)
        return desk_of(raw, await self._flows(recorded.flows), self.book.pinned, recorded.status, version)

    async def _flows(self, wanted: Mapping[str, str]) -> Mapping[str, Flow]:
        """By id; one that is in no records any more is left out, and the comparison shows what that changes."""
        return {name: self.book.pinned[one] for name, one in wanted.items() if await self.book.pin(one)}
