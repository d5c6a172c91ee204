"""What belongs to nobody, through the real desk: kept, shown, told, taken in once somebody has the account."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.messenger import MessengerChannel
from channels.whatsapp import WhatsAppChannel
from runtime.records.alerts import Alerts
from tests.channels.fuzz import damaged
from tests.channels.meta_payloads import Json, signed
from tests.channels.whatsapp_payloads import PERSON, change, message, whatsapp
from tests.support.graph_stub import NUMBER
from tests.support.meta_desk import APP_SECRET, MetaCustomer, MetaDesk, meta_desk
from tests.support.real_desk import TOKEN

ELSEWHERE = "777000777000777"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[MetaDesk]:
    async with meta_desk(tmp_path) as desk:
        yield desk


def letter(text: str, number: str = ELSEWHERE) -> Json:
    return message("text", {"body": text}, account=number, id=f"wamid.{text}")


async def retry(desk: MetaDesk, letter_id: str) -> int:
    url, headers = f"{desk.real.url}/v1/parked/{letter_id}/retry", {"Authorization": f"Bearer {TOKEN}"}
    async with desk.real.http.post(url, headers=headers) as answer:
        return answer.status


async def parked(desk: MetaDesk) -> list[dict[str, Any]]:
    _, found = await desk.real.ask_api("parked")
    letters: list[dict[str, Any]] = found["parked"]
    return letters


async def test_an_account_that_nobody_has_is_kept_told_and_taken_in_later(desk: MetaDesk) -> None:
    await desk.post("whatsapp", letter("Hallo"))
    await desk.post("whatsapp", letter("Hallo"))
    (kept,) = await parked(desk)
    assert (kept["kind"], kept["tenant"], kept["what"]) == ("request", "salon", "whatsapp_cloud")
    assert ELSEWHERE in kept["reason"] and "body" not in kept
    _, shown = await desk.real.ask_api(f"parked/{kept['id']}?body=1")
    assert "Hallo" in shown["body"]
    assert await retry(desk, kept["id"]) == 404 and len(await parked(desk)) == 1
    await desk.connect(phone_number_id=ELSEWHERE)
    assert await retry(desk, kept["id"]) == 200 and await parked(desk) == []
    await desk.real.quiet()
    assert any(ELSEWHERE in request.path and request.body.get("to") == PERSON for request in desk.graph.requests)


async def test_an_alert_waits_for_the_operators_and_the_same_one_once(desk: MetaDesk) -> None:
    account = {"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION"}}
    await desk.post("whatsapp", letter("Hallo"))
    await desk.post("whatsapp", whatsapp(account))
    await desk.post("whatsapp", whatsapp(account))
    rows = await Alerts(desk.real.desk.database).take(datetime.now(UTC) + timedelta(seconds=5))
    assert sorted(row.kind for row in rows) == ["account_event", "set_aside"]


async def test_what_nobody_understands_stays_until_somebody_does(desk: MetaDesk) -> None:
    await desk.post("whatsapp", whatsapp(change({"beams": [{"id": "b"}]}, "teleportation", number=NUMBER)))
    (kept,) = await parked(desk)
    assert "teleportation" in kept["reason"]
    assert await retry(desk, kept["id"]) == 404
    assert (await desk.real.ask_api(f"parked/{kept['id']}"))[0] == 200


@pytest.mark.slow
async def test_the_command_line_takes_it_in_too(desk: MetaDesk, tmp_path: Path) -> None:
    await desk.post("whatsapp", letter("Hallo"))
    (kept,) = await parked(desk)
    await desk.connect(phone_number_id=ELSEWHERE)
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "runtime.cli", "parked", "retry", kept["id"], "--data", str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await ran.communicate()
    assert ran.returncode == 0 and kept["id"] in out.decode()
    await desk.real.quiet()
    assert not [one for one in await parked(desk) if one["kind"] == "request"]
    assert any(ELSEWHERE in request.path for request in desk.graph.requests)


@pytest.mark.slow
@pytest.mark.parametrize("channel", [WhatsAppChannel(), MessengerChannel()], ids=lambda one: str(one.connector))
async def test_damaged_posts_never_break_the_real_desk(
    desk: MetaDesk, channel: WhatsAppChannel | MessengerChannel
) -> None:
    chance, word = random.Random(99), "whatsapp" if channel.connector == "whatsapp_cloud" else "facebook"
    statuses = set()
    for _ in range(150):
        body = damaged(channel, chance)
        url = f"{desk.real.url}/webhook/{word}/salon"
        async with desk.real.http.post(url, data=body, headers=signed(body, APP_SECRET)) as answer:
            statuses.add(answer.status)
    assert statuses == {200, 400}
    customer = MetaCustomer(desk, "4915559990000")
    assert await customer.says("Hallo"), "the desk still answers"
