"""Settings from the environment (`FRONTDESK_*`, `REDIS_URL`, `DATABASE_URL`), read once and frozen."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from runtime.errors import ConfigurationError

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
"""Read-only defaults that come with the program."""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _json_object(value: object) -> object:
    """The text of a JSON object."""
    return json.loads(value) if isinstance(value, str) else value


Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]


class Settings(BaseModel):
    """Everything an operator can set. Each field is `FRONTDESK_<NAME>`; Redis and SQL also by their usual names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(default=Path("data"), description="Folder of the embedded servers, SQLite and the tokens.")
    redis_url: str = Field(default="", description="Redis or Valkey; empty starts the embedded Valkey. REDIS_URL too.")
    redis_cluster: bool = Field(
        default=False, description="Whether redis_url is a node of a Redis Cluster; redis+cluster://... says it too."
    )
    database_url: str = Field(
        default="", description="PostgreSQL; empty means SQLite in the data folder. DATABASE_URL too."
    )
    durability: Literal["normal", "strict"] = Field(
        default="normal",
        description="strict: the embedded Redis syncs each write, one of your own has a replica's word.",
    )
    host: str = Field(default="127.0.0.1", description="Address the server binds to.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port the server binds to; 0 picks a free one.")
    public_url: str = Field(
        default="",
        description="https:// address that customers and providers reach us at; webhooks are registered there.",
    )
    base_path: str = Field(default="", description="Prefix of all paths, such as /arni.")
    gather_ms: int = Field(default=800, ge=0, le=10_000, description="Quiet time that ends a burst in a chat.")
    gather_max_ms: int = Field(default=3000, ge=0, le=30_000, description="Longest wait after a burst's first part.")
    workers: int = Field(default=64, ge=0, le=1024, description="Turns in flight in one process; 0: it only answers.")
    drain_s: float = Field(default=10.0, ge=0, le=120, description="Time that turns in flight get when stopping.")
    model_name: str = Field(
        default="", description="A language model for what the rules cannot read; empty: the rules read alone."
    )
    model_base_url: str = Field(
        default="", description="OpenAI-compatible address of it, such as http://localhost:11434/v1; empty: OpenAI's."
    )
    model_key: str = Field(default="", repr=False, description="The key for it; a model of your own may need none.")
    model_provider: str = Field(
        default="",
        description="A provider's word in LangChain, such as anthropic or mistralai; empty: OpenAI-compatible.",
    )
    model_options: Annotated[dict[str, object], BeforeValidator(_json_object)] = Field(
        default={}, description='More fields for each request, as a JSON object, such as {"reasoning_effort": "low"}.'
    )
    model_schema: Literal["strict", "json", "prompt"] = Field(
        default="strict",
        description="How the answer's form is asked for: by JSON schema, as any JSON, or in the prompt alone.",
    )
    model_money_per_day: float = Field(
        default=0.0,
        ge=0,
        description="Budget of a business and day, in the prices' currency; 0: none. Its file beats it.",
    )
    model_tokens_per_day: int = Field(
        default=2_000_000, ge=0, description="Budget of a business and day in tokens; 0: none. Its own file beats it."
    )
    model_price_in: float = Field(default=0.0, ge=0, description="Price of a million tokens of the prompt.")
    model_price_out: float = Field(default=0.0, ge=0, description="Price of a million tokens of the answer.")
    model_in_flight: int = Field(
        default=32, ge=1, le=1024, description="Model calls in flight in one process; beyond, the rules read at once."
    )
    operator_token: str = Field(default="", description="Token of the operator API; made at first start when empty.")
    telegram_api: str = Field(default="https://api.telegram.org", description="Telegram's Bot API; another for tests.")
    metrics: Literal["local", "token", "open"] = Field(
        default="local",
        description="Who reads /metrics without the operator token: this machine (local), nobody (token), all (open).",
    )
    give_up_h: float = Field(
        default=24.0, gt=0, le=168, description="Hours until a part that cannot be sent is given up."
    )
    newer_wait_s: float = Field(
        default=120.0, ge=0, le=86_400, description="Seconds until an event of a newer version is put aside."
    )
    log: Literal["text", "json"] = Field(default="text", description="Form of the log lines on stderr.")
    log_level: Level = Field(default="INFO", description="From which level on lines are logged.")
    prompt_scan_s: float = Field(
        default=30.0, ge=0, description="Seconds between looks for reminders that are due; 0 means never."
    )
    alert_url: str = Field(
        default="", description="Address that is told of handoffs and alerts, signed with alert_secret; empty: none."
    )
    alert_secret: str = Field(
        default="", validate_default=True, description="What signs the requests to alert_url (HMAC-SHA256)."
    )
    media: Path | None = Field(
        default=None, description="Folder of customers' files, one for all workers; empty: media in the data folder."
    )
    media_mb: float = Field(default=25.0, gt=0, le=100, description="Largest file that is kept or sent, in megabytes.")
    media_types: str = Field(
        default="image/* audio/* video/* application/pdf text/* application/zip application/msword"
        " application/vnd.ms-excel application/vnd.ms-powerpoint application/vnd.openxmlformats-officedocument.*"
        " application/vnd.oasis.opendocument.*",
        description="Kinds of files that are kept, by what they are, not by what they are called.",
    )
    media_days: int = Field(default=180, ge=0, le=36_500, description="Days until a file is deleted; 0 means never.")
    demo: bool = Field(default=True, description="Whether to load the demo tenant when there is none.")

    @model_validator(mode="before")
    @classmethod
    def _cluster_by_its_scheme(cls, values: dict[str, object]) -> dict[str, object]:
        """`redis+cluster://...` says both settings in one."""
        scheme, mark, place = str(values.get("redis_url", "")).partition("+cluster://")
        return {**values, "redis_url": f"{scheme}://{place}", "redis_cluster": True} if mark else values

    @field_validator("public_url", "alert_url", "model_base_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("write the whole address, such as https://desk.example.com")
        return value.rstrip("/")

    @field_validator("alert_secret")
    @classmethod
    def _signs(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("alert_url") and not value:
            raise ValueError("set it too where FRONTDESK_ALERT_URL is set: alerts are signed with it")
        return value

    @field_validator("base_path")
    @classmethod
    def _begins_with_a_slash(cls, value: str) -> str:
        path = value.strip("/")
        return f"/{path}" if path else ""


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, with overrides from the command line on top."""
    env = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for name in Settings.model_fields:
        if (text := env.get(f"FRONTDESK_{name.upper()}")) not in (None, ""):
            values[name] = text
    values.setdefault("redis_url", env.get("REDIS_URL", ""))
    values.setdefault("database_url", env.get("DATABASE_URL", ""))
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"FRONTDESK_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"A setting is wrong: {wrong}. See .env.example for what each may be.") from error
