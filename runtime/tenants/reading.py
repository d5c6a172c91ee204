"""The way through: `read_tenant` for YAML text, `business_of` and `connections_of` for a document from the records.

Everything a stranger's file may get wrong ends in a ConfigurationError with file, line and what to write instead.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from runtime.core.business import Business
from runtime.core.values import Option
from runtime.ports import Connection
from runtime.tenants.document import Document, plain_document, read_document
from runtime.tenants.layout import ConnectionModel, TenantModel
from runtime.tenants.needs import connector_of, missing_ids, missing_secrets
from runtime.tenants.problems import explained
from runtime.tenants.snapshot import Snapshot

_ENV_TEXT = re.compile(r"^(?:\$\{?|env:)\s*([A-Za-z_][A-Za-z0-9_]*)\}?$")


@dataclass(frozen=True, slots=True)
class TenantFile:
    """A tenant as its file says it. `raw` is what the records store; `warnings` are for the operator."""

    business: Business
    connections: tuple[Connection, ...]
    raw: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def read_tenant(text: str, source: str, environment: Mapping[str, str] | None = None) -> TenantFile:
    """Read a tenant's YAML. Raises ConfigurationError with file and line."""
    return _tenant(read_document(text, source), os.environ if environment is None else environment)


def business_of(raw: Mapping[str, Any], source: str = "tenant document") -> Business:
    """The snapshot of a document that is stored already."""
    document = plain_document(raw, source)
    return Snapshot(document, _model(document)).business()


def connections_of(raw: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> tuple[Connection, ...]:
    """The connections of a document that is stored already, with secrets from the environment of now."""
    return _tenant(
        plain_document(raw, "tenant document"), os.environ if environment is None else environment
    ).connections


def options_of(business: Business) -> dict[str, tuple[Option, ...]]:
    """What slots of type choice pick from."""
    services = tuple(
        Option(s.id, s.names, s.synonyms, {"price": s.price, "duration_min": str(s.duration_min)})
        for s in business.services
    )
    staff = tuple(Option(p.id, dict.fromkeys(business.languages, p.name), p.synonyms) for p in business.staff)
    waiting = (Option("open", {}),) if business.policies.waiting_list else ()
    return {"services": services, "staff": staff, "waiting_list": waiting}


def _model(document: Document) -> TenantModel:
    try:
        return TenantModel.model_validate(document.data)
    except ValidationError as error:
        raise explained(document, error) from error


def _tenant(document: Document, environment: Mapping[str, str]) -> TenantFile:
    model = _model(document)
    snapshot = Snapshot(document, model)
    business = snapshot.business()
    reader = _Connections(document, business.tenant, environment)
    connections = tuple(reader.read(index, entry) for index, entry in enumerate(model.connections) if entry.enabled)
    return TenantFile(business, connections, document.data, (*snapshot.warnings, *reader.warnings))


class _Connections:
    """Connections with unique ids and their secrets in clear."""

    def __init__(self, document: Document, tenant: str, environment: Mapping[str, str]) -> None:
        self.document = document
        self.tenant = tenant
        self.environment = environment
        self.warnings: list[str] = []
        self.ids: set[str] = set()

    def read(self, index: int, entry: ConnectionModel) -> Connection:
        connector = connector_of(entry.connector)
        wished = entry.id or entry.name or connector
        number = 1
        connection_id = wished
        while connection_id in self.ids:
            number += 1
            connection_id = f"{wished}-{number}"
        self.ids.add(connection_id)
        config = {key: _config_text(value) for key, value in (entry.config or {}).items()}
        secrets = {}
        for name, value in (entry.secrets or {}).items():
            secret = self._secret(index, name, value)
            if secret is not None:
                secrets[name] = secret
        self._note_missing(index, connector, config, entry.secrets or {})
        return Connection(self.tenant, connection_id, connector, config, secrets)

    def _note_missing(self, index: int, connector: str, config: Mapping[str, str], secrets: Mapping[str, Any]) -> None:
        """Said at once: without an id nothing finds its connection, without a secret nobody gets in."""
        if ids := missing_ids(connector, config):
            what = "is no id of the provider" if ids[0] in config else "is missing"
            self._warn(
                ("connections", index), f"{connector}: {', '.join(ids)} {what} in config; copy the digits from Meta."
            )
        if names := missing_secrets(connector, secrets):
            self._warn(("connections", index), f"{connector}: {', '.join(names)} missing in secrets.")

    def _secret(self, index: int, name: str, value: Any) -> str | None:
        variable = _variable(value)
        path = ("connections", index, "secrets", name)
        if variable:
            if variable not in self.environment:
                self._warn(path, f"the environment has no {variable} yet: set it before this connection is used.")
            return self.environment.get(variable)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            self._warn(
                path,
                f"the secret stands in the file, and so in the records. Write {{env: {name.upper()}}} and set it.",
            )
            return str(value)
        raise self.document.error(path, f"'{name}' needs a value. Write {{env: {name.upper()}}} and set that variable.")

    def _warn(self, path: tuple[str | int, ...], text: str) -> None:
        self.warnings.append(str(self.document.error(path, text)))


def _variable(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"env"}:
        return str(value["env"])
    match = _ENV_TEXT.match(value.strip()) if isinstance(value, str) else None
    return match[1] if match else ""


def _config_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
