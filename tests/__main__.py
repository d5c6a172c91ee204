"""Run every test: first those that mind nobody, side by side; then those that do, one by one.

    python -m tests [--together] [what pytest takes]

Side by side run tests of pure code and of embedded servers of their own. One by one run those that kill processes,
measure time on real servers, drive a browser, or share an outside server. `--together`, as in `make check`, is one run,
for a choice of quick tests that share nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

SIDE_BY_SIDE = ("-n", str(max(2, min(8, os.cpu_count() or 2))), "--dist", "loadfile")
PYTEST = (sys.executable, "-m", "pytest")
NOTHING_TO_RUN = 5
"""pytest's exit code when no test was chosen."""


def run(title: str, marker: str, arguments: Sequence[str]) -> int:
    """One run of pytest, its exit code."""
    sys.stdout.write(f"== tests: {title}\n")
    sys.stdout.flush()
    chosen = _with_marker(list(arguments), marker)
    return subprocess.run([*PYTEST, *chosen], check=False).returncode


def _with_marker(arguments: list[str], marker: str) -> list[str]:
    """Both markers hold where the caller has one of their own."""
    if "-m" not in arguments:
        return [*arguments, "-m", marker]
    at = arguments.index("-m") + 1
    return [*arguments[:at], f"({arguments[at]}) and {marker}", *arguments[at + 1 :]]


def main(arguments: Sequence[str]) -> int:
    """Both runs; fails when one of them does, or when neither found a test."""
    if "--together" in arguments:
        return subprocess.run(
            [*PYTEST, *SIDE_BY_SIDE, *(one for one in arguments if one != "--together")], check=False
        ).returncode
    codes = [
        run("side by side", "not alone", [*SIDE_BY_SIDE, *arguments]),
        run("one after the other", "alone", arguments),
    ]
    failed = [code for code in codes if code not in (0, NOTHING_TO_RUN)]
    return failed[0] if failed else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
