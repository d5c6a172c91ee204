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
_COLOUR = re.compile(r"[0-9a-f]{6}")


async def show(request: web.Request) -> web.StreamResponse:
    """`GET /chat/{tenant}`; `?lang=` and `?theme=` override what the browser says."""
    edge, tenant = request.app[EDGE], request.match_info["tenant"]
    desk = await edge.gate.desk(tenant)
    if desk is None:
        raise NotFound(f"There is no tenant {tenant[:60]!r}.")
    return chat_response(request, desk.business)


def chat_response(request: web.Request, business: Business, around: str = "") -> web.StreamResponse:
    """The page, alone or in a frame of the website `around`."""
    edge = request.app[EDGE]
    language, theme = page_language(request, business), request.query.get("theme", "")
    accent = _COLOUR.fullmatch(request.query.get("accent", "")) if around else None
    html = render(
        "page.html",
        business=business,
        bot=business.policies.assistant_name,
        words=filled(TEXTS[language], business),
        language=language,
        theme=theme if theme in _THEMES else "",
        accent=accent[0] if accent else business.webchat.accent.removeprefix("#"),
        around=around,
        largest=round(edge.settings.media_mb * 1e6),
        socket=f"{edge.base}/chat/{business.tenant}/ws",
        base=edge.base,
        files=FILES,
    )
    headers = {"Content-Security-Policy": chat_policy(request.host, around), "Vary": "Accept-Language"}
    answer = web.Response(text=html, content_type="text/html", headers=headers)
    answer.enable_compression()
    return answer


def filled(words: Mapping[str, str], business: Business) -> dict[str, str]:
    """The page's texts with the assistant's and the business's names in them."""
    name = business.policies.assistant_name
    chosen = {key: words.get(f"{key}_unnamed", text) if not name else text for key, text in words.items()}
    return {key: text.replace("{bot}", name).replace("{business}", business.name) for key, text in chosen.items()}


def page_language(request: web.Request, business: Business) -> str:
    """The visitor's wish if the business speaks it, else its own first language; English where we have no texts."""
    wishes = [request.query.get("lang", ""), *accepted_languages(request.headers.get("Accept-Language", ""))]
    return next(_spoken(wishes, business.languages), next(_spoken(business.languages, business.languages), "en"))


def _spoken(wishes: Sequence[str], languages: Sequence[str]) -> Iterator[str]:
    return (wish for wish in wishes if wish in languages and wish in TEXTS)


def accepted_languages(header: str) -> list[str]:
    """Two-letter codes of an Accept-Language header, the most wanted first."""
    weighted = [(_weight(item), item.strip()[:2].lower()) for item in header.split(",")[:20]]
    return [
        code for weight, code in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0 and _CODE.fullmatch(code)
    ]


def _weight(item: str) -> float:
    found = re.search(r";\s*q=([01](?:\.\d{0,3})?)\s*$", item)
    return float(found[1]) if found else 1.0
