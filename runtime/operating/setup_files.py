"""The two files that the setup writes: the business's YAML, and `.env` with the settings and the only copy of secrets.

Both are written whole or not at all. What stands in a `.env` already stays, but for the values that were asked for.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from runtime.operating.answers import Answers, meta_answers, secret_variable
from runtime.operating.history import tenant_yaml
from runtime.tenants.needs import NEEDS

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def values_of(answers: Answers, present: Mapping[str, str]) -> dict[str, str]:
    """What goes into `.env`. The secret of a webhook is made once: Telegram knows the old one."""
    found = {
        "FRONTDESK_PUBLIC_URL": answers.public_url,
        "REDIS_URL": answers.redis_url,
        "DATABASE_URL": answers.database_url,
    }
    found = {name: value for name, value in found.items() if value}
    if answers.token:
        secret = f"{answers.variable}_WEBHOOK_SECRET"
        found[f"{answers.variable}_BOT_TOKEN"] = answers.token
        found[secret] = present.get(secret) or secrets.token_urlsafe(24)
    for connector, typed in meta_answers(answers):
        for name in NEEDS[connector].secrets:
            variable = secret_variable(answers, connector, name)
            found[variable] = typed.get(name) or present.get(variable) or secrets.token_urlsafe(24)
    return found


def read_env(path: Path) -> dict[str, str]:
    """The values of a `.env` file; none when there is no such file."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (_LINE.match(line) for line in lines if not line.lstrip().startswith("#"))
    return {match[1]: _bare(match[2]) for match in found if match}


def _bare(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.split(" #")[0].rstrip()


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Put values into `.env`: in the place of the same name, else at the end. For its owner alone."""
    old = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    left = dict(values)
    lines = []
    for line in old:
        match = None if line.lstrip().startswith("#") else _LINE.match(line)
        lines.append(f"{match[1]}={_quoted(left.pop(match[1]))}" if match and match[1] in left else line)
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    write_whole(path, "\n".join(lines) + "\n", 0o600)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[A-Za-z0-9_@%+=:,./?&-]*", value) and "&" not in value else f"'{value}'"


def write_whole(path: Path, text: str, mode: int) -> None:
    """A file appears whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_business(path: Path, document: Mapping[str, object], head: str) -> Path | None:
    """The business's file; another one in its place is kept beside it, under the name that is returned."""
    text = f"{head}\n{tenant_yaml(document)}"
    kept = None
    if path.exists() and path.read_text(encoding="utf-8") != text:
        kept = _free(path)
        shutil.copy2(path, kept)
    write_whole(path, text, 0o644)
    return kept


def _free(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.old{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())
