"""The chat's WebSocket: nothing lost, nothing twice, nobody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from runtime.core.messages import Inbound, OutboundPart, RenderedButton
from runtime.ports import ChatEntry, Connection
from runtime.web.chat_socket import LARGEST_FRAME, Allowance, entry_frame
from tests.web.conftest import Client
from tests.web.fake_gate import FakeGate

Frame = dict[str, Any]


class Page:
    """What the page does, without a browser."""

    def __init__(self, client: Client, tenant: str = "salon", **options: Any) -> None:
        self._opening = client.ws_connect(f"/chat/{tenant}/ws", **options)
        self.frames: list[Frame] = []

    async def __aenter__(self) -> Page:
        self.socket: ClientWebSocketResponse = await self._opening
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.socket.close()

    async def hello(self, visitor: str = "", after: int = 0) -> Frame:
        await self.socket.send_json({"type": "hello", "visitor": visitor, "after": after})
        welcome = await self.until("welcome")
        await self.until("synced")
        return welcome

    async def say(self, message_id: str, text: str) -> None:
        await self.socket.send_json({"type": "say", "id": message_id, "text": text})

    async def until(self, kind: str) -> Frame:
        """Read on until a frame of this type, or an entry of this kind."""
        while True:
            frame: Frame = await self.socket.receive_json(timeout=5)
            self.frames.append(frame)
            if kind in (frame["type"], frame.get("kind")):
                return frame

    async def close_code(self) -> int | None:
        while not self.socket.closed:
            await self.socket.receive(timeout=5)
        return self.socket.close_code

    def entries(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "entry"]


async def test_a_message_is_taken_and_answered(client: Client) -> None:
    async with Page(client) as page:
        welcome = await page.hello()
        assert (welcome["tenant"], welcome["name"], welcome["language"]) == ("salon", "Salon Lind", "de")
        await page.say("m1", "Hallo")
        turn = await page.until("turn")
        assert {"type": "taken", "id": "m1"} in page.frames
        said, part, _ = page.entries()
        assert said["messages"] == [["m1", "Hallo"]] and part["text"] == "Gehört: Hallo" and part["author"] == "bot"
        assert turn["ids"] == ["m1"] and turn["phase"] == "bot"


async def test_a_conversation_begins_in_the_language_of_the_page(client: Client, gate: FakeGate) -> None:
    taken: list[str] = []
    take_in = gate.take_in

    async def watched(connection: Connection, events: tuple[Inbound, ...]) -> int:
        taken.extend(event.language for event in events)
        return await take_in(connection, events)

    gate.take_in = watched  # type: ignore[method-assign]  # only watched
    for headers in ({"Accept-Language": "en-GB,de;q=0.3"}, {"Accept-Language": "de"}):
        async with Page(client, headers=headers) as page:
            await page.hello()
            await page.say("m1", "Hi")
            await page.until("turn")
    assert taken == ["en", "de"]


async def test_every_entry_comes_once_and_in_order(client: Client) -> None:
    async with Page(client) as page:
        await page.hello()
        for number in range(3):
            await page.say(f"m{number}", "Hallo")
            await page.until("turn")
        assert [entry["number"] for entry in page.entries()] == list(range(1, 10))


async def test_after_a_reload_everything_is_there_again(client: Client) -> None:
    async with Page(client) as page:
        token = (await page.hello())["visitor"]
        await page.say("m1", "Hallo")
        await page.until("turn")
    async with Page(client) as again:
        assert (await again.hello(token))["visitor"] == token
        assert again.entries() == page.entries()
    async with Page(client) as later:
        await later.hello(token, after=2)
        assert [entry["number"] for entry in later.entries()] == [3]


async def test_a_message_sent_again_is_taken_but_not_doubled(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        token = (await page.hello())["visitor"]
        await page.say("m1", "Hallo")
        await page.until("taken")
    async with Page(client) as page:
        await page.hello(token)
        await page.say("m1", "Hallo")
        await page.until("taken")
    assert len(gate.taken) == 1


async def test_a_pressed_button(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        await page.socket.send_json({"type": "press", "id": "m1", "payload": "q1:2", "label": "Dienstag"})
        await page.until("turn")
    assert (gate.taken[0][1].kind, gate.taken[0][1].payload) == ("button", "q1:2")
    assert page.entries()[0]["messages"] == [["m1", "Dienstag"]]


async def test_two_tabs_show_the_same(client: Client) -> None:
    async with Page(client) as one, Page(client) as two:
        token = (await one.hello())["visitor"]
        await two.hello(token)
        await one.say("m1", "Hallo")
        await one.until("turn")
        await two.until("turn")
        assert one.entries() == two.entries()


async def test_a_forged_visitor_gets_an_empty_chat_of_its_own(client: Client) -> None:
    async with Page(client) as page:
        token = (await page.hello())["visitor"]
        await page.say("m1", "geheim")
        await page.until("turn")
    visitor = token.partition(".")[0]
    for tenant, forged in (("salon", visitor), ("salon", f"{visitor}.{'0' * 64}"), ("praxis", token)):
        async with Page(client, tenant) as thief:
            assert (await thief.hello(forged))["visitor"] != token
            assert thief.entries() == []


async def test_storage_down_refuses_and_says_when_to_come_again(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        gate.down = True
        await page.say("m1", "Hallo")
        refused = await page.until("refused")
        assert (refused["id"], refused["retry"]) == ("m1", True) and refused["after_ms"] > 0
        gate.down = False
        await page.say("m1", "Hallo")
        await page.until("turn")
    assert len(gate.taken) == 1


async def test_storage_that_goes_away_closes_the_socket(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        gate.down = True
        await gate.wake_feeds()
        assert await page.close_code() == 1013
    async with Page(client) as page:
        await page.socket.send_json({"type": "hello"})
        assert await page.close_code() == 1013


@pytest.mark.parametrize("text", ["", "x" * 4001])
async def test_what_cannot_be_taken_is_refused_for_good(client: Client, text: str) -> None:
    async with Page(client) as page:
        await page.hello()
        await page.say("m1", text)
        assert (await page.until("refused"))["retry"] is False


async def test_odd_frames_do_no_harm(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        for odd in (
            "",
            "[]",
            "null",
            "{",
            '{"type": 5}',
            '{"type": "typing"}',
            '{"type": "say", "id": {}}',
            "[" * 9000,
        ):
            await page.socket.send_str(odd)
        await page.socket.send_bytes(b"\x00")
        await page.say("m1", "Hallo")
        await page.until("turn")
    assert [event.text for _, event in gate.taken] == ["Hallo"]


@pytest.mark.parametrize("first", ['{"type": "say", "id": "m1", "text": "x"}', "x", "[1]"])
async def test_without_hello_nothing(client: Client, gate: FakeGate, first: str) -> None:
    async with Page(client) as page:
        await page.socket.send_str(first)
        assert await page.close_code() == 1008
    assert gate.taken == []


async def test_a_frame_too_large_ends_the_socket(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        await page.say("m1", "x" * LARGEST_FRAME)
        assert await page.close_code() == 1009
    assert gate.taken == []


async def test_a_flood_is_slowed_down(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        await page.hello()
        for number in range(40):
            await page.say(f"m{number}", "x")
        refused = await page.until("refused")
        assert refused["reason"] == "too_fast" and refused["retry"] is True
    assert 20 <= len(gate.taken) < 40


def test_the_allowance_fills_up_again() -> None:
    allowance = Allowance(0.0)
    assert [allowance.take(0.0) for _ in range(21)] == [True] * 20 + [False]
    assert allowance.take(0.5) and not allowance.take(0.5)
    assert [allowance.take(1000.0) for _ in range(21)][-2:] == [True, False]


@pytest.mark.parametrize(
    ("origin", "allowed"), [("http://{host}", True), ("https://evil.example", False), ("null", False)]
)
async def test_only_our_own_pages_may_connect(client: Client, origin: str, allowed: bool) -> None:
    host = f"{client.host}:{client.port}"
    headers = {"Origin": origin.format(host=host)}
    if allowed:
        async with Page(client, headers=headers) as page:
            await page.hello()
        return
    with pytest.raises(WSServerHandshakeError) as caught:
        await client.ws_connect("/chat/salon/ws", headers=headers)
    assert caught.value.status == 403


async def test_an_unknown_tenant_has_no_socket(client: Client) -> None:
    with pytest.raises(WSServerHandshakeError) as caught:
        await client.ws_connect("/chat/nobody/ws")
    assert caught.value.status == 404


async def test_what_people_of_the_business_write(client: Client, gate: FakeGate) -> None:
    async with Page(client) as page:
        visitor = (await page.hello())["visitor"].partition(".")[0]
        buttons = (RenderedButton("Ja", "y"),)
        await gate.show("salon", visitor, "Hier ist Tom.", buttons, author="operator")
        part = await page.until("part")
        assert (part["author"], part["buttons"]) == ("operator", [{"text": "Ja", "payload": "y"}])


async def test_stopping_tells_the_pages(client: Client) -> None:
    async with Page(client) as page:
        await page.hello()
        assert client.app is not None
        await client.app.shutdown()
        message = await page.socket.receive(timeout=5)
        assert message.type is WSMsgType.CLOSE and page.socket.close_code == 1001


def test_ids_are_the_pages_own_whatever_the_gate_names_them() -> None:
    said = entry_frame(ChatEntry(1, "said", messages=(("v1:m1", "x"), ("m2", "y"))), "v1")
    assert said["messages"] == [["m1", "x"], ["m2", "y"]]
    turn = entry_frame(ChatEntry(2, "turn", ids=("v1:m1",), phase="owned"), "v1")
    assert (turn["ids"], turn["phase"]) == (["m1"], "owned")
    part = OutboundPart("p", "t", "c", "k", "v1", "bot", 0, "Text", extra={"secret": "x"})
    assert "secret" not in json.dumps(entry_frame(ChatEntry(3, "part", part=part), "v1"))
