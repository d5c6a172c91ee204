"""The ledger for writes at providers."""

from __future__ import annotations

import asyncio

import pytest

from runtime.errors import BugError
from runtime.records.database import Database
from runtime.records.ledger import Ledger
from runtime.records.tables import ledger
from tests.records.samples import rows_of


async def test_the_first_outcome_stands(database: Database, other: Database) -> None:
    ledgers = [Ledger(database), Ledger(other)]
    puts = [ledgers[n % 2].put("salon", "k", "f", "crm.create", "done", {"id": n}) for n in range(20)]
    recorded = await asyncio.gather(*puts)
    assert len({one.outcome["id"] for one in recorded}) == 1
    found = await ledgers[0].get("salon", "k", "f")
    assert found is not None
    assert (found.action, found.name, found.outcome) == ("crm.create", "done", recorded[0].outcome)
    assert len(await rows_of(database, ledger)) == 1


async def test_other_arguments_are_an_alarm(database: Database) -> None:
    here = Ledger(database)
    await here.put("salon", "k", "f", "crm.create", "done", {})
    with pytest.raises(BugError, match="alarm"):
        await here.put("salon", "k", "g", "crm.create", "done", {})
    with pytest.raises(BugError, match="alarm"):
        await here.get("salon", "k", "g")


async def test_tenants_are_walls(database: Database) -> None:
    here = Ledger(database)
    await here.put("salon", "k", "f", "crm.create", "done", {})
    assert await here.get("clinic", "k") is None
    assert (await here.put("clinic", "k", "g", "crm.create", "refused", {})).name == "refused"
