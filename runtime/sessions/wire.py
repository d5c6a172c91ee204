"""One connection to Redis that many calls share: written in order and together, answered in order.

A client library takes a connection from a pool, sends, waits and gives it back for each command; at a thousand turns
a second that costs more than Redis itself. Here a call is a future in a queue. All errors are StorageUnavailable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

import hiredis

from runtime.errors import StorageUnavailable


class Refused(StorageUnavailable):
    """Redis answered with an error; `code` is its first word (OOM, READONLY, NOSCRIPT, MOVED ...)."""

    def __init__(self, text: str) -> None:
        self.code, _, self.detail = text.partition(" ")
        super().__init__(f"Redis refused: {text[:200]}")


class ConnectionCut(StorageUnavailable):
    """The connection was lost or never came up. What was asked may have been done all the same."""


class _Broken(Exception):
    """The bytes are not Redis' protocol."""


_MORE = object()
pack: Callable[[tuple[Any, ...]], bytes] = hiredis.pack_command


class Link(asyncio.Protocol):
    """One open connection. `on_push` turns it into a subscriber: replies go there instead of to callers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reader = hiredis.Reader(protocolError=_Broken, replyError=Refused, notEnoughData=_MORE)
        self.waiting: deque[asyncio.Future[Any]] = deque()
        self.transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = loop.create_future()
        self.on_push: Callable[[Any], None] | None = None
        self.progress = loop.time()
        self.client_id = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection stands."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """asyncio: some bytes came."""
        self.progress = self._loop.time()
        reader = self._reader
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _MORE:
                self._answer(reply)
        except _Broken:
            self.abort()

    def _answer(self, reply: Any) -> None:
        if self.on_push is not None:
            self.on_push(reply)
            return
        future = self.waiting.popleft()
        if future.done():
            return
        if type(reply) is Refused:
            future.set_exception(reply)
        else:
            future.set_result(reply)

    def eof_received(self) -> None:
        """asyncio: the server has closed its side. What is not written yet will never be answered: end it now."""
        self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: it is over, whoever ended it."""
        self.transport = None
        while self.waiting:
            future = self.waiting.popleft()
            if not future.done():
                future.set_exception(ConnectionCut("The connection to Redis was cut."))
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, packed: bytes, futures: list[asyncio.Future[Any]]) -> None:
        """Write commands whose answers go to `futures`, in order."""
        if self.transport is None:
            for future in futures:
                if not future.done():
                    future.set_exception(ConnectionCut("The connection to Redis was cut."))
            return
        if not self.waiting:
            self.progress = self._loop.time()
        self.waiting.extend(futures)
        self.transport.write(packed)

    def ask(self, *command: Any) -> asyncio.Future[Any]:
        """One command now; for the handshake."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self.send(pack(command), [future])
        return future

    def abort(self) -> None:
        """End it without ceremony."""
        if self.transport is not None:
            self.transport.abort()


class Wire:
    """A connection that is opened when first needed and again after each loss."""

    def __init__(self, open_link: Callable[[], Awaitable[Link]], answer_s: float) -> None:
        self._open_link = open_link
        self._answer_s = answer_s
        self._loop = asyncio.get_running_loop()
        self._link: Link | None = None
        self._out: list[bytes] = []
        self._futures: list[asyncio.Future[Any]] = []
        self._busy = False
        self._closed = False
        self._opening: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None

    def call(self, packed: bytes) -> asyncio.Future[Any]:
        """Ask; calls are sent in the order of `call`, also across the opening of a connection."""
        future: asyncio.Future[Any] = self._loop.create_future()
        if self._closed:
            future.set_exception(ConnectionCut("The session store is closed."))
            return future
        self._out.append(packed)
        self._futures.append(future)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._flush)
        return future

    @property
    def client_id(self) -> int:
        """Redis' number of this connection, 0 when there is none."""
        return self._link.client_id if self._link is not None and self._link.transport is not None else 0

    def _flush(self) -> None:
        link = self._link
        if link is None or link.transport is None:
            self._opening = self._loop.create_task(self._open())
            return
        self._busy = False
        out, futures = self._out, self._futures
        self._out, self._futures = [], []
        link.send(out[0] if len(out) == 1 else b"".join(out), futures)
        if self._watch is None:
            self._watch = self._loop.call_later(self._answer_s / 4, self._check)

    async def _open(self) -> None:
        try:
            self._link = await self._open_link()
        except StorageUnavailable as error:
            self._fail(error)
        except (OSError, TimeoutError) as error:
            self._fail(ConnectionCut(f"Redis cannot be reached: {error or type(error).__name__}."))
        else:
            self._flush()

    def _fail(self, error: StorageUnavailable) -> None:
        self._busy = False
        futures, self._futures, self._out = self._futures, [], []
        for future in futures:
            if not future.done():
                future.set_exception(error)

    def _check(self) -> None:
        """A server that accepts and never answers (stopped, or behind a dead network path) counts as lost."""
        self._watch = None
        link = self._link
        if link is None or not link.waiting:
            return
        if self._loop.time() - link.progress > self._answer_s:
            link.abort()
        else:
            self._watch = self._loop.call_later(self._answer_s / 4, self._check)

    def drop(self) -> None:
        """Let the connection go; the next call opens another (after READONLY: the address may have moved)."""
        if self._link is not None:
            self._link.abort()

    async def close(self) -> None:
        """No more calls."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        self._fail(ConnectionCut("The session store is closed."))
        if self._link is not None:
            self.drop()
            await self._link.closed
