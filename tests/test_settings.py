"""Settings from the environment: which name means what, and what is told about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import ConfigurationError
from runtime.settings import read_settings


def test_the_environment_fills_the_settings_and_the_command_line_wins() -> None:
    environment = {"FRONTDESK_PORT": "8090", "FRONTDESK_DATA": "", "FRONTDESK_LOG_LEVEL": "debug", "PORT": "1"}
    settings = read_settings(environment, data=Path("here"), host=None)
    assert (settings.port, settings.data, settings.host) == (8090, Path("here"), "127.0.0.1")
    assert settings.log_level == "DEBUG"


def test_redis_and_sql_have_their_usual_names_too() -> None:
    usual = {"REDIS_URL": "redis://usual", "DATABASE_URL": "postgresql://usual"}
    assert read_settings(usual).redis_url == "redis://usual"
    own = read_settings({**usual, "FRONTDESK_DATABASE_URL": "postgresql://own"})
    assert (own.redis_url, own.database_url) == ("redis://usual", "postgresql://own")


@pytest.mark.parametrize("written", ["arni", "/arni", "/arni/", "arni/"])
def test_a_base_path_begins_with_a_slash_and_ends_without(written: str) -> None:
    assert read_settings({"FRONTDESK_BASE_PATH": written}).base_path == "/arni"
    assert read_settings({"FRONTDESK_BASE_PATH": "/"}).base_path == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTDESK_PORT", "many"),
        ("FRONTDESK_PORT", "70000"),
        ("FRONTDESK_LOG_LEVEL", "loud"),
        ("FRONTDESK_DURABILITY", "very"),
        ("FRONTDESK_PUBLIC_URL", "desk.example.com"),
    ],
)
def test_a_wrong_setting_is_named_without_the_others(name: str, value: str) -> None:
    secret = {"DATABASE_URL": "postgresql://desk:hunter2@db/desk", "FRONTDESK_OPERATOR_TOKEN": "hush"}
    with pytest.raises(ConfigurationError, match=name) as caught:
        read_settings({**secret, name: value})
    assert "hunter2" not in str(caught.value)
    assert "hush" not in str(caught.value)
