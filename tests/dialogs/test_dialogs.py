"""Every dialog file of this folder goes as it is written, at a real desk with embedded servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.app import start
from runtime.dialogs import play

HERE = Path(__file__).parent
A_FEW = ("de_book_question_correction", "en_book_question_correction", "de_move_cancel_undo", "de_no_books_nothing")
"""Played at every check; the rest takes a minute."""


async def complaints(files: Sequence[Path]) -> list[str]:
    """What went differently, by file."""
    return [f"{Path(p.source).name}: {complaint}" for p in await play(files, start) for complaint in p.complaints]


async def test_a_few_dialogs_go_as_written() -> None:
    wrong = await complaints([HERE / f"{name}.yaml" for name in A_FEW])
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
async def test_all_dialogs_go_as_written() -> None:
    files = sorted(HERE.glob("*.yaml"))
    assert len(files) >= 175
    wrong = await complaints(files)
    assert not wrong, "\n".join(wrong)
