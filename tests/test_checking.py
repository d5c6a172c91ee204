"""`frontdesk check`: every kind of file, with file and line of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.checking import check_paths
from runtime.errors import ConfigurationError
from runtime.flow_files import read_flow
from runtime.settings import CONFIGS
from tests.core.desk import ACTIONS, wording

FLOW = """\
flow: greet
examples: {en: [hello], de: [hallo]}
slots: {day: {type: datetime}}
lines:
  - collect: day
"""


def complaints(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    report = check_paths([folder], wording(), ACTIONS)
    assert report.files == len(texts)
    return [line.removeprefix(f"{folder}/") for line in report.complaints]


def test_what_comes_with_the_program_is_fine() -> None:
    report = check_paths([CONFIGS / "flows", CONFIGS / "demo"], wording(), ACTIONS)
    assert report.complaints == ()
    assert report.files >= 6


def test_a_flow_with_a_wrong_line_and_one_without_its_words(tmp_path: Path) -> None:
    found = complaints(tmp_path, a=FLOW.replace("collect: day", "collect: dya"), b=FLOW)
    assert found[0].startswith("a.yaml:5: Unknown slot `dya`")
    missing = {line.split("`")[1] for line in found[1:]}
    assert missing == {"cancelled.greet", "ask.greet.day", "why.day"}
    assert len(found) == 1 + 2 * len(missing), "each in both languages"


def test_calls_between_flows_that_lead_nowhere_or_in_a_circle(tmp_path: Path) -> None:
    calling = "flow: {of}\nexamples: {{en: [hello], de: [hallo]}}\nslots: {{}}\nlines: [{{call: {to}}}]\n"
    found = complaints(tmp_path, a=calling.format(of="a", to="b"), b=calling.format(of="b", to="a"))
    assert sum("leads back to it" in line for line in found) == 2
    found = complaints(tmp_path, a=calling.format(of="a", to="nowhere"), b=FLOW)
    assert [line for line in found if "calls `nowhere`, which is no flow here" in line and line.startswith("a.yaml")]
    ours = {"identify": read_flow(FLOW.replace("greet", "identify"), "identify.yaml", ACTIONS).flow}
    (tmp_path / "a.yaml").write_text(calling.format(of="a", to="identify"), encoding="utf-8")
    report = check_paths([tmp_path / "a.yaml"], wording(), ACTIONS, {n: flow for n, flow in ours.items() if flow})
    assert not [line for line in report.complaints if " calls " in line], (
        "one of ours, which was not named to the check"
    )


def test_a_business_that_is_wrong_with_each_of_its_lines(tmp_path: Path) -> None:
    text = "tenant: x\nname: X\ntimezone: Mars/Base\n"
    assert complaints(tmp_path, x=text)[0].startswith("x.yaml:3: timezone: 'Mars/Base'")
    two = complaints(tmp_path, x="tenant: x\nname: X\ntimezone: UTC\nservces: []\nformality: rude\n")
    assert {line.split(" ")[0] for line in two} == {"x.yaml:4:", "x.yaml:5:"}


@pytest.mark.parametrize(
    ("text", "begins"),
    [("flow: [", "odd.yaml:1: this is no YAML"), ("hello: world\n", "odd.yaml:1: neither a flow"), ("", "odd.yaml:1:")],
)
def test_what_is_neither(tmp_path: Path, text: str, begins: str) -> None:
    assert complaints(tmp_path, odd=text)[0].startswith(begins)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml is not there"):
        check_paths([tmp_path / "nowhere.yaml"], wording(), ACTIONS)
