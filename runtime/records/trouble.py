"""Which failures mean "the store cannot take it now", and which of those are worth another try at once."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime.errors import StorageUnavailable

STORE_ERRORS = (DBAPIError, PoolTimeout, OSError)
"""What to catch before asking `unavailable`. OSError holds refused connections and time-outs."""

LOST_AGAINST_ANOTHER = ("40001", "40P01", "55P03")
"""Serialization failure, deadlock, lock not available."""
TROUBLE_CLASSES = ("08", "28", "3D", "40", "53", "55", "57", "58", "25006")
"""SQLSTATE classes: connection, login, no such database, rolled back, resources, state, operator, system, read only."""


def unavailable(error: BaseException) -> StorageUnavailable | None:
    """The error to raise instead, or None when this one is our own bug or a broken constraint."""
    if isinstance(error, DBAPIError) and not _is_trouble(error):
        return None
    what = str(error.orig if isinstance(error, DBAPIError) else error) or "timed out"
    text = _first_line(what)
    return StorageUnavailable(f"The database cannot take it now: {text}. Check DATABASE_URL and its server.")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]


def _is_trouble(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    if type(error) is DatabaseError:  # SQLite: not a database, malformed
        return True
    return _state(error).startswith(TROUBLE_CLASSES) or "connection is closed" in str(error.orig)


def may_work_again(error: BaseException | None) -> bool:
    """Whether the same work has a chance right now because it only lost against another writer."""
    if not isinstance(error, DBAPIError):
        return False
    text = str(error.orig)
    return _state(error) in LOST_AGAINST_ANOTHER or "database is locked" in text or "cached statement plan" in text


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
