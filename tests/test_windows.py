"""M14: by whose last words a provider's window is counted, for whom, and what goes out when it is shut."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.messages import Author, OutboundPart, Template
from runtime.ports import Connection
from runtime.windows import HOUR_MS, NEVER_HEARD, calling_back, heard_since, is_shut, template_for

NOW = 1_795_170_000_000
PART = OutboundPart("p1", "salon", "c", "conv", "491755501234", "bot", 0, "Guten Tag", question="q1", at_ms=NOW)


def part(hours_ago: float, author: Author = "bot") -> OutboundPart:
    return dataclasses.replace(PART, author=author, heard_at_ms=NOW - round(hours_ago * HOUR_MS))


@pytest.mark.parametrize(
    ("connector", "author", "hours", "shut"),
    [
        ("whatsapp_cloud", "bot", 23.9, False),
        ("whatsapp_cloud", "bot", 24.1, True),
        ("whatsapp_cloud", "operator", 24.1, True),
        ("messenger", "bot", 24.1, True),
        ("messenger", "system", 24.1, True),
        ("messenger", "operator", 24.1, False),
        ("messenger", "operator", 7 * 24 + 0.1, True),
        ("telegram", "bot", 9999, False),
    ],
)
def test_m14_a_window_by_channel_and_author(connector: str, author: Author, hours: float, shut: bool) -> None:
    assert is_shut(part(hours, author), connector, NOW) is shut


def test_m14_who_never_wrote_is_out_of_any_window_and_what_nobody_knows_the_provider_does() -> None:
    assert is_shut(dataclasses.replace(PART, heard_at_ms=NEVER_HEARD), "whatsapp_cloud", NOW)
    assert not is_shut(PART, "whatsapp_cloud", NOW)
    assert not is_shut(dataclasses.replace(part(99), template=Template("news", "de")), "whatsapp_cloud", NOW)


def test_m14_words_that_came_after_a_part_was_written_open_its_window() -> None:
    old = dataclasses.replace(part(99), at_ms=NOW - 50 * HOUR_MS)
    assert is_shut(heard_since(old, NOW - 60 * HOUR_MS), "whatsapp_cloud", NOW), "older words than the part say nothing"
    fresh = heard_since(old, NOW - HOUR_MS)
    assert not is_shut(fresh, "whatsapp_cloud", NOW) and fresh.at_ms == NOW - HOUR_MS


def test_m14_the_template_of_the_connection_in_the_customers_language() -> None:
    connection = Connection("salon", "whatsapp_cloud", "whatsapp_cloud", {"template": "news"})
    assert template_for(connection, PART) == Template("news", "de")
    fixed = dataclasses.replace(connection, config={"template": "news", "template_language": "en_GB"})
    assert template_for(fixed, PART) == Template("news", "en_GB")
    assert template_for(dataclasses.replace(connection, config={}), PART) is None
    assert template_for(dataclasses.replace(connection, connector="messenger"), PART) is None
    sent = calling_back(PART, Template("news", "de"))
    assert (sent.id, sent.question, sent.chat) == ("p1-t", "", PART.chat)
