"""The operator API: who may, what it does, what it says when it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.ports import OperatorAct
from tests.web.conftest import TOKEN, Client
from tests.web.fake_gate import FakeGate

GOOD = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def conversation(gate: FakeGate) -> None:
    gate.chat("salon", "k1").phase = "queued"


async def act(client: Client, verb: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    path = f"/v1/conversations/k1/{verb}?tenant=salon"
    async with client.post(path, json=body, headers=GOOD if headers is None else headers) as answer:
        return answer.status, await answer.json()


async def test_claim_reply_note_release(client: Client, gate: FakeGate) -> None:
    tom = {"operator": "Tom"}
    assert await act(client, "claim", tom) == (200, {"done": True, "phase": "owned", "owner": "Tom"})
    assert (await act(client, "reply", {**tom, "text": " Hallo ", "message_id": "r1"}))[0] == 200
    assert (await act(client, "note", {**tom, "text": "Stammkundin"}))[0] == 200
    assert await act(client, "release", {**tom, "how": "drop"}) == (200, {"done": True, "phase": "bot", "owner": None})
    assert gate.acts[1][2] == OperatorAct("reply", "Tom", "Hallo", "resume", "r1")
    assert gate.acts[3][2].how == "drop"


async def test_somebody_else_has_it(client: Client) -> None:
    await act(client, "claim", {"operator": "Tom"})
    status, answer = await act(client, "claim", {"operator": "Ada"})
    assert status == 409 and answer["owner"] == "Tom" and "Tom" in answer["error"] and answer["what_next"]


async def test_a_reply_without_a_claim(client: Client) -> None:
    status, answer = await act(client, "reply", {"operator": "Ada", "text": "Hallo"})
    assert status == 409 and answer["phase"] == "queued" and "Claim" in answer["what_next"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic ä"},
    ],
)
async def test_without_the_token_nothing(client: Client, gate: FakeGate, headers: dict[str, str]) -> None:
    assert (await act(client, "claim", {"operator": "Tom"}, headers))[0] == 403
    async with client.get("/v1/handoffs", headers=headers) as answer:
        assert answer.status == 403
    assert gate.acts == []


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("claim", {}),
        ("claim", []),
        ("claim", {"operator": ""}),
        ("claim", {"operator": "Tom", "extra": 1}),
        ("reply", {"operator": "Tom", "text": "  "}),
        ("note", {"operator": "Tom"}),
        ("release", {"operator": "Tom", "how": "burn"}),
        ("reply", {"operator": "Tom", "text": "x" * 4001}),
    ],
)
async def test_odd_bodies_are_refused(client: Client, gate: FakeGate, verb: str, body: Any) -> None:
    status, answer = await act(client, verb, body)
    assert status == 400 and answer["error"] and answer["what_next"] and gate.acts == []


async def test_handoffs_and_unknown_things(client: Client, gate: FakeGate) -> None:
    async with client.get("/v1/handoffs?tenant=salon", headers=GOOD) as answer:
        assert [one["conversation"] for one in (await answer.json())["handoffs"]] == ["k1"]
    async with client.get("/v1/handoffs?tenant=praxis", headers=GOOD) as answer:
        assert (await answer.json())["handoffs"] == []
    async with client.post("/v1/conversations/zz/claim", json={"operator": "Tom"}, headers=GOOD) as answer:
        assert answer.status == 404
    async with client.post("/v1/conversations/k1/dance", json={"operator": "Tom"}, headers=GOOD) as answer:
        assert answer.status == 404
    gate.down = True
    assert (await act(client, "claim", {"operator": "Tom"}))[0] == 503
