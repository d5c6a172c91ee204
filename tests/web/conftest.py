"""The edge over a fake gate, with a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.browser import BrowserChannel
from channels.telegram import TelegramChannel
from runtime.settings import Settings
from runtime.web.edge import make_app
from tests.web.fake_gate import FakeGate, desk

Client = TestClient[Any, Any]
SECRET = b"visitor-key-of-thirty-two-bytes!"
TOKEN = "operator-token-1"


async def _names() -> tuple[str, ...]:
    return ("salon", "praxis", "gone")


@pytest.fixture
def gate() -> FakeGate:
    gate = FakeGate({"salon": desk("salon", "Salon Lind"), "praxis": desk("praxis", "Praxis Nord", "", ("en",))})
    gate.secrets["salon", "telegram"] = {"bot_token": "1:x", "webhook_secret": "s-1"}
    return gate


@pytest.fixture
def problems() -> dict[str, str]:
    """What `ready` reports."""
    return {}


@pytest.fixture
def base_path() -> str:
    return ""


@pytest.fixture
async def client(gate: FakeGate, problems: dict[str, str], base_path: str) -> AsyncIterator[Client]:
    async def ready() -> Mapping[str, str]:
        return problems

    app = make_app(
        gate, Settings(base_path=base_path), {"telegram": TelegramChannel(strict=True)}, SECRET, TOKEN,
        webchat=BrowserChannel(), ready=ready, tenants=_names,
    )  # fmt: skip
    async with TestClient(TestServer(app)) as client:
        yield client
