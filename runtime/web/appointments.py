"""Appointments at the edge: the calendar file behind a customer's link, and the marks that staff set."""

from __future__ import annotations

from aiohttp import web

from runtime.diary import Diary
from runtime.errors import StorageUnavailable
from runtime.ics import CONTENT_TYPE
from runtime.web.operators import check_token
from runtime.web.parts import EDGE


async def calendar_file(request: web.Request) -> web.Response:
    """`GET /appointments/{token}.ics`: as the appointment stands now."""
    body = await diary_of(request).calendar_file(request.match_info["token"], request.query.get("language", ""))
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="appointment.ics"'}
    return web.Response(body=body, content_type=CONTENT_TYPE, charset="utf-8", headers=headers)


async def mark(request: web.Request) -> web.Response:
    """`POST /v1/appointments/{id}/no-show`."""
    check_token(request)
    where = request.match_info
    marked = await diary_of(request).mark(request.query.get("tenant", ""), where["appointment"], where["mark"])
    return web.json_response({"appointment": dict(marked)})


def diary_of(request: web.Request) -> Diary:
    """The records' appointments."""
    diary = request.app[EDGE].diary
    if diary is None:
        raise StorageUnavailable("This edge runs without records.")
    return diary
