"""Uploads under way: who may have how many places at once, and how slowly a file may come.

Few slow senders must not shut out the others: not one visitor the rest, not one tenant the next, no visitor our people.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from aiohttp import StreamReader

from runtime.errors import BadRequest, StorageUnavailable, TooSlow

AT_ONCE = 8
"""Uploads of visitors that one process takes at the same time; as many again of people."""
OF_A_TENANT = AT_ONCE // 2
OF_A_CONVERSATION = 2
SILENCE_S = 20.0
FIRST_S = 20.0
FIRST_BYTES = 64 << 10
"""What must have come after `FIRST_S`, unless the file is smaller and there by then."""
LEAST_A_SECOND = 8 << 10
_PIECE = 256 << 10


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one process, by tenant and conversation."""

    visitors: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    people: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    @contextlib.contextmanager
    def taken(self, tenant: str, conversation: str, *, by_visitor: bool) -> Iterator[None]:
        """Have a place meanwhile. Raises StorageUnavailable where there is none."""
        places = self.visitors if by_visitor else self.people
        if by_visitor and places.count((tenant, conversation)) >= OF_A_CONVERSATION:
            raise StorageUnavailable(f"Only {OF_A_CONVERSATION} files of a conversation come in at a time.")
        of_tenant = sum(one == tenant for one, _ in places)
        if len(places) >= AT_ONCE or (by_visitor and of_tenant >= OF_A_TENANT):
            raise StorageUnavailable("Too many files come in at this moment.")
        places.append((tenant, conversation))
        try:
            yield
        finally:
            places.remove((tenant, conversation))


def too_slow() -> TooSlow:
    """The file does not come as fast as it must."""
    least = f"{FIRST_BYTES >> 10} KB in the first {FIRST_S:g} s, then {LEAST_A_SECOND >> 10} KB a second"
    return TooSlow(f"The file came too slowly. The least is {least}.")


async def pieces(body: StreamReader) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TooSlow, and BadRequest when it breaks off."""
    start, size = time.monotonic(), 0
    try:
        while True:
            due = start + FIRST_S + max(0, size - FIRST_BYTES) / LEAST_A_SECOND
            left = max(0.0, due - time.monotonic())
            piece = await asyncio.wait_for(body.read(_PIECE), min(SILENCE_S, left))
            if not piece:
                return
            size += len(piece)
            yield piece
    except TimeoutError as error:
        raise too_slow() from error
    except ConnectionError as error:
        raise BadRequest("The file broke off.") from error
