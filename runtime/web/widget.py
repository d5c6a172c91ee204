"""The chat on other websites: the script that a page includes, what it asks first, and the frame it opens.

The script runs in the owner's page and knows nothing; the frame is ours and holds the conversation. A website that the
business did not name gets neither: the script is refused and says so in the console, and no browser shows the frame.
"""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from runtime.core.business import Business, Desk
from runtime.errors import NotAllowed, NotFound
from runtime.web.chat_page import TEXTS, chat_response, filled, page_language
from runtime.web.colours import DARK_SURFACE, LEAST, LIGHT_SURFACE, as_text, contrast, shades, style_sheet
from runtime.web.failures import problem
from runtime.web.parts import EDGE
from runtime.web.static_files import FILES, answer_with
from runtime.web.websites import may_show

OURS = "#0b6870"
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
_LAUNCHER_TEXTS = (
    "open_chat",
    "close_chat",
    "unread_one",
    "unread_many",
    "hint_close",
    "unreachable",
    "again",
    "title",
)
_EVERYONE = {"Access-Control-Allow-Origin": "*"}


async def script(request: web.Request) -> web.StreamResponse:
    """`GET /widget.js`: the one script, the same for everybody; asked for anew after ten minutes."""
    return answer_with(request, FILES.file("widget.js"), cache="public, max-age=600")


async def look(request: web.Request) -> web.Response:
    """`GET /widget/{tenant}/look`: what the script needs before it shows anything; 403 to websites not named."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    desk = await edge.gate.desk(tenant)
    if desk is None:
        answer = problem(404, f"There is no business {tenant[:60]!r} here.", "Check data-tenant in the script line.")
    elif (origin := request.headers.get("Origin")) is not None and not may_show(
        request, desk.business, origin.lower(), edge.settings.public_url
    ):
        answer = _refused(desk.business, origin)
    else:
        answer = web.json_response(_look(request, desk.business))
    answer.headers.update(_EVERYONE)
    return answer


def _refused(business: Business, origin: str) -> web.Response:
    said = f"{origin[:200]} is not among the websites that may show the chat of {business.tenant}."
    next_step = f"Add it to the business's file, under webchat: origins: [{origin[:200]}], and import the file."
    return problem(403, said, next_step)


def _look(request: web.Request, business: Business) -> dict[str, Any]:
    language = page_language(request, business)
    words = filled(TEXTS[language], business)
    colour, notes = _colour(request.query.get("accent", ""), request.query.get("theme", ""), business)
    drawn = shades(colour, LIGHT_SURFACE)
    return {
        "tenant": business.tenant,
        "language": language,
        "texts": {name: words[name] for name in _LAUNCHER_TEXTS},
        "phone": business.phone,
        "accent": "" if colour == OURS else colour.removeprefix("#"),
        "ground": drawn.ground,
        "on_ground": drawn.on_ground,
        "privacy": business.webchat.privacy,
        "notes": notes,
    }


def _colour(wished: str, theme: str, business: Business) -> tuple[str, list[str]]:
    """The colour to draw with, and what its owner should know about it."""
    found = _COLOUR.fullmatch(wished)
    if wished and found is None:
        return business.webchat.accent or OURS, [f"data-accent: {wished[:40]!r} is no colour like #0b6870."]
    colour = f"#{found[1].lower()}" if found else business.webchat.accent or OURS
    return colour, [_note(colour, name) for name in _themes(theme) if colour != OURS and not _is_text(colour, name)]


_SURFACES = {"light": LIGHT_SURFACE, "dark": DARK_SURFACE}


def _themes(theme: str) -> tuple[str, ...]:
    return (theme,) if theme in _SURFACES else tuple(_SURFACES)


def _is_text(colour: str, theme: str) -> bool:
    return as_text(colour, _SURFACES[theme]) == colour


def _note(colour: str, theme: str) -> str:
    surface = _SURFACES[theme]
    ratio, instead = contrast(colour, surface), as_text(colour, surface)
    return (
        f"data-accent: {colour} cannot be read as text on the {theme} theme ({ratio:.1f}:1, {LEAST}:1 is needed),"
        f" so links and buttons there are drawn in {instead}. Header and bubbles keep {colour}."
    )


async def frame(request: web.Request) -> web.StreamResponse:
    """`GET /widget/{tenant}?origin=`: the chat for one website; browsers show it in pages of that one only."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    desk: Desk | None = await edge.gate.desk(tenant)
    if desk is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r}.")
    origin = request.query.get("origin", "").lower()
    if not may_show(request, desk.business, origin, edge.settings.public_url):
        raise NotAllowed("This website may not show the chat. Its owner can name it under webchat: origins.")
    return chat_response(request, desk.business, around=origin)


async def accent(request: web.Request) -> web.Response:
    """`GET /accent/{colour}.css`: our page in another colour."""
    style = style_sheet(f"#{request.match_info['colour']}")
    return web.Response(text=style, content_type="text/css", headers={"Cache-Control": "public, max-age=86400"})
