"""The start page and the two health answers."""

from __future__ import annotations

from aiohttp import web

from runtime.web.pages import PAGE_POLICY, render
from runtime.web.parts import EDGE
from runtime.web.static_files import FILES


async def index(request: web.Request) -> web.Response:
    """`GET /`: where to chat and where to look."""
    edge = request.app[EDGE]
    names = await edge.tenants() if edge.tenants else ()
    desks = [desk.business for tenant in names if (desk := await edge.gate.desk(tenant))]
    html = render("index.html", base=edge.base, desks=desks, style=FILES.path("chat.css"))
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


async def health(request: web.Request) -> web.Response:
    """`GET /healthz`: the process lives."""
    return web.json_response({"ok": True})


async def readiness(request: web.Request) -> web.Response:
    """`GET /readyz`: whether it can take messages in. Without SQL it can: that is said, and is no 503."""
    ready = request.app[EDGE].ready
    wrong = dict(await ready()) if ready else {}
    closed = "redis" in wrong
    return web.json_response({"ok": not closed, "wrong": wrong}, status=503 if closed else 200)
