"""What lies behind a turn, in words: which stage understood what, the way through the flow, actions, time and cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.core.events import Spent
from runtime.core.flows import ActLine, Choose, Collect, Confirm, Flow, Line, WaitLine
from runtime.records.talks import TalkTurn
from runtime.records.timelines import DeliveryRow
from runtime.web.people_rows import line_words
from runtime.web.people_words import Words

_PLAIN = ("words", "question", "value", "sets", "another", "when")
_KINDS = {"read": "read", "write": "write"}
_LANES = {
    "gather": 6, "take": 6, "understand": 1, "answer": 5, "read": 2, "write": 2, "intent": 6, "commit": 6, "deliver": 4,
}  # fmt: skip
"""Which colour of the plots a stage has."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A turn in one line: what happened, what it cost, how long it took."""

    what: str
    cost: str
    ms: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """One command: as the machine got it, the customer's words for it, and who found it."""

    code: str
    words: str
    stage: str
    look: str


@dataclass(frozen=True, slots=True)
class Did:
    """One action with its outcome; `facts` are what came back."""

    name: str
    words: str
    write: bool
    outcome: str
    good: bool
    ms: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """A model that was asked: tokens in and out, money where prices are configured."""

    model: str
    tokens: str
    cost: str
    ms: str


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer rests on."""

    question: str
    sources: tuple[str, ...]
    known: bool
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A line of a flow: done, on (here it waits), or todo."""

    words: str
    state: str
    write: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A flow with its lines, and how it stands: runs, waits below another one, or is over."""

    flow: str
    state: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A stage in time; `left` and `width` are in thousandths of the whole."""

    name: str
    note: str
    ms: str
    left: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything about one turn."""

    summary: Summary
    understood: tuple[Understanding, ...]
    understood_ms: str
    ways: tuple[Way, ...]
    actions: tuple[Did, ...]
    sources: tuple[Source, ...]
    answer_ms: str
    delivered: tuple[tuple[str, str], ...]
    lanes: tuple[Lane, ...]
    scale: tuple[str, ...]
    tokens: str
    models: tuple[Used, ...]
    trace: str


def summary_of(turn: TalkTurn, words: Words) -> Summary | None:
    """The closed line; None for a turn in which the desk itself did nothing."""
    entry = turn.entry
    by_bot = any(part.get("author") == "bot" for part in entry.get("parts", ()))
    if not (by_bot or entry.get("actions") or _of_type(entry, "Understood")):
        return None
    return Summary(", ".join(_what(entry, words)) or words("did_tell"), _cost(entry, words), words.ms(_whole_ms(turn)))


def trace_of(turn: TalkTurn, flows: Mapping[str, Flow], words: Words) -> Trace:
    """All of it."""
    entry = turn.entry
    lanes, scale = _lanes(turn, words)
    spent = _spent(entry)
    tokens = f"{sum(one.tokens_in for one in spent)} + {sum(one.tokens_out for one in spent)}" if spent else ""
    return Trace(
        summary=summary_of(turn, words) or Summary(words("did_nothing"), "", words.ms(_whole_ms(turn))),
        understood=tuple(_understood(turn, words)),
        understood_ms=_ms_of(entry, "understand", words),
        ways=tuple(ways_of(turn, flows, words)),
        actions=tuple(_actions(entry, words)),
        sources=tuple(_sources(entry)),
        answer_ms=_ms_of(entry, "answer", words),
        delivered=tuple(_delivered(turn, words)),
        lanes=lanes, scale=scale, tokens=tokens, models=tuple(_used(spent, words)),
        trace=str(entry.get("trace", ""))[:32],
    )  # fmt: skip


def _of_type(entry: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [event for event in entry.get("events", ()) if event.get("type") == kind]


def _what(entry: Mapping[str, Any], words: Words) -> Iterator[str]:
    """What happened, in the order in which people care."""
    for action in entry.get("actions", ()):
        name, outcome = str(action.get("action", "")), str(action.get("outcome", ""))
        if words.has(f"did.{name}"):
            yield words(f"did.{name}") if outcome == "done" else words("did_not", what=words.named("action", name))
    for answered in _of_type(entry, "Answered"):
        yield words("did_answer") if answered.get("text") else words("did_not_answer")
    if any(record.get("kind") == "handoff.opened" for record in entry.get("records", ())):
        yield words("did_hand_over")
    found = [one for event in _of_type(entry, "Understood") for one in event.get("commands", ())]
    stages = dict.fromkeys(_stage(str(one), words) for one in entry.get("stages", ()))
    if found:
        yield words.many("did_understand", len(found)).replace("{stages}", words("and").join(stages) or words("rules"))
    elif _of_type(entry, "Pressed"):
        yield words("did_press")


def _stage(stage: str, words: Words) -> str:
    return words.named("stage", stage.partition(":")[0])


def _spent(entry: Mapping[str, Any]) -> list[Spent]:
    """What models cost."""
    found = [event.get("spent") for event in entry.get("events", ())]
    return [
        Spent(
            str(one.get("model", "")), int(one.get("calls", 1)), int(one.get("tokens_in", 0)),
            int(one.get("tokens_out", 0)), float(one.get("money", 0)), float(one.get("ms", 0)),
        )
        for one in found
        if one
    ]  # fmt: skip


def _cost(entry: Mapping[str, Any], words: Words) -> str:
    spent = _spent(entry)
    if not spent:
        return words("no_model")
    money = sum(one.money for one in spent)
    tokens = sum(one.tokens_in + one.tokens_out for one in spent)
    return words.money(money, words.currency) if money else words("tokens", n=tokens)


def _used(spent: Sequence[Spent], words: Words) -> Iterator[Used]:
    for one in spent:
        name = f"{one.model} ×{one.calls}" if one.calls > 1 else one.model
        cost = words.money(one.money, words.currency) if one.money else ""
        yield Used(name, words("tokens_of", given=one.tokens_in, got=one.tokens_out), cost, words.ms(one.ms))


def _whole_ms(turn: TalkTurn) -> float:
    """From its beginning until the provider had its last part."""
    sent = [news.ms for news in turn.deliveries.values() if news.ms]
    return float(turn.entry.get("ms") or 0) + sum(sent)


def _steps(entry: Mapping[str, Any]) -> list[tuple[str, float, float, str]]:
    return [(str(name), float(at), float(ms), str(outcome)) for name, at, ms, outcome in entry.get("steps", ())]


def _ms_of(entry: Mapping[str, Any], stage: str, words: Words) -> str:
    found = [ms for name, _, ms, _ in _steps(entry) if name == stage]
    return words.ms(sum(found)) if found else ""


def _understood(turn: TalkTurn, words: Words) -> Iterator[Understanding]:
    hidden = any(line.kind == "deleted" for line in turn.lines)
    for event in _of_type(turn.entry, "Understood"):
        stages = [str(one) for one in event.get("stages", ())]
        kinds = event.get("kinds", ())
        for number, (kind, command) in enumerate(zip(kinds, event.get("commands", ()), strict=False)):
            stage = stages[number] if number < len(stages) else ""
            said = str(command.get("words") or command.get("question") or "")
            look = "" if stage.startswith("rules") else "accent"
            yield Understanding(_code(str(kind), command), "" if hidden else said, _stage(stage, words), look)


def _code(kind: str, command: Mapping[str, Any]) -> str:
    """A command as the machine has it: `set service = haircut_men`."""
    if kind == "Set":
        return f"set {command.get('slot', '')} = {_value(command.get('value'))}"
    rest = [str(value) for name, value in command.items() if name not in _PLAIN and value not in ("", None, [], False)]
    return " ".join((kind.lower(), *(one for one in rest if one != "True")))


def _value(value: object) -> str:
    """A slot's value; of a wished time what is set in it."""
    if not isinstance(value, dict):
        return str(value)
    told = (one for one in value.values() if one not in (None, [], "", False))
    return " ".join("/".join(map(str, one)) if isinstance(one, list) else str(one) for one in told)[:80]


def _actions(entry: Mapping[str, Any], words: Words) -> Iterator[Did]:
    steps = [(name, ms) for name, _, ms, _ in _steps(entry) if name.partition(" ")[0] in _KINDS]
    results = {str(event.get("key", "")): event.get("outcome") or {} for event in _of_type(entry, "Acted")}
    for action in entry.get("actions", ()):
        name, outcome = str(action.get("action", "")), str(action.get("outcome", ""))
        step = next((one for one in steps if one[0].partition(" ")[2] == name), None)
        result = results.get(str(action.get("key", "")), {})
        facts = tuple((str(key), str(value)) for key, value in (result.get("values") or {}).items() if value != "")
        offers = tuple(
            ("→", str((one.get("values") or {}).get("start", one.get("id", "")))) for one in result.get("offers") or ()
        )
        yield Did(
            name, words.named("action", name), bool(step and step[0].startswith("write")), outcome,
            result.get("kind") == "done", words.ms(step[1]) if step else "", (*facts, *offers)[:10],
        )  # fmt: skip


def _sources(entry: Mapping[str, Any]) -> Iterator[Source]:
    for answered in _of_type(entry, "Answered"):
        text = str(answered.get("text", ""))
        yield Source(str(answered.get("question", "")), tuple(map(str, answered.get("sources", ()))), bool(text), text)


def _delivered(turn: TalkTurn, words: Words) -> Iterator[tuple[str, str]]:
    """Each part's fate in words, and how long its last try took."""
    channel = words.named("channel", str(turn.entry.get("channel", "")))
    for part in turn.entry.get("parts", ()):
        news = turn.deliveries.get(str(part.get("id", "")))
        status = words(f"status.{news.status}") if news else words("shown")
        why = f": {why_words(news, words)}" if news and news.status == "failed" else ""
        yield f"{channel}, {status}{why}", words.ms(news.ms) if news and news.ms else ""


def why_words(news: DeliveryRow, words: Words) -> str:
    """Why a part failed and what helps, with the provider's number for whoever looks it up."""
    told = words(f"why.{news.why}") if words.has(f"why.{news.why}") else words("why.unknown")
    return f"{told} ({news.code})" if news.code else told


def ways_of(turn: TalkTurn, flows: Mapping[str, Flow], words: Words) -> Iterator[Way]:
    """The flows that ran in this turn, the one that runs now first, as they stood at its end."""
    hashes = {**(turn.before.get("flows") or {}), **(turn.entry.get("flows") or {})}
    places = [(str(one[0]), int(one[1])) for one in turn.entry.get("places") or ()]
    for number, (name, at) in enumerate(reversed(places)):
        if (flow := flows.get(str(hashes.get(name, "")))) is not None:
            yield way_of(flow, at, words, state="below" if number else "runs")
    here = {name for name, _ in places}
    wrote = any(str(action.get("outcome")) == "done" for action in turn.entry.get("actions", ()))
    for name, at, *_ in turn.before.get("places") or ():
        flow = flows.get(str(hashes.get(str(name), "")))
        if str(name) not in here and flow is not None:
            yield way_of(flow, len(flow.lines) if wrote else int(at), words, state="done" if wrote else "left")


def way_of(flow: Flow, at: int, words: Words, *, state: str) -> Way:
    """A flow's lines that people know something about, as they stand with the flow at this one."""
    lines = [(number, line) for number, line in enumerate(flow.lines) if isinstance(line, _TOLD)]
    waits = next((number for number, _ in lines if number >= at), None)
    nodes = []
    for number, line in lines:
        stands = "done" if number < at else "on" if number == waits and state in ("runs", "below") else "todo"
        nodes.append(Node(_line_words(line, words), stands, isinstance(line, ActLine) and line.write))
    return Way(words.named("flow", flow.id), state, tuple(nodes))


_TOLD = (Collect, Choose, ActLine, Confirm, WaitLine)


def _line_words(line: Line, words: Words) -> str:
    match line:
        case Choose():
            return words("line.choose")
        case Collect(slot):
            return words.named("slot", slot)
        case ActLine(action):
            return words.named("action", action)
        case Confirm():
            return line_words("confirm", words)
    return line_words("wait", words)


def _lanes(turn: TalkTurn, words: Words) -> tuple[tuple[Lane, ...], tuple[str, ...]]:
    """The stages beside each other in time, with a scale of five marks."""
    steps = _steps(turn.entry)
    end = max((at + ms for _, at, ms, _ in steps), default=0.0)
    for news in turn.deliveries.values():
        if news.ms:
            steps.append(("deliver", end, news.ms, words(f"status.{news.status}")))
            end += news.ms
    begin = min((at for name, at, _, _ in steps if name != "gather"), default=0.0)
    shown = [step for step in steps if step[0] != "gather"]
    whole = max(end - begin, 1.0)
    lanes = tuple(_lane(step, begin, whole, words) for step in shown)
    return lanes, tuple(words.ms(whole * part / 4) if part else "0" for part in range(5))


def _lane(step: tuple[str, float, float, str], begin: float, whole: float, words: Words) -> Lane:
    name, at, ms, outcome = step
    stage, _, about = name.partition(" ")
    left = int((at - begin) / whole * 1000)
    title = words.named("step", stage) + (f": {words.named('action', about)}" if about else "")
    width = max(6, int(ms / whole * 1000))
    return Lane(
        title,
        outcome.replace("rules:", ""),
        words.ms(ms),
        min(left, 994),
        min(width, 1000 - min(left, 994)),
        _LANES.get(stage, 3),
    )


def path_words(ways: Sequence[Way]) -> tuple[Node, ...]:
    """The way in one line: what is done around here, where it waits."""
    nodes = ways[0].nodes if ways else ()
    at = next((number for number, node in enumerate(nodes) if node.state == "on"), len(nodes))
    return nodes[max(0, at - 2) : at + 1]
