"""What WhatsApp and Messenger bring beyond words, through the real desk: statuses, windows, echoes, standby."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.meta_desk import INBOX_APP, OUR_APP, MetaCustomer, MetaDesk, meta_desk

PAULA, KEN = "491755501234", "7712345600112233"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[MetaDesk]:
    async with meta_desk(tmp_path) as found:
        yield found


async def to_confirm(customer: MetaCustomer) -> str:
    """A booking up to the question whether to book."""
    await customer.says("Ich hätte gern einen Damenhaarschnitt am Dienstag um 15 Uhr")
    return await customer.says("Paula Meier, 0151 23456789")


def move(desk: MetaDesk, **span: float) -> None:
    desk.real.desk.clock.move(timedelta(**span))  # type: ignore[attr-defined]  # the moved clock of the tests


# ---- statuses


async def test_statuses_reach_the_transcript_in_any_order(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    assert await paula.says("Hallo")
    sent = paula.last_id()
    for word in ("read", "delivered", "delivered", "sent"):
        await paula.status(sent, word)
    assert [status for _, status in await desk.statuses(paula)] == ["read"]
    assert not desk.graph.objections


async def test_the_pages_watermark_reads_everything_before_it(desk: MetaDesk) -> None:
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.says("Hallo")
    await ken.seen("delivery", ken.last_id())
    assert [status for _, status in await desk.statuses(ken)] == ["delivered"]
    await ken.says("Wann habt ihr heute offen?")
    await ken.seen("read")
    assert {status for _, status in await desk.statuses(ken)} == {"read"}


async def test_statuses_begin_no_turn_and_change_no_state(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Hallo")
    before = await desk.state(paula)
    for word in ("sent", "delivered", "read"):
        await paula.status(paula.last_id(), word)
    assert await desk.real.desk.sessions.ready_depth() == 0
    assert await desk.state(paula) == before


async def test_m15_a_confirm_that_failed_to_arrive_takes_no_yes(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    assert "?" in await to_confirm(paula)
    question = (await desk.state(paula)).question
    assert question is not None and question.kind == "confirm"
    await paula.status(paula.last_id(), "failed", 131053)
    await desk.real.quiet()
    question = (await desk.state(paula)).question
    assert question is not None and question.failed
    assert ("alert", "undelivered") in await desk.happened(paula)
    await paula.says("ja")
    assert not await desk.real.desk.appointments.all("salon")


async def test_m15_m16_who_cannot_be_reached_is_marked_until_they_write_again(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Hallo")
    await paula.status(paula.last_id(), "failed", 131026)
    await desk.real.quiet()
    assert (await desk.state(paula)).blocked
    assert {("alert", "undelivered"), ("alert", "blocked")} <= set(await desk.happened(paula))
    contact = (await desk.state(paula)).contact
    known = await desk.real.desk.loop.contacts.recall("salon", contact)
    assert known.consents["blocked"]
    assert await paula.says("Jetzt geht es wieder")
    assert not (await desk.state(paula)).blocked
    await desk.real.recorded()
    assert not (await desk.real.desk.loop.contacts.recall("salon", contact)).consents["blocked"]


async def test_news_of_a_message_of_somebody_else_changes_nothing(desk: MetaDesk) -> None:
    paula, other = MetaCustomer(desk, PAULA), MetaCustomer(desk, "491755505678")
    await paula.says("Hallo")
    await other.says("Hallo")
    await other.status(paula.last_id(), "failed", 131026)
    await desk.real.quiet()
    assert not (await desk.state(paula)).blocked and not (await desk.state(other)).blocked


# ---- the window


async def test_m14_after_the_window_a_template_goes_out_and_the_text_when_they_write_again(desk: MetaDesk) -> None:
    await desk.connect(template="news", template_language="de")
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Ich möchte mit einem Menschen sprechen")
    await desk.taken(paula)
    move(desk, hours=25)
    before = len(paula.got)
    for text in ("Guten Tag, hier ist Ida.", "Geht auch Freitag?"):
        await desk.replied(paula, text)
    assert paula.texts[before:] == ["<news de>"], "one template, however much is kept"
    assert [status for _, status in await desk.statuses(paula)][-2:] == ["kept", "kept"]
    assert ("window.template", "") in await desk.happened(paula)
    await paula.writes("Ja, was gibt es?")
    await desk.settled(paula, before + 3)
    assert paula.texts[before:] == ["<news de>", "Guten Tag, hier ist Ida.", "Geht auch Freitag?"]
    assert [status for _, status in await desk.statuses(paula)][-2:] == ["sent", "sent"]
    assert not desk.graph.objections


async def test_what_was_kept_does_not_go_out_to_somebody_who_says_stop(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Ich möchte mit einem Menschen sprechen")
    await desk.taken(paula)
    move(desk, hours=25)
    await desk.replied(paula, "Guten Tag, hier ist Ida.")
    before = len(paula.got)
    await paula.says("STOP")
    due = f"fd:{{p{paula.key.partition:02d}}}:due"
    work = desk.real.desk.sessions._routes.work  # nothing else shows what is due
    assert await work.call(paula.key.partition, "ZSCORE", due, paula.key.name) is None
    assert not any("Ida" in text for text in paula.texts[before:])


async def test_m14_without_a_template_nothing_goes_out_and_the_operators_hear_of_it(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Ich möchte mit einem Menschen sprechen")
    await desk.taken(paula)
    move(desk, hours=25)
    before = len(paula.got)
    await desk.replied(paula, "Sind Sie noch da?")
    assert len(paula.got) == before
    assert ("alert", "window_shut") in await desk.happened(paula)


async def test_m14_a_person_may_answer_on_the_page_for_seven_days(desk: MetaDesk) -> None:
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.says("Ich möchte mit einem Menschen sprechen")
    await desk.taken(ken)
    move(desk, days=2)
    before = len(ken.got)
    await desk.replied(ken, "Guten Tag!")
    assert ken.texts[before:] == ["Guten Tag!"] and ken.got[-1]["tag"] == "HUMAN_AGENT"
    move(desk, days=6)
    await desk.replied(ken, "Noch da?")
    assert ken.texts[before:] == ["Guten Tag!"]
    assert ("alert", "window_shut") in await desk.happened(ken)


@pytest.mark.parametrize("how", ["at once", "by a status"])
async def test_m14_the_providers_word_leads_the_same_way(desk: MetaDesk, how: str) -> None:
    await desk.connect(template="news", template_language="de")
    paula = MetaCustomer(desk, PAULA)
    desk.graph.plan = [{"code": 131047}] if how == "at once" else []
    await paula.says("Hallo")
    if how == "by a status":
        refused, reply = paula.last_id(), paula.texts[-1]
        await paula.status(refused, "failed", 131047)
        await desk.settled(paula, 2)
        await paula.status(refused, "failed", 131047)
        await desk.real.quiet()
        assert paula.texts == [reply, "<news de>"]
    else:
        assert paula.texts == ["<news de>"]
    count = len(paula.got)
    await paula.writes("Ja?")
    await desk.settled(paula, count + 2)
    assert "digitale" in paula.texts[count], "what was kept comes first, then the answer"
    assert not (await desk.state(paula)).blocked


async def test_m14_a_kept_confirm_was_never_seen_and_takes_no_yes(desk: MetaDesk) -> None:
    await desk.connect(template="news", template_language="de")
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Ich hätte gern einen Damenhaarschnitt am Dienstag um 15 Uhr")
    desk.graph.plan = [{"code": 131047}]
    await paula.says("Paula Meier, 0151 23456789")
    question = (await desk.state(paula)).question
    assert question is not None and question.kind == "confirm" and question.failed
    await paula.says("ja")
    assert not await desk.real.desk.appointments.all("salon")


@pytest.mark.parametrize("session", ["still there", "long over"])
async def test_m14_a_reminder_forty_days_later_goes_by_template(desk: MetaDesk, session: str) -> None:
    await desk.connect(template="news", template_language="de")
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Ich hätte gern einen Damenhaarschnitt am 30. Dezember um 15 Uhr")
    await paula.says("Paula Meier, 0151 23456789")
    await paula.presses("Ja")
    await desk.real.recorded()
    (booked,) = await desk.real.desk.appointments.all("salon")
    assert (booked.start.month, booked.start.day) == (12, 30)
    before = len(paula.got)
    if session == "long over":
        await desk.real.desk.sessions.delete_session(paula.key)
    move(desk, days=39, hours=6)
    assert await desk.real.desk.prompter.once() == 1
    await desk.settled(paula, before + 1)
    assert paula.texts[before:] == ["<news de>"]
    await paula.writes("Ja, was gibt es?")
    await desk.settled(paula, before + 2)
    assert "15:00" in paula.texts[before + 1] or "15 Uhr" in paula.texts[before + 1]
    assert not desk.graph.objections


async def test_law_4_a_status_refuses_no_commit_and_joins_no_words(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Hallo")
    turn = (await desk.state(paula)).turn
    await paula.writes("Wann habt ihr")
    await paula.status(paula.last_id(), "failed", 131053)
    await paula.status(paula.last_id(), "read")
    await paula.writes("heute offen?")
    await desk.real.quiet()
    state = await desk.state(paula)
    assert state.turn == turn + 1, "one burst, one turn"
    assert len(paula.got) == 2


# ---- echoes


async def test_k8_an_echo_of_the_phones_app_takes_the_conversation(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await to_confirm(paula)
    before = len(paula.got)
    await paula.echo("Hier ist Ida, 16 Uhr ginge auch.")
    await desk.real.quiet()
    state = await desk.state(paula)
    assert (state.phase, state.owner, state.question) == ("owned", "app:phone", None)
    await paula.says("ja")
    assert len(paula.got) == before, "the bot is silent"
    assert ("Hier ist Ida, 16 Uhr ginge auch.", "") in await desk.statuses(paula)
    assert not await desk.real.desk.appointments.all("salon")


async def test_k8_a_colleague_changes_and_revokes_what_they_wrote(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Hallo")
    await paula.echo("Bis 16 Uhr", mid="wamid.echoed1")
    await desk.real.quiet()
    base = {"from": "495614400", "to": PAULA, "timestamp": "1763626000"}
    changed = {"original_message_id": "wamid.echoed1", "message": {"type": "text", "text": {"body": "Bis 17 Uhr"}}}
    edit = {**base, "id": "wamid.e2", "type": "edit", "edit": changed}
    await desk.whatsapp("smb_message_echoes", message_echoes=[edit])
    assert (await desk.statuses(paula))[-1][0] == "Bis 17 Uhr"
    revoke = {**base, "id": "wamid.e3", "type": "revoke", "revoke": {"original_message_id": "wamid.echoed1"}}
    await desk.whatsapp("smb_message_echoes", message_echoes=[revoke])
    assert (await desk.statuses(paula))[-1][0] == ""
    assert (await desk.state(paula)).owner == "app:phone"


async def test_k8_an_echo_that_begins_a_conversation_is_the_customers_own(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.echo("Guten Tag, wir hatten telefoniert.")
    await desk.real.quiet()
    begun = await desk.state(paula)
    await paula.says("Genau")
    assert (await desk.state(paula)).contact == begun.contact
    other = MetaCustomer(desk, "491755505678")
    await other.says("Hallo")
    assert (await desk.state(other)).contact != begun.contact


async def test_k8_with_our_apps_id_our_own_echo_is_nothing_and_any_other_is_a_person(desk: MetaDesk) -> None:
    await desk.connect(app_id=OUR_APP)
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.echo("Gern! Wann passt es?", app=OUR_APP)
    await ken.says("Hallo")
    assert (await desk.state(ken)).phase == "bot"
    await ken.echo("Hier ist Tom.", app=INBOX_APP)
    await desk.real.quiet()
    assert (await desk.state(ken)).owner == "app:inbox"


async def test_k8_without_our_apps_id_the_echo_of_our_own_message_is_known_by_its_id(desk: MetaDesk) -> None:
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.says("Hallo")
    await ken.echo(ken.texts[-1], mid=ken.last_id(), app="424242")
    await desk.real.quiet()
    assert (await desk.state(ken)).phase == "bot"


async def test_k8_an_echo_quicker_than_our_sends_answer_is_no_takeover(desk: MetaDesk) -> None:
    """Only its wait is left to the clock: storing the answer calls it off, or its words tell that they are ours."""
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.says("Hallo")
    await ken.echo("Was darf es sein?", mid="m_STUB0002", app="424242")
    await desk.real.quiet()
    await ken.says("Habt ihr heute offen?")
    assert ken.last_id() == "m_STUB0002"
    partition = ken.key.partition
    left = await desk.real.desk.sessions._routes.work.call(  # nothing else shows timers
        partition, "HKEYS", f"fd:{{p{partition:02d}}}:named:{ken.key.name}"
    )
    assert not [name for name in left if name.startswith(b"echo:")]


# ---- another app


async def test_standby_is_stored_and_never_answered_until_the_chat_is_ours(desk: MetaDesk) -> None:
    ken = MetaCustomer(desk, KEN, page=True)
    await ken.says("Hallo")
    before = len(ken.got)
    await ken.writes("Ich rede gerade mit jemand anderem", place="standby")
    await desk.real.quiet()
    assert len(ken.got) == before and (await desk.state(ken)).owner.startswith("thread:")
    passed = {"new_owner_app_id": OUR_APP, "metadata": "done"}
    await desk.page(sender={"id": KEN}, recipient={"id": "1"}, pass_thread_control=passed)
    await desk.real.quiet()
    assert (await desk.state(ken)).phase == "bot"
    assert await ken.says("Wann habt ihr heute offen?")


# ---- what people set in the app


async def test_n7_stopping_marketing_is_a_flag_and_no_answer(desk: MetaDesk) -> None:
    paula = MetaCustomer(desk, PAULA)
    await paula.says("Hallo")
    before = len(paula.got)
    wish = {"wa_id": PAULA, "category": "marketing_messages", "value": "stop", "timestamp": "1763626000"}
    await desk.whatsapp("user_preferences", user_preferences=[wish])
    await desk.real.quiet()
    state = await desk.state(paula)
    assert state.consents["marketing"] is False and not state.opted_out and len(paula.got) == before
    assert ("consent", "marketing") in await desk.happened(paula)
    assert await paula.says("Wann habt ihr heute offen?")


# ---- faults of a connection


@pytest.mark.parametrize("code", [190, 131031])
async def test_a_connection_that_stands_still_keeps_its_parts_and_alerts_once(desk: MetaDesk, code: int) -> None:
    paula, other = MetaCustomer(desk, PAULA), MetaCustomer(desk, "491755505678")
    desk.graph.plan = [{"code": code}, {"code": code}]
    await paula.says("Hallo")
    await other.says("Hallo")
    assert not paula.got and not other.got
    told = [*await desk.happened(paula), *await desk.happened(other)]
    kind = "connection.token" if code == 190 else "connection.locked"
    assert told.count(("alert", kind)) == 1
    assert ("alert", "undelivered") not in told
