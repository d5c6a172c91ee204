"""Inserts that may meet a row of the same key; the two engines speak the same dialect here, under two class names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert(dialect: str, table: sa.Table) -> postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return cast(postgresql.Insert, sqlite.insert(table))  # same methods, no common base class


@cache
def insert_new(dialect: str, table: sa.Table) -> sa.Insert:
    """Insert, or leave what is there."""
    return insert(dialect, table).on_conflict_do_nothing()


def merge(
    dialect: str, table: sa.Table, stamped: Mapping[str, Sequence[str]], earliest: str = "", latest: Sequence[str] = ()
) -> sa.Insert:
    """Insert, or let the newer knowledge win: `stamped` says which fields follow which stamp column.

    Of `latest` the greater one stays, and an empty one never wins. Whatever the order in which rows arrive, the same
    row stands in the end.
    """
    statement = insert(dialect, table)
    new, old = statement.excluded, table.c
    values: dict[str, sa.ColumnElement[object]] = {}
    for stamp, fields in stamped.items():
        newer = new[stamp] > old[stamp]
        values |= {name: _if(newer, new[name], old[name]) for name in (*fields, stamp)}
    if earliest:
        values[earliest] = _if(new[earliest] < old[earliest], new[earliest], old[earliest])
    for name in latest:
        values[name] = _if(sa.or_(old[name].is_(None), new[name] > old[name]), new[name], old[name])
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)


def _if(
    condition: sa.ColumnElement[bool], new: sa.ColumnElement[object], old: sa.ColumnElement[object]
) -> sa.Case[object]:
    return sa.case((condition, new), else_=old)
