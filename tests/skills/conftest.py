"""A real store for the booking tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.records.appointments import Appointments
from runtime.records.database import Database
from tests.skills.desks import Booking
from tests.support.tenants import business


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Appointments]:
    """Appointments on SQLite."""
    database = await Database.open(f"sqlite:///{tmp_path}/records.db")
    yield Appointments(database)
    await database.close()


@pytest.fixture
def studio(store: Appointments) -> Booking:
    """The demo tenant's booking."""
    return Booking(store, business("demo"))
