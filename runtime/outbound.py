"""The one HTTP way out: time-out, size cap, no redirects, redaction, and the news when a host goes down and comes back.

An address may hold a token (Telegram's do), so only the host is ever spoken of. A request is repeated only when its
connection was never made: whether a lost answer means a done request is for the caller to find out.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from runtime.errors import ProviderUnavailable
from runtime.ports import SharedLimits

LARGEST_ANSWER = 1 << 20
_CONNECT_S = 5.0
_PAUSE_S = 0.2
_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)

log = logging.getLogger(__name__)


class HttpOutbound:
    """`Outbound` over one aiohttp session. Use it as an async context manager, one a process."""

    def __init__(self, limits: SharedLimits | None = None) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._down: set[str] = set()

    async def __aenter__(self) -> HttpOutbound:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=40, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "frontdesk"},
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        """Status, JSON object (empty when the answer is none) and headers; raises ProviderUnavailable alone."""
        host = _host(url)
        await self._keep_limit(host)
        deadline = asyncio.get_running_loop().time() + timeout_s
        try:
            answer = await self._attempt(url, body, headers or {}, timeout_s)
        except _NOTHING_SENT as first:
            answer = await self._once_more(url, body, headers or {}, deadline, first)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unavailable(host, error, sent=True) from None
        self._is_back(host)
        return answer

    async def _keep_limit(self, host: str) -> None:
        if self._limits is not None and (wait_s := await self._limits.wait_s(host)) > 0:
            raise ProviderUnavailable(f"The limit for {host} is used up.", retry_after_s=wait_s, sent=False)

    async def _once_more(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], deadline: float, first: Exception
    ) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        """The second and last attempt, after a connection that was never made."""
        host = _host(url)
        left_s = deadline - asyncio.get_running_loop().time() - _PAUSE_S
        if left_s <= _PAUSE_S or isinstance(first, aiohttp.InvalidURL):
            raise self._unavailable(host, first, sent=False) from None
        await asyncio.sleep(_PAUSE_S)
        try:
            return await self._attempt(url, body, headers, left_s)
        except _NOTHING_SENT as error:
            raise self._unavailable(host, error, sent=False) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unavailable(host, error, sent=True) from None

    async def _attempt(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        if self._session is None:
            raise ProviderUnavailable("Frontdesk is stopping; nothing is sent any more.", sent=False)
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(_CONNECT_S, timeout_s))
        async with self._session.post(
            url, json=dict(body), headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
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
