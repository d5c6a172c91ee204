"""How a database stands, for `doctor` and `migrate --check`. Never makes a file, never migrates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from runtime.records.addresses import Address, read_address
from runtime.records.migrate import present_version
from runtime.records.trouble import STORE_ERRORS, unavailable

CONNECT_S = 5


@dataclass(frozen=True, slots=True)
class State:
    """Which engine, its version, the schema's number ("" for an empty database or none), and its clock."""

    engine: str
    server: str
    schema: str
    now: datetime | None
    file: str = ""


async def state_of(url: str) -> State:
    """Look at a database; raises StorageUnavailable when it cannot be reached."""
    address = read_address(url)
    if address.file and not _is_there(address.file):
        return State("sqlite", "", "", None, address.file)
    engine = create_async_engine(address.url, connect_args=_arguments(address))
    try:
        async with engine.connect() as connection:
            return await _state(connection, address)
    except STORE_ERRORS as error:
        if (named := unavailable(error)) is None:
            raise
        raise named from error
    finally:
        await engine.dispose()


def _is_there(file: str) -> bool:
    return os.path.exists(file)


def _arguments(address: Address) -> dict[str, Any]:
    return {} if address.file else {"timeout": CONNECT_S, "command_timeout": CONNECT_S, **address.arguments}


async def _state(connection: AsyncConnection, address: Address) -> State:
    schema = await connection.run_sync(present_version)
    if address.file:
        server = (await connection.execute(sa.text("SELECT sqlite_version()"))).scalar_one()
        return State("sqlite", str(server), schema, None, address.file)
    row = (await connection.execute(sa.text("SELECT current_setting('server_version'), now()"))).one()
    return State("postgresql", str(row[0]).split(" ")[0], schema, row[1].astimezone(UTC))
