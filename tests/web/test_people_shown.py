"""What people's pages show of models, providers, files and trouble: through the real desk, in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
import pytest_asyncio

from runtime.errors import ProviderFault, StorageUnavailable
from runtime.identifiers import conversation_id
from runtime.web import people_events
from runtime.web.people_words import TEXTS
from tests.support.meta_desk import MetaCustomer, MetaDesk, meta_desk
from tests.support.model_stub import ModelStub, row
from tests.web.test_people import Person
from tests.web.test_real_files import PDF, PNG

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model() -> AsyncIterator[ModelStub]:
    async with ModelStub(table=[row("Wischmopp", ("start", "book_appointment", ""))]) as stub:
        yield stub
    assert stub.objections == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, model: ModelStub) -> AsyncIterator[MetaDesk]:
    asked: dict[str, Any] = {"model_name": "stub-1", "model_base_url": model.url, "prompt_scan_s": 0}
    prices = {"model_price_in": 2.0, "model_price_out": 8.0}
    async with meta_desk(tmp_path_factory.mktemp("shown"), gather_ms=0, **asked, **prices) as desk:
        yield desk
        assert desk.graph.objections == []


@pytest_asyncio.fixture(loop_scope="module")
async def ida(desk: MetaDesk) -> AsyncIterator[Person]:
    async with Person("Ida", desk.real.url) as person:
        assert await person.sign_in() == 303
        yield person


def path_of(customer: MetaCustomer) -> str:
    return f"/c/salon/{customer.key.conversation}"


def plain(html: str) -> str:
    """Its words, as somebody reads them."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\u00a0", " ").split())


# ---- what a model cost


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", r"Modell stub-1 \d+ \+ \d+ Token · 0,\d{4} € [\d.,]+ m?s Weg"),
        ("en", r"Model stub-1 \d+ \+ \d+ tokens · €0\.\d{4} [\d.,]+ m?s Path"),
    ],
)
async def test_a_turns_trace_says_which_model_was_asked_and_what_it_cost(
    desk: MetaDesk, ida: Person, language: str, told: str
) -> None:
    contact = f"mop-{language}"
    await desk.real.desk.say(tenant="demo", contact=contact, text="Ich seh aus wie ein Wischmopp")
    await desk.real.recorded()
    path = f"/c/demo/{conversation_id('demo/api', contact)}"
    speaks = {"Accept-Language": language}
    html = (await ida.get(path, **speaks))[1]
    place = re.findall(rf"/parts{path}/turns/([^\"]+)\"", html)[-1]
    shown = plain((await ida.get(f"/parts{path}/turns/{place}", **speaks))[1])
    assert re.search(told, shown), shown
    whole = plain((await ida.get(f"{path}/turns/{place}", **speaks))[1])
    assert "stub-1" in whole and re.search(r"\d+ \+ \d+", whole), whole


# ---- what became of our messages


async def test_ticks_follow_what_the_provider_tells(desk: MetaDesk, ida: Person) -> None:
    paula = MetaCustomer(desk, "491755500001")
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    for word, german, icon in (
        ("sent", "gesendet", "i-tick"), ("delivered", "zugestellt", "i-ticks"), ("read", "gelesen", "i-ticks"),
    ):  # fmt: skip
        await paula.status(paula.last_id(), word)
        await desk.real.recorded()
        html = (await ida.get(path_of(paula), **{"Accept-Language": "de"}))[1]
        (last,) = re.findall(r'<span class="tick (\w+)".*?href="#([\w-]+)".*?<span>(\w+)', html)[-1:]
        assert last == (word, icon, german)
    assert 'class="why"' not in html


@pytest.mark.parametrize("language", ["de", "en"])
async def test_one_that_failed_says_why_and_what_helps(desk: MetaDesk, ida: Person, language: str) -> None:
    paula = MetaCustomer(desk, {"de": "491755500021", "en": "491755500022"}[language])
    await paula.says("Was kostet ein Herrenhaarschnitt?")
    await paula.status(paula.last_id(), "failed", 131026)
    await desk.real.recorded()
    html = (await ida.get(path_of(paula), **{"Accept-Language": language}))[1]
    assert 'class="tick fail" role="alert"' in html
    (why,) = re.findall(r'<p class="why">(.*?)</p>', html)
    assert why == f"{TEXTS[language]['why.gone']} (131026)"


async def test_every_fault_of_a_provider_has_words() -> None:
    for fault in ("gone", *filter(None, get_args(ProviderFault))):
        for texts in TEXTS.values():
            assert texts[f"why.{fault}"]


# ---- files


async def test_a_person_answers_with_a_file_and_sees_the_customers(desk: MetaDesk, ida: Person) -> None:
    from_api = conversation_id("demo/api", "files")
    path = f"/c/demo/{from_api}"
    await desk.real.desk.say(tenant="demo", contact="files", text="Ich möchte mit einem Menschen sprechen")
    await desk.real.recorded()
    url = f"{ida.url}/desk{path}/files"
    for origin, status in (("https://evil.example", 403), (ida.url, 201)):
        async with ida.http.post(
            url, params={"name": "Preise.pdf"}, data=PDF, headers={"Origin": origin, "Content-Type": "application/pdf"}
        ) as answer:
            assert answer.status == status
            told = await answer.json()
    assert (await ida.act(path, "claim"))[0] == 200
    assert (await ida.act(path, "reply", files=["f" + "0" * 20]))[0] in (400, 404)
    assert (await ida.act(path, "reply", files=[told["id"]], message_id="f1"))[0] == 200
    await desk.real.recorded()
    html = (await ida.get(path))[1]
    assert f'href="/desk{path}/files/{told["id"]}"' in html and "Preise.pdf" in html
    async with ida.http.get(f"{url}/{told['id']}") as answer:
        assert await answer.read() == PDF and answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    other = url.replace("/c/demo/", "/c/salon/")
    async with ida.http.get(f"{other}/{told['id']}") as answer:
        assert answer.status == 404
    async with ida.http.post(other, data=PNG, headers={"Origin": ida.url, "Content-Type": "image/png"}) as answer:
        assert answer.status == 404


# ---- trouble


@pytest.mark.parametrize("language", ["de", "en"])
async def test_whole_pages_say_what_went_wrong_as_people_read_it(
    desk: MetaDesk, ida: Person, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, speaks = TEXTS[language], {"Accept-Language": language}

    async def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("The database does not answer.")

    for path, status in (("/c/demo/none", 404), ("/c/demo/none/turns/x", 404), ("/nowhere", 404), ("?view=odd", 400)):
        found, html = await ida.get(path, **speaks)
        assert found == status and ida.headers["Content-Type"].startswith("text/html"), path
        assert words[f"error.{status}"] in html and words["to_inbox"] in html
        assert f'lang="{language}"' in html and "script-src" in ida.headers["Content-Security-Policy"]
    monkeypatch.setattr(desk.real.desk.people, "page", away)
    for path in ("", "/c/demo/none"):
        found, html = await ida.get(path, **speaks)
        assert found == 503 and words["error.503"] in html and words["once_more"] in html
        assert ida.headers["Retry-After"]
    found, text = await ida.get("/parts/list", **speaks)
    assert found == 503 and ida.headers["Content-Type"].startswith("application/json") and "what_next" in text


async def test_parts_and_acts_tell_their_scripts_in_json(ida: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/parts/c/demo/none", "/parts/list?view=odd", "/parts/c/demo/none/turns/x", "/c/demo/none/files/x"):
        assert (await ida.get(path))[0] in (400, 404)
        assert ida.headers["Content-Type"].startswith("application/json")
    monkeypatch.setattr(people_events, "MOST_PAGES", 0)
    assert (await ida.get("/events"))[0] == 503
    assert ida.headers["Content-Type"].startswith("application/json") and ida.headers["Retry-After"] == "10"


async def test_a_form_of_another_site_is_told_so_on_a_page(ida: Person) -> None:
    ida.origin = "https://evil.example"
    assert await ida.sign_in() == 403 and ida.headers["Content-Type"].startswith("text/html")
    assert TEXTS["en"]["error.403"] in ida.last
