"""The `frontdesk` command. Exit codes: 0 fine, 1 something failed or a test did, 2 the input or a setting is wrong."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from channels.browser import BrowserChannel
from channels.terminal import read_line, render_part
from runtime.app import (
    CHANNELS,
    PATHS,
    FrontDesk,
    all_actions,
    database_url,
    import_tenant,
    kept_secret,
    start,
)
from runtime.checking import check_paths
from runtime.clocks import MovedClock, SystemClock, read_moment
from runtime.dialogs import run_dialogs
from runtime.errors import ConfigurationError, FrontdeskError, NotFound
from runtime.identifiers import ulid
from runtime.parsing import parse_json
from runtime.performer import action_facts
from runtime.ports import RawRequest
from runtime.records.appointments import Appointment, Appointments
from runtime.records.database import Database
from runtime.records.tenants import Tenants
from runtime.screen import Screen
from runtime.settings import CONFIGS, Settings, read_settings
from runtime.telemetry import configure_logging
from runtime.tenants import TenantFile, business_of, read_tenant
from runtime.web.edge import make_app
from runtime.wording import Wording

_log = logging.getLogger(__name__)
Handler = Callable[[argparse.Namespace], Awaitable[int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors of users are told in one line."""
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options))
    except FrontdeskError as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError | NotFound) else 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 0


async def _run(options: argparse.Namespace) -> int:
    handler: Handler = options.handler
    return await handler(options)


# ---- the parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="frontdesk", description="The front desk for chats and calls.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve_parser(commands.add_parser("serve", help="run the desk: web chat, webhooks, operator API"))
    _chat_parser(commands.add_parser("chat", help="talk to the desk in this terminal, or through a pipe"))
    check = commands.add_parser("check", help="check flows, replies and tenant files, with file and line")
    check.add_argument("paths", nargs="*", type=Path, help="files or folders; without any, what came with Frontdesk")
    check.set_defaults(handler=_check)
    test = commands.add_parser("test", help="play dialog files and compare the replies")
    test.add_argument("folder", type=Path, help="a folder of dialog files, or one file")
    test.set_defaults(handler=_test)
    parse = commands.add_parser("parse", help="show what a channel's inbound payload means, as JSON")
    parse.add_argument("channel", help="path word, connector id or sample folder, such as telegram")
    parse.add_argument("file", type=Path)
    parse.add_argument("--headers", default="{}", help="the request's headers as a JSON object")
    parse.set_defaults(handler=_parse)
    shown = commands.add_parser("appointments", help="list what is booked")
    shown.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    shown.add_argument("--tenant", default="", help="only this business")
    _data_option(shown)
    shown.set_defaults(handler=_appointments)
    _tenant_parser(commands.add_parser("tenant", help="the businesses of this desk"))
    return parser


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of the embedded servers (default: ./data)")


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8080, 0 picks one)")
    parser.set_defaults(handler=_serve)


def _chat_parser(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--tenant", default="", help="which business (default: the only one, or demo)")
    parser.add_argument("--language", default="", choices=["", "de", "en"], help="language to begin in")
    parser.add_argument("--now", default="", help="business time to begin at, such as 2026-11-20T10:00")
    parser.add_argument("--contact", default="terminal", help="who you are: another name is another customer")
    parser.add_argument("--json", action="store_true", help="one JSON object a turn")
    parser.set_defaults(handler=_chat)


def _tenant_parser(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    imported = commands.add_parser("import", help="publish a business from its YAML file")
    imported.add_argument("file", type=Path)
    created = commands.add_parser("create", help="write a business file to start from, and publish it")
    created.add_argument("slug", help="short name in addresses, such as salon-lindgren")
    created.add_argument("--name", default="", help="the name that customers read")
    listed = commands.add_parser("list", help="show the businesses")
    for command, handler in ((imported, _tenant_import), (created, _tenant_create), (listed, _tenant_list)):
        _data_option(command)
        command.set_defaults(handler=handler)


def _settings(options: argparse.Namespace, *, host: str | None = None, port: int | None = None) -> Settings:
    settings = read_settings(data=options.data, host=host, port=port)
    configure_logging(settings)
    return settings


# ---- serve


async def _serve(options: argparse.Namespace) -> int:
    settings = _settings(options, host=options.host, port=options.port)
    async with start(settings) as desk:
        token = settings.operator_token or kept_secret(settings.data, "operator-token")
        names = await desk.tenants.all()
        app = make_app(
            desk.door,
            settings,
            {path: CHANNELS[connector] for path, connector in PATHS.items()},
            kept_secret(settings.data, "visitor-key").encode(),
            token,
            webchat=BrowserChannel(),
            http=desk.http,
            ready=desk.troubles,
            tenants=names,
        )
        runner = web.AppRunner(app, shutdown_timeout=settings.drain_s, access_log=None)
        await runner.setup()
        registering = asyncio.create_task(desk.register_webhooks())
        try:
            await _listen(runner, settings, names, token)
        finally:
            registering.cancel()
            await runner.cleanup()
    return 0


async def _listen(runner: web.AppRunner, settings: Settings, names: Sequence[str], token: str) -> None:
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        raise ConfigurationError(
            f"Port {settings.port} is taken ({error.strerror}); stop what uses it or set FRONTDESK_PORT."
        ) from error
    port = runner.addresses[0][1]
    _print_where(f"http://{settings.host}:{port}{settings.base_path}", names, settings, token)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    print("Stopping: turns in flight are finished first.", flush=True)


def _print_where(address: str, names: Sequence[str], settings: Settings, token: str) -> None:
    """Where to chat and where to look; the only place that ever shows the operator token."""
    print("Frontdesk is open.\n")
    for name in names:
        print(f"  Chat            {address}/chat/{name}")
    print(f"  In a terminal   {_command()} chat" + (f" --data {settings.data}" if str(settings.data) != "data" else ""))
    print(f"  Look            {address}/   ({address}/readyz says whether all is well)")
    print(f"  Operator token  {token}\n\nStop with Ctrl-C.", flush=True)


def _command() -> str:
    """How this program was called, so that a line can be copied: `.venv/bin/frontdesk` where it is not on the path."""
    called = Path(sys.argv[0])
    if called.name != "frontdesk" or shutil.which("frontdesk") == str(called.absolute()):
        return "frontdesk"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


# ---- chat


async def _chat(options: argparse.Namespace) -> int:
    settings = _settings(options)
    clock = MovedClock(read_moment(options.now, "UTC")) if options.now else SystemClock()
    async with start(settings, clock=clock) as desk:
        tenant = await _chosen_tenant(desk, options.tenant)
        connection = await desk.door.connection(tenant, "terminal")
        known = await desk.door.desk(tenant)
        if connection is None or known is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        if isinstance(clock, MovedClock):
            _into_zone(clock, options.now, known.business.timezone)
        feed = desk.door.feed(connection, options.contact)
        async with feed:
            screen = Screen(feed, options.json, render_part)
            await screen.skip_old()
            async for line in _lines():
                message_id = ulid()
                inbound = read_line(
                    line, chat=options.contact, message_id=message_id, language=options.language, buttons=screen.buttons
                )
                if inbound is None:
                    continue
                await desk.door.take_in(connection, (inbound,))
                await screen.until_ended(message_id)
                if options.json:
                    screen.show_json(line.strip())
    return 0


def _into_zone(clock: MovedClock, now: str, timezone: str) -> None:
    """A time without an offset is in the business's own zone, which is known only now."""
    if datetime.fromisoformat(now).tzinfo is None:
        clock.move(read_moment(now, timezone) - read_moment(now, "UTC"))


async def _chosen_tenant(desk: FrontDesk, wanted: str) -> str:
    names = await desk.tenants.all()
    if wanted:
        if wanted not in names:
            raise NotFound(f"There is no tenant {wanted}; there is {', '.join(names) or 'none yet'}.")
        return wanted
    others = [name for name in names if name != "demo"]
    return others[0] if len(others) == 1 and "demo" not in names else ("demo" if "demo" in names else names[0])


async def _lines() -> AsyncIterator[str]:
    """Lines of standard input; a prompt only where somebody types."""
    prompt = sys.stdin.isatty() and sys.stdout.isatty()
    loop = asyncio.get_running_loop()
    while True:
        if prompt:
            print("\n> ", end="", flush=True)
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        yield line


# ---- the smaller commands


async def _check(options: argparse.Namespace) -> int:
    wording = Wording.read(CONFIGS / "replies")
    paths = options.paths or [CONFIGS / "flows", CONFIGS / "demo"]
    report = check_paths(paths, wording, action_facts(all_actions(_no_store())))
    for complaint in report.complaints:
        print(complaint)
    print(f"{report.files} files checked, {len(report.complaints)} problems.", file=sys.stderr)
    return 2 if report.complaints else 0


def _no_store() -> Appointments:
    """Actions are only asked what they are, never run."""
    return Appointments.__new__(Appointments)


async def _test(options: argparse.Namespace) -> int:
    configure_logging(read_settings(log_level=os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR")))
    return await run_dialogs(options.folder, start)


async def _parse(options: argparse.Namespace) -> int:
    connector = PATHS.get(options.channel, options.channel)
    channel = CHANNELS.get(connector)
    if channel is None:
        raise NotFound(f"There is no channel {options.channel}; there is {', '.join(sorted({*PATHS, *CHANNELS}))}.")
    try:
        headers: Mapping[str, str] = {k.lower(): str(v) for k, v in json.loads(options.headers).items()}
        body = options.file.read_bytes()
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{options.file} with these headers cannot be read: {error}") from error
    print(json.dumps(parse_json(channel, RawRequest("POST", "/", headers, body)), ensure_ascii=False, indent=1))
    return 0


@contextlib.asynccontextmanager
async def _records(options: argparse.Namespace) -> AsyncIterator[Database]:
    database = await Database.open(database_url(_settings(options)))
    try:
        yield database
    finally:
        await database.close()


async def _appointments(options: argparse.Namespace) -> int:
    async with _records(options) as database:
        rows = await Appointments(database).all(options.tenant)
        zones = {row.tenant: await _zone(Tenants(database), row.tenant) for row in rows}
    shown = [_appointment(row, zones[row.tenant]) for row in rows]
    if options.json:
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for row in shown:
        times = f"{row['start'][:16].replace('T', ' ')}–{row['end'][11:16]}"
        print(f"{times}  {row['status']:9}  {row['service']}  {row['person'] or '–'}  {row['name']}  ({row['tenant']})")
    if not shown:
        print("No appointments yet.")
    return 0


async def _zone(tenants: Tenants, tenant: str) -> ZoneInfo:
    raw = await tenants.document(tenant, "tenant")
    return ZoneInfo(business_of(raw).timezone if raw else "UTC")


def _appointment(row: Appointment, zone: ZoneInfo) -> dict[str, str]:
    return {
        "id": row.id,
        "tenant": row.tenant,
        "service": row.service,
        "person": row.person,
        "name": row.name,
        "phone": row.phone,
        "start": row.start.astimezone(zone).isoformat(),
        "end": row.end.astimezone(zone).isoformat(),
        "status": row.status,
    }


async def _tenant_import(options: argparse.Namespace) -> int:
    file = _tenant_file(options.file)
    for warning in file.warnings:
        print(warning, file=sys.stderr)
    async with _records(options) as database:
        version = await import_tenant(Tenants(database), file)
    print(f"{file.business.tenant} ({file.business.name}) is published as version {version}.")
    return 0


def _tenant_file(path: Path) -> TenantFile:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    return read_tenant(text, str(path))


async def _tenant_create(options: argparse.Namespace) -> int:
    options.file = _write_tenant(options.slug, options.name or options.slug)
    print(f"Wrote {options.file}: put in your own services, people and hours, then import it again.")
    return await _tenant_import(options)


def _write_tenant(slug: str, name: str) -> Path:
    """A copy of the demo business under another name, to be changed by its owner."""
    path = Path(f"{slug}.yaml")
    if path.exists():
        raise ConfigurationError(f"{path} is there already; change it and run `frontdesk tenant import {path}`.")
    demo = (CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8")
    lines = demo.replace("tenant: demo", f"tenant: {slug}", 1).splitlines()
    lines = [f"name: {json.dumps(name, ensure_ascii=False)}" if line.startswith("name:") else line for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


async def _tenant_list(options: argparse.Namespace) -> int:
    async with _records(options) as database:
        tenants = Tenants(database)
        for name in await tenants.all():
            raw = await tenants.document(name, "tenant")
            print(f"{name}  {business_of(raw).name if raw else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
