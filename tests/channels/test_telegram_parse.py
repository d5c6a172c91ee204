"""What updates mean: our own fixtures, the shared samples, and anything at all."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.telegram import TelegramChannel
from channels.telegram_updates import ALLOWED_UPDATES
from runtime.core.messages import Inbound
from runtime.errors import BadRequest
from runtime.parsing import parse_json
from runtime.ports import RawRequest
from tests.support.chance import tries

FIXTURES = Path(__file__).parent / "fixtures" / "telegram"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "telegram"


def request(body: bytes, **query: str) -> RawRequest:
    return RawRequest("POST", "/webhook/telegram/salon", {}, body, query)


def parse(update: object, **query: str) -> tuple[Inbound, ...]:
    return TelegramChannel().parse(request(json.dumps(update).encode(), **query)).events


def assert_means(got: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert len(got) == len(wanted)
    for event, want in zip(got, wanted, strict=True):
        for name, value in want.items():
            if name in ("attachments", "contacts"):
                assert len(event[name]) == len(value), name
                for item, wanted_item in zip(event[name], value, strict=True):
                    assert {key: item[key] for key in wanted_item} == wanted_item
            elif name not in ("why", "note"):
                assert event[name] == value, name


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_fixture(name: str) -> None:
    body = (FIXTURES / f"{name}.json").read_bytes()
    assert_means(parse_json(TelegramChannel(), request(body))["events"], EXPECTED[name])


def test_every_fixture_has_an_expectation() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} - {"expected"} == set(EXPECTED)


def test_shared_samples() -> None:
    if not SAMPLES.is_dir():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{SAMPLES} is absent"
        pytest.skip("the shared samples are not beside the project")
    index = json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))["samples"]
    for name, case in index.items():
        got = parse_json(TelegramChannel(), request((SAMPLES / name).read_bytes()))["events"]
        assert_means(got, case["events"])


def test_one_update_has_one_event_id_and_times_are_aware() -> None:
    (event,) = parse(json.loads((FIXTURES / "text.json").read_text()))
    assert event.event_id == f"telegram:{event.order}" and event.order > 0
    assert event.at is not None and event.at.utcoffset() is not None


def test_without_an_update_id_the_body_is_its_own_mark() -> None:
    first, again, other = (parse({"message": {"text": text, "chat": {"id": 1}}})[0] for text in ("a", "a", "b"))
    assert first.event_id == again.event_id != other.event_id


GROUP = {"id": -100, "type": "supergroup"}


@pytest.mark.parametrize(
    ("text", "bot", "answer"),
    [
        ("@salon_bot bitte", "salon_bot", True),
        ("@Salon_Bot bitte", "salon_bot", True),
        ("hallo @other_bot", "salon_bot", False),
        ("hallo @other_bot", "", True),
        ("/termin@other_bot", "salon_bot", False),
        ("/termin", "salon_bot", True),
        ("schreib an x@robot.de", "", False),
        ("wer kommt?", "salon_bot", False),
    ],
)
def test_groups_know_who_is_meant(text: str, bot: str, answer: bool) -> None:
    update = {"update_id": 1, "message": {"message_id": 2, "from": {"id": 3}, "chat": GROUP, "text": text}}
    assert parse(update, bot=bot)[0].answer is answer


def test_a_reply_to_another_bot_is_not_for_us() -> None:
    quoted = {"message_id": 1, "from": {"id": 9, "is_bot": True, "username": "other_bot"}}
    message = {"message_id": 2, "from": {"id": 3}, "chat": GROUP, "text": "ja", "reply_to_message": quoted}
    assert not parse({"update_id": 1, "message": message}, bot="salon_bot")[0].answer
    assert parse({"update_id": 1, "message": message})[0].answer


def test_text_holds_nothing_that_storage_refuses() -> None:
    (event,) = parse({"update_id": 1, "message": {"chat": {"id": 1}, "text": "a\x00b\ud83dc 😀"}})
    assert event.text == "ab\ufffdc 😀"


FIELDS = st.sampled_from([
    *ALLOWED_UPDATES, "update_id", "from", "chat", "id", "text", "caption", "photo", "voice", "sticker", "contact",
    "entities", "reply_to_message", "message_ids", "new_reaction", "new_chat_member", "status", "type", "date", "venue",
    "location", "latitude", "file_id", "file_size", "duration", "is_bot", "username", "data", "media_group_id", "width",
])  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(["supergroup", "private", "kicked", "/start", "@x_bot", 2**63, -(2**70), 10**300])
)  # fmt: skip
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=6), max_leaves=40
)


@settings(max_examples=tries(400), deadline=None)
@given(st.dictionaries(FIELDS, ANY_JSON, max_size=4))
def test_no_json_object_is_an_error(update: dict[str, object]) -> None:
    got = parse_json(TelegramChannel(), request(json.dumps(update).encode()))
    assert got["events"] and all(event["kind"] and event["event_id"] for event in got["events"])
    json.dumps(got, ensure_ascii=False).encode()


@settings(max_examples=tries(200), deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.integers(0, 2000), st.binary(max_size=3))
def test_cut_and_damaged_updates_are_read_or_refused(name: str, cut: int, noise: bytes) -> None:
    body = (FIXTURES / f"{name}.json").read_bytes()
    with contextlib.suppress(BadRequest):
        assert TelegramChannel().parse(request(body[:cut] + noise + body[cut + len(noise) :])).events


def test_deep_and_huge_bodies_are_the_senders_fault_or_read() -> None:
    for body in (b'{"message":' * 50_000, b"[" * 200_000, b'{"update_id":' + b"9" * 5000 + b"}"):
        with pytest.raises(BadRequest):
            TelegramChannel().parse(request(body))
    assert len(parse({"update_id": 1, "message": {"chat": {"id": 1}, "text": "x" * 500_000}})[0].text) == 500_000
