"""The diagrams in the documents are those of the tables."""

from __future__ import annotations

from runtime.core.phases import WAYS
from runtime.diagrams import flow_diagram
from tests.diagrams import flows, pages


def test_the_pages_are_in_step_with_the_tables() -> None:
    stale = [file.name for file, text in pages().items() if file.read_text(encoding="utf-8") != text]
    assert not stale, "run: python -m tests.diagrams"


def test_every_flow_is_drawn_from_its_first_line_to_an_end() -> None:
    charts = [flow_diagram(flow) for flow in flows()]
    assert len(charts) >= 5
    assert all("n0" in chart and "--> done" in chart for chart in charts)


def test_no_way_stays_in_its_phase() -> None:
    assert all(before != after for before, after in WAYS)
