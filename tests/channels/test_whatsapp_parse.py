"""What WhatsApp's notifications mean, and what they cannot break."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from channels.whatsapp import WhatsAppChannel
from runtime.core.messages import Inbound
from runtime.parsing import parse_json
from runtime.ports import RawRequest
from tests.channels.meta_payloads import Json, assert_means, encoded
from tests.channels.whatsapp_payloads import PERSON, USER, WHATSAPP, change, message, status, whatsapp

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "whatsapp_cloud"


def request(body: bytes) -> RawRequest:
    return RawRequest("POST", "/webhook/whatsapp/salon", {}, body)


def read(payload: object) -> tuple[Inbound, ...]:
    return WhatsAppChannel().parse(request(encoded(payload))).events


@pytest.mark.parametrize("name", sorted(WHATSAPP))
def test_payload(name: str) -> None:
    payload, wanted = WHATSAPP[name]
    assert_means(parse_json(WhatsAppChannel(), request(encoded(payload)))["events"], wanted)


def test_shared_samples() -> None:
    if not SAMPLES.is_dir():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{SAMPLES} is absent"
        pytest.skip("the shared samples are not beside the project")
    index = json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))["samples"]
    for name, case in index.items():
        got = parse_json(WhatsAppChannel(), request((SAMPLES / name).read_bytes()))["events"]
        wanted = [{key: event[key] for key in event if key not in _FREE} for event in case["events"]]
        for event, want in zip(got, wanted, strict=True):
            _drop_free(event, want)
        assert_means(got, wanted)


_FREE = ("why", "note", "location")


def _drop_free(event: Json, want: Json) -> None:
    """`either` is free, and no attachments are no attachments."""
    for name in [name for name, value in want.items() if value == "either"]:
        del want[name]
    for name in [name for name, value in want.items() if value is None and not event.get(name)]:
        del want[name]


def test_each_status_has_its_own_mark_and_the_same_again_the_same() -> None:
    marks = [read(status(word))[0].event_id for word in ("sent", "delivered", "read", "read")]
    assert len(set(marks)) == 3 and marks[2] == marks[3]


def test_news_of_the_account_are_marked_by_content() -> None:
    first, again = (read(WHATSAPP["quality"][0])[0].event_id for _ in range(2))
    other = whatsapp({"field": "phone_number_quality_update", "value": {"event": "UNFLAGGED"}})
    assert first == again != read(other)[0].event_id


def test_somebody_with_a_user_id_is_the_same_with_and_without_a_number() -> None:
    both = message("text", {"body": "a"}, contacts=[{"wa_id": PERSON, "user_id": USER}])
    alone = message("text", {"body": "b"}, contacts=[{"user_id": USER}], sender=None)
    before = message("text", {"body": "c"})
    (first,), (second,), (old,) = read(both), read(alone), read(before)
    assert first.conversation_id == second.conversation_id == USER
    assert old.conversation_id in first.aliases and "phone" not in second.extra


def test_split_bodies_read_like_the_whole() -> None:
    payload = whatsapp(*(WHATSAPP[name][0]["entry"][0]["changes"][0] for name in ("text", "status_sent", "quality")))
    whole = read(payload)
    parts = WhatsAppChannel().split(request(encoded(payload)))
    assert len(parts) == 3
    apart = [event for part in parts for event in WhatsAppChannel().parse(request(part)).events]
    assert [event.event_id for event in apart] == [event.event_id for event in whole]


@pytest.mark.parametrize(
    "odd", [{"entry": 5}, {"entry": [None]}, {"entry": [{"changes": "x"}]}, {"entry": [{"changes": [[]]}]},
            whatsapp({"field": "messages", "value": []}), whatsapp(change({"messages": [7]})),
            whatsapp(change({"statuses": [{"status": "sent"}]})), whatsapp(change({"messages": [], "x": 1}))],
)  # fmt: skip
def test_what_has_another_shape_is_kept_as_unsupported(odd: Json) -> None:
    assert [(event.kind, event.answer) for event in read(odd)] == [("unsupported", False)]


def test_what_is_odd_beside_good_ones_is_kept_too() -> None:
    good = {"from": PERSON, "id": "wamid.good", "type": "text", "text": {"body": "a"}}
    odd = [[{**good, "id": "wamid.nested"}], 7]
    events = read(whatsapp(change({"messages": [good, *odd], "statuses_": [{"id": "wamid.renamed"}]})))
    assert [event.kind for event in events] == ["text", "unsupported", "unsupported"]
    assert len({event.event_id for event in events}) == 3
