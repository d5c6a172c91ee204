"""The one HTTP way out, against loopback servers that misbehave."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from runtime.errors import ProviderUnavailable
from runtime.outbound import LARGEST_ANSWER, HttpOutbound
from runtime.ports import Allowance

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def start(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        app.router.add_post("/{tail:.*}", handler)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/bot1:Geheim/send"))

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def http() -> AsyncIterator[HttpOutbound]:
    async with HttpOutbound() as http:
        yield http


async def test_a_good_answer(serve: Serve, http: HttpOutbound) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"got": await request.json(), "who": request.headers["X-Who"]}, status=201)

    status, body, headers = await http.post_json(await serve(echo), {"a": "ä"}, headers={"X-Who": "me"})
    assert (status, body["got"], body["who"]) == (201, {"a": "ä"}, "me")
    assert headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "null", "{" * 5000])
async def test_an_answer_that_is_no_object_is_empty(serve: Serve, http: HttpOutbound, text: str) -> None:
    async def odd(request: web.Request) -> web.Response:
        return web.Response(text=text, status=502)

    assert (await http.post_json(await serve(odd), {}))[:2] == (502, {})


async def test_a_huge_answer_is_not_read_to_its_end(serve: Serve, http: HttpOutbound) -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b'{"a": "')
        for _ in range(17):
            await answer.write(b" " * (LARGEST_ANSWER // 16))
        await answer.write(b'"}')
        return answer

    assert (await http.post_json(await serve(huge), {}))[1] == {}


async def test_redirects_are_not_followed(serve: Serve, http: HttpOutbound) -> None:
    seen: list[str] = []

    async def away(request: web.Request) -> web.Response:
        seen.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    assert (await http.post_json(await serve(away), {}))[0] == 307
    assert len(seen) == 1


async def test_nothing_there_was_not_sent(http: HttpOutbound) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await http.post_json(f"http://127.0.0.1:{unused_port()}/bot1:Geheim/x", {}, timeout_s=2)
    assert caught.value.sent is False and "Geheim" not in str(caught.value)


async def test_a_connection_cut_in_between_may_have_been_sent_and_is_not_repeated(
    serve: Serve, http: HttpOutbound
) -> None:
    calls: list[int] = []

    async def cut(request: web.Request) -> web.Response:
        calls.append(1)
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(ProviderUnavailable) as caught:
        await http.post_json(await serve(cut), {})
    assert caught.value.sent is True and len(calls) == 1


async def test_going_down_and_coming_back_are_said_once_each(
    serve: Serve, http: HttpOutbound, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "runtime.outbound")
    cutting = True

    async def moody(request: web.Request) -> web.Response:
        if cutting and request.transport is not None:
            request.transport.abort()
        return web.json_response({})

    url = await serve(moody)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await http.post_json(url, {})
    cutting = False
    for _ in range(3):
        await http.post_json(url, {})
    assert len(caplog.records) == 2 and "Geheim" not in caplog.text


class TwoOnly:
    """A limit of two requests."""

    def __init__(self) -> None:
        self.left = 2

    async def wait_s(self, key: str, allowances: Sequence[Allowance] = (), patience_s: float = 0.0) -> float:
        self.left -= 1
        return 0.0 if self.left >= 0 else 3.5


async def test_a_used_up_limit_sends_nothing(serve: Serve) -> None:
    calls: list[int] = []

    async def count(request: web.Request) -> web.Response:
        calls.append(1)
        return web.json_response({})

    url = await serve(count)
    async with HttpOutbound(TwoOnly()) as http:
        for _ in range(2):
            await http.post_json(url, {})
        with pytest.raises(ProviderUnavailable) as caught:
            await http.post_json(url, {})
    assert (caught.value.retry_after_s, caught.value.sent, len(calls)) == (3.5, False, 2)


async def test_a_stopped_way_out_sends_nothing() -> None:
    http = HttpOutbound()
    with pytest.raises(ProviderUnavailable) as caught:
        await http.post_json("http://127.0.0.1:9/x", {})
    assert caught.value.sent is False
