"""A version of the product as a source tree of its own: today's, or one that git remembers."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.faults.fleet import ROOT

BEFORE = "361d8ab"
"""The last version with schema 0001: the oldest one that today's goes together with."""


class NoHistory(Exception):
    """The version cannot be had: no git, no repository, or a clone that does not reach back so far."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version: what it is called in the drill, and where its source tree lies."""

    name: str
    tree: Path

    def environment(self, others: Mapping[str, str]) -> dict[str, str]:
        """So that its own packages are found before installed ones."""
        return {**others, "PYTHONPATH": str(self.tree)}

    def command(self, *arguments: str, environment: Mapping[str, str]) -> str:
        """Run `frontdesk ...` of this version to its end; what it wrote."""
        done = subprocess.run(
            [sys.executable, "-m", "runtime.cli", *arguments],
            cwd=self.tree, env=self.environment(environment), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"`frontdesk {' '.join(arguments)}` of {self.name} ended with {done.returncode}: "
                                 f"{done.stderr[-2000:]}")  # fmt: skip
        return done.stdout


def today(name: str = "B") -> Release:
    """The version that this drill belongs to."""
    return Release(name, ROOT)


def taken_out(revision: str, into: Path, name: str = "A") -> Release:
    """The version that git has under this revision, unpacked into a folder. Raises NoHistory."""
    archive = into / f"{name}.tar"
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", f"--output={archive}", revision]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=_without_git())
    except FileNotFoundError:
        raise NoHistory("git is not installed") from None
    except subprocess.CalledProcessError as error:
        raise NoHistory(f"git does not have {revision} here ({error.stderr.strip()[:200]})") from None
    tree = into / name
    with tarfile.open(archive) as packed:
        packed.extractall(tree, filter="data")
    archive.unlink()
    return Release(name, tree)


def _without_git() -> dict[str, str]:
    """A hook's own variables would point git elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
