"""People behind the desk over HTTP, with the real desk: tickets, handoffs with their cards, transcripts."""

from __future__ import annotations

import json
import os
import sys
from asyncio import create_subprocess_exec, subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runtime.records.journal import project
from tests.records.test_tickets import asked, opened
from tests.support.real_desk import RealDesk, real_desk

pytestmark = pytest.mark.slow


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with real_desk(tmp_path) as real:
        yield real


async def command(real: RealDesk, *words: str) -> tuple[str, Any]:
    """What a command shows beside the running desk: its lines, and its JSON."""
    shown = []
    for more in ((), ("--json",)):
        arguments = (*words, "--data", str(real.desk.settings.data), *more)
        process = await create_subprocess_exec(
            sys.executable, "-m", "runtime.cli", *arguments, stdout=subprocess.PIPE, env={**os.environ}
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        shown.append(out.decode())
    return shown[0], json.loads(shown[1])


async def test_tickets_are_listed_assigned_and_closed(real: RealDesk) -> None:
    await project(real.desk.database, asked(opened(), tenant="demo"))
    status, answer = await real.ask_api("tickets?tenant=demo")
    assert status == 200 and [one["kind"] for one in answer["tickets"]] == ["callback"]
    assert answer["tickets"][0]["phone"] == "+4930901820"
    lines, rows = await command(real, "tickets")
    assert "callback" in lines and "Jörg Weiß" in lines
    assert rows[0]["id"] == "t1" and rows[0]["opened_at"].endswith("+01:00")
    status, answer = await real.ask_api("tickets/t1/assign", {"operator": "Linde"})
    assert status == 200 and (answer["ticket"]["status"], answer["ticket"]["operator"]) == ("pending", "Linde")
    assert (await real.ask_api("tickets/t1/close?tenant=demo", {"operator": "Linde"}))[0] == 200
    assert (await real.ask_api("tickets"))[1]["tickets"] == []
    assert [one["status"] for one in (await real.ask_api("tickets?all=1"))[1]["tickets"]] == ["closed"]
    assert (await real.ask_api("tickets/t1/close?tenant=other", {"operator": "Linde"}))[0] == 404
    assert (await real.ask_api("tickets/t1/close", {}))[0] == 400
    assert (await real.ask_api("tickets/t1/burn", {"operator": "Linde"}))[0] == 404
    async with real.http.get(f"{real.url}/v1/tickets") as unsigned:
        assert unsigned.status == 403
