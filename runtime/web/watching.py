"""For those who watch and repair: the figures, and what nobody could handle."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from runtime.dead_letters import DeadLetters
from runtime.errors import NotFound
from runtime.watching import Watch
from runtime.web.operators import check_token
from runtime.web.parts import EDGE, Edge

PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: Prometheus' text, to this machine or with the operator token (FRONTDESK_METRICS)."""
    edge = request.app[EDGE]
    if not _is_free(request, edge):
        check_token(request)
    text = await _watch(edge).metrics()
    return web.Response(body=text, headers={"Content-Type": PROMETHEUS_TEXT})


def _is_free(request: web.Request, edge: Edge) -> bool:
    """Whether this scraper needs no token. Behind a proxy on this machine everybody seems to come from it."""
    match edge.settings.metrics:
        case "open":
            return True
        case "token":
            return False
    if edge.settings.public_url or any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def parked(request: web.Request) -> web.Response:
    """`GET /v1/parked`: what was put aside, oldest first, without bodies."""
    check_token(request)
    letters = await _letters(request).all(request.query.get("tenant", ""))
    return web.json_response({"parked": [letter.facts() for letter in letters]})


async def show_parked(request: web.Request) -> web.Response:
    """`GET /v1/parked/{id}`: one of it, with its body where `?body=1` asks for it."""
    check_token(request)
    wanted = request.query.get("body") == "1"
    letter = await _letters(request).show(request.match_info["id"], body=wanted)
    return web.json_response(letter.facts())


async def retry_parked(request: web.Request) -> web.Response:
    """`POST /v1/parked/{id}/retry`: play it again."""
    check_token(request)
    letter = await _letters(request).retry(request.match_info["id"])
    return web.json_response({"done": True, **letter.facts()})


async def drop_parked(request: web.Request) -> web.Response:
    """`DELETE /v1/parked/{id}`: forget it for good."""
    check_token(request)
    letter = await _letters(request).drop(request.match_info["id"])
    return web.json_response({"done": True, **letter.facts()})


def _watch(edge: Edge) -> Watch:
    if edge.watch is None:
        raise NotFound("This server shows no figures.")
    return edge.watch


def _letters(request: web.Request) -> DeadLetters:
    letters = request.app[EDGE].dead_letters
    if letters is None:
        raise NotFound("This server shows nothing that was put aside.")
    return letters
