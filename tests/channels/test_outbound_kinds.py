"""Every kind of part over every provider, each request checked: WhatsApp and Telegram by the official description."""

from __future__ import annotations

from typing import Any

from channels.messenger import MessengerChannel
from channels.telegram import TelegramChannel
from channels.whatsapp import WhatsAppChannel
from runtime.ports import Channel, Connection
from tests.channels.outbound_contract import OutboundContract, Stub
from tests.support.graph_stub import NUMBER, PAGE, TOKEN, GraphStub
from tests.support.provider_stub import TelegramStub


def whatsapp(stub: GraphStub, **config: str) -> Connection:
    """A connection over the number of the stub."""
    secrets = {"access_token": TOKEN, "api_url": stub.url}
    return Connection("salon", "wa", "whatsapp_cloud", {"phone_number_id": NUMBER, **config}, secrets)


def messenger(stub: GraphStub) -> Connection:
    """A connection over the page of the stub."""
    secrets = {"page_access_token": TOKEN, "api_url": stub.url}
    return Connection("salon", "fb", "messenger", {"page_id": PAGE}, secrets)


class TestWhatsApp(OutboundContract):
    writes_templates = True

    def channel(self) -> Channel:
        return WhatsAppChannel()

    async def open_stub(self) -> Stub:
        return await GraphStub().start()

    def connection(self, stub: Any) -> Connection:
        return whatsapp(stub)

    def bodies(self, stub: Any) -> list[dict[str, Any]]:
        return list(stub.accepted)


class TestMessenger(TestWhatsApp):
    writes_templates = False

    def channel(self) -> Channel:
        return MessengerChannel()

    def connection(self, stub: Any) -> Connection:
        return messenger(stub)


class TestTelegram(OutboundContract):
    def channel(self) -> Channel:
        return TelegramChannel(strict=True)

    async def open_stub(self) -> Stub:
        return await TelegramStub().start()

    def connection(self, stub: Any) -> Connection:
        return Connection("salon", "telegram", "telegram", secrets={"bot_token": "7:t", "api_url": stub.url})

    def bodies(self, stub: Any) -> list[dict[str, Any]]:
        return [body for _, body in stub.accepted]
