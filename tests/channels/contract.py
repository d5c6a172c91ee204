"""What every channel must do, whoever the provider is. A channel's test class inherits ChannelContract and fills in.

The inbound half runs over the real edge with a fake gate, the outbound half against a loopback provider.
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar

import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.browser import BrowserChannel
from runtime.core.messages import Inbound, OutboundPart
from runtime.errors import BadRequest, NotAllowed, ProviderRefused, ProviderUnavailable
from runtime.outbound import HttpOutbound
from runtime.ports import Channel, Connection, RawRequest, Secrets
from runtime.settings import Settings
from runtime.web.edge import LARGEST_BODY, make_app
from tests.support.provider_stub import TelegramStub
from tests.web.fake_gate import FakeGate, desk

Client = TestClient[Any, Any]


def part(text: str = "Guten Tag", **more: Any) -> OutboundPart:
    """A part for a chat whose id is a number."""
    fields: dict[str, Any] = {
        "id": "p1", "tenant": "salon", "connection": "c1", "conversation": "k1", "chat": "4401200", "author": "bot",
        "generation": 0, "text": text, **more,
    }  # fmt: skip
    return OutboundPart(**fields)


class InboundContract:
    """The half that listens. Inherit, and say how this provider signs and what it sends."""

    path = ""
    secrets: ClassVar[Secrets] = {}
    rotated: ClassVar[Secrets] = {}
    """The secrets after a rotation that is over: the old ones no longer count."""

    def channel(self) -> Channel:
        raise NotImplementedError

    def headers(self, body: bytes, secrets: Secrets) -> Mapping[str, str]:
        """A good signature."""
        raise NotImplementedError

    def text_body(self) -> bytes:
        raise NotImplementedError

    def two_events_body(self) -> bytes:
        raise NotImplementedError

    def unknown_body(self) -> bytes:
        raise NotImplementedError

    def echo_body(self) -> bytes:
        raise NotImplementedError

    @pytest.fixture
    async def gate(self) -> FakeGate:
        gate = FakeGate({"salon": desk("salon", "Salon Lind")})
        gate.secrets["salon", self.channel().connector] = dict(self.secrets)
        return gate

    @pytest.fixture
    async def client(self, gate: FakeGate) -> AsyncIterator[Client]:
        channels = {self.path: self.channel()}
        app = make_app(gate, Settings(), channels, b"k" * 32, "t", webchat=BrowserChannel())
        async with TestClient(TestServer(app)) as client:
            yield client

    async def post(self, client: Client, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        chosen = self.headers(body, self.secrets) if headers is None else headers
        async with client.post(f"/webhook/{self.path}/salon", data=io.BytesIO(body), headers=dict(chosen)) as answer:
            return answer.status

    async def test_a_good_request_is_taken_in(self, client: Client, gate: FakeGate) -> None:
        assert await self.post(client, self.text_body()) == 200
        assert [event.answer for _, event in gate.taken] == [True]

    async def test_a_bad_signature_stores_nothing(self, client: Client, gate: FakeGate) -> None:
        wrong = self.headers(b"other", {name: f"{value}x" for name, value in self.secrets.items()})
        assert await self.post(client, self.text_body(), wrong) in (401, 403)
        assert gate.taken == []

    async def test_a_missing_signature_stores_nothing(self, client: Client, gate: FakeGate) -> None:
        assert await self.post(client, self.text_body(), {}) in (401, 403)
        assert gate.taken == []

    def test_a_signature_of_odd_bytes_is_refused_like_any_other(self) -> None:
        body = self.text_body()
        odd = {name.lower(): "\udcff" for name in self.headers(body, self.secrets)}
        with pytest.raises(NotAllowed):
            self.channel().verify(RawRequest("POST", "/", odd, body), self.secrets)

    async def test_after_a_rotation_the_old_secret_counts_no_more(self, client: Client, gate: FakeGate) -> None:
        gate.secrets["salon", self.channel().connector] = dict(self.rotated)
        body = self.text_body()
        assert await self.post(client, body, self.headers(body, self.secrets)) in (401, 403)
        assert await self.post(client, body, self.headers(body, self.rotated)) == 200

    async def test_the_same_message_twice_is_taken_once(self, client: Client, gate: FakeGate) -> None:
        assert [await self.post(client, self.text_body()) for _ in range(2)] == [200, 200]
        assert len(gate.taken) == 1

    def test_a_batch_of_two_keeps_both_apart(self) -> None:
        first, second = self.events(self.two_events_body())
        assert first.event_id != second.event_id

    async def test_an_unknown_type_is_no_error(self, client: Client) -> None:
        assert [event.kind for event in self.events(self.unknown_body())] == ["unsupported"]
        assert await self.post(client, self.unknown_body()) == 200

    async def test_an_oversize_body_is_refused(self, client: Client, gate: FakeGate) -> None:
        assert await self.post(client, b"x" * (LARGEST_BODY + 1)) == 413
        assert gate.taken == []

    def test_an_echo_is_not_answered(self) -> None:
        assert [event.answer for event in self.events(self.echo_body())] == [False]

    @pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}'])
    async def test_what_is_no_json_object_is_the_senders_fault(self, client: Client, body: bytes) -> None:
        with pytest.raises(BadRequest):
            self.events(body)
        assert await self.post(client, body) == 400

    async def test_without_storage_the_provider_must_come_again(self, client: Client, gate: FakeGate) -> None:
        gate.down = True
        assert await self.post(client, self.text_body()) == 503
        gate.down = False
        assert await self.post(client, self.text_body()) == 200
        assert len(gate.taken) == 1

    def events(self, body: bytes) -> tuple[Inbound, ...]:
        return self.channel().parse(RawRequest("POST", f"/webhook/{self.path}/salon", {}, body)).events

    def connection(self, secrets: Secrets) -> Connection:
        """A connection of this channel."""
        connector = self.channel().connector
        return Connection("salon", connector, connector, secrets=secrets)


class ChannelContract(InboundContract):
    """Both halves: say also how the provider's stub misbehaves."""

    @pytest.fixture
    async def stub(self) -> AsyncIterator[TelegramStub]:
        stub = await TelegramStub().start()
        yield stub
        await stub.stop()

    async def test_a_429_waits_as_long_as_the_provider_says(self, stub: TelegramStub) -> None:
        stub.plan = [{"status": 429, "retry_after": 7}]
        with pytest.raises(ProviderUnavailable) as caught:
            await self.send(stub)
        assert caught.value.retry_after_s == 7

    @pytest.mark.parametrize("plan", [{"status": 500}, {"status": 502}, {"drop": True}])
    async def test_a_fault_of_the_provider_may_pass(self, stub: TelegramStub, plan: dict[str, Any]) -> None:
        stub.plan = [plan]
        with pytest.raises(ProviderUnavailable):
            await self.send(stub)
        await self.send(stub)
        assert len(stub.sent) == 1

    async def test_a_hanging_provider_is_left_in_time(self, stub: TelegramStub) -> None:
        stub.plan = [{"hang": True}]
        with pytest.raises(ProviderUnavailable) as caught:
            await self.send(stub, hurry=True)
        assert caught.value.sent

    async def test_a_refusal_is_for_good(self, stub: TelegramStub) -> None:
        stub.plan = [{"status": 400}]
        with pytest.raises(ProviderRefused) as caught:
            await self.send(stub)
        assert not caught.value.gone

    async def send(self, stub: TelegramStub, hurry: bool = False) -> None:
        async with Hurried() if hurry else HttpOutbound() as http:
            await self.channel().send(part(), self.connection({**self.secrets, "api_url": stub.url}), http)


class Hurried(HttpOutbound):
    """The real way out, with little patience."""

    async def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        return await super().post_json(url, body, headers=headers, timeout_s=0.15)


def encoded(update: Mapping[str, Any]) -> bytes:
    """An update as Telegram would send it."""
    return json.dumps(update, ensure_ascii=False).encode()
