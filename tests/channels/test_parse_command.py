"""`frontdesk parse`: what a stored payload means, by any name of its channel, and what it says to a wrong call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.cli import main

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures" / "telegram"
TEXT = str(FIXTURES / "text.json")
SHARED = ROOT.parent / "shared"


def parse(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, what stands on stdout, what stands on stderr."""
    code = main(["parse", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_prints_events_in_the_words_of_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = parse(capsys, "telegram", TEXT)
    (event,) = json.loads(out)["events"]
    assert (code, err, event["kind"], event["answer"], event["sender_id"]) == (0, "", "text", True, "4401200")
    assert event["text"] == "Habt ihr morgen um neun was frei?" and event["attachments"] == []
    _, pressed, _ = parse(capsys, "telegram", str(FIXTURES / "button.json"))
    assert json.loads(pressed)["events"][0]["kind"] == "button_reply"


def test_by_path_word_connector_and_folder(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.app.PATHS", {"tg": "telegram"})
    shown = [parse(capsys, name, TEXT)[:2] for name in ("tg", "telegram", "Telegram", "samples/telegram/")]
    assert {code for code, _ in shown} == {0} and len({out for _, out in shown}) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["pigeon", TEXT], "There is no channel pigeon; there is facebook, messenger, telegram"),
        (["telegram", "nothing-here.json"], "nothing-here.json cannot be read: No such file"),
        (["telegram", str(FIXTURES)], "cannot be read: Is a directory"),
        (["telegram", __file__], "The body is not JSON"),
        (["telegram", TEXT, "--headers", "{"], "--headers must be a JSON object"),
        (["telegram", TEXT, "--headers", "[1]"], "--headers must be a JSON object"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: Sequence[str], says: str
) -> None:
    code, out, err = parse(capsys, *arguments)
    assert (code, out) == (2, "") and says in err and err.count("\n") == 1 and err.startswith("frontdesk: ")


def test_headers_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(capsys, "telegram", TEXT, "--headers", '{"X-Telegram-Bot-Api-Secret-Token": "s"}')[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "word"), [("telegram", "telegram"), ("whatsapp_cloud", "whatsapp"), ("messenger", "facebook")]
)
def test_the_shared_samples_are_all_understood(folder: str, word: str) -> None:
    check, samples = SHARED / "tools" / "parse_check.py", SHARED / "samples" / folder
    if not check.is_file():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{check} is absent"
        pytest.skip("the shared samples are not beside the project")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, str(check), str(samples), word, "--detail"],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=400, check=True,
    )  # fmt: skip
    assert ran.stdout == "1.0000\n"
