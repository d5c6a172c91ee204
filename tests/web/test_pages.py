"""The pages: language, safety, caching; and the health answers."""

from __future__ import annotations

import re

import pytest

from runtime.web.chat_page import TEXTS
from runtime.web.pages import FOLDER, chat_policy
from tests.web.conftest import Client
from tests.web.fake_gate import FakeGate, desk


async def page(client: Client, path: str, **headers: str) -> str:
    async with client.get(path, headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/chat/salon", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("/chat/salon", "en-GB,en;q=0.9", "en"),
        ("/chat/salon", "fr,en;q=0.3,de;q=0.6", "de"),
        ("/chat/salon", "fr", "de"),
        ("/chat/salon", "de;q=0, en;q=0.1", "en"),
        ("/chat/salon", ";;q=x,,*", "de"),
        ("/chat/salon?lang=en", "de", "en"),
        ("/chat/salon?lang=xx", "de", "de"),
        ("/chat/praxis", "de", "en"),
    ],
)
async def test_the_page_speaks_the_visitors_language(client: Client, path: str, accepted: str, language: str) -> None:
    assert f'<html lang="{language}"' in await page(client, path, **{"Accept-Language": accepted})


async def test_a_business_without_words_of_ours_gets_english(client: Client, gate: FakeGate) -> None:
    gate.desks["kiosk"] = desk("kiosk", "Kiosk", languages=("fr",))
    assert '<html lang="en"' in await page(client, "/chat/kiosk", **{"Accept-Language": "fr"})


async def test_names_are_escaped_and_a_bot_without_a_name_is_a_program(client: Client, gate: FakeGate) -> None:
    gate.desks["odd"] = desk("odd", "<script>\"&'</script>", "</script><b>")
    html = await page(client, "/chat/odd")
    assert "<script>&#34;" not in html and "<b>" not in html and html.count("</script>") == 2
    assert "A program answers here." in await page(client, "/chat/praxis")


async def test_nothing_comes_from_elsewhere_and_nothing_is_inline(client: Client) -> None:
    for path in ("/chat/salon", "/"):
        async with client.get(path) as answer:
            html, policy = await answer.text(), answer.headers["Content-Security-Policy"]
            assert "script-src 'self'" in policy and "frame-ancestors" in policy and "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"""(src|href)="(https?:)?//|<style|\son\w+=|\sstyle=""", html)
        assert all("application/json" in tag or "src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_an_odd_host_header_does_not_reach_the_policy() -> None:
    assert "wss://desk.example:8080" in chat_policy("desk.example:8080")
    assert chat_policy("x; script-src *").count("script-src") == 1


async def test_files_are_kept_for_ever_under_their_hash(client: Client) -> None:
    html = await page(client, "/chat/salon")
    for path in re.findall(r'"(/static/[^"]+)"', html):
        async with client.get(path) as answer:
            assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with client.get("/static/chat.js") as answer:
        assert answer.status == 404


def test_both_languages_have_every_text_and_no_text_is_unused() -> None:
    assert set(TEXTS["de"]) == set(TEXTS["en"])
    scripts = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")))
    used = (FOLDER / "page.html").read_text(encoding="utf-8") + scripts
    by_name = {"presence_", "starter_", "bot", "you", "operator", "system", "waiting", "taken", "done"}
    for name in TEXTS["de"]:
        plain = name.removesuffix("_unnamed")
        named = f"words.{plain}" in used or f"texts.{plain}" in used
        assert named or any(plain.startswith(prefix) for prefix in by_name), name


async def test_health(client: Client, problems: dict[str, str]) -> None:
    async with client.get("/healthz") as answer:
        assert answer.status == 200
    async with client.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ok": True, "wrong": {}})
    problems["redis"] = "does not answer"
    async with client.get("/readyz") as answer:
        assert answer.status == 503 and (await answer.json())["wrong"] == problems


async def test_the_start_page_names_the_desks(client: Client) -> None:
    html = await page(client, "/")
    assert 'href="/chat/salon?lang=de"' in html and 'href="/chat/praxis?lang=en"' in html and "gone" not in html
