"""All tables as plain rows, and back: the same on SQLite and PostgreSQL, so that one can be restored into the other.

Goes by `tables.py` alone: a new table or column is in the next backup by itself. An older backup has fewer columns
(each new one has a default), and columns that are no more are left out.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import ConfigurationError
from runtime.records.database import Database
from runtime.records.tables import Moment, metadata

Cells = list[Any]
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a table."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[Cells, ...]


async def dumped(database: Database) -> AsyncIterator[Piece]:
    """Every row of every table, as they were at one moment; whoever writes meanwhile is not held up."""
    async with database.picture() as connection:
        for table in metadata.sorted_tables:
            names = tuple(column.name for column in table.columns)
            # By key: the engines would give them in any order, and two backups of the same state shall be equal.
            query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
            found = await connection.stream(query)
            async for rows in found.partitions():
                yield Piece(table.name, names, tuple(_plain(table, row) for row in rows))


def _plain(table: sa.Table, row: Sequence[Any]) -> Cells:
    return [_to_plain(column, value) for column, value in zip(table.columns, row, strict=True)]


def _to_plain(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(column.type, Moment) and value is not None:
        return value.isoformat()
    if isinstance(column.type, sa.LargeBinary) and value is not None:
        return base64.b64encode(value).decode()
    return value


def _from_plain(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(column.type, Moment) and value is not None:
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.LargeBinary) and value is not None:
        return base64.b64decode(value)
    return value


async def filled_tables(database: Database) -> tuple[str, ...]:
    """The tables that hold something."""
    async with database.reading() as connection:
        found = [
            table.name
            for table in metadata.sorted_tables
            if (await connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first()
        ]
    return tuple(found)


async def load(database: Database, pieces: Iterable[Piece], *, emptied: bool) -> Mapping[str, int]:
    """Write all rows, or none; `emptied` takes away first what is there. Returns how many rows each table got."""
    counts: dict[str, int] = {}
    async with database.transaction() as connection:
        if emptied:
            for table in metadata.sorted_tables:
                await connection.execute(sa.delete(table))
        for piece in pieces:
            counts[piece.table] = counts.get(piece.table, 0) + await _insert(connection, piece)
    return counts


async def _insert(connection: AsyncConnection, piece: Piece) -> int:
    table = metadata.tables.get(piece.table)
    if table is None:
        raise ConfigurationError(f"The backup holds a table {piece.table} that this version does not know.")
    known = [(at, table.columns[name]) for at, name in enumerate(piece.columns) if name in table.columns]
    rows = [{column.name: _from_plain(column, row[at]) for at, column in known} for row in piece.rows]
    for start in range(0, len(rows), AT_ONCE):
        await connection.execute(sa.insert(table), rows[start : start + AT_ONCE])
    return len(rows)
