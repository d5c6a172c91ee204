"""A few of the damaged payloads of `fuzz.py`; `python -m tests.channels.fuzz` plays ten thousand."""

from __future__ import annotations

import pytest

from channels.messenger import MessengerChannel
from channels.whatsapp import WhatsAppChannel
from tests.channels.fuzz import Channel, through_edge, through_parser

CHANNELS = pytest.mark.parametrize("channel", [WhatsAppChannel(), MessengerChannel()], ids=lambda one: one.connector)


@CHANNELS
def test_damaged_payloads_lose_nothing(channel: Channel) -> None:
    counts = through_parser(channel, 60, seed=2026)
    assert counts["read"] > 5 and counts["aside"] > 5 and counts["refused"] > 3


@CHANNELS
async def test_damaged_payloads_never_break_the_edge(channel: Channel) -> None:
    counts = await through_edge(channel, 25, seed=2026)
    assert counts["200"] > 5 and counts["400"] > 1 and counts["aside"] > 3


@pytest.mark.slow
@CHANNELS
def test_many_damaged_payloads_lose_nothing(channel: Channel) -> None:
    assert through_parser(channel, 3000, seed=7).total() == 3000
