"""One worker process as `frontdesk serve` runs it, that can be told to kill itself at a point.

SIGUSR1 arms the kill point that the file named by FAULTS_ORDER holds. Everything else is the product.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from runtime.cli import main
from runtime.faults.kill_points import arm, install


def _ordered(*_: object) -> None:
    arm(Path(os.environ["FAULTS_ORDER"]).read_text(encoding="ascii"))


def run() -> int:
    """Serve until stopped, or killed."""
    install()
    signal.signal(signal.SIGUSR1, _ordered)
    return main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(run())
