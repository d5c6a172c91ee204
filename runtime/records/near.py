"""Short looks into SQLite on the event loop's own thread, without a hand-over to another one and back.

A look takes some ten microseconds in SQLite itself. Through a worker thread it cost 0.6 ms of CPU and some ten
hand-overs, and each of them waits for a whole round of the event loop: with rounds of 20 ms beside it a look took
580 ms, and 50 at once outlasted their turns' leases. A reader in WAL mode waits for no writer. Where it would have to
wait all the same (the file is locked as a whole), it gives up at once, and the look takes the long way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

Found = sa.Row[*tuple[Any, ...]]


class Near:
    """One connection that can only read; for one thread, and for statements that find a few rows by an index."""

    def __init__(self, file: str | Path, **shared: Any) -> None:
        self._engine = sa.create_engine(
            f"sqlite:///{file}",
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            connect_args={"timeout": 0, "check_same_thread": False},
            poolclass=NullPool,
            **shared,
        )
        event.listen(self._engine, "connect", _only_read)
        self._connection: sa.Connection | None = None

    def look(self, statement: sa.Select[Any], parameters: Mapping[str, Any]) -> Sequence[Found] | None:
        """All rows, or None where this way is not open just now."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            return self._connection.execute(statement, parameters).all()
        except DBAPIError:
            self.close()
            return None

    def close(self) -> None:
        """Let go of the file; the next look opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _only_read(connection: Any, _: object) -> None:
    connection.execute("PRAGMA query_only=ON").close()
