"""Log lines carry their fields and no secret; counters come out as Prometheus reads them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from runtime.settings import Settings
from runtime.telemetry import OURS, about, configure_logging, count, counted, exposition, gauge, observe, redact

log = logging.getLogger("runtime.of_the_tests")


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("root", *OURS)}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call +49 170 1234567 back", "1234567"),
        ("call (030) 123-4567-89 back", "4567"),
        ("chat 491701234567", "4917012345"),
        ("to https://api.telegram.org/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz012345/sendMessage", "AAF-abc"),
        ("Authorization: Bearer abc.def-123456", "def-123456"),
        ("key sk-proj-abcdefghijklmnop", "abcdefghijklmnop"),
        ("postgresql://desk:hunter2@db/frontdesk", "hunter2"),
        ('{"api_key": "0123456789abcdef"}', "0123456789abcdef"),
        ("password=correct-horse", "correct-horse"),
        (
            "Input should be a string [type=string_type, input_value={'a': 'it hurts,\nbadly'}, input_type=dict]",
            "hurts",
        ),
    ],
)
def test_secrets_and_phone_numbers_are_masked(text: str, hidden: str) -> None:
    assert hidden in text
    assert hidden not in redact(text)


@pytest.mark.parametrize(
    "text",
    ["at 2026-11-20T10:00:00+01:00", "on 2026-11-20 10:30", "took 12.5 ms", "01JD2Y4Z8Q1234567890ABCDEF", "port 8080"],
)
def test_times_ids_and_small_numbers_stay(text: str) -> None:
    assert redact(text) == text


def test_json_lines_carry_the_fields_around_them(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log="json"))
    with about(tenant="studio", conversation="c1"), about(turn=7):
        log.info("turn of %s", "+491701234567", extra={"connector": "telegram"})
    log.info("afterwards")
    inside, after = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert {name: inside[name] for name in ("tenant", "conversation", "turn", "connector")} == {
        "tenant": "studio",
        "conversation": "c1",
        "turn": "7",
        "connector": "telegram",
    }
    assert inside["message"] == "turn of [..67]"
    assert "tenant" not in after


def test_text_lines_carry_the_fields_and_a_masked_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    configure_logging(Settings())
    try:
        raise ValueError("+49 170 1234567")
    except ValueError:
        with about(tenant="studio"):
            log.exception("it broke")
    printed = capsys.readouterr().err
    assert printed.count("it broke tenant=studio") == 1, "configuring twice must not print twice"
    assert "ValueError" in printed
    assert "1234567" not in printed


def test_the_level_comes_from_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_level="warning"))
    log.info("quiet")
    log.warning("loud")
    assert "quiet" not in capsys.readouterr().err


def test_exposition_shows_counters_gauges_and_histograms() -> None:
    count("test_turns", outcome="replied")
    count("test_turns", 2, outcome="replied")
    gauge("test_depth", 3)
    observe("test_turn", 0.004)
    observe("test_turn", 60)
    shown = exposition().decode()
    assert counted("test_turns", outcome="replied") == 3
    assert '# TYPE frontdesk_test_turns_total counter\nfrontdesk_test_turns_total{outcome="replied"} 3\n' in shown
    assert "frontdesk_test_depth 3\n" in shown
    assert 'frontdesk_test_turn_seconds_bucket{le="0.005"} 1\n' in shown
    assert 'frontdesk_test_turn_seconds_bucket{le="+Inf"} 2\n' in shown
    assert "frontdesk_test_turn_seconds_count 2\n" in shown


def test_what_others_can_read_back() -> None:
    from prometheus_client.parser import text_string_to_metric_families

    count("test_labels", reason='a "quoted"\nline\\end')
    families = {family.name: family for family in text_string_to_metric_families(exposition().decode())}
    assert families["frontdesk_test_labels"].samples[0].labels["reason"] == 'a "quoted"\nline\\end'


def test_libraries_stay_quiet_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_level="DEBUG"))
    log.debug("ours")
    logging.getLogger("some.driver").info("INSERT ... VALUES ('what somebody wrote')")
    logging.getLogger("some.driver").warning("it is full")
    printed = capsys.readouterr().err
    assert "ours" in printed and "it is full" in printed and "somebody" not in printed
