"""The list's rows and groups in words: who has a conversation, where it stands, how long somebody waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from runtime.core.business import Business
from runtime.records.people import EPISODE, ListedRow, Page
from runtime.web.people_words import Words, masked, words_for

LIVE = timedelta(minutes=3)
"""A conversation with a turn within this is under way."""
LONGEST_SNIPPET = 160
LONGEST_WAIT_MIN = 24 * 60


class Businesses(Protocol):
    """Who knows a tenant's business."""

    def __call__(self, tenant: str) -> Business | None: ...


@dataclass(frozen=True, slots=True)
class Pill:
    """A state in a few words; `look` is its colour."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """Somebody waits since `since` and was promised an answer by `due`: the page counts on from there."""

    since: str
    due: str
    words: str
    look: str


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list."""

    tenant: str
    id: str
    business: str
    name: str
    initials: str
    """Empty where the bot has it: then its face is shown."""
    channel: str
    channel_name: str
    at: str
    when: str
    snippet: str
    pills: tuple[Pill, ...]
    clock: Clock | None
    unread: bool
    language: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    id: str
    heading: str
    rows: tuple[Row, ...]


def groups_of(page: Page, operator: str, language: str, business_of: Businesses) -> tuple[Group, ...]:
    """The page's rows: who waits, who is mine, who is with colleagues, the others."""
    found: dict[str, list[Row]] = {}
    for row in (*page.people, *page.others):
        business = business_of(row.tenant)
        words = words_for(language, business.timezone if business else "UTC")
        found.setdefault(_group(row, operator, words.now), []).append(_row(row, operator, words, business))
    words = words_for(language, "UTC")
    order = ("waiting", "mine", "colleagues", "bot", "closed")
    return tuple(Group(one, words(f"group.{one}"), tuple(found[one])) for one in order if one in found)


def _group(row: ListedRow, operator: str, now: datetime) -> str:
    if row.phase == "queued":
        return "waiting"
    if row.phase == "owned":
        return "mine" if row.owner == operator else "colleagues"
    return "closed" if is_closed(row, now) else "bot"


def is_closed(row: ListedRow, now: datetime) -> bool:
    """Closed as done by a person and quiet since, or quiet for a day."""
    done = row.closed_at is not None and (row.said_at is None or row.said_at <= row.closed_at)
    return done or row.last_at <= now - EPISODE


def _row(row: ListedRow, operator: str, words: Words, business: Business | None) -> Row:
    with_people = row.phase in ("queued", "owned")
    name = row.name or masked(row.phone) or words("guest", channel=words.named("channel", row.channel))
    unread = with_people and row.said_at is not None and (row.read_at is None or row.read_at < row.said_at)
    return Row(
        tenant=row.tenant, id=row.id, business=business.name if business else row.tenant, name=name,
        initials=initials(row.name) if with_people else "", channel=row.channel,
        channel_name=words.named("channel", row.channel), at=row.last_at.isoformat(), when=words.short(row.last_at),
        snippet=_snippet(row, words), pills=tuple(_pills(row, operator, words)), clock=clock_of(row, words, business),
        unread=unread, language=row.language,
    )  # fmt: skip


def _snippet(row: ListedRow, words: Words) -> str:
    if row.kind == "deleted":
        return words("deleted")
    text = " ".join(row.text.split())[:LONGEST_SNIPPET] or (words.named("kind", row.kind) if row.kind else "")
    who = {"bot": words("bot"), "system": words("bot"), "operator": row.owner or words("team")}.get(row.author, "")
    return f"{who}: {text}" if who and text else text


def _pills(row: ListedRow, operator: str, words: Words) -> Iterable[Pill]:
    if row.phase == "queued":
        yield Pill(words("wants_person"), "person plain")
    elif row.phase == "owned":
        yield Pill(words("mine") if row.owner == operator else words("with", name=row.owner), "person")
    elif is_closed(row, words.now):
        yield Pill(words("closed"), "plain")
        return
    if row.flow:
        live = " live" if row.phase == "bot" and words.now - row.last_at < LIVE else ""
        yield Pill(where_words(row.flow, row.line, words), f"accent{live}" if row.phase == "bot" else "plain")


def where_words(flow: str, line: str, words: Words) -> str:
    """A flow and the line it stands at: "Termin buchen · Zeit"."""
    stands = line_words(line, words)
    return f"{words.named('flow', flow)} · {stands}" if stands else words.named("flow", flow)


def line_words(line: str, words: Words) -> str:
    """A line of a flow as people call it: "collect phone" is the phone, "act booking.book" the booking."""
    kind, _, about = line.partition(" ")
    match kind:
        case "collect" | "choose":
            return words.named("slot", about)
        case "act":
            return words.named("action", about)
        case "confirm" | "wait" | "handoff" | "ticket" | "call":
            return words(f"line.{kind}")
    return ""


def clock_of(row: ListedRow, words: Words, business: Business | None) -> Clock | None:
    """How long somebody waits, against what was promised or what the house allows itself."""
    if row.phase not in ("queued", "owned") or row.waiting_since is None or business is None:
        return None
    policies = business.policies
    minutes = policies.handoff_minutes if row.phase == "queued" else policies.sla_min
    due = row.waiting_since + timedelta(minutes=max(1, minutes))
    text, look = clock_words(due, words)
    return Clock(row.waiting_since.astimezone(UTC).isoformat(), due.astimezone(UTC).isoformat(), text, look)


def clock_words(due: datetime, words: Words) -> tuple[str, str]:
    """ "Frist in 6 Min.", "3 Min. über Frist". The page's script says the same (`clock` in desk.js)."""
    left = int((due - words.now).total_seconds() // 60)
    if left >= 0:
        return words("due_in", n=max(1, left)), "warn"
    over = -left
    return (words("over_by", n=over), "bad") if over < 120 else (words("over_by_hours", n=over // 60), "bad")


def initials(name: str) -> str:
    """Of the first and the last word."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def tab_counts(counts: Mapping[str, int]) -> Sequence[tuple[str, int | None]]:
    """The list's views in order, with how many are in them where people want to know."""
    return (
        ("waiting", counts["waiting"]), ("mine", counts["mine"]), ("bot", None), ("all", None), ("closed", None),
    )  # fmt: skip
