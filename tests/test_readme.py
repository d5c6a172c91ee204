"""The README's word is kept: its commands and programs run, its files load, its links lead somewhere.

A fence that says `sh runs` or `python runs` is executed here, top to bottom in one empty folder; one that says
`yaml file=NAME` is written there first. The others show what needs a server, an account or a screen.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.cli import _parser

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FENCE = re.compile(r"^( *)```(\w+)?([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced piece of the README: its language, the rest of the fence's line, and the text."""

    language: str
    info: str
    text: str


def blocks() -> list[Block]:
    found = FENCE.findall(README.read_text(encoding="utf-8"))
    return [Block(language, info.strip(), text) for _, language, info, text in found]


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """In this folder, with our own command first on the path and nobody's settings."""
    command = ["sh", "-eu", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*command, block.text],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,  # four starts of the command, on a machine that may be busy
        check=False,
    )


def test_the_two_commands_come_first() -> None:
    commands = [line.split("#")[0].strip() for line in blocks()[0].text.splitlines()]
    assert commands == ["make run", "make test"]


@pytest.mark.slow
def test_commands_and_programs_run(tmp_path: Path) -> None:
    shown = []
    for block in blocks():
        if block.info.startswith("file="):
            (tmp_path / block.info.removeprefix("file=")).write_text(block.text, encoding="utf-8")
        elif block.info == "runs":
            ran = run(block, tmp_path)
            assert ran.returncode == 0, f"{block.text}\n{ran.stdout}\n{ran.stderr}"
            shown.append(ran.stdout)
    piped, imported, program = shown
    assert "2 pm" in piped, "the answer names the hours of Saturday"
    assert piped.rstrip().endswith("[]"), "a question books nothing"
    assert "salon-lindgren" in imported
    assert "48" in imported, "the answer names the price"
    assert "32" in program, "the answer names the price"


@pytest.mark.parametrize(
    "page",
    sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("[a-z]*/**/README.md")),
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not (lost := [one for one in targets if not (page.parent / one).exists()]), lost


def test_named_settings_exist() -> None:
    known = set(re.findall(r"FRONTDESK_\w+", (ROOT / ".env.example").read_text(encoding="utf-8")))
    named = set(re.findall(r"FRONTDESK_[A-Z_]+", README.read_text(encoding="utf-8")))
    assert not named - known


def test_python_shown_can_be_read() -> None:
    for block in blocks():
        if block.language == "python":
            compile(block.text, "README.md", "exec")


@pytest.mark.parametrize("page", sorted(ROOT.glob("configs/deploy/*.md")), ids=lambda page: page.name)
def test_the_production_pages_name_what_there_is(page: Path) -> None:
    """Commands, settings, metrics and files."""
    text = page.read_text(encoding="utf-8")
    fences = "\n".join(code for _, language, _, code in FENCE.findall(text) if language == "sh")
    told = re.findall(r"`(?:/\S+/)?frontdesk ([a-z][^`]*)`", text) + re.findall(
        r"^\S*frontdesk ([a-z][^#\n]*)", fences, re.M
    )
    for command in told:
        arguments = [word for word in command.split("|")[0].split() if not word.isupper()]
        assert is_known(arguments), f"frontdesk {command}"
    known = set(re.findall(r"FRONTDESK_\w+", (ROOT / ".env.example").read_text(encoding="utf-8")))
    assert not set(re.findall(r"FRONTDESK_[A-Z_]+[A-Z]", text)) - known
    assert not [one for one in LINK.findall(text) if not (page.parent / one).exists()]


def is_known(arguments: list[str]) -> bool:
    """Whether the command line has this command, its subcommand and its options."""
    parser = _parser()
    for word in arguments:
        actions = parser._actions
        below = next((one.choices for one in actions if isinstance(one, argparse._SubParsersAction)), {})
        if word in below:
            parser = below[word]
        elif below or (word.startswith("-") and not any(word in one.option_strings for one in actions)):
            return False
    return True
