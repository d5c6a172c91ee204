"""A provider's servers: signed webhooks at a fixed rate, whatever the answers take, and what the answers took.

`python -m tests.benchmarks.webhook_load JSON` with {port, path, channel, secret, rate, seconds, people, text, core}
prints one JSON object. Open loop: what is due is sent at its time over another connection when all are busy, and an
answer's time counts from when the request was due, so that a desk that stalls cannot hide it. Written by hand over bare
sockets, since the load must cost less than what it loads.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import Any

MOST_CONNECTIONS = 512
GRACE_S = 60.0
"""For so long answers are waited for after the last request."""


@dataclass
class Figures:
    """Times in milliseconds, one a request: from when it was due, from when it was sent, and how late it was sent."""

    due: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0


class Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.transport: asyncio.Transport | None = None
        self.due = self.at = 0.0
        self.busy = False
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def post(self, request: bytes, due: float) -> None:
        """Send one request."""
        assert self.transport is not None
        self.busy, self.due, self.at, self._answer = True, due, time.perf_counter(), b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """A part of the answer, mostly all of it."""
        self._answer += data
        head, mark, body = self._answer.partition(b"\r\n\r\n")
        if mark and len(body) >= _length(head):
            self.busy = False
            self.load.answered(self, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was under way has no answer."""
        self.transport = None
        if self.busy:
            self.busy = False
            self.load.broke()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


class Load:
    """All of it."""

    def __init__(self, wish: dict[str, Any]) -> None:
        self.wish = wish
        self.figures = Figures()
        self._free: list[Line] = []
        self._lines = 0
        self._waiting: list[tuple[bytes, float]] = []
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._done = asyncio.Event()

    async def run(self) -> Figures:
        """Send everything, and wait for the answers."""
        rate, number = self.wish["rate"], int(self.wish["rate"] * self.wish["seconds"])
        for _ in range(32):
            self._free.append(await self._connect())
        began = time.perf_counter() + 0.05
        sent = 0
        while sent < number:
            now = time.perf_counter()
            while sent < number and (due := began + sent / rate) <= now:
                self._send(self._request(sent), due)
                sent += 1
            await asyncio.sleep(max(0.0, min(0.001, began + sent / rate - time.perf_counter())))
        if self._open:
            await asyncio.wait_for(self._done.wait(), GRACE_S)
        return self.figures

    async def _connect(self) -> Line:
        self._lines += 1
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self.wish["port"])
        return line

    def _send(self, request: bytes, due: float) -> None:
        self._open += 1
        self._done.clear()
        while self._free:
            line = self._free.pop()
            if line.transport is not None:
                self._post(line, request, due)
                return
            self._lines -= 1
        self._waiting.append((request, due))
        if self._lines < MOST_CONNECTIONS:
            self._tasks.add(task := asyncio.create_task(self._one_more()))
            task.add_done_callback(self._tasks.discard)

    async def _one_more(self) -> None:
        line = await self._connect()
        self._next(line)

    def _post(self, line: Line, request: bytes, due: float) -> None:
        self.figures.late.append((time.perf_counter() - due) * 1000)
        line.post(request, due)

    def _next(self, line: Line) -> None:
        if self._waiting and line.transport is not None:
            self._post(line, *self._waiting.pop(0))
        else:
            self._free.append(line)

    def answered(self, line: Line, status: int) -> None:
        """One more has its answer."""
        now, figures = time.perf_counter(), self.figures
        figures.due.append((now - line.due) * 1000)
        figures.sent.append((now - line.at) * 1000)
        figures.statuses[status] = figures.statuses.get(status, 0) + 1
        self._ended()
        self._next(line)

    def broke(self) -> None:
        """One more will never have one."""
        self.figures.broken += 1
        self._lines -= 1
        self._ended()

    def _ended(self) -> None:
        self._open -= 1
        if not self._open:
            self._done.set()

    def _request(self, number: int) -> bytes:
        body, signed = (_whatsapp if self.wish["channel"] == "whatsapp" else _telegram)(self.wish, number)
        head = (
            f"POST {self.wish['path']} HTTP/1.1\r\nHost: 127.0.0.1:{self.wish['port']}\r\n{signed}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _whatsapp(wish: dict[str, Any], number: int) -> tuple[bytes, str]:
    person = f"4915{number % wish['people']:09d}"
    message = {
        "from": person, "id": f"wamid.{number}", "timestamp": str(int(time.time())), "type": "text",
        "text": {"body": wish["text"]},
    }  # fmt: skip
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "495614400", "phone_number_id": wish["account"]},
        "contacts": [{"profile": {"name": "Paula"}, "wa_id": person}],
        "messages": [message],
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    return body, f"X-Hub-Signature-256: sha256={hmac.new(wish['secret'].encode(), body, hashlib.sha256).hexdigest()}"


def _telegram(wish: dict[str, Any], number: int) -> tuple[bytes, str]:
    person = 7_000_000 + number % wish["people"]
    message = {
        "message_id": number + 1, "date": int(time.time()), "text": wish["text"],
        "from": {"id": person, "is_bot": False, "first_name": "Paula", "language_code": "de"},
        "chat": {"id": person, "type": "private", "first_name": "Paula"},
    }  # fmt: skip
    body = json.dumps({"update_id": 1_000_000 + number, "message": message}).encode()
    return body, f"X-Telegram-Bot-Api-Secret-Token: {wish['secret']}"


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))], 2) if times else 0.0


def main() -> None:
    """Run the load and print what it found."""
    wish = json.loads(sys.argv[1])
    if wish["core"] >= 0:
        os.sched_setaffinity(0, {wish["core"]})
    began, cpu = time.perf_counter(), time.process_time()

    async def run() -> Figures:
        return await Load(wish).run()

    figures = asyncio.run(run())
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    told: dict[str, Any] = {"statuses": figures.statuses, "broken": figures.broken, "wall_s": wall, "cpu_s": used}
    for name in ("due", "sent", "late"):
        times = sorted(getattr(figures, name))
        told[name] = {"p50": _at(times, 0.5), "p99": _at(times, 0.99), "max": _at(times, 1.0)}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
