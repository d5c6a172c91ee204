"""Secrets that somebody outside shows us, compared in constant time. A header or frame may hold what is no letter."""

from __future__ import annotations

import hmac


def is_same(given: str, known: str) -> bool:
    """Whether `given` is our secret; never for an empty one."""
    return bool(known) and hmac.compare_digest(given.encode(errors="replace"), known.encode())
