"""People's pages over HTTP before the real desk: who gets in, what they may do; every worker tells the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from runtime.comparing import is_same
from runtime.identifiers import conversation_id
from runtime.web.people_door import COOKIE
from tests.support.real_desk import TOKEN, RealDesk, TelegramCustomer, real_desk

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ROOT = Path(__file__).resolve().parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealDesk]:
    data = tmp_path_factory.mktemp("people")
    async with real_desk(data, gather_ms=0) as real:
        await real.desk.tenants.made_once("visitor-key", {"key": "v" * 32})  # as the edge of the tests has it
        yield real


@pytest_asyncio.fixture(loop_scope="module")
async def ida(real: RealDesk) -> AsyncIterator[Person]:
    async with Person("Ida", real.url) as person:
        assert await person.sign_in() == 303
        yield person


class Person:
    """Somebody's browser, as far as HTTP goes."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self.origin: str | None = url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Person:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.http.close()

    def _headers(self) -> dict[str, str]:
        return {"Origin": self.origin} if self.origin else {}

    async def sign_in(self, token: str = TOKEN, **more: str) -> int:
        form = {"name": self.name, "token": token, "next": "/desk", **more}
        url = f"{self.url}/desk/sign-in"
        async with self.http.post(url, data=form, headers=self._headers(), allow_redirects=False) as answer:
            self.last = await answer.text()
            self.headers = answer.headers
            return answer.status

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(f"{self.url}/desk{path}", headers=headers, allow_redirects=False) as answer:
            self.headers = answer.headers
            return answer.status, await answer.text()

    async def act(self, path: str, verb: str, **facts: Any) -> tuple[int, Any]:
        url = f"{self.url}/desk{path}/{verb}"
        async with self.http.post(url, json=facts, headers=self._headers()) as answer:
            return answer.status, await answer.json()

    @contextlib.asynccontextmanager
    async def events(self, after: str) -> AsyncIterator[aiohttp.StreamReader]:
        timeout = aiohttp.ClientTimeout(total=None)
        headers = {"Last-Event-ID": after}
        async with self.http.get(f"{self.url}/desk/events", headers=headers, timeout=timeout) as answer:
            assert answer.content_type == "text/event-stream"
            yield answer.content


async def heard(stream: aiohttp.StreamReader, conversation: str) -> Mapping[str, str]:
    """The first event that names this conversation."""
    event: dict[str, str] = {}
    async with asyncio.timeout(10):
        while True:
            name, _, value = (await stream.readline()).decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif conversation in event.get("data", ""):
                return event
            else:
                event = {}


async def talk(real: RealDesk, contact: str, text: str = "Ich möchte mit einem Menschen sprechen") -> str:
    await real.desk.say(tenant="demo", contact=contact, text=text)
    await real.recorded()
    return f"/c/demo/{conversation_id('demo/api', contact)}"


# ---- the way in


async def test_nobody_sees_anything_without_signing_in(real: RealDesk) -> None:
    path = await talk(real, "closed")
    async with Person("Nobody", real.url) as nobody:
        for page in ("", path):
            assert (await nobody.get(page))[0] == 303
            assert nobody.headers["Location"].startswith("/desk/sign-in?next=/desk")
        trace = f"/parts{path}/turns/{'0' * 26}-1-0"
        for part in ("/parts/list", f"/parts{path}", trace, "/events", f"{path}/files/x"):
            status, text = await nobody.get(part)
            assert status == 403 and "Menschen" not in text
        for verb in ("claim", "reply", "note", "release"):
            assert (await nobody.act(path, verb, text="x"))[0] == 403
        assert json.loads((await nobody.get("/whoami"))[1]) == {"name": ""}


async def test_the_cookie_is_for_our_pages_alone(real: RealDesk) -> None:
    async with Person("  Ida\u200b   Berg ", real.url) as ida:
        assert await ida.sign_in() == 303
        cookie = ida.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/desk" in cookie
        assert "Secure" not in cookie and "Max-Age" not in cookie and TOKEN not in cookie
        assert json.loads((await ida.get("/whoami"))[1]) == {"name": "Ida Berg"}
        ida.http.headers["X-Forwarded-Proto"] = "https"
        assert await ida.sign_in(stay="1") == 303
        assert "Secure" in ida.headers["Set-Cookie"] and "Max-Age=2592000" in ida.headers["Set-Cookie"]


@pytest.mark.parametrize("change", ["body", "signature", "old", "other_key"])
async def test_a_cookie_of_somebody_elses_making_is_none(
    real: RealDesk, ida: Person, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cookie,) = [one for one in ida.http.cookie_jar if one.key == COOKIE]
    body, _, signature = cookie.value.partition(".")
    forged = {"body": f"{body[:-2]}xx.{signature}", "signature": f"{body}.{signature[:-1]}0", "other_key": f"{body}."}
    if change == "old":
        monkeypatch.setattr(time, "time", lambda: 4e9)
        forged["old"] = cookie.value
    async with Person("Eve", real.url) as eve:
        assert json.loads((await eve.get("/whoami", Cookie=f"{COOKIE}={forged[change]}"))[1]) == {"name": ""}


async def test_signing_out_takes_the_cookie_back(ida: Person) -> None:
    async with ida.http.post(f"{ida.url}/desk/sign-out", headers={"Origin": ida.url}, allow_redirects=False) as answer:
        assert answer.status == 303
    assert (await ida.get(""))[0] == 303


async def test_five_wrong_tokens_and_then_not_even_the_right_one(real: RealDesk) -> None:
    async with Person("Eve", real.url) as eve:
        eve.http.headers["X-Forwarded-For"] = "203.0.113.7"
        for _ in range(4):
            assert await eve.sign_in("wrong") == 403
        assert await eve.sign_in("wrong") == 429
        assert await eve.sign_in() == 429 and "Set-Cookie" not in eve.headers
        eve.http.headers["X-Forwarded-For"] = "203.0.113.8"
        assert await eve.sign_in() == 303, "whoever comes from elsewhere is not locked out"


async def test_many_wrong_tokens_at_once_are_no_more_guesses_than_one_after_the_other(
    real: RealDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def noted(given: str, right: str) -> bool:
        compared.append((given, right))
        return is_same(given, right)

    monkeypatch.setattr("runtime.web.people_door.is_same", noted)
    async with Person("Eve", real.url) as eve:
        eve.http.headers["X-Forwarded-For"] = "203.0.113.9"
        answers = await asyncio.gather(*(eve.sign_in(f"wrong-{number}") for number in range(20)))
    assert sorted(answers) == [403] * 4 + [429] * 16
    assert sum(TOKEN in both for both in compared) == 5


async def test_the_right_token_clears_the_wrong_ones(real: RealDesk) -> None:
    async with Person("Eve", real.url) as eve:
        eve.http.headers["X-Forwarded-For"] = "203.0.113.10"
        for _ in range(2):
            assert [await eve.sign_in("wrong") for _ in range(4)] == [403] * 4
            assert await eve.sign_in() == 303


@pytest.mark.parametrize(
    "way", ["https://evil.example/desk", "//evil.example", "/desk\\@evil", "/desk/sign-out", "/v1"]
)
async def test_the_way_back_is_a_page_of_ours(real: RealDesk, way: str) -> None:
    async with Person("Ida", real.url) as ida:
        assert await ida.sign_in(next=way) == 303
        assert ida.headers["Location"] == "/desk"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_another_site_can_do_nothing_in_somebodys_name(real: RealDesk, ida: Person, origin: str | None) -> None:
    path = await talk(real, "csrf")
    ida.origin = origin
    assert (await ida.act(path, "claim"))[0] == 403
    assert await ida.sign_in() == 403
    ida.origin = ida.url
    async with ida.http.post(
        f"{ida.url}/desk{path}/claim", data={"how": "resume"}, headers={"Origin": ida.url}
    ) as form:
        assert form.status == 400, "a form is no JSON"
    plain = {"Origin": ida.url, "Content-Type": "text/plain"}
    async with ida.http.post(f"{ida.url}/desk{path}/claim", data="{}", headers=plain) as said:
        assert said.status == 400, "what a form of another site can send is none either, whatever stands in it"


async def test_the_policy_forbids_whatever_is_inline(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "policy", "<img src=x onerror=alert(1)> Ich möchte mit einem Menschen sprechen")
    status, html = await ida.get(path)
    policy = ida.headers["Content-Security-Policy"]
    assert status == 200 and "unsafe" not in policy and "script-src 'self'" in policy and "default-src 'none'" in policy
    assert "<img src=x" not in html and "&lt;img src=x" in html
    assert " style=" not in html and "onclick" not in html and "<script>" not in html


# ---- what they do


async def test_take_over_answer_note_and_give_back(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "whole")
    assert await ida.act(path, "claim") == (200, {"done": True, "phase": "owned", "owner": "Ida"})
    assert (await ida.act(path, "reply", text="Guten Tag", message_id="m1"))[0] == 200
    assert (await ida.act(path, "reply", text="Guten Tag", message_id="m1"))[0] == 200, "the same twice is done once"
    assert (await ida.act(path, "note", text="ruft gern an"))[0] == 200
    assert (await ida.act(path, "reply", text=" "))[0] == 400
    await real.recorded()
    html = (await ida.get(path))[1]
    assert html.count(">Guten Tag<") == 1 and 'data-sent="m1"' in html and "ruft gern an" in html
    assert (await ida.act(path, "release", how="close")) == (200, {"done": True, "phase": "bot", "owner": ""})
    await real.recorded()
    assert path in (await ida.get("/parts/list?view=closed"))[1]
    assert path not in (await ida.get("/parts/list?view=bot"))[1]


async def test_k12_the_second_reads_who_has_it(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "k12")
    async with Person("Tom", real.url) as tom:
        await tom.sign_in()
        await ida.act(path, "claim")
        status, told = await tom.act(path, "claim")
        assert status == 409 and told["owner"] == "Ida" and "Ida" in told["error"]
        status, told = await tom.act(path, "reply", text="Ich auch")
        assert status == 409 and not told["done"]
        assert (await tom.act(path, "claim", how="reassign"))[0] == 200
        assert (await ida.act(path, "reply", text="noch da"))[0] == 409


async def test_the_same_reply_sent_thrice_at_once_is_done_once_and_nobody_reads_that_it_was_not(
    real: RealDesk, ida: Person
) -> None:
    where = await talk(real, "thrice")
    await ida.act(where, "claim")
    async with asyncio.timeout(5):
        found = await asyncio.gather(*(ida.act(where, "reply", text="Einmal.", message_id="m1") for _ in range(3)))
    assert [status for status, _ in found] == [200, 200, 200]
    await real.recorded()
    rows = await real.desk.conversations.transcript("demo", where.rpartition("/")[2])
    assert [row.text for row in rows].count("Einmal.") == 1


@pytest.mark.parametrize("address", ["?q=%00", "?tenant=%00", "/c/demo/%00", "/c/%00/x", "/parts/c/demo/a%00b"])
async def test_an_address_with_a_nul_is_a_bad_request(ida: Person, address: str) -> None:
    assert (await ida.get(address))[0] == 400


async def test_a_conversation_that_is_none_or_anothers(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "walls")
    await real.add("salon")
    assert (await ida.get(path.replace("demo", "salon")))[0] == 404
    assert (await ida.get(f"/parts{path}".replace("demo", "salon")))[0] == 404
    assert (await ida.get("/c/nobody/x"))[0] == 404
    assert (await ida.act(path.replace("demo", "salon"), "claim"))[0] == 404
    assert (await ida.get(f"{path}/turns/nonsense"))[0] == 404


async def test_the_list_puts_who_waits_first_and_finds_by_name_number_and_word(real: RealDesk, ida: Person) -> None:
    await talk(real, "bot-1", "Was kostet ein Herrenhaarschnitt?")
    waiting = await talk(real, "first-1")
    html = (await ida.get("/parts/list"))[1]
    assert html.index('id="g-waiting"') < html.index(waiting) < html.index('id="g-bot"')
    assert "unread" in html
    await ida.get(f"/parts{waiting}")
    assert f'class="conv" id="c-demo-{waiting[8:]}"' in (await ida.get("/parts/list?view=waiting"))[1], "it is read"
    cake = await talk(real, "ümlaut", "Ich hätte gern ÄPFELKUCHEN")
    assert cake in (await ida.get("/parts/list?q=%C3%A4pfelkuchen"))[1]
    assert "empty" in (await ida.get("/parts/list?q=100%25"))[1], "% is a sign like any other"
    for odd in ("view=none", "before=x~y", "before=2026-01-01~y"):
        assert (await ida.get(f"/parts/list?{odd}"))[0] == 400


async def test_delivery_is_told_where_the_channel_tells_it(real: RealDesk, ida: Person) -> None:
    await real.add("salon")
    paula = TelegramCustomer(real, "salon", 4401300)
    await paula.says("Ich möchte am Mittwoch um drei einen Herrenhaarschnitt")
    await real.recorded()
    html = (await ida.get(f"/c/salon/{conversation_id('salon/telegram', '4401300')}", **{"Accept-Language": "de"}))[1]
    assert "gesendet" in html and "Telegram" in html


# ---- live, over several workers


async def test_news_are_heard_and_missed_ones_are_told_by_number(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "news")
    last = await real.desk.people.news.last()
    async with ida.events(last) as stream:
        await ida.act(path, "claim")
        event = await heard(stream, path[8:])
    assert event["event"] == "news" and json.loads(event["data"])["changed"] == [["demo", path[8:], True]]
    await ida.act(path, "note", text="inzwischen")
    await real.recorded()
    async with ida.events(event["id"]) as stream:
        assert json.loads((await heard(stream, path[8:]))["data"])["gap"] is False


async def test_a_takeover_at_one_worker_is_heard_and_seen_at_another_process(real: RealDesk, ida: Person) -> None:
    path = await talk(real, "workers")
    async with second_worker(real) as url, Person("Ida", url) as there:
        there.http.cookie_jar.update_cookies({one.key: one.value for one in ida.http.cookie_jar}, URL(url))
        assert json.loads((await there.get("/whoami"))[1]) == {"name": "Ida"}, "one sign-in holds at all workers"
        async with there.events(await real.desk.people.news.last()) as stream:
            await ida.act(path, "note", text="A process that has just begun takes longer for its first turn.")
            await heard(stream, path[8:])
            began = time.perf_counter()
            assert (await ida.act(path, "claim"))[0] == 200
            await heard(stream, path[8:])
            took = time.perf_counter() - began
        assert 'data-owner="Ida"' in (await there.get(f"/parts{path}"))[1]
        assert (await there.act(path, "reply", text="Von drüben", message_id="there"))[0] == 200
        await real.recorded()
        assert "Von drüben" in (await ida.get(path))[1]
    print(f"\ntakeover heard at another process after {took * 1000:.0f} ms")  # noqa: T201  # what was measured
    assert took < 1


@contextlib.asynccontextmanager
async def second_worker(real: RealDesk) -> AsyncIterator[str]:
    """Another process with the same servers and secrets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = real.desk.settings.data
    own = {"FRONTDESK_PORT": str(port), "FRONTDESK_OPERATOR_TOKEN": TOKEN, "FRONTDESK_DATA": str(data)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "runtime.cli", "serve", env={**os.environ, **own, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            while b"Stop with" not in await process.stdout.readline():
                assert process.returncode is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
