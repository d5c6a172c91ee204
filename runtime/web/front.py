"""The start page and the two health answers."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from runtime.reaching import proof
from runtime.web.pages import PAGE_POLICY, render
from runtime.web.parts import EDGE
from runtime.web.static_files import FILES


async def index(request: web.Request) -> web.Response:
    """`GET /`: where to chat and where to look."""
    edge = request.app[EDGE]
    names = await edge.tenants() if edge.tenants else ()
    desks = [desk.business for tenant in names if (desk := await edge.gate.desk(tenant))]
    html = render(
        "index.html", base=edge.base, desks=desks, has_people=edge.people is not None, style=FILES.path("chat.css")
    )
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


async def health(request: web.Request) -> web.Response:
    """`GET /healthz`: the process lives, and all of its work goes on. 503: start it anew."""
    watch = request.app[EDGE].watch
    wrong = watch.ailments() if watch else {}
    more = {"proof": proof(request.app[EDGE].secret, probe)} if (probe := request.query.get("probe")) else {}
    return _answer(not wrong, wrong, {**(watch.facts() if watch else {}), **more})


async def readiness(request: web.Request) -> web.Response:
    """`GET /readyz`: whether it can take messages in. Without SQL it can: that is said, and is no 503."""
    edge = request.app[EDGE]
    wrong = dict(await edge.ready()) if edge.ready else {}
    more = {"partitions": edge.watch.partitions(), **edge.watch.facts()} if edge.watch else {}
    return _answer("redis" not in wrong, wrong, more)


def _answer(ok: bool, wrong: Mapping[str, str], more: Mapping[str, object]) -> web.Response:
    return web.json_response({"ok": ok, "wrong": wrong, **more}, status=200 if ok else 503)
