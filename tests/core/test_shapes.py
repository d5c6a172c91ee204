"""Law 8: nobody changes what is stored without saying what an older worker shall do about it.

`states/shapes.txt` lists every stored field with its type and its rule:

  first   there since version 1 of everything
  2, 3..  workers of a lower version cannot read it or must not drop it: in use, it raises the version of the session,
          and its condition stands in `runtime/core/shapes.py` (the journal's: `runtime/entry.py`)
  kept    an older worker goes on without it: it keeps it in a session and a frame, and drops it elsewhere
  kind    part of a kind of event that came later: an older worker leaves a whole event that it does not know

A field's line changes when its type does, so a new literal needs a rule, too.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from runtime import codec
from runtime.core.messages import OutboundPart
from runtime.core.shapes import NEEDS_2, VERSION

LISTING = Path(__file__).parent / "states" / "shapes.txt"
OF_THE_DESK = ("desk", "expectation", "beyond")
"""Never stored, or not under this name."""
GREW = ("Question.kind", "Ask.kind")
"""There since the first version; only their literals grew."""
ADVICE = """
A stored shape has changed. Decide what a worker of the release before does when it meets it, and change the line in
tests/core/states/shapes.txt; its docstring beside names the rules. A field that must not be dropped, or a literal that
is refused, needs a version: runtime/core/shapes.py."""


def classes() -> Iterator[type]:
    """Everything that is stored in a session, a box, an outbox or a timer."""
    waiting: list[Any] = [codec.State, codec.Origin, OutboundPart, *codec._KINDS.values()]
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
            seen.add(kind)
            waiting += [hint for name, hint in get_type_hints(kind).items() if name not in OF_THE_DESK]
            yield kind


def shapes() -> Iterator[str]:
    """Each stored field with its type."""
    for kind in classes():
        for name, hint in get_type_hints(kind).items():
            if name not in OF_THE_DESK:
                yield f"{kind.__name__}.{name}: {_shown(hint)}"


def _shown(kind: Any) -> str:
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])|typing\.", "", text)


def listed() -> dict[str, str]:
    """Each field of the listing with its rule."""
    lines = (line.split(None, 1) for line in LISTING.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    return {shape: rule for rule, shape in lines}


def test_every_stored_field_has_its_rule() -> None:
    stored, known = set(shapes()), set(listed())
    new, gone = sorted(stored - known), sorted(known - stored)
    assert not new and not gone, f"{ADVICE}\nnot listed: {new}\nlisted, but not so any more: {gone}"


def test_what_needs_a_version_has_its_condition() -> None:
    rules = {shape.partition(":")[0]: rule for shape, rule in listed().items()}
    assert {place for place, rule in rules.items() if rule == "2"} == set(NEEDS_2)
    assert set(rules.values()) <= {"first", "kept", "kind", *map(str, range(2, VERSION + 1))}


def test_what_came_later_has_a_default() -> None:
    """Else an old sample would not load. A shape that came as a whole needs none."""
    rules = listed()
    old = {shape.partition(".")[0] for shape, rule in rules.items() if rule == "first"}
    by_name = {kind.__name__: kind for kind in classes()}
    for shape, rule in rules.items():
        name, _, field = shape.partition(":")[0].partition(".")
        if rule != "first" and name in old and f"{name}.{field}" not in GREW:
            found = {one.name: one for one in dataclasses.fields(by_name[name])}[field]
            missing = dataclasses.MISSING
            assert found.default is not missing or found.default_factory is not missing, f"{shape} has no default"
