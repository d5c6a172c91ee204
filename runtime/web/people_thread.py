"""What was said in a conversation, as bubbles: by whom, what became of it, and what happened beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runtime.core.messages import OWN_CHATS
from runtime.records.talks import LineRow, Place, TalkTurn
from runtime.web.people_trace import Summary, summary_of, why_words
from runtime.web.people_words import Words


@dataclass(frozen=True, slots=True)
class File:
    """An attachment; without `href` nobody can open it here."""

    kind: str
    name: str
    size: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """`author` is customer, bot, operator, system or note; `by` and `at` are shown under the last one of a burst."""

    id: str
    author: str
    text: str
    by: str
    at: str
    follow: bool = False
    last: bool = True
    options: tuple[str, ...] = ()
    status: str = ""
    """sent, delivered, read, failed or withheld; empty where the channel tells nothing."""
    why: str = ""
    """Why it failed, in words."""
    files: tuple[File, ...] = ()
    sent_as: str = ""
    """The id under which a page sent it: it stands for what that page shows as under way."""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A thin line: something happened."""

    id: str
    icon: str
    words: str
    strong: str = ""
    """A name at its beginning."""


@dataclass(frozen=True, slots=True)
class Day:
    """The calendar's day begins."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What lies behind a bot's answer, closed."""

    id: str
    place: Place
    summary: Summary


Item = Bubble | System | Day | TraceLine


def thread_of(turns: Sequence[TalkTurn], words: Words, customer: str, bot: str) -> tuple[Item, ...]:
    """Everything of these turns in the order in which it happened."""
    items: list[Item] = []
    day = ""
    for turn in turns:
        at = moment(turn.entry)
        mine = list(_turn(turn, words, customer, bot))
        if mine and words.day(at) != day:
            day = words.day(at)
            items.append(Day(f"day-{at.astimezone(words.zone):%Y%m%d}", day))
        items += mine
    return tuple(_joined(items))


def moment(entry: Mapping[str, Any]) -> datetime:
    """When a turn was, real time."""
    return datetime.fromisoformat(str(entry["at"])).astimezone(UTC)


def id_of(place: Place) -> str:
    """A turn's place as part of an element's id."""
    return f"{place.session}-{place.turn}-{place.seq}"


def _turn(turn: TalkTurn, words: Words, customer: str, bot: str) -> Iterator[Item]:
    """The customer's words, what happened on them, the answer with its trace, and who takes over then."""
    key = id_of(turn.place)
    parts = {str(part.get("id", "")): part for part in turn.entry.get("parts", ())}
    files = _files(turn.entry)
    sent = [event for event in turn.entry.get("events", ()) if event.get("type") == "OperatorSaid"]
    happened = list(_happened(turn, words, key))
    yield from (item for late, item in happened if not late)
    for line in (line for line in turn.lines if line.direction == "in"):
        yield _said(line, key, words, customer, files.get(line.message_id, ()), moment(turn.entry))
    for line in (line for line in turn.lines if line.direction == "out"):
        wrote = sent.pop(0) if line.author == "operator" and sent else {}
        yield _part(line, key, turn, parts.get(line.part, {}), words, bot, wrote)
    if (summary := summary_of(turn, words)) is not None:
        yield TraceLine(f"t-{key}", turn.place, summary)
    yield from (item for late, item in happened if late)


def _said(line: LineRow, key: str, words: Words, customer: str, files: tuple[File, ...], at: datetime) -> Bubble:
    deleted = line.kind == "deleted"
    text = words("deleted") if deleted else line.text
    if not text and not files:
        text = words.named("kind", line.kind)
    shown = () if deleted else files
    return Bubble(f"m-{key}-{line.ordinal}", "customer", text, customer, words.clock(at), files=shown, deleted=deleted)


def _part(
    line: LineRow, key: str, turn: TalkTurn, part: Mapping[str, Any], words: Words, bot: str, wrote: Mapping[str, Any]
) -> Bubble:
    fate = turn.deliveries.get(line.part)
    tells = str(turn.entry.get("channel", "")) not in OWN_CHATS
    by = str(wrote.get("operator", "")) or words("team") if line.author == "operator" else bot
    status = fate.status if fate and (tells or fate.status == "withheld") else ""
    return Bubble(
        f"m-{key}-{line.ordinal}",
        line.author,
        line.text,
        by,
        words.clock(moment(turn.entry)),
        options=tuple(str(button.get("text", "")) for button in part.get("buttons", ())),
        status=status,
        why=why_words(fate, words) if fate and status == "failed" else "",
        files=tuple(_file(one) for one in part.get("attachments") or ()),
        sent_as=str(wrote.get("message_id", "")).removeprefix("operator:"),
    )


def _files(entry: Mapping[str, Any]) -> dict[str, tuple[File, ...]]:
    """What came with each message."""
    said = (event for event in entry.get("events", ()) if event.get("type") == "Said")
    return {
        str(message.get("id", "")): tuple(_file(one) for one in message.get("media") or ())
        for event in said
        for message in event.get("messages", ())
    }


def _file(one: Mapping[str, Any]) -> File:
    size = int(one.get("size") or 0)
    shown = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB" if size else ""
    return File(str(one.get("type", "")), str(one.get("name", "")), shown, str(one.get("file") or ""))


def _happened(turn: TalkTurn, words: Words, key: str) -> Iterator[tuple[bool, Item]]:
    """Notes and changes of hands; True for what comes after the answer."""
    clock = words.clock(moment(turn.entry))
    for number, record in enumerate(turn.entry.get("records", ())):
        kind, facts = str(record.get("kind", "")), record.get("facts") or {}
        name = f"r-{key}-{number}"
        if kind == "note":
            by = words("note_by", name=str(facts.get("operator", "")) or words("team"))
            yield False, Bubble(name, "note", str(facts.get("text", "")), by, clock)
        elif (line := _system(kind, facts, words)) is not None:
            late = kind in ("handoff.opened", "ticket.opened", "alert")
            yield late, System(name, *line)


def _system(kind: str, facts: Mapping[str, Any], words: Words) -> tuple[str, str, str] | None:
    """Icon, words and the name before them; None for what needs no line of its own."""
    operator = str(facts.get("operator", ""))
    match kind:
        case "handoff.opened":
            reason = str(facts.get("reason", ""))
            return ("hand", words.named("opened", reason), "") if reason != "takeover" else None
        case "handoff.claimed":
            return "hand", words("claimed"), operator
        case "handoff.closed":
            return "back", words.named("back", str(facts.get("how", ""))), ""
        case "ticket.opened":
            return "ticket", words("ticket", kind=words.named("ticket_kind", str(facts.get("kind", "")))), ""
        case "alert":
            return "warn", words.named("alert", str(facts.get("kind", ""))), ""
        case "act.refused":
            return "warn", words("act_refused"), operator
        case "action" if facts.get("operator"):
            return "calendar", words.named("acted", str(facts.get("action", ""))), operator
    return None


def _joined(items: Iterable[Item]) -> Iterator[Item]:
    """Bursts: bubbles of one author within a minute share a line of who and when; its fate stays with each."""
    found = list(items)
    for at, item in enumerate(found):
        if not isinstance(item, Bubble):
            yield item
            continue
        before = found[at - 1] if at else None
        after = found[at + 1] if at + 1 < len(found) else None
        follow, goes_on = _same(before, item), _same(item, after) and not item.status
        yield dataclasses.replace(item, follow=follow, last=not goes_on)


def _same(one: Item | None, other: Item | None) -> bool:
    if not isinstance(one, Bubble) or not isinstance(other, Bubble) or one.author == "note":
        return False
    return (one.author, one.by, one.at) == (other.author, other.by, other.at)
