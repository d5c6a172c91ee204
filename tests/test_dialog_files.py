"""Dialog files that do not go as written are found out, and files that are none are refused with what to write."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from runtime.app import start
from runtime.dialogs import play, run_dialogs
from runtime.errors import ConfigurationError

RIGHT = """
language: en
dialog:
  - said: How much is a men's haircut?
    expect: ["/€ ?32/"]
    never: [appointment at]
appointments: []
"""
WRONG = """
language: en
dialog:
  - said: How much is a men's haircut?
    expect: [a thousand pounds]
    never: [haircut]
  - press: Fly to the moon
appointments:
  - {service: haircut_men}
"""
TOO_MANY = """
language: en
now: 2026-11-20T10:00
dialog:
  - said: [A men's haircut with Jonas on Wednesday at 3 pm, Jane Miller, "+49 30 5550100", "yes"]
appointments: []
"""


def files(folder: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return sorted(folder.glob("*.yaml"))


async def test_what_went_differently_is_told_line_by_line(tmp_path: Path) -> None:
    right, many, wrong = await play(files(tmp_path, a_right=RIGHT, b_many=TOO_MANY, c_wrong=WRONG), start)
    assert right.complaints == ()
    assert [complaint.split(":")[0] for complaint in many.complaints] == ["more appointments than wanted"]
    told = [complaint.split(" in:")[0].split(": €")[0].split("; there")[0] for complaint in wrong.complaints]
    assert told[0] == "line 1: “a thousand pounds” is missing"
    assert told[1] == "line 1: “haircut” must not stand"
    assert told[2].startswith("line 2: there is no button “Fly to the moon”")
    assert told[3] == "no appointment {'service': 'haircut_men'}"
    assert len(told) == 4


async def test_the_report_says_which_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files(tmp_path, right=RIGHT, wrong=WRONG)
    assert await run_dialogs(tmp_path, start) == 1
    printed = capsys.readouterr().out
    assert f"ok     {tmp_path / 'right.yaml'} (1 lines)" in printed
    assert f"FAILED {tmp_path / 'wrong.yaml'} (2 lines)" in printed
    assert printed.endswith("1 passed, 1 failed\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dialog: [", "no YAML"),
        ("language: de\n", "dialog: Field required"),
        ("dialog: [{expect: [x]}]\n", "one of said, press, wait and prompted"),
        ("dialog: [{said: a, press: b}]\n", "one of said, press, wait and prompted"),
        ("dialog: [{wait: 5h, expect: [x]}]\n", "nobody answers a wait"),
        ("dialog: [{wait: soon}]\n", "wait: String should match"),
        ("dialgo: []\n", "dialgo"),
    ],
)
async def test_what_is_no_dialog_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        await play(files(tmp_path, odd=text), start)
    assert "odd.yaml" in str(caught.value)


async def test_nothing_to_play(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no dialog files"):
        await run_dialogs(tmp_path, start)
    with pytest.raises(ConfigurationError, match="is not there"):
        await run_dialogs(tmp_path / "nowhere", start)
