"""What several files of the command line share: the option for the data folder, and the settings with it."""

from __future__ import annotations

import argparse
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


def program_version() -> str:
    """The installed version."""
    try:
        return version("frontdesk")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "of this checkout"
