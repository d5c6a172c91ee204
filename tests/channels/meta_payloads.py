"""What Meta's payloads share: how they are signed and written."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Case = tuple[Json, list[Json]]
"""A payload and what must be read in it."""


def signed(body: bytes, secret: str) -> Mapping[str, str]:
    """The header that Meta would send."""
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def encoded(payload: object) -> bytes:
    """As Meta writes it: letters and slashes escaped."""
    return json.dumps(payload).replace("/", "\\/").encode()


def assert_means(got: list[Json], wanted: list[Json]) -> None:
    """Every field that is named must be as named; of attachments and cards only their named fields count."""
    assert len(got) == len(wanted), got
    for event, want in zip(got, wanted, strict=True):
        for name, value in want.items():
            if name in ("attachments", "contacts"):
                assert len(event[name]) == len(value), (name, event)
                for part, wanted_part in zip(event[name], value, strict=True):
                    assert {key: part[key] for key in wanted_part} == wanted_part
            else:
                assert event.get(name) == value, (name, event)
