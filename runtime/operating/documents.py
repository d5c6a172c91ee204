"""Drafts, tests and publications of flows and of the tenant document: what `frontdesk flow` and `tenant` do with them.

A draft is published when it passes its check and its last test; `--untested` skips the test, and that is written down.
"""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.core.flow_check import ActionFacts
from runtime.core.flow_links import check_calls
from runtime.core.flow_loader import load_flow
from runtime.core.flows import Flow
from runtime.dialogs import Given, Start, play_given
from runtime.errors import ConfigurationError, NotFound
from runtime.flow_files import missing_words, read_flow
from runtime.listing import business_file
from runtime.operating.examples import examples_that_fail
from runtime.records.database import Database
from runtime.records.publishing import DEFAULT, DRAFT, FLOW, Draft, Publishing, Step
from runtime.records.tenants import Tenants
from runtime.tenants import business_of, connections_of
from runtime.wording import Wording

TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Known:
    """What a check needs to know of this installation: the actions there are, the words, and its own flows."""

    actions: Mapping[str, ActionFacts]
    wording: Wording
    flows: Mapping[str, Flow]


@dataclass(frozen=True, slots=True)
class Subject:
    """The document that a command is about."""

    tenant: str
    kind: str

    @property
    def shown(self) -> str:
        """As people read it."""
        return f"{self.kind.removeprefix(FLOW)} of {self.tenant}" if self.is_flow else f"the document of {self.tenant}"

    @property
    def is_flow(self) -> bool:
        """Whether it is a flow, else it is the tenant's document."""
        return self.kind.startswith(FLOW)

    @property
    def command(self) -> str:
        """How its commands begin and end: `flow publish ID --tenant T`."""
        name = self.kind.removeprefix(FLOW)
        return (
            f"frontdesk flow {{}} {name} --tenant {self.tenant}"
            if self.is_flow
            else f"frontdesk tenant {{}} {self.tenant}"
        )


def say(text: str) -> None:
    """One line for whoever ran the command."""
    sys.stdout.write(f"{text}\n")


def flow_subject(tenant: str, flow: str) -> Subject:
    """A tenant's flow."""
    return Subject(tenant, f"{FLOW}{flow}")


def tenant_subject(tenant: str) -> Subject:
    """The tenant's own document."""
    return Subject(tenant, TENANT)


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The records, for the time of a command."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


async def draft_flow(url: str, path: Path, tenant: str, known: Known) -> int:
    """Keep a flow file as the tenant's draft. A file that is wrong is told, and not kept."""
    file = read_flow(_text(path), str(path), known.actions)
    async with opened(url) as database:
        document = await _document(Tenants(database), tenant)
        complaints = list(file.complaints)
        if file.flow is not None:
            complaints += missing_words(file.flow, known.wording, business_of(document).languages, str(path))
        if complaints or file.flow is None:
            raise ConfigurationError("\n".join(complaints))
        return await _keep(database, flow_subject(tenant, file.flow.id), file.content)


async def draft_tenant(url: str, path: Path) -> int:
    """Keep a business file as its draft."""
    file = business_file(path)
    for warning in file.warnings:
        sys.stderr.write(f"{warning}\n")
    async with opened(url) as database:
        return await _keep(database, tenant_subject(file.business.tenant), file.raw)


async def _keep(database: Database, subject: Subject, content: Mapping[str, Any]) -> int:
    version = await Publishing(database).put_draft(subject.tenant, subject.kind, content)
    say(f"Version {version} is the draft of {subject.shown}. Nobody sees it yet.\n")
    say(f"  {subject.command.format('test')} DIR     plays your dialog files against it")
    say(f"  {subject.command.format('publish')}")
    return 0


async def try_draft(url: str, subject: Subject, folder: Path | None, start: Start, known: Known) -> int:
    """Test a draft: its check, its examples, and the dialog files of a folder; the result is kept beside it."""
    async with opened(url) as database:
        draft = await _the_draft(database, subject)
        failures = await _tried(database, subject, draft, (folder, start), known)
        facts = {"document": subject.kind, "version": draft.version, "hash": draft.hash, "by": who()}
        facts |= {"passed": not failures, "dialogs": str(folder or "")}
        await Publishing(database).note_test(subject.tenant, facts)
    for line in failures:
        say(f"FAILED {line}")
    say(f"Version {draft.version} of {subject.shown}: {'passed' if not failures else 'failed'}.")
    if not failures:
        say(f"  {subject.command.format('publish')}")
    return 1 if failures else 0


async def _tried(
    database: Database, subject: Subject, draft: Draft, dialogs: tuple[Path | None, Start], known: Known
) -> list[str]:
    tenants = Tenants(database)
    document = draft.content if not subject.is_flow else await _document(tenants, subject.tenant)
    own = await tenants.own_flows(subject.tenant)
    if subject.is_flow:
        own[subject.kind.removeprefix(FLOW)] = draft.content
    flows = {**known.flows, **_loaded(own, known)}
    failures = _checked(subject, draft.content, document, known, flows)
    if failures:
        return failures
    new = [subject.kind.removeprefix(FLOW)] if subject.is_flow else list(flows)
    failures = examples_that_fail(business_of(document), flows, new)
    folder, start = dialogs
    if folder is None:
        return failures
    return failures + await play_given(folder, start, Given(document, own))


def _loaded(contents: Mapping[str, Mapping[str, Any]], known: Known) -> dict[str, Flow]:
    loaded = {name: load_flow(content, known.actions).flow for name, content in contents.items()}
    return {name: flow for name, flow in loaded.items() if flow is not None}


async def _flows(database: Database, subject: Subject, known: Known) -> Mapping[str, Flow]:
    """The flows that a tenant's dialogues run: its own over those that come with the program."""
    return {**known.flows, **_loaded(await Tenants(database).own_flows(subject.tenant), known)}


def _checked(
    subject: Subject,
    content: Mapping[str, Any],
    document: Mapping[str, Any],
    known: Known,
    flows: Mapping[str, Flow],
) -> list[str]:
    """What is wrong with a document as this version reads it, beside these flows: one drafted long ago may be."""
    source = f"{subject.kind} {subject.tenant}"
    try:
        business = business_of(document, source)
        connections_of(document)
    except ConfigurationError as error:
        return str(error).splitlines()
    if not subject.is_flow:
        return []
    loaded = load_flow(content, known.actions)
    wrong = [f"{source}: {problem.text}" for problem in loaded.problems]
    if loaded.flow is not None:
        wrong += missing_words(loaded.flow, known.wording, business.languages, source)
        beside = {**flows, loaded.flow.id: loaded.flow}
        wrong += [f"{source}: {problem}" for problem in check_calls(beside, loaded.flow)]
    return wrong


async def publish(url: str, subject: Subject, known: Known, *, untested: bool) -> int:
    """Publish a draft that passed; workers have it within five seconds, running dialogues keep their version."""
    async with opened(url) as database:
        publishing = Publishing(database)
        draft = await _the_draft(database, subject)
        document = draft.content if not subject.is_flow else await _document(Tenants(database), subject.tenant)
        flows = await _flows(database, subject, known)
        if wrong := _checked(subject, draft.content, document, known, flows):
            raise ConfigurationError("\n".join([*wrong, "Nothing was published."]))
        if not untested and not await publishing.has_passed(subject.tenant, subject.kind, draft.hash):
            raise ConfigurationError(
                f"The draft of {subject.shown} has not passed a test. Run `{subject.command.format('test')} DIR` "
                "first, or publish with --untested, which is written down."
            )
        step = Step(who(), untested)
        flow_hash = _flow_hash(subject, draft.content, known)
        version = await publishing.publish(subject.tenant, subject.kind, draft.hash, flow_hash, step)
    say(f"Version {version} of {subject.shown} is published{' untested' if untested else ''}.")
    say("Running desks have it within five seconds; dialogues under way end in the version they began with.")
    return 0


async def roll_back(url: str, subject: Subject, to: int | None, known: Known) -> int:
    """Publish an earlier version anew: the one before, or the one that is named; 0 is the default flow."""
    async with opened(url) as database:
        publishing = Publishing(database)
        target = await _earlier(database, subject, to)
        content = {} if target == DEFAULT else await publishing.content(subject.tenant, subject.kind, target)
        if content:
            document = content if not subject.is_flow else await _document(Tenants(database), subject.tenant)
            flows = await _flows(database, subject, known)
            if wrong := _checked(subject, content, document, known, flows):
                raise ConfigurationError("\n".join([*wrong, "This version of Frontdesk cannot run it."]))
        step = Step(who(), back_to=target)
        flow_hash = _flow_hash(subject, content, known) if content else ""
        version = await publishing.go_back(subject.tenant, subject.kind, flow_hash, step)
    told = "what comes with Frontdesk" if target == DEFAULT else f"as in version {target}"
    say(f"{subject.shown[0].upper()}{subject.shown[1:]} is {told} again, published as version {version}.")
    return 0


async def _earlier(database: Database, subject: Subject, to: int | None) -> int:
    """Which version to go back to: the named one, else the content that was in force before."""
    versions = [one for one in await Tenants(database).versions(subject.tenant, subject.kind) if one.status != DRAFT]
    published = [one for one in versions if one.status == "published"]
    if not published:
        raise NotFound(f"Nothing of {subject.shown} has been published; there is nothing to go back from.")
    if to is not None:
        if to == DEFAULT and not subject.is_flow:
            raise ConfigurationError("A tenant has no default document; name a version of `tenant history`.")
        return to
    before = next((one.version for one in published if one.hash != published[0].hash), None)
    if before is None and not subject.is_flow:
        raise NotFound(f"{subject.shown} has only one version; there is nothing to go back to.")
    return DEFAULT if before is None else before


def _flow_hash(subject: Subject, content: Mapping[str, Any], known: Known) -> str:
    if not subject.is_flow:
        return ""
    flow = load_flow(content, known.actions).flow
    return flow.hash if flow is not None else ""


async def _the_draft(database: Database, subject: Subject) -> Draft:
    draft = await Publishing(database).draft(subject.tenant, subject.kind)
    if draft is None:
        what = "flow draft FILE --tenant " + subject.tenant if subject.is_flow else "tenant draft FILE"
        raise NotFound(f"There is no draft of {subject.shown}; `frontdesk {what}` makes one.")
    return draft


async def _document(tenants: Tenants, tenant: str) -> Mapping[str, Any]:
    document = await tenants.document(tenant, TENANT)
    if document is None:
        raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
    return document


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8; save it as UTF-8.") from error


def who() -> str:
    """Who runs the command, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"


def names(subjects: Sequence[str]) -> tuple[str, ...]:
    """The flows among a tenant's kinds of documents."""
    return tuple(kind.removeprefix(FLOW) for kind in subjects if kind.startswith(FLOW))
