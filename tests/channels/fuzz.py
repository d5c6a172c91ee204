"""Damaged payloads for Meta's parsers and for the edge in front of them: never an error of ours, and nothing lost.

    python -m tests.channels.fuzz --cases 10000 [--seed 1] [--edge 2000]

A case is a real payload with a few things done to it: bytes cut, flipped or put in, types swapped, fields renamed,
dropped or doubled, invented types, deep nesting, huge values, wrong encodings. Whoever reads it must refuse it as no
JSON, or account for every message id that is still a message's id in it: in an event, or in a body that is laid aside.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import dataclasses
import json
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from channels.browser import BrowserChannel
from channels.messenger import MessengerChannel
from channels.whatsapp import WhatsAppChannel
from runtime.core.messages import Inbound
from runtime.errors import BadRequest
from runtime.parsing import event_json
from runtime.ports import Connection, RawRequest
from runtime.settings import Settings
from runtime.web.edge import make_app
from tests.channels.messenger_payloads import MESSENGER, PAGE, from_page, item, page
from tests.channels.meta_payloads import Json, signed
from tests.channels.whatsapp_payloads import NUMBER, PERSON, WHATSAPP, change, whatsapp
from tests.support.accounts import KeptAccounts
from tests.web.fake_gate import FakeGate, desk

Channel = WhatsAppChannel | MessengerChannel
SECRET = "app-secret-of-the-fuzz"
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 1.5, 1e300, 10**40, "", "x", "\ud800", "\x00", "ü" * 50, [], {}, [[]], [None], [{}],
    {"id": {"id": []}}, {"id": 5}, [1, "a", {"type": "text"}], "9" * 4000,
)  # fmt: skip


def seeds(channel: Channel, chance: random.Random) -> Json:
    """A batch of several people, put together from the known payloads, each message under an id of its own."""
    whole = _whatsapp_batch(chance) if isinstance(channel, WhatsAppChannel) else _messenger_batch(chance)
    return _with_fresh_ids(whole, chance)


def _whatsapp_batch(chance: random.Random) -> Json:
    names = chance.sample(sorted(WHATSAPP), 3)
    changes = [one for name in names for entry in WHATSAPP[name][0].get("entry", []) for one in entry["changes"]]
    two = [{"from": PERSON, "id": "wamid.x", "type": "text", "text": {"body": str(n)}} for n in range(2)]
    read = [{"id": "wamid.o", "status": "read", "recipient_id": PERSON}]
    return whatsapp(*copy.deepcopy(changes), change({"messages": two, "statuses": read}))


def _messenger_batch(chance: random.Random) -> Json:
    names = chance.sample(sorted(MESSENGER), 3)
    entries = [entry for name in names for entry in MESSENGER[name][0]["entry"]]
    own = page(
        item(message={"mid": "m_x", "text": "a"}), from_page(message={"mid": "m_y", "is_echo": True, "text": "b"})
    )
    return {"object": "page", "entry": [*copy.deepcopy(entries), *own["entry"]]}


def _with_fresh_ids(payload: Json, chance: random.Random) -> Json:
    for found in messages(payload):
        for name in ("id", "mid"):
            if isinstance(found.get(name), str):
                found[name] = f"id.{chance.getrandbits(60):x}"
    return payload


def messages(value: object, under: str = "") -> Iterator[Json]:
    """Every message, status or echo that stands where messages stand."""
    if isinstance(value, dict):
        if under.startswith(("message", "status", "postback")):
            yield value
        for name, inner in value.items():
            yield from messages(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from messages(inner, under)


def ids(payload: object) -> set[str]:
    """The ids that must be accounted for."""
    found = [one.get(name) for one in messages(payload) for name in ("id", "mid")]
    return {one for one in found if isinstance(one, str) and one.startswith("id.")}


# ---- damage


def _nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place in the payload: its container and its key."""
    found, open_ = [], [value]
    while open_:
        one = open_.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else []
        for key in keys:
            found.append((one, key))
            open_.append(one[key])
    return found


def _swap(payload: Json, chance: random.Random) -> None:
    holder, key = chance.choice(_nodes(payload))
    holder[key] = copy.deepcopy(chance.choice(_ODD))


def _rename(payload: Json, chance: random.Random) -> None:
    places = [(holder, key) for holder, key in _nodes(payload) if isinstance(holder, dict)]
    holder, key = chance.choice(places)
    holder[f"{key}{chance.choice('_xZ9')}"] = holder.pop(key)


def _drop(payload: Json, chance: random.Random) -> None:
    holder, key = chance.choice(_nodes(payload))
    del holder[key]


def _double(payload: Json, chance: random.Random) -> None:
    places = [(holder, key) for holder, key in _nodes(payload) if isinstance(holder, list)]
    if places:
        holder, key = chance.choice(places)
        holder.append(copy.deepcopy(holder[key]))


def _invent(payload: Json, chance: random.Random) -> None:
    places = [
        (holder, key) for holder, key in _nodes(payload) if key in ("type", "field", "status", "action", "object")
    ]
    if places:
        holder, key = chance.choice(places)
        holder[key] = f"invented_{chance.randrange(99)}"


def _wrap(payload: Json, chance: random.Random) -> None:
    holder, key = chance.choice(_nodes(payload))
    holder[key] = [holder[key]]


def _deepen(payload: Json, chance: random.Random) -> None:
    holder, key = chance.choice(_nodes(payload))
    for _ in range(chance.choice((5, 50, 400))):
        holder[key] = {"a": holder[key]} if chance.random() < 0.5 else [holder[key]]


def _swell(payload: Json, chance: random.Random) -> None:
    holder, key = chance.choice(_nodes(payload))
    holder[key] = chance.choice(("x" * 50_000, ["a"] * 3000, "🙂" * 9000))


_SHAPES: tuple[Callable[[Json, random.Random], None], ...] = (
    _swap, _swap, _swap, _rename, _drop, _double, _invent, _wrap, _deepen, _swell,
)  # fmt: skip


def _cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body))]


def _flip(body: bytes, chance: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _insert(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + chance.randbytes(chance.randint(1, 8)) + body[at:]


def _encode(body: bytes, chance: random.Random) -> bytes:
    text = json.dumps(json.loads(body), ensure_ascii=False)
    return text.encode(chance.choice(("latin-1", "utf-16", "cp1252", "utf-8")), "replace")


def _nest(body: bytes, chance: random.Random) -> bytes:
    return b'{"entry":' * 3000 + body if chance.random() < 0.5 else b"[" * 5000 + body


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _flip, _flip, _insert, _encode, _nest)


def damaged(channel: Channel, chance: random.Random) -> bytes:
    """One case."""
    payload = seeds(channel, chance)
    try:
        for _ in range(chance.randint(0, 4)):
            if _nodes(payload):
                chance.choice(_SHAPES)(payload, chance)
        body = json.dumps(payload).encode()
    except RecursionError:  # deeper than Python itself can write; such bodies are made of bytes
        body = b'{"entry":' * 3000
    return chance.choice(_BYTES)(body, chance) if chance.random() < 0.4 else body


# ---- what must hold


def read_as_python(body: bytes) -> object:
    """What a lenient reader finds; None where there is no JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def told_of(event: Inbound) -> set[str]:
    """The ids that an event carries."""
    return {event.message_id, *event.message_ids, *event.event_id.split(":")}


def is_kept_aside(event: Inbound) -> bool:
    """As the receiver decides where the account is known."""
    nowhere = not event.conversation_id and event.kind != "account_event"
    return nowhere or (event.kind == "unsupported" and not event.answer)


def check(channel: Channel, body: bytes) -> str:
    """What the parser made of it: `refused`, `read` or `aside`. Raises AssertionError when something is lost."""
    request = RawRequest("POST", "/", {}, body)
    try:
        events = channel.parse(request).events
    except BadRequest:
        return "refused"
    for event in events:
        assert event.event_id and event.kind
        json.dumps(event_json(event), ensure_ascii=False, allow_nan=False).encode()
    found = read_as_python(body)
    assert found is not None
    missing = ids(found) - {one for event in events for one in told_of(event)}
    if missing or any(is_kept_aside(event) for event in events):
        kept = [part for part in channel.split(request) if any(map(is_kept_aside, _read(channel, part)))]
        lost = missing - {one for part in kept for one in ids(json.loads(part))}
        assert not lost, f"lost {lost} of {body[:3000]!r}"
        return "aside"
    return "read"


def _read(channel: Channel, body: bytes) -> tuple[Inbound, ...]:
    return channel.parse(RawRequest("POST", "/", {}, body)).events


def through_parser(channel: Channel, cases: int, seed: int) -> Counter[str]:
    """Counts by what became of the cases."""
    chance = random.Random(seed)
    return Counter(check(channel, damaged(channel, chance)) for _ in range(cases))


@dataclasses.dataclass
class Door:
    """The edge with one connection of each channel."""

    gate: FakeGate
    accounts: KeptAccounts

    @classmethod
    def make(cls) -> Door:
        gate = FakeGate({"salon": desk("salon", "Salon")}, answer=lambda _: ())
        gate.hold()
        secrets = {"app_secret": SECRET}
        known = [
            Connection("salon", "w", "whatsapp_cloud", {"phone_number_id": NUMBER}, secrets),
            Connection("salon", "m", "messenger", {"page_id": PAGE}, secrets),
        ]
        return cls(gate, KeptAccounts(gate, known))


async def through_edge(channel: Channel, cases: int, seed: int) -> Counter[str]:
    """The same over HTTP: counts by status, and nothing that was accepted is lost."""
    chance, counts, door = random.Random(seed), Counter[str](), Door.make()
    path = "whatsapp" if isinstance(channel, WhatsAppChannel) else "facebook"
    app = make_app(
        door.gate, Settings(), {path: channel}, b"k" * 32, "t", webchat=BrowserChannel(), accounts=door.accounts
    )
    async with TestClient(TestServer(app)) as client:
        for _ in range(cases):
            body = damaged(channel, chance)
            door.gate.taken.clear()
            door.accounts.aside.clear()
            async with client.post(f"/webhook/{path}/salon", data=body, headers=signed(body, SECRET)) as answer:
                assert answer.status in (200, 400, 413), (answer.status, body[:2000])
                counts[str(answer.status)] += 1
            if answer.status == 200:
                counts["aside"] += bool(door.accounts.aside)
                _nothing_is_lost(door, body)
    return counts


def _nothing_is_lost(door: Door, body: bytes) -> None:
    taken = {one for _, event in door.gate.taken for one in told_of(event)}
    aside = {one for _, _, part, _ in door.accounts.aside for one in ids(json.loads(part))}
    already = {name for _, name in door.gate._seen}
    lost = {one for one in ids(read_as_python(body)) - taken - aside if not any(one in name for name in already)}
    assert not lost, f"lost {lost} of {body[:3000]!r}"


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description="Damaged payloads for Meta's parsers and the edge.")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--edge", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    channels: Mapping[str, Channel] = {"whatsapp": WhatsAppChannel(), "messenger": MessengerChannel()}
    for name, channel in channels.items():
        counts = through_parser(channel, options.cases, options.seed)
        sys.stdout.write(f"{name} parser: {options.cases} cases, {dict(counts)}, nothing lost\n")
        edge = asyncio.run(through_edge(channel, options.edge, options.seed + 1))
        sys.stdout.write(f"{name} edge: {options.edge} cases, {dict(edge)}, never 5xx, nothing lost\n")


if __name__ == "__main__":
    main()
