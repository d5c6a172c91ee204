"""Which websites may show a business's chat: origins as owners write them, and whether one of them is meant. Pure.

https://www.salon.example     this one
https://*.salon.example       every name below it, and not the bare name
http://localhost:*            any port, for trying things out
*                             every website
"""

from __future__ import annotations

import re
from collections.abc import Iterable

EVERYWHERE = "*"
_WRITTEN = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>\[[0-9a-f:]+\]|(?:\*\.)?[^\s/:*?#@\[\]\"';,<>\\]+)(?P<port>:(?:\d{1,5}|\*))?/?"
)
_USUAL_PORTS = {"https": ":443", "http": ":80"}


def read_origin(text: str) -> str:
    """An origin as a browser would write it; ValueError with an example when it is none."""
    written = text.strip().lower()
    if written == EVERYWHERE:
        return EVERYWHERE
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(
            f"'{text}' is no website's address. Write scheme and name only, such as https://www.salon.example."
        )
    scheme = found["scheme"] or "https"
    port = "" if found["port"] == _USUAL_PORTS[scheme] else found["port"] or ""
    return f"{scheme}://{_in_ascii(found['host'])}{port}"


def _in_ascii(host: str) -> str:
    """müller.example as browsers send it; what cannot be a name stays and matches nothing."""
    if host.isascii():
        return host
    try:
        return ".".join(label if label == "*" else label.encode("idna").decode() for label in host.split("."))
    except UnicodeError as error:
        raise ValueError(f"'{host}' is no name of a website.") from error


def is_origin(text: str) -> bool:
    """Whether this is one website, as a browser sends it: nothing that stands for several."""
    if "*" in text:
        return False
    try:
        return read_origin(text) == text and text.startswith(("https://", "http://"))
    except ValueError:
        return False


def is_allowed(origin: str, origins: Iterable[str]) -> bool:
    """Whether a browser's Origin is among what the owner wrote; "null" and nonsense never are."""
    return is_origin(origin) and any(_means(written, origin) for written in origins)


def _means(written: str, origin: str) -> bool:
    if written in (EVERYWHERE, origin):
        return True
    pattern = re.escape(written).replace(r"://\*\.", r"://(?:[a-z0-9-]+\.)+").replace(r":\*", r"(?::\d{1,5})?")
    return re.fullmatch(pattern, origin) is not None
