"""`frontdesk replay`: which conversations, how the result is shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from runtime.clocks import read_moment
from runtime.core.flow_check import ActionFacts
from runtime.desks import DeskBook
from runtime.dialogs import Start
from runtime.errors import ConfigurationError, NotFound
from runtime.flow_files import read_flows, sound
from runtime.ports import Understanding
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.tenants import Tenants
from runtime.replay.past import PastDesks
from runtime.replay.replaying import Replay, Replayer, by_session
from runtime.replay.reporting import as_json, report, summary
from runtime.replay.saving import save_test
from runtime.settings import CONFIGS
from runtime.wording import Wording


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    conversation: str = ""
    tenant: str = ""
    session: str = ""
    all: bool = False
    since: str = ""
    as_json: bool = False
    save: Path | None = None
    start: Start | None = None
    """How a test that is saved is tried."""


async def replay_from(
    url: str, actions: Mapping[str, ActionFacts], understanding: Understanding | None, wishes: Wishes
) -> int:
    """Open the records and play; nothing else is needed, no server runs."""
    database = await Database.open(url)
    try:
        book = DeskBook(Tenants(database), sound(read_flows(CONFIGS / "flows", actions)), actions, {})
        wording = Wording.read(CONFIGS / "replies")
        replayer = Replayer(Conversations(database), PastDesks(book), wording, understanding)
        return await replay_wished(replayer, wishes)
    finally:
        await database.close()


async def replay_wished(replayer: Replayer, wishes: Wishes) -> int:
    """Play and show; 0 when all is as it was, 1 otherwise."""
    if bool(wishes.conversation) == wishes.all:
        raise ConfigurationError("Name a conversation, or say --all with --tenant.")
    if wishes.all:
        return await _many(replayer, wishes)
    tenant = await _tenant(replayer.conversations, wishes)
    replay = await replayer.replay(tenant, wishes.conversation, wishes.session)
    _show(replay, wishes)
    if wishes.save is not None and wishes.start is not None:
        await _save(replayer, replay, wishes.save, wishes.session, wishes.start)
    return 1 if replay.differences else 0


async def _save(replayer: Replayer, replay: Replay, path: Path, session: str, start: Start) -> None:
    """The newest session, or the one that was named."""
    *_, (_, turns) = by_session(await replayer.recorded(Replay(replay.tenant, replay.conversation), session))
    notes = await save_test(path, turns, replayer.past, start)
    sys.stderr.writelines(f"{note}\n" for note in notes)
    sys.stderr.write(f"{path} is written. Read it once: only what the desk took for names and numbers is made up.\n")


async def _tenant(conversations: Conversations, wishes: Wishes) -> str:
    found = await conversations.find(wishes.conversation, wishes.tenant)
    if found is None:
        raise NotFound(f"There is no conversation {wishes.conversation} in the records.")
    return found.tenant


async def _many(replayer: Replayer, wishes: Wishes) -> int:
    """Every conversation of a tenant; only those that differ are shown whole."""
    if not wishes.tenant:
        raise ConfigurationError("Say whose conversations: --all --tenant NAME.")
    replays: list[Replay] = []
    for conversation in await replayer.conversations.since(wishes.tenant, _moment(wishes.since)):
        replay = await replayer.replay(wishes.tenant, conversation)
        if replay.differences or wishes.as_json:
            _show(replay, wishes)
        replays.append(replay)
    sys.stderr.write(f"{summary(replays)}\n") if wishes.as_json else sys.stdout.write(f"{summary(replays)}\n")
    return 1 if any(one.differences for one in replays) else 0


def _moment(text: str) -> datetime | None:
    return read_moment(text, "UTC") if text else None


def _show(replay: Replay, wishes: Wishes) -> None:
    sys.stdout.write(f"{as_json(replay) if wishes.as_json else report(replay)}\n")
