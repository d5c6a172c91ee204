"""Dialog files: what is said, what must come back, and what stands in the calendar afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any


async def run_dialogs(folder: Path, start: Callable[..., AbstractAsyncContextManager[Any]]) -> int:
    """Play every dialog file; 0 when all went as written."""
    raise NotImplementedError
