"""The one HTTP way out: time-out, size cap, no redirects, redaction, and the news when a host goes down and comes back.

An address may hold a token (Telegram's do), so only the host is ever spoken of. A request is repeated only when its
connection was never made: whether a lost answer means a done request is for the caller to find out.

Files go out as form-data and come in piece by piece, so that none is ever whole in memory. An address that came from
outside is asked over connections of their own, which lead to the open internet alone (`outside.py`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from runtime.core.messages import Attachment
from runtime.errors import ProviderRefused, ProviderUnavailable
from runtime.files import RemoteFile, Sink
from runtime.outside import InsideAddress, OutsideResolver, checked, is_trusted
from runtime.ports import Answered, SharedLimits

LARGEST_ANSWER = 1 << 20
_CONNECT_S = 5.0
_PAUSE_S = 0.2
_SILENCE_S = 15.0
"""A download that brings nothing for so long is given up."""
_PIECE = 256 << 10
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_NOW = (401, 403, 408, 425, 429)
"""Refusals of a file that may pass: a token is renewed, a limit ends. With 5xx."""
_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    """One request, so that it can be made a second time: `body` makes its body anew and leaves what is to be closed."""

    method: str
    url: str = dataclasses.field(repr=False)
    headers: Mapping[str, str] = dataclasses.field(repr=False)
    timeout_s: float
    body: Callable[[ExitStack], Mapping[str, Any]] = dataclasses.field(repr=False, default=lambda _: {})


class HttpOutbound:
    """`Outbound` over one aiohttp session. Use it as an async context manager, one a process."""

    def __init__(self, limits: SharedLimits | None = None) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._outside: aiohttp.ClientSession | None = None
        self._down: set[str] = set()

    async def __aenter__(self) -> HttpOutbound:
        self._session = _session(aiohttp.TCPConnector(limit=100, limit_per_host=40, keepalive_timeout=30))
        self._outside = _session(aiohttp.TCPConnector(limit=20, resolver=OutsideResolver(), use_dns_cache=False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._session, self._outside):
            if session is not None:
                await session.close()
        self._session = self._outside = None

    async def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> Answered:
        """Status, JSON object (empty when the answer is none) and headers; raises ProviderUnavailable alone."""
        return await self._ask(_Request("POST", url, headers or {}, timeout_s, lambda _: {"json": dict(body)}))

    async def get_json(
        self, url: str, *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> Answered:
        """Like `post_json`, without a body."""
        return await self._ask(_Request("GET", url, headers or {}, timeout_s))

    async def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        file: Attachment,
        *,
        field: str = "file",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> Answered:
        """Fields and one of our files as form-data, read from the disk as it goes."""
        path = Path(file.path)
        if not file.path or not await asyncio.to_thread(path.is_file):
            raise ProviderRefused(
                f"File {file.file} is not on this machine; FRONTDESK_MEDIA must be shared by workers."
            )

        def form(closing: ExitStack) -> Mapping[str, Any]:
            data = aiohttp.FormData(dict(fields), quote_fields=False)
            opened = closing.enter_context(path.open("rb"))
            data.add_field(field, opened, filename=file.name or file.file, content_type=file.mime or None)
            return {"data": data}

        return await self._ask(_Request("POST", url, headers or {}, timeout_s, form))

    async def _ask(self, request: _Request) -> Answered:
        host = _host(request.url)
        await self._keep_limit(host)
        deadline = asyncio.get_running_loop().time() + request.timeout_s
        try:
            answer = await self._attempt(request)
        except _NOTHING_SENT as first:
            answer = await self._once_more(request, deadline, first)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unavailable(host, error, sent=True) from None
        self._is_back(host)
        return answer

    async def download(self, remote: RemoteFile, sink: Sink, *, largest: int, timeout_s: float = 60.0) -> int:
        """The file's bytes into `sink`; its size. Redirects are followed without headers, each checked anew."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(remote, sink, largest)
        except InsideAddress:
            raise ProviderRefused("The file's address leads into a network of ours; it is not fetched.") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            if isinstance(getattr(error, "os_error", None), InsideAddress):
                raise ProviderRefused("The file's address leads into a network of ours; it is not fetched.") from None
            raise self._unavailable(_host(remote.url), error, sent=True) from None

    async def _follow(self, remote: RemoteFile, sink: Sink, largest: int) -> int:
        url, headers = checked(remote.url, remote), dict(remote.headers)
        for _ in range(_MOST_REDIRECTS + 1):
            session = self._session if is_trusted(url, remote) else self._outside
            if session is None:
                raise ProviderUnavailable("Frontdesk is stopping; nothing is fetched any more.", sent=False)
            async with session.get(
                url, headers={"Accept-Encoding": "identity", **headers}, allow_redirects=False,
                auto_decompress=False, timeout=aiohttp.ClientTimeout(connect=_CONNECT_S, sock_read=_SILENCE_S),
            ) as answer:  # fmt: skip
                if answer.status not in _REDIRECTS:
                    return await _poured(answer, sink, largest)
                url, headers = checked(_elsewhere(url, answer), remote), {}
        raise ProviderRefused("The file's address only leads on and on; the file is not fetched.")

    async def _keep_limit(self, host: str) -> None:
        if self._limits is not None and (wait_s := await self._limits.wait_s(host)) > 0:
            raise ProviderUnavailable(f"The limit for {host} is used up.", retry_after_s=wait_s, sent=False)

    async def _once_more(self, request: _Request, deadline: float, first: Exception) -> Answered:
        """The second and last attempt, after a connection that was never made."""
        host = _host(request.url)
        left_s = deadline - asyncio.get_running_loop().time() - _PAUSE_S
        if left_s <= _PAUSE_S or isinstance(first, aiohttp.InvalidURL):
            raise self._unavailable(host, first, sent=False) from None
        await asyncio.sleep(_PAUSE_S)
        try:
            return await self._attempt(dataclasses.replace(request, timeout_s=left_s))
        except _NOTHING_SENT as error:
            raise self._unavailable(host, error, sent=False) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unavailable(host, error, sent=True) from None

    async def _attempt(self, request: _Request) -> Answered:
        if self._session is None:
            raise ProviderUnavailable("Frontdesk is stopping; nothing is sent any more.", sent=False)
        timeout = aiohttp.ClientTimeout(total=request.timeout_s, connect=min(_CONNECT_S, request.timeout_s))
        with ExitStack() as closing:
            async with self._session.request(
                request.method, request.url, headers=request.headers, timeout=timeout, allow_redirects=False,
                **request.body(closing),
            ) as answer:  # fmt: skip
                return answer.status, await _read_object(answer), dict(answer.headers)

    def _unavailable(self, host: str, error: Exception, *, sent: bool) -> ProviderUnavailable:
        """Our error. Neither aiohttp's text nor its chain goes along: both may hold the whole address."""
        reason = "did not answer in time" if isinstance(error, TimeoutError) else f"failed ({type(error).__name__})"
        if host not in self._down:
            self._down.add(host)
            log.warning("%s %s; requests to it are tried again later", host, reason)
        return ProviderUnavailable(f"{host} {reason}. It is tried again.", sent=sent)

    def _is_back(self, host: str) -> None:
        if host in self._down:
            self._down.discard(host)
            log.warning("%s answers again", host)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "frontdesk"}, trust_env=False
    )


def _elsewhere(url: URL, answer: aiohttp.ClientResponse) -> str:
    """Where an answer sends us."""
    try:
        return str(url.join(URL(answer.headers.get("Location", ""), encoded=True)))
    except ValueError:
        raise ProviderRefused("The file's address leads nowhere; the file is not fetched.") from None


async def _poured(answer: aiohttp.ClientResponse, sink: Sink, largest: int) -> int:
    """The body into the sink; whatever is wrong with it is said before or while it comes, never after."""
    if answer.status != 200:
        text = f"{answer.url.host} answered {answer.status} to the request for a file."
        if answer.status >= 500 or answer.status in _FOR_NOW:
            raise ProviderUnavailable(text)
        raise ProviderRefused(text, code=str(answer.status))
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProviderRefused(f"{answer.url.host} sent a packed file that nobody asked for; it is not unpacked.")
    size = answer.content_length or 0
    if size <= largest:
        size = 0
        async for piece in answer.content.iter_chunked(_PIECE):
            if (size := size + len(piece)) > largest:
                break
            await sink(piece)
    if size > largest:
        answer.close()
        raise ProviderRefused(f"A file of {answer.url.host} is larger than {largest} bytes.", code="too_large")
    return size


def _host(url: str) -> str:
    """The only part of an address that may be spoken of."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "the provider"
    except ValueError:
        return "the provider"


async def _read_object(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    """The answer's JSON object, {} for another one or none; an answer over the cap is not read to its end."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            answer.close()
            return {}
    try:
        value = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
