"""Run every test: first those that mind nobody, side by side; then those that do, in as few rows as they can bear.

    python -m tests [--together] [--again] [what pytest takes]

Side by side run tests of pure code and of embedded servers of their own. In rows run those that kill processes, measure
time on real servers, drive a browser, or share an outside server: one row for each `--redis` URL, so that no row meets
another one's keys. `--together`, as in `make check`, is one run, for a choice of quick tests that share nothing.
`--again` gives what failed one more try, alone, and says so. The last line adds everything up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

CORES = max(2, min(8, os.cpu_count() or 2))
PYTEST = (sys.executable, "-m", "pytest")
NOTHING_TO_RUN = 5
"""pytest's exit code when no test was chosen."""
BROKEN = ("failed", "error")


class Runs:
    """One run of pytest after the other, and what they counted."""

    def __init__(self, counts: Path) -> None:
        self._counts = counts
        self.total: Counter[str] = Counter()
        self.codes: list[int] = []

    def run(self, title: str, arguments: Sequence[str]) -> Counter[str]:
        """What this run counted. One that ended without counts has failed as a whole: one error."""
        sys.stdout.write(f"== tests: {title}\n")
        sys.stdout.flush()
        self._counts.write_text("")
        environment = {**os.environ, "FRONTDESK_TEST_COUNTS": str(self._counts)}
        code = subprocess.run([*PYTEST, *arguments], check=False, env=environment).returncode
        self.codes.append(code)
        counted: Counter[str] = Counter(json.loads(self._counts.read_text() or "{}"))
        if code not in (0, NOTHING_TO_RUN) and not any(counted[word] for word in BROKEN):
            counted["error"] += 1
        self.total += counted
        return counted

    def again(self, arguments: Sequence[str]) -> None:
        """What failed once more, alone. Passing now, it counts as passed, and stands in the last line by itself."""
        before = sum(self.total[word] for word in BROKEN)
        counted = self.run(
            "once more, only what failed", ["--last-failed", "--last-failed-no-failures=none", *arguments]
        )
        if any(counted[word] for word in BROKEN) or counted["passed"] != before:
            return
        for word in BROKEN:
            del self.total[word]
        self.total["passed at the second try"] = before
        self.total["passed"] -= before
        self.codes = [0]

    def closing(self, seconds: float) -> str:
        """The sum in pytest's own words."""
        counted = ", ".join(f"{number} {word}" for word, number in self.total.items() if number)
        return f" {counted or 'no tests ran'} in {seconds:.2f}s ".center(88, "=")

    def code(self) -> int:
        """pytest's exit code for all of it: of the first failure, or 5 when no run found a test."""
        failed = [code for code in self.codes if code not in (0, NOTHING_TO_RUN)]
        return failed[0] if failed else min(self.codes)


def beside(rows: int) -> list[str]:
    """The options for as many rows of whole files; none for a single one."""
    return ["-n", str(rows), "--dist", "loadfile"] if rows > 1 else []


def with_marker(arguments: Sequence[str], marker: str) -> list[str]:
    """Both markers hold where the caller has one of their own."""
    if "-m" not in arguments:
        return [*arguments, "-m", marker]
    at = list(arguments).index("-m") + 1
    return [*arguments[:at], f"({arguments[at]}) and {marker}", *arguments[at + 1 :]]


def main(arguments: Sequence[str]) -> int:
    """All runs; fails when one of them does, or when none found a test."""
    chosen = [one for one in arguments if one not in ("--together", "--again")]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fdt") as folder:
        runs = Runs(Path(folder) / "counts")
        if "--together" in arguments:
            runs.run("side by side", [*beside(CORES), *chosen])
        else:
            runs.run("side by side", [*beside(CORES), *with_marker(chosen, "not alone")])
            rows = min(CORES, sum(one.partition("=")[0] == "--redis" for one in chosen))
            runs.run("in rows", [*beside(rows), *with_marker(chosen, "alone")])
        if "--again" in arguments and runs.code() not in (0, NOTHING_TO_RUN):
            runs.again(chosen)
    sys.stdout.write(runs.closing(time.monotonic() - begun) + "\n")
    return runs.code()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
