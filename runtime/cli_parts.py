"""What several files of the command line share: the option for the data folder, and the settings with it."""

from __future__ import annotations

import argparse
import os
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from runtime.settings import Settings, read_settings
from runtime.telemetry import configure_logging


def data_option(parser: argparse.ArgumentParser) -> None:
    """`--data DIR`."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the embedded servers (default: ./data)")


def settings_of(options: argparse.Namespace, *, host: str | None = None, port: int | None = None) -> Settings:
    """The settings that a command runs with; from here on it logs."""
    settings = read_settings(data=options.data, host=host, port=port)
    configure_logging(settings)
    return settings


_ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$")


def take_env_file(path: Path) -> None:
    """Settings and secrets of this folder's `.env`; what the environment says itself wins. Not a stranger's file."""
    if not path.is_file() or path.stat().st_uid not in (0, os.getuid()):
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := _ENV_LINE.match(line):
            value = found[2]
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            os.environ.setdefault(found[1], value[1:-1] if quoted else value)


def program_version() -> str:
    """The installed version."""
    try:
        return version("frontdesk")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "of this checkout"
