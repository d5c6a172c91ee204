"""A provider's post on its way in: whose it is, event by event, and where what is nobody's goes.

A post is accepted when everything in it is kept: in a conversation's box, or aside (`frontdesk parked`), for a person
to look at and to play again. A post may hold events of several accounts. Another tenant's event is only taken when
that tenant's own secret has signed the same bytes.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Protocol, runtime_checkable

from runtime.core.messages import Inbound
from runtime.errors import NotAllowed, NotFound
from runtime.ports import Channel, Connection, Gate, RawRequest, Secrets
from runtime.telemetry import count

_log = logging.getLogger(__name__)
_QUIET = ("history", "smb_app_state_sync", "automatic_events", "tracking_events", "feed", "inbox_labels")
"""News of an account that nobody needs to be woken for."""


@runtime_checkable
class Greeting(Protocol):
    """A channel whose provider asks, before it sends anything, whether the address is ours."""

    def handshake(self, request: RawRequest, secrets: Secrets) -> str:
        """What to answer, as plain text. Raises NotAllowed. Pure."""


@runtime_checkable
class Batching(Protocol):
    """A channel whose provider puts several accounts, perhaps of several tenants, into one post."""

    def is_for(self, event: Inbound, config: Mapping[str, str], *, strictly: bool) -> bool:
        """Whether an event belongs to a connection with this config. `strictly`: it names the account, and rightly."""

    def split(self, request: RawRequest) -> tuple[bytes, ...]:
        """The post in the smallest bodies that can be read alone. Raises BadRequest when it is no JSON. Pure."""


class Accounts(Protocol):
    """Who has which connections, and where to lay what is nobody's."""

    async def connections(self, tenant: str, connector: str) -> tuple[Connection, ...]:
        """A tenant's connections of a connector."""

    async def everywhere(self, connector: str) -> tuple[Connection, ...]:
        """All tenants' connections of a connector."""

    async def set_aside(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        """Keep a body for a person, once however often it comes. Raises StorageUnavailable."""

    async def alert(self, connection: Connection, kind: str, facts: Mapping[str, str]) -> None:
        """Tell people outside; best effort."""


@dataclasses.dataclass(frozen=True, slots=True)
class FirstConnection:
    """Accounts of a desk that has one connection for each channel and nowhere to lay things aside."""

    gate: Gate

    async def connections(self, tenant: str, connector: str) -> tuple[Connection, ...]:
        """The one that the gate knows."""
        found = await self.gate.connection(tenant, connector)
        return () if found is None else (found,)

    async def everywhere(self, connector: str) -> tuple[Connection, ...]:
        """Nobody else's."""
        return ()

    async def set_aside(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        """Nowhere."""
        _log.error("Something of %s for tenant %s is dropped: %s", connector, tenant, reason)

    async def alert(self, connection: Connection, kind: str, facts: Mapping[str, str]) -> None:
        """To nobody."""


Taken = tuple[tuple[Connection, tuple[Inbound, ...]], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Receiver:
    """The way from a post to the gate."""

    gate: Gate
    accounts: Accounts

    async def known(self, connector: str, tenant: str) -> tuple[Connection, ...]:
        """The tenant's connections of this connector. Raises NotFound."""
        found = await self.accounts.connections(tenant, connector)
        if not found:
            raise NotFound(f"There is no tenant {tenant[:60]!r} with a {connector} connection.")
        return found

    async def take_in(self, channel: Channel, signed: Sequence[Connection], raw: RawRequest) -> Taken:
        """Everything of a post into its boxes or aside; what was taken, by connection. Raises StorageUnavailable."""
        routed = await self._routed(channel, signed, raw, raw.body)
        kept = [(connection, event) for connection, event in routed if connection and event.conversation_id]
        taken = []
        for connection, group in groupby(kept, key=lambda pair: pair[0]):
            events = tuple(event for _, event in group)
            await self.gate.take_in(connection, events)
            taken.append((connection, events))
        if any(_is_nobodys(connection, event) for connection, event in routed):
            await self._set_aside(channel, signed, raw)
        for connection, event in routed:
            if connection and event.kind == "account_event":
                await self._tell(connection, event)
        return tuple(taken)

    async def retake(self, channel: Channel, tenant: str, body: bytes) -> str:
        """Take in what was set aside for a tenant; why it still cannot be, in words, or "". Raises StorageUnavailable.

        Its signature was checked when it came, by this tenant's secret: so only this tenant may get it.
        """
        known = await self.known(channel.connector, tenant)
        events = channel.parse(RawRequest("POST", "/", {}, body)).events
        routed = [(_naming(channel, known, event), event) for event in events]
        for connection, event in routed:
            if _is_nobodys(connection, event):
                return _reason(connection, event)
        for connection, event in routed:
            if connection and event.conversation_id:
                await self.gate.take_in(connection, (event,))
        return ""

    async def _routed(
        self, channel: Channel, signed: Sequence[Connection], raw: RawRequest, body: bytes
    ) -> list[tuple[Connection | None, Inbound]]:
        """The events of the post, or of a part of it, with whose they are; signed is always the whole."""
        events = channel.parse(dataclasses.replace(raw, body=body)).events
        return [(await self._whose(channel, signed, raw, event), event) for event in events]

    async def _whose(
        self, channel: Channel, signed: Sequence[Connection], raw: RawRequest, event: Inbound
    ) -> Connection | None:
        """The connection that names the event's account; where it names none, the one of the address."""
        mine = _naming(channel, signed, event)
        if mine is not None or not isinstance(channel, Batching):
            return mine
        others = await self.accounts.everywhere(channel.connector)
        fitting = [one for one in others if channel.is_for(event, one.config, strictly=True)]
        return next((one for one in fitting if _is_signed(channel, one, raw)), None)

    async def _set_aside(self, channel: Channel, signed: Sequence[Connection], raw: RawRequest) -> None:
        """Piece by piece, so that nobody's part does not carry along what others wrote."""
        bodies = channel.split(raw) if isinstance(channel, Batching) else (raw.body,)
        owner = signed[0]
        for body in bodies:
            routed = await self._routed(channel, signed, raw, body)
            found = next(((who, event) for who, event in routed if _is_nobodys(who, event)), None)
            if found is not None:
                who, event = found[0] or owner, found[1]
                reason = _reason(found[0], event)
                await self.accounts.set_aside(who.tenant, channel.connector, body, reason)
                await self._warn(who, event, reason)

    async def _warn(self, connection: Connection, event: Inbound, reason: str) -> None:
        count("set_aside", connector=connection.connector, kind=event.kind)
        _log.warning("Something of tenant %s, %s was set aside: %s", connection.tenant, connection.id, reason)
        await self.accounts.alert(connection, "set_aside", {"reason": reason, "account": event.account})

    async def _tell(self, connection: Connection, event: Inbound) -> None:
        """What a provider says about the account itself."""
        field = event.facts.get("field", "")
        count("account_events", connector=connection.connector, field=field)
        _log.warning(
            "%s of tenant %s: its provider says %s %s %s", connection.id, connection.tenant, field or "an error",
            event.status, event.error_code or "",
        )  # fmt: skip
        if not field.startswith(_QUIET):
            code = {"error_code": str(event.error_code)} if event.error_code else {}
            await self.accounts.alert(connection, "account_event", {**event.facts, **code})


def _naming(channel: Channel, connections: Sequence[Connection], event: Inbound) -> Connection | None:
    """The one whose config names the event's account, else the first that names none."""
    if not isinstance(channel, Batching):
        return connections[0]
    for strictly in (True, False):
        for connection in connections:
            if channel.is_for(event, connection.config, strictly=strictly):
                return connection
    return None


def greeting(channel: Greeting, connections: Sequence[Connection], raw: RawRequest) -> str:
    """The answer to a provider's question, by the first connection that it fits. Raises NotAllowed."""
    refusal = NotAllowed("There is nobody to ask.")
    for connection in connections:
        try:
            return channel.handshake(raw, connection.secrets)
        except NotAllowed as error:
            refusal = error
    raise refusal


def signing(channel: Channel, connections: Sequence[Connection], raw: RawRequest) -> tuple[Connection, ...]:
    """Those whose secret signed the bytes. Raises NotAllowed when there is none."""
    found, refusal = [], NotAllowed("Nobody signed this.")
    for connection in connections:
        try:
            channel.verify(raw, connection.secrets)
        except NotAllowed as error:
            refusal = error
        else:
            found.append(connection)
    if not found:
        raise refusal
    return tuple(found)


def _is_signed(channel: Channel, connection: Connection, raw: RawRequest) -> bool:
    try:
        channel.verify(raw, connection.secrets)
    except NotAllowed:
        return False
    return True


def _is_nobodys(connection: Connection | None, event: Inbound) -> bool:
    """Of an account that nobody has, or something that neither a conversation nor a person can make anything of."""
    return connection is None or (event.kind == "unsupported" and not event.answer) or not _has_place(event)


def _has_place(event: Inbound) -> bool:
    return bool(event.conversation_id) or event.kind == "account_event"


def _reason(connection: Connection | None, event: Inbound) -> str:
    if connection is None:
        named = event.account or event.facts.get("waba_id", "")
        return f"No connection has the account {named}. Add its id to the config of one, then retry this."
    return f"Not understood: {event.facts.get('field') or event.facts.get('parts') or event.kind}."
