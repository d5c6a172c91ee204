"""`frontdesk migrate`: the schema, apart from the start of a worker; `configs/deploy/UPGRADE.md` tells of upgrades."""

from __future__ import annotations

from collections import Counter

from runtime.codec import Unreadable, version_of
from runtime.operating.documents import opened, say
from runtime.records.migrations import HEAD
from runtime.records.state import state_of
from runtime.sessions.server import answers
from runtime.sessions.store import Sessions
from runtime.settings import Settings


async def check_schema(url: str) -> int:
    """Say how the database stands, and change nothing; 1 when this version's schema is not there yet."""
    state = await state_of(url)
    if state.schema < HEAD:
        say(f"The schema is {state.schema or 'empty'}, this version wants {HEAD}: `frontdesk migrate` brings it there.")
        return 1
    newer = " It is newer than this version, which goes on with it." if state.schema > HEAD else ""
    say(f"The schema is {state.schema}, this version wants {HEAD}.{newer}")
    return 0


async def check_sessions(settings: Settings) -> None:
    """Say how many of the running conversations only this version's workers go on with; change nothing."""
    if not settings.redis_url and not answers(settings.data):
        return say("No Redis is running here, so no conversation is either.")
    sessions = await Sessions.open(settings, works=False)
    try:
        found = Counter([_version(state) async for state in sessions.states()])
    finally:
        await sessions.close()
    say(f"Sessions: {found.total()}. Any version goes on with {found[1]} of them.")
    newer = found.total() - found[1] - found[0]
    if newer:
        say(f"{newer} need a worker that reads version {min(v for v in found if v > 1)}: where none is left they wait.")
    if found[0]:
        say(f"{found[0]} cannot be read.")


def _version(state: bytes) -> int:
    """0 for one that is not what any version wrote."""
    try:
        return version_of(state)
    except Unreadable:
        return 0


async def migrate_now(url: str) -> int:
    """Run what is missing. Workers of the release before go on meanwhile: a release only adds what they can ignore."""
    before = (await state_of(url)).schema
    async with opened(url):
        pass  # opening migrates, under one lock
    after = (await state_of(url)).schema
    say(
        f"The schema is {after}, as before."
        if after == before
        else f"The schema was {before or 'empty'} and is {after}."
    )
    return 0
