"""`frontdesk understand`: JSON lines in, commands and dates out."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import BadRequest
from runtime.understanding.cascade import OfflineRules
from runtime.understood import FIELDS, KINDS, Desks, understood_line
from tests.understanding.desks import STUDIO

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
FRIDAY = "2026-11-20T16:30"
DESKS = Desks(STUDIO)
RULES = OfflineRules()


async def asked(text: str, **more: Any) -> dict[str, Any]:
    """One line's answer."""
    line = json.dumps({"text": text, "reference": FRIDAY, **more})
    answer: dict[str, Any] = json.loads(await understood_line(line, DESKS, RULES, NOW))
    return answer


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("am Dienstag um halb vier", "de", ["2026-11-24T15:30", "2026-11-24T03:30"]),
        ("übermorgen", "de", ["2026-11-22"]),
        ("morgen zwischen 10 und 12", "de", [{"start": "2026-11-21T10:00", "end": "2026-11-21T12:00"}]),
        ("tomorrow after five pm", "en", [{"start": "2026-11-21T17:00"}]),
        ("next week in the afternoon", "en", [{"start": "2026-11-23T12:00", "end": "2026-11-29T18:00"}]),
        ("um 15 Uhr", "de", ["15:00"]),
    ],
)
async def test_dates_carry_their_words_and_readings(text: str, language: str, values: list[Any]) -> None:
    answer = await asked(text, language=language, expecting="start")
    assert [{"text": one["text"], "values": one["values"]} for one in answer["dates"]] == [
        {"text": text, "values": values}
    ]
    assert answer["stage"].startswith("rules:") and answer["language"] == language and answer["ms"] >= 0


async def test_no_date_no_dates() -> None:
    assert (await asked("Wir sind 2 Personen", language="de"))["dates"] == []


async def test_what_is_expected_decides() -> None:
    picked = await asked(
        "the second", language="en", expecting="offer", offers=["2026-11-24T15:00", "2026-11-24T16:00"]
    )
    assert picked["commands"] == [{"command": "pick", "offer": "o2", "words": "the second"}]
    named = [{"id": "x7", "label": "bei Anna", "values": {"start": "2026-11-24T15:00"}}]
    assert (await asked("ja, der erste", language="de", expecting="offer", offers=named))["commands"][0][
        "offer"
    ] == "x7"
    phone = await asked("0151 23456789", language="de", expecting="phone")
    assert phone["commands"][0] == {
        "command": "set", "slot": "phone", "words": "0151 23456789", "value": "+4915123456789",
    }  # fmt: skip
    assert (await asked("jo passt", language="de", expecting={"kind": "confirm"}))["commands"][0]["command"] == "affirm"


async def test_the_reference_is_in_the_zone() -> None:
    late = {"reference": "2026-11-20T23:30+00:00", "language": "de"}
    assert (await asked("morgen", **late, timezone="Europe/Berlin"))["dates"][0]["values"] == ["2026-11-22"]
    assert (await asked("morgen", **late, timezone="America/New_York"))["dates"][0]["values"] == ["2026-11-21"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no json", "one JSON object"),
        ("[]", "a JSON object"),
        ('{"text": 3}', '"text"'),
        ('{"text": "x", "timezone": "Mars/Base"}', "Europe/Berlin"),
        ('{"text": "x", "timezone": "../../etc/passwd"}', "Europe/Berlin"),
        ('{"text": "x", "reference": "gestern"}', "ISO time"),
        ('{"text": "x", "language": "fr"}', "de or en"),
        ('{"text": "x", "offers": "x"}', "list"),
        ('{"text": "x", "expecting": "colour of the moon"}', "datetime"),
        ('{"text": "x", "expecting": {"kind": "guess"}}', "confirm"),
    ],
)
async def test_a_wrong_line_is_told_what_to_write(line: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        await understood_line(line, DESKS, RULES, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*FIELDS, *KINDS, "id", "values", "start", "slot", "kind", "flow", "label")), inner
        )
    ),
    max_leaves=8,
)


@given(st.fixed_dictionaries({"text": st.text(max_size=60)}, optional=dict.fromkeys(FIELDS[1:], JSON)))
async def test_any_line_is_answered_or_refused(given_line: dict[str, Any]) -> None:
    try:
        answer = json.loads(await understood_line(json.dumps(given_line), DESKS, RULES, NOW))
    except BadRequest:
        return
    assert answer["commands"] and {"language", "dates", "stage", "ms"} <= answer.keys()


@pytest.mark.slow
def test_the_command_answers_line_by_line() -> None:
    command = [sys.executable, "-m", "runtime.cli", "understand"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        for line in ('{"text": "morgen um 10"}', "{", '{"text": "Ich möchte mit einem Menschen sprechen"}'):
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert ("error" in answer) == (line == "{")
        process.stdin.close()
        assert process.wait(20) == 2
        assert answer["commands"][0]["command"] == "handoff"


async def test_the_country_of_a_language_says_which_number_is_the_month() -> None:
    american = await asked("on 5/12 please", language="en-US", reference="2026-11-20T10:00")
    assert american["dates"][0]["values"][0] == "2027-05-12"
    assert (await asked("on 5/12 please", language="en", reference="2026-11-20T10:00"))["dates"][0]["values"] == [
        "2026-12-05", "2027-05-12",
    ]  # fmt: skip


async def test_what_is_over_and_how_long_are_told_too() -> None:
    answer = await asked("Ich war vor zwei Wochen da, es dauerte anderthalb Stunden", language="de")
    assert [one["kind"] for one in answer["dates"]] == ["date"]
    assert answer["durations"] == [{"text": "anderthalb Stunden", "seconds": 5_400}]
