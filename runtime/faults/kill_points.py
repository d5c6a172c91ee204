"""Where a worker can be made to kill itself, by wrapping the product's own methods from outside.

`install` wraps them all, `arm("after_take:3")` loads one: the third time the process passes that point, it sends
itself SIGKILL: nothing is flushed, nothing is said goodbye to.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from runtime import projector
from runtime.delivery import Deliverer
from runtime.performer import Performer
from runtime.records.database import Database
from runtime.sessions.shapes import Commit, Taken
from runtime.sessions.store import Sessions

POINTS = (
    "after_append",
    "after_take",
    "before_understand",
    "after_understand",
    "before_read",
    "after_read",
    "before_intent",
    "after_intent",
    "in_write",
    "after_write",
    "before_commit",
    "after_commit",
    "after_send",
    "before_projection",
    "after_projection",
    "after_park",
)
"""In the order in which a turn passes them. `after_park` is passed only by an event that kills its turns."""

_writing = contextvars.ContextVar("writing", default=False)
Hit = Callable[[], None]


_armed: dict[str, int] = {}


def arm(order: str) -> None:
    """Make this process kill itself when it passes the point: `name` or `name:nth`."""
    point, _, nth = order.strip().partition(":")
    if point not in POINTS:
        raise ValueError(f"{point} is no kill point; there are {', '.join(POINTS)}")
    _armed[point] = int(nth or 1)


def install() -> None:
    """Wrap every point; nothing happens there until it is armed."""
    for point, wrap in _WRAP.items():
        wrap(functools.partial(_pass, point))


def _pass(point: str) -> None:
    if point in _armed:
        _armed[point] -= 1
        if _armed[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, hit: Hit, *, after: bool, only: Callable[..., bool] = lambda *_: True) -> None:
    """Wrap a coroutine method: `only` sees its arguments, and its result when the kill comes after."""
    original = getattr(owner, name)

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not after and only(*args[1:]):
            hit()
        result = await original(*args, **kwargs)
        if after and only(*args[1:], result):
            hit()
        return result

    setattr(owner, name, wrapped)


def _intent(_key: Any, commit: Commit, *_: Any) -> bool:
    return commit.keep


def _final(_key: Any, commit: Commit, *_: Any) -> bool:
    return not commit.keep


def _taken(*args: Any) -> bool:
    return isinstance(args[-1], Taken)


def _in_transaction(hit: Hit, *, after: bool) -> None:
    """Inside the write's transaction, with its rows written and not committed; or right behind its end."""
    write, transaction = Performer.write, Database.transaction

    async def marked(*args: Any) -> Any:
        token = _writing.set(True)
        try:
            return await write(*args)
        finally:
            _writing.reset(token)

    @contextlib.asynccontextmanager
    async def wrapped(self: Database) -> AsyncIterator[AsyncConnection]:
        async with transaction(self) as connection:
            yield connection
            if _writing.get() and not after:
                hit()
        if _writing.get() and after:
            hit()

    setattr(Performer, "write", marked)  # noqa: B010  # mypy knows that a method is no variable
    setattr(Database, "transaction", wrapped)  # noqa: B010  # as above


def _projection(hit: Hit, *, after: bool) -> None:
    original = getattr(projector, "project")  # noqa: B009  # it is another module's, imported there

    async def wrapped(*args: Any, **kwargs: Any) -> None:
        if not after:
            hit()
        await original(*args, **kwargs)
        if after:
            hit()

    setattr(projector, "project", wrapped)  # noqa: B010  # as above


_WRAP: dict[str, Callable[[Hit], None]] = {
    "after_append": lambda hit: _around(Sessions, "append", hit, after=True),
    "after_take": lambda hit: _around(Sessions, "take", hit, after=True, only=_taken),
    "before_understand": lambda hit: _around(Performer, "understand", hit, after=False),
    "after_understand": lambda hit: _around(Performer, "understand", hit, after=True),
    "before_read": lambda hit: _around(Performer, "read", hit, after=False),
    "after_read": lambda hit: _around(Performer, "read", hit, after=True),
    "before_intent": lambda hit: _around(Sessions, "commit", hit, after=False, only=_intent),
    "after_intent": lambda hit: _around(Sessions, "commit", hit, after=True, only=_intent),
    "in_write": lambda hit: _in_transaction(hit, after=False),
    "after_write": lambda hit: _in_transaction(hit, after=True),
    "before_commit": lambda hit: _around(Sessions, "commit", hit, after=False, only=_final),
    "after_commit": lambda hit: _around(Sessions, "commit", hit, after=True, only=_final),
    "after_send": lambda hit: _around(Deliverer, "_send", hit, after=True),
    "before_projection": lambda hit: _projection(hit, after=False),
    "after_projection": lambda hit: _projection(hit, after=True),
    "after_park": lambda hit: _around(Sessions, "park", hit, after=True),
}
