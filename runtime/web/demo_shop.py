"""The website of the demo studio: a page of somebody else's making with our one script line in it."""

from __future__ import annotations

from aiohttp import web

from runtime.errors import NotFound
from runtime.web.chat_page import page_language
from runtime.web.pages import PAGE_POLICY, render
from runtime.web.parts import EDGE
from runtime.web.static_files import FILES

TENANT = "demo"
PATH = "/demo/shop"
# The launcher lives in this page: it asks us for its look and opens a frame of ours.
_POLICY = f"{PAGE_POLICY}; frame-src 'self'"


async def show(request: web.Request) -> web.Response:
    """`GET /demo/shop`, as long as there is the demo studio; `?lang=`, and `?theme=`, `?accent=` for the widget."""
    edge = request.app[EDGE]
    desk = await edge.gate.desk(TENANT)
    if desk is None:
        raise NotFound("There is no demo studio here.")
    wished = {name: request.query.get(name, "")[:20] for name in ("theme", "accent", "position", "open")}
    html = render(
        "shop.html", base=edge.base, style=FILES.path("shop.css"), business=desk.business,
        language=page_language(request, desk.business), wished=wished,
    )  # fmt: skip
    return web.Response(
        text=html, content_type="text/html", headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"}
    )
