"""Figures, health and what was put aside, over HTTP from a desk that works."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from runtime.codec import load_state
from runtime.core.events import Event
from runtime.core.step import step
from runtime.records.timelines import timeline
from runtime.sessions.shapes import BoxEvent
from runtime.tracing import trace_of
from tests.support.real_desk import SECRET, TOKEN, RealDesk, TelegramCustomer, real_desk

pytestmark = pytest.mark.slow
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path, gather_ms=20, newer_wait_s=0.0) as real:
        await real.add("salon")
        yield real


@pytest.fixture
def paula(real: RealDesk) -> TelegramCustomer:
    return TelegramCustomer(real, "salon", 4401200)


async def figures(real: RealDesk) -> dict[str, float]:
    """Every sample by its name and labels, read as Prometheus reads it."""
    async with real.http.get(f"{real.url}/metrics") as answer:
        assert answer.status == 200 and answer.content_type == "text/plain"
        text = await answer.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {"/".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


async def ask(real: RealDesk, method: str, path: str, **headers: str) -> tuple[int, Any]:
    async with real.http.request(method, f"{real.url}{path}", headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_turn_moves_the_figures(real: RealDesk, paula: TelegramCustomer) -> None:
    before = await figures(real)
    await paula.says("Ich möchte am Mittwoch um 15 Uhr einen Herrenhaarschnitt")
    await paula.says("Ich möchte mit einem Menschen sprechen")
    await real.recorded()
    after = await figures(real)

    def moved(name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert moved("frontdesk_turns_total/replied") == 1 and moved("frontdesk_turns_total/handoff") == 1
    for stage in ("take_in", "gather", "take", "understand", "read", "commit", "outbox", "deliver"):
        assert moved(f"frontdesk_stage_seconds_count/{stage}") >= 1, stage
    assert sum(moved(name) for name in after if name.startswith("frontdesk_model_calls_avoided_total/")) == 2
    assert after["frontdesk_handoffs/queued"] == 1 and after["frontdesk_handoffs/owned"] == 0
    assert after["frontdesk_redis_memory_bytes"] > 1e5 and after["frontdesk_sql_pool_size"] > 0
    assert after["frontdesk_up/redis"] == after["frontdesk_up/sql"] == 1
    assert after["frontdesk_outbox_depth"] == after["frontdesk_ready_depth"] == after["frontdesk_parked_events"] == 0


async def test_what_cannot_go_out_shows_its_age(real: RealDesk, paula: TelegramCustomer) -> None:
    real.stub.plan, real.stub.repeat = [{"status": 500}], True
    await paula.update(paula.message("Was kostet ein Herrenhaarschnitt?"))
    await real.quiet()
    found = await figures(real)
    assert found["frontdesk_outbox_depth"] == found["frontdesk_outbox_conversations"] == 1
    assert 0 < found["frontdesk_outbox_oldest_seconds"] < 60


async def test_who_may_read_the_figures(real: RealDesk) -> None:
    async with real.http.get(f"{real.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
        assert answer.status == 403, "somebody behind a proxy of this machine is not this machine"
    async with real.http.get(f"{real.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9", **OPERATOR}) as answer:
        assert answer.status == 200


async def test_health_and_readiness_name_their_reasons(real: RealDesk) -> None:
    status, health = await ask(real, "GET", "/healthz")
    assert status == 200 and health["ok"] and health["wrong"] == {} and health["process"]
    status, ready = await ask(real, "GET", "/readyz")
    assert status == 200 and ready["partitions"] == 16 and "version" in ready
    real.desk._tasks["delivery"].cancel()
    await asyncio.sleep(0)
    assert await ask(real, "GET", "/healthz") == (503, {**health, "ok": False, "wrong": {"delivery": "ended"}})


async def test_a_full_redis_is_not_ready(real: RealDesk) -> None:
    route = real.desk.sessions._routes.work
    await route.call(0, "CONFIG", "SET", "maxmemory", "1")
    try:
        status, ready = await ask(real, "GET", "/readyz")
        assert status == 503 and ready["wrong"] == {"redis": "full"}
    finally:
        await route.call(0, "CONFIG", "SET", "maxmemory", "0")


# What nobody could handle


async def test_an_event_that_kills_its_turn_is_listed_played_again_and_gone(
    real: RealDesk, paula: TelegramCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sick(conversation: Any, event: Event) -> Any:
        if "Färben" in str(event):
            raise RuntimeError("of the test")
        return step(conversation, event)

    monkeypatch.setattr("runtime.turn.step", sick)
    assert "Mitarbeiter" in await paula.says("Was kostet Färben?") or paula.got
    (letter,) = (await ask(real, "GET", "/v1/parked?tenant=salon", **OPERATOR))[1]["parked"]
    assert (letter["kind"], letter["what"], letter["tenant"]) == ("event", "Said", "salon") and letter["tries"] > 3
    assert "Färben" not in str(letter) and (await figures(real))["frontdesk_parked_events"] == 1
    path = f"/v1/parked/{letter['id']}"
    assert "Färben" not in str((await ask(real, "GET", path, **OPERATOR))[1])
    assert "Färben" in (await ask(real, "GET", f"{path}?body=1", **OPERATOR))[1]["body"]
    assert (await ask(real, "POST", f"{path}/retry"))[0] == 403
    monkeypatch.setattr("runtime.turn.step", step)
    before = len(paula.got)
    assert (await ask(real, "POST", f"{path}/retry", **OPERATOR))[0] == 200
    await real.quiet()
    assert len(paula.got) > before, "it was really played"
    assert (await ask(real, "GET", "/v1/parked", **OPERATOR))[1] == {"parked": []}
    assert (await ask(real, "POST", f"{path}/retry", **OPERATOR))[0] == 404


async def test_a_refused_part_is_kept_and_sent_again(real: RealDesk, paula: TelegramCustomer) -> None:
    real.stub.plan = [{"status": 400, "description": "Bad Request: chat not found"}]
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    (letter,) = (await ask(real, "GET", "/v1/parked", **OPERATOR))[1]["parked"]
    assert letter["kind"] == "part" and "32" not in str(letter) and letter["tries"] == 1
    assert (await ask(real, "POST", f"/v1/parked/{letter['id']}/retry", **OPERATOR))[0] == 200
    async with asyncio.timeout(10):
        while not any("32 €" in one["text"] for one in paula.got):  # noqa: ASYNC110  # the stub is another program
            await asyncio.sleep(0.05)
    assert (await ask(real, "GET", "/v1/parked", **OPERATOR))[1] == {"parked": []}


async def test_a_part_is_given_up_after_its_time(real: RealDesk, paula: TelegramCustomer) -> None:
    real.desk.deliverer.give_up_s = 0.0
    real.stub.plan = [{"status": 500}]
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    (letter,) = (await ask(real, "GET", "/v1/parked", **OPERATOR))[1]["parked"]
    assert letter["kind"] == "part" and "Given up" in letter["reason"]
    assert (await ask(real, "DELETE", f"/v1/parked/{letter['id']}", **OPERATOR))[0] == 200
    assert (await ask(real, "GET", "/v1/parked", **OPERATOR))[1] == {"parked": []}


async def test_an_event_of_a_newer_version_does_not_hold_its_conversation_for_ever(
    real: RealDesk, paula: TelegramCustomer
) -> None:
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    connection = await real.desk.door.connection("salon", "telegram")
    assert connection is not None
    key = real.desk.door.key(connection, str(paula.chat))
    origin = {"connection": "telegram", "channel": "telegram", "chat": str(paula.chat), "contact": "c"}
    raw = orjson.dumps({"v": 1, "id": "n1", "t": "Telepathy", "e": {}, "o": origin})
    before = len(paula.got)
    await real.desk.sessions.append(key, BoxEvent("n1", raw, words=False, gather_ms=0))
    await real.quiet()
    (letter,) = await real.desk.dead_letters.all("salon")
    assert letter.what == "Telepathy" and "newer version" in letter.reason and len(paula.got) == before + 1
    state = await real.desk.sessions.read_state(key)
    assert state is not None and load_state(state).conversation.phase == "queued", "a person looks after it"
    assert await real.desk.dead_letters.retry_newer() == 0, "this version cannot read it either"
    assert dataclasses.asdict(letter)["body"] == ""


# Traces


async def test_a_burst_goes_on_with_its_first_trace_and_links_the_others(
    real: RealDesk, paula: TelegramCustomer
) -> None:
    traces = [f"{number:032x}" for number in (1, 2, 3)]
    for number, (trace, text) in enumerate(zip(traces, ("Hallo", "ich hätte gern", "einen Termin"), strict=True)):
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "traceparent": f"00-{trace}-{number + 1:016x}-01"}
        assert await real.post("salon", orjson.dumps(paula.message(text)), headers) == 200
    await real.recorded()
    connection = await real.desk.door.connection("salon", "telegram")
    assert connection is not None
    key = real.desk.door.key(connection, str(paula.chat))
    rows = await timeline(real.desk.database, "salon", key.conversation, None)
    seen = [trace_of(place) for row in rows for place in (row.entry["trace"], *row.entry["links"])]
    assert seen == traces, "however the burst was cut, each trace is found"
    assert all(one.status == "sent" and one.tries == 1 for row in rows for one in row.deliveries)
    last = rows[-1]
    assert last.projected_at and last.committed_at
    assert last.committed_at >= last.at - timedelta(milliseconds=1), "Redis counts in whole milliseconds"
