"""The chat page: a shell in the visitor's language; everything else comes over its WebSocket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from aiohttp import web

from runtime.core.business import Business
from runtime.errors import NotFound
from runtime.web.pages import FOLDER, chat_policy, render
from runtime.web.parts import EDGE
from runtime.web.static_files import FILES

TEXTS: Mapping[str, Mapping[str, str]] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
_CODE = re.compile(r"[a-z]{2}")
_THEMES = ("light", "dark")


async def show(request: web.Request) -> web.Response:
    """`GET /chat/{tenant}`; `?lang=` and `?theme=` override what the browser says."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    desk = await edge.gate.desk(tenant)
    if desk is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r}.")
    language = page_language(request, desk.business)
    theme = request.query.get("theme", "")
    html = render(
        "page.html",
        business=desk.business,
        bot=desk.business.policies.assistant_name,
        words=_filled(TEXTS[language], desk.business),
        language=language,
        theme=theme if theme in _THEMES else "",
        socket=f"{edge.base}/chat/{tenant}/ws",
        base=edge.base,
        files=FILES,
    )
    headers = {"Content-Security-Policy": chat_policy(request.host), "Vary": "Accept-Language"}
    return web.Response(text=html, content_type="text/html", headers=headers)


def _filled(words: Mapping[str, str], business: Business) -> dict[str, str]:
    """The page's texts with the assistant's and the business's names in them."""
    name = business.policies.assistant_name
    chosen = {key: words.get(f"{key}_unnamed", text) if not name else text for key, text in words.items()}
    return {key: text.replace("{bot}", name).replace("{business}", business.name) for key, text in chosen.items()}


def page_language(request: web.Request, business: Business) -> str:
    """The visitor's wish if the business speaks it, else its own first language; English where we have no texts."""
    wishes = [request.query.get("lang", ""), *_accepted(request.headers.get("Accept-Language", ""))]
    return next(_spoken(wishes, business.languages), next(_spoken(business.languages, business.languages), "en"))


def _spoken(wishes: Sequence[str], languages: Sequence[str]) -> Iterator[str]:
    return (wish for wish in wishes if wish in languages and wish in TEXTS)


def _accepted(header: str) -> list[str]:
    """Two-letter codes of an Accept-Language header, the most wanted first."""
    weighted = [(_weight(item), item.strip()[:2].lower()) for item in header.split(",")[:20]]
    return [
        code for weight, code in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0 and _CODE.fullmatch(code)
    ]


def _weight(item: str) -> float:
    found = re.search(r";\s*q=([01](?:\.\d{0,3})?)\s*$", item)
    return float(found[1]) if found else 1.0
