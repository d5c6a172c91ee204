"""The command as a person or a script meets it: odd bytes, wrong calls, a terminal, Ctrl-C, two at once."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cli import main
from runtime.conversing import as_text

COMMAND = (sys.executable, "-m", "runtime.cli")
ROOT = Path(__file__).resolve().parent.parent
FRIDAY = ("--now", "2026-11-20T10:00")


def run(folder: Path, *arguments: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in its own process; an embedded server wants a main thread of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FRONTDESK_DATA": str(folder / "d")}
    return subprocess.run(
        [*COMMAND, *arguments], input=said, cwd=folder, env=environment, capture_output=True, timeout=60, check=False
    )


def test_odd_bytes_become_words() -> None:
    assert as_text("geöffnet".encode()) == as_text("geöffnet".encode("cp1252")) == "geöffnet"
    assert as_text("\ufeffHallo".encode()) == "Hallo"
    assert as_text(b"\xff\x81\x00") != ""


@pytest.mark.slow
def test_whatever_is_piped_is_answered(tmp_path: Path) -> None:
    lines = [
        b"Wann haben Sie morgen ge\xf6ffnet?",
        b"",
        b"\xff\xfe\x00\x01",
        b"x" * 10_000,
        "Was kostet Föhnen?".encode(),
    ]
    ran = run(tmp_path, "chat", "--json", "--language", "de", *FRIDAY, said=b"\n".join(lines))
    turns = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0 and len(turns) == 4, ran.stderr
    assert all(turn["replies"] for turn in turns)
    assert "14 Uhr" in turns[0]["replies"][0]["text"] and "28 €" in turns[3]["replies"][0]["text"]
    nothing = run(tmp_path, "chat", *FRIDAY)
    assert (nothing.returncode, nothing.stdout) == (0, b"")


@pytest.mark.slow
def test_two_chats_on_one_folder(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FRONTDESK_DATA": str(tmp_path / "d")}
    both = [
        subprocess.Popen(
            [*COMMAND, "chat", "--language", "de", "--contact", name, "--now", day],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=tmp_path,
        )
        for name, day in (("anna", "2026-11-20T10:00"), ("ben", "2027-03-02T10:00"))
    ]
    # The first to end takes the embedded server along; the other one starts it again.
    answers = [one.communicate("Wann haben Sie heute geöffnet?\n".encode(), timeout=60)[0].decode() for one in both]
    assert "20. November" in answers[0] and "2. März" in answers[1]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A chat in a terminal of its own."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FRONTDESK_DATA": str(tmp_path / "d")}
    process = subprocess.Popen(
        [*COMMAND, "chat", "--language", "en", *FRIDAY],
        stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    yield ours, process
    if process.poll() is None:
        process.kill()
    process.wait()
    os.close(ours)


def read_until(terminal: int, *words: str) -> str:
    """What the terminal shows, up to the last of these words, which follow each other; half a minute at most."""
    shown, end = "", time.monotonic() + 30
    pattern = re.compile(".*?".join(map(re.escape, words)), re.DOTALL)
    while not pattern.search(shown) and (left_s := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left_s)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    assert pattern.search(shown), shown
    return shown


@pytest.mark.slow
def test_a_terminal_has_a_prompt_and_ctrl_c_ends_it_at_once(terminal: tuple[int, subprocess.Popen[bytes]]) -> None:
    keys, process = terminal
    assert "Studio Birkenhof" in read_until(keys, "> ")
    os.write(keys, b"hello\n")
    shown = read_until(keys, "  3  ", "> ")
    assert "  1  Book an appointment" in shown.replace("\r", "")
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["appointments", "--tenant", "nobody"], "There is no tenant nobody"),
        (["tenant", "import", "nothing.yaml"], "nothing.yaml cannot be read: No such file"),
        (["check", "nothing.yaml"], "nothing.yaml is not there"),
        (["test", "nothing.yaml"], "nothing.yaml is not there"),
        (["chat", "--now", "yesterday"], "`yesterday` is no time"),
        (["chat", "--data", "/dev/null/x"], "/dev/null/x"),
        (["serve", "--port", "70000"], "FRONTDESK_PORT"),
    ],
)
def test_a_wrong_call_is_one_line_and_2(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("frontdesk: ")]
    assert len(told) == 1 and says in told[0]


def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text("flow: order\nlines:\n  - collect: size\n  - end\n  - act: booking.fly\nslots: {size: big}\n")
    broken = tmp_path / "broken.yaml"
    broken.write_text("tenant: x\nname: [\n")
    assert main(["check", str(flow), str(broken)]) == 2
    said = capsys.readouterr()
    lines = {line.rpartition("/")[2].partition(": ")[0] for line in said.out.splitlines()}
    assert {"flow.yaml:4", "flow.yaml:5", "flow.yaml:6", "broken.yaml:3"} <= lines
    assert f"{len(said.out.splitlines())} problems" in said.err


def test_a_new_business_is_written_and_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["tenant", "create", "my-salon", "--name", 'Salon "Lux"']) == 0
    assert main(["check", "my-salon.yaml"]) == 0
    assert main(["tenant", "create", "my-salon"]) == 2, "what is there is not overwritten"
    assert main(["tenant", "create", "no good"]) == 2 and not Path("no good.yaml").exists()
    capsys.readouterr()
    assert main(["tenant", "list"]) == 0
    assert capsys.readouterr().out == 'my-salon  Salon "Lux"\n'
