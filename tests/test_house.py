"""What the repository must hold, and what must never get into it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.support.env_example import TARGET, env_example

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("runtime", "channels", "skills", "knowledge")
# Put together here, because this file is searched as well.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:" + "work|root|home/[a-z]+|Users/[a-z]+" + r")/"
    r"|\b(?:files\.)?py" + r"thonhosted\.org|\bpy" + r"pi\.org|registry\." + r"npmjs|\bproxy\.gol" + r"ang\.org"
)
IGNORE = re.compile(r"#\s*(?:type:\s*ignore(?:\[[\w, -]+\])?|noqa(?::\s*[A-Z0-9, ]+)?|pragma: no cover|fmt: skip)(.*)$")
UMLAUTS = re.compile(
    r"\b(fuer|ueber|moecht\w+|koenn\w+|moeglich\w*|naechst\w+|spaet\w+|waehl\w+|Gruess\w*|muess\w+)\b", re.I
)


@cache
def tracked() -> tuple[Path, ...]:
    """The files that belong to the project; of an unpacked archive all but what is made again."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
    made = {".venv", ".git", "data", "dist", "build", "__pycache__"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts))


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((str(path.relative_to(ROOT)), data.decode("utf-8")))
    return found


def places(pattern: re.Pattern[str], suffix: str = "", below: str = "") -> list[str]:
    return [
        f"{name}:{number}: {found[0]}"
        for name, text in texts()
        if name.endswith(suffix) and name.startswith(below)
        for number, line in enumerate(text.splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_nothing_names_a_machine_or_a_registry() -> None:
    assert not (wrong := places(FORBIDDEN)), "\n".join(wrong)


def test_german_has_its_umlauts() -> None:
    assert not (wrong := places(UMLAUTS, below="configs/replies/de")), "\n".join(wrong)


def test_every_ignore_has_its_reason() -> None:
    wrong = [
        f"{name}:{number}"
        for name, text in texts()
        if name.endswith(".py")
        for number, line in enumerate(text.splitlines(), 1)
        if (found := IGNORE.search(line)) and "fmt:" not in found[0] and len(found[1].strip(" #-")) < 8
    ]
    assert not wrong, "say why on the same line: " + ", ".join(wrong)


def test_every_folder_has_a_page() -> None:
    rooms = [ROOT / "configs", ROOT / "tests", *(ROOT / name for name in PACKAGES)]
    rooms += [one for name in PACKAGES for one in (ROOT / name).iterdir() if (one / "__init__.py").exists()]
    missing = [str(one.relative_to(ROOT)) for one in rooms if one.is_dir() and not (one / "README.md").exists()]
    assert not missing, f"no README.md in {', '.join(sorted(missing))}"


def test_a_page_is_a_page() -> None:
    pages = [(name, text) for name, text in texts() if name.endswith("/README.md")]
    long = [f"{name}: {text.count(chr(10))} lines" for name, text in pages if text.count("\n") > 110]
    assert not long, ", ".join(long)


def test_env_example_is_what_the_settings_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == env_example(), "run: python -m tests.support.env_example"


def test_makefile_has_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert targets >= {"setup", "run", "test", "check", "bench"}


def test_ci_is_a_script_that_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert subprocess.run(["sh", "-n", str(ROOT / ".ci" / "wheel_smoke.sh")], check=False).returncode == 0


def test_licence_and_notices() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    notices = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert "Valkey contributors" in notices
    assert "Redistributions in binary form" in notices


def test_changelog_has_what_is_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = changelog.partition("## Unreleased")[2].partition("\n## ")[0]
    kinds = set(re.findall(r"^### (\w+)$", unreleased, re.MULTILINE))
    assert kinds
    assert kinds <= {"Added", "Changed", "Fixed", "Removed", "Security"}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["otel"]]  # imported where it is configured
    declared = {_plain(re.split(r"[\[<>=;! ]", one)[0]) for one in wanted}
    distributions = importlib.metadata.packages_distributions()
    wrong = set()
    for top in _third_party():
        names = {_plain(name) for name in distributions.get(top, [top])}
        # What these bring along by their own promise may be used, too.
        if not names & (declared | {"langchain-core", "httpx2", "hiredis"}):
            wrong.add(top)
    assert not wrong, f"imported, but not among the dependencies: {sorted(wrong)}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _third_party() -> set[str]:
    tops = set()
    for path in (one for one in tracked() if one.suffix == ".py" and one.relative_to(ROOT).parts[0] in PACKAGES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                tops.add(node.module.partition(".")[0])
    return tops - sys.stdlib_module_names - set(PACKAGES)


HELP = """
import sys
from runtime.cli import main
sys.argv = ["frontdesk", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"openai", "langchain", "langchain_core", "langchain_openai", "langgraph"}
print("LOADED", sorted(heavy & sys.modules.keys()))
"""


def test_help_loads_no_model_library() -> None:
    ran = subprocess.run([sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "LOADED []", ran.stdout.splitlines()[-1]
