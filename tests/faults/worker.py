"""One worker process as `frontdesk serve` runs it, with kill points and a scripted understanding wrapped around.

SIGUSR1 arms the kill point that FAULTS_ORDER's file names. FAULTS_UNDERSTANDING=rules leaves the product's own
understanding in place (a poisoned text then still raises). Everything else is the product, by its own command line.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import runtime.app
import runtime.cascading
from runtime.cli import main
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.faults.kill_points import arm, install
from runtime.ports import Patience, Understanding
from tests.faults.scripted import POISON, Poisoned, ScriptedUnderstanding


class PoisonedRules:
    """The product's understanding, which a poisoned text still kills."""

    def __init__(self) -> None:
        self.rules: Understanding = _RULES()

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """As the rules, unless poisoned."""
        if any(POISON in text for text in request.texts):
            raise Poisoned("this text kills every turn that reads it")
        return await self.rules.understand(request, now)


_RULES = getattr(runtime.cascading, "OfflineRules")  # noqa: B009  # another module's, imported there


def _ordered(*_: object) -> None:
    arm(Path(os.environ["FAULTS_ORDER"]).read_text(encoding="ascii"))


def run() -> int:
    """Serve until stopped, or killed."""
    chosen = PoisonedRules if os.environ.get("FAULTS_UNDERSTANDING") == "rules" else ScriptedUnderstanding
    setattr(runtime.cascading, "OfflineRules", chosen)  # noqa: B010  # the composition root is not meant to be changed
    install()
    signal.signal(signal.SIGUSR1, _ordered)
    return main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(run())
