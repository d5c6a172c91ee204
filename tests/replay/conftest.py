"""A desk for each test, as the laws have it."""

from tests.laws.conftest import desk, place, redis_server

__all__ = ["desk", "place", "redis_server"]
