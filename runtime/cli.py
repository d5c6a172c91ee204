"""The `frontdesk` command. Exit codes: 0 fine, 1 something failed or a test did, 2 the input or a setting is wrong.

Part of the composition root: its commands put together what they need, and load it only when they run, so that help and
a mistyped word are answered at once.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.cli_appointments import appointments_parser
from runtime.cli_operating import backup_parser, doctor_parser, init_parser, migrate_parser, restore_parser
from runtime.cli_parts import data_option as _data_option
from runtime.cli_parts import program_version, take_env_file
from runtime.cli_parts import settings_of as _settings
from runtime.cli_publishing import add_tenant_verbs, flow_parser
from runtime.cli_standing import add_bar_verbs
from runtime.cli_understanding import understand_parser
from runtime.cli_watching import parked_parser, trace_parser
from runtime.errors import ConfigurationError, FrontdeskError, NotFound
from runtime.settings import CONFIGS, read_settings
from runtime.telemetry import configure_logging

if TYPE_CHECKING:
    from runtime.records.tenants import Tenants

Handler = Callable[[argparse.Namespace], Awaitable[int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors of users are told in one line."""
    options = _parser().parse_args(arguments)
    take_env_file(Path(".env"))
    try:
        return asyncio.run(_run(options))
    except FrontdeskError as error:
        text = str(error)
        print(text if "\n" in text else f"frontdesk: {text}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError | NotFound) else 1
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _told(error)
    except KeyboardInterrupt:
        print()
        return 0


async def _run(options: argparse.Namespace) -> int:
    handler: Handler = options.handler
    return await handler(options)


def _told(error: OSError) -> int:
    """A folder that is not ours or a full disk is the user's to mend; anything without a file is our bug."""
    if error.filename is None and error.errno != errno.ENOSPC:
        raise error
    print(
        f"frontdesk: {error.filename or 'The disk'}: {error.strerror}. Is the folder yours to write to?",
        file=sys.stderr,
    )
    return 2


# ---- the parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="frontdesk",
        description="The front desk of a business: it answers, books appointments and hands over to a person.",
        epilog="`frontdesk COMMAND --help` explains a command. Settings: FRONTDESK_* in the environment (README).",
    )
    parser.add_argument("--version", action="version", version=f"frontdesk {program_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, add, text in _COMMANDS:
        add(commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}."))
    return parser


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--host", help="address to listen on (default: FRONTDESK_HOST or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on; 0 picks one (default: FRONTDESK_PORT or 8080)")
    parser.set_defaults(handler=_serve)


def _chat_parser(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Each line is a message; a bare number presses the button it stands before. Piped, the next line is read when "
        "the one before is answered. Ctrl-D or Ctrl-C ends the chat, and the same command goes on with it."
    )
    _data_option(parser)
    parser.add_argument("--tenant", default="", metavar="NAME", help="which business (default: demo, or the only one)")
    parser.add_argument("--language", default="", choices=["de", "en"], help="language to begin in")
    parser.add_argument("--now", default="", metavar="TIME", help="business time to begin at, such as 2026-11-20T10:00")
    parser.add_argument(
        "--contact", default="terminal", metavar="NAME", help="who you are: another name, another customer"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a turn: said, replies, phase")
    parser.set_defaults(handler=_chat)


def _tickets_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="closed ones too")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    parser.add_argument("--tenant", default="", metavar="NAME", help="only this business")
    _data_option(parser)
    parser.set_defaults(handler=_tickets)


def _handoffs_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="a JSON list with the cards instead of lines")
    parser.add_argument("--tenant", default="", metavar="NAME", help="only this business")
    _data_option(parser)
    parser.set_defaults(handler=_handoffs)


def _tenant_parser(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    imported = commands.add_parser("import", help="publish a business from its YAML file")
    imported.add_argument(
        "file", type=Path, metavar="FILE", help="the YAML file; `frontdesk check FILE` only checks it"
    )
    created = commands.add_parser("create", help="write a business file to start from, and publish it")
    created.add_argument("slug", metavar="NAME", help="short name in addresses, such as salon-lindgren")
    created.add_argument("--name", default="", help="the name that customers read")
    listed = commands.add_parser("list", help="show the businesses")
    status = commands.add_parser("status", help="show or set whether a business's desk is active, paused or suspended")
    status.add_argument("slug", metavar="NAME", help="the business's short name")
    text = "active; paused: everything goes to people; suspended: customers only read where else to turn"
    status.add_argument(
        "status", nargs="?", default="", metavar="STATUS", choices=["active", "paused", "suspended", ""], help=text
    )
    for command, handler in (
        (imported, _tenant_import), (created, _tenant_create), (listed, _tenant_list), (status, _tenant_status),
    ):  # fmt: skip
        _data_option(command)
        command.set_defaults(handler=handler)
    add_tenant_verbs(commands)
    add_bar_verbs(commands)


def _check_parser(parser: argparse.ArgumentParser) -> None:
    text = "files or folders; without any, what came with Frontdesk"
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=text)
    parser.set_defaults(handler=_check)


def _test_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder of dialog files (*.yaml), or one file")
    parser.add_argument(
        "--faults", action="store_true", help="again, with workers killed and messages late, doubled, out of order"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="with --faults: another disorder for each number"
    )
    parser.add_argument(
        "--kills",
        type=int,
        default=13,
        metavar="N",
        help="with --faults: how often a worker is killed (13: at each point of a turn once)",
    )
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="with --faults: at most so long")
    parser.add_argument(
        "--record", action="store_true", help="ask the model of FRONTDESK_MODEL_* and write the recordings anew"
    )
    parser.set_defaults(handler=_test)


def _replay_parser(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Nothing is sent, looked up or written. Exit code 1: something differs from what was recorded."
    parser.add_argument("conversation", nargs="?", default="", metavar="CONVERSATION", help="its id in the records")
    parser.add_argument("--session", default="", metavar="ID", help="only this session of it")
    parser.add_argument("--tenant", default="", metavar="NAME", help="whose it is; needed with --all")
    parser.add_argument("--all", action="store_true", help="every conversation of the business, with a summary")
    parser.add_argument("--since", default="", metavar="TIME", help="with --all: those with a turn since then (UTC)")
    parser.add_argument("--save-test", type=Path, metavar="FILE", help="write a dialog test of it, with made-up names")
    parser.add_argument("--understand", action="store_true", help="also read the customers' words anew and compare")
    parser.add_argument("--json", action="store_true", help="one JSON object a conversation")
    _data_option(parser)
    parser.set_defaults(handler=_replay)


def _parse_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "channel", metavar="CHANNEL", help="its word in the webhook's address (telegram, whatsapp, facebook) or its id"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the request's body as it came")
    parser.add_argument("--headers", default="{}", metavar="JSON", help="the request's headers as a JSON object")
    parser.set_defaults(handler=_parse)


# ---- the commands


async def _serve(options: argparse.Namespace) -> int:
    from channels.browser import BrowserChannel
    from runtime.app import CHANNELS, PATHS, kept_secret, start
    from runtime.web.serving import Doors, serve

    settings = _settings(options, host=options.host, port=options.port)
    is_new = not settings.operator_token and not (settings.data / "operator-token").exists()
    async with start(settings) as desk:
        token = settings.operator_token or kept_secret(settings.data, "operator-token")
        doors = Doors(
            channels={path: CHANNELS[connector] for path, connector in PATHS.items()},
            webchat=BrowserChannel(),
            visitor_key=await _visitor_key(desk.tenants),
            operator_token=token,
            is_new_token=is_new,
        )
        return await serve(desk, settings, doors)


async def _visitor_key(tenants: Tenants) -> bytes:
    """What signs visitors: the same in every process on every machine, or a reload would lose a conversation."""
    kept = await tenants.made_once("visitor-key", {"key": secrets.token_urlsafe(32)})
    return str(kept["key"]).encode()


async def _chat(options: argparse.Namespace) -> int:
    from channels.terminal import read_line, render_part
    from runtime.app import start
    from runtime.cascading import ready_to_read
    from runtime.clocks import MovedClock, SystemClock, read_moment
    from runtime.conversing import Wishes, converse

    settings = _settings(options)
    clock = MovedClock(read_moment(options.now, "UTC")) if options.now else SystemClock()
    wishes = Wishes(options.tenant, options.contact, options.language, options.now, options.json)
    async with start(settings, clock=clock) as desk:
        await ready_to_read(desk.model)
        return await converse(desk, wishes, read_line, render_part)


async def _check(options: argparse.Namespace) -> int:
    from runtime.app import action_kinds
    from runtime.checking import check_paths
    from runtime.flow_files import read_flows
    from runtime.wording import Wording

    paths = options.paths or [CONFIGS / "flows", CONFIGS / "demo"]
    actions = action_kinds()
    ours = {file.flow.id: file.flow for file in read_flows(CONFIGS / "flows", actions) if file.flow}
    report = check_paths(paths, Wording.read(CONFIGS / "replies"), actions, ours)
    for complaint in report.complaints:
        print(complaint)
    print(f"{_counted(report.files, 'file')} checked, {_counted(len(report.complaints), 'problem')}.", file=sys.stderr)
    return 2 if report.complaints else 0


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


async def _test(options: argparse.Namespace) -> int:
    from runtime.app import start
    from runtime.cascading import recording
    from runtime.dialogs import run_dialogs
    from runtime.faults.command import show_faults
    from runtime.faults.dialog_run import Faults

    configure_logging(read_settings(log_level=os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR")))
    if options.faults:
        return await show_faults(options.path, Faults(options.seed, options.kills, options.minutes))
    return await run_dialogs(options.path, start, await recording() if options.record else None)


async def _replay(options: argparse.Namespace) -> int:
    from runtime.app import action_kinds, start
    from runtime.places import database_url
    from runtime.replay.command import Wishes, replay_from
    from runtime.understanding.cascade import OfflineRules

    wishes = Wishes(
        options.conversation,
        options.tenant,
        options.session,
        options.all,
        options.since,
        options.json,
        options.save_test,
        start,
    )
    understanding = OfflineRules() if options.understand else None
    return await replay_from(database_url(_settings(options)), action_kinds(), understanding, wishes)


async def _parse(options: argparse.Namespace) -> int:
    from runtime.app import CHANNELS, PATHS
    from runtime.parsing import parsed_file

    word = Path(options.channel.lower()).name  # a sample folder's path will do
    connector: str = PATHS.get(word, word)
    channel = CHANNELS.get(connector)
    if channel is None:
        known: Mapping[str, object] = {**PATHS, **CHANNELS}
        raise NotFound(f"There is no channel {options.channel}; there is {', '.join(sorted(known))}.")
    print(parsed_file(channel, options.file, options.headers))
    return 0


async def _tickets(options: argparse.Namespace) -> int:
    from runtime.people_listing import show_tickets
    from runtime.places import database_url

    url = database_url(_settings(options))
    return await show_tickets(url, options.tenant, everything=options.all, as_json=options.json)


async def _handoffs(options: argparse.Namespace) -> int:
    from runtime.people_listing import show_handoffs
    from runtime.places import database_url

    return await show_handoffs(database_url(_settings(options)), options.tenant, as_json=options.json)


async def _tenant_import(options: argparse.Namespace) -> int:
    from runtime.listing import publish_tenant
    from runtime.places import database_url

    return await publish_tenant(database_url(_settings(options)), options.file)


async def _tenant_create(options: argparse.Namespace) -> int:
    from runtime.listing import publish_tenant, write_tenant
    from runtime.places import database_url

    path = write_tenant(options.slug, options.name or options.slug)
    await publish_tenant(database_url(_settings(options)), path)
    print(f"It is a copy of the demo. Put your own services, people and hours into {path}, then:\n")
    print(f"  frontdesk tenant import {path}\n  frontdesk chat --tenant {options.slug}")
    return 0


async def _tenant_status(options: argparse.Namespace) -> int:
    from runtime.listing import tenant_status
    from runtime.places import database_url

    return await tenant_status(database_url(_settings(options)), options.slug, options.status)


async def _tenant_list(options: argparse.Namespace) -> int:
    from runtime.listing import show_tenants
    from runtime.places import database_url

    return await show_tenants(database_url(_settings(options)))


_COMMANDS: tuple[tuple[str, Callable[[argparse.ArgumentParser], None], str], ...] = (
    ("serve", _serve_parser, "run the desk: web chat, webhooks, operator API"),
    ("chat", _chat_parser, "talk to the desk in this terminal, or through a pipe"),
    ("appointments", appointments_parser, "list what is booked; mark who did not come"),
    ("handoffs", _handoffs_parser, "list who waits for a person, with what to know"),
    ("tickets", _tickets_parser, "list what people owe customers: callbacks, questions, requests"),
    (
        "tenant",
        _tenant_parser,
        "the businesses of this desk: import, create, list, status, draft, publish, roll back, export",
    ),
    ("flow", flow_parser, "the flows of a business: draft, test, publish, roll back"),
    ("init", init_parser, "set up a business: a few questions, in German or English"),
    ("doctor", doctor_parser, "look at everything the desk rests on, and say what to do"),
    ("migrate", migrate_parser, "bring the database to this version's schema"),
    ("backup", backup_parser, "save everything into one file, while the desk goes on working"),
    ("restore", restore_parser, "bring a backup back, also into another database"),
    ("trace", trace_parser, "show one conversation end to end: each stage, how long, what came of it"),
    ("parked", parked_parser, "what nobody could handle: list, show, retry, drop"),
    ("check", _check_parser, "check flow and business files, with file and line of what is wrong"),
    ("test", _test_parser, "play dialog files against the desk and compare the replies"),
    ("replay", _replay_parser, "play recorded conversations again, offline, and say where they differ"),
    ("understand", understand_parser, "say what texts mean: JSON lines in, commands and dates out"),
    ("parse", _parse_parser, "show what a channel's inbound payload means, as JSON"),
)


if __name__ == "__main__":
    sys.exit(main())
