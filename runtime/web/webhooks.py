"""Providers' webhooks: verify the raw bytes, read, hand to the gate, answer. All work happens after the answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TypeGuard

from aiohttp import web

from runtime.core.messages import Inbound
from runtime.errors import NotFound
from runtime.ports import Channel, Connection, RawRequest
from runtime.telemetry import about
from runtime.tracing import Trail, read_traceparent, standing_in
from runtime.web.parts import EDGE, Acknowledging, Edge

log = logging.getLogger(__name__)


async def receive(request: web.Request) -> web.Response:
    """`POST /webhook/{channel}/{tenant}`: 200 only after the gate has every event."""
    edge = request.app[EDGE]
    channel, connection = await _who(edge, request.match_info["channel"], request.match_info["tenant"])
    raw = await _raw(request)
    channel.verify(raw, connection.secrets)
    place = read_traceparent(request.headers.get("traceparent", ""))
    trail = Trail(place, tenant=connection.tenant, connector=connection.connector)
    around = about(tenant=connection.tenant, connector=connection.connector, trace=trail.trace)
    with around, standing_in(trail), trail.stage("take_in"):
        await _take_in(edge, channel, connection, raw)
    trail.end("webhook")
    return web.json_response({"ok": True})


async def _take_in(edge: Edge, channel: Channel, connection: Connection, raw: RawRequest) -> None:
    events = tuple(event for event in channel.parse(raw).events if event.conversation_id)
    if events:
        await edge.gate.take_in(connection, events)
        _acknowledge_later(edge, channel, connection, events)


async def _who(edge: Edge, path_word: str, tenant: str) -> tuple[Channel, Connection]:
    channel = edge.channels.get(path_word)
    if channel is None:
        raise NotFound(f"There is no channel {path_word[:40]!r} with webhooks.")
    connection = await edge.gate.connection(tenant, channel.connector)
    if connection is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r} with a {channel.connector} connection.")
    return channel, connection


async def _raw(request: web.Request) -> RawRequest:
    """The request as it came; a body over the limit raises 413 here, before anything else."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RawRequest(request.method, request.path, headers, await request.read(), dict(request.query))


def _acknowledge_later(edge: Edge, channel: Channel, connection: Connection, events: tuple[Inbound, ...]) -> None:
    if edge.http is None or not _owes_acknowledgement(channel):
        return
    for event in events:
        if event.kind == "button":
            task = asyncio.create_task(channel.acknowledge(event, connection.secrets, edge.http))
            edge.tasks.add(task)
            task.add_done_callback(edge.tasks.discard)


def _owes_acknowledgement(channel: object) -> TypeGuard[Acknowledging]:
    return hasattr(channel, "acknowledge")


async def finish(app: web.Application) -> None:
    """Let acknowledgements end; each has its own short time-out."""
    await asyncio.gather(*app[EDGE].tasks, return_exceptions=True)
