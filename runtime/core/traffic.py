"""How much one contact writes: a flood, a talk between two machines. Counted in the session, bounded, pure.

A flood is more messages a minute, or a day, than the tenant lets one contact have; it is over after a minute of quiet.
A loop is the same text again and again, or our own words coming back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from runtime.core.changing import replace

CALM_S = 60
QUICK_S = 4
"""Faster than a person reads, finds an answer and types it."""
SHORT, LONG = 12, 40
"""Characters: a person may say something this short again and again; something this long nobody types three times."""
AGAIN, AGAIN_SLOWLY = 3, 5


@dataclass(frozen=True, slots=True)
class Traffic:
    """What came from this contact lately."""

    since: datetime | None = None
    count: int = 0
    day: str = ""
    today: int = 0
    flooding: bool = False
    same: str = ""
    """Fingerprint of the last text."""
    repeats: int = 0
    looping: bool = False
    model_calls: int = 0
    """How often a model was asked since `since`."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Fixed texts that are said once a day, with the day on which they were."""


NO_TRAFFIC = Traffic()


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages that one contact may send; 0 is no limit."""

    minute: int
    day: int


def counted(traffic: Traffic, messages: int, now: datetime, limits: Limits) -> Traffic:
    """The traffic with this turn's messages in it, and whether that is a flood."""
    calm = traffic.since is None or (now - traffic.since).total_seconds() >= CALM_S
    count = messages if calm else traffic.count + messages
    day = now.date().isoformat()
    today = messages if day != traffic.day else traffic.today + messages
    flooding = bool(limits.minute and count > limits.minute) or bool(limits.day and today > limits.day)
    since = now if calm or flooding else traffic.since
    calls = 0 if calm else traffic.model_calls
    return replace(traffic, since=since, count=count, day=day, today=today, flooding=flooding, model_calls=calls)


def repeated(traffic: Traffic, mark: str, length: int, *, quick: bool, ours: bool) -> Traffic:
    """The traffic with this text in it, and whether another machine seems to be talking."""
    repeats = traffic.repeats + 1 if ours or mark == traffic.same else 1
    needed = AGAIN if ours or length >= LONG or (quick and length > SHORT) else AGAIN_SLOWLY
    looping = repeats >= needed and (ours or length > SHORT)
    return replace(traffic, same=mark, repeats=repeats, looping=looping)
