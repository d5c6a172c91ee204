"""The chat for other websites: who may show it, in which colours, and how much it weighs.

`python -m tests.web.test_widget` prints what each file weighs.
"""

from __future__ import annotations

import dataclasses
import re
import sys

import pytest

from runtime.core.business import WebChat
from runtime.web.colours import DARK_SURFACE, LIGHT_SURFACE, as_text, contrast, shades, style_sheet, written_on
from runtime.web.static_files import FILES
from tests.web.conftest import Client
from tests.web.fake_gate import FakeGate, desk

SHOP = "https://www.salon.example"
LIMIT = 30_000


@pytest.fixture
def gate(gate: FakeGate) -> FakeGate:
    business = dataclasses.replace(gate.desks["salon"].business, webchat=WebChat(origins=(SHOP,)))
    gate.desks["salon"] = dataclasses.replace(gate.desks["salon"], business=business)
    return gate


def sizes() -> dict[str, tuple[int, int]]:
    """Bytes of each file of the widget, as they are and compressed."""
    names = [name for name in FILES.names if name.endswith((".js", ".css")) and not name.startswith("shop")]
    return {name: (len(FILES.file(name).body), len(FILES.file(name).packed)) for name in names}


def test_the_widget_is_small() -> None:
    found = sizes()
    assert found["widget.js"][0] < LIMIT
    assert sum(packed for _, packed in found.values()) < LIMIT - 4_000, "what a page and its answers need besides"


async def test_all_that_a_first_visit_loads_is_small(client: Client) -> None:
    loaded = 0
    for path in ("/widget.js", "/widget/salon/look", f"/widget/salon?origin={SHOP}"):
        loaded += await packed(client, path)
    async with client.get(f"/widget/salon?origin={SHOP}") as page:
        for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', await page.text())):
            loaded += await packed(client, path)
    assert loaded < LIMIT, f"{loaded} bytes over the wire"


async def packed(client: Client, path: str) -> int:
    async with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status == 200
        return int(answer.headers["Content-Length"])


async def test_a_website_that_was_named_gets_the_widget(client: Client) -> None:
    async with client.get("/widget/salon/look?lang=en", headers={"Origin": SHOP}) as answer:
        look = await answer.json()
        assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (look["language"], look["ground"], look["on_ground"], look["notes"]) == ("en", "#0b6870", "#ffffff", [])
    async with client.get(f"/widget/salon?origin={SHOP}") as page:
        policy = page.headers["Content-Security-Policy"]
        assert page.status == 200 and f"frame-ancestors {SHOP}" in policy and "frame-ancestors 'self'" not in policy
        assert f'data-around="{SHOP}"' in await page.text()


@pytest.mark.parametrize(
    "origin", ["https://salon.example", "https://www.salon.example.evil.example", "null", "http://www.salon.example"]
)
async def test_another_website_is_refused_and_told_why(client: Client, origin: str) -> None:
    async with client.get("/widget/salon/look", headers={"Origin": origin}) as answer:
        said = await answer.json()
        assert answer.status == 403 and answer.headers["Access-Control-Allow-Origin"] == "*"
        assert origin in said["error"] and f"origins: [{origin}]" in said["what_next"]
    async with client.get(f"/widget/salon?origin={origin}") as page:
        assert page.status == 403 and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "origin", ["", "*", f"{SHOP} https://evil.example", f"{SHOP};script-src *", "https://*.example"]
)
async def test_nothing_but_an_origin_gets_into_the_policy(client: Client, gate: FakeGate, origin: str) -> None:
    business = dataclasses.replace(gate.desks["salon"].business, webchat=WebChat(origins=("*",)))
    gate.desks["salon"] = dataclasses.replace(gate.desks["salon"], business=business)
    async with client.get("/widget/salon", params={"origin": origin}) as page:
        assert page.status == 403


async def test_the_page_itself_stands_in_no_other_website(client: Client) -> None:
    async with client.get("/chat/salon", headers={"Origin": SHOP}) as page:
        assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]


async def test_our_own_pages_may_show_it(client: Client) -> None:
    own = str(client.make_url("/")).rstrip("/")
    async with client.get(f"/widget/praxis?origin={own}") as page:
        assert page.status == 200
    async with client.get("/widget/praxis/look") as look:
        assert look.status == 200
    async with client.get("/widget/nobody/look", headers={"Origin": SHOP}) as look:
        assert look.status == 404 and "data-tenant" in (await look.json())["what_next"]


async def test_the_script_is_for_everybody_and_asked_for_again(client: Client) -> None:
    async with client.get("/widget.js") as script:
        assert script.status == 200 and script.content_type == "text/javascript"
        assert script.headers["Cache-Control"] == "public, max-age=600"


async def test_what_an_owner_hears_about_a_colour(client: Client) -> None:
    async with client.get("/widget/salon/look?accent=%23ffd400&theme=light") as answer:
        look = await answer.json()
    assert (look["accent"], look["on_ground"]) == ("ffd400", "#000000")
    (note,) = look["notes"]
    assert "#ffd400" in note and "light theme (1.4:1" in note
    async with client.get("/widget/salon/look?accent=petrol") as answer:
        assert "no colour like #0b6870" in (await answer.json())["notes"][0]


async def test_the_shop_is_there_as_long_as_the_demo_studio_is(client: Client, gate: FakeGate) -> None:
    async with client.get("/demo/shop") as page:
        assert page.status == 404
    gate.desks["demo"] = desk("demo", "Studio Birkenhof")
    async with client.get("/demo/shop?lang=en") as page:
        text = await page.text()
        assert page.status == 200 and text.count("<script") == 1 and 'src="/widget.js" data-tenant="demo"' in text


@pytest.mark.parametrize("base_path", ["/arni"])
async def test_all_of_it_moves_below_the_base_path(client: Client, gate: FakeGate, base_path: str) -> None:
    gate.desks["demo"] = desk("demo", "Studio Birkenhof")
    async with client.get("/arni/demo/shop") as page:
        assert 'src="/arni/widget.js"' in await page.text()
    async with client.get(f"/arni/widget/salon?origin={SHOP}&accent=24504b") as page:
        text = await page.text()
    assert 'data-socket="/arni/chat/salon/ws"' in text
    for path in ("/arni/widget.js", *re.findall(r'(?:src|href)="(/[^"]+)"', text)):
        async with client.get(path) as answer:
            assert path.startswith("/arni/") and answer.status == 200, path


def test_black_or_white_can_be_read_on_every_colour() -> None:
    greys = [f"#{level:02x}{level:02x}{level:02x}" for level in range(256)]
    assert min(contrast(written_on(grey), grey) for grey in greys) >= 4.5


@pytest.mark.parametrize("colour", ["#0b6870", "#7a3524", "#ffd400", "#ffffff", "#000000", "#ff00ff", "#808080"])
@pytest.mark.parametrize("surface", [LIGHT_SURFACE, DARK_SURFACE])
def test_what_is_drawn_can_be_read(colour: str, surface: str) -> None:
    drawn = shades(colour, surface)
    for one, other in (
        (drawn.accent, surface), (drawn.accent, drawn.soft), (drawn.on_accent, drawn.accent),
        (drawn.on_ground, drawn.ground),
    ):  # fmt: skip
        assert contrast(one, other) >= 4.5
    assert as_text(drawn.accent, surface) == drawn.accent
    assert style_sheet(colour).count("--ground") == 3


if __name__ == "__main__":
    for one, (plain, small) in sizes().items():
        sys.stdout.write(f"{one:12} {plain:7} bytes {small:7} compressed\n")
    whole = [sum(column) for column in zip(*sizes().values(), strict=True)]
    sys.stdout.write(f"{'together':12} {whole[0]:7} bytes {whole[1]:7} compressed\n")
