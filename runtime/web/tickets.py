"""What operators read and change in the records: tickets, and whole conversations."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from runtime.errors import StorageUnavailable
from runtime.inbox import Inbox
from runtime.web.operators import check_token, dumps, read_body
from runtime.web.parts import EDGE


class ChangeBody(BaseModel):
    """Who changes the ticket; an assigned one is theirs."""

    model_config = ConfigDict(extra="forbid")

    operator: str = Field(min_length=1, max_length=100)


async def listed(request: web.Request) -> web.Response:
    """`GET /v1/tickets`: those that wait, what is due first comes first; `?all=1` has the closed ones too."""
    check_token(request)
    everything = request.query.get("all", "") not in ("", "0")
    found = await inbox_of(request).tickets(request.query.get("tenant", ""), everything=everything)
    return web.json_response({"tickets": [dict(one) for one in found]}, dumps=dumps)


async def change(request: web.Request) -> web.Response:
    """`POST /v1/tickets/{id}/assign|answer|close|reopen`."""
    check_token(request)
    body = read_body(ChangeBody, await request.read())
    where = request.match_info
    ticket = await inbox_of(request).change_ticket(
        request.query.get("tenant", ""), where["ticket"], where["verb"], body.operator
    )
    return web.json_response({"ticket": dict(ticket)}, dumps=dumps)


async def conversation(request: web.Request) -> web.Response:
    """`GET /v1/conversations/{id}`: the running or last session with its notes, its card and where it stands."""
    check_token(request)
    found = await inbox_of(request).conversation(request.query.get("tenant", ""), request.match_info["conversation"])
    return web.json_response(dict(found), dumps=dumps)


def inbox_of(request: web.Request) -> Inbox:
    """The records' side of the operators' work."""
    inbox = request.app[EDGE].inbox
    if inbox is None:
        raise StorageUnavailable("This edge runs without records.")
    return inbox
