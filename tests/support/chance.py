"""How many examples a test by chance tries: a few in every run, many with `HYPOTHESIS_PROFILE=thorough`."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def tries(few: int, *, times: int = 25) -> int:
    """A few, or so many times as many."""
    return few * times if THOROUGH else few
