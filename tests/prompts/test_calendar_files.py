"""Calendar files as RFC 5545 wants them, links that nobody can guess, staff's marks over HTTP and the shell."""

from __future__ import annotations

import dataclasses
import io
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runtime.app import database_url
from runtime.cli import main
from runtime.errors import NotFound
from runtime.ics import calendar_of
from runtime.links import AppointmentLinks
from runtime.listing import show_calendar
from runtime.records.appointments import Appointment
from tests.support.real_desk import real_desk
from tests.support.tenants import business

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
START = datetime(2026, 11, 24, 14, tzinfo=UTC)
BOOKED = Appointment(
    "a1", "demo", "c", "color", "mara", "Meier", "+49151", START, START + timedelta(hours=2), START + timedelta(hours=3)
)


def lines_of(body: bytes) -> list[str]:
    """The file's lines, unfolded; checks how they end and how long they are."""
    assert body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    return body.decode().replace("\r\n ", "").splitlines()


def test_the_file_has_what_a_calendar_needs() -> None:
    lines = lines_of(calendar_of(business("demo"), (BOOKED,), NOW))
    for line in (
        "VERSION:2.0", "METHOD:PUBLISH", "UID:a1@demo.frontdesk", "SEQUENCE:1", "STATUS:CONFIRMED",
        "DTSTAMP:20261120T090000Z", "DTSTART:20261124T140000Z", "DTEND:20261124T160000Z",
        "SUMMARY:Färben (Studio Birkenhof)", "LOCATION:Birkenhofstraße 14\\, 34117 Kassel",
    ):  # fmt: skip
        assert line in lines, lines


def test_a_moved_one_is_the_same_entry_a_cancelled_one_takes_it_away() -> None:
    moved = dataclasses.replace(BOOKED, version=2)
    off = dataclasses.replace(BOOKED, version=3, status="cancelled")
    lines = lines_of(calendar_of(business("demo"), (moved,), NOW))
    assert "UID:a1@demo.frontdesk" in lines and "SEQUENCE:2" in lines
    lines = lines_of(calendar_of(business("demo"), (off,), NOW))
    assert "METHOD:CANCEL" in lines and "STATUS:CANCELLED" in lines and "SEQUENCE:3" in lines


def test_a_link_cannot_be_guessed_or_changed() -> None:
    links = AppointmentLinks("https://desk.example.com/")
    assert links.url("demo", "a1") == ""  # no key yet
    links.key = b"k" * 32
    url = links.url("demo", "a1")
    token = url.removeprefix("https://desk.example.com/appointments/").removesuffix(".ics")
    assert links.read(token) == ("demo", "a1")
    other = AppointmentLinks("")
    other.key = b"o" * 32
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for bad in (other.token("demo", "a1"), changed, "", "x", "äöü", "A" * 200):
        with pytest.raises(NotFound):
            links.read(bad)


@pytest.mark.slow
async def test_the_booked_reply_links_the_file_and_it_follows_the_appointment(tmp_path: Path) -> None:
    async with real_desk(tmp_path, public_url="https://desk.example.com") as real:
        for text in ("Färben am Dienstag um 10 Uhr bei Mara", "Meier", "0151 23456789"):
            await real.desk.say(tenant="demo", contact="anna", text=text, language="de")
        [reply] = await real.desk.say(tenant="demo", contact="anna", text="ja")
        found = re.search(r"https://desk\.example\.com(/appointments/\S+\.ics)", reply)
        assert found, reply
        async with real.http.get(real.url + found[1]) as answer:
            assert answer.status == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            assert "DTSTART:20261124T090000Z" in lines_of(await answer.read())
        await real.desk.say(tenant="demo", contact="anna", text="Bitte absagen")
        await real.desk.say(tenant="demo", contact="anna", text="ja")
        async with real.http.get(real.url + found[1]) as answer:
            assert "METHOD:CANCEL" in lines_of(await answer.read())
        async with real.http.get(f"{real.url}/appointments/{'A' * 60}.ics") as answer:
            assert answer.status == 404


@pytest.mark.slow
async def test_l8_staff_mark_a_no_show_over_http(tmp_path: Path) -> None:
    async with real_desk(tmp_path, now="2026-11-24T10:30") as real:
        gone = dataclasses.replace(BOOKED, start=START - timedelta(hours=5), end=START, resources=("staff:mara",))
        coming = dataclasses.replace(BOOKED, id="a2", resources=("staff:elif",), start=START + timedelta(hours=1))
        for number, one in enumerate((gone, coming)):
            await real.desk.appointments.book(
                f"k{number}", "f", dataclasses.replace(one, end=START + timedelta(hours=2))
            )
        assert await real.ask_api("appointments/a1/no-show", {}) == (
            200, {"appointment": {"id": "a1", "tenant": "demo", "mark": "no-show"}},
        )  # fmt: skip
        assert (await real.ask_api("appointments/a2/no-show", {}))[0] == 400
        assert (await real.ask_api("appointments/a9/no-show", {}))[0] == 404
        async with real.http.post(f"{real.url}/v1/appointments/a1/no-show") as answer:
            assert answer.status == 403
        marked = await real.desk.appointments.get("demo", "a1")
        assert marked is not None and marked.no_show_at is not None and marked.status == "booked"


async def test_the_whole_business_as_one_file(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.desk.appointments.book("k", "f", dataclasses.replace(BOOKED, resources=("staff:mara",)))
        shown = io.StringIO()
        with redirect_stdout(shown):
            assert await show_calendar(database_url(real.desk.settings), "demo") == 0
        assert "UID:a1@demo.frontdesk" in shown.getvalue()


def test_the_shell_says_which_id_it_does_not_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["appointments", "mark", "nobody", "no-show", "--data", str(tmp_path)]) == 2
    assert "There is no appointment nobody" in capsys.readouterr().err
