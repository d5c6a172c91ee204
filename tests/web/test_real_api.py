"""The API beside the talk, with the real desk: what happened outside, who is answered at all, and SQL away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.cli import main
from runtime.flow_files import FlowYaml
from runtime.records.publishing import Publishing, Step
from runtime.settings import CONFIGS
from tests.support.real_desk import RealDesk, TelegramCustomer, real_desk
from tests.web.test_real_people import id_of

pytestmark = pytest.mark.slow
BOOK: dict[str, Any] = yaml.load((CONFIGS / "flows" / "book_appointment.yaml").read_text(encoding="utf-8"), FlowYaml)
PAID_FIRST = {
    "slots": {},
    "lines": [{"wait_for": "payment_done", "until": "2d", "else": {"end": "aborted"}}, {"say": "my_appointments.none"}],
}


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path) as real:
        yield real


async def publish(real: RealDesk, tenant: str, flow: dict[str, Any]) -> None:
    """A flow of this business's own, read by the running desk."""
    publishing, kind = Publishing(real.desk.database), f"flow:{flow['flow']}"
    await publishing.put_draft(tenant, kind, flow)
    draft = await publishing.draft(tenant, kind)
    assert draft is not None
    await publishing.publish(tenant, kind, draft.hash, "", Step("test"))
    assert await real.desk.desks.refresh()


async def test_p6_what_a_flow_waits_for_is_told_through_the_api(real: RealDesk) -> None:
    await real.add("salon")
    await publish(real, "salon", {**BOOK, **PAID_FIRST})
    paula = TelegramCustomer(real, "salon", 4401300)
    assert "läuft noch" in await paula.says("Ich hätte gern einen Termin")
    connection = await real.desk.door.connection("salon", "telegram")
    assert connection is not None
    path = f"conversations/{real.desk.door.key(connection, str(paula.chat)).conversation}/happened?tenant=salon"
    status, answer = await real.ask_api(path, {"what": "parcel_sent"})
    assert status == 409 and "parcel_sent" in answer["error"] and answer["what_next"]
    paid = {"what": "payment_done", "values": {"amount": 32}, "message_id": "p1"}
    assert await real.ask_api(path, paid) == (200, {"done": True, "phase": "bot"})
    await real.quiet()
    assert "Es geht weiter" in paula.got[-1]["text"]
    told = len(paula.got)
    assert (await real.ask_api(path, paid))[0] == 200, "the same again is no second time"
    await real.quiet()
    assert len(paula.got) == told
    assert (await real.ask_api(path, {"what": "Payment Done"}))[0] == 400
    assert (await real.ask_api(path.replace("salon", "nobody"), paid))[0] == 404
    async with real.http.post(f"{real.url}/v1/{path}", json=paid) as unsigned:
        assert unsigned.status == 403


async def says(real: RealDesk, text: str, contact: str = "jane") -> list[str]:
    return list(await real.desk.say(tenant="demo", contact=contact, text=text))


async def test_a_contact_is_barred_and_answered_again_through_the_api(real: RealDesk) -> None:
    await says(real, "Wann ist morgen geöffnet?")
    await real.recorded()
    conversation = await id_of(real, "jane")
    status, answer = await real.ask_api(f"conversations/{conversation}/bar", {"operator": "Ida", "reason": "Spam"})
    assert status == 200 and (answer["tenant"], answer["barred"]) == ("demo", True)
    (row,) = (await real.ask_api("tenants/demo/barred"))[1]["barred"]
    assert (row["conversation"], row["operator"], row["reason"]) == (conversation, "Ida", "Spam")
    assert await real.desk.desks.refresh()
    assert not any("Uhr" in text for text in await says(real, "Wann ist morgen geöffnet?"))
    status, answer = await real.ask_api(f"conversations/{conversation}/unbar", {"operator": "Ida"})
    assert status == 200 and not answer["barred"]
    assert (await real.ask_api("tenants/demo/barred"))[1]["barred"] == []
    assert await real.desk.desks.refresh()
    assert any("Uhr" in text for text in await says(real, "Wann ist morgen geöffnet?"))
    assert (await real.ask_api("conversations/none/bar", {"operator": "Ida"}))[0] == 404
    assert (await real.ask_api(f"conversations/{conversation}/bar", {}))[0] == 400


async def test_a_desk_is_paused_and_active_again_through_the_api(real: RealDesk) -> None:
    set_to = "tenants/demo/status"
    assert await real.ask_api(set_to, {"operator": "Ida", "status": "paused"}) == (
        200,
        {"tenant": "demo", "status": "paused"},
    )
    assert await real.desk.desks.refresh()
    assert not any("Uhr" in text for text in await says(real, "Wann ist morgen geöffnet?"))
    assert (await real.ask_api(set_to, {"operator": "Ida", "status": "active"}))[0] == 200
    assert await real.desk.desks.refresh()
    assert any("Uhr" in text for text in await says(real, "Wann ist morgen geöffnet?", "tom"))
    status, answer = await real.ask_api(set_to, {"operator": "Ida", "status": "asleep"})
    assert status == 400 and "suspended" in answer["error"]
    assert (await real.ask_api("tenants/nobody/status", {"operator": "Ida", "status": "paused"}))[0] == 404
    for path in (set_to, "tenants/demo/barred", "conversations/x/bar"):
        method = "GET" if path.endswith("barred") else "POST"
        async with real.http.request(method, f"{real.url}/v1/{path}", json={"operator": "Ida"}) as unsigned:
            assert unsigned.status == 403


async def test_the_commands_that_bar_and_pause(real: RealDesk, capsys: pytest.CaptureFixture[str]) -> None:
    async def command(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, ["tenant", *words, "--data", str(real.desk.settings.data)])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    await says(real, "Wann ist morgen geöffnet?")
    await real.recorded()
    conversation = await id_of(real, "jane")
    assert "is barred" in (await command("bar", conversation, "--reason", "Spam"))[1]
    code, lines = await command("barred", "demo")
    assert code == 0 and conversation in lines and "Spam" in lines
    assert "answered again" in (await command("unbar", conversation))[1]
    assert await command("barred", "demo") == (0, "Nobody is barred.\n")
    assert await command("status", "demo", "paused") == (0, "demo is paused.\n")
    assert await command("status", "demo") == (0, "demo is paused.\n")
    code, lines = await command("status", "nobody")
    assert code and "tenant list" in lines
    code, lines = await command("bar", "none")
    assert code and "frontdesk handoffs" in lines


async def test_with_sql_away_who_waits_is_503_and_a_conversation_still_shows_where_it_stands(real: RealDesk) -> None:
    await says(real, "Mensch")
    await real.recorded()
    conversation = await id_of(real, "jane")
    assert len((await real.ask_api("handoffs"))[1]["handoffs"]) == 1
    place = real.desk.settings.data / "frontdesk.db"
    away = place.rename(place.with_suffix(".away"))
    place.mkdir()
    await real.desk.database._reader.dispose()
    try:
        status, answer = await real.ask_api("handoffs")
        assert status == 503 and "DATABASE_URL" in answer["error"] and answer["what_next"]
        status, answer = await real.ask_api(f"conversations/{conversation}?tenant=demo")
        assert status == 200 and (answer["phase"], answer["records"]) == ("queued", "unavailable")
        assert answer["lines"] == [] and answer["card"]["reason"] == "asked"
        assert (await real.ask_api(f"conversations/{conversation}"))[0] == 503
    finally:
        place.rmdir()
        away.rename(place)
    assert (await real.ask_api("handoffs"))[0] == 200
