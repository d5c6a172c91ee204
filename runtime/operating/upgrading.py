"""`frontdesk migrate`: the schema, apart from the start of a worker. Upgrades are told in `docs` and the README."""

from __future__ import annotations

from runtime.operating.documents import opened, say
from runtime.records.migrations import HEAD
from runtime.records.state import state_of


async def check_schema(url: str) -> int:
    """Say how the database stands, and change nothing; 1 when this version's schema is not there yet."""
    state = await state_of(url)
    if state.schema < HEAD:
        say(f"The schema is {state.schema or 'empty'}, this version wants {HEAD}: `frontdesk migrate` brings it there.")
        return 1
    newer = " It is newer than this version, which goes on with it." if state.schema > HEAD else ""
    say(f"The schema is {state.schema}, this version wants {HEAD}.{newer}")
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
