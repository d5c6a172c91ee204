"""`frontdesk tenant bar | unbar | barred`: contacts that get no more answers. Part of the composition root."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from runtime.cli_parts import data_option, settings_of

if TYPE_CHECKING:
    from runtime.records.database import Database
    from runtime.standing import Standing


def add_bar_verbs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The three verbs of `frontdesk tenant`."""
    for verb, text in (("bar", "answer the contact of a conversation no more"), ("unbar", "answer them again")):
        command = commands.add_parser(verb, help=text)
        command.add_argument("conversation", metavar="CONVERSATION", help="its id")
        command.add_argument("--reason", default="", help="why; colleagues read it")
        command.set_defaults(handler=_bar, off=verb == "unbar")
        data_option(command)
    listed = commands.add_parser("barred", help="list the contacts that get no answers")
    listed.add_argument("tenant", metavar="NAME", help="the business's short name")
    listed.set_defaults(handler=_barred)
    data_option(listed)


def _standing(database: Database) -> Standing:
    from runtime.records.conversations import Conversations
    from runtime.records.tenants import Tenants
    from runtime.standing import Standing

    return Standing(Tenants(database), Conversations(database))


async def _bar(options: argparse.Namespace) -> int:
    from runtime.app import database_url
    from runtime.listing import opened_records, say

    async with opened_records(database_url(settings_of(options))) as database:
        found = await _standing(database).bar(options.conversation, "cli", reason=options.reason, off=options.off)
    say(f"{found['contact']} of {found['tenant']} is {'barred' if found['barred'] else 'answered again'}.")
    return 0


async def _barred(options: argparse.Namespace) -> int:
    from runtime.app import database_url
    from runtime.listing import opened_records, say

    async with opened_records(database_url(settings_of(options))) as database:
        found = await _standing(database).barred(options.tenant)
    for row in found:
        say(f"{row['at']:%Y-%m-%d %H:%M}  {row['contact']}  {row['conversation']}  {row['operator']}  {row['reason']}")
    if not found:
        say("Nobody is barred.")
    return 0
