"""`frontdesk test DIR --faults`: dialogs end as in peace, and a dialog that does not is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.faults.command import report, wrong
from runtime.faults.dialog_run import Ending, FaultRun, Faults, compared, run_with_faults
from runtime.faults.kill_points import POINTS
from runtime.faults.killing import AT_POINTS

DIALOGS = Path(__file__).resolve().parents[1] / "dialogs"
PEACE = Ending(("Guten Tag.", "Gebucht."), ({"start": "2026-11-24T15:00", "status": "booked"},), {"turn": 2}, ())


@pytest.mark.faults
@pytest.mark.slow
async def test_dialogs_end_as_in_peace_however_messages_come_and_workers_die(tmp_path: Path) -> None:
    for name in ("de_book_question_correction", "en_book_question_correction", "de_no_books_nothing"):
        shutil.copy(DIALOGS / f"{name}.yaml", tmp_path)
    run = await run_with_faults(tmp_path, Faults(kills=3, minutes=4))
    assert not wrong(run), "\n".join(report(run))
    assert run.killed.total() == 3 and len(run.plays) == 3
    assert run.seen["doubled"] and run.seen["late"]


def test_every_point_that_a_turn_passes_gets_its_kill() -> None:
    assert set(POINTS) - set(AT_POINTS) == {"after_append", "after_send", "after_park"}


@pytest.mark.parametrize(
    ("fire", "told"),
    [
        (replace(PEACE, shown=("Guten Tag.", "Noch etwas?")), "line 2 was answered otherwise"),
        (replace(PEACE, shown=("Guten Tag.",)), "line 2 was answered otherwise"),
        (replace(PEACE, booked=(*PEACE.booked, *PEACE.booked)), "the calendar"),
        (replace(PEACE, state={"turn": 3}), "turn in the end: 3 instead of 2"),
        (replace(PEACE, complaints=("line 1: “x” is missing",)), "is missing"),
    ],
    ids=["another reply", "no reply", "booked twice", "another state", "not as written"],
)
def test_what_went_otherwise_is_told(fire: Ending, told: str) -> None:
    assert [told in text for text in compared(PEACE, fire)] == [True]
    assert not list(compared(PEACE, PEACE))


def test_a_dialog_that_fails_in_peace_too_is_no_fault() -> None:
    failing = replace(PEACE, complaints=("line 1: “x” is missing",))
    assert not list(compared(failing, failing))


def test_a_worker_that_crashes_fails_the_run() -> None:
    assert wrong(FaultRun(crashes=["worker 0 ended with 1"]))
