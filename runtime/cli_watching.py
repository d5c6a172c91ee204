"""The commands for watching and repairing: `frontdesk trace` and `frontdesk parked`.

Part of the composition root, as `cli.py` is, and like it loads what a command needs only when the command runs.
"""

from __future__ import annotations

import argparse

from runtime.cli_parts import data_option, settings_of


def trace_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk trace`."""
    parser.epilog = "Times are ms after the turn's beginning; what came before it, such as the gathering, is negative."
    parser.add_argument(
        "conversation", nargs="?", default="", metavar="CONVERSATION", help="its id; without one, the latest are listed"
    )
    parser.add_argument("--turn", type=int, metavar="N", help="only this turn")
    parser.add_argument("--tenant", default="", metavar="NAME", help="only this business")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of a tree")
    data_option(parser)
    parser.set_defaults(handler=_trace)


def parked_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk parked`."""
    parser.epilog = (
        "Events lie here that killed their turn, parts that could not be sent, turns that SQL refused, and what "
        "providers sent for an account that no connection has."
    )
    parser.set_defaults(handler=_list, tenant="", json=False, data=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    listed = commands.add_parser("list", help="show what is parked, without bodies (also without any command)")
    listed.add_argument("--tenant", default="", metavar="NAME", help="only this business")
    shown = commands.add_parser("show", help="show one of it")
    shown.add_argument("--body", action="store_true", help="with what it holds, which may be a customer's words")
    retried = commands.add_parser("retry", help="put it back where it came from and play it again")
    dropped = commands.add_parser("drop", help="forget it for good")
    for command in (shown, retried, dropped):
        command.add_argument("id", metavar="ID", help="as `frontdesk parked` shows it")
    for command, handler in ((listed, _list), (shown, _show), (retried, _retry), (dropped, _drop)):
        command.add_argument("--json", action="store_true", help="JSON instead of lines")
        data_option(command)
        command.set_defaults(handler=handler)


async def _trace(options: argparse.Namespace) -> int:
    from runtime.operating.timeline import show_latest, show_timeline
    from runtime.places import database_url

    url = database_url(settings_of(options))
    if not options.conversation:
        return await show_latest(url, options.tenant, as_json=options.json)
    return await show_timeline(url, options.conversation, options.tenant, options.turn, as_json=options.json)


async def _list(options: argparse.Namespace) -> int:
    from runtime.operating.parked import dead_letters, show_list
    from runtime.places import database_url

    settings = settings_of(options)
    async with dead_letters(settings, database_url(settings)) as letters:
        show_list(await letters.all(options.tenant), as_json=options.json)
    return 0


async def _show(options: argparse.Namespace) -> int:
    from runtime.operating.parked import dead_letters, show_one
    from runtime.places import database_url

    settings = settings_of(options)
    async with dead_letters(settings, database_url(settings)) as letters:
        show_one(await letters.show(options.id, body=options.body), as_json=options.json)
    return 0


async def _retry(options: argparse.Namespace) -> int:
    from runtime.app import FrontDesk
    from runtime.clocks import SystemClock
    from runtime.dead_letters import DeadLetters
    from runtime.operating.parked import dead_letters, say_done
    from runtime.places import database_url
    from runtime.records.database import Database
    from runtime.sessions.store import Sessions

    settings = settings_of(options)

    def whole(sessions: Sessions, database: Database) -> DeadLetters:
        return FrontDesk(settings, SystemClock(), sessions, database).dead_letters

    async with dead_letters(settings, database_url(settings), whole) as letters:
        say_done(await letters.retry(options.id), "retry", as_json=options.json)
    return 0


async def _drop(options: argparse.Namespace) -> int:
    from runtime.operating.parked import dead_letters, say_done
    from runtime.places import database_url

    settings = settings_of(options)
    async with dead_letters(settings, database_url(settings)) as letters:
        say_done(await letters.drop(options.id), "drop", as_json=options.json)
    return 0
