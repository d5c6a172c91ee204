"""Law 8 in the large: two versions together, a migration in between, and the way back, while customers write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.records.migrations import HEAD
from tests.upgrade.drill import SHORT, Load, Play
from tests.upgrade.releases import BEFORE, NoHistory, Release, taken_out, today

pytestmark = [pytest.mark.faults, pytest.mark.history, pytest.mark.slow]


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Release]:
    """The version before."""
    try:
        yield taken_out(BEFORE, tmp_path)
    except NoHistory as reason:
        pytest.skip(f"the version before cannot be had: {reason}; fetch the whole history to try it")


async def test_two_versions_together_lose_nothing_and_neither_does_the_way_back(
    redis_url: str, database_url: str, home: Path, older: Release
) -> None:
    load = Load(bookers=3, talkers=2, parts=12, least_s=2.0)
    drill = await Play(home, redis_url, database_url, {"A": older, "B": today()}).run(SHORT, load)
    assert drill.problems() == [], drill.table()
    assert {span.schema for span in drill.spans} == {"0001", HEAD}
