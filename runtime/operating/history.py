"""What was published when, and a document's way back into a file: `flow list | history`, `tenant history | export`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from runtime.core.flows import Flow
from runtime.errors import NotFound
from runtime.operating.documents import Subject, flow_subject, names, opened, say, tenant_subject
from runtime.records.publishing import Publishing, Step
from runtime.records.tenants import Tenants, canonical
from runtime.tenants import read_tenant


async def show_history(url: str, subject: Subject) -> int:
    """All versions of a document, the newest first, with the one in force marked."""
    async with opened(url) as database:
        versions = await Tenants(database).versions(subject.tenant, subject.kind)
        steps = await Publishing(database).steps(subject.tenant, subject.kind)
    if not versions:
        raise NotFound(f"There are no versions of {subject.shown}.")
    in_force = next((one.version for one in versions if one.status == "published"), 0)
    for one in versions:
        mark = "*" if one.version == in_force else " "
        at = f"{one.created_at:%Y-%m-%d %H:%M}"
        told = _told(steps.get(one.version))
        say(f"{mark} {one.version:>4}  {at} UTC  {one.status:<9}  {one.hash[:12]}  {told}".rstrip())
    say("\n* in force")
    return 0


def _told(step: Step | None) -> str:
    if step is None:
        return ""
    parts = [f"by {step.by}" if step.by else "", "untested" if step.untested else ""]
    if step.back_to is not None:
        parts.append(f"back to {step.back_to or 'the default'}")
    return ", ".join(part for part in parts if part)


async def list_flows(url: str, tenant: str, defaults: Mapping[str, Flow]) -> int:
    """Every flow that a tenant has: where it comes from, and whether a draft waits."""
    async with opened(url) as database:
        tenants, publishing = Tenants(database), Publishing(database)
        if await tenants.document(tenant, "tenant") is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        own = await tenants.own_flows(tenant)
        drafted = names(await publishing.kinds(tenant))
        for name in sorted({*defaults, *own, *drafted}):
            source = "its own" if name in own else "default" if name in defaults else "not published"
            draft = await publishing.draft(tenant, flow_subject(tenant, name).kind)
            say(f"{name:<24}  {source:<13}  {f'draft: version {draft.version}' if draft else ''}".rstrip())
    return 0


async def export_tenant(url: str, tenant: str, version: int | None) -> int:
    """A tenant's document as YAML that imports to the same content again."""
    subject = tenant_subject(tenant)
    async with opened(url) as database:
        if version is None:
            content = await Tenants(database).document(tenant, subject.kind)
        else:
            content = await Publishing(database).content(tenant, subject.kind, version)
    if content is None:
        raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
    say(tenant_yaml(content).rstrip())
    return 0


class _Plain(yaml.SafeDumper):
    """Quotes every text that one of the two readings of YAML would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never: an owner should be able to read and change every value where it stands."""
        return True


_FIRST = ("tenant", "id", "name", "timezone", "country", "languages", "formality", "address", "hours", "holidays", "q")


def _as_written(value: Any) -> Any:
    """Names before details, a question before its answer; the records keep keys by the alphabet."""
    if isinstance(value, list):
        return [_as_written(one) for one in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    return {key: _as_written(value[key]) for key in keys}


def tenant_yaml(content: Mapping[str, Any]) -> str:
    """YAML, in the order in which people write it; checked to come back the same."""
    ordered = _as_written(content)
    text = yaml.dump(ordered, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)
    if canonical(read_tenant(text, "export").raw)[1] != canonical(content)[1]:
        # Quotes around everything, keys included, leave no room for two readings.
        text = yaml.dump(ordered, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_style='"')
    return text
