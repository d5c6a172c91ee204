"""Dialog files: what is said, what must come back, and what stands in the calendar afterwards.

    tenant: demo                  # a business that comes with Frontdesk, or `tenant_file: salon.yaml` beside this file
    now: 2026-11-20T10:00         # business time at the beginning
    language: de
    model: haircut.json           # recorded answers of a model, beside this file: `frontdesk test FILE --record`
    dialog:
      - said: Ich hätte gern am Dienstag um 15 Uhr einen Herrenhaarschnitt
        expect: [Namen]           # each must stand in the reply; /between slashes/ is a regular expression
      - said: Meier
        never: [Mittwoch]
      - press: Ja, buchen         # a button by its label
      - wait: 5h                  # of business time: a handoff does not expire by it
      - prompted: 78h             # business time after which the desk says something on its own, such as a reminder
        expect: [Erinnerung]
    appointments:                 # what this customer has in the end, and nothing else
      - {service: haircut_men, start: 2026-11-24T15:00, status: booked}

Every file plays against the real loop, with a copy of the business of its own.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from runtime.clocks import MovedClock, read_moment
from runtime.core.messages import RenderedButton
from runtime.errors import ConfigurationError
from runtime.flow_files import FlowYaml, no_yaml
from runtime.model_port import ChatModel
from runtime.models.recorded import RecordedModel
from runtime.records.appointments import Appointment, Appointments
from runtime.records.tenants import Tenants
from runtime.settings import CONFIGS, Settings
from runtime.tenants import business_of, read_tenant

_UNITS = {"m": 60, "h": 3600, "d": 86400}


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    said: str | list[str] | None = None
    press: str | None = None
    wait: str | None = Field(default=None, pattern=r"^\d+[mhd]$")
    prompted: str | None = Field(default=None, pattern=r"^\d+[mhd]$")
    expect: str | list[str] = []
    never: str | list[str] = []

    @model_validator(mode="after")
    def _is_one_thing(self) -> _Line:
        """A line without words would be compared with the reply of the line before: that says nothing."""
        if sum(one is not None for one in (self.said, self.press, self.wait, self.prompted)) != 1:
            raise ValueError("a line has one of said, press, wait and prompted")
        if self.wait and (self.expect or self.never):
            raise ValueError("nobody answers a wait: put expect and never on the next line that is said")
        return self


class Dialog(BaseModel):
    """A dialog file."""

    model_config = ConfigDict(extra="forbid")
    tenant: str = "demo"
    tenant_file: str = ""
    now: str = "2026-11-20T10:00"
    language: str = ""
    about: str = ""
    model: str = ""
    dialog: list[_Line]
    appointments: list[dict[str, str]] | None = None


class Answering(Protocol):
    """One reply: its text and its buttons."""

    @property
    def text(self) -> str: ...

    @property
    def buttons(self) -> tuple[RenderedButton, ...]: ...


class Desk(Protocol):
    """What a running desk must offer to play dialogs with."""

    @property
    def tenants(self) -> Tenants: ...

    @property
    def appointments(self) -> Appointments: ...

    async def say(
        self, *, tenant: str, contact: str, text: str = "", press: str = "", language: str = ""
    ) -> Sequence[Answering]: ...

    async def prompted(self, *, tenant: str, contact: str) -> Sequence[Answering]:
        """What the desk tells this customer on its own by now, once it has come; nothing when nothing is due."""
        ...


class Start(Protocol):
    """How a desk is started: `runtime.app.start`."""

    def __call__(
        self, settings: Settings, *, clock: MovedClock, model: ChatModel | None = None
    ) -> AbstractAsyncContextManager[Desk]: ...


@dataclass(frozen=True, slots=True)
class Played:
    """A dialog with everything that went differently."""

    source: str
    lines: int
    complaints: tuple[str, ...]
    shown: tuple[str, ...] = ()
    """What the customer read, line by line."""
    tenant: str = ""
    booked: tuple[Mapping[str, Any], ...] = ()
    """What stands in the calendar in the end."""


async def run_dialogs(path: Path, start: Start, record: ChatModel | None = None) -> int:
    """Play a file, or every dialog file of a folder, and report; 0 when all went as written, 1 otherwise.

    With `record` this model answers where a dialog names a recording, and the recording is written.
    """
    played = await play(dialog_files(path), start, record=record)
    wrong = [p for p in played if p.complaints]
    for dialog in played:
        sys.stdout.write(f"{'FAILED' if dialog.complaints else 'ok    '} {dialog.source} ({dialog.lines} lines)\n")
        sys.stdout.writelines(f"       {complaint}\n" for complaint in dialog.complaints)
    sys.stdout.write(f"{len(played) - len(wrong)} passed, {len(wrong)} failed\n")
    return 1 if wrong else 0


def dialog_files(path: Path) -> list[Path]:
    """The file, or all dialog files below a folder."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    if not files or not files[0].exists():
        what = "holds no dialog files (*.yaml)" if path.exists() else "is not there"
        raise ConfigurationError(f"{path} {what}; name a dialog file or a folder of them.")
    return files


@dataclass(frozen=True, slots=True)
class Given:
    """What to play against in place of a business that comes with Frontdesk: a document, and flows of its own."""

    document: Mapping[str, Any]
    flows: Mapping[str, Mapping[str, Any]]


async def play_given(path: Path, start: Start, given: Given) -> list[str]:
    """Play a folder's dialogs against a document that is not published; what went differently."""
    played = await play(dialog_files(path), start, given)
    return [f"{one.source}: {complaint}" for one in played for complaint in one.complaints]


async def play(
    files: Sequence[Path], start: Start, given: Given | None = None, record: ChatModel | None = None
) -> list[Played]:
    """Play dialog files one after the other at one desk with embedded servers in a folder of its own."""
    model = RecordedModel(record)
    dialogs = [(file, read_dialog(file)) for file in files]
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        clock = MovedClock(read_moment("2026-11-20T10:00", "UTC"))
        has_model = any(dialog.model for _, dialog in dialogs)
        settings = Settings(data=Path(folder), prompt_scan_s=0)
        async with start(settings, clock=clock, model=model if has_model else None) as desk:
            numbered = enumerate(dialogs, 1)
            return [await _play_with(model, desk, clock, f, d, number, given) for number, (f, d) in numbered]


async def _play_with(
    model: RecordedModel, desk: Desk, clock: MovedClock, path: Path, dialog: Dialog, number: int, given: Given | None
) -> Played:
    """Play one dialog with the recording that it names; what the recording has no answer for is a complaint."""
    model.open(path.parent / dialog.model if dialog.model else None)
    played = await play_one(desk, clock, path, dialog, number, given)
    model.close()
    how = "the model gave none" if model.behind else f"record it with `frontdesk test {path} --record`"
    missing = tuple(f"no recorded answer of the model to “{said}”: {how}" for said in model.missing)
    return dataclasses.replace(played, complaints=played.complaints + missing) if missing else played


def read_dialog(path: Path) -> Dialog:
    """A dialog file, read and checked."""
    try:
        return Dialog.model_validate(yaml.load(path.read_text(encoding="utf-8"), FlowYaml))
    except yaml.YAMLError as error:
        raise ConfigurationError(no_yaml(error, str(path))) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8; save it as UTF-8.") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()[:4])
        raise ConfigurationError(
            f"{path} is no dialog file: {wrong}. It needs `dialog:`, a list of said and expect."
        ) from error


async def play_one(
    desk: Desk, clock: MovedClock, path: Path, dialog: Dialog, number: int, given: Given | None = None
) -> Played:
    """Play one dialog with a business of its own, `dialog-<number>`."""
    tenant, timezone = await _own_tenant(desk, path, dialog, number, given)
    clock.move(read_moment(dialog.now, timezone) - clock.now())
    complaints: list[str] = []
    shown: list[str] = []
    replies: Sequence[Answering] = ()
    for at, line in enumerate(dialog.dialog, 1):
        if line.wait:
            clock.move(_span(line.wait))
        elif line.prompted:
            clock.move(_span(line.prompted))
            replies = await desk.prompted(tenant=tenant, contact="dialog")
        elif line.press:
            payload = _payload(line.press, replies)
            if not payload:
                complaints.append(f"line {at}: there is no button “{line.press}”: {_shown(replies)}")
                break
            replies = await desk.say(tenant=tenant, contact="dialog", press=payload)
        else:
            for text in _list(line.said or ""):
                replies = await desk.say(tenant=tenant, contact="dialog", text=text, language=dialog.language)
        shown.append("" if line.wait else _shown(replies))
        complaints += [f"line {at}: {text}" for text in _compare(line, replies)]
    booked = await desk.appointments.all(tenant)
    zone = ZoneInfo(timezone)
    complaints += _calendar(dialog, booked, zone)
    calendar = tuple(_plain(one, zone) for one in booked)
    return Played(str(path), len(dialog.dialog), tuple(complaints), tuple(shown), tenant, calendar)


async def _own_tenant(desk: Desk, path: Path, dialog: Dialog, number: int, given: Given | None) -> tuple[str, str]:
    """A copy of the business under a name of its own, so that dialogs do not take each other's times."""
    slug = f"dialog-{number}"
    if given is not None:
        for name, content in given.flows.items():
            await desk.tenants.put_document(slug, f"flow:{name}", content)
        return slug, await _copied(desk, slug, given.document)
    source = path.parent / dialog.tenant_file if dialog.tenant_file else _demo(dialog.tenant)
    file = read_tenant(source.read_text(encoding="utf-8"), str(source))
    return slug, await _copied(desk, slug, file.raw)


async def _copied(desk: Desk, slug: str, document: Mapping[str, Any]) -> str:
    """Publish a business under another name, without its connections to the world; returns its time zone."""
    plain = {key: value for key, value in document.items() if key not in ("slug", "connections")}
    await desk.tenants.put_document(slug, "tenant", {**plain, "tenant": slug})
    return business_of({**plain, "tenant": slug}).timezone


def _demo(tenant: str) -> Path:
    for path in sorted((CONFIGS / "demo").glob("*.yaml")):
        if (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("tenant") == tenant:
            return path
    raise ConfigurationError(f"No business {tenant} comes with Frontdesk; name a file with `tenant_file:`.")


def _span(text: str) -> timedelta:
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


def _payload(label: str, replies: Sequence[Answering]) -> str:
    buttons = [button for reply in replies for button in reply.buttons]
    return next((b.payload for b in buttons if label.lower() in b.text.lower()), "")


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _compare(line: _Line, replies: Sequence[Answering]) -> Iterator[str]:
    shown = _shown(replies)
    for wanted in _list(line.expect):
        if not _stands_in(wanted, shown):
            yield f"“{wanted}” is missing in: {shown}"
    for banned in _list(line.never):
        if _stands_in(banned, shown):
            yield f"“{banned}” must not stand in: {shown}"


def _shown(replies: Sequence[Answering]) -> str:
    lines = [reply.text for reply in replies]
    lines += [f"[{button.text}]" for reply in replies for button in reply.buttons]
    return " ".join(lines)


def _stands_in(wanted: str, shown: str) -> bool:
    if len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/"):
        return re.search(wanted[1:-1], shown, re.IGNORECASE) is not None
    return wanted.lower() in shown.lower()


def _calendar(dialog: Dialog, booked: Sequence[Appointment], zone: ZoneInfo) -> Iterator[str]:
    """Whether exactly the wanted appointments are there, compared in the fields that the file names."""
    if dialog.appointments is None:
        return
    found = [_plain(a, zone) for a in booked]
    left = list(found)
    for wanted in dialog.appointments:
        match = next((f for f in left if all(str(f.get(k, "")).startswith(v) for k, v in wanted.items())), None)
        if match is None:
            yield f"no appointment {wanted}; there is {found}"
        else:
            left.remove(match)
    if left:
        yield f"more appointments than wanted: {left}"


def _plain(row: Appointment, zone: ZoneInfo) -> Mapping[str, Any]:
    start = row.start.astimezone(zone).isoformat()
    return {"service": row.service, "person": row.person, "name": row.name, "phone": row.phone, "start": start,
            "status": row.status}  # fmt: skip
