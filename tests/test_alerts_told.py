"""Alerts leave the house: signed, at least once, from a durable place; what customers said stays."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from runtime.alerts import FIRST_S, AlertSender
from runtime.errors import ConfigurationError
from runtime.outbound import HttpOutbound
from runtime.records.alerts import Alerts
from runtime.records.database import Database
from runtime.records.journal import project
from runtime.settings import read_settings
from tests.records.samples import NOON, entry, packed

SECRET = "a-secret-of-the-tests"
RECORDS = [
    {"kind": "alert", "facts": {"kind": "handoff.sla", "operator": "Linde"}},
    {"kind": "handoff.opened", "facts": {"generation": 1, "reason": "asked", "summary": "privat", "card": "{}"}},
    {"kind": "note", "facts": {"text": "privat"}},
]


class Office:
    """An address of the people behind the desk."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.json_response({}, status=self.status)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office, app = Office(), web.Application()
    app.router.add_post("/alerts", office.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.url = f"http://127.0.0.1:{runner.addresses[0][1]}/alerts"
    yield office
    await runner.cleanup()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(f"sqlite:///{tmp_path / 'alerts.db'}")
    await project(opened, packed(entry(1, records=RECORDS)))
    yield opened
    await opened.close()


@pytest.fixture
async def sender(database: Database, office: Office) -> AsyncIterator[AlertSender]:
    async with HttpOutbound() as http:
        yield AlertSender(Alerts(database), http, office.url, SECRET)


def body_of(got: tuple[dict[str, str], bytes]) -> Any:
    headers, raw = got
    told = headers["X-Frontdesk-Timestamp"].encode() + b"." + raw
    assert headers["X-Frontdesk-Signature"] == "sha256=" + hmac.new(SECRET.encode(), told, hashlib.sha256).hexdigest()
    return json.loads(raw)


async def test_alerts_and_new_handoffs_are_told_once_signed_and_without_words(
    sender: AlertSender, office: Office, database: Database
) -> None:
    now = NOON + timedelta(minutes=1)
    assert await sender.send_due(now) == 2 and await sender.send_due(now) == 0
    first, second = map(body_of, office.got)
    assert (first["kind"], first["facts"]["operator"], first["conversation"]) == ("handoff.sla", "Linde", "c1")
    assert (second["kind"], second["facts"]["reason"]) == ("handoff.opened", "asked")
    assert b"privat" not in b"".join(raw for _, raw in office.got)
    await project(database, packed(entry(1, records=RECORDS)))
    assert await sender.send_due(now + timedelta(hours=1)) == 0, "an entry that comes again tells nothing again"


async def test_what_does_not_arrive_is_tried_again_later(sender: AlertSender, office: Office) -> None:
    office.status = 503
    now = NOON + timedelta(minutes=1)
    assert await sender.send_due(now) == 0 and len(office.got) == 2
    assert await sender.send_due(now + timedelta(seconds=FIRST_S - 1)) == 0 and len(office.got) == 2
    office.status = 204
    assert await sender.send_due(now + timedelta(seconds=FIRST_S)) == 2 and len(office.got) == 4


async def test_two_processes_do_not_take_the_same_one(database: Database) -> None:
    now = NOON + timedelta(minutes=1)
    assert len(await Alerts(database).take(now)) == 2
    assert await Alerts(database).take(now) == ()
    assert len(await Alerts(database).take(now + timedelta(seconds=61))) == 2, "its taker died"


async def test_an_alert_of_yesterday_helps_nobody(sender: AlertSender, office: Office) -> None:
    assert await sender.send_due(NOON + timedelta(hours=25)) == 0 and not office.got


async def test_without_an_address_the_sender_stays_idle_and_is_not_taken_for_dead(database: Database) -> None:
    async with HttpOutbound() as http:
        task = asyncio.create_task(AlertSender(Alerts(database), http, "", "").run())
        await asyncio.sleep(0)
        assert not task.done()
        task.cancel()


def test_an_address_without_a_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="ALERT_SECRET"):
        read_settings({"FRONTDESK_ALERT_URL": "https://office.example/alerts"})
