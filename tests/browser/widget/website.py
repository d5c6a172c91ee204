"""A website of somebody else: its own server and origin, its own style, and our script line."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

_PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>Fahrrad Kranich</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/own.css">{line}</head><body><main><h1>Fahrrad Kranich</h1>
<p>Wir reparieren Räder. Und alle Dinge auf dieser Seite haben einen eigenen, eigenwilligen Stil.</p>
<button id="cta" data-frontdesk-open="book">Termin</button>{more}</main></body></html>"""
# What a page may do to whatever is put into it.
_STYLE = """body { font: 18px/1.6 Georgia, serif; margin: 2rem; background: #eef3ea; color: #22301f; }
#cta { min-height: 48px; padding: 0 1.5rem; }
.hostile button, .hostile iframe, .hostile div, .hostile section { display: none !important; opacity: 0 !important; }
.hostile * { color: red !important; font-size: 40px !important; position: static !important; }"""


class Website:
    """Serves `/` with the script line of a desk; what stands in the query becomes its attributes."""

    def __init__(self, desk: str) -> None:
        self.desk = desk
        self.policy = ""
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def origin(self) -> str:
        """Another site than the desk's, not only another port."""
        return f"http://localhost:{self._port}"

    def page(self, *, lang: str = "de", path: str = "/", **attributes: str) -> str:
        """The address of a page whose script line has these attributes."""
        return f"{self.origin}{path}?{urlencode({'lang': lang, **attributes})}"

    async def start(self) -> Website:
        app = web.Application()
        app.add_routes([web.get("/own.css", self._style), web.get("/{kind:.*}", self._show)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "localhost", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=_STYLE, content_type="text/css")

    async def _show(self, request: web.Request) -> web.Response:
        given = dict(request.query)
        lang, framed = given.pop("lang", "de"), given.pop("framed", "")
        attributes = "".join(f' data-{name}="{value}"' for name, value in {"tenant": "demo", **given}.items())
        line = f'<script src="{self.desk}/widget.js"{attributes} async></script>'
        html = _PAGE.format(
            lang=lang, line="" if framed else line, more=f'<iframe src="{framed}"></iframe>' * bool(framed)
        )
        if request.match_info["kind"] == "hostile":
            html = html.replace("<html ", '<html class="hostile" ')
        answer = web.Response(text=html, content_type="text/html")
        if request.match_info["kind"] == "strict":
            own = f"script-src {self.desk}; connect-src {self.desk}; frame-src {self.desk}"
            answer.headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'self'; img-src data:; {own}"
        return answer
