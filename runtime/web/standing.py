"""Who is answered at all: operators bar a contact, and pause or suspend a desk."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from runtime.standing import Standing
from runtime.web.operators import check_token, dumps, read_body
from runtime.web.tickets import inbox_of


class BarBody(BaseModel):
    """Who decides it, and why."""

    model_config = ConfigDict(extra="forbid")

    operator: str = Field(min_length=1, max_length=100)
    reason: str = Field(default="", max_length=500)


class StatusBody(BaseModel):
    """Who decides it, and what the desk is from now on."""

    model_config = ConfigDict(extra="forbid")

    operator: str = Field(min_length=1, max_length=100)
    status: str


async def bar(request: web.Request) -> web.Response:
    """`POST /v1/conversations/{id}/bar|unbar`: the contact of this conversation gets no more answers, or does again."""
    check_token(request)
    body = read_body(BarBody, await request.read())
    where, tenant = request.match_info, request.query.get("tenant", "")
    off = where["verb"] == "unbar"
    found = await _standing(request).bar(
        where["conversation"], body.operator, tenant=tenant, reason=body.reason, off=off
    )
    return web.json_response(dict(found), dumps=dumps)


async def barred(request: web.Request) -> web.Response:
    """`GET /v1/tenants/{tenant}/barred`."""
    check_token(request)
    found = await _standing(request).barred(request.match_info["tenant"])
    return web.json_response({"barred": [dict(one) for one in found]}, dumps=dumps)


async def status(request: web.Request) -> web.Response:
    """`POST /v1/tenants/{tenant}/status`: active, paused or suspended."""
    check_token(request)
    body = read_body(StatusBody, await request.read())
    found = await _standing(request).set_status(request.match_info["tenant"], body.status, body.operator)
    return web.json_response(dict(found), dumps=dumps)


def _standing(request: web.Request) -> Standing:
    return inbox_of(request).standing
