"""A8: answers that quote a message of ours."""

from __future__ import annotations

from runtime.core.commands import Affirm, Ask, Command, Pick, Set, Start
from runtime.core.events import Message, Said
from runtime.core.quoting import NOT_KNOWN
from tests.core.talk import BOOK, TUESDAY, Reply, Talk, at, wish


def quoting(talk: Talk, question: str, *commands: Command, text: str = "…") -> Reply:
    """A turn with a message that quotes this question of ours."""
    talk._commands = commands
    message = Message("quote", text, talk.now, reply_to="1", quotes=question)
    return talk.turn(lambda: talk.step(Said((message,), talk.now)))


def with_offers() -> tuple[Talk, str, tuple[str, ...]]:
    """A talk in which times are offered, the offers' question, and what they are."""
    talk = Talk()
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 6)))
    assert reply.question is not None and reply.question.kind == "offer"
    offers = next(iter(talk.conversation.stack[-1].results.values())).offers
    return talk, reply.question.id, tuple(offer.id for offer in offers)


def test_a8_a_quote_of_the_present_offers_picks() -> None:
    talk, asked, offers = with_offers()
    reply = quoting(talk, asked, Pick(offers[1]), text="das zweite")
    assert reply.asks == ("slot", "name") and "quote.gone" not in reply.names


def test_a8_the_same_offers_shown_again_after_a_digression_still_stand() -> None:
    talk, asked, offers = with_offers()
    talk.say(Ask("Wo kann ich parken?", "parking"))
    talk.say(Ask("Was kostet es?", "prices"))
    assert quoting(talk, asked, Pick(offers[1]), text="das zweite").asks == ("slot", "name")


def test_a8_an_older_offer_is_gone_and_what_is_free_now_is_said() -> None:
    talk, asked, offers = with_offers()
    new = talk.say(wish(at(TUESDAY, 7))).asks
    other = quoting(talk, "older", Pick(offers[1]), text="das zweite")
    assert "quote.gone" in other.names and other.asks == new and new[0] == "offer"
    assert other.text.count("?") == 1 and not other.writes and not talk.conversation.misses
    assert asked != "older"


def test_a8_no_yes_by_quoting_an_old_summary() -> None:
    for quoted in ("older", NOT_KNOWN):
        talk = Talk()
        talk.to_confirm()
        reply = quoting(talk, quoted, Affirm(), text="ja")
        assert not talk.booked and reply.asks == ("confirm", "") and reply.text.count("?") == 1


def test_a8_a_yes_that_quotes_the_open_summary_books() -> None:
    talk = Talk()
    asked = talk.to_confirm().question
    assert asked is not None
    quoting(talk, asked.id, Affirm(), text="ja")
    assert len(talk.booked) == 1


def test_a8_a_summary_that_was_booked_is_told_so() -> None:
    talk = Talk()
    asked = talk.to_confirm().question
    assert asked is not None
    talk.say(Affirm(), text="ja")
    reply = quoting(talk, asked.id, Affirm(), text="ja")
    assert f"already.{BOOK}" in reply.names and len(talk.booked) == 1


def test_a8_wishes_and_questions_beside_an_old_quote_count() -> None:
    talk, _, _ = with_offers()
    assert quoting(talk, "older", wish(at(TUESDAY, 15))).asks == ("slot", "name")
    assert "known_answer" in quoting(talk, "older", Ask("Was kostet es?", "prices")).names


def test_a8_an_old_quote_without_a_task_gets_what_can_be_done() -> None:
    talk = Talk()
    talk.say(Ask("Was kostet es?", "prices"))
    reply = quoting(talk, "older", Affirm(), text="passt")
    assert "quote.gone" in reply.names and reply.text.count("?") == 1


def test_a8_words_that_quote_the_customers_own_message_are_read_as_ever() -> None:
    talk, _, offers = with_offers()
    assert quoting(talk, NOT_KNOWN, Pick(offers[1]), text="das zweite").asks == ("slot", "name")
