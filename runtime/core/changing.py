"""`replace` as in `dataclasses`, for the frozen slotted values that a turn changes some twenty times.

The standard one asks each field by name what it is; here a class is asked once. mypy checks calls as it does there.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping
from itertools import repeat
from operator import attrgetter, call
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """The same value with some fields changed; exactly what `dataclasses.replace` returns."""
        kind = type(value)
        shape = _SHAPES.get(kind) or _learn(kind)
        if shape.read is None:
            return dataclasses.replace(value, **changes)
        fields = list(shape.read(value))
        places = shape.places
        try:
            for name, new in changes.items():
                fields[places[name]] = new
        except KeyError:
            return dataclasses.replace(value, **changes)  # It names the mistake.
        made = object.__new__(kind)
        deque(map(call, shape.setters, repeat(made), fields), maxlen=0)  # a loop of its own costs twice as much
        return made


class _Shape(NamedTuple):
    """How to read and write all fields of a class; `read` is None for one that is left to the standard library."""

    read: Callable[[Any], tuple[Any, ...]] | None
    places: Mapping[str, int]
    setters: tuple[Callable[[Any, Any], None], ...]


_SHAPES: dict[type, _Shape] = {}


def _learn(kind: type) -> _Shape:
    names = [field.name for field in dataclasses.fields(kind) if field.init]
    slots = [getattr(kind, name, None) for name in names]
    plain = len(names) == len(dataclasses.fields(kind)) > 1 and not hasattr(kind, "__post_init__")
    if plain and all(isinstance(slot, MemberDescriptorType) for slot in slots):
        setters = tuple(slot.__set__ for slot in slots if isinstance(slot, MemberDescriptorType))
        shape = _Shape(attrgetter(*names), {name: place for place, name in enumerate(names)}, setters)
    else:
        shape = _Shape(None, {}, ())
    _SHAPES[kind] = shape
    return shape
