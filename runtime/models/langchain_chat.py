"""Every other provider: LangChain's `init_chat_model`, with the answer's form by its structured output.

It costs some milliseconds of CPU a call more than the hot path, and reaches what that cannot. The provider's package
(`langchain-anthropic`, `langchain-mistralai` ...) is installed beside Frontdesk.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from runtime.errors import ConfigurationError, ModelTrouble, ModelUnavailable
from runtime.model_port import ModelAnswer, ModelRequest
from runtime.settings import Settings

KEPT = 8
"""Models by name that are kept built."""


class LangChainChat:
    """A model of any provider that LangChain knows."""

    def __init__(self, settings: Settings) -> None:
        self._provider, self.name = provider_of(settings)
        self._settings = settings
        self._built: dict[tuple[str, str, int], Any] = {}

    def load(self) -> None:
        """Import LangChain and the provider's package, and build the model. Raises ConfigurationError."""
        try:
            self._model(self.name, 400)
        except ImportError as error:
            package = f"langchain-{self._provider.replace('_', '-')}"
            text = f"FRONTDESK_MODEL_PROVIDER={self._provider} needs its package: pip install {package}."
            raise ConfigurationError(text) from error
        except ValueError as error:
            raise ConfigurationError(f"The model {self._provider}:{self.name} cannot be set up: {error}") from error

    def check(self, model: str) -> None:
        """Nothing is known without asking."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """One request. Raises ModelUnavailable."""
        name = request.model or self.name
        messages = [(message.role, message.text) for message in request.messages]
        began = time.perf_counter()
        try:
            reply = await self._structured(name, request).ainvoke(messages)
        except Exception as error:
            # Each provider's package has an error tree of its own, so all of it is caught at this border.
            raise ModelUnavailable(f"The model {name} gave no answer: {type(error).__name__}.", _kind(error)) from error
        return _answer(reply, name, (time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        """LangChain closes its connections by itself."""

    def _structured(self, name: str, request: ModelRequest) -> Any:
        key = (name, request.schema_name, request.most_tokens)
        if key not in self._built:
            if len(self._built) >= KEPT:
                self._built.pop(next(iter(self._built)))
            schema = {"title": request.schema_name, "description": "What the customer wants.", **request.schema}
            self._built[key] = self._model(name, request.most_tokens).with_structured_output(schema, include_raw=True)
        return self._built[key]

    def _model(self, name: str, most_tokens: int) -> Any:
        from langchain.chat_models import init_chat_model

        settings = self._settings
        given: dict[str, Any] = {**settings.model_options, "timeout": 10.0, "max_retries": 0, "max_tokens": most_tokens}
        if settings.model_key:
            given["api_key"] = settings.model_key
        if settings.model_base_url:
            given["base_url"] = settings.model_base_url
        return init_chat_model(name, model_provider=self._provider, **given)


def provider_of(settings: Settings) -> tuple[str, str]:
    """The provider and the model's name: from the setting, or from `provider:name`."""
    if settings.model_provider:
        return settings.model_provider, settings.model_name.removeprefix(f"{settings.model_provider}:")
    provider, _, name = settings.model_name.partition(":")
    return provider, name


def _kind(error: Exception) -> ModelTrouble:
    """By the status, which most providers' errors carry, else by the error's name."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    if status == 429 or "RateLimit" in name or "ResourceExhausted" in name:
        return "rate"
    if "Timeout" in name:
        return "timeout"
    if "Parser" in name or "Validation" in name:
        return "invalid"
    return "refused" if isinstance(status, int) and 400 <= status < 500 else "server"


def _answer(reply: Any, name: str, ms: float) -> ModelAnswer:
    """What was parsed, as text again: one check for every provider. Unparsed, the raw words."""
    raw, parsed = reply.get("raw"), reply.get("parsed")
    text = orjson.dumps(parsed).decode() if isinstance(parsed, Mapping) else str(getattr(raw, "content", "") or "")
    usage = getattr(raw, "usage_metadata", None) or {}
    return ModelAnswer(text, name, int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0)), ms)
