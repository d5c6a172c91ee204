"""`frontdesk appointments`: what is booked, as lines, JSON or a calendar file; and what staff mark.

Part of the composition root, as `cli.py` is, and like it loads what a command needs only when the command runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from runtime.cli_parts import data_option, settings_of


def appointments_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk appointments`, and `mark` below it."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    form.add_argument("--ics", action="store_true", help="a calendar file (iCalendar) of one business")
    parser.add_argument("--tenant", default="", metavar="NAME", help="only this business")
    data_option(parser)
    parser.set_defaults(handler=_appointments)
    marking = parser.add_subparsers(metavar="COMMAND").add_parser("mark", help="mark an appointment")
    marking.add_argument("id", metavar="ID", help="its id, as --json shows it")
    marking.add_argument("mark", choices=["no-show"], help="no-show: nobody came; the customer is asked about it once")
    marking.add_argument("--tenant", default=argparse.SUPPRESS, metavar="NAME", help="only in this business")
    marking.add_argument(
        "--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of the embedded servers"
    )
    marking.set_defaults(handler=_mark)


async def _appointments(options: argparse.Namespace) -> int:
    from runtime.listing import show_appointments, show_calendar
    from runtime.places import database_url

    url = database_url(settings_of(options))
    if options.ics:
        return await show_calendar(url, options.tenant)
    return await show_appointments(url, options.tenant, as_json=options.json)


async def _mark(options: argparse.Namespace) -> int:
    from runtime.listing import mark_appointment
    from runtime.places import database_url

    return await mark_appointment(database_url(settings_of(options)), options.tenant, options.id, options.mark)
