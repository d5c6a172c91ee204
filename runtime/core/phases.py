"""The ways between the phases of a conversation, as data: for the diagram, and for the test that walks them all."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.core.conversation import Phase

WAYS: Mapping[tuple[Phase, Phase], str] = {
    ("bot", "queued"): "a person is asked for or needed",
    ("bot", "owned"): "a person takes over",
    ("queued", "owned"): "claimed",
    ("queued", "bot"): "called off, or nobody came in time",
    ("owned", "bot"): "released, ended by the customer, or its person went away",
}
"""From one phase to another within a turn, and why. What is not in here never happens."""
