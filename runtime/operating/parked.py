"""`frontdesk parked`: what nobody could handle, on a desk that runs or on its data folder."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from runtime.dead_letters import DeadLetter, DeadLetters
from runtime.records.database import Database
from runtime.sessions.store import Sessions
from runtime.settings import Settings


@contextlib.asynccontextmanager
async def dead_letters(
    settings: Settings, url: str, whole: Callable[[Sessions, Database], DeadLetters] = DeadLetters
) -> AsyncIterator[DeadLetters]:
    """The lists, without taking any turn in this process; `whole` makes them for a desk that can take requests in."""
    sessions = await Sessions.open(settings, works=False)
    try:
        database = await Database.open(url)
        try:
            yield whole(sessions, database)
        finally:
            await database.close()
    finally:
        await sessions.close()


def show_list(letters: Sequence[DeadLetter], *, as_json: bool) -> None:
    """One line each, never a body."""
    if as_json:
        _say(_json([letter.facts() for letter in letters]))
        return
    for letter in letters:
        where = f"{letter.tenant or '?'}/{letter.conversation or '-'}"
        tries = f"{letter.tries} tries" if letter.tries != 1 else "1 try"
        _say(
            f"{letter.id}  {letter.at:%Y-%m-%d %H:%M}Z  {where}  {letter.kind} {letter.what}, {tries}: {letter.reason}"
        )
    if not letters:
        _say("Nothing is parked.")


def show_one(letter: DeadLetter, *, as_json: bool) -> None:
    """All facts of one; its body where it was asked for."""
    if as_json:
        _say(_json(letter.facts()))
        return
    for name, value in letter.facts().items():
        _say(f"{name:13} {value}")
    if not letter.body:
        _say("\nIts body may hold what a customer wrote; --body shows it.")


def say_done(letter: DeadLetter, verb: str, *, as_json: bool) -> None:
    """What was done."""
    if as_json:
        _say(_json({"done": verb, **letter.facts()}))
        return
    texts = {
        "retry": "is back where it came from; a running desk takes it at once.",
        "drop": "is forgotten.",
    }
    _say(f"{letter.id} of {letter.tenant or 'no known business'} {texts[verb]}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
