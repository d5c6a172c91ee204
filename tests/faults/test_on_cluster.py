"""The faults on a Redis Cluster whose masters go away; the long run is `python -m tests.faults.on_cluster`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.on_cluster import faults_on_cluster
from tests.support.redis_cluster import redis_cluster

pytestmark = [pytest.mark.faults, pytest.mark.slow]


async def test_masters_that_go_and_come_back_lose_nothing_and_double_nothing(database_url: str, home: Path) -> None:
    with redis_cluster(3) as cluster:
        report, lost = await faults_on_cluster(cluster, database_url, home, turns=100, kills=3, most=2)
    verdict = report.verdict
    assert lost >= 1
    assert [problem for problem in report.problems() if "p99" not in problem] == []
    assert verdict.turns >= 100
