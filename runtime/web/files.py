"""Files of conversations over HTTP: visitors send and see their own, people with the operator token all of one.

What is served is never run: only pictures, sound and films stand in a page, everything else is a download, and each
answer is a sandbox of its own. A page cannot send a header with a picture, so what it shows carries a key in its
address that opens this one file for some hours.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from runtime.comparing import is_same
from runtime.core.messages import Attachment, Inbound, Kind
from runtime.errors import BadRequest, NotAllowed, NotFound, TooLarge
from runtime.files import NewFile, StoredFile
from runtime.identifiers import contact_id, conversation_id
from runtime.media.kinds import is_shown
from runtime.media.store import FileStore
from runtime.ports import Connection
from runtime.web.operators import check_token
from runtime.web.parts import EDGE, Edge
from runtime.web.uploads import pieces, too_slow
from runtime.web.websites import check_own

LONGEST_S = 300.0
KEY_S = 12 * 3600
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


async def upload(request: web.Request) -> web.Response:
    """`POST /chat/{tenant}/files?name=...`: the body is the file; `Authorization: Bearer <visitor token>`."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    connection = await _chat(edge, tenant)
    check_own(request, edge.settings.public_url)
    visitor = _visitor(edge, tenant, request.headers.get("Authorization", ""))
    conversation = chat_of(connection, visitor)
    contact = contact_id(f"{connection.tenant}/{connection.id}", visitor)
    new = NewFile(tenant, conversation, contact, "contact", request.query.get("name", ""), request.content_type)
    store = _store(edge)
    await store.allow(new)
    return _made(await _taken(edge, store, new, request))


async def show(request: web.Request) -> web.StreamResponse:
    """`GET /chat/{tenant}/files/{file}`: with the visitor's token, or with the key that came with the chat's lines."""
    edge, tenant, file = request.app[EDGE], request.match_info["tenant"], request.match_info["file"]
    connection = await _chat(edge, tenant)
    given = request.query.get("key", "")
    if given:
        conversation = _opened(edge.secret, tenant, file, given)
    else:
        conversation = chat_of(connection, _visitor(edge, tenant, request.headers.get("Authorization", "")))
    return _served(await _store(edge).open(tenant, conversation, file))


async def upload_for_reply(request: web.Request) -> web.Response:
    """`POST /v1/conversations/{conversation}/files?name=...&operator=...`: a file that a reply may name."""
    check_token(request)
    conversation = request.match_info["conversation"]
    operator = request.query.get("operator", "").strip()[:100]
    if not operator:
        raise BadRequest("Say who sends it: ?operator=NAME.")
    tenant = await _tenant_of(request.app[EDGE], conversation, request.query.get("tenant", ""))
    return await taken_for_reply(request, tenant, conversation, operator)


async def show_to_people(request: web.Request) -> web.StreamResponse:
    """`GET /v1/conversations/{conversation}/files/{file}`, with the operator token."""
    check_token(request)
    conversation = request.match_info["conversation"]
    tenant = await _tenant_of(request.app[EDGE], conversation, request.query.get("tenant", ""))
    return await opened_file(request, tenant, conversation, request.match_info["file"])


async def erase(request: web.Request) -> web.Response:
    """`DELETE /v1/conversations/{conversation}/files`: all files of a conversation, for good."""
    check_token(request)
    edge, conversation = request.app[EDGE], request.match_info["conversation"]
    tenant = await _tenant_of(edge, conversation, request.query.get("tenant", ""))
    return web.json_response({"erased": await _store(edge).erase(tenant, conversation=conversation)})


async def taken_for_reply(request: web.Request, tenant: str, conversation: str, operator: str) -> web.Response:
    """The body as a file that a reply may name; whoever asks has shown that they may."""
    edge = request.app[EDGE]
    new = NewFile(tenant, conversation, "", operator, request.query.get("name", ""), request.content_type)
    return _made(await _taken(edge, _store(edge), new, request))


async def opened_file(request: web.Request, tenant: str, conversation: str, file: str) -> web.StreamResponse:
    """A conversation's file; whoever asks has shown that they may."""
    return _served(await _store(request.app[EDGE]).open(tenant, conversation, file))


async def _taken(edge: Edge, store: FileStore, new: NewFile, request: web.Request) -> StoredFile:
    """Read the body into the store; a file over the limit is refused before it comes where its length is told."""
    if (request.content_length or 0) > store.largest:
        raise TooLarge(f"A file may be {store.largest / 1e6:g} MB large.")
    with edge.uploading.taken(new.tenant, new.conversation, by_visitor=new.author == "contact"):
        try:
            async with asyncio.timeout(LONGEST_S):
                return await store.save(new, pieces(request.content))
        except TimeoutError as error:
            raise too_slow() from error


def _made(file: StoredFile) -> web.Response:
    return web.json_response(facts(file.attachment), status=201)


def _served(file: StoredFile) -> web.StreamResponse:
    """The bytes, with headers that let nobody run them."""
    if file.path is None or not file.path.is_file():
        raise NotFound("The file is not there (any more).")
    how = "inline" if is_shown(file.mime) else "attachment"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", file.name)
    name = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    mime = (
        file.mime if how == "inline" or file.mime in ("application/pdf", "text/plain") else "application/octet-stream"
    )
    headers = {
        "Content-Type": mime, "Content-Disposition": name, "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    return web.FileResponse(file.path, headers=headers)


def chat_of(connection: Connection, visitor: str) -> str:
    """The id of a visitor's conversation."""
    return conversation_id(f"{connection.tenant}/{connection.id}", visitor)


async def looked_up(edge: Edge, connection: Connection, inbound: Inbound) -> Inbound:
    """A visitor's message with what its files are. Raises BadRequest for one that is not theirs."""
    ids = [one.file for one in inbound.attachments]
    conversation = chat_of(connection, inbound.conversation_id)
    found = await _store(edge).attachments(connection.tenant, conversation, ids)
    return dataclasses.replace(inbound, attachments=found, kind=_KINDS.get(found[0].type, "document"))


_KINDS: Mapping[str, Kind] = {"image": "image", "video": "video", "audio": "audio"}


def shown(edge: Edge, connection: Connection, visitor: str, attachment: Attachment) -> dict[str, Any]:
    """A file as a chat's line tells it, with the address that opens it for some hours."""
    until = (int(time.time()) // 3600 + KEY_S // 3600) * 3600
    conversation = chat_of(connection, visitor)
    key = f"{until:x}.{conversation}.{_mac(edge.secret, connection.tenant, conversation, attachment.file, until)}"
    url = f"{edge.base}/chat/{connection.tenant}/files/{attachment.file}?key={key}"
    return {**facts(attachment), "url": url}


def facts(attachment: Attachment) -> dict[str, Any]:
    """What a page is told of a file."""
    return {
        "id": attachment.file, "name": attachment.name, "mime": attachment.mime, "size": attachment.size,
        "type": attachment.type,
    }  # fmt: skip


def _opened(secret: bytes, tenant: str, file: str, key: str) -> str:
    """The conversation of a key. Raises NotAllowed for one that is not ours, of another file, or too old."""
    ends, _, rest = key.partition(".")
    conversation, _, mac = rest.partition(".")
    until = int(ends, 16) if re.fullmatch(r"[0-9a-f]{1,12}", ends) else 0
    if until < time.time() or not is_same(mac, _mac(secret, tenant, conversation, file, until)):
        raise NotAllowed("This address opened a file for some hours, and they are over. Reload the chat.")
    return conversation


def _mac(secret: bytes, tenant: str, conversation: str, file: str, until: int) -> str:
    told = f"file\n{tenant}\n{conversation}\n{file}\n{until}".encode()
    return hmac.new(secret, told, hashlib.sha256).hexdigest()[:40]


def _visitor(edge: Edge, tenant: str, authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    visitor = edge.webchat.recognise(edge.secret, tenant, token.strip()) if scheme.lower() == "bearer" else None
    if visitor is None:
        raise NotAllowed("The visitor's token is missing or not ours. Say hello on the chat's socket to get one.")
    return visitor


async def _chat(edge: Edge, tenant: str) -> Connection:
    connection = await edge.gate.connection(tenant, edge.webchat.connector) if _TENANT.fullmatch(tenant) else None
    if connection is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r}.")
    return connection


async def _tenant_of(edge: Edge, conversation: str, tenant: str) -> str:
    """The conversation's tenant, which the records tell where nobody said it."""
    if edge.inbox is None:
        raise NotFound("This process keeps no records.")
    return await edge.inbox.tenant_of(conversation, tenant)


def _store(edge: Edge) -> FileStore:
    if edge.media is None:
        raise NotFound("This process keeps no files.")
    return edge.media
