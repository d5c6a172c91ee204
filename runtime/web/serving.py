"""`frontdesk serve`: the edge on its port until a signal comes, and what is said at the start."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import ipaddress
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from runtime.dead_letters import DeadLetters
from runtime.desks import DeskBook
from runtime.diary import Diary
from runtime.errors import ConfigurationError
from runtime.inbox import Inbox
from runtime.media.store import FileStore
from runtime.people import People
from runtime.ports import Channel, Gate, Outbound
from runtime.receiving import Accounts
from runtime.records.tenants import Tenants
from runtime.settings import Settings
from runtime.watching import Watch
from runtime.web import demo_shop
from runtime.web.edge import make_app
from runtime.web.parts import WebChat


class Serving(Protocol):
    """What a running desk must offer to be served."""

    @property
    def door(self) -> Gate: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def http(self) -> Outbound: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def watch(self) -> Watch: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def diary(self) -> Diary: ...
    @property
    def people(self) -> People: ...
    @property
    def accounts(self) -> Accounts: ...

    @property
    def media(self) -> FileStore: ...
    @property
    def desks(self) -> DeskBook: ...

    async def troubles(self) -> Mapping[str, str]: ...
    async def register_webhooks(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands at this installation's doors: its channels, and the keys to them."""

    channels: Mapping[str, Channel]
    webchat: WebChat
    visitor_key: bytes = dataclasses.field(repr=False)
    operator_token: str = dataclasses.field(repr=False)
    is_new_token: bool


async def serve(desk: Serving, settings: Settings, doors: Doors) -> int:
    """Listen until SIGINT or SIGTERM; open requests end first."""
    app = make_app(
        desk.door, settings, doors.channels, doors.visitor_key, doors.operator_token,
        webchat=doors.webchat, http=desk.http, ready=desk.troubles, tenants=_shown_tenants(desk, settings),
        inbox=desk.inbox,
        watch=desk.watch, dead_letters=desk.dead_letters, diary=desk.diary, accounts=desk.accounts, media=desk.media,
        people=desk.people,
    )  # fmt: skip
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner = web.AppRunner(app, shutdown_timeout=settings.drain_s, access_log=None)
    await runner.setup()
    try:
        await desk.desks.warm()
        port = await _listen(runner, settings)
        registering = asyncio.create_task(desk.register_webhooks())
        _say_where(
            f"http://{_shown_host(settings.host)}:{port}{settings.base_path}", await desk.tenants.all(), settings, doors
        )
        await stop.wait()
        _say("Stopping: turns in flight are finished first.")
        registering.cancel()
    finally:
        await runner.cleanup()
    return 0


def _shown_tenants(desk: Serving, settings: Settings) -> Callable[[], Awaitable[Sequence[str]]] | None:
    """The start page names the businesses only to this machine: in public they need not know of each other."""
    return desk.tenants.all if _is_loopback(settings.host) and not settings.public_url else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _listen(runner: web.AppRunner, settings: Settings) -> int:
    """The port that we got."""
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        raise ConfigurationError(_why_not(error, settings)) from error
    return int(runner.addresses[0][1])


def _why_not(error: OSError, settings: Settings) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {settings.port} is taken. Stop what uses it, or take another: FRONTDESK_PORT={settings.port + 1}"
            )
        case errno.EACCES:
            return f"Port {settings.port} is for the system's own servers. Take one above 1023 with FRONTDESK_PORT."
        case _:
            return f"The server cannot listen on {settings.host}; FRONTDESK_HOST must be an address of this machine."


def _shown_host(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)


def _say_where(address: str, names: Sequence[str], settings: Settings, doors: Doors) -> None:
    """Where to chat and where to look. A new operator token is shown once, to a terminal: logs are passed on."""
    data = "" if str(settings.data) == "data" else f" --data {settings.data}"
    _say("Frontdesk is open.\n")
    for name in names:
        _say(f"  Chat            {address}/chat/{name}")
    if demo_shop.TENANT in names:
        _say(f"  On a website    {address}{demo_shop.PATH}   (the demo studio's, with the chat in it)")
    if not names:
        _say("  No business yet: frontdesk tenant import FILE")
    _say(f"  For the team    {address}/desk   (people read along, take over and answer)")
    _say(f"  In a terminal   {_command()} chat{data}")
    _say(f"  Look            {address}/   ({address}/readyz says whether all is well)")
    _say(f"  Operator token  {_shown_token(settings, doors)}\n\nStop with Ctrl-C.")


def _shown_token(settings: Settings, doors: Doors) -> str:
    if settings.operator_token:
        return "the one in FRONTDESK_OPERATOR_TOKEN"
    path = settings.data / "operator-token"
    shown = doors.is_new_token and sys.stdout.isatty()
    return f"{doors.operator_token}   (kept in {path})" if shown else f"in {path}"


def _command() -> str:
    """How this program was called, so that a line can be copied: `.venv/bin/frontdesk` where it is not on the path."""
    called = Path(sys.argv[0])
    if called.name != "frontdesk" or shutil.which("frontdesk") == str(called.absolute()):
        return "frontdesk"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
