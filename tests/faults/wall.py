"""A wall between the desks and their database: closed, there is no SQL; open again, it is as it was."""

from __future__ import annotations

import asyncio
import sqlite3

from sqlalchemy.engine import make_url


class Wall:
    """For PostgreSQL a proxy that refuses and cuts connections; for SQLite a lock on the file."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.url = url
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._lock: sqlite3.Connection | None = None
        self._port = 0

    async def __aenter__(self) -> Wall:
        if self._url.get_backend_name() == "postgresql":
            await self.open()
            self.url = self._url.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
        if self._lock is not None:
            self._lock.close()

    async def open(self) -> None:
        """Let them through."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._url.get_backend_name() == "postgresql":
            self._server = await asyncio.start_server(self._through, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Nobody gets through, and who was through is cut."""
        if self._server is None:
            await asyncio.to_thread(self._shut_file)
            return
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    def _shut_file(self) -> None:
        if self._url.get_backend_name() == "sqlite" and self._lock is None:
            self._lock = sqlite3.connect(str(self._url.database), timeout=10, check_same_thread=False)
            self._lock.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._lock.execute("BEGIN EXCLUSIVE")

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._url.host or "127.0.0.1", self._url.port or 5432
        there = await asyncio.open_connection(host, port)
        self._writers |= {writer, there[1]}
        await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer), return_exceptions=True)
        self._writers -= {writer, there[1]}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
