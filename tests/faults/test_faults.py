"""Two worker processes, customers who write, and everything that can be killed or cut is. See README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.faults.kill_points import POINTS
from tests.faults.play import Trouble
from tests.faults.run import faults
from tests.replay.recording import opened, replay_all, told

pytestmark = [pytest.mark.faults, pytest.mark.slow]


async def test_300_turns_with_20_kills_lose_nothing_and_do_nothing_twice(
    redis_url: str, database_url: str, home: Path
) -> None:
    trouble = Trouble(kills=20, points=POINTS, pauses=1, redis_cuts=2, sql_cuts=2)
    report = await faults(redis_url, database_url, home, turns=300, trouble=trouble, at_once=5)
    assert report.problems() == []
    assert report.verdict.turns >= 300
    async with opened(database_url) as database:
        replays = await replay_all(database)
    assert len(replays) == len(report.run.customers) and not told(replays)
    assert {death.what.partition(":")[0] for death in report.run.fleet.deaths} == {*POINTS, "killed", "paused"}
