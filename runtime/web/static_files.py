"""Script and style under names that hold their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from runtime.errors import NotFound
from runtime.web.pages import FOLDER

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, held in memory."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files by their hashed name."""

    files: Mapping[str, StaticFile]
    names: Mapping[str, str]
    """Plain name -> hashed name."""

    def path(self, name: str) -> str:
        """Where a page finds the file, below the base path."""
        return f"/static/{self.names[name]}"


def read_files(folder: Path) -> StaticFiles:
    """Every file of a known type in the folder."""
    files: dict[str, StaticFile] = {}
    names: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in _TYPES:
            body = path.read_bytes()
            names[path.name] = f"{path.stem}.{hashlib.blake2s(body, digest_size=6).hexdigest()}{path.suffix}"
            files[names[path.name]] = StaticFile(body, _TYPES[path.suffix])
    return StaticFiles(files, names)


FILES = read_files(FOLDER)


async def show(request: web.Request) -> web.Response:
    """`GET /static/{name}`."""
    found = FILES.files.get(request.match_info["name"])
    if found is None:
        raise NotFound("There is no such file. Reload the page: it may be older than the server.")
    return web.Response(
        body=found.body, content_type=found.content_type, charset="utf-8", headers={"Cache-Control": _FOR_EVER}
    )
