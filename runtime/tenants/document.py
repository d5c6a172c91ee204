"""A YAML file with the line of everything in it, so that an error can point at the place.

Reads the YAML 1.2 way where 1.1 surprises: 18:00 is not 1080, NO is not false, 2026-12-24 stays text, a phone number
keeps its plus and its zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from runtime.errors import ConfigurationError

Path = tuple[str | int, ...]
MOST_PLACES = 50_000
"""A file with more values than this (aliases of aliases) is no tenant file."""


class Unreadable(ValueError):
    """A value that we cannot read; `path` leads from the field to the part of it that is wrong."""

    def __init__(self, text: str, path: Path = ()) -> None:
        super().__init__(text)
        self.path = path


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, and on which line."""

    source: str
    data: dict[str, Any]
    lines: Mapping[Path, int]

    def error(self, path: Path, text: str) -> ConfigurationError:
        """An error that names file and line of the value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        line = self.lines.get(path)
        place = f"{self.source}:{line}" if line is not None else self.source
        return ConfigurationError(f"{place}: {text}")


class _Loader(yaml.SafeLoader):
    """SafeLoader with the few implicit types that our files need."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  PyYAML's own shape


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def read_document(text: str, source: str) -> Document:
    """Read one YAML mapping. Raises ConfigurationError with file and line."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(f"{source}:1: expected keys and values such as 'tenant: my-shop', found none.")
        lines = dict(_places(node, source))
        data = loader.construct_document(node)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError, RecursionError) as error:
        raise ConfigurationError(_yaml_problem(error, source)) from error
    finally:
        loader.dispose()
    return Document(source, _with_text_keys(data), lines)


def plain_document(data: Mapping[str, Any], source: str) -> Document:
    """A document that did not come from a file: errors name only the source."""
    return Document(source, _with_text_keys(data), {})


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _yaml_problem(error: Exception, source: str) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{source}:{mark.line + 1}" if mark is not None else source
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    advice = "Check indentation, colons and quotes around this line."
    if "got '?'" in problem:
        advice = "Inside [] and {} put quotes around a text with a question mark."
    return f"{place}: this is not valid YAML ({problem}). {advice}"


def _places(root: yaml.Node, source: str) -> Iterator[tuple[Path, int]]:
    waiting: list[tuple[Path, yaml.Node, int]] = [((), root, root.start_mark.line + 1)]
    seen = 0
    while waiting:
        path, node, line = waiting.pop()
        seen += 1
        if seen > MOST_PLACES:
            raise ConfigurationError(f"{source}: too many values; anchors that repeat themselves are not allowed.")
        yield path, line
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(((*path, i), child, child.start_mark.line + 1) for i, child in enumerate(node.value))
        elif isinstance(node, yaml.MappingNode):
            _refuse_twins(node, source)
            # A block value starts below its key: the key's line is what people look for.
            waiting.extend(((*path, str(key.value)), child, key.start_mark.line + 1) for key, child in node.value)


def _refuse_twins(node: yaml.MappingNode, source: str) -> None:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        name = str(key.value)
        if name in seen and name != "<<":
            raise ConfigurationError(
                f"{source}:{line}: '{name}' is here twice (first on line {seen[name]}). Keep one of the two."
            )
        seen[name] = line
