"""The doctor: each thing that can be wrong is found and says what to do, in both languages."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.app import CHANNELS, database_url
from runtime.cli import main
from runtime.operating import machine, stores
from runtime.operating.doctor import examine
from runtime.operating.findings import Finding, as_json, as_lines, failure
from runtime.operating.speaking import FOLDER, LANGUAGES, Speech, language_here
from runtime.settings import Settings
from tests.faults.servers import private_redis
from tests.support.meta_desk import meta_desk
from tests.support.model_stub import ModelStub
from tests.support.real_desk import RealDesk, real_desk


def levels(findings: list[Finding]) -> dict[str, str]:
    return {one.what: one.level for one in findings}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def of(real: RealDesk, **changes: Any) -> dict[str, str]:
    """What the doctor says about a running desk with these settings."""
    port = int(real.url.rpartition(":")[2])
    settings = real.desk.settings.model_copy(update={"port": port, **changes})
    apis = {"telegram": settings.telegram_api}
    return levels(await examine(database_url(settings), settings, CHANNELS, apis))


def test_a_fresh_place_is_well_and_stays_untouched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    assert main(["doctor", "--json", "--data", str(data), "--port", str(free_port())]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["level"] for one in found} == {"ok"} and {"part", "check", "what", "todo"} <= found[0].keys()
    assert not data.exists()


@pytest.mark.slow
async def test_a_running_desk_is_recognised_and_its_provider_asked(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.desk.tenants.made_once("visitor-key", {"key": "v" * 32})
        await real.add("salon")
        assert (await of(real))["public_none"] == "warning"
        found = await of(real, public_url=real.url)
        assert found["port_ours"] == found["public_here"] == found["redis_kept"] == found["sql_schema"] == "ok"
        assert found["public_plain"] == found["webhook_unset"] == "failure"
        real.stub.webhook_info = {"url": "https://other.example.com/webhook/telegram/salon"}
        assert (await of(real, public_url=real.url))["webhook_elsewhere"] == "failure"
        url = f"{real.url}/webhook/telegram/salon?bot=x"
        trouble = {"last_error_date": int(time.time()), "last_error_message": "SSL error"}
        real.stub.webhook_info = {"url": url, "pending_update_count": 3, **trouble}
        found = await of(real, public_url=real.url)
        assert (found["webhook_here"], found["webhook_error"]) == ("ok", "warning")
        real.stub.webhook_info = {"url": url, "pending_update_count": 300}
        assert (await of(real, public_url=real.url))["webhook_pending"] == "warning"
        assert (await of(real, public_url=f"http://127.0.0.1:{free_port()}"))["public_silent"] == "failure"


@pytest.mark.slow
async def test_a_wrong_redis_says_what_to_set(tmp_path: Path) -> None:
    with private_redis() as server:
        settings = Settings(data=tmp_path, redis_url=server.url)
        server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        server.ask("CONFIG", "SET", "appendonly", "no")
        server.ask("SET", "fd:{p00}:partitions", "8")
        found = levels(await stores.look_at_redis(settings))
    assert found["redis_policy"] == found["redis_partitions"] == "failure" and found["redis_not_kept"] == "warning"
    assert found["redis_clock"] == "ok"
    assert levels(await stores.look_at_redis(settings)) == {"redis_away": "failure"}


async def test_databases_that_are_away_or_wrong() -> None:
    away = f"postgresql://127.0.0.1:{free_port()}/x"
    assert levels(await stores.look_at_sql(away)) == {"sql_away": "failure"}
    assert levels(await stores.look_at_sql("mysql://x/y")) == {"sql_wrong": "failure"}


async def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    finding, at_work = await machine.look_at_port(Settings(data=tmp_path, port=port, host="127.0.0.1"), b"k")
    server.close()
    assert (finding.what, at_work) == ("port_taken", False)


def test_another_package_with_our_name_is_named() -> None:
    found = list(machine.look_at_names({"channels": ["frontdesk", "channels"], "runtime": ["frontdesk"]}))
    assert [(one.what, one.values["others"]) for one in found] == [("name_clash", "channels")]


def test_a_network_drive_is_told_from_a_disk() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nbox:/x /srv/share nfs4 rw 0 0\n/dev/sdb /srv/share/disk xfs rw 0 0\n"
    assert machine.network_type(Path("/srv/share/desk.db"), mounts) == "nfs4"
    assert machine.network_type(Path("/srv/share/disk/desk.db"), mounts) == ""
    assert machine.network_type(Path("/home/desk.db"), mounts) == ""


def test_a_folder_that_others_read_and_one_that_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert levels(list(machine.look_at_folder(tmp_path)))["folder_open"] == "warning"
    assert levels(list(machine.look_at_folder(Path("/dev/null/x"))))["folder_closed"] == "failure"


def test_unknown_time_zones() -> None:
    assert levels(list(machine.look_at_zones(("Europe/Berlin", "Mars/Base")))) == {"zones_unknown": "failure"}


@pytest.mark.parametrize("name", sorted(path.stem for path in (FOLDER / "en").glob("*.yaml")))
def test_every_text_is_there_in_both_languages_with_the_same_values(name: str) -> None:
    german, english = (yaml.safe_load((FOLDER / one / f"{name}.yaml").read_text()) for one in LANGUAGES)
    assert german.keys() == english.keys()
    for key, text in german.items():
        assert _places(text) == _places(english[key]), key


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}


def test_each_failure_says_what_to_do_and_is_shown_in_both_forms() -> None:
    findings = [failure("redis", "redis_away", why="refused")]
    for language in LANGUAGES:
        speech = Speech.read("doctor", language)
        lines = list(as_lines(findings, speech, colour=True))
        assert any("→" in line for line in lines) and "refused" in as_json(findings, speech)
    assert language_here({"LANG": "de_AT.UTF-8"}) == "de" and language_here({}) == "en"


def test_the_schema_is_checked_without_being_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert main(["migrate", "--check", *data]) == 1 and not (tmp_path / "data").exists()
    assert main(["migrate", *data]) == 0
    assert main(["migrate", "--check", *data]) == 0


@pytest.mark.slow
async def test_meta_is_asked_whose_number_and_page_these_are(tmp_path: Path) -> None:
    async with meta_desk(tmp_path) as desk:
        found = await of(desk.real)
        assert found["provider_here"] == "ok" and found["id_missing"] == "failure", "the page's app_id is missing"
        await desk.connect(app_id="900100200300400")
        found = await of(desk.real, public_url=desk.real.url)
        assert "id_missing" not in found and found["webhook_by_hand"] == "ok"
        found = await of(desk.real)
        assert found["webhook_none"] == "warning"


async def test_the_model_is_asked_once_with_one_token(tmp_path: Path) -> None:
    async with ModelStub() as stub:
        settings = Settings(data=tmp_path, model_name="stub-1", model_base_url=stub.url)
        found = [one for one in await examine(database_url(settings), settings, {}, {}) if "model" in one.what]
        assert [(one.what, one.level) for one in found] == [("model_here", "ok")]
        assert [body["max_tokens"] for body in stub.requests] == [1] and not stub.objections
        stub.mode = "500"
        [told] = [one for one in await examine(database_url(settings), settings, {}, {}) if "model" in one.what]
        assert told.level == "failure" and "HTTP 500" in str(told)
