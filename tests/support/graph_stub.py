"""Meta's Graph API on loopback, for WhatsApp and Messenger: it takes only what the descriptions allow, and misbehaves.

`stub.plan` says how the next messages are answered, one entry a message, reading marks and sender actions excepted:
`{}` well; `{"code": 131056}` with Meta's error of this number (`subcode`, `status`, `headers`); `{"status": 500}` with
no error in it; `{"hang": True}`; `{"drop": True}` hangs up before the message is taken, with `"after": True` once it
is; `"after"` beside a hang likewise.
`stub.accepted` holds what was taken, in order; a phone or a page would show exactly this.
"""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import web

from tests.support import messenger_schema

SCHEMA = Path(__file__).resolve().parents[3] / "shared/specs/openapi/channels/whatsapp-cloud.messages.schema.json"
NUMBER, PAGE, TOKEN = "106540352242922", "108812340005678", "EAAG-token-of-the-tests"
_STATUSES = {190: 401, 10: 403, 131031: 403, 4: 400, 131000: 500, 131016: 503, 130429: 429, 131056: 400}


@dataclass(slots=True)
class Request:
    """One request as it came, and what became of it."""

    path: str
    body: dict[str, Any]
    objections: list[str]
    status: int = 0
    message_id: str = ""
    file: bytes = b""


@dataclass(slots=True)
class GraphStub:
    """One loopback Graph API."""

    requests: list[Request] = field(default_factory=list)
    plan: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _numbers: int = 0
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None
    _whatsapp: jsonschema.Draft202012Validator | None = None
    _messenger: Any = None

    @property
    def checks_schema(self) -> bool:
        """Whether WhatsApp's published description is there to check against."""
        return SCHEMA.is_file()

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """Bodies of the messages that were taken, in order."""
        return [one.body for one in self.requests if one.message_id]

    @property
    def objections(self) -> list[str]:
        """What the schemas object to, over all requests."""
        return [text for one in self.requests for text in one.objections]

    async def start(self) -> GraphStub:
        """Listen on loopback."""
        if self.checks_schema:
            self._whatsapp = jsonschema.Draft202012Validator(_closed(json.loads(SCHEMA.read_text())))
        self._messenger = jsonschema.Draft202012Validator(messenger_schema.SEND)
        app = web.Application()
        app.router.add_get("/v23.0/{id}", self._who)
        app.router.add_post("/v23.0/{id}/messages", self._message)
        app.router.add_post("/v23.0/{id}/{kind:media|message_attachments}", self._upload)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        """Let go of hanging requests and stop listening."""
        self._ending.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _who(self, request: web.Request) -> web.Response:
        if trouble := self._unknown(request):
            return trouble
        known = {
            NUMBER: {"id": NUMBER, "display_phone_number": "+49 561 4400", "verified_name": "Studio Lind"},
            PAGE: {"id": PAGE, "name": "Studio Lind", "username": "studiolind"},
        }
        return web.json_response(known.get(request.match_info["id"], known[PAGE]))

    async def _message(self, request: web.Request) -> web.StreamResponse:
        if trouble := self._unknown(request):
            return trouble
        body = await request.json()
        record = Request(request.path, body, self._object(request.match_info["id"], body))
        self.requests.append(record)
        is_message = "sender_action" not in body and body.get("status") != "read"
        entry = self.plan.pop(0) if is_message and self.plan else {}
        answer = self._answer(body, entry, record, is_message)
        if entry.get("hang"):
            await self._ending.wait()
        if entry.get("drop") and request.transport is not None:
            request.transport.abort()
        return answer

    def _answer(
        self, body: Mapping[str, Any], entry: Mapping[str, Any], record: Request, is_message: bool
    ) -> web.Response:
        if record.objections:
            return self._refuse(record, {"code": 100}, record.objections[0])
        if entry.get("code") or entry.get("status"):
            return self._refuse(record, entry, "(#) as planned")
        if (entry.get("hang") or entry.get("drop")) and not entry.get("after"):
            return web.Response()
        record.status = 200
        if not is_message:
            return web.json_response({"success": True, "recipient_id": "1"})
        self._numbers += 1
        if body.get("messaging_product") == "whatsapp":
            record.message_id = f"wamid.STUB{self._numbers:04d}"
            to = body.get("to") or body.get("recipient")
            told: dict[str, Any] = {"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}]}
            return web.json_response({**told, "messages": [{"id": record.message_id}]})
        record.message_id = f"m_STUB{self._numbers:04d}"
        return web.json_response({"recipient_id": body["recipient"]["id"], "message_id": record.message_id})

    async def _upload(self, request: web.Request) -> web.Response:
        if trouble := self._unknown(request):
            return trouble
        form = await request.post()
        file = next((value for value in form.values() if isinstance(value, web.FileField)), None)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        record = Request(request.path, dict(fields), _object_upload(request.match_info["kind"], fields, form))
        record.file = file.file.read() if file is not None else b""
        self.requests.append(record)
        if record.objections:
            return self._refuse(record, {"code": 100}, record.objections[0])
        record.status = 200
        self._numbers += 1
        name = "id" if request.match_info["kind"] == "media" else "attachment_id"
        return web.json_response({name: str(778800000000 + self._numbers)})

    def _unknown(self, request: web.Request) -> web.Response | None:
        """Without the right token nobody gets anything."""
        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        record = Request(request.path, {}, [])
        return self._refuse(record, {"code": 190}, "Error validating access token")

    @staticmethod
    def _refuse(record: Request, entry: Mapping[str, Any], text: str) -> web.Response:
        code = entry.get("code")
        record.status = int(entry.get("status") or _STATUSES.get(int(code or 0), 400))
        if code is None:
            return web.Response(
                status=record.status, text="<html>Sorry, something went wrong.</html>", headers=entry.get("headers")
            )
        error = {
            "message": f"(#{code}) {text} to 4915112345678", "type": "OAuthException", "code": code,
            "fbtrace_id": "AbCdEf123",
        }  # fmt: skip
        if "subcode" in entry:
            error["error_subcode"] = entry["subcode"]
        return web.json_response({"error": error}, status=record.status, headers=entry.get("headers"))

    def _object(self, sender: str, body: Mapping[str, Any]) -> list[str]:
        """What the descriptions object to; WhatsApp's does not know yet that some people have no number."""
        if sender == NUMBER:
            named = dict(body)
            if "recipient" in named and "to" not in named:
                named["to"] = named.pop("recipient")
            found = self._whatsapp.iter_errors(named) if self._whatsapp is not None else ()
            return [_told(error) for error in found] + _prose(body)
        return [_told(error) for error in self._messenger.iter_errors(dict(body))] + _units(body, 2000)


def _told(error: jsonschema.ValidationError) -> str:
    inner = min(error.context or (error,), key=lambda one: len(list(one.context or ())))
    return f"{error.message[:120]} / {inner.message[:200]}"


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The published description lets unknown fields pass inside its objects; a misspelt one would go unnoticed."""
    closed = copy.deepcopy(schema)
    waiting: list[Any] = [closed]
    while waiting:
        one = waiting.pop()
        waiting += one.values() if isinstance(one, dict) else one
        waiting = [each for each in waiting if isinstance(each, dict | list)]
        if isinstance(one, dict) and isinstance(one.get("properties"), dict) and "oneOf" not in one:
            one.setdefault("additionalProperties", False)
    _open_again(closed["$defs"])
    return closed


def _open_again(known: dict[str, Any]) -> None:
    """Members of an `allOf` see only their half; the outer `unevaluatedProperties` closes both. A caption and a file's
    name belong to the media object by the reference, though the description leaves them out."""
    for one in known.values():
        for member in one.get("allOf", ()):
            member.pop("additionalProperties", None)
        if "allOf" in one:
            one["unevaluatedProperties"] = False
    known["BaseMessageProperties"].pop("additionalProperties", None)
    for choice in known["MediaObject"]["oneOf"]:
        choice["properties"] |= {"caption": {"type": "string", "maxLength": 1024}, "filename": {"type": "string"}}


def _prose(body: Mapping[str, Any]) -> list[str]:
    """Limits that stand in the reference's prose."""
    found = _units(body, 4096)
    if body.get("messaging_product") != "whatsapp":
        found.append("messaging_product must be whatsapp")
    if body.get("type") == "text" and not str(body.get("text", {}).get("body", "")).strip():
        found.append("a text must not be empty")
    interactive = body.get("interactive", {})
    if interactive and not interactive.get("body", {}).get("text", "").strip():
        found.append("an interactive message needs a body")
    action = interactive.get("action", {})
    titles = [button["reply"]["title"] for button in action.get("buttons", ())]
    rows = [row for section in action.get("sections", ()) for row in section.get("rows", ())]
    ids = [button["reply"]["id"] for button in action.get("buttons", ())] + [row["id"] for row in rows]
    if len(set(titles)) < len(titles) or len(set(ids)) < len(ids):
        found.append("titles of buttons and ids must be unique")
    if len(rows) > 10 or not all([*titles, *ids]) or not all(row["title"].strip() for row in rows):
        found.append("at most ten rows in all, none empty")
    for component in body.get("template", {}).get("components", ()):
        for value in component.get("parameters", ()):
            if value["type"] == "text" and (not value["text"].strip() or re.search(r"[\n\t]| {4}", value["text"])):
                found.append("a template's value must be one line and not empty")
    return found


def _units(body: object, most: int) -> list[str]:
    """Lengths are counted in UTF-16."""
    if isinstance(body, dict):
        return [text for value in body.values() for text in _units(value, most)]
    if isinstance(body, list):
        return [text for value in body for text in _units(value, most)]
    return ["a text is too long"] if isinstance(body, str) and len(body.encode("utf-16-le")) > 2 * most else []


def _object_upload(kind: str, fields: Mapping[str, str], form: Mapping[str, Any]) -> list[str]:
    if kind == "media":
        wanted = {"messaging_product", "type", "file"}
        found = [] if set(form) == wanted else [f"fields must be {sorted(wanted)}"]
        return found + ([] if fields.get("messaging_product") == "whatsapp" else ["messaging_product"])
    if set(form) != {"message", "filedata"}:
        return ["fields must be message and filedata"]
    checker = jsonschema.Draft202012Validator(messenger_schema.UPLOAD)
    return [error.message for error in checker.iter_errors(json.loads(fields["message"]))]
