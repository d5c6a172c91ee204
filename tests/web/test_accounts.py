"""One post, several accounts: who gets what, what is kept aside, and whose signature counts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.browser import BrowserChannel
from channels.messenger import MessengerChannel
from channels.whatsapp import WhatsAppChannel
from runtime.ports import Channel, Connection
from runtime.receiving import Receiver
from runtime.settings import Settings
from runtime.web.edge import make_app
from tests.channels.messenger_payloads import item, page
from tests.channels.meta_payloads import Json, encoded, signed
from tests.channels.whatsapp_payloads import change, message, whatsapp
from tests.support.accounts import KeptAccounts
from tests.web.fake_gate import FakeGate, desk

SHARED, OTHER = "secret-of-one-app", "secret-of-another-app"


def number(tenant: str, phone: str, secret: str = SHARED, **config: str) -> Connection:
    config = {"phone_number_id": phone, **config}
    secrets = {"app_secret": secret, "verify_token": f"verify-{phone}"}
    return Connection(tenant, f"{tenant}-{phone}", "whatsapp_cloud", {k: v for k, v in config.items() if v}, secrets)


def text(phone: str, name: str) -> Json:
    found: Json = message("text", {"body": name}, account=phone, id=f"wamid.{name}")["entry"][0]["changes"][0]
    return found


@dataclasses.dataclass
class House:
    """An edge with several tenants."""

    gate: FakeGate
    accounts: KeptAccounts
    client: TestClient[Any, Any]

    async def post(self, payload: object, tenant: str = "salon", secret: str = SHARED, path: str = "whatsapp") -> int:
        body = encoded(payload)
        async with self.client.post(f"/webhook/{path}/{tenant}", data=body, headers=signed(body, secret)) as answer:
            return answer.status

    def taken(self) -> list[tuple[str, str]]:
        return [(connection.id, event.text) for connection, event in self.gate.taken]

    def aside(self) -> list[tuple[str, Sequence[str]]]:
        """Whose it lies with, and which texts are in it."""
        found: list[tuple[str, Sequence[str]]] = []
        for tenant, _, body, _ in self.accounts.aside:
            value = json.loads(body)["entry"][0]["changes"][0]["value"]
            found.append((tenant, [one["text"]["body"] for one in value["messages"]]))
        return found


@pytest.fixture
async def house() -> AsyncIterator[House]:
    gate = FakeGate({"salon": desk("salon", "Salon"), "praxis": desk("praxis", "Praxis")}, answer=lambda _: ())
    known = [number("salon", "1"), number("salon", "2"), number("praxis", "3"), number("praxis", "4", OTHER)]
    accounts = KeptAccounts(gate, known)
    channels: dict[str, Channel] = {"whatsapp": WhatsAppChannel(), "facebook": MessengerChannel()}
    app = make_app(gate, Settings(), channels, b"k" * 32, "t", webchat=BrowserChannel(), accounts=accounts)
    async with TestClient(TestServer(app)) as client:
        yield House(gate, accounts, client)


async def test_each_number_of_a_tenant_has_its_connection(house: House) -> None:
    assert await house.post(whatsapp(text("2", "zwei"), text("1", "eins"))) == 200
    assert house.taken() == [("salon-2", "zwei"), ("salon-1", "eins")] and house.accounts.aside == []


async def test_another_tenants_number_counts_where_its_own_secret_signed(house: House) -> None:
    assert await house.post(whatsapp(text("1", "eins"), text("3", "drei"))) == 200
    assert house.taken() == [("salon-1", "eins"), ("praxis-3", "drei")] and house.accounts.aside == []


async def test_another_tenants_number_under_another_secret_is_kept_aside(house: House) -> None:
    assert await house.post(whatsapp(text("1", "eins"), text("4", "vier"))) == 200
    assert house.taken() == [("salon-1", "eins")]
    assert house.aside() == [("salon", ["vier"])]


async def test_an_unknown_number_is_kept_aside_once_and_told(house: House) -> None:
    post = whatsapp(text("77", "wohin"), text("1", "eins"))
    assert [await house.post(post) for _ in range(2)] == [200, 200]
    assert house.taken() == [("salon-1", "eins")] and house.aside() == [("salon", ["wohin"])]
    assert {kind for _, kind, _ in house.accounts.alerts} == {"set_aside"}
    assert "77" in house.accounts.aside[0][3] and "frontdesk" not in house.accounts.aside[0][3]


async def test_a_second_connection_may_belong_to_another_app(house: House) -> None:
    house.accounts.known.append(number("salon", "5", OTHER))
    assert await house.post(whatsapp(text("5", "fünf")), secret=OTHER) == 200
    assert house.taken() == [("salon-5", "fünf")]
    assert await house.post(whatsapp(text("1", "gefälscht")), secret=OTHER) == 200
    assert house.taken() == [("salon-5", "fünf")] and house.aside() == [("salon", ["gefälscht"])]


async def test_a_connection_without_a_number_takes_what_comes_to_its_address(house: House) -> None:
    house.accounts.known[:] = [number("salon", "", waba_id="w1")]
    assert await house.post(whatsapp(text("9", "neun"))) == 200
    assert house.taken() == [("salon-", "neun")]


async def test_news_of_the_account_are_alerts(house: House) -> None:
    assert await house.post(whatsapp({"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION"}})) == 200
    (alert,) = house.accounts.alerts
    assert alert[:2] == ("salon", "account_event") and alert[2]["event"] == "ACCOUNT_RESTRICTION"
    assert await house.post(whatsapp(change({"history": []}, "history", number="1"))) == 200
    assert len(house.accounts.alerts) == 1 and house.accounts.aside == []


async def test_what_nobody_understands_is_kept_as_it_came(house: House) -> None:
    assert await house.post(whatsapp(change({"beams": [{"id": "b"}]}, "teleportation", number="1"))) == 200
    ((tenant, connector, body, reason),) = house.accounts.aside
    assert (tenant, connector) == ("salon", "whatsapp_cloud") and "teleportation" in reason
    assert json.loads(body)["entry"][0]["changes"][0]["value"]["beams"] == [{"id": "b"}]


async def test_without_storage_the_provider_comes_again_also_for_what_is_kept_aside(house: House) -> None:
    house.gate.down = True
    assert await house.post(whatsapp(text("77", "wohin"))) == 503
    house.gate.down = False
    assert await house.post(whatsapp(text("77", "wohin"))) == 200 and house.aside() == [("salon", ["wohin"])]


async def test_any_connection_of_the_tenant_may_shake_hands(house: House) -> None:
    for token, status in (("verify-1", 200), ("verify-2", 200), ("verify-3", 403)):
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "7"}
        async with house.client.get("/webhook/whatsapp/salon", params=asked) as answer:
            assert answer.status == status


async def test_two_pages_in_one_post(house: House) -> None:
    for tenant, page_id in (("salon", "11"), ("praxis", "22")):
        secrets = {"app_secret": SHARED}
        house.accounts.known.append(Connection(tenant, f"m-{tenant}", "messenger", {"page_id": page_id}, secrets))
    entries = [
        page(item(page_id=one, message={"mid": f"m_{one}", "text": one}), page_id=one)["entry"][0]
        for one in ("11", "22", "33")
    ]
    assert await house.post({"object": "page", "entry": entries}, path="facebook") == 200
    assert house.taken() == [("m-salon", "11"), ("m-praxis", "22")]
    assert [json.loads(body)["entry"][0]["id"] for _, _, body, _ in house.accounts.aside] == ["33"]


async def test_what_was_kept_aside_is_taken_once_a_connection_has_the_number(house: House) -> None:
    await house.post(whatsapp(text("77", "wohin")))
    body = house.accounts.aside[0][2]
    receiver = Receiver(house.gate, house.accounts)
    assert "77" in await receiver.retake(WhatsAppChannel(), "salon", body)
    house.accounts.known.append(number("praxis", "77"))
    assert "77" in await receiver.retake(WhatsAppChannel(), "salon", body), "only its own tenant gets it"
    house.accounts.known.append(number("salon", "77"))
    assert await receiver.retake(WhatsAppChannel(), "salon", body) == ""
    assert house.taken() == [("salon-77", "wohin")]
