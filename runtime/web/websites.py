"""Whose page speaks to us: our own, or a website that a business lets show its chat."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from runtime.core.business import Business
from runtime.core.origins import is_allowed, is_origin
from runtime.errors import NotAllowed


def is_own(request: web.Request, origin: str, public_url: str) -> bool:
    """Whether this is where we are served ourselves. The scheme is the proxy's affair."""
    own = {request.host.lower(), urlsplit(public_url).netloc.lower()} - {""}
    return is_origin(origin) and urlsplit(origin).netloc in own


def check_own(request: web.Request, public_url: str) -> None:
    """Pages of other sites must not speak for a visitor. Programs send no Origin; they have no visitor to abuse."""
    origin = request.headers.get("Origin")
    if origin is not None and not is_own(request, origin.lower(), public_url):
        raise NotAllowed("This page belongs to another site. Open the chat at its own address.")


def may_show(request: web.Request, business: Business, origin: str, public_url: str) -> bool:
    """Whether a page of this origin may hold the frame with this business's chat."""
    return is_own(request, origin, public_url) or is_allowed(origin, business.webchat.origins)
