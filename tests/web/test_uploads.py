"""Uploads under way: nobody shuts out the others, and none takes its time for ever."""

from __future__ import annotations

import asyncio
import contextlib
from unittest.mock import Mock

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from runtime.errors import BadRequest, StorageUnavailable, TooSlow
from runtime.web import uploads
from runtime.web.uploads import Places, pieces


def test_slow_visitors_shut_out_neither_other_tenants_nor_people() -> None:
    places = Places()
    with contextlib.ExitStack() as under_way:

        def comes(tenant: str, conversation: str, *, by_visitor: bool = True) -> bool:
            try:
                under_way.enter_context(places.taken(tenant, conversation, by_visitor=by_visitor))
            except StorageUnavailable:
                return False
            return True

        assert [comes("salon", "c1") for _ in range(3)] == [True, True, False]
        assert [comes("salon", f"c{number}") for number in (2, 3, 4)] == [True, True, False]
        assert [comes("garage", f"c{number}") for number in range(5)] == [True] * 4 + [False]
        assert not comes("praxis", "c1"), "eight of all visitors"
        assert [comes("salon", "c1", by_visitor=False) for _ in range(9)] == [True] * 8 + [False]
    assert (places.visitors, places.people) == ([], [])


async def test_a_place_is_free_again_after_an_upload_that_failed() -> None:
    places = Places()
    with pytest.raises(BadRequest), places.taken("salon", "c1", by_visitor=True):
        raise BadRequest("It broke off.")
    assert places.visitors == []


@pytest.mark.parametrize(("first", "whole"), [(0, False), (uploads.FIRST_BYTES + 400, False), (0, True)])
async def test_a_file_that_drips_is_ended(monkeypatch: pytest.MonkeyPatch, first: int, whole: bool) -> None:
    monkeypatch.setattr(uploads, "FIRST_S", 0.1)
    body = StreamReader(Mock(spec=BaseProtocol), 2**20, loop=asyncio.get_running_loop())

    async def drips() -> None:
        body.feed_data(b"x" * first)
        for _ in range(5 if whole else 500):
            body.feed_data(b"x")
            await asyncio.sleep(0.01)
        body.feed_eof()

    drip = asyncio.create_task(drips())
    if whole:
        assert b"".join([piece async for piece in pieces(body)]) == b"x" * 5
    else:
        with pytest.raises(TooSlow, match=r"too slowly.*64 KB"):
            _ = [piece async for piece in pieces(body)]
        drip.cancel()
