"""The chat page's WebSocket: JSON frames both ways.

    page:   hello {visitor, after} first, then say {id, text, files}, press {id, payload, label}, typing
    server: welcome {visitor, tenant, name, language}, entry {...}, synced (all that was there is sent),
            taken {id}, refused {id, reason, retry, after_ms}

`files` of a message are ids that `POST /chat/{tenant}/files` gave (at most ten; the text may then be empty). An entry
said has `files {message id: [file]}`, an entry part `files [file]`; a file is {id, name, mime, size, type, url}.

A message is the page's until it was taken: it is sent again under the same id as often as the page wants. What it
shows comes from the feed by number, so a reload or another tab shows the same. Two tasks share a socket: one reads
frames, the other passes entries on.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from runtime.core.business import Business
from runtime.core.messages import Attachment
from runtime.errors import BadRequest, FrontdeskError, NotFound, StorageUnavailable
from runtime.ports import ChatEntry, ChatFeed, Connection
from runtime.web import files
from runtime.web.chat_page import page_language
from runtime.web.parts import EDGE, Edge
from runtime.web.websites import check_own

LARGEST_FRAME = 24 << 10
HELLO_WITHIN_S = 10.0
FEED_WAIT_S = 5.0
_BURST = 20
_PER_SECOND = 2.0

log = logging.getLogger(__name__)


class Allowance:
    """Messages a socket may send: a burst, then so many a second."""

    def __init__(self, now: float) -> None:
        self._left = float(_BURST)
        self._at = now

    def take(self, now: float) -> bool:
        """Use one up; False when there is none."""
        self._left = min(_BURST, self._left + (now - self._at) * _PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True, slots=True)
class Visit:
    """One open socket of one visitor."""

    edge: Edge
    socket: web.WebSocketResponse
    connection: Connection
    visitor: str
    allowance: Allowance
    language: str
    """The page's: what a conversation begins in; its own words may change it."""

    def shown(self, attachment: Attachment) -> dict[str, Any]:
        """A file as this page gets it."""
        return files.shown(self.edge, self.connection, self.visitor, attachment)


async def serve(request: web.Request) -> web.WebSocketResponse:
    """`GET /chat/{tenant}/ws`: from hello to the end of the socket."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    check_own(request, edge.settings.public_url)
    desk = await edge.gate.desk(tenant)
    connection = await edge.gate.connection(tenant, edge.webchat.connector)
    if desk is None or connection is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r}.")
    socket = web.WebSocketResponse(heartbeat=25.0, max_msg_size=LARGEST_FRAME, compress=False)
    await socket.prepare(request)
    edge.sockets.add(socket)
    if (hello := await _hello(socket)) is not None:
        language = page_language(request, desk.business)
        visit, token = _welcome(edge, socket, connection, str(hello.get("visitor", "")), language)
        await socket.send_json(_welcome_frame(token, desk.business, language))
        await _converse(visit, _number(hello.get("after")))
    return socket


async def _hello(socket: web.WebSocketResponse) -> Mapping[str, Any] | None:
    """The first frame; without it in time, or with another one, the socket is closed."""
    try:
        message = await socket.receive(HELLO_WITHIN_S)
    except TimeoutError:
        message = None
    frame = _frame(message.data) if message is not None and message.type is WSMsgType.TEXT else {}
    if frame.get("type") == "hello":
        return frame
    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"say hello first")
    return None


def _frame(data: str) -> Mapping[str, Any]:
    """A JSON object, {} for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _welcome(
    edge: Edge, socket: web.WebSocketResponse, connection: Connection, token: str, language: str
) -> tuple[Visit, str]:
    visitor, signed = edge.webchat.admit(edge.secret, connection.tenant, token, secrets.token_bytes(12))
    return Visit(edge, socket, connection, visitor, Allowance(asyncio.get_running_loop().time()), language), signed


def _welcome_frame(token: str, business: Business, language: str) -> dict[str, str]:
    return {
        "type": "welcome",
        "visitor": token,
        "tenant": business.tenant,
        "name": business.name,
        "language": language,
    }


async def _converse(visit: Visit, after: int) -> None:
    """Both directions until the page goes away or storage does; then the page comes again by itself."""
    feed = visit.edge.gate.feed(visit.connection, visit.visitor)
    try:
        async with feed:
            passing_on = asyncio.create_task(_pass_on(visit, feed, after))
            try:
                await _listen(visit)
            finally:
                passing_on.cancel()
                await asyncio.gather(passing_on, return_exceptions=True)
    except StorageUnavailable as error:
        log.debug("A chat of %s was closed: %s", visit.connection.tenant, error)
        await _say_come_again(visit.socket)


async def _listen(visit: Visit) -> None:
    async for message in visit.socket:
        if message.type is not WSMsgType.TEXT:
            continue
        frame = _frame(message.data)
        if frame.get("type") in ("say", "press"):
            await visit.socket.send_json(await _take(visit, frame))


async def _take(visit: Visit, frame: Mapping[str, Any]) -> dict[str, Any]:
    """taken or refused, for one message."""
    message_id = str(frame.get("id", ""))[:64]
    if not visit.allowance.take(asyncio.get_running_loop().time()):
        return _refused(message_id, "too_fast", retry=True, after_ms=1500)
    try:
        inbound = dataclasses.replace(visit.edge.webchat.read(visit.visitor, frame), language=visit.language)
        if inbound.attachments:
            inbound = await files.looked_up(visit.edge, visit.connection, inbound)
        await visit.edge.gate.take_in(visit.connection, (inbound,))
    except BadRequest as error:
        return _refused(message_id, str(error), retry=False)
    except StorageUnavailable:
        return _refused(message_id, "storage", retry=True, after_ms=2000)
    return {"type": "taken", "id": message_id}


def _refused(message_id: str, reason: str, *, retry: bool, after_ms: int = 0) -> dict[str, Any]:
    return {"type": "refused", "id": message_id, "reason": reason, "retry": retry, "after_ms": after_ms}


async def _pass_on(visit: Visit, feed: ChatFeed, after: int) -> None:
    """Entries in order, as they come. When storage fails the socket is closed, so that the page starts anew."""
    try:
        after = await _catch_up(visit, feed, after)
        await visit.socket.send_json({"type": "synced"})
        while not visit.socket.closed:
            await feed.wait(FEED_WAIT_S)
            after = await _catch_up(visit, feed, after)
    except (FrontdeskError, ConnectionError):
        await _say_come_again(visit.socket)


async def _catch_up(visit: Visit, feed: ChatFeed, after: int) -> int:
    """Send what is newer than `after`; returns the last number."""
    for entry in await feed.read(after):
        await visit.socket.send_json(entry_frame(entry, visit.visitor, visit.shown))
        after = entry.number
    return after


async def _say_come_again(socket: web.WebSocketResponse) -> None:
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"come again")


def entry_frame(
    entry: ChatEntry, visitor: str, shown: Callable[[Attachment], dict[str, Any]] = files.facts
) -> dict[str, Any]:
    """An entry as the page gets it; message ids are the page's own again."""
    frame: dict[str, Any] = {"type": "entry", "number": entry.number, "kind": entry.kind, "at": entry.at}
    if entry.kind == "said":
        frame["messages"] = [[_own_id(one, visitor), text] for one, text in entry.messages]
        if entry.files:
            frame["files"] = {_own_id(one, visitor): list(map(shown, found)) for one, found in entry.files.items()}
    if entry.kind == "turn":
        frame |= {"ids": [_own_id(one, visitor) for one in entry.ids], "phase": entry.phase, "owner": entry.owner}
    if entry.part is not None:
        buttons = [{"text": button.text, "payload": button.payload} for button in entry.part.buttons]
        frame |= {"author": entry.part.author, "text": entry.part.text, "buttons": buttons}
        frame["language"] = entry.part.language
        if kept := [one for one in entry.part.attachments if one.file]:
            frame["files"] = list(map(shown, kept))
    return frame


def _own_id(message_id: str, visitor: str) -> str:
    return message_id.removeprefix(f"{visitor}:")


async def close_all(app: web.Application) -> None:
    """Tell all pages that the server goes; they come again, to whoever answers then."""
    sockets = list(app[EDGE].sockets)
    closing = (socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for socket in sockets)
    await asyncio.gather(*closing, return_exceptions=True)
