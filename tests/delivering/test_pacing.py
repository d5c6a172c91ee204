"""How long to wait after a failure."""

from __future__ import annotations

import pytest

from runtime.errors import ProviderFault, ProviderUnavailable
from runtime.pacing import wait_after


@pytest.mark.parametrize(
    ("kind", "stated", "failures", "least", "most"),
    [
        ("temporary", None, 1, 0.8, 1.2),
        ("temporary", None, 4, 6.4, 9.6),
        ("temporary", None, 40, 48, 72),
        ("rate", 7.0, 3, 7, 7),
        ("pair_limit", None, 1, 1, 1),
        ("pair_limit", None, 3, 16, 16),
        ("pair_limit", None, 9, 300, 300),
    ],
)
def test_as_asked_else_longer_each_time(
    kind: ProviderFault, stated: float | None, failures: int, least: float, most: float
) -> None:
    assert least <= wait_after(ProviderUnavailable("x", retry_after_s=stated, kind=kind), failures) <= most
