"""What `frontdesk test DIR --faults` shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from runtime.faults.dialog_run import FaultRun, Faults, run_with_faults

MOST_SHOWN = 5


async def show_faults(path: Path, faults: Faults) -> int:
    """Play and report; 0 when every file went as in peace, 1 otherwise."""
    run = await run_with_faults(path, faults)
    sys.stdout.writelines(f"{line}\n" for line in report(run))
    return 1 if wrong(run) else 0


def wrong(run: FaultRun) -> bool:
    """Whether anything went another way than in peace."""
    return bool(run.crashes or any(run.complaints.values()))


def report(run: FaultRun) -> Iterator[str]:
    """For people."""
    for file, times in run.plays.items():
        complaints = run.complaints.get(file, [])
        yield f"{'FAILED' if complaints else 'ok    '} {file} (played {times} time{'' if times == 1 else 's'})"
        yield from (f"       {complaint}" for complaint in complaints[:MOST_SHOWN])
    yield from (f"FAILED {crash}" for crash in run.crashes)
    kills = ", ".join(f"{point} {number}" for point, number in sorted(run.killed.items()))
    yield f"killed {run.killed.total()} times: {kills or 'never'}"
    if run.missed:
        yield f"nobody passed: {', '.join(run.missed)}"
    disorder = ", ".join(f"{number} {what}" for what, number in sorted(run.seen.items()))
    yield f"messages: {disorder or 'none in disorder'}"
    failed = sum(1 for complaints in run.complaints.values() if complaints)
    yield f"longest wait for a reply: {run.longest_s:.1f} s"
    yield f"{len(run.plays) - failed} files went as in peace, {failed} did not, in {run.seconds:.0f} s"
