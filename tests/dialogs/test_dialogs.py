"""Every dialog file of this folder goes as it is written, at a real desk with embedded servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime.app import FrontDesk, database_url, start
from runtime.clocks import MovedClock
from runtime.dialogs import Start, play
from runtime.model_port import ChatModel
from runtime.replay.replaying import Replay
from runtime.settings import Settings
from tests.replay.recording import opened, replay_all, told

HERE = Path(__file__).parent
A_FEW = ("de_book_question_correction", "en_book_question_correction", "de_move_cancel_undo", "de_no_books_nothing")
"""Played at every check; the rest takes a minute."""


async def complaints(files: Sequence[Path], begin: Start = start) -> list[str]:
    """What went differently, by file."""
    return [f"{Path(p.source).name}: {complaint}" for p in await play(files, begin) for complaint in p.complaints]


async def test_a_few_dialogs_go_as_written() -> None:
    wrong = await complaints([HERE / f"{name}.yaml" for name in A_FEW])
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
async def test_all_dialogs_go_as_written_and_are_replayed_identically() -> None:
    files = sorted(HERE.glob("*.yaml"))
    assert len(files) >= 175
    replays: list[Replay] = []

    @asynccontextmanager
    async def recording(
        settings: Settings, *, clock: MovedClock, model: ChatModel | None = None
    ) -> AsyncIterator[FrontDesk]:
        async with start(settings, clock=clock, model=model) as desk:
            yield desk
        async with opened(database_url(settings)) as database:
            replays.extend(await replay_all(database))

    wrong = await complaints(files, recording)
    assert not wrong, "\n".join(wrong)
    assert len(replays) >= len(files) and not told(replays)
