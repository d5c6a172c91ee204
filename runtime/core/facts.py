"""The facts of a running flow: what an action is given, what a confirm sums up, what a saying is filled with. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.core.conversation import Conversation, Frame, fingerprint, flow_of
from runtime.core.flows import ActLine, Flow
from runtime.core.values import Value


def values_of(conversation: Conversation, frame: Frame) -> dict[str, Value]:
    """All that is known in a flow: slot values, the facts of chosen options, then what was chosen from offers.

    The facts of a chosen offer carry its slot's name: `appointment_start` is when the appointment stands now.
    """
    values: dict[str, Value] = {name: filled.value for name, filled in frame.slots.items()}
    values |= _option_facts(conversation, frame)
    for name, offer in frame.chosen.items():
        values |= {**{f"{name}_{fact}": text for fact, text in offer.facts.items()}, **offer.values}
    return values


def _option_facts(conversation: Conversation, frame: Frame) -> dict[str, Value]:
    """What the business says of a chosen option, such as a service's price and minutes."""
    flow = flow_of(conversation, frame)
    facts: dict[str, Value] = {}
    if flow is None or conversation.desk is None:
        return facts
    for name, slot in flow.slots.items():
        if slot.type != "choice" or name not in frame.slots:
            continue
        for option in conversation.desk.options.get(slot.options, ()):
            if option.id == frame.slots[name].value:
                facts |= option.facts
    return facts


def say_values(conversation: Conversation, frame: Frame) -> dict[str, Value]:
    """What a saying may name: the values, what reads found (`<into>_<name>`), and what the flow's write did."""
    values = values_of(conversation, frame)
    for into, result in frame.results.items():
        values |= {f"{into}_{name}": value for name, value in result.values.items()}
        values[f"{into}_items"] = ";".join("|".join(o.facts.get(k, "") for k in _ITEM) for o in result.offers)
    done = conversation.done
    return {**values, **done.values} if done is not None and done.flow == frame.flow else values


_ITEM = ("start", "service", "staff")


def named(name: str, values: Mapping[str, Value]) -> str:
    """A saying's name with {value} parts filled in: one flow can word itself by what it is about."""
    for key, value in values.items():
        name = name.replace("{" + key + "}", str(value)) if "{" in name else name
    return name


def bound_facts(conversation: Conversation, frame: Frame, flow: Flow) -> str:
    """The fingerprint that a yes is bound to: values, price and the flow's version."""
    return fingerprint(flow.hash, sorted((n, repr(v)) for n, v in values_of(conversation, frame).items()))


def arguments(conversation: Conversation, frame: Frame, line: ActLine) -> Mapping[str, Value]:
    """What an action is given: the slots it reads, choices made, and for a read how to search on."""
    values = values_of(conversation, frame)
    if line.reads is not None:
        chosen = {name for offer in frame.chosen.values() for name in offer.values}
        values = {n: v for n, v in values.items() if n in line.reads or n in chosen}
    for name in ("name", "phone"):
        if name not in values and name in conversation.facts and line.reads is None:
            values[name] = conversation.facts[name]
    return values if line.write else {**values, **frame.refine}
