"""What the doctor looks at on this machine: names of packages, the data folder, open files, time zones, the port."""

from __future__ import annotations

import asyncio
import resource
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import runtime
from runtime.operating.findings import Finding, failure, ok, warning
from runtime.reaching import leads_here
from runtime.settings import Settings

OURS = ("runtime", "channels", "skills", "knowledge", "configs")
NETWORK = ("nfs", "cifs", "smb", "sshfs", "9p", "ceph", "glusterfs", "fuse.s3", "afs")
LITTLE_MB, TOO_LITTLE_MB = 1024, 200
FEW_FILES = 1024


def look_at_names(owners: Mapping[str, Sequence[str]] | None = None) -> Iterator[Finding]:
    """Whether another distribution installed a top-level package of one of our names."""
    found = packages_distributions() if owners is None else owners
    clashes = {name: [owner for owner in found.get(name, ()) if owner != "frontdesk"] for name in OURS}
    for name, others in clashes.items():
        if others:
            yield failure("machine", "name_clash", name=name, others=", ".join(sorted(set(others))))
    if not any(clashes.values()):
        yield ok("machine", "names", folder=Path(runtime.__file__).resolve().parent.parent)


def look_at_folder(data: Path) -> Iterator[Finding]:
    """The data folder: ours to write, nobody else's to read, with space left, on a disk of this machine."""
    nearest = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not _is_writable(nearest):
        yield failure("data", "folder_closed", folder=data)
        return
    if data.exists() and stat.S_IMODE(data.stat().st_mode) & 0o007:
        yield warning("data", "folder_open", folder=data)
    else:
        yield ok("data", "folder", folder=data)
    free = shutil.disk_usage(nearest).free >> 20
    values = {"free": f"{free / 1024:.1f}" if free < 10_240 else f"{free >> 10}", "folder": nearest}
    if free < TOO_LITTLE_MB:
        yield failure("data", "space", **values)
    else:
        yield (warning if free < LITTLE_MB else ok)("data", "space", **values)


def _is_writable(folder: Path) -> bool:
    try:
        probe = folder / f".frontdesk-doctor-{id(folder)}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        return False
    return True


def network_type(path: Path, mounts: str | None = None) -> str:
    """The type of the network file system that a path lies on, "" for a disk of this machine."""
    try:
        text = Path("/proc/mounts").read_text(encoding="utf-8") if mounts is None else mounts
    except OSError:
        return ""
    best, kind = "", ""
    for line in text.splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if path.absolute().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind if any(kind.startswith(name) or name in kind for name in NETWORK) else ""


def look_at_files() -> Iterator[Finding]:
    """How many files and sockets one process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 0 <= soft < FEW_FILES
    yield (warning if few else ok)("machine", "open_files", soft=soft)


def look_at_zones(zones: Sequence[str]) -> Iterator[Finding]:
    """Whether the time zones of the businesses are known here."""
    unknown = [name for name in zones if not _is_zone(name)]
    if unknown:
        yield failure("machine", "zones_unknown", zones=", ".join(unknown))
    else:
        yield ok("machine", "zones")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


async def look_at_port(settings: Settings, key: bytes | None) -> tuple[Finding, bool]:
    """Whether our port is free, or ours already; and whether a desk of ours is at work on it."""
    values = {"host": settings.host, "port": settings.port}
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    if await leads_here(f"http://{host}:{settings.port}{settings.base_path}", key):
        return ok("web", "port_ours", **values), True
    try:
        server = await asyncio.start_server(lambda *_: None, settings.host, settings.port)
    except OSError as error:
        return failure("web", "port_taken", why=error.strerror, next=settings.port + 1, **values), False
    server.close()
    await server.wait_closed()
    return ok("web", "port_free", **values), False
