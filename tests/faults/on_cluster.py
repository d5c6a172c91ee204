"""The faults on a Redis Cluster of three masters, one of which is killed and comes back, again and again.

python -m tests.faults.on_cluster --turns 1000 --kills 20
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import logging
import signal
import sys
from pathlib import Path

from runtime.faults.kill_points import POINTS
from tests.faults.play import Trouble
from tests.faults.run import Report, faults
from tests.faults.servers import folder, private_postgresql
from tests.support.redis_cluster import RedisCluster, redis_cluster

_log = logging.getLogger(__name__)
FIRST_S = 6.0
"""How long everything is well at first."""
AWAY_S = 3.0
PEACE_S = 12.0


async def lose_masters(cluster: RedisCluster, most: int) -> int:
    """Kill one master after another and start it again; returns how often, when cancelled too."""
    lost = 0
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(FIRST_S)
        for master in itertools.cycle(cluster.masters):
            lost += 1
            _log.info("master %d goes", master.port)
            master.kill()
            try:
                await asyncio.sleep(AWAY_S)
            finally:
                await asyncio.to_thread(master.start)
            await asyncio.to_thread(cluster.whole)
            if lost >= most:
                break
            await asyncio.sleep(PEACE_S)
    return lost


async def faults_on_cluster(
    cluster: RedisCluster, database_url: str, home: Path, *, turns: int, kills: int, most: int, seed: int = 1
) -> tuple[Report, int]:
    """Customers, dying workers and masters that go away; what came of it, and how often a master went."""
    trouble = Trouble(kills=kills, points=POINTS[:kills], pauses=1, redis_cuts=1, sql_cuts=1)
    losing = asyncio.create_task(lose_masters(cluster, most))
    report = await faults(cluster.url, database_url, home, turns=turns, trouble=trouble, seed=seed)
    losing.cancel()
    return report, await losing


async def _by_hand(options: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(folder())
        database_url = stack.enter_context(private_postgresql())
        cluster = stack.enter_context(redis_cluster(3))
        try:
            report, lost = await faults_on_cluster(
                cluster, database_url, home, turns=options.turns, kills=options.kills, most=options.losses,
                seed=options.seed,
            )  # fmt: skip
        finally:
            for log in home.glob("worker-*.log") if options.keep else ():
                (options.keep / log.name).write_bytes(log.read_bytes())
        problems = report.problems()
        sys.stdout.write(f"{report.table()}\nmasters lost: {lost}\n\n{len(problems)} problems\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in problems[:40])
    return 1 if problems else 0


def main() -> int:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--losses", type=int, default=20, help="how often a master goes at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to put the workers' logs")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return asyncio.run(_by_hand(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
