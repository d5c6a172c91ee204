"""What cannot be read must not silence a customer (laws 2 and 11): events, sessions, tenants' documents."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.app import FrontDesk, kept_secret, start
from runtime.errors import ConfigurationError
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent
from runtime.settings import Settings


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[FrontDesk]:
    async with start(Settings(data=tmp_path)) as opened:
        yield opened


async def _key(desk: FrontDesk, contact: str) -> SessionKey:
    connection = await desk.door.connection("demo", "api")
    assert connection is not None
    return desk.door.key(connection, contact)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\x00 not json",
        b'{"v":1,"id":"x","t":"Said","e":{"messages":"secret words"},"o":{}}',
        b'{"v":1,"id":"x","t":"Said","e":{"messages":[{"id":1}]},'
        b'"o":{"connection":"api","channel":"api","chat":"ann","contact":"c"}}',
        b"[]",
    ],
)
async def test_an_unreadable_event_is_put_aside_and_the_customer_answered(
    desk: FrontDesk, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.say(tenant="demo", contact="ann", text="Guten Tag")
    await desk.sessions.append(await _key(desk, "ann"), BoxEvent("odd", body, words=True, gather_ms=0))
    with caplog.at_level(logging.DEBUG):
        replies = await desk.say(tenant="demo", contact="ann", text="Haben Sie Parkplätze?")
    assert replies
    assert [parked.body for parked in await desk.sessions.parked("demo")] == [body]
    assert "secret words" not in caplog.text


async def test_a_wrong_document_leaves_the_last_good_one(desk: FrontDesk) -> None:
    await desk.say(tenant="demo", contact="ann", text="Guten Tag")
    raw = dict(await desk.tenants.document("demo", "tenant") or {})
    await desk.tenants.put_document("demo", "tenant", {**raw, "timezone": "Nowhere/Else"})
    await desk.desks.refresh()
    assert (await desk.say(tenant="demo", contact="ann", text="Wo sind Sie?"))[0]
    await desk.tenants.put_document("demo", "tenant", {**raw, "name": "Studio Neu"})
    await desk.desks.refresh()
    known = await desk.desks.desk("demo")
    assert known is not None
    assert known.business.name == "Studio Neu"


def test_a_secret_is_made_once_and_never_half(tmp_path: Path) -> None:
    made = tmp_path / "data"
    kept_secret(made, "visitor-key")
    assert made.stat().st_mode & 0o077 == 0, "the folder is for its owner alone, as doctor wants it"
    first = kept_secret(tmp_path, "visitor-key")
    assert first == kept_secret(tmp_path, "visitor-key")
    assert (tmp_path / "visitor-key").stat().st_mode & 0o077 == 0
    (tmp_path / "visitor-key").write_text("short")
    with pytest.raises(ConfigurationError, match="damaged"):
        kept_secret(tmp_path, "visitor-key")
