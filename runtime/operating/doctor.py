"""`frontdesk doctor`: what an installation rests on, each with what to do. Changes nothing, starts nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from runtime.desks import addressed
from runtime.errors import ConfigurationError, FrontdeskError, ModelUnavailable, StorageUnavailable
from runtime.model_port import ModelMessage, ModelRequest
from runtime.models.choosing import model_of
from runtime.operating import machine, stores
from runtime.operating.findings import Finding, as_json, as_lines, failure, ok, warning
from runtime.operating.speaking import Speech
from runtime.outbound import HttpOutbound
from runtime.ports import Channel, Connection, Outbound, Secrets, WebhookState
from runtime.prompts import SCHEMA_NAME, answer_schema
from runtime.reaching import leads_here
from runtime.records.database import Database
from runtime.records.state import state_of
from runtime.records.tenants import INSTALLATION, Tenants
from runtime.settings import Settings
from runtime.tenants import business_of, connections_of
from runtime.tenants.needs import NEEDS, missing_ids, missing_secrets

MANY_PENDING = 20
RECENT = timedelta(hours=1)
MODEL_S = 10.0
"""A model of one's own may load first; a customer is not kept waiting for so long."""


@runtime_checkable
class Telling(Protocol):
    """A channel whose provider says where it sends to."""

    async def webhook_state(self, secrets: Secrets, http: Outbound) -> WebhookState:
        """The provider's own view; raises ProviderRefused or ProviderUnavailable."""


@runtime_checkable
class Knowing(Protocol):
    """A channel whose provider says whose account a token speaks for."""

    async def who_am_i(self, connection: Connection, http: Outbound) -> object:
        """Raises ProviderRefused or ProviderUnavailable."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What the records say that the doctor needs: the key that answers probes, zones, connections, wrong documents."""

    key: bytes | None = None
    zones: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()


async def examine(
    url: str, settings: Settings, channels: Mapping[str, Channel], apis: Mapping[str, str]
) -> list[Finding]:
    """Every finding, by part. `channels` by connector id; `apis` are their providers' addresses here."""
    redis, sql = await asyncio.gather(stores.look_at_redis(settings), stores.look_at_sql(url))
    installed = await _installed(url, apis)
    port, at_work = await machine.look_at_port(settings, installed.key)
    web = [port, *await _public(settings, installed, at_work)]
    data = list(machine.look_at_folder(settings.data))
    here = [*machine.look_at_names(), *machine.look_at_files(), *machine.look_at_zones(installed.zones)]
    documents = [failure("tenants", "document", tenant=tenant, why=why) for tenant, why in installed.wrong]
    async with HttpOutbound() as http:
        told = [await _connection(one, channels, settings, http) for one in installed.connections]
    providers = [finding for found in told for finding in found]
    return [*redis, *sql, *data, *web, *documents, *providers, *await _model(settings), *here]


async def report(findings: Sequence[Finding], speech: Speech, *, in_json: bool) -> int:
    """Show them; 1 when something does not work."""
    if in_json:
        sys.stdout.write(f"{as_json(findings, speech)}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in as_lines(findings, speech, colour=sys.stdout.isatty()))
    return 1 if any(one.level == "failure" for one in findings) else 0


async def _installed(url: str, apis: Mapping[str, str]) -> Installed:
    """Read without migrating: a database that is not of this version is left to `migrate`."""
    try:
        if not (await state_of(url)).schema:
            return Installed()
        database = await Database.open(url, migrated=False)
    except (FrontdeskError, OSError, TimeoutError):
        return Installed()
    try:
        return await _read(Tenants(database), apis)
    except StorageUnavailable:
        return Installed()
    finally:
        await database.close()


async def _read(tenants: Tenants, apis: Mapping[str, str]) -> Installed:
    kept = await tenants.document(INSTALLATION, "visitor-key")
    zones, connections, wrong = set(), [], []
    for name in await tenants.all():
        document = await tenants.document(name, "tenant") or {}
        try:
            zones.add(business_of(document).timezone)
            connections += [addressed(one, apis) for one in connections_of(document)]
        except ConfigurationError as error:
            wrong.append((name, str(error).splitlines()[0]))
    key = str(kept["key"]).encode() if kept else None
    return Installed(key, tuple(sorted(zones)), tuple(connections), tuple(wrong))


async def _public(settings: Settings, installed: Installed, at_work: bool) -> list[Finding]:
    """Whether customers and providers reach us by the address that they are told."""
    address = settings.public_url
    if not address:
        needed = any(one.connector != "webchat" for one in installed.connections)
        return [(warning if needed else ok)("web", "public_none")]
    found = []
    if not address.startswith("https://"):
        found.append(failure("web", "public_plain", address=address))
    if not at_work:
        return [*found, warning("web", "public_untried", address=address)]
    leads = await leads_here(f"{address}{settings.base_path}", installed.key)
    if leads is None:
        return [*found, failure("web", "public_silent", address=address, port=settings.port)]
    return [*found, (ok if leads else failure)("web", "public_here" if leads else "public_elsewhere", address=address)]


async def _connection(
    connection: Connection, channels: Mapping[str, Channel], settings: Settings, http: Outbound
) -> list[Finding]:
    """What a provider says about one connection; channels without such a question are left out."""
    channel = channels.get(connection.connector)
    values = {"tenant": connection.tenant, "connection": connection.id}
    if ids := missing_ids(connection.connector, connection.config):
        return [failure("tenants", "id_missing", names=", ".join(ids), **values)]
    there = [name for name, value in connection.secrets.items() if value]
    if missing := missing_secrets(connection.connector, there):
        return [failure("tenants", "secret_missing", names=", ".join(missing), **values)]
    if not isinstance(channel, Telling):
        return await _by_hand(connection, channel, settings, http, values)
    try:
        state = await channel.webhook_state(connection.secrets, http)
    except FrontdeskError as error:
        return [failure("tenants", "provider", why=str(error), **values)]
    return [ok("tenants", "provider_here", **values), *_webhook(state, connection, settings, values)]


async def _by_hand(
    connection: Connection, channel: object, settings: Settings, http: Outbound, values: Mapping[str, str]
) -> list[Finding]:
    """A provider that is told our address by a person: whose account it is, and what stands there."""
    if not isinstance(channel, Knowing) or connection.connector not in NEEDS:
        return []
    try:
        await channel.who_am_i(connection, http)
    except FrontdeskError as error:
        return [failure("tenants", "provider", why=str(error), **values)]
    found = [ok("tenants", "provider_here", **values)]
    if not settings.public_url:
        return [*found, warning("tenants", "webhook_none", **values)]
    path = NEEDS[connection.connector].path
    address = f"{settings.public_url}{settings.base_path}/webhook/{path}/{connection.tenant}"
    return [*found, ok("tenants", "webhook_by_hand", address=address, **values)]


def _webhook(
    state: WebhookState, connection: Connection, settings: Settings, values: Mapping[str, str]
) -> list[Finding]:
    address = f"{settings.public_url}{settings.base_path}/webhook/{connection.connector}/{connection.tenant}"
    if not settings.public_url:
        return [warning("tenants", "webhook_none", **values)]
    if not state.url:
        return [failure("tenants", "webhook_unset", address=address, **values)]
    if state.url.split("?")[0] != address:
        where = urlsplit(state.url).netloc
        return [failure("tenants", "webhook_elsewhere", where=where, address=address, **values)]
    found = [ok("tenants", "webhook_here", pending=state.pending, **values)]
    if state.pending > MANY_PENDING:
        found = [warning("tenants", "webhook_pending", pending=state.pending, **values)]
    if state.last_error and state.last_error_at and datetime.now(UTC) - state.last_error_at < RECENT:
        at = f"{state.last_error_at:%H:%M} UTC"
        found.append(warning("tenants", "webhook_error", why=state.last_error, at=at, **values))
    return found


async def _model(settings: Settings) -> list[Finding]:
    """Whether the model answers: one call, of one token."""
    model = model_of(settings)
    if model is None:
        return []
    question = ModelMessage("user", "Answer with {}.")
    request = ModelRequest((question,), SCHEMA_NAME, answer_schema(), {}, most_tokens=1, timeout_s=MODEL_S)
    try:
        await model.loaded()
        answer = await model.complete(request)
    except ModelUnavailable as error:
        return [failure("tenants", "model_away", name=model.name, why=str(error))]
    finally:
        await model.close()
    return [ok("tenants", "model_here", name=model.name, ms=round(answer.ms))]
