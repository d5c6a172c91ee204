"""People wished for in an order ("anna,paul" or "anna,*"): who comes after whom, and which branch held. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from runtime.core.events import Outcome
from runtime.core.values import ANY, Value


def people_in_order(wished: str) -> tuple[str, ...]:
    """The ids in the order in which they are tried; "" stands for anybody."""
    return tuple("" if one.strip() == ANY else one.strip() for one in wished.split(",")) if wished else ("",)


def with_branch(outcome: Outcome, order: Sequence[str], held: str) -> Outcome:
    """The outcome, and who it is instead of whom when the first choice was not to be had."""
    if held == order[0] or outcome.values.get("notice") or not outcome.offers:
        return outcome
    values: dict[str, Value] = {**outcome.values, "notice": "staff_else", "staff_a": order[0]}
    people = {str(offer.values.get("staff", "")) for offer in outcome.offers}
    if len(people) == 1:
        values["staff_b"] = people.pop()
    return dataclasses.replace(outcome, values=values)
