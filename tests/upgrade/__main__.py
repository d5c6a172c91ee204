"""The upgrade drill by hand: `python -m tests.upgrade --from REV`. Prints a table; exit code 1 if anything was lost,
done twice or left unanswered. Without --redis and --database it starts servers of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.servers import folder, private_postgresql, private_redis
from tests.upgrade.drill import STAGES, Load, Play
from tests.upgrade.releases import BEFORE, NoHistory, taken_out, today


async def _by_hand(options: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(folder())
        tree = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fd-release-")))
        try:
            older = taken_out(options.before, tree)
            newer = taken_out(options.to, tree, "B") if options.to else today()
        except NoHistory as error:
            sys.stderr.write(f"No drill: {error}.\n")
            return 2
        redis_url = options.redis or stack.enter_context(private_redis()).url
        database_url = options.database or stack.enter_context(private_postgresql())
        load = Load(options.bookers, options.talkers, options.parts, options.seconds)
        drill = await Play(home, redis_url, database_url, {"A": older, "B": newer}).run(STAGES, load)
        problems = drill.problems()
        sys.stdout.write(f"A is {options.before}, B is {options.to or 'this tree'}\n\n{drill.table()}\n\n")
        sys.stdout.write(f"{len(problems)} problems\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in problems[:40])
        if options.keep:
            for log in [*home.glob("worker-*.log"), home / "provider.jsonl"]:
                (options.keep / log.name).write_bytes(log.read_bytes())
    return 1 if problems else 0


def main() -> int:
    """Run by hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="before", default=BEFORE, metavar="REV", help="version A")
    parser.add_argument("--to", default="", metavar="REV", help="version B (default: this tree as it is)")
    parser.add_argument("--bookers", type=int, default=6, help="customers who book, at a time")
    parser.add_argument("--talkers", type=int, default=3, help="customers who talk about this and that, at a time")
    parser.add_argument("--parts", type=int, default=100, help="messages to customers before a stage may end")
    parser.add_argument("--seconds", type=float, default=15, help="the least that a stage lasts")
    parser.add_argument("--redis", default="", metavar="URL", help="an empty one")
    parser.add_argument("--database", default="", metavar="URL", help="an empty PostgreSQL database")
    parser.add_argument("--keep", type=Path, help="where to put the workers' logs")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers of our own end with us
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return asyncio.run(_by_hand(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
