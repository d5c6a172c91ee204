"""The alert rules and the dashboard name only figures that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "configs" / "deploy"


def figures() -> set[str]:
    """Every name that the program counts, observes or reads at a scrape, as Prometheus sees it."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "runtime").rglob("*.py"))
    names = {f"frontdesk_{name}_total" for name in re.findall(r'\bcount\("(\w+)"', source)}
    for name in re.findall(r'\bobserve\("(\w+)"', source):
        names |= {f"frontdesk_{name}_seconds_{ending}" for ending in ("bucket", "sum", "count")}
    scraped = (ROOT / "runtime" / "watching.py").read_text(encoding="utf-8")
    return names | {
        f"frontdesk_{name}" for name in re.findall(r'\("(\w+)", \(', scraped) + re.findall(r'found\["(\w+)"', scraped)
    }


def named(expression: str) -> set[str]:
    return set(re.findall(r"frontdesk_\w+", expression))


def test_alerts_name_figures_and_say_what_to_do() -> None:
    rules: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0][
        "rules"
    ]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert named(rule["expr"]) and named(rule["expr"]) <= figures(), rule["alert"]
        assert rule["annotations"]["summary"] and rule["annotations"]["action"] and rule["labels"]["severity"]
        assert named(rule["annotations"]["action"]) <= figures(), rule["alert"]


def test_the_dashboard_names_figures() -> None:
    panels = json.loads((DEPLOY / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    for panel in panels:
        for target in panel["targets"]:
            assert named(target["expr"]) <= figures(), panel["title"]
