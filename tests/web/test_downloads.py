"""Files in and out over HTTP: form-data, streams, and addresses from outside that must not be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from runtime import outbound
from runtime.core.messages import Attachment
from runtime.errors import ProviderRefused, ProviderUnavailable
from runtime.files import RemoteFile
from runtime.outbound import HttpOutbound
from runtime.outside import checked, is_inside

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
META = ("lookaside.fbsbx.com", ".fbcdn.net")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def start(handler: Handler) -> str:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{tail:.*}", handler)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def http() -> AsyncIterator[HttpOutbound]:
    async with HttpOutbound() as http:
        yield http


class Pieces(list[bytes]):
    """Where a download goes in these tests."""

    async def take(self, piece: bytes) -> None:
        self.append(piece)


def handler_of(answer: Callable[[], web.Response]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return answer()

    return handle


async def test_a_file_goes_out_as_form_data(serve: Serve, http: HttpOutbound, tmp_path: Path) -> None:
    seen: dict[str, object] = {}

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["photo"]
        assert isinstance(file, web.FileField)
        seen.update(chat=form["chat_id"], name=file.filename, mime=file.content_type, bytes=file.file.read())
        return web.json_response({"ok": True})

    path = tmp_path / "one"
    path.write_bytes(b"\x89PNG" * 100_000)
    photo = Attachment("image", mime="image/png", name="Büro 1.png", file="f1", path=str(path))
    status, body, _ = await http.post_form(await serve(take), {"chat_id": "7"}, photo, field="photo")
    assert (status, body) == (200, {"ok": True})
    assert seen == {"chat": "7", "name": "Büro 1.png", "mime": "image/png", "bytes": path.read_bytes()}


async def test_a_file_that_is_not_here_is_not_sent(serve: Serve, http: HttpOutbound) -> None:
    with pytest.raises(ProviderRefused, match="FRONTDESK_MEDIA"):
        await http.post_form("http://127.0.0.1:9/", {}, Attachment("image", file="f1"))


async def test_a_download_comes_in_pieces(serve: Serve, http: HttpOutbound) -> None:
    base = await serve(handler_of(lambda: web.Response(body=b"x" * 1_000_000)))
    pieces = Pieces()
    size = await http.download(RemoteFile(f"{base}/f", trusted=base), pieces.take, largest=1_000_000)
    assert size == 1_000_000 == len(b"".join(pieces)) and len(pieces) > 1


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
async def test_a_download_over_the_limit_is_not_read_to_its_end(serve: Serve, http: HttpOutbound, told: bool) -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        if told:
            answer.content_length = 50 << 20
        await answer.prepare(request)
        for _ in range(50):
            await answer.write(b"x" * (1 << 20))
        return answer

    base, pieces = await serve(huge), Pieces()
    with pytest.raises(ProviderRefused) as caught:
        await http.download(RemoteFile(base, trusted=base), pieces.take, largest=1 << 20)
    assert caught.value.code == "too_large" and len(b"".join(pieces)) <= (0 if told else 1 << 20)


async def test_a_packed_answer_is_not_unpacked(serve: Serve, http: HttpOutbound) -> None:
    bomb = web.Response(body=b"\x1f\x8b" + b"\0" * 100, headers={"Content-Encoding": "gzip"})
    base = await serve(handler_of(lambda: bomb))
    with pytest.raises(ProviderRefused, match="unpacked"):
        await http.download(RemoteFile(base, trusted=base), Pieces().take, largest=1000)


@pytest.mark.parametrize(("status", "for_good"), [(404, True), (410, True), (401, False), (429, False), (503, False)])
async def test_what_a_refusal_means(serve: Serve, http: HttpOutbound, status: int, for_good: bool) -> None:
    base = await serve(handler_of(lambda: web.Response(status=status)))
    with pytest.raises(ProviderRefused if for_good else ProviderUnavailable):
        await http.download(RemoteFile(base, trusted=base), Pieces().take, largest=1000)


async def test_a_slow_stream_is_given_up(serve: Serve, http: HttpOutbound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_SILENCE_S", 0.05)
    ending = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x")
        await ending.wait()
        return answer

    base = await serve(slow)
    with pytest.raises(ProviderUnavailable) as caught:
        await http.download(RemoteFile(f"{base}/secret", trusted=base), Pieces().take, largest=1000)
    ending.set()
    assert "secret" not in str(caught.value)


async def test_a_redirect_gets_no_token_and_is_checked(serve: Serve, http: HttpOutbound) -> None:
    seen: list[tuple[str, str | None]] = []

    async def move(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers.get("Authorization")))
        return web.Response(body=b"it") if request.path == "/2" else web.Response(status=302, headers={"Location": "2"})

    base = await serve(move)
    remote = RemoteFile(f"{base}/1", headers={"Authorization": "Bearer t"}, trusted=base)
    assert await http.download(remote, Pieces().take, largest=1000) == 2
    assert seen == [("/1", "Bearer t"), ("/2", None)]
    other = await serve(handler_of(lambda: web.Response(body=b"inside")))
    away = await serve(handler_of(lambda: web.Response(status=307, headers={"Location": other})))
    with pytest.raises(ProviderRefused, match="not one of its provider's"):
        await http.download(RemoteFile(away, trusted=away), Pieces().take, largest=1000)


async def test_redirects_end(serve: Serve, http: HttpOutbound) -> None:
    base = await serve(handler_of(lambda: web.Response(status=302, headers={"Location": "/again"})))
    with pytest.raises(ProviderRefused, match="on and on"):
        await http.download(RemoteFile(base, trusted=base), Pieces().take, largest=1000)


GOOD = (
    "https://lookaside.fbsbx.com/x?mid=1&sig=%2Fa",
    "https://scontent.xx.fbcdn.net/v/1.jpg",
    "https://a.fbcdn.net:443/",
)
BAD = (
    "http://lookaside.fbsbx.com/x", "https://lookaside.fbsbx.com:8443/x", "https://evil.example/x",
    "https://lookaside.fbsbx.com.evil.example/", "https://evilfbcdn.net/", "https://fbcdn.net.evil.example/",
    "https://lookaside.fbsbx.com@evil.example/", "https://u:p@lookaside.fbsbx.com/",
    "https://evil.example\\@lookaside.fbsbx.com/", "https://evil.example#@lookaside.fbsbx.com/",
    "https://evil.example?@lookaside.fbsbx.com/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
    "ftp://lookaside.fbsbx.com/x", "gopher://lookaside.fbsbx.com/", "//lookaside.fbsbx.com/x", "lookaside.fbsbx.com",
    "", "https://", "https://lookaside.fbsbx.com/\r\nHost: evil", "https://lookaside.fbsbx.com:99999/",
    "https://lookаside.fbsbx.com/", "https://a.fbcdn.net/" + "a" * 5000, "http://127.0.0.1:8081/x",
    "https://localhost/", "https://[", "data:text/html,x",
)  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_providers_own_address_may_be_asked(url: str) -> None:
    assert str(checked(url, RemoteFile(url, META))) == url.replace(":443", "")


@pytest.mark.parametrize("url", BAD)
def test_any_other_address_may_not(url: str) -> None:
    with pytest.raises(ProviderRefused) as caught:
        checked(url, RemoteFile(url, META))
    assert "evil" not in str(caught.value) and "169" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8082/x", "https://127.0.0.1:8081/x", "http://a@127.0.0.1:8081/x"])
def test_a_place_of_our_settings_is_trusted_to_the_port(url: str) -> None:
    trusted = "http://127.0.0.1:8081"
    checked("http://127.0.0.1:8081/file/x", RemoteFile("", trusted=trusted))
    with pytest.raises(ProviderRefused):
        checked(url, RemoteFile(url, trusted=trusted))


async def test_a_name_that_leads_inside_is_not_asked(http: HttpOutbound) -> None:
    with pytest.raises(ProviderRefused, match="network of ours"):
        await http.download(RemoteFile("https://localhost/x", ("localhost",)), Pieces().take, largest=1000)


INSIDE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1",
    "fec0::1",
    "ff02::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "240.0.0.1", "nonsense",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("address", ["157.240.1.35", "2a03:2880:f101::1", "::ffff:157.240.1.35", "8.8.8.8"])
def test_outside(address: str) -> None:
    assert not is_inside(address)
