"""A dialog test from a recorded conversation: what the customer said and what came back, with made-up names.

The test is played once before it is kept. Where its desk answers otherwise than the recorded one did, because other
people's appointments are not part of a test, it expects what it answers, and whoever saves it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from runtime.core.business import Desk
from runtime.core.events import Pressed, Said, TimerFired
from runtime.dialogs import Played, Start, play
from runtime.errors import ConfigurationError
from runtime.records.tenants import canonical
from runtime.replay.madeup import MadeUp
from runtime.replay.past import PastDesks
from runtime.replay.recorded import RecordedTurn
from runtime.settings import CONFIGS
from runtime.tenants import read_tenant

WAIT_S = 600
"""A pause of at least so long is part of the test."""
_TRIES = 4
_OWN = {"Said", "Pressed", "Understood", "Answered", "Acted", "Delivered"}


@dataclass(slots=True)
class Saved:
    """The dialog file in the making, and what could not come along."""

    head: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, str]] | None = None
    notes: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """The file."""
        content = {**self.head, "dialog": self.lines}
        if self.appointments is not None:
            content["appointments"] = self.appointments
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
        path.write_text(text, encoding="utf-8")


async def save_test(path: Path, turns: Sequence[RecordedTurn], past: PastDesks, start: Start) -> list[str]:
    """Write the test of a session; returns what the reader should know of it."""
    opening = turns[0].opening
    if opening is None:
        raise ConfigurationError("The beginning of this session is not in the records; no test can be made of it.")
    desk = await past.desk(opening, turns[0])
    document = await past.document(opening.tenant, turns[0])
    zone = ZoneInfo(desk.business.timezone)
    saved = Saved(_head(path, turns[0], document, zone, opening.language))
    saved.lines = list(_lines(turns, MadeUp(turns, desk), saved.notes))
    if not saved.lines:
        raise ConfigurationError("Nothing was said in this session that a test could say again.")
    _foreseen(desk, past, saved)
    await _settle(path, saved, start)
    return saved.notes


def _foreseen(desk: Desk, past: PastDesks, saved: Saved) -> None:
    own = [name for name, flow in desk.flows.items() if past.book.flows.get(name, flow).hash != flow.hash]
    if own:
        saved.notes.append(f"The test plays with the flows that come with Frontdesk; then there were others: {own}.")


def _head(
    path: Path, first: RecordedTurn, document: Mapping[str, Any], zone: ZoneInfo, language: str
) -> dict[str, Any]:
    now = datetime.fromisoformat(first.raw["now"]).astimezone(zone)
    head: dict[str, Any] = {"about": f"A recorded conversation of {now:%Y-%m-%d}, with made-up names."}
    demo = _demo(document)
    if demo:
        head["tenant"] = demo
    else:
        # Not *.yaml: a folder of tests is searched for these.
        business = path.with_suffix(".business.yml")
        plain = {name: value for name, value in document.items() if name != "connections"}
        business.write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
        head["tenant_file"] = business.name
    return {**head, "now": f"{now:%Y-%m-%dT%H:%M}", "language": language}


def _demo(document: Mapping[str, Any]) -> str:
    """The business that comes with Frontdesk, when this is one, unchanged."""
    for path in sorted((CONFIGS / "demo").glob("*.yaml")):
        if yaml.safe_load(path.read_text(encoding="utf-8")).get("tenant") == document.get("tenant"):
            return str(document["tenant"]) if _same(path, document) else ""
    return ""


def _same(path: Path, document: Mapping[str, Any]) -> bool:
    return canonical(read_tenant(path.read_text(encoding="utf-8"), str(path)).raw)[1] == canonical(document)[1]


def _lines(turns: Sequence[RecordedTurn], made_up: MadeUp, notes: list[str]) -> Iterator[dict[str, Any]]:
    """Turn by turn, as long as a customer alone can play them."""
    before: RecordedTurn | None = None
    for turn in turns:
        if turn.seq or all(isinstance(event, TimerFired) for event in turn.events):
            continue
        said = _said(turn, before, made_up)
        if said is None:
            notes.append(f"The test ends before {turn.place}: what happened there is more than a customer's own words.")
            return
        if before is not None and (pause := _pause_s(before, turn)) >= WAIT_S:
            yield {"wait": f"{pause // 60}m"}
        replies = [made_up.text(part["text"]) for part in turn.parts]
        yield {**said, "expect": replies} if replies else said
        before = turn


def _said(turn: RecordedTurn, before: RecordedTurn | None, made_up: MadeUp) -> dict[str, Any] | None:
    own = [event for event in turn.events if isinstance(event, Said | Pressed)]
    if {type(event).__name__ for event in turn.events} - _OWN or len(own) != 1:
        return None
    event = own[0]
    if isinstance(event, Said):
        texts = [message.text for message in event.messages if message.text]
        return {"said": made_up.text("\n".join(texts))} if texts else None
    buttons = [button for part in (before.parts if before else ()) for button in part.get("buttons", ())]
    label = next((button["text"] for button in buttons if button["payload"] == event.payload), "")
    return {"press": label} if label else None


def _pause_s(before: RecordedTurn, turn: RecordedTurn) -> int:
    moments = [datetime.fromisoformat(one.raw["now"]) for one in (before, turn)]
    return int((moments[1] - moments[0]).total_seconds())


async def _settle(path: Path, saved: Saved, start: Start) -> None:
    """Play the test until it expects what its own desk answers; what had to change is noted."""
    for _ in range(_TRIES):
        saved.write(path)
        (played,) = await play([path], start)
        if saved.appointments is None:
            saved.appointments = [_appointment(one) for one in played.booked]
        elif not played.complaints:
            return
        _mend(saved, played)
    saved.write(path)


def _appointment(one: Mapping[str, Any]) -> dict[str, str]:
    return {"service": str(one["service"]), "start": str(one["start"])[:16], "status": str(one["status"])}


def _mend(saved: Saved, played: Played) -> None:
    if len(played.shown) < len(saved.lines):
        saved.notes.append(
            f"The test ends at line {len(played.shown)}: its desk does not show the button pressed there."
        )
        del saved.lines[len(played.shown) :]
    for number, (line, shown) in enumerate(zip(saved.lines, played.shown, strict=True), 1):
        wanted = line.get("expect", [])
        if any(text.casefold() not in shown.casefold() for text in wanted):
            saved.notes.append(f"Line {number} expects what the test's desk answers; then it was: {' '.join(wanted)}")
            line["expect"] = [shown]
