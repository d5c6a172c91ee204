"""What Messenger's notifications mean, and what they cannot break."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from channels.messenger import MessengerChannel
from runtime.core.messages import Inbound
from runtime.parsing import parse_json
from runtime.ports import RawRequest
from tests.channels.messenger_payloads import MESSENGER, PSID, item, page
from tests.channels.meta_payloads import Json, assert_means, encoded

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "messenger"


def request(body: bytes) -> RawRequest:
    return RawRequest("POST", "/webhook/facebook/salon", {}, body)


def read(payload: object) -> tuple[Inbound, ...]:
    return MessengerChannel().parse(request(encoded(payload))).events


@pytest.mark.parametrize("name", sorted(MESSENGER))
def test_payload(name: str) -> None:
    payload, wanted = MESSENGER[name]
    assert_means(parse_json(MessengerChannel(), request(encoded(payload)))["events"], wanted)


def test_shared_samples() -> None:
    if not SAMPLES.is_dir():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{SAMPLES} is absent"
        pytest.skip("the shared samples are not beside the project")
    index = json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))["samples"]
    for name, case in index.items():
        got = parse_json(MessengerChannel(), request((SAMPLES / name).read_bytes()))["events"]
        wanted = [{key: value for key, value in event.items() if key != "why"} for event in case["events"]]
        for attachment in (one for want in wanted for one in want.get("attachments", ())):
            attachment.pop("title", None)
        assert_means(got, wanted)


def test_an_echo_and_its_message_have_different_marks() -> None:
    sent = {"mid": "m_x", "text": "a"}
    echoed = read(page({**item(), "message": {**sent, "is_echo": True}}))[0]
    assert echoed.event_id != read(page(item(message=sent)))[0].event_id


def test_every_edit_has_its_own_mark() -> None:
    marks = {read(page(item(message_edit={"mid": "m", "text": "a", "num_edit": n})))[0].event_id for n in (1, 2)}
    assert len(marks) == 2


def test_receipts_without_ids_are_marked_by_content() -> None:
    first, again, later = (read(page(item(read={"watermark": at})))[0].event_id for at in (1, 1, 2))
    assert first == again != later


def test_split_bodies_read_like_the_whole() -> None:
    payload = page(item(message={"mid": "m_1", "text": "a"}), item(read={"watermark": 5}))
    payload["entry"][0]["standby"] = [item(message={"mid": "m_2", "text": "b"})]
    parts = MessengerChannel().split(request(encoded(payload)))
    apart = [event for part in parts for event in MessengerChannel().parse(request(part)).events]
    assert [event.event_id for event in apart] == [event.event_id for event in read(payload)] and len(parts) == 3


@pytest.mark.parametrize(
    "odd", [{"entry": 5}, {"entry": [None]}, {"entry": [{"messaging": "x"}]}, page(item(message=[])), page({}),
            page(item(message={})), page(item(reaction={"action": "react"})), page(item(message_edit={"text": "x"}))],
)  # fmt: skip
def test_what_has_another_shape_is_kept_as_unsupported(odd: Json) -> None:
    assert [(event.kind, event.answer) for event in read(odd)] == [("unsupported", False)]


def test_a_page_never_talks_to_itself() -> None:
    event = read(
        page({"sender": {"id": "150015001500150"}, "recipient": {"id": PSID}, "message": {"mid": "m", "text": "x"}})
    )
    assert [(one.conversation_id, one.answer) for one in event] == [(PSID, False)]


def test_what_is_odd_beside_good_ones_is_kept_too() -> None:
    payload = page(item(message={"mid": "m_good", "text": "a"}))
    payload["entry"][0]["messaging"] += [[item(message={"mid": "m_nested", "text": "b"})], "x"]
    payload["entry"][0]["messaging_"] = [{"mid": "m_renamed"}]
    events = read({**payload, "entry": [*payload["entry"], None]})
    assert sorted(event.kind for event in events) == ["text", "unsupported", "unsupported", "unsupported"]
