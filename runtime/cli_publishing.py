"""The commands that publish: `frontdesk flow ...`, and `frontdesk tenant draft | test | publish | rollback | ...`.

Part of the composition root, as `cli.py` is, and like it loads what a command needs only when the command runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.cli_parts import data_option, settings_of
from runtime.settings import CONFIGS

if TYPE_CHECKING:
    from runtime.operating.documents import Known, Subject

_SLUG = "short name of the business"
_DIALOGS = "a folder of dialog files to play against the draft; without one, only the flow's examples"


def flow_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk flow`."""
    parser.epilog = "A flow's way: draft FILE, test ID DIR, publish ID; rollback ID brings the version before back."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    draft = commands.add_parser("draft", help="keep a flow file as a business's draft")
    draft.add_argument("file", type=Path, metavar="FILE", help="the flow file")
    draft.set_defaults(handler=_flow_draft)
    for verb, text, handler in (
        ("test", "test the draft", _test),
        ("publish", "publish the draft", _publish),
        ("rollback", "publish an earlier version again", _rollback),
        ("history", "show all versions", _history),
    ):
        command = commands.add_parser(verb, help=text)
        command.add_argument("id", metavar="ID", help="the flow's name, such as book_appointment")
        command.set_defaults(handler=handler)
        _more(command, verb)
    listed = commands.add_parser("list", help="show a business's flows")
    listed.set_defaults(handler=_flow_list)
    for command in commands.choices.values():
        command.add_argument("--tenant", required=True, metavar="NAME", help=_SLUG)
        data_option(command)


def add_tenant_verbs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The publishing verbs of `frontdesk tenant`."""
    draft = commands.add_parser("draft", help="keep a business file as a draft")
    draft.add_argument("file", type=Path, metavar="FILE", help="the business file")
    draft.set_defaults(handler=_tenant_draft)
    data_option(draft)
    for verb, text, handler in (
        ("test", "test the draft", _test),
        ("publish", "publish the draft", _publish),
        ("rollback", "publish an earlier version again", _rollback),
        ("history", "show all versions", _history),
        ("export", "write the document as YAML", _tenant_export),
    ):
        command = commands.add_parser(verb, help=text)
        command.add_argument("tenant", metavar="NAME", help=_SLUG)
        command.set_defaults(handler=handler, id="")
        _more(command, verb)
        data_option(command)


def _more(command: argparse.ArgumentParser, verb: str) -> None:
    match verb:
        case "test":
            command.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=_DIALOGS)
        case "publish":
            command.add_argument("--untested", action="store_true", help="without a passed test; this is written down")
        case "rollback":
            command.add_argument("--to", type=int, metavar="N", help="which version; 0 is the flow of Frontdesk")
        case "export":
            command.add_argument("--version", type=int, metavar="N", help="which version (default: the one in force)")
        case _:
            pass


def _database(options: argparse.Namespace) -> str:
    from runtime.places import database_url

    return database_url(settings_of(options))


def _known() -> Known:
    from runtime.app import action_kinds
    from runtime.flow_files import read_flows, sound
    from runtime.operating.documents import Known
    from runtime.wording import Wording

    files = sound(read_flows(CONFIGS / "flows", action_kinds()))
    flows = {name: file.flow for name, file in files.items() if file.flow is not None}
    return Known(action_kinds(), Wording.read(CONFIGS / "replies"), flows)


def _subject(options: argparse.Namespace) -> Subject:
    from runtime.operating.documents import flow_subject, tenant_subject

    return flow_subject(options.tenant, options.id) if options.id else tenant_subject(options.tenant)


async def _flow_draft(options: argparse.Namespace) -> int:
    from runtime.operating.documents import draft_flow

    return await draft_flow(_database(options), options.file, options.tenant, _known())


async def _tenant_draft(options: argparse.Namespace) -> int:
    from runtime.operating.documents import draft_tenant

    return await draft_tenant(_database(options), options.file)


async def _test(options: argparse.Namespace) -> int:
    from runtime.app import start
    from runtime.operating.documents import try_draft

    return await try_draft(_database(options), _subject(options), options.folder, start, _known())


async def _publish(options: argparse.Namespace) -> int:
    from runtime.operating.documents import publish

    return await publish(_database(options), _subject(options), _known(), untested=options.untested)


async def _rollback(options: argparse.Namespace) -> int:
    from runtime.operating.documents import roll_back

    return await roll_back(_database(options), _subject(options), options.to, _known())


async def _history(options: argparse.Namespace) -> int:
    from runtime.operating.history import show_history

    return await show_history(_database(options), _subject(options))


async def _flow_list(options: argparse.Namespace) -> int:
    from runtime.operating.history import list_flows

    return await list_flows(_database(options), options.tenant, _known().flows)


async def _tenant_export(options: argparse.Namespace) -> int:
    from runtime.operating.history import export_tenant

    return await export_tenant(_database(options), options.tenant, options.version)
