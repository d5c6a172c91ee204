"""Every dialog file of this folder goes as it is written, at a real desk with embedded servers."""

from __future__ import annotations

from pathlib import Path

from runtime.app import start
from runtime.dialogs import play

HERE = Path(__file__).parent


async def test_dialogs_go_as_written() -> None:
    played = await play(sorted(HERE.glob("*.yaml")), start)
    wrong = [f"{Path(p.source).name}: {complaint}" for p in played for complaint in p.complaints]
    assert not wrong, "\n".join(wrong)
    assert len(played) >= 175
