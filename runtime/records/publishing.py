"""A document's way: draft, tested, published, rolled back. Nothing published is ever changed or taken away.

Going back publishes the older content anew under the next number, so that what was in force when can always be read
from the numbers, and a worker that only knows "the highest published one" does the right thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import Conflict, NotFound
from runtime.records.audit import acts, note
from runtime.records.database import Database
from runtime.records.tables import documents, flows
from runtime.records.tenants import canonical, count_publication, enter
from runtime.records.upserts import insert_new

DRAFT, PUBLISHED, DROPPED = "draft", "published", "dropped"
TESTED, PUBLISHING = "document.tested", "document.published"
DEFAULT = 0
"""The version to go back to when a tenant wants the flow that comes with the program again."""
FLOW = "flow:"


@dataclass(frozen=True, slots=True)
class Draft:
    """A document's draft: where it stands, and its hash, by which a test's result belongs to it."""

    version: int
    hash: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What is told about a publication: by whom, whether tested, which version it went back to."""

    by: str = ""
    untested: bool = False
    back_to: int | None = None


class Publishing:
    """Drafts and versions of one database's documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_draft(self, tenant: str, kind: str, content: Mapping[str, Any]) -> int:
        """Keep a draft; the one before it is dropped. The same content again is the same draft."""
        plain, digest = canonical(content)

        async def work(connection: AsyncConnection) -> int:
            await enter(connection, tenant)
            old = await _draft(connection, tenant, kind)
            if old is not None and old.hash == digest:
                return int(old.version)
            await _drop_drafts(connection, tenant, kind)
            return await _add(connection, tenant, kind, plain, digest, DRAFT)

        return await self._database.attempt(work)

    async def draft(self, tenant: str, kind: str) -> Draft | None:
        """The draft, if there is one."""
        async with self._database.reading() as connection:
            row = await _draft(connection, tenant, kind)
        return None if row is None else Draft(int(row.version), row.hash, dict(row.content))

    async def publish(self, tenant: str, kind: str, digest: str, flow_hash: str, step: Step) -> int:
        """Publish the draft with this hash; raises Conflict when another one has come in its place meanwhile."""

        async def work(connection: AsyncConnection) -> int:
            await enter(connection, tenant)
            row = await _draft(connection, tenant, kind)
            if row is None or row.hash != digest:
                raise Conflict(f"The draft of {kind}, tenant {tenant}, has changed meanwhile; test it again.")
            await _drop_drafts(connection, tenant, kind)
            return await _publish(connection, tenant, kind, (dict(row.content), digest, flow_hash), step)

        return await self._database.attempt(work)

    async def go_back(self, tenant: str, kind: str, flow_hash: str, step: Step) -> int:
        """Publish the content of version `step.back_to` anew; DEFAULT is an empty content."""

        async def work(connection: AsyncConnection) -> int:
            await enter(connection, tenant)
            content, digest = canonical({})
            if step.back_to != DEFAULT:
                row = await _row(connection, tenant, kind, step.back_to or 0)
                content, digest = dict(row.content), row.hash
            return await _publish(connection, tenant, kind, (content, digest, flow_hash), step)

        return await self._database.attempt(work)

    async def content(self, tenant: str, kind: str, version: int) -> Mapping[str, Any]:
        """A version's content; raises NotFound."""
        async with self._database.reading() as connection:
            row = await _row(connection, tenant, kind, version)
        return dict(row.content)

    async def note_test(self, tenant: str, facts: Mapping[str, Any]) -> None:
        """Remember how a draft's tests went: `document`, `hash`, `passed` and what else is worth knowing."""
        await self._database.attempt(lambda connection: note(connection, tenant, TESTED, facts))

    async def has_passed(self, tenant: str, kind: str, digest: str) -> bool:
        """Whether the last test of exactly this content passed."""
        tests = [act.facts for act in await acts(self._database, tenant, TESTED)]
        mine = [facts for facts in tests if facts.get("document") == kind and facts.get("hash") == digest]
        return bool(mine) and bool(mine[-1].get("passed"))

    async def steps(self, tenant: str, kind: str) -> dict[int, Step]:
        """What was told about each publication, by version."""
        found = {}
        for act in await acts(self._database, tenant, PUBLISHING):
            facts = act.facts
            if facts.get("document") == kind:
                step = Step(str(facts.get("by", "")), bool(facts.get("untested")), facts.get("back_to"))
                found[int(facts["version"])] = step
        return found

    async def kinds(self, tenant: str) -> tuple[str, ...]:
        """The kinds of documents that a tenant has, in any state."""
        c = documents.c
        async with self._database.reading() as connection:
            rows = await connection.execute(sa.select(c.kind).where(c.tenant == tenant).distinct().order_by(c.kind))
            return tuple(rows.scalars())


async def _publish(
    connection: AsyncConnection, tenant: str, kind: str, what: tuple[Mapping[str, Any], str, str], step: Step
) -> int:
    content, digest, flow_hash = what
    if flow_hash and content:
        row = {"tenant": tenant, "id": kind.removeprefix(FLOW), "hash": flow_hash, "content": content}
        statement = insert_new(connection.dialect.name, flows)
        await connection.execute(statement, {**row, "created_at": datetime.now(UTC)})
    version = await _add(connection, tenant, kind, content, digest, PUBLISHED)
    facts = {"document": kind, "version": version, "hash": digest, "by": step.by, "untested": step.untested}
    if step.back_to is not None:
        facts["back_to"] = step.back_to
    await note(connection, tenant, PUBLISHING, facts)
    await count_publication(connection)
    return version


async def _add(
    connection: AsyncConnection, tenant: str, kind: str, content: Mapping[str, Any], digest: str, status: str
) -> int:
    """A new row under the next number; a draft that has the last number already is published under that."""
    c = documents.c
    mine = (c.tenant == tenant, c.kind == kind)
    newest = sa.select(c.version, c.hash, c.status).where(*mine).order_by(c.version.desc()).limit(1)
    last = (await connection.execute(newest)).first()
    if last is not None and status == PUBLISHED and (last.hash, last.status) == (digest, DROPPED):
        again = {"status": PUBLISHED, "created_at": datetime.now(UTC)}
        await connection.execute(sa.update(documents).where(*mine, c.version == last.version).values(again))
        return int(last.version)
    version = 1 if last is None else int(last.version) + 1
    values = {"tenant": tenant, "kind": kind, "version": version, "content": dict(content), "hash": digest}
    await connection.execute(sa.insert(documents), {**values, "status": status, "created_at": datetime.now(UTC)})
    return version


async def _draft(connection: AsyncConnection, tenant: str, kind: str) -> sa.Row[Any] | None:
    c = documents.c
    wanted: sa.Select[Any] = sa.select(c.version, c.hash, c.content)
    query = wanted.where(c.tenant == tenant, c.kind == kind, c.status == DRAFT)
    row: sa.Row[Any] | None = (await connection.execute(query.order_by(c.version.desc()).limit(1))).first()
    return row


async def _drop_drafts(connection: AsyncConnection, tenant: str, kind: str) -> None:
    c = documents.c
    old = sa.update(documents).where(c.tenant == tenant, c.kind == kind, c.status == DRAFT)
    await connection.execute(old.values(status=DROPPED))


async def _row(connection: AsyncConnection, tenant: str, kind: str, version: int) -> sa.Row[Any]:
    c = documents.c
    wanted: sa.Select[Any] = sa.select(c.content, c.hash)
    query = wanted.where(c.tenant == tenant, c.kind == kind, c.version == version)
    row: sa.Row[Any] | None = (await connection.execute(query)).first()
    if row is None:
        raise NotFound(f"{kind} of tenant {tenant} has no version {version}.")
    return row
