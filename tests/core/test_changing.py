"""The core's own `replace` against the standard one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Draft, Frame, Question
from runtime.core.values import When

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
VALUES: tuple[Any, ...] = (
    Conversation("t", "c", "s", "api", "api", "chat", "contact", "de", turn=3, facts={"name": "Jana"}),
    Draft(said="Hallo", fresh=("name",)),
    Frame("book_appointment", "hash", NOW, shown=("a", "b")),
    Question("q", "slot", "name", NOW),
    When(anything=True),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_each_field_changes_as_with_the_standard_library(value: Any) -> None:
    for each in dataclasses.fields(value):
        mark = object()
        change: dict[str, Any] = {each.name: mark}
        ours, theirs = replace(value, **change), dataclasses.replace(value, **change)
        assert ours == theirs and type(ours) is type(theirs)
        assert getattr(ours, each.name) is mark
    assert replace(value) == value and replace(value) is not value


def test_what_was_changed_stays_as_it_was() -> None:
    before = Draft(said="Hallo")
    assert replace(before, said="Tag", late=True) == Draft(said="Tag", late=True)
    assert before == Draft(said="Hallo")


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="sayed"):
        replace(Draft(), sayed="Hallo")  # type: ignore[call-arg]  # the mistake under test


@dataclass(frozen=True, slots=True)
class Checked:
    """Looks at itself when it is made."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("upside down")


@dataclass(frozen=True)
class Loose:
    """Has no slots, and a field that is not for callers."""

    name: str
    size: int = field(init=False, default=1)


def test_classes_that_do_more_than_hold_fields_are_left_to_the_standard_library() -> None:
    with pytest.raises(ValueError, match="upside down"):
        replace(Checked(1, 2), low=3)
    assert replace(Loose("a"), name="b") == Loose("b")
