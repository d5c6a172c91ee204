"""The long fault run by hand: `python -m tests.faults.run --turns 5000 --kills 150`. Prints a table; exit code 1 if
anything was lost or done twice. Without --redis and --database it starts servers of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import statistics
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from runtime.faults.kill_points import POINTS
from tests.faults.checker import Accepted, Checker, Sent, Verdict, Wanted, read_records, recovery
from tests.faults.fleet import TENANTS, Fleet, bot, environment_of
from tests.faults.play import RUN_S, Beside, Provider, Run, Trouble, play, provider, publish
from tests.faults.servers import folder, private_postgresql, private_redis


@dataclass(frozen=True, slots=True)
class Report:
    """A run and what the checker says about it."""

    run: Run
    verdict: Verdict
    waits_s: list[float]
    ended: list[int]

    @property
    def deaths(self) -> int:
        """Kills and pauses."""
        return len(self.run.fleet.deaths)

    @property
    def p99_s(self) -> float:
        """99 % of the customers who waited at a kill had their next reply after so long."""
        return percentile(self.waits_s, 0.99)

    def problems(self) -> list[str]:
        """Everything that must not be; empty is good."""
        found = [*self.verdict.faults, *self.run.fleet.crashes]
        found += [f"worker ended with {code}" for code in self.ended if code]
        if self.run.left:
            found.append(f"left in Redis: {dict(self.run.left)}")
        if self.verdict.doubled_parts > self.deaths:
            found.append(f"{self.verdict.doubled_parts} doubled parts, {self.deaths} kills")
        for customer in self.run.customers:
            if customer.finished != ("apologised" if customer.plan.poison else "booked"):
                found.append(f"{customer.plan} ended {customer.finished!r} after {customer.heard}")
        if self.p99_s > 10:
            found.append(f"p99 of the next reply after a kill is {self.p99_s:.1f} s")
        return found

    def table(self) -> str:
        """For people."""
        verdict, deaths = self.verdict, Counter(death.what.partition(":")[0] for death in self.run.fleet.deaths)
        rows = [
            ("updates accepted / turns / parts sent", f"{verdict.accepted} / {verdict.turns} / {verdict.sent}"),
            (
                "seconds, answers of the edge",
                f"{self.run.seconds:.0f}, {self.run.postman.refusals}",
            ),
            ("deaths", ", ".join(f"{what} {number}" for what, number in sorted(deaths.items())) or "none"),
            ("cuts", ", ".join(f"{w} {n}" for w, n in Counter(w for _, w in self.run.cuts).items()) or "none"),
            ("lost / in two turns / out of order", f"{verdict.lost} / {verdict.twice} / {verdict.disordered}"),
            ("doubled / wrong bookings", f"{verdict.doubled_bookings} / {verdict.wrong_bookings}"),
            ("doubled / lost parts", f"{verdict.doubled_parts} (deaths {self.deaths}) / {verdict.lost_parts}"),
            ("unanswered / parked events", f"{verdict.unanswered} / {verdict.parked_events}"),
            ("customers", str(dict(Counter(customer.finished for customer in self.run.customers)))),
            ("next reply after a death", self._waits()),
        ]
        return "\n".join(f"{name:40} {value}" for name, value in rows)

    def _waits(self) -> str:
        if not self.waits_s:
            return "nobody waited"
        middle, most = statistics.median(self.waits_s), self.waits_s[-1]
        return f"{len(self.waits_s)} waited: p50 {middle:.1f} s, p99 {self.p99_s:.1f} s, longest {most:.1f} s"


def percentile(values: list[float], share: float) -> float:
    """Of sorted values; 0 of none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def evidence(run: Run) -> tuple[list[Accepted], list[Sent], list[Wanted]]:
    """What the checker may see of a run."""
    accepted = [
        Accepted(u.name, u.tenant, u.chat, u.sent_at, u.accepted_at) for u in run.postman.updates if u.accepted_at
    ]
    wanted = [Wanted(p.tenant, p.chat, p.name, None if p.poison else p.wish) for p in (c.plan for c in run.customers)]
    return accepted, sent_messages(run.provider), wanted


def sent_messages(stub: Provider) -> list[Sent]:
    """The provider's log: messages taken."""
    tenants = {bot(tenant): tenant for tenant in TENANTS}
    return [
        Sent(one["at"], tenants[one["bot"]], str(one["body"]["chat_id"]), one["body"]["text"], _buttons(one["body"]))
        for one in stub.requests
        if one["method"] == "sendMessage" and one["message_id"]
    ]


def _buttons(body: dict[str, dict[str, list[list[dict[str, str]]]]]) -> str:
    rows = body.get("reply_markup", {}).get("inline_keyboard", [])
    return " ".join(button["callback_data"] for row in rows for button in row)


async def faults(
    redis_url: str, database_url: str, home: Path, *, turns: int, trouble: Trouble, at_once: int = 8, seed: int = 1,
    understanding: str = "", within_s: float = RUN_S, beside: Beside | None = None, poisoned: int = 6,
) -> Report:  # fmt: skip
    """Publish, serve with two processes, play, stop, and judge."""
    await publish(database_url)
    async with provider(home / "provider.jsonl") as stub:
        environment = {**environment_of(redis_url, database_url, stub.url), "FAULTS_UNDERSTANDING": understanding}
        async with Fleet(home, environment) as fleet:
            run = await play(
                fleet,
                stub,
                redis_url,
                database_url,
                turns=turns,
                trouble=trouble,
                at_once=at_once,
                seed=seed,
                within_s=within_s,
                beside=beside,
                poisoned=poisoned,
            )
            ended = await fleet.stop()
    accepted, sent, wanted = evidence(run)
    verdict = Checker(accepted, sent, wanted, await read_records(database_url)).check()
    return Report(run, verdict, recovery([death.at for death in fleet.deaths], accepted, sent), ended)


async def _by_hand(options: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(folder())
        redis_url = options.redis or stack.enter_context(private_redis()).url
        database_url = options.database or stack.enter_context(private_postgresql())
        if options.database == "sqlite":
            database_url = f"sqlite+aiosqlite:///{home / 'frontdesk.db'}"
        trouble = Trouble(
            options.kills,
            POINTS[: options.kills] * options.rounds,
            options.pauses,
            options.redis_cuts,
            options.sql_cuts,
        )
        report = await faults(
            redis_url, database_url, home, turns=options.turns, trouble=trouble, at_once=options.at_once,
            seed=options.seed, understanding=options.understanding, within_s=60 * options.minutes,
        )  # fmt: skip
        problems = report.problems()
        sys.stdout.write(f"{report.table()}\n\n{len(problems)} problems\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in problems[:40])
        if problems and options.keep:
            for log in home.glob("worker-*.log"):
                (options.keep / log.name).write_bytes(log.read_bytes())
    return 1 if problems else 0


def main() -> int:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20, help="kill -9, at the kill points first")
    parser.add_argument("--rounds", type=int, default=1, help="how often each kill point gets its kill")
    parser.add_argument("--pauses", type=int, default=1, help="SIGSTOP for longer than a lease")
    parser.add_argument("--redis-cuts", type=int, default=2, help="CLIENT KILL of everybody")
    parser.add_argument("--sql-cuts", type=int, default=2, help="pg_terminate_backend of everybody")
    parser.add_argument("--minutes", type=float, default=25, help="no more faults after so long")
    parser.add_argument("--at-once", type=int, default=8, help="customers at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--understanding", default="", choices=["", "rules"])
    parser.add_argument("--redis", default="", metavar="URL")
    parser.add_argument("--database", default="", metavar="URL", help="or `sqlite`")
    parser.add_argument("--keep", type=Path, help="where to put the workers' logs when something is wrong")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers of our own end with us
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return asyncio.run(_by_hand(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
