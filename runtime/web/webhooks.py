"""Providers' webhooks: verify the raw bytes, read, hand to the gate, answer. All work happens after the answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TypeGuard

from aiohttp import web

from runtime.core.messages import Inbound
from runtime.errors import NotFound
from runtime.ports import Channel, Connection, RawRequest
from runtime.receiving import Greeting, greeting, signing
from runtime.telemetry import about
from runtime.tracing import Trail, read_traceparent, standing_in
from runtime.web.parts import EDGE, Acknowledging, Edge

log = logging.getLogger(__name__)


async def receive(request: web.Request) -> web.Response:
    """`POST /webhook/{channel}/{tenant}`: 200 only after everything in it is kept."""
    edge = request.app[EDGE]
    channel, tenant = _channel(edge, request), request.match_info["tenant"]
    known = await edge.receiver.known(channel.connector, tenant)
    raw = await _raw(request)
    signed = signing(channel, known, raw)
    connection = signed[0]
    place = read_traceparent(request.headers.get("traceparent", ""))
    trail = Trail(place, tenant=connection.tenant, connector=connection.connector)
    around = about(tenant=connection.tenant, connector=connection.connector, trace=trail.trace)
    with around, standing_in(trail), trail.stage("take_in"):
        for mine, events in await edge.receiver.take_in(channel, signed, raw):
            _acknowledge_later(edge, channel, mine, events)
    trail.end("webhook")
    return web.json_response({"ok": True})


async def greet(request: web.Request) -> web.Response:
    """`GET /webhook/{channel}/{tenant}`: some providers ask whether the address is ours before they send anything."""
    edge = request.app[EDGE]
    channel = _channel(edge, request)
    if not isinstance(channel, Greeting):
        raise web.HTTPMethodNotAllowed("GET", ["POST"])
    raw = await _raw(request)
    known = await edge.receiver.known(channel.connector, request.match_info["tenant"])
    return web.Response(text=greeting(channel, known, raw))


def _channel(edge: Edge, request: web.Request) -> Channel:
    path_word = request.match_info["channel"]
    channel = edge.channels.get(path_word)
    if channel is None:
        raise NotFound(f"There is no channel {path_word[:40]!r} with webhooks.")
    return channel


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
