"""HTML from templates, always escaped, and what a page may load: our own files, nothing inline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2

FOLDER = Path(__file__).resolve().parent / "chat"
CONSOLE = FOLDER.parent / "console"
PEOPLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader((FOLDER, CONSOLE)), autoescape=True, trim_blocks=True, lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)  # fmt: skip


def render(template: str, **values: Any) -> str:
    """The template, filled; an unknown name in it is an error."""
    return _templates.get_template(template).render(values)


def chat_policy(host: str, around: str = "") -> str:
    """The policy of the chat page, in pages of the website `around` alone if there is one.

    Older Safaris do not count a WebSocket to the own host as 'self'.
    """
    policy = PAGE_POLICY.replace("img-src 'self' data:", "img-src 'self' data: blob:")
    if around:
        policy = policy.replace("frame-ancestors 'self'", f"frame-ancestors {around}")
    return (
        policy.replace("connect-src 'self'", f"connect-src 'self' ws://{host} wss://{host}")
        if _HOST.fullmatch(host)
        else policy
    )
