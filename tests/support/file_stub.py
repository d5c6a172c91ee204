"""Providers' files on loopback: Telegram's getFile, WhatsApp's media ids, Messenger's addresses; told to misbehave.

`files` has the bytes by handle; `plan` says how the next downloads are answered, one entry each: status, hang, slow (a
piece and then nothing), redirect (to where), packed (as gzip), told (a wrong length). An empty plan is fine.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web


class FileStub:
    """One loopback provider of files."""

    def __init__(self, token: str = "t-1") -> None:
        self.files: dict[str, bytes] = {}
        self.plan: list[dict[str, Any]] = []
        self.downloads: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self.token = token
        self.hanging = asyncio.Event()
        self._ending = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> FileStub:
        app = web.Application()
        app.router.add_post("/bot{token}/getFile", self._get_file)
        app.router.add_get("/file/bot{token}/files/{handle}", self._download)
        app.router.add_get("/v23.0/{handle}", self._media)
        app.router.add_get("/cdn/{handle}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._ending.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _get_file(self, request: web.Request) -> web.Response:
        handle = (await request.json())["file_id"]
        if request.match_info["token"] != self.token:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        if handle not in self.files:
            wrong = {"ok": False, "error_code": 400, "description": "Bad Request: invalid file_id"}
            return web.json_response(wrong, status=400)
        result = {"file_id": handle, "file_unique_id": "u", "file_path": f"files/{handle}"}
        return web.json_response({"ok": True, "result": result})

    async def _media(self, request: web.Request) -> web.Response:
        handle = request.match_info["handle"]
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": {"code": 190, "message": "token"}}, status=401)
        if handle not in self.files:
            return web.json_response({"error": {"code": 100, "error_subcode": 33, "message": "none"}}, status=400)
        size = len(self.files[handle])
        answer = {"url": f"{self.url}/cdn/{handle}", "mime_type": "image/jpeg", "file_size": size, "id": handle}
        return web.json_response({**answer, "messaging_product": "whatsapp"})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        handle = request.match_info["handle"]
        self.downloads.append(handle)
        self.headers.append(dict(request.headers))
        entry = self.plan.pop(0) if self.plan else {}
        if entry.get("hang") or entry.get("slow"):
            return await self._stuck(request, handle, slow=bool(entry.get("slow")))
        if "redirect" in entry:
            return web.Response(status=302, headers={"Location": entry["redirect"]})
        if entry.get("packed"):
            return web.Response(body=b"\x1f\x8b" + b"\0" * 50, headers={"Content-Encoding": "gzip"})
        if handle not in self.files or "status" in entry:
            return web.Response(status=entry.get("status", 404))
        return web.Response(body=self.files[handle])

    async def _stuck(self, request: web.Request, handle: str, *, slow: bool) -> web.StreamResponse:
        answer = web.StreamResponse()
        if slow:
            await answer.prepare(request)
            await answer.write(self.files[handle][:1000])
        self.hanging.set()
        await self._ending.wait()
        return answer
