"""What holds for every test: outside servers by option, no skips in CI, and an environment without surprises.

`--redis URL` and `--database URL` name real servers; the fixtures `outside_redis` and `outside_database` hand them on
and are empty otherwise. `--redis` may be given several times: rows of tests that run beside each other take one each,
since they empty it and cut its connections. A test that cannot run without one says `@pytest.mark.outside("redis")`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

OURS = ("FRONTDESK_NO_SKIPS", "FRONTDESK_TEST_COUNTS")
NO_SKIPS = os.environ.get("FRONTDESK_NO_SKIPS") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("frontdesk")
    group.addoption(
        "--redis", default=[], action="append", metavar="URL", help="also test on this Redis or Valkey; one a row"
    )
    group.addoption("--database", default="", metavar="URL", help="also test on this PostgreSQL")


def pytest_configure(config: pytest.Config) -> None:
    """Take the developer's own settings away, so that no test reaches their servers."""
    for name in list(os.environ):
        if name.startswith("FRONTDESK_") and name not in OURS:
            del os.environ[name]
    os.environ.pop("REDIS_URL", None)
    os.environ.pop("DATABASE_URL", None)
    os.environ["LANGSMITH_TRACING"] = "false"


ALONE = ("browser", "faults", "laws", "records", "sessions", "upgrade", "web")
"""Folders whose tests mind what else the machine does, or share an outside server."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(config.rootpath / "tests").parts[0] in ALONE:
            item.add_marker(pytest.mark.alone)
        if item.path.parent.name == "laws":
            item.add_marker(pytest.mark.slow)
        for marker in item.iter_markers("outside"):
            missing = [server for server in marker.args if not config.getoption(f"--{server}")]
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"needs --{missing[0]} URL"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("history"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and FRONTDESK_NO_SKIPS=1 allows none: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and FRONTDESK_NO_SKIPS=1 allows none."
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Leave the counts where `python -m tests` adds them up."""
    place = os.environ.get("FRONTDESK_TEST_COUNTS", "")
    if place and not hasattr(config, "workerinput"):
        stats = terminalreporter.stats
        counts = {word: len(stats.get(word, ())) for word in ("passed", "failed", "error", "skipped", "xfailed")}
        Path(place).write_text(json.dumps(counts), encoding="ascii")


def _reason(longrepr: Any) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


@pytest.fixture(scope="session")
def outside_redis(request: pytest.FixtureRequest) -> str:
    """This row's URL of those given by --redis, or nothing."""
    urls: list[str] = request.config.getoption("--redis")
    row = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return urls[row % len(urls)] if urls else ""


@pytest.fixture(scope="session")
def outside_database(request: pytest.FixtureRequest) -> str:
    """The URL given by --database, or nothing."""
    return str(request.config.getoption("--database"))
