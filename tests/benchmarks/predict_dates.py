"""Dates in texts, for the scoring tool: the same reading that `frontdesk understand` prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runtime.understood import mentioned


def predict(case: Mapping[str, Any]) -> dict[str, Any]:
    """The times that one text names, each with its readings, the likeliest first."""
    given = case["input"]
    now = datetime.fromisoformat(str(given["reference"])).replace(tzinfo=None)
    locale = str(given.get("locale") or case["lang"])
    return {"entities": mentioned(str(given["text"]), locale, now)}
