"""A Telegram Bot API on loopback: it answers like Telegram, checks every request, logs it and can be told to misbehave.

Every request is one JSON line in the log: when, method, body, status, the message id given, what the schema objects to.
`POST /control {"plan": [{"status": 429, "retry_after": 1}, {"hang": true}, ...]}` sets how the next sends are answered,
one entry a send (`repeat: true` goes round for ever); entries: status (+ retry_after, description), hang, drop (close
without an answer; `after: true` beside either: after it took the message), migrate (the new chat id), delay_s. An
empty entry is fine.
Run it as a program with `python -m tests.support.provider_stub --port N --log FILE`; port 0 picks one and prints it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import jsonschema
from aiohttp import web

SCHEMA = Path(__file__).resolve().parents[3] / "shared/specs/openapi/channels/telegram-bot-api-10.1.schema.json"
_RESULTS: dict[str, Any] = {"answerCallbackQuery": True, "sendChatAction": True, "setWebhook": True}
_ME = {"id": 5500110022, "is_bot": True, "first_name": "Studio", "username": "studio_stub_bot"}


class TelegramStub:
    """One loopback Bot API."""

    def __init__(self, log: Path | None = None, schema: Path = SCHEMA) -> None:
        self.requests: list[dict[str, Any]] = []
        self.plan: list[dict[str, Any]] = []
        self.repeat = False
        self.webhook_info: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        """What customers sent, by file_id."""
        self.url = ""
        self._sent = 1000
        self._file: TextIO | None = log.open("a", buffering=1, encoding="utf-8") if log else None
        self._schema: dict[str, Any] = json.loads(schema.read_text()) if schema.is_file() else {}
        self._checkers: dict[str, jsonschema.Draft202012Validator] = {}
        self._ending = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def checks_schema(self) -> bool:
        """Whether the published description is there to check against."""
        return bool(self._schema)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Bodies of the sendMessage calls that were taken."""
        return [one["body"] for one in self.requests if one["method"] == "sendMessage" and one["message_id"]]

    @property
    def accepted(self) -> list[tuple[str, dict[str, Any]]]:
        """Every message that was taken, in order: its method and body."""
        return [(one["method"], one["body"]) for one in self.requests if one["message_id"]]

    def called(self, method: str) -> list[dict[str, Any]]:
        """Bodies of all calls of a method, whatever became of them."""
        return [one["body"] for one in self.requests if one["method"] == method]

    @property
    def objections(self) -> list[str]:
        """What the schema objects to, over all requests."""
        return [text for one in self.requests for text in one["objections"]]

    async def start(self, port: int = 0) -> TelegramStub:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._call)
        app.router.add_post("/control", self._control)
        app.router.add_get("/file/bot{token}/files/{file}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        """Let go of hanging requests and stop listening."""
        self._ending.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._file is not None:
            self._file.close()

    async def _control(self, request: web.Request) -> web.Response:
        wish = await request.json()
        self.plan, self.repeat = list(wish.get("plan", [])), bool(wish.get("repeat"))
        return web.json_response({"ok": True})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await _body(request)
        entry = self._next(method)
        record = self._record(method, body)
        if entry.get("hang") and not entry.get("after"):
            await self._ending.wait()
        await asyncio.sleep(float(entry.get("delay_s", 0)))
        answer = self._answer(method, body, entry, record)
        if entry.get("hang"):
            await self._ending.wait()
        if entry.get("drop"):
            record["status"] = 0
        self._write(record)
        if entry.get("drop") and request.transport is not None:
            request.transport.abort()
        return answer

    async def _download(self, request: web.Request) -> web.Response:
        body = self.files.get(request.match_info["file"])
        return web.Response(body=body) if body is not None else web.Response(status=404)

    def _next(self, method: str) -> dict[str, Any]:
        """What the plan says about this send; other methods are always answered well."""
        if not _is_message(method) or not self.plan:
            return {}
        entry = self.plan.pop(0)
        if self.repeat:
            self.plan.append(entry)
        return entry

    def _record(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        record = {
            "at": time.time(),
            "method": method,
            "body": body,
            "status": 0,
            "message_id": 0,
            "objections": self._object(method, body),
        }
        self.requests.append(record)
        return record

    def _answer(
        self, method: str, body: Mapping[str, Any], entry: Mapping[str, Any], record: dict[str, Any]
    ) -> web.Response:
        status = int(entry.get("status", 200))
        if record["objections"]:
            return self._refuse(record, 400, {"description": f"Bad Request: {record['objections'][0]}"})
        if new_chat := entry.get("migrate"):
            parameters = {"migrate_to_chat_id": new_chat}
            gone = "Bad Request: group chat was upgraded to a supergroup chat"
            return self._refuse(record, 400, {"description": gone, "parameters": parameters})
        if status != 200:
            return self._refuse(record, status, _failure(status, entry))
        record["status"] = 200
        if entry.get("drop") and not entry.get("after"):
            return web.Response()
        return web.json_response({"ok": True, "result": self._result(method, body, record)})

    @staticmethod
    def _refuse(record: dict[str, Any], status: int, answer: Mapping[str, Any]) -> web.Response:
        record["status"] = status
        return web.json_response({"ok": False, "error_code": status, **answer}, status=status)

    def _result(self, method: str, body: Mapping[str, Any], record: dict[str, Any]) -> Any:
        if method == "getMe":
            return _ME
        if method == "getWebhookInfo":
            return {"url": "", "has_custom_certificate": False, "pending_update_count": 0, **self.webhook_info}
        if method == "getFile":
            return {"file_id": body["file_id"], "file_unique_id": "u", "file_path": f"files/{body['file_id']}"}
        if not _is_message(method):
            return _RESULTS.get(method, True)
        self._sent += 1
        record["message_id"] = self._sent
        chat = {"id": int(body["chat_id"]), "type": "private"}
        return {"message_id": self._sent, "date": int(record["at"]), "chat": chat, "text": body.get("text", "")}

    def _object(self, method: str, body: Mapping[str, Any]) -> list[str]:
        """What the published description objects to; it does not count a text in bytes or a button's payload."""
        if not self._schema:
            return []
        if method not in self._schema["methods"]:
            return [f"{method} is no method"]
        if method not in self._checkers:
            schema = {**self._schema["methods"][method], "$defs": self._schema["$defs"]}
            self._checkers[method] = jsonschema.Draft202012Validator(schema)
        found = [error.message[:200] for error in self._checkers[method].iter_errors(dict(body))]
        return found + _limits(method, body)

    def _write(self, record: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _is_message(method: str) -> bool:
    return method.startswith("send") and method != "sendChatAction"


async def _body(request: web.Request) -> dict[str, Any]:
    """JSON, or form-data with a file, where what is no string is JSON."""
    if request.content_type != "multipart/form-data":
        return dict(json.loads(await request.read() or b"{}"))
    body: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            body[name] = f"attached:{len(value.file.read())}"
        elif isinstance(value, str):
            body[name] = json.loads(value) if name not in ("chat_id", "caption") and value[:1] in "[{0123" else value
    return body


def _limits(method: str, body: Mapping[str, Any]) -> list[str]:
    """Limits that stand in the documentation's prose."""
    if not _is_message(method):
        return []
    found = []
    text = str(body.get("text", "")) if method == "sendMessage" else "none"
    if len(str(body.get("caption", "")).encode("utf-16-le")) > 2 * 1024:
        found.append("a caption has at most 1024 UTF-16 units")
    if not text.strip() or len(text.encode("utf-16-le")) > 2 * 4096:
        found.append("text must be 1 to 4096 UTF-16 units long")
    for row in body.get("reply_markup", {}).get("inline_keyboard", []):
        found += [f"callback_data {b.get('callback_data')!r}" for b in row if not 1 <= _bytes(b) <= 64]
    return found


def _bytes(button: Mapping[str, Any]) -> int:
    return len(str(button.get("callback_data", "")).encode())


def _failure(status: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    texts = {403: "Forbidden: bot was blocked by the user", 429: "Too Many Requests", 500: "Internal Server Error"}
    answer: dict[str, Any] = {"description": entry.get("description", texts.get(status, "Bad Request"))}
    if status == 429:
        answer["parameters"] = {"retry_after": entry.get("retry_after", 1)}
    return answer


async def _serve(port: int, log: Path | None) -> None:
    stub = await TelegramStub(log).start(port)
    sys.stdout.write(f"{stub.url}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await stub.stop()


def main() -> None:
    """Run until stopped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, default=None)
    arguments = parser.parse_args()
    try:
        asyncio.run(_serve(arguments.port, arguments.log))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
