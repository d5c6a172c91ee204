"""Script and style under names that hold their content's hash, so that browsers may keep them for ever.

They are made once, when the program starts: comments and indentation stay here, modules find each other by their
hashed names, and each lies ready compressed.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from runtime.errors import NotFound
from runtime.web.pages import CONSOLE, FOLDER

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"
_IMPORTED = re.compile(r'(?<= from ")\./([a-z_]+\.js)(?=";)')
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, held in memory, as it is and compressed."""

    body: bytes
    packed: bytes
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

    def file(self, name: str) -> StaticFile:
        """The file by its plain name."""
        return self.files[self.names[name]]

    def modules(self, name: str) -> tuple[str, ...]:
        """Where the modules are that this script loads, so that a page can ask for all at once."""
        found = dict.fromkeys(re.findall(r' from "\./([^"]+)"', self.file(name).body.decode()))
        return tuple(f"/static/{one}" for one in found)


def read_files(folder: Path) -> StaticFiles:
    """Every file of a known type in the folder."""
    files: dict[str, StaticFile] = {}
    names: dict[str, str] = {}

    def add(path: Path) -> str:
        if path.name not in names:
            text = _lean(path, lambda name: add(folder / name))
            body = text.encode()
            names[path.name] = f"{path.stem}.{hashlib.blake2s(body, digest_size=6).hexdigest()}{path.suffix}"
            files[names[path.name]] = StaticFile(body, gzip.compress(body, 9, mtime=0), _TYPES[path.suffix])
        return names[path.name]

    for path in sorted(folder.iterdir()):
        if path.suffix in _TYPES:
            add(path)
    return StaticFiles(files, names)


def _lean(path: Path, hashed: Callable[[str], str]) -> str:
    """The text without what only its readers need. What our scripts quote over lines is style: it does not mind."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        text = _CSS_COMMENT.sub("", text)
    lines = (line.strip() for line in text.splitlines())
    lean = "\n".join(line for line in lines if line and not (path.suffix == ".js" and line.startswith("//"))) + "\n"
    return _IMPORTED.sub(lambda found: f"./{hashed(found[1])}", lean) if path.suffix == ".js" else lean


FILES = read_files(FOLDER)
CONSOLE_FILES = read_files(CONSOLE)


async def show(request: web.Request) -> web.Response:
    """`GET /static/{name}`."""
    name = request.match_info["name"]
    found = FILES.files.get(name) or CONSOLE_FILES.files.get(name)
    if found is None:
        raise NotFound("There is no such file. Reload the page: it may be older than the server.")
    return answer_with(request, found, cache=_FOR_EVER)


def answer_with(request: web.Request, file: StaticFile, *, cache: str) -> web.Response:
    """The file, compressed for those who can read that."""
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding", "Cross-Origin-Resource-Policy": "cross-origin"}
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    body = file.packed if is_packed else file.body
    return web.Response(body=body, content_type=file.content_type, charset="utf-8", headers=headers)
