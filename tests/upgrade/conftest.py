"""The servers of the fault tests."""

from tests.faults.conftest import database_url, home, own_redis, redis_url, sql_server

__all__ = ["database_url", "home", "own_redis", "redis_url", "sql_server"]
