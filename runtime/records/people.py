"""What the people's page lists: conversations by who has them, found by name, number or word, with read marks.

Those that a person has or that wait for one are few and come all at once, who waits longest first. The others come in
pages by their last turn, so that a page costs the same however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from runtime.records.database import Database
from runtime.records.tables import contacts, conversations, looked, messages
from runtime.records.upserts import insert

View = Literal["waiting", "mine", "bot", "all", "closed"]
PAGE = 40
MOST_WAITING = 200
EPISODE = timedelta(hours=24)
"""Quiet for so long, and a conversation counts as closed."""
SESSION = timedelta(days=8)
"""Nothing of a conversation that is quiet for longer stands in Redis: nobody has it any more."""
_PEOPLE = ("queued", "owned")
Condition = sa.ColumnElement[bool]


class ListedRow(NamedTuple):
    """A conversation as the list shows it. `author` and `text` are of its newest bubble."""

    tenant: str
    id: str
    channel: str
    phase: str
    owner: str
    language: str
    flow: str
    line: str
    last_at: datetime
    waiting_since: datetime | None
    said_at: datetime | None
    closed_at: datetime | None
    name: str
    phone: str
    author: str
    text: str
    kind: str
    read_at: datetime | None
    """Up to which of the customer's words the person who asks has read."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which conversations somebody wants to see; `before` is the last row of the page before."""

    operator: str
    view: View = "all"
    tenant: str = ""
    words: str = ""
    before: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`people` stand in the first page alone; `more` says that `others` go on."""

    people: tuple[ListedRow, ...]
    others: tuple[ListedRow, ...]
    more: bool


class PeopleList:
    """Reads the list, and keeps what each person has read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, wish: Wish, now: datetime) -> Page:
        """A page of the list as it stands at `now`, real time."""
        async with self._database.reading() as connection:
            people = [] if wish.before or wish.view in ("bot", "closed") else await _with_people(connection, wish, now)
            others = [] if wish.view in ("waiting", "mine") else await _others(connection, wish, now)
        return Page(tuple(people), tuple(others[:PAGE]), len(others) > PAGE)

    async def counts(self, operator: str, tenant: str, now: datetime) -> Mapping[str, int]:
        """How many wait for a person, how many this one has, and how many of those wait for an answer."""
        c = conversations.c
        waits = c.phase == "queued"
        mine = sa.and_(c.phase == "owned", c.owner == operator)
        query = sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((waits, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((mine, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((mine & c.waiting_since.is_not(None), 1), else_=0)), 0),
        ).where(c.phase.in_(_PEOPLE), c.last_at > now - SESSION, *_of(tenant))
        async with self._database.reading() as connection:
            queued, own, unanswered = (await connection.execute(query)).one()
        return {"waiting": int(queued), "mine": int(own), "unanswered": int(unanswered)}

    async def looked(self, tenant: str, conversation: str, operator: str) -> None:
        """This person has read all of the customer's words so far."""

        async def work(connection: AsyncConnection) -> None:
            c = conversations.c
            words = sa.select(c.tenant, c.id, sa.literal(operator), c.said_at).where(
                c.tenant == tenant, c.id == conversation, c.said_at.is_not(None)
            )
            columns = [column.name for column in looked.columns]
            statement = insert(connection.dialect.name, looked).from_select(columns, words)
            newest = {"said_at": statement.excluded.said_at}
            await connection.execute(
                statement.on_conflict_do_update(index_elements=list(looked.primary_key), set_=newest)
            )

        await self._database.attempt(work)


async def _with_people(connection: AsyncConnection, wish: Wish, now: datetime) -> list[ListedRow]:
    c = conversations.c
    where = [c.phase.in_(_PEOPLE), c.last_at > now - SESSION, *_of(wish.tenant), *_found(wish.words)]
    if wish.view == "waiting":
        where.append(c.phase == "queued")
    if wish.view == "mine":
        where += [c.phase == "owned", c.owner == wish.operator]
    rank = sa.case((c.phase == "queued", 0), (c.owner == wish.operator, 1), else_=2)
    order = (rank, c.waiting_since.is_(None), c.waiting_since, c.last_at.desc(), c.id)
    return await _rows(connection, wish, where, order, MOST_WAITING)


async def _others(connection: AsyncConnection, wish: Wish, now: datetime) -> list[ListedRow]:
    c = conversations.c
    with_people = sa.and_(c.phase.in_(_PEOPLE), c.last_at > now - SESSION)
    done = sa.and_(c.closed_at.is_not(None), sa.or_(c.said_at.is_(None), c.said_at <= c.closed_at))
    over = sa.or_(c.last_at <= now - EPISODE, done)
    where: list[Condition] = [sa.not_(with_people), *_of(wish.tenant), *_found(wish.words)]
    if wish.view == "bot":
        # The plain bound beside `not over` lets the index end the search.
        where += [c.last_at > now - EPISODE, sa.not_(done)]
    if wish.view == "closed":
        where.append(over)
    if wish.before is not None:
        at, last = wish.before
        where.append(sa.and_(c.last_at <= at, sa.or_(c.last_at < at, c.id > last)))
    return await _rows(connection, wish, where, (c.last_at.desc(), c.id), PAGE + 1)


async def _rows(
    connection: AsyncConnection, wish: Wish, where: Sequence[Condition], order: Sequence[Any], most: int
) -> list[ListedRow]:
    """The page's conversations first, by index; the newest bubbles are looked up for these alone."""
    c, k, r = conversations.c, contacts.c, looked.c
    columns = [c[name] for name in ListedRow._fields if name in c and name not in ("name", "text")]
    source = conversations.outerjoin(contacts, (k.tenant == c.tenant) & (k.id == c.contact)).outerjoin(
        looked, (r.tenant == c.tenant) & (r.conversation == c.id) & (r.operator == wish.operator)
    )
    shown = (
        *columns,
        k.name,
        k.phone,
        r.said_at.label("read_at"),
        sa.func.row_number().over(order_by=order).label("n"),
    )
    page = sa.select(*shown).select_from(source).where(*where).order_by(*order).limit(most).subquery()
    newest = [_newest(page.c, name).label(name) for name in ("author", "text", "kind")]
    found = await connection.execute(sa.select(page, *newest).order_by(page.c.n))
    return [_listed(row._asdict()) for row in found]


def _newest(page: ReadOnlyColumnCollection[str, Any], column: str) -> sa.ScalarSelect[Any]:
    m = messages.c
    last = sa.select(m[column]).where(m.tenant == page.tenant, m.conversation == page.id)
    return last.order_by(m.session.desc(), m.turn.desc(), m.seq.desc(), m.ordinal.desc()).limit(1).scalar_subquery()


def _listed(row: dict[str, Any]) -> ListedRow:
    texts = {name: row[name] or "" for name in ("name", "phone", "author", "text", "kind")}
    return ListedRow(**{name: row.get(name) for name in ListedRow._fields} | texts)


def _of(tenant: str) -> list[Condition]:
    return [conversations.c.tenant == tenant] if tenant else []


def _found(words: str) -> list[Condition]:
    """By the contact's name or number, or by a word of what was said."""
    if not (words := words.strip()):
        return []
    c, k, m = conversations.c, contacts.c, messages.c
    said = sa.select(sa.literal(1)).where(m.tenant == c.tenant, m.conversation == c.id, _holds(m.text, words)).exists()
    ways: list[Condition] = [_holds(k.name, words), said]
    digits = "".join(re.findall(r"\d", words)).lstrip("0")
    if len(digits) >= 3:
        ways.append(k.phone.contains(digits))
    return [sa.or_(*ways)]


def _holds(column: sa.ColumnElement[str], words: str) -> Condition:
    """Upper or lower case alike; SQLite knows that of plain letters only, so umlauts are tried both ways."""
    ways = {words} if words.isascii() else {words, words.lower(), words.upper(), words.capitalize(), words.title()}
    return sa.or_(*(column.icontains(way, autoescape=True) for way in ways))
