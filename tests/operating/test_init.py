"""The setup: asked, given by options, answered wrongly, broken off, run twice."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cli import main
from runtime.cli_parts import take_env_file
from runtime.operating.setup_files import read_env, write_env
from runtime.settings import CONFIGS
from runtime.tenants import read_tenant

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz012345"
ALL = ("init", "--yes", "--language", "de", "--name", "Salon Lindgren")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, and an environment that the command may change."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """Somebody types these lines, then Ctrl-D; returns what is left."""
    left = list(lines)

    def read(_: str = "") -> str:
        if not left:
            raise EOFError
        if left[0] == "^C":
            raise KeyboardInterrupt
        return left.pop(0)

    monkeypatch.setattr("builtins.input", read)
    return left


BUSINESS = ("de", "Salon Lindgren", "", "beide", "du", "AT", "", "Di-Fr 9-18", "Haarschnitt / Haircut, 45, 48 €", "")


def test_questions_and_answers_make_two_files_and_a_business(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = typed(monkeypatch, *BUSINESS, "", "", "https://desk.example.at", "", "", "ja")
    assert main(["init"]) == 0 and not left
    business = read_tenant(Path("salon-lindgren.yaml").read_text(encoding="utf-8"), "x").business
    assert (business.name, business.timezone, business.formality) == ("Salon Lindgren", "Europe/Vienna", "informal")
    assert business.services[0].names == {"de": "Haarschnitt", "en": "Haircut"}
    assert stat.S_IMODE(os.stat(".env").st_mode) == 0o600
    assert read_env(Path(".env")) == {"FRONTDESK_PUBLIC_URL": "https://desk.example.at"}
    capsys.readouterr()
    main(["tenant", "list"])
    assert "salon-lindgren  Salon Lindgren" in capsys.readouterr().out


def test_wrong_answers_get_a_hint_and_are_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["fr", "en", "", "Café", "No Good", "cafe", "klingon", "en", "Nowhere", "GB", "Mars/Base", ""]
    lines += [
        "always maybe",
        "mon-fri 9-17",
        "",
        "Cake",
        "Cake, 30",
        "",
        "12",
        "",
        "pigeons",
        "",
        "ftp://x",
        "",
        "x",
        "",
        "mysql://y",
        "",
    ]
    left = typed(monkeypatch, *lines, "perhaps", "yes")
    assert main(["init"]) == 0 and not left
    shown = capsys.readouterr().out
    for hint in ("up to 80", "Small letters", "de, en", "Two letters", "Europe/London", "Weekdays", "Haircut, 45"):
        assert hint in shown
    assert not Path(".env").exists()


@pytest.mark.parametrize("at", range(len(BUSINESS) + 5))
@pytest.mark.parametrize("how", ["^C", "end of input"])
def test_whoever_stops_leaves_nothing_behind(at: int, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [*BUSINESS, "", "", "", "", ""][:at]
    typed(monkeypatch, *lines, *(["^C"] if how == "^C" else []))
    assert main(["init"]) == 1
    assert os.listdir() == []


def test_options_alone_are_enough_and_twice_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ALL, "--service", "Haarschnitt, 45, 48 €", "--hours", "Mo-Fr 9-18"]) == 0
    text = Path("salon-lindgren.yaml").read_text(encoding="utf-8")
    assert main([*ALL]) == 2 and "--force" in capsys.readouterr().err
    assert Path("salon-lindgren.yaml").read_text(encoding="utf-8") == text
    assert main([*ALL, "--force"]) == 0
    assert Path("salon-lindgren.yaml.old").read_text(encoding="utf-8") == text


def test_a_data_folder_that_was_named_is_found_by_every_later_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ALL, "--data", "elsewhere"]) == 0
    assert read_env(Path(".env")) == {"FRONTDESK_DATA": "elsewhere"}
    take_env_file(Path(".env"))
    capsys.readouterr()
    assert main(["tenant", "list"]) == 0
    assert "salon-lindgren" in capsys.readouterr().out and not Path("data").exists()


@pytest.mark.parametrize(
    "wrong", [("--country", "Nowhere"), ("--public-url", "http://x"), ("--telegram-token", "7"), ("--service", "Cake")]
)
def test_a_wrong_option_is_named_and_nothing_is_written(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ALL, *wrong]) == 2
    assert wrong[0] in capsys.readouterr().err and os.listdir() == []


def test_a_token_that_cannot_be_checked_is_kept_and_stands_in_env_alone(capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["FRONTDESK_TELEGRAM_API"] = "http://127.0.0.1:9"
    os.environ["TELEGRAM_BOT_TOKEN"] = TOKEN
    assert main([*ALL]) == 0
    shown = capsys.readouterr()
    values = read_env(Path(".env"))
    assert values["SALON_LINDGREN_BOT_TOKEN"] == TOKEN and TOKEN not in shown.out + shown.err
    assert TOKEN not in Path("salon-lindgren.yaml").read_text(encoding="utf-8")
    assert main([*ALL, "--force"]) == 0
    assert read_env(Path(".env")) == values, "Telegram knows the webhook's secret: it stays"


META = ("--meta", "whatsapp, messenger", "--whatsapp-phone-number-id", "710022003300440", "--messenger-page-id")
META_IDS = (*META, "150015001500150", "--messenger-app-id", "515253545556")


def test_whatsapp_and_messenger_are_set_up_with_a_verify_token_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    typed_in = {
        "WHATSAPP_ACCESS_TOKEN": "EAA-whatsapp", "WHATSAPP_APP_SECRET": "0123456789abcdef",
        "MESSENGER_PAGE_ACCESS_TOKEN": "EAA-messenger", "MESSENGER_APP_SECRET": "fedcba9876543210",
    }  # fmt: skip
    os.environ.update(typed_in)
    assert main([*ALL, *META_IDS, "--public-url", "https://desk.example.at"]) == 0
    shown, values = capsys.readouterr().out, read_env(Path(".env"))
    file = read_tenant(Path("salon-lindgren.yaml").read_text(encoding="utf-8"), "x", values)
    whatsapp, messenger = file.connections
    assert not [one for one in file.warnings if "missing" in one or "no id" in one]
    assert whatsapp.config == {"phone_number_id": "710022003300440"} and messenger.config["app_id"] == "515253545556"
    assert whatsapp.secrets["access_token"] == "EAA-whatsapp" and len(whatsapp.secrets["verify_token"]) >= 24
    assert whatsapp.secrets["verify_token"] != messenger.secrets["verify_token"]
    for path, one in (("whatsapp", whatsapp), ("facebook", messenger)):
        assert (
            f"https://desk.example.at/webhook/{path}/salon-lindgren" in shown and one.secrets["verify_token"] in shown
        )
        assert (CONFIGS / "setup" / "en" / f"{path}.md").is_file() and (
            CONFIGS / "setup" / "de" / f"{path}.md"
        ).is_file()
    assert "WhatsApp: " in shown and "Facebook Messenger: " in shown
    assert not any(secret in shown for secret in typed_in.values())
    assert main([*ALL, *META_IDS, "--public-url", "https://desk.example.at", "--force"]) == 0
    assert read_env(Path(".env")) == values, "Meta knows the verify tokens: they stay"


def test_a_phone_number_is_no_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ALL, "--meta", "whatsapp", "--whatsapp-phone-number-id", "+49 30 5550100"]) == 2
    assert "--whatsapp-phone-number-id" in capsys.readouterr().err and os.listdir() == []


def test_what_stood_in_env_stays(here: Path) -> None:
    path = here / ".env"
    path.write_text("# mine\nexport OTHER='a b'\nREDIS_URL=redis://old\n")
    write_env(path, {"REDIS_URL": "redis://:p w@new", "DATABASE_URL": "postgresql://x/y?a=b&c=d"})
    assert read_env(path) == {
        "OTHER": "a b", "REDIS_URL": "redis://:p w@new", "DATABASE_URL": "postgresql://x/y?a=b&c=d",
    }  # fmt: skip
    assert path.read_text().startswith("# mine\n") and stat.S_IMODE(path.stat().st_mode) == 0o600
    os.environ["REDIS_URL"] = "redis://environment"
    take_env_file(path)
    assert (os.environ["REDIS_URL"], os.environ["OTHER"]) == ("redis://environment", "a b")
