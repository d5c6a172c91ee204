"""Python's garbage collector and threads, set for a process that lives long and makes many small short-lived values.

What is loaded at the start (libraries, snapshots, tables) stays for good. Looking through all of it again and again
cost a tenth of a turn, in pauses of 0.1 s. A turn's own values hold no circles to speak of.

The event loop lets go of the interpreter at every read and write of a socket, and gets it back from a thread that
computes (SQLite's writer) only when that one's time is over: 5 ms each time are too long for a loop that answers.
"""

from __future__ import annotations

import gc
import sys

_NEW, _YOUNG, _OLD = 10_000, 20, 20
"""After how many new values the newest are looked through, and after how many such looks the older ones."""
_SWITCH_S = 0.0005
_settled: list[bool] = []


def settle() -> None:
    """Set what exists now aside and look through the rest less often; once a process, however often it is called."""
    if _settled:
        return
    _settled.append(True)
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _YOUNG, _OLD)
