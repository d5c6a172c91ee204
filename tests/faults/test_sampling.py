"""What a long run watches: idle keys go, what never ends is counted, growth is seen."""

from __future__ import annotations

from collections import Counter

import redis

from tests.faults.sampling import DAYS_MS, _keys, kind, slope
from tests.faults.servers import PrivateRedis


def test_idle_keys_go_and_endless_ones_are_counted(own_redis: PrivateRedis) -> None:
    with redis.Redis.from_url(own_redis.url, protocol=2) as client:
        client.flushdb()
        client.set("fd:{p01}:seen:a", "1", px=DAYS_MS - 90_000)
        client.set("fd:{p01}:seen:b", "1", px=DAYS_MS)
        client.set("fd:{p01}:lease:a", "1", px=5000)
        client.hset("fd:{p01}:parked", "1", "x")
        kinds, endless = _keys(client, 60_000)
        assert not client.exists("fd:{p01}:seen:a")
        client.flushdb()
    assert kinds == Counter({"seen": 1, "lease": 1, "parked": 1})
    assert endless == Counter({"parked": 1})


def test_a_key_is_named_by_its_kind() -> None:
    assert [kind(name) for name in (b"fd:{p07}:box:t:c", b"fd:live:1", b"x")] == ["box", "live", "other"]


def test_growth_is_the_second_half_against_the_first() -> None:
    assert slope([10, 10, 10, 10]) == 0
    assert slope([10, 10, 15, 15]) == 0.5
    assert slope([1]) == 0
