"""Situations E9, M3 to M6, M16, N3, N4, N6 and N8: reactions, edits, deletions, consent and disclosure as facts."""

from __future__ import annotations

import pytest

from runtime.core.commands import Affirm, Deny, Set, Start
from runtime.core.consent import may_send
from runtime.core.effects import ALL_TIMERS, DropTimer
from runtime.core.events import Deleted, Edited, Message, OptedOut, Reacted, Said
from runtime.core.messages import Attachment, SharedContact
from runtime.core.optouts import SMS_OUT, consent_word, reserved_hints
from tests.core.desk import wording
from tests.core.talk import BOOK, TUESDAY, Reply, Talk, at


def _react(talk: Talk, emoji: str, question: str) -> Reply:
    return talk.happen(Reacted("provider-1", emoji, talk.now, question))


def _asked(talk: Talk) -> str:
    assert talk.conversation.question is not None
    return talk.conversation.question.id


@pytest.mark.parametrize("thumb", ["👍", "👍🏽", "✅"])
def test_e9_a_thumb_on_the_open_summary_is_a_yes(thumb: str) -> None:
    talk = Talk()
    talk.to_confirm()
    assert _react(talk, thumb, _asked(talk)).writes and len(talk.booked) == 1


def test_e9_m6_on_an_older_message_it_is_nothing() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    older = _asked(talk)
    talk.to_confirm()
    for emoji, question in (("👍", older), ("👍", ""), ("", _asked(talk)), ("❤", _asked(talk))):
        reply = _react(talk, emoji, question)
        assert not reply.writes and not reply.sends


def test_e9_thumbs_down_asks_what_to_change() -> None:
    talk = Talk()
    talk.to_confirm()
    assert _react(talk, "👎", _asked(talk)).asks == ("change", "")


def test_m4_an_edit_after_the_answer_is_a_correction_and_no_yes() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), Set("start", "", at(TUESDAY, 15)), text="Dienstag um drei")
    talk._commands = (Set("start", "", at(TUESDAY, 16)), Affirm())
    reply = talk.happen(Edited("m1", "Dienstag um vier", talk.now))
    assert talk.conversation.top is not None
    assert "2026-11-24T16:00" in str(talk.conversation.top.slots["start"]) or reply.reads
    assert reply.asks == ("slot", "name") and not reply.writes


def test_m4_an_edit_after_the_booking_asks_and_changes_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm(), text="ja")
    booked = list(talk.booked)
    reply = talk.happen(Edited("m1", "Mittwoch um zehn", talk.now))
    assert "edited.after" in reply.names and talk.booked == booked and reply.text.count("?") == 1


def test_m4_the_same_text_again_and_an_unknown_message_say_nothing() -> None:
    talk = Talk()
    talk.say(Start(BOOK), text="Termin")
    assert not talk.happen(Edited("m1", "Termin", talk.now)).sends
    assert not talk.happen(Edited("other", "Mittwoch", talk.now)).sends


def test_m5_a_deleted_text_leaves_the_window_and_is_not_answered() -> None:
    talk = Talk()
    talk.say(Start(BOOK), text="Termin für Frau Geheim")
    reply = talk.happen(Deleted("m1", talk.now))
    assert not reply.sends and "Geheim" not in str(talk.conversation.window)
    assert [record.facts["message"] for record in reply.recorded("message.deleted")] == ["m1"]
    assert talk.conversation.stack


def test_m16_blocked_stops_every_timer_and_operators_see_it() -> None:
    talk = Talk()
    talk.press_payload("person||")
    reply = talk.happen(OptedOut(talk.now, blocked=True))
    assert DropTimer(ALL_TIMERS) in reply.timers and not reply.sends
    assert [record.facts["kind"] for record in reply.recorded("alert")] == ["blocked"]
    assert talk.conversation.handoff is not None
    assert not talk.fire("handoff", talk.conversation.handoff.generation).sends


def test_n1_stop_and_start_are_kept_with_their_words() -> None:
    talk = Talk()
    [stop] = talk.hear("STOP").recorded("consent")
    assert stop.facts == {"kind": "all", "given": False, "text": "STOP", "channel": "telegram"}
    assert talk.hear("START").asks == ("agree", "reminder") and not may_send(talk.conversation, "reminder")


@pytest.mark.parametrize("yes", [True, False])
def test_n3_reminders_come_back_with_a_yes_only(yes: bool) -> None:
    talk = Talk()
    talk.hear("STOP")
    talk.hear("START")
    reply = talk.say(Affirm() if yes else Deny(), text="ja" if yes else "nein")
    assert may_send(talk.conversation, "reminder") is yes and may_send(talk.conversation, "marketing") is False
    assert [record.facts["given"] for record in reply.recorded("consent")] == [yes]


@pytest.mark.parametrize("word", sorted(SMS_OUT))
def test_n4_what_carriers_take_for_an_opt_out_is_one_here_too(word: str) -> None:
    assert consent_word(word.upper(), "twilio_sms", opted_out=False) == "opt_out"
    assert word not in ("cancel", "end", "quit", "revoke") or consent_word(word, "telegram", opted_out=False) is None
    assert consent_word(f"{word} my appointment", "twilio_sms", opted_out=False) is None


def test_n4_no_line_where_the_carrier_sends_its_own() -> None:
    assert not Talk(channel="twilio_sms").hear("STOP").sends


def test_n4_no_reply_holds_out_a_reserved_word() -> None:
    assert reserved_hints('Reply "CANCEL" to call it off') == {"cancel"}
    assert reserved_hints("Reply YES to confirm") == {"yes"}
    for language, entries in wording().replies.items():
        for name, entry in entries.items():
            if name != "guard.opt_out":  # It holds out the way back, as carriers do.
                # "Yes or no" is for buttons and chats; a channel for SMS has to offer digits instead.
                assert not reserved_hints(str(entry)) - {"yes"}, (language, name)


def test_n8_after_a_person_had_it_the_desk_says_again_what_it_is() -> None:
    talk = Talk()
    talk.press_payload("person||")
    talk.claim()
    talk.release("close")
    assert "disclosure" in talk.say(Start(BOOK), text="Termin").names
    assert "disclosure" not in talk.say(Set("service", "", "cut"), text="Haarschnitt").names


def test_n8_coming_back_from_a_person_is_said_once() -> None:
    talk = Talk()
    talk.press_payload("person||")
    talk.claim()
    names = [*talk.release("resume").names, *talk.say(Start(BOOK), text="Termin").names]
    assert names.count("handoff.back") == 1 and "disclosure" not in names


def _send(talk: Talk, message: Message) -> Reply:
    return talk.turn(lambda: talk.step(Said((message,), talk.now)))


def test_m8_a_picture_beside_words_is_kept_and_the_words_are_read() -> None:
    talk = Talk()
    talk._commands = (Start(BOOK),)
    reply = _send(talk, Message("p", "So hätte ich es gern", talk.now, media=(Attachment("image"),), kind="image"))
    assert "media.kept" in reply.names and reply.asks == ("slot", "service")


def test_m9_somebodys_card_answers_the_question_for_a_number_else_it_is_kept() -> None:
    talk = Talk()
    card = SharedContact("Anna", ("4915123456",))
    talk.say(Start(BOOK))
    assert "contact.kept" in _send(talk, Message("c1", "", talk.now, contacts=(card,), kind="contact")).names
    talk.say(Set("service", "", "cut"), Set("start", "", at(TUESDAY, 15)), Set("name", "", "Meier"))
    assert _send(talk, Message("c2", "", talk.now, contacts=(card,), kind="contact")).asks == ("confirm", "")


def test_m10_stickers_leave_the_question_open_and_are_no_misses() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    for _ in range(4):
        assert talk.hear("", "sticker").asks == ("slot", "service")
    assert talk.conversation.phase == "bot" and talk.conversation.question and not talk.conversation.question.misses
