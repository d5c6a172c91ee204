"""Waiting for storage that is away for a moment, where somebody would rather wait than read an error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runtime.errors import StorageUnavailable

PATIENCE_S = 20.0
PAUSE_S = 0.2
T = TypeVar("T")


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again while storage is away, up to 20 s; raises StorageUnavailable then.

    For what may be done twice: starting, reading, and appending under an id. Processes that share a data folder start
    its embedded server again when the one that ran it ends, and wait for each other at their first write.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await work()
        except StorageUnavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(PAUSE_S)
