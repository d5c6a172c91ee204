"""WhatsApp and Messenger keep the contract of all channels, and Meta's handshake and signature."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from channels.messenger import MessengerChannel
from channels.meta import answer_handshake, check_signature
from channels.whatsapp import WhatsAppChannel
from runtime.errors import NotAllowed
from runtime.ports import Channel, RawRequest, Secrets
from tests.channels.contract import Client, InboundContract
from tests.channels.messenger_payloads import MESSENGER, PSID, from_page, item, page
from tests.channels.meta_payloads import Json, encoded, signed
from tests.channels.whatsapp_payloads import PERSON, WHATSAPP, change, echo, message, whatsapp
from tests.web.fake_gate import FakeGate

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "samples" / "signature_vectors.json"
ASKED = {"hub.mode": "subscribe", "hub.verify_token": "ours-to-verify", "hub.challenge": "1158201444"}


class MetaContract(InboundContract):
    """How Meta signs."""

    secrets: ClassVar[Secrets] = {"app_secret": "first-secret", "verify_token": "ours-to-verify"}
    rotated: ClassVar[Secrets] = {"app_secret": "second-secret", "verify_token": "ours-to-verify"}
    payloads: ClassVar[Mapping[str, tuple[Json, list[Json]]]] = {}

    def headers(self, body: bytes, secrets: Secrets) -> Mapping[str, str]:
        return signed(body, secrets["app_secret"])

    async def test_while_a_secret_is_rotated_both_count(self, client: Client, gate: FakeGate) -> None:
        rotating = {**self.rotated, "app_secret_previous": self.secrets["app_secret"]}
        gate.secrets["salon", self.channel().connector] = rotating
        for known in (self.secrets, self.rotated):
            assert await self.post(client, self.text_body(), self.headers(self.text_body(), known)) == 200

    async def test_without_a_secret_nobody_gets_in(self, client: Client, gate: FakeGate) -> None:
        gate.secrets["salon", self.channel().connector] = {"app_secret": "", "verify_token": ""}
        for header in ({}, {"X-Hub-Signature-256": "sha256="}, self.headers(self.text_body(), {"app_secret": ""})):
            assert await self.post(client, self.text_body(), header) == 403

    async def test_json_written_anew_breaks_the_signature(self, client: Client, gate: FakeGate) -> None:
        body = self.text_body()
        written_anew = json.dumps(json.loads(body), ensure_ascii=False).encode()
        assert written_anew != body
        assert await self.post(client, written_anew, self.headers(body, self.secrets)) == 403
        assert gate.taken == []

    async def test_every_payload_is_answered_with_200(self, client: Client) -> None:
        for name, (payload, _) in sorted(self.payloads.items()):
            assert await self.post(client, encoded(payload)) == 200, name

    async def test_the_handshake_answers_the_challenge_as_plain_text(self, client: Client) -> None:
        async with client.get(f"/webhook/{self.path}/salon", params=ASKED) as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            assert await answer.text() == "1158201444"

    async def test_a_wrong_handshake_is_refused(self, client: Client) -> None:
        changes = (
            {"hub.verify_token": "wrong"},
            {"hub.verify_token": ""},
            {"hub.mode": "unsubscribe"},
            {"hub.mode": ""},
        )
        for change_ in changes:
            async with client.get(f"/webhook/{self.path}/salon", params={**ASKED, **change_}) as answer:
                assert answer.status == 403 and "1158201444" not in await answer.text()
        async with client.get(f"/webhook/{self.path}/nobody", params=ASKED) as answer:
            assert answer.status == 404

    async def test_without_a_verify_token_nobody_shakes_hands(self, client: Client, gate: FakeGate) -> None:
        gate.secrets["salon", self.channel().connector] = {"app_secret": "x"}
        async with client.get(f"/webhook/{self.path}/salon?hub.mode=subscribe&hub.verify_token=") as answer:
            assert answer.status == 403


class TestWhatsApp(MetaContract):
    path = "whatsapp"
    payloads = WHATSAPP

    def channel(self) -> Channel:
        return WhatsAppChannel()

    def text_body(self) -> bytes:
        return encoded(message("text", {"body": "Grüße"}))

    def two_events_body(self) -> bytes:
        texts = [{"from": PERSON, "id": f"wamid.{n}", "type": "text", "text": {"body": "x"}} for n in range(2)]
        return encoded(whatsapp(change({"messages": texts})))

    def unknown_body(self) -> bytes:
        return encoded(message("hologram", {"a": 1}))

    def echo_body(self) -> bytes:
        return encoded(echo("text", {"body": "Tom hier"}))


class TestMessenger(MetaContract):
    path = "facebook"
    payloads = MESSENGER

    def channel(self) -> Channel:
        return MessengerChannel()

    def text_body(self) -> bytes:
        return encoded(page(item(message={"mid": "m_1", "text": "Grüße"})))

    def two_events_body(self) -> bytes:
        return encoded(page(*(item(message={"mid": f"m_{n}", "text": "x"}) for n in range(2))))

    def unknown_body(self) -> bytes:
        return encoded(page(item(hologram={"a": 1})))

    def echo_body(self) -> bytes:
        return encoded(page(from_page(message={"mid": "m_2", "is_echo": True, "text": "Tom", "app_id": 5})))

    def test_the_chat_of_an_echo_is_the_customers(self) -> None:
        assert [event.conversation_id for event in self.events(self.echo_body())] == [PSID]


def test_signature_vectors() -> None:
    if not VECTORS.is_file():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{VECTORS} is absent"
        pytest.skip("the shared samples are not beside the project")
    vectors = [one for one in json.loads(VECTORS.read_text())["vectors"] if one["channel"] == "meta"]
    assert len(vectors) >= 2
    for one in vectors:
        request = RawRequest("POST", "/", {one["header"].lower(): one["signature"]}, one["body"].encode())
        check_signature(request, {"app_secret": one["secret"]})
        for wrong in (one["secret"] + "x", ""):
            with pytest.raises(NotAllowed):
                check_signature(request, {"app_secret": wrong})


def test_a_handshake_with_odd_letters_is_refused() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "\ud800ü", "hub.challenge": "1"}
    with pytest.raises(NotAllowed):
        answer_handshake(RawRequest("GET", "/", {}, b"", query), {"verify_token": "ours"})
