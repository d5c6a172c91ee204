"""Errors of whole pages as pages that people can read; parts and acts answer their scripts in JSON."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from runtime.errors import FrontdeskError
from runtime.web.failures import RETRY_AFTER_S
from runtime.web.people_pages import html_page

_log = logging.getLogger(__name__)
_TOLD = (400, 403, 404, 429, 500, 503)
_PASSES = (429, 500, 503)
"""What may be gone when somebody loads the page again."""


def whole(handler: Handler) -> Handler:
    """The handler of a page that somebody opens by its address."""

    async def opened(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except FrontdeskError as error:
            if error.status >= 500:
                _log.error("%s: %s", type(error).__name__, error)
            return _page(request, error.status)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return _page(request, error.status)

    return opened


async def nothing_here(request: web.Request) -> web.StreamResponse:
    """Any other address below `/desk`."""
    return _page(request, 404)


def _page(request: web.Request, status: int) -> web.StreamResponse:
    told = status if status in _TOLD else 400 if status < 500 else 503
    again = request.path_qs if told in _PASSES and request.method == "GET" else ""
    answer = html_page(request, "desk_error.html", http_status=status, status=told, again=again)
    if status in (429, 503):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
