"""The commands that look after an installation: backup, restore.

Part of the composition root, as `cli.py` is, and like it loads what a command needs only when the command runs.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from runtime.cli_parts import data_option, program_version, settings_of


def backup_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk backup`."""
    parser.epilog = "The desk may go on working. The .env file is yours to keep; it is never part of a backup."
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write it, such as desk.backup")
    parser.add_argument("--without-sessions", action="store_true", help="only the records, no running conversations")
    parser.add_argument("--with-secrets", action="store_true", help="also the operator token of the data folder")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    data_option(parser)
    parser.set_defaults(handler=_backup)


def restore_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk restore`."""
    parser.epilog = (
        "It goes to the Redis and the database of the settings, or into the embedded ones. Stop the desk first."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that `frontdesk backup` wrote")
    parser.add_argument("--into", dest="data", type=Path, metavar="DATA", help="the data folder (default: ./data)")
    parser.add_argument("--force", action="store_true", help="throw away what is there")
    parser.set_defaults(handler=_restore)


_INIT = (
    ("name", "NAME", "the business's name, as customers read it"),
    ("slug", "SHORT", "its short name in addresses and commands"),
    ("languages", "LIST", "languages of the desk, such as de,en"),
    ("formality", "WORD", "Sie or du"),
    ("country", "CODE", "two letters, such as DE"),
    ("timezone", "ZONE", "such as Europe/Berlin"),
    ("hours", "TEXT", 'opening hours, such as "mon-fri 9:00-18:00; sat 9:00-14:00"'),
    ("telegram-token", "TOKEN", "the bot's token; better as TELEGRAM_BOT_TOKEN in the environment"),
    ("meta", "LIST", "Meta's channels: whatsapp, messenger or both; their ids and secrets are asked for"),
    ("whatsapp-phone-number-id", "ID", "the id of the WhatsApp number, not the number"),
    ("messenger-page-id", "ID", "the id of the Facebook page"),
    ("messenger-app-id", "ID", "the id of the Meta app"),
    ("public-url", "URL", "https address that customers and providers reach us at"),
    ("redis-url", "URL", "a Redis of your own"),
    ("database-url", "URL", "a PostgreSQL of your own"),
)


_META_SECRETS = (
    "whatsapp_access_token", "whatsapp_app_secret", "messenger_page_access_token", "messenger_app_secret",
)  # fmt: skip
"""Taken from the environment, in capitals; on a command line everybody could read them."""


def init_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk init`."""
    parser.epilog = (
        "Asks for what no option says; with --yes it asks nothing. Writes SHORT.yaml into this folder, and .env where "
        "there are addresses or secrets to keep, or --data."
    )
    for name, shown, text in _INIT:
        parser.add_argument(f"--{name}", metavar=shown, help=text)
    parser.add_argument(
        "--service", action="append", default=[], metavar="TEXT", help='such as "Haircut, 45 min, 48 €"'
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing: options, else defaults; --name must be there")
    parser.add_argument("--force", action="store_true", help="with --yes: replace a file that is there")
    parser.add_argument("--language", choices=["de", "en"], default="", help="language of the questions")
    data_option(parser)
    parser.set_defaults(handler=_init)


async def _init(options: argparse.Namespace) -> int:
    from runtime.app import bot_name
    from runtime.operating.speaking import language_here
    from runtime.operating.wizard import Given, publish_file, run
    from runtime.places import database_url

    # Between questions nobody wants to read how the tables are made.
    os.environ.setdefault("FRONTDESK_LOG_LEVEL", "WARNING")

    async def publish(path: Path, values: Mapping[str, str]) -> int:
        os.environ.update(values)  # what was just written holds from now on
        return await publish_file(database_url(settings_of(options)), path)

    texts = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name, _, _ in _INIT}
    texts["telegram_token"] = texts["telegram_token"] or os.environ.get("TELEGRAM_BOT_TOKEN")
    texts |= {name: os.environ.get(name.upper()) for name in _META_SECRETS}
    told = {name: text for name, text in texts.items() if text is not None}
    if options.yes:
        told.setdefault("telegram_token", "")
        told.setdefault("meta", "")
    data = str(options.data) if options.data else ""
    given = Given(told, tuple(options.service), not options.yes, options.force, data)
    return await run(options.language, language_here(), given, bot_name(settings_of(options)), publish)


def doctor_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk doctor`."""
    parser.epilog = "It changes nothing. Exit code 1 when something does not work."
    parser.add_argument("--json", action="store_true", help="a JSON list: part, level, check, what, todo")
    parser.add_argument("--language", choices=["de", "en"], help="language of the answers (default: the terminal's)")
    parser.add_argument("--host", help="address that the server listens on")
    parser.add_argument("--port", type=int, help="port that the server listens on")
    data_option(parser)
    parser.set_defaults(handler=_doctor)


def migrate_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk migrate`."""
    parser.epilog = (
        "Every start does the same by itself; run it apart when the schema shall be new before the workers are."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="only say what is missing (then exit code 1), and which running conversations need this version",
    )
    data_option(parser)
    parser.set_defaults(handler=_migrate)


async def _doctor(options: argparse.Namespace) -> int:
    from runtime.app import CHANNELS
    from runtime.operating.doctor import examine, report
    from runtime.operating.speaking import Speech, language_here
    from runtime.places import database_url

    settings = settings_of(options, host=options.host, port=options.port)
    url = settings.database_url or database_url(settings, make=False)
    findings = await examine(url, settings, CHANNELS, {"telegram": settings.telegram_api})
    speech = Speech.read("doctor", options.language or language_here())
    return await report(findings, speech, in_json=options.json)


async def _migrate(options: argparse.Namespace) -> int:
    from runtime.operating.upgrading import check_schema, check_sessions, migrate_now
    from runtime.places import database_url

    settings = settings_of(options)
    if options.check:
        await check_sessions(settings)
        return await check_schema(database_url(settings, make=False))
    return await migrate_now(database_url(settings))


async def _backup(options: argparse.Namespace) -> int:
    from runtime.operating.backup import Wanted, back_up
    from runtime.places import database_url

    settings = settings_of(options)
    wanted = Wanted(not options.without_sessions, options.with_secrets, options.force)
    return await back_up(database_url(settings), settings, options.file, wanted, program_version())


async def _restore(options: argparse.Namespace) -> int:
    from runtime.operating.backup import restore
    from runtime.places import database_url

    settings = settings_of(options)
    return await restore(database_url(settings), settings, options.file, force=options.force)
