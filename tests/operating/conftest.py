"""Databases to restore into: SQLite always, PostgreSQL as well with `--database URL`."""

from __future__ import annotations

from tests.records.conftest import empty_url, places, url

__all__ = ["empty_url", "places", "url"]
