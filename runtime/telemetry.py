"""Log lines and counters, for every part of the program.

A leaf: it imports nothing of ours but settings and knows no tenant, channel or store. Log lines carry what the code
around them said with `about(tenant=..., conversation=...)`, and never a phone number, a token or a secret in full.
Counting is two dictionary look-ups; the Prometheus text is only made when somebody asks for it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import accumulate

from runtime.settings import Settings

FIELDS = ("tenant", "conversation", "turn", "connector", "trace")
"""What a log line may be about, in this order."""

OURS = ("runtime", "channels", "skills", "knowledge", "__main__")
"""Whose lines follow the level that is set; everybody else only speaks from WARNING on."""

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_about: ContextVar[dict[str, str]] = ContextVar("frontdesk_about", default={})  # noqa: B039 - never changed in place

# Most specific first: a bot token begins with a run of digits that would pass for a phone number.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{20,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 [secret]"),
    (re.compile(r"(?i)\b((?:api[_-]?key|token|secret|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]{6,}"), r"\1[secret]"),
    (re.compile(r"\b(?:sk|pk|rk|xoxb|ghp)[-_][A-Za-z0-9_-]{12,}"), "[secret]"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), r"\1[secret]@"),
    # What pydantic could not read is shown by it in full, and may be what a customer wrote.
    (re.compile(r"input_value=.*?(?=, input_type=|$)", re.DOTALL), "input_value=[hidden]"),
)
# Seven digits or more, as people write phone numbers; not an ISO date, and not a piece of a longer id.
_PHONE = re.compile(r"(?<!\w)(?!\d{4}-\d\d-\d\d(?!\d))\+?\(?\d(?:[ ()/-]{0,2}\d){6,}(?!\w)")


def redact(text: str) -> str:
    """The text without tokens, secrets and refused input, and with phone numbers reduced to their last two digits."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _PHONE.sub(lambda found: f"[..{found[0][-2:]}]", text)


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Give every log line inside these fields (see FIELDS), on top of those that already hold."""
    token = _about.set({**_about.get(), **{name: str(value) for name, value in fields.items()}})
    try:
        yield
    finally:
        _about.reset(token)


def about_now(**fields: object) -> None:
    """As `about`, to the end of the task at hand: for work that has a task of its own."""
    _about.set({**_about.get(), **{name: str(value) for name, value in fields.items()}})


class _Lines(logging.Formatter):
    """What both forms share: the fields of a record, and the last look at every text before it leaves."""

    converter = time.gmtime  # type: ignore[assignment] # the stub calls its optional argument a must

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """Set by `about`, or for one line by `extra={"tenant": ...}`, which wins."""
        around = _about.get()
        values = {name: record.__dict__.get(name, around.get(name)) for name in FIELDS}
        return {name: str(value) for name, value in values.items() if value not in (None, "")}

    def trouble(self, record: logging.LogRecord) -> str:
        """The traceback, when there is one."""
        return redact(self.formatException(record.exc_info)) if record.exc_info else ""


class TextLines(_Lines):
    """One line for people: time, level, module, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        fields = "".join(f" {name}={value}" for name, value in self.fields(record).items())
        at = self.formatTime(record, "%H:%M:%S")
        line = f"{at} {record.levelname:<7} {record.name}: {redact(record.getMessage())}{fields}"
        trouble = self.trouble(record)
        return f"{line}\n{trouble}" if trouble else line


class JsonLines(_Lines):
    """One JSON object a line for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        at = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z"
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": redact(record.getMessage())}
        line |= self.fields(record)
        if trouble := self.trouble(record):
            line["error"] = trouble
        return json.dumps(line, ensure_ascii=False)


def configure_logging(settings: Settings) -> None:
    """Send all log lines to stderr, in the form and from the level that the settings name. May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log == "json" else TextLines())
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, _Lines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    # Libraries tell at DEBUG and INFO what we keep out of logs: addresses with tokens, the values of a statement.
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())


# Counters. A series is a name and its labels; labels are few and known (a connector, an outcome), never a customer.

Series = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _Histogram:
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total: float = 0.0


_counters: dict[Series, float] = {}
_gauges: dict[Series, float] = {}
_histograms: dict[Series, _Histogram] = {}


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Add to a counter: `count("turns", outcome="replied")` becomes `frontdesk_turns_total{outcome="replied"}`."""
    series = (name, tuple(sorted(labels.items())) if labels else ())
    _counters[series] = _counters.get(series, 0) + amount


def gauge(name: str, value: float, **labels: str) -> None:
    """Set what is so now: `gauge("ready_depth", 3)` becomes `frontdesk_ready_depth 3`."""
    _gauges[name, tuple(sorted(labels.items()))] = value


def observe(name: str, seconds: float, **labels: str) -> None:
    """Note how long something took: `observe("turn", 0.004)` becomes the histogram `frontdesk_turn_seconds`."""
    series = (name, tuple(sorted(labels.items())) if labels else ())
    histogram = _histograms.get(series) or _histograms.setdefault(series, _Histogram())
    histogram.buckets[bisect_left(BUCKETS_S, seconds)] += 1
    histogram.total += seconds


def counted(name: str, **labels: str) -> float:
    """The present value of a counter."""
    return _counters.get((name, tuple(sorted(labels.items()))), 0)


def exposition(read_now: Mapping[Series, float] | None = None) -> bytes:
    """Everything counted by this process, and its memory and CPU, in Prometheus' text format.

    `read_now` are gauges that only hold for this answer: what could not be read this time must not show its old value.
    """
    from prometheus_client import generate_latest  # 20 ms that only a scraped process pays

    lines = [
        *_plain(_counters, "counter", "_total"),
        *_plain({**_gauges, **(read_now or {})}, "gauge", ""),
        *_distributions(),
    ]
    return generate_latest() + "".join(f"{line}\n" for line in lines).encode()


def _plain(values: Mapping[Series, float], kind: str, ending: str) -> Iterator[str]:
    described = ""
    for (name, labels), value in sorted(values.items()):
        if name != described:
            described = name
            yield f"# TYPE frontdesk_{name}{ending} {kind}"
        yield f"frontdesk_{name}{ending}{_braces(labels)} {value}"


def _distributions() -> Iterator[str]:
    described = ""
    for (name, labels), histogram in sorted(_histograms.items(), key=lambda item: item[0]):
        if name != described:
            described = name
            yield f"# TYPE frontdesk_{name}_seconds histogram"
        ends = [f"{bound:g}" for bound in BUCKETS_S] + ["+Inf"]
        for end, below in zip(ends, accumulate(histogram.buckets), strict=True):
            yield f"frontdesk_{name}_seconds_bucket{_braces((*labels, ('le', end)))} {below}"
        yield f"frontdesk_{name}_seconds_sum{_braces(labels)} {histogram.total:.6f}"
        yield f"frontdesk_{name}_seconds_count{_braces(labels)} {sum(histogram.buckets)}"


def _braces(labels: tuple[tuple[str, str], ...]) -> str:
    escaped = (value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for _, value in labels)
    inside = ",".join(f'{name}="{value}"' for (name, _), value in zip(labels, escaped, strict=True))
    return f"{{{inside}}}" if inside else ""
