"""Published configuration: versions, flows by hash, the stamp."""

from __future__ import annotations

import asyncio
from datetime import date

from runtime.records.database import Database
from runtime.records.tenants import Tenants


async def test_a_change_is_a_new_version_and_the_same_is_none(database: Database) -> None:
    tenants = Tenants(database)
    assert await tenants.document("salon", "tenant") is None
    assert await tenants.put_document("salon", "tenant", {"name": "Salon", "hours": {"mo": "9-18"}}) == 1
    assert await tenants.put_document("salon", "tenant", {"hours": {"mo": "9-18"}, "name": "Salon"}) == 1
    assert await tenants.put_document("salon", "tenant", {"name": "Salon Ü"}) == 2
    assert await tenants.put_document("salon", "tenant", {"name": "Salon", "hours": {"mo": "9-18"}}) == 3
    assert await tenants.document("salon", "tenant") == {"name": "Salon", "hours": {"mo": "9-18"}}
    assert [(one.version, one.status) for one in await tenants.versions("salon", "tenant")] == [
        (3, "published"),
        (2, "published"),
        (1, "published"),
    ]


async def test_what_yaml_makes_of_a_date_is_kept_as_text(database: Database) -> None:
    tenants = Tenants(database)
    await tenants.put_document("salon", "tenant", {"holidays": [date(2026, 12, 24)], "five": ("a", "b")})
    assert await tenants.document("salon", "tenant") == {"holidays": ["2026-12-24"], "five": ["a", "b"]}


async def test_many_who_publish_at_once_get_versions_of_their_own(database: Database, other: Database) -> None:
    desks = [Tenants(database), Tenants(other)]
    puts = [desks[n % 2].put_document("salon", "tenant", {"n": n}) for n in range(10)]
    assert sorted(await asyncio.gather(*puts)) == list(range(1, 11))
    assert await desks[0].stamp() == "10"


async def test_tenants_are_walls(database: Database) -> None:
    tenants = Tenants(database)
    await tenants.put_document("salon", "tenant", {"n": 1})
    await tenants.put_document("clinic", "agent", {"n": 2})
    await tenants.put_flows("defaults", {"book": ("h1", {})})
    assert await tenants.document("clinic", "tenant") is None
    assert await tenants.versions("clinic", "tenant") == ()
    assert await tenants.document("clinic", "agent") == {"n": 2}
    assert await tenants.all() == ("salon",)


async def test_a_flow_is_kept_in_every_version(database: Database) -> None:
    tenants = Tenants(database)
    await tenants.put_flows("salon", {"book": ("h1", {"lines": [1]}), "cancel": ("h2", {"lines": []})})
    await tenants.put_flows("salon", {"book": ("h3", {"lines": [1, 2]})})
    await tenants.put_flows("clinic", {"book": ("h1", {"lines": [1]})})
    assert await tenants.flow_by_hash("h1") == {"lines": [1]}
    assert await tenants.flow_by_hash("h3") == {"lines": [1, 2]}
    assert await tenants.flow_by_hash("h4") is None


async def test_the_stamp_changes_with_everything_published_and_only_then(database: Database, other: Database) -> None:
    tenants, elsewhere = Tenants(database), Tenants(other)
    stamps = [await elsewhere.stamp()]
    await tenants.put_document("salon", "tenant", {"n": 1})
    stamps.append(await elsewhere.stamp())
    await tenants.put_flows("salon", {"book": ("h1", {})})
    stamps.append(await elsewhere.stamp())
    assert len(set(stamps)) == 3
    await tenants.put_document("salon", "tenant", {"n": 1})
    await tenants.put_flows("salon", {"book": ("h1", {})})
    assert await elsewhere.stamp() == stamps[-1]


async def test_what_is_made_once_is_the_same_for_everybody(database: Database, other: Database) -> None:
    desks = [Tenants(database), Tenants(other)]
    made = await asyncio.gather(*(desks[n % 2].made_once("key", {"key": n}) for n in range(6)))
    assert len({one["key"] for one in made}) == 1
    assert await desks[1].made_once("key", {"key": 99}) == made[0]
    assert await desks[0].all() == ()


async def test_p10_a_tenant_is_active_until_somebody_says_otherwise(database: Database) -> None:
    tenants = Tenants(database)
    await tenants.put_document("salon", "tenant", {"name": "Salon"})
    assert await tenants.status("salon") == "active"
    before = await tenants.stamp()
    await tenants.set_status("salon", "paused", by="Linde")
    assert await tenants.status("salon") == "paused" and await tenants.stamp() != before
    await tenants.set_status("salon", "active")
    assert await tenants.status("salon") == "active" and await tenants.all() == ("salon",)
