"""Tenants and what they published: versioned configuration documents, and flows by content hash.

Publishing counts up one number, so that a worker sees with one small read whether its snapshots are still new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.core.business import Status
from runtime.records.database import Database
from runtime.records.tables import barred, documents, flows, publications, tenants
from runtime.records.upserts import insert, insert_new


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, without its content."""

    version: int
    hash: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """A document's version with its content."""

    version: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Barred:
    """A contact that gets no more answers."""

    contact: str
    conversation: str
    reason: str
    operator: str
    at: datetime


STATUSES: tuple[Status, ...] = ("active", "paused", "suspended")
INSTALLATION = "*"
"""Under this name lies what belongs to no single business."""
_STAMP = sa.select(publications.c.number)


class Tenants:
    """Reads and publishes tenants' configuration."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_document(self, tenant: str, kind: str, content: Mapping[str, Any]) -> int:
        """Publish; returns its version. What is published already gets no new version."""
        plain, digest = canonical(content)

        async def work(connection: AsyncConnection) -> int:
            await enter(connection, tenant)
            present = await _present(connection, tenant, kind, documents.c.version, documents.c.hash)
            if present is not None and present.hash == digest:
                return int(present.version)
            # Drafts have numbers, too: the next one is free for sure.
            newest = sa.select(sa.func.max(documents.c.version))
            mine = newest.where(documents.c.tenant == tenant, documents.c.kind == kind)
            version = int((await connection.execute(mine)).scalar() or 0) + 1
            values = {"tenant": tenant, "kind": kind, "version": version, "content": plain, "hash": digest}
            values |= {"status": "published", "created_at": datetime.now(UTC)}
            await connection.execute(sa.insert(documents), values)
            await count_publication(connection)
            return version

        return await self._database.attempt(work)

    async def made_once(self, kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """A document of the whole installation: whoever comes first makes it, everybody gets the same one."""
        plain, digest = canonical(content)

        async def work(connection: AsyncConnection) -> Mapping[str, Any]:
            await enter(connection, INSTALLATION)
            present = await _present(connection, INSTALLATION, kind, documents.c.content)
            if present is not None:
                return dict(present.content)
            values = {"tenant": INSTALLATION, "kind": kind, "version": 1, "content": plain, "hash": digest}
            values |= {"status": "published", "created_at": datetime.now(UTC)}
            await connection.execute(sa.insert(documents), values)
            return plain

        return await self._database.attempt(work)

    async def document(self, tenant: str, kind: str) -> Mapping[str, Any] | None:
        """The published content."""
        async with self._database.reading() as connection:
            row = await _present(connection, tenant, kind, documents.c.content)
        return None if row is None else dict(row.content)

    async def own_flows(self, tenant: str) -> dict[str, Mapping[str, Any]]:
        """The flows that a tenant published in place of the ones that come with the program, by id."""
        c = documents.c
        mine = (c.tenant == tenant, c.kind.startswith("flow:", autoescape=True), c.status == "published")
        newest = sa.select(c.kind, sa.func.max(c.version).label("version")).where(*mine).group_by(c.kind).subquery()
        query = sa.select(c.kind, c.content).join(
            newest, sa.and_(c.kind == newest.c.kind, c.version == newest.c.version)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.where(c.tenant == tenant))).all()
        return {row.kind.removeprefix("flow:"): dict(row.content) for row in rows if row.content}

    async def set_status(self, tenant: str, status: Status, by: str = "") -> None:
        """Active, paused or suspended; who said so stays in the versions. Workers follow within five seconds."""
        await self.put_document(tenant, "status", {"status": status, "by": by})

    async def status(self, tenant: str) -> Status:
        """Active unless somebody said otherwise."""
        told = (await self.document(tenant, "status") or {}).get("status", "active")
        return next((status for status in STATUSES if status == told), "active")

    async def published(self, tenant: str, kind: str) -> Published | None:
        """The published content with its version."""
        async with self._database.reading() as connection:
            row = await _present(connection, tenant, kind, documents.c.version, documents.c.content)
        return None if row is None else Published(int(row.version), dict(row.content))

    async def document_of(self, tenant: str, kind: str, version: int) -> Mapping[str, Any] | None:
        """The content of one version, whatever became of it since."""
        c = documents.c
        query = sa.select(c.content).where(c.tenant == tenant, c.kind == kind, c.version == version)
        async with self._database.reading() as connection:
            content = (await connection.execute(query)).scalar_one_or_none()
        return None if content is None else dict(content)

    async def bar(self, tenant: str, contact: str, conversation: str = "", reason: str = "", by: str = "") -> None:
        """No more answers for this contact, by a person's decision; workers follow within five seconds."""
        row = {"tenant": tenant, "contact": contact, "conversation": conversation, "reason": reason, "operator": by}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert_new(connection.dialect.name, barred), {**row, "at": datetime.now(UTC)})
            await count_publication(connection)

        await self._database.attempt(work)

    async def unbar(self, tenant: str, contact: str) -> None:
        """They are answered again."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(sa.delete(barred).where(barred.c.tenant == tenant, barred.c.contact == contact))
            await count_publication(connection)

        await self._database.attempt(work)

    async def barred(self, tenant: str) -> tuple[Barred, ...]:
        """Who is barred, the newest first."""
        c = barred.c
        query = sa.select(c.contact, c.conversation, c.reason, c.operator, c.at).where(c.tenant == tenant)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(c.at.desc(), c.contact))
            return tuple(Barred(*row) for row in rows)

    async def versions(self, tenant: str, kind: str) -> tuple[Version, ...]:
        """All versions, the newest first."""
        c = documents.c
        query = sa.select(c.version, c.hash, c.status, c.created_at).where(c.tenant == tenant, c.kind == kind)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(c.version.desc()))
            return tuple(Version(*row) for row in rows)

    async def all(self) -> tuple[str, ...]:
        """The slugs of all businesses, sorted; whoever only keeps default flows here is none."""
        query = sa.select(documents.c.tenant).where(documents.c.kind == "tenant").distinct()
        async with self._database.reading() as connection:
            return tuple(sorted((await connection.execute(query)).scalars()))

    async def put_flows(self, tenant: str, published: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        """Keep these flows (id -> hash and content) for ever: a running one goes on in the version it began with."""
        rows = [
            {"tenant": tenant, "id": flow, "hash": digest, "content": canonical(content)[0], "created_at": now}
            for now in [datetime.now(UTC)]
            for flow, (digest, content) in sorted(published.items())
        ]

        async def work(connection: AsyncConnection) -> None:
            await enter(connection, tenant)
            before = await _flows_of(connection, tenant)
            new = [row for row in rows if (row["id"], row["hash"]) not in before]
            if new:
                await connection.execute(insert_new(connection.dialect.name, flows), new)
                await count_publication(connection)

        await self._database.attempt(work)

    async def flow_by_hash(self, digest: str) -> Mapping[str, Any] | None:
        """A flow's content in the version of this hash; the same hash is the same content, whoever published it."""
        query = sa.select(flows.c.content).where(flows.c.hash == digest).limit(1)
        async with self._database.reading() as connection:
            content = (await connection.execute(query)).scalar_one_or_none()
        return None if content is None else dict(content)

    async def stamp(self) -> str:
        """Changes whenever anything was published."""
        rows = await self._database.look(_STAMP, {})
        return str(rows[0][0] if rows else 0)


def canonical(content: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Plain JSON (keys sorted, dates from YAML as ISO text) and its hash."""
    data = orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=_plain)
    plain: dict[str, Any] = orjson.loads(data)
    return plain, hashlib.blake2b(data, digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    raise TypeError(f"a document cannot hold a {type(value).__name__}")


async def enter(connection: AsyncConnection, tenant: str) -> None:
    """Make the tenant's row sure and lock it: two who publish for one tenant go one after the other."""
    statement = insert(connection.dialect.name, tenants)
    same = {"slug": statement.excluded.slug}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["slug"], set_=same),
        {"slug": tenant, "created_at": datetime.now(UTC)},
    )


async def _present(
    connection: AsyncConnection, tenant: str, kind: str, *columns: sa.ColumnElement[Any]
) -> sa.Row[Any] | None:
    c = documents.c
    where = (c.tenant == tenant, c.kind == kind, c.status == "published")
    return (await connection.execute(sa.select(*columns).where(*where).order_by(c.version.desc()).limit(1))).first()


async def _flows_of(connection: AsyncConnection, tenant: str) -> set[tuple[str, str]]:
    rows = await connection.execute(sa.select(flows.c.id, flows.c.hash).where(flows.c.tenant == tenant))
    return {(row.id, row.hash) for row in rows}


async def count_publication(connection: AsyncConnection) -> None:
    """Tell all workers that something was published."""
    statement = insert(connection.dialect.name, publications)
    more = {"number": publications.c.number + 1}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=more), {"id": 1, "number": 1})
