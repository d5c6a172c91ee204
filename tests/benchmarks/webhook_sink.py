"""A provider that takes every message and keeps none; `python -m tests.benchmarks.webhook_sink` prints its port."""

from __future__ import annotations

import asyncio

_ANSWER = (
    b'{"ok":true,"result":{"message_id":1,"id":1,"is_bot":true,"username":"sink_bot","first_name":"S"},'
    b'"messages":[{"id":"wamid.out"}]}'
)
_WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_ANSWER), _ANSWER)


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request once all of it is there."""
        self._got += data
        while True:
            head, mark, rest = self._got.partition(b"\r\n\r\n")
            length = next((int(one[15:]) for one in head.split(b"\r\n") if one[:15].lower() == b"content-length:"), 0)
            if not mark or len(rest) < length or self._transport is None:
                return
            self._got = rest[length:]
            self._transport.write(_WHOLE)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
