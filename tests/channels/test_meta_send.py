"""What WhatsApp and Messenger get, word for word; their error codes; reading marks; whose number and page it is."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels import messenger_sending, whatsapp_sending
from channels.graph import MESSENGER, WHATSAPP
from channels.messenger import MessengerChannel
from channels.whatsapp import WhatsAppChannel
from runtime.core.messages import Attachment, RenderedButton, Template
from runtime.errors import ProviderRefused, ProviderUnavailable
from runtime.outbound import HttpOutbound
from runtime.ports import Connection
from tests.channels.contract import Hurried, part
from tests.channels.outbound_contract import PHOTO, buttons
from tests.channels.test_outbound_kinds import messenger, whatsapp
from tests.support.graph_stub import NUMBER, PAGE, TOKEN, GraphStub

DAY_MS = 24 * 3_600_000
NOW_S = 1_795_170_000.0


@pytest.fixture
async def stub() -> AsyncIterator[GraphStub]:
    stub = await GraphStub().start()
    yield stub
    await stub.stop()


@pytest.fixture
async def http() -> AsyncIterator[HttpOutbound]:
    async with HttpOutbound() as http:
        yield http


def test_the_published_description_is_used() -> None:
    if not GraphStub().checks_schema:
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", "WhatsApp's description is absent"
        pytest.skip("WhatsApp's description is not beside the project")


async def on_whatsapp(stub: GraphStub, http: HttpOutbound, text: str = "Wann?", **more: Any) -> dict[str, Any]:
    """The body of the last message that this part became."""
    await WhatsAppChannel().send(part(text, **more), whatsapp(stub), http)
    assert stub.objections == []
    return stub.accepted[-1]


async def on_messenger(stub: GraphStub, http: HttpOutbound, text: str = "Wann?", **more: Any) -> dict[str, Any]:
    await messenger_sending.send_part(part(text, **more), messenger(stub), http, clock=lambda: NOW_S)
    assert stub.objections == []
    return stub.accepted[-1]


async def test_whatsapp_buttons_lists_and_numbers(stub: GraphStub, http: HttpOutbound) -> None:
    body = await on_whatsapp(stub, http, buttons=buttons("Ja", "Nein"))
    assert body["interactive"] == {
        "type": "button", "body": {"text": "Wann?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "pick|q7|0", "title": "Ja"}},
                               {"type": "reply", "reply": {"id": "pick|q7|1", "title": "Nein"}}]},
    }  # fmt: skip
    body = await on_whatsapp(stub, http, buttons=buttons("Haarschnitt", "Färben", "Bart", "Kind"), menu="Auswählen")
    action = body["interactive"]["action"]
    assert body["interactive"]["type"] == "list" and action["button"] == "Auswählen"
    assert [row["title"] for row in action["sections"][0]["rows"]] == ["Haarschnitt", "Färben", "Bart", "Kind"]
    body = await on_whatsapp(stub, http, buttons=buttons("Dienstag, 24. November, 15:00 Uhr", "Mittwoch"))
    assert body["interactive"]["action"]["sections"][0]["rows"] == [
        {"id": "pick|q7|0", "title": "1. Dienstag, 24.…", "description": "Dienstag, 24. November, 15:00 Uhr"},
        {"id": "pick|q7|1", "title": "2. Mittwoch"},
    ]
    body = await on_whatsapp(stub, http, buttons=buttons(*(f"Tag {number}" for number in range(11))))
    assert body["text"]["body"].startswith("Wann?\n\n1. Tag 0\n2. Tag 1\n")


async def test_only_the_end_of_a_long_question_carries_the_buttons(stub: GraphStub, http: HttpOutbound) -> None:
    text = f"{'Das ist ein Satz. ' * 300}\n\nPasst Ihnen das?"
    await on_whatsapp(stub, http, text, buttons=buttons("Ja"))
    assert [one["type"] for one in stub.accepted] == ["text", "text", "interactive"]
    assert stub.accepted[-1]["interactive"]["body"]["text"] == "Passt Ihnen das?"
    assert all(one["text"]["body"].endswith("Satz.") for one in stub.accepted[:-1])


async def test_whom_whatsapp_reaches(stub: GraphStub, http: HttpOutbound) -> None:
    assert (await on_whatsapp(stub, http, chat="+4915112345678"))["to"] == "4915112345678"
    body = await on_whatsapp(stub, http, chat="DE.4821aB9")
    assert body["recipient"] == "DE.4821aB9" and "to" not in body
    body = await on_whatsapp(stub, http, chat="DE.4821aB9", extra={"phone": "4915112345678"})
    assert body["to"] == "4915112345678" and "recipient" not in body, "`to` wins where both are known"
    body = await on_whatsapp(stub, http, chat="g-1", extra={"group_id": "g-1"})
    assert (body["recipient_type"], body["to"]) == ("group", "g-1")


async def test_whatsapp_templates_and_quotes(stub: GraphStub, http: HttpOutbound) -> None:
    template = Template("termin_morgen", "de", ("Paula", "Di, 24.\n15 Uhr", " "), ("yes|q1|", "no|q1|"))
    body = await on_whatsapp(stub, http, template=template)
    values = body["template"]["components"][0]["parameters"]
    assert [value["text"] for value in values] == ["Paula", "Di, 24. 15 Uhr", "–"]
    assert [(one["index"], one["parameters"][0]["payload"]) for one in body["template"]["components"][1:]] == [
        ("0", "yes|q1|"), ("1", "no|q1|")]  # fmt: skip
    assert (await on_whatsapp(stub, http, quote="wamid.X"))["context"] == {"message_id": "wamid.X"}
    await on_whatsapp(stub, http, "x" * 5000, quote="wamid.X")
    assert ["context" in one for one in stub.accepted[-2:]] == [True, False]


async def test_whatsapp_files(stub: GraphStub, http: HttpOutbound, tmp_path: Any) -> None:
    body = await on_whatsapp(stub, http, "Unser Salon", attachments=(PHOTO,))
    assert body["image"] == {"link": PHOTO.url, "caption": "Unser Salon"}
    path = tmp_path / "f"
    path.write_bytes(b"%PDF")
    ours = Attachment("document", mime="application/pdf", size=4, name="Preise.pdf", file="f1", path=str(path))
    body = await on_whatsapp(stub, http, "Die Preise", attachments=(ours,))
    upload = stub.requests[-2]
    assert upload.file == b"%PDF" and upload.path.endswith(f"/{NUMBER}/media")
    assert body["document"] == {"id": body["document"]["id"], "caption": "Die Preise", "filename": "Preise.pdf"}
    heic = Attachment("image", url=PHOTO.url, mime="image/heic", name="salon.heic")
    assert (await on_whatsapp(stub, http, "", attachments=(heic,)))["type"] == "document"


async def test_messenger_replies_buttons_and_numbers(stub: GraphStub, http: HttpOutbound) -> None:
    body = await on_messenger(stub, http, buttons=buttons("Ja", "Nein"), question="q7")
    assert body["message"] == {
        "text": "Wann?",
        "quick_replies": [{"content_type": "text", "title": "Ja", "payload": "pick|q7|0"},
                          {"content_type": "text", "title": "Nein", "payload": "pick|q7|1"}],
    }  # fmt: skip
    body = await on_messenger(stub, http, buttons=buttons("Termin buchen", "Preise"))
    payload = body["message"]["attachment"]["payload"]
    assert payload["template_type"] == "button" and payload["text"] == "Wann?"
    assert [one["type"] for one in payload["buttons"]] == ["postback", "postback"]
    body = await on_messenger(stub, http, buttons=buttons("Dienstag, 24. November, 15:00 Uhr", "Mi"), question="q7")
    assert body["message"]["text"] == "Wann?\n\n1. Dienstag, 24. November, 15:00 Uhr\n2. Mi"
    assert [(one["title"], one["payload"]) for one in body["message"]["quick_replies"]] == [
        ("1", "pick|q7|0"), ("2", "pick|q7|1")]  # fmt: skip


@pytest.mark.parametrize(
    ("author", "age_days", "tagged"),
    [("operator", 3, True), ("operator", 0.5, False), ("operator", 7.5, False), ("bot", 3, False),
     ("system", 3, False)],
)  # fmt: skip
async def test_only_what_a_person_wrote_is_tagged_so(
    stub: GraphStub, http: HttpOutbound, author: str, age_days: float, tagged: bool
) -> None:
    heard_at_ms = int(NOW_S * 1000 - age_days * DAY_MS)
    body = await on_messenger(stub, http, author=author, heard_at_ms=heard_at_ms)
    assert body.get("tag") == ("HUMAN_AGENT" if tagged else None)
    assert body["messaging_type"] == ("MESSAGE_TAG" if tagged else "RESPONSE")


async def test_nobody_knows_when_it_was_no_tag(stub: GraphStub, http: HttpOutbound) -> None:
    assert "tag" not in await on_messenger(stub, http, author="operator")


async def test_read_and_typing(stub: GraphStub, http: HttpOutbound) -> None:
    await WhatsAppChannel().typing("4915112345678", "wamid.IN", whatsapp(stub), http, {})
    await whatsapp_sending.mark_read("wamid.IN", whatsapp(stub), http)
    await MessengerChannel().typing("77", "m_IN", messenger(stub), http, {})
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"}
    assert [one.body for one in stub.requests] == [
        {**read, "typing_indicator": {"type": "text"}}, read,
        {"recipient": {"id": "77"}, "sender_action": "mark_seen"},
        {"recipient": {"id": "77"}, "sender_action": "typing_on"},
    ]  # fmt: skip
    assert stub.objections == [] and stub.accepted == []
    broken = Connection("salon", "wa", "whatsapp_cloud", {"phone_number_id": NUMBER}, {"api_url": "http://127.0.0.1:1"})
    await WhatsAppChannel().typing("4915112345678", "wamid.IN", broken, http, {})
    await WhatsAppChannel().typing("4915112345678", "", whatsapp(stub), http, {})
    assert len(stub.requests) == 4


async def test_whose_number_and_page(stub: GraphStub, http: HttpOutbound) -> None:
    me = await WhatsAppChannel().who_am_i(whatsapp(stub), http)
    assert (me.id, me.name, me.address) == (NUMBER, "Studio Lind", "+49 561 4400")
    page = await MessengerChannel().who_am_i(messenger(stub), http)
    assert (page.id, page.name) == (PAGE, "Studio Lind")
    wrong = Connection("salon", "wa", "whatsapp_cloud", {"phone_number_id": NUMBER}, {"api_url": stub.url})
    with pytest.raises(ProviderUnavailable) as caught:
        await WhatsAppChannel().who_am_i(wrong, http)
    assert (caught.value.kind, caught.value.code) == ("token", "190")


async def test_without_a_number_nothing_is_tried(stub: GraphStub, http: HttpOutbound) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await WhatsAppChannel().send(part(), Connection("salon", "wa", "whatsapp_cloud"), http)
    assert "phone_number_id" in str(caught.value)


# Codes.

WHATSAPP_CODES: dict[int, tuple[str, bool, float | None]] = {
    131047: ("window_closed", False, None), 131026: ("undeliverable", False, None), 130429: ("rate", True, None),
    131056: ("pair_limit", True, None), 131048: ("spam", True, 900), 131053: ("bad_request", False, None),
    131031: ("locked", False, None), 131057: ("temporary", True, 60), 190: ("token", True, 60), 4: ("rate", True, 60),
    80007: ("rate", True, 60), 368: ("locked", False, None), 100: ("bad_request", False, None), 0: ("token", True, 60),
    33: ("locked", False, None), 131051: ("bad_request", False, None), 2: ("temporary", True, None),
    131000: ("temporary", True, None), 217: ("token", False, None), 999999: ("bad_request", False, None),
}  # fmt: skip
MESSENGER_CODES: dict[tuple[int, int], tuple[str, bool, bool]] = {
    (10, 2018278): ("window_closed", False, False), (551, 0): ("blocked", False, True), (613, 0): ("rate", True, False),
    (551, 1545041): ("blocked", False, True), (4, 0): ("rate", True, False), (2, 0): ("temporary", True, False),
    (1200, 0): ("temporary", True, False), (190, 463): ("token", True, False),
    (100, 2018001): ("undeliverable", False, True), (100, 0): ("bad_request", False, False),
    (10, 0): ("token", False, False),
}  # fmt: skip


@pytest.mark.parametrize("code", WHATSAPP_CODES)
async def test_whatsapp_codes(stub: GraphStub, http: HttpOutbound, code: int) -> None:
    kind, passes, wait_s = WHATSAPP_CODES[code]
    stub.plan = [{"code": code, "status": 400}]
    with pytest.raises(ProviderUnavailable if passes else ProviderRefused) as caught:
        await on_whatsapp(stub, http)
    error: Any = caught.value
    assert (error.kind, error.code) == (kind, str(code))
    assert not passes or error.retry_after_s == wait_s
    assert passes or error.gone == (code == 131026)


@pytest.mark.parametrize(("code", "subcode"), MESSENGER_CODES)
async def test_messenger_codes(stub: GraphStub, http: HttpOutbound, code: int, subcode: int) -> None:
    kind, passes, gone = MESSENGER_CODES[code, subcode]
    stub.plan = [{"code": code, "subcode": subcode} if subcode else {"code": code}]
    with pytest.raises(ProviderUnavailable if passes else ProviderRefused) as caught:
        await on_messenger(stub, http)
    error: Any = caught.value
    assert (error.kind, error.code) == (kind, f"{code}/{subcode}" if subcode else str(code))
    assert passes or error.gone is gone


@pytest.mark.parametrize(
    ("plan", "kind", "wait_s"),
    [
        ({"status": 429}, "rate", None),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "rate", 7),
        ({"status": 502}, "temporary", None),
        ({"status": 204}, "temporary", None),
        ({"code": 4, "headers": {"X-Business-Use-Case-Usage": '{"77": [{"estimated_time_to_regain_access": 3}]}'}},
         "rate", 180),
        ({"code": 4, "headers": {"X-Business-Use-Case-Usage": '{"77": [1, {}]}'}}, "rate", 60),
        ({"code": 4, "headers": {"X-Business-Use-Case-Usage": "nonsense"}}, "rate", 60),
        ({"drop": True}, "temporary", None),
    ],
)  # fmt: skip
async def test_what_passes_by_itself(
    stub: GraphStub, http: HttpOutbound, plan: dict[str, Any], kind: str, wait_s: float | None
) -> None:
    stub.plan = [plan]
    with pytest.raises(ProviderUnavailable) as caught:
        await on_whatsapp(stub, http)
    assert (caught.value.kind, caught.value.retry_after_s) == (kind, wait_s)
    await on_whatsapp(stub, http)
    assert len(stub.accepted) == 1


async def test_a_provider_that_hangs_is_left_in_time(stub: GraphStub) -> None:
    stub.plan = [{"hang": True}]
    async with Hurried() as http:
        with pytest.raises(ProviderUnavailable) as caught:
            await on_whatsapp(stub, http)
    assert caught.value.sent


async def test_no_token_number_or_text_in_errors_and_logs(
    stub: GraphStub, http: HttpOutbound, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for code in (131047, 131056, 190, 0):
        for send in (on_whatsapp, on_messenger):
            stub.plan = [{"code": code} if code else {"drop": True}]
            with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
                await send(stub, http, "Guten Tag, Frau Lind", chat="4915112345678")
            said += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    told = "\n".join([*said, caplog.text])
    assert TOKEN not in told and "15112345678" not in told and "Lind" not in told
    assert "wa, tenant salon" in told and "AbCdEf123" in told


def test_every_code_says_what_to_do() -> None:
    for meaning in (*WHATSAPP.values(), *MESSENGER.values()):
        assert meaning.kind and meaning.hint.endswith(".")
        assert not (meaning.retry and meaning.gone)


def test_how_fast_a_number_and_a_page_may_send() -> None:
    connection = Connection("salon", "wa", "whatsapp_cloud", {"phone_number_id": NUMBER})
    key, (everybody, pair) = WhatsAppChannel().pace(part(), connection)
    assert key == f"whatsapp/{NUMBER}" and everybody.per_s == 80
    assert (pair.name, round(1 / pair.per_s), pair.burst) == ("k1", 6, 45)
    shared = Connection("salon", "wa", "whatsapp_cloud", {"phone_number_id": NUMBER, "messages_per_second": "20"})
    assert WhatsAppChannel().pace(part(), shared)[1][0].per_s == 20
    page = Connection("salon", "fb", "messenger", {"page_id": PAGE})
    assert MessengerChannel().pace(part(), page)[1][0].per_s == 300
    video = part(attachments=(Attachment("video", url="https://studio.example/v.mp4"),))
    assert MessengerChannel().pace(video, page)[1][0].per_s == 10


def test_a_button_with_a_second_line_is_a_row() -> None:
    made = part(buttons=(RenderedButton("Anna", "a", "Meisterin"), RenderedButton("Ben", "b")))
    (piece,) = whatsapp_sending.pieces(made)
    assert piece.buttons == made.buttons
