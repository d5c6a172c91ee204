"""The import table, the purity of the core and the sizes, read from the syntax trees of the source."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("runtime", "channels", "skills", "knowledge")
LEAVES = (
    "ports",
    "comparing",
    "model_port",
    "errors",
    "settings",
    "telemetry",
    "tracing",
    "prompts",
    "outbound",
    "outside",
    "files",
    "frontdoor",
    "outlasting",
)
CLI = (
    "runtime.cli",
    "runtime.cli_parts",
    "runtime.cli_standing",
    "runtime.cli_publishing",
    "runtime.cli_appointments",
    "runtime.cli_operating",
    "runtime.cli_understanding",
    "runtime.cli_watching",
)
COMPOSITION = ("runtime.app", *CLI)

# Which room may open which doors. A room that is not named here has no rule yet: `test_every_module_has_a_room` fails.
# Files that lie in `runtime/` itself and are no leaf (loop, performer ...) are the room "loop".
CORE, LEAF = "core", "leaf"
ROOMS = ("understanding", "models", "sessions", "records", "media", "tenants", "connectors", "voice")
PLUGGED = ("channels", "skills", "knowledge")
MAY_IMPORT: dict[str, frozenset[str]] = {
    CORE: frozenset({CORE}),
    LEAF: frozenset({CORE, LEAF}),
    "understanding": frozenset({CORE, LEAF, "understanding"}),
    "models": frozenset({CORE, LEAF, "models"}),
    "sessions": frozenset({CORE, LEAF, "sessions"}),
    "records": frozenset({CORE, LEAF, "records"}),
    "media": frozenset({CORE, LEAF, "media", "records"}),
    "tenants": frozenset({CORE, LEAF, "tenants"}),
    "connectors": frozenset({CORE, LEAF, "connectors", "sessions", "records"}),
    "voice": frozenset({CORE, LEAF, "voice"}),
    "channels": frozenset({CORE, LEAF, "channels"}),
    "skills": frozenset({CORE, LEAF, "skills", "records"}),
    "knowledge": frozenset({CORE, LEAF, "knowledge", "records"}),
    "loop": frozenset({CORE, LEAF, "loop", *ROOMS}),
    "replay": frozenset({CORE, LEAF, "replay", "loop", *ROOMS}),
    "web": frozenset({CORE, LEAF, "web", "loop", *ROOMS}),
    "operating": frozenset({CORE, LEAF, "operating", "loop", *ROOMS}),
    "faults": frozenset({CORE, LEAF, "faults", "app", "loop", *ROOMS}),
    "app": frozenset({CORE, LEAF, "app", "web", "faults", "operating", "replay", "loop", *ROOMS, *PLUGGED}),
}

# Nothing in the core may know the time, the chance, the machine or the world.
IMPURE_MODULES = frozenset(
    {"asyncio", "threading", "time", "random", "secrets", "logging", "os", "pathlib", "io", "sys", "uuid"}
    | {"socket", "ssl", "subprocess", "sqlite3", "urllib", "http", "tempfile", "shutil", "multiprocessing"}
)
IMPURE_METHODS = frozenset({"now", "utcnow", "today", "getenv", "uuid4", "monotonic"})
IMPURE_FUNCTIONS = frozenset({"open", "print", "input", "exec", "eval"})
HEAVY = frozenset({"openai", "langchain", "langchain_core", "langchain_openai", "langchain_community"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target; `deep` when it stands inside a function."""

    source: str
    target: str
    line: int
    deep: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


@cache
def sources(folders: tuple[str, ...] = PACKAGES) -> dict[str, tuple[Path, ast.Module]]:
    """Module name -> its file and syntax tree."""
    found = {}
    for path in sorted(one for folder in folders for one in (ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def room(module: str) -> str:
    """The room a module of ours lives in."""
    top, _, rest = module.partition(".")
    if top != "runtime":
        return top
    first = rest.partition(".")[0]
    if first in LEAVES or not first:
        return LEAF
    if module in COMPOSITION:
        return "app"
    is_folder = (ROOT / "runtime" / first).is_dir()
    return first if is_folder else "loop"


def imports(name: str, path: Path, tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, with relative ones made whole and type-checking blocks counted like all others."""
    deep = {id(node) for function in functions_of(tree) for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(name, path, node)
            # A package named on the way to its module counts, too: its `__init__` runs first.
            targets = list(dict.fromkeys(one for alias in node.names for one in (base, _module(base, alias.name))))
        else:
            continue
        yield from (Import(name, target, node.lineno, id(node) in deep) for target in targets)


def _base(name: str, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    kept = parts[: len(parts) - node.level + (path.name == "__init__.py")]
    return ".".join([*kept, node.module] if node.module else kept)


def _module(base: str, name: str) -> str:
    return f"{base}.{name}" if f"{base}.{name}" in sources() else base


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(one for name, (path, tree) in sources().items() for one in imports(name, path, tree))


def own_imports() -> list[Import]:
    return [one for one in all_imports() if one.target.partition(".")[0] in PACKAGES and one.target != one.source]


def core() -> dict[str, tuple[Path, ast.Module]]:
    return {name: found for name, found in sources().items() if room(name) == CORE}


def shown(wrong: list[str]) -> str:
    return "\n" + "\n".join(wrong)


# The graph


def test_every_module_has_a_room() -> None:
    assert not shown([name for name in sources() if room(name) not in MAY_IMPORT]).strip()


def test_imports_go_only_where_the_table_allows() -> None:
    wrong = [str(one) for one in own_imports() if room(one.target) not in MAY_IMPORT[room(one.source)]]
    assert not wrong, shown(wrong)


def test_only_the_composition_root_knows_channels_skills_and_knowledge() -> None:
    wrong = [
        str(one)
        for one in own_imports()
        if room(one.target) in PLUGGED and room(one.source) != room(one.target) and one.source not in COMPOSITION
    ]
    assert not wrong, shown(wrong)


def test_there_is_no_circle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in sources()}
    for one in own_imports():
        graph[one.source].add(one.target)
    assert not (circle := _circle(graph)), " -> ".join(circle)


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Some circle, or nothing: take away whatever imports nothing that is left, and see what stays."""
    left = dict(graph)
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    path: list[str] = []
    name = next(iter(left), "")
    while name and name not in path:
        path.append(name)
        name = next(iter(left[name] & left.keys()))
    return [*path[path.index(name) :], name] if name else []


def test_the_search_for_circles_finds_one() -> None:
    assert set(_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()})) == {"b", "c"}
    assert _circle({"a": {"b"}, "b": set()}) == []


def test_own_modules_are_imported_at_the_top() -> None:
    # The command line may: `frontdesk --help` must not load what only one command needs.
    wrong = [str(one) for one in own_imports() if one.deep and one.source not in CLI]
    assert not wrong, shown(wrong)


def test_model_libraries_are_imported_only_where_they_are_used() -> None:
    wrong = [str(one) for one in all_imports() if one.target.partition(".")[0] in HEAVY and not one.deep]
    assert not wrong, shown(wrong)


# The core


def test_the_core_imports_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names - IMPURE_MODULES
    tops = [(one, one.target.partition(".")[0]) for one in all_imports() if room(one.source) == CORE]
    wrong = [str(one) for one, top in tops if top not in allowed and room(one.target) != CORE]
    assert not wrong, shown(wrong)


def test_the_core_awaits_nothing() -> None:
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    wrong = [
        f"{name}:{node.lineno}"
        for name, (_, tree) in core().items()
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]
    assert not wrong, shown(wrong)


def test_the_core_asks_neither_clock_nor_world() -> None:
    wrong = []
    for name, (_, tree) in core().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (called := _impure(node.func)):
                wrong.append(f"{name}:{node.lineno} calls {called}()")
    assert not wrong, shown(wrong)


def _impure(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr if function.attr in IMPURE_METHODS else ""
    return function.id if isinstance(function, ast.Name) and function.id in IMPURE_FUNCTIONS else ""


def test_the_core_keeps_nothing_between_two_calls() -> None:
    kinds = (ast.Global, ast.Nonlocal)
    wrong = [
        f"{name}:{node.lineno}"
        for name, (_, tree) in core().items()
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]
    assert not wrong, shown(wrong)


# Sizes and names


def _lengths() -> list[tuple[int, str]]:
    return sorted(
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{name}:{node.name}")
        for name, (_, tree) in sources().items()
        for node in functions_of(tree)
    )


def test_functions_are_short() -> None:
    lengths = _lengths()
    sizes = [size for size, _ in lengths]
    assert statistics.median(sizes) <= 10, f"the median function has {statistics.median(sizes)} lines"
    assert sizes[len(sizes) * 95 // 100] < 40, f"the longest: {lengths[-10:]}"
    assert sizes[-1] <= 60, f"over 60 lines: {[one for one in lengths if one[0] > 60]}"


@pytest.mark.parametrize("folders", [PACKAGES, ("tests",)], ids=["packages", "tests"])
def test_files_are_short(folders: tuple[str, ...]) -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path, _ in sources(folders).values()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    ]
    assert not long, shown(long)


def test_no_module_hides_one_of_the_standard_library() -> None:
    names = [path for path, _ in sources((*PACKAGES, "tests")).values()]
    wrong = [str(path.relative_to(ROOT)) for path in names if path.stem in sys.stdlib_module_names]
    assert not wrong, shown(wrong)


def test_every_folder_with_python_is_a_package() -> None:
    # Half-and-half makes pytest take `tests/channels` for `channels`.
    folders = {path.parent for path, _ in sources((*PACKAGES, "tests")).values()}
    wrong = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]
    assert not wrong, shown(wrong)


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        name for name, (path, tree) in sources().items() if path.name != "__init__.py" and not ast.get_docstring(tree)
    ]
    assert not wrong, shown(wrong)
