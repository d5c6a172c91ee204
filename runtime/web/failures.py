"""Errors as answers, and the headers that every answer carries."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from runtime.errors import (
    BadRequest,
    Conflict,
    FrontdeskError,
    NotAllowed,
    NotFound,
    ProviderUnavailable,
    StorageUnavailable,
)

log = logging.getLogger(__name__)

_WHAT_NEXT: tuple[tuple[type[FrontdeskError], str], ...] = (
    (BadRequest, "Change the request as the error says and send it again."),
    (NotAllowed, "Check the secret or token that the request carries."),
    (NotFound, "Check the address: the tenant's slug, the channel's name or the conversation's id."),
    (Conflict, "Read the present state, then decide anew."),
    (StorageUnavailable, "Send the same request again in a few seconds; nothing was lost and nothing was done twice."),
    (ProviderUnavailable, "Send the same request again in a few seconds."),
)
_ODD_REQUESTS = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is too large.",
}
RETRY_AFTER_S = 2


@web.middleware
async def errors_as_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Our errors by their class, aiohttp's by their status; both as JSON with what to do next."""
    try:
        if "%00" in request.raw_path:
            raise BadRequest("An address of ours holds no NUL.")  # PostgreSQL would refuse it later, as our mistake.
        return await handler(request)
    except FrontdeskError as error:
        return _answer(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        text = _ODD_REQUESTS.get(error.status, error.reason)
        return problem(error.status, text, _hint(NotFound if error.status == 404 else BadRequest))


def _answer(error: FrontdeskError) -> web.Response:
    if error.status >= 500:
        log.error("%s: %s", type(error).__name__, error)
    shown = str(error) if error.status != 500 else "Frontdesk made a mistake."
    answer = problem(error.status, shown, _hint(type(error)))
    if error.status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _hint(kind: type[FrontdeskError]) -> str:
    return next((text for known, text in _WHAT_NEXT if issubclass(kind, known)), "The log names the cause.")


def problem(status: int, error: str, what_next: str, **more: str) -> web.Response:
    """An error in the form that all our answers have."""
    return web.json_response({"error": error, "what_next": what_next, **more}, status=status)


@web.middleware
async def with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Security headers on everything that has not been sent yet."""
    answer = await handler(request)
    if not answer.prepared:
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
