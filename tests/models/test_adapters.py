"""Both adapters against the stub, and what stands around them: time-outs, the breaker, calls in flight, loading."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from runtime.errors import ConfigurationError, ModelUnavailable
from runtime.model_port import ModelAnswer, ModelMessage, ModelRequest
from runtime.models.breaker import FAILURES, LONGEST_S, OPEN_S, Breaker
from runtime.models.choosing import model_of
from runtime.models.guarded import GuardedModel
from runtime.models.langchain_chat import LangChainChat
from runtime.prompts import SCHEMA_NAME, answer_schema
from runtime.settings import Settings
from tests.support.model_stub import ModelStub, row

KEY = "sk-a-key-of-the-tests"
KINDS = {
    "429": "rate", "500": "server", "hang": "timeout", "slow_stream": "timeout", "cut_stream": "server",
}  # fmt: skip


def request(timeout_s: float = 5.0, **changes: Any) -> ModelRequest:
    asked = ModelMessage("system", "Read."), ModelMessage("user", '{"message":["Wischmopp"]}')
    return ModelRequest(asked, SCHEMA_NAME, answer_schema(), {}, timeout_s=timeout_s, **changes)


async def opened(stub: ModelStub, provider: str) -> GuardedModel:
    settings = Settings(model_name="stub-1", model_base_url=stub.url, model_key=KEY, model_provider=provider)
    model = model_of(settings)
    assert model is not None
    await model.loaded()
    return model


@pytest.mark.parametrize("provider", ["", "openai"], ids=["post", "langchain"])
async def test_every_fault_is_an_error_of_ours_with_its_kind(
    stub: ModelStub, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.table = [row("Wischmopp", ("start", "book_appointment", ""))]
    model = await opened(stub, provider)
    answer = await model.complete(request())
    assert "book_appointment" in answer.text and answer.tokens_in and answer.tokens_out and answer.ms > 0
    for number, (mode, kind) in enumerate(KINDS.items()):
        stub.mode = mode
        # Another name each time: each has a breaker of its own.
        with pytest.raises(ModelUnavailable) as trouble:
            await model.complete(request(0.3, model=f"stub-{number + 2}"))
        assert trouble.value.kind == kind, mode
    stub.mode = "invalid_json"
    assert "Sure" in (await model.complete(request())).text
    await model.close()
    assert KEY not in caplog.text and "Wischmopp" not in caplog.text
    assert {body["model"] for body in stub.requests} >= {"stub-1", "stub-2"}
    assert all("response_format" in body for body in stub.requests)


async def test_where_nobody_listens_it_says_so() -> None:
    model = model_of(Settings(model_name="stub-1", model_base_url="http://127.0.0.1:9/v1"))
    assert model is not None
    await model.loaded()
    with pytest.raises(ModelUnavailable, match="nobody answers there") as trouble:
        await model.complete(request())
    assert trouble.value.kind == "server"
    await model.close()


async def test_proxies_of_the_environment_are_left_alone(stub: ModelStub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model = await opened(stub, "")
    assert (await model.complete(request())).text
    await model.close()


@pytest.mark.parametrize(
    ("name", "base_url", "provider", "adapter"),
    [
        ("gpt-x", "", "", "OpenAIChat"),
        ("openai:gpt-x", "", "", "OpenAIChat"),
        ("llama3:8b", "http://127.0.0.1:1/v1", "", "OpenAIChat"),
        ("anthropic:claude-x", "", "", "LangChainChat"),
        ("claude-x", "", "anthropic", "LangChainChat"),
    ],
)
def test_the_settings_choose_the_adapter(name: str, base_url: str, provider: str, adapter: str) -> None:
    model = model_of(Settings(model_name=name, model_base_url=base_url, model_provider=provider))
    assert model is not None and type(model.adapter).__name__ == adapter and ":" not in model.name.replace("3:8b", "")


async def test_a_provider_whose_package_is_missing_says_so_and_the_rules_read_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = GuardedModel(LangChainChat(Settings(model_name="m", model_provider="mistralai")), 4)
    with pytest.raises(ModelUnavailable, match="pip install langchain-mistralai"):
        await model.loaded()
    assert "the rules read alone" in caplog.text
    with pytest.raises(ConfigurationError):
        LangChainChat(Settings(model_name="m", model_provider="no_such_provider")).load()


async def test_a_library_that_cannot_be_set_up_is_told_at_once_to_whoever_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Slow):
        def load(self) -> None:
            raise RuntimeError(KEY)

    with pytest.raises(ModelUnavailable, match="RuntimeError") as trouble:
        await GuardedModel(Broken(), in_flight=1).complete(request())
    assert trouble.value.kind == "refused"
    assert "the rules read alone" in caplog.text and KEY not in caplog.text


class Slow:
    """An adapter that answers when it is told to."""

    def __init__(self) -> None:
        self.name = "slow"
        self.go = asyncio.Event()
        self.begun = asyncio.Semaphore(0)
        self.trouble: ModelUnavailable | None = None

    def load(self) -> None:
        """Nothing to load."""

    def check(self, model: str) -> None:
        """Always there."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """When told."""
        self.begun.release()
        await self.go.wait()
        if self.trouble is not None:
            raise self.trouble
        return ModelAnswer("{}", self.name)

    async def close(self) -> None:
        """Nothing to close."""


async def test_beyond_the_calls_in_flight_nobody_waits() -> None:
    adapter = Slow()
    model = GuardedModel(adapter, in_flight=2)
    calls = [asyncio.create_task(model.complete(request())) for _ in range(2)]
    for _ in calls:
        await adapter.begun.acquire()
    with pytest.raises(ModelUnavailable) as trouble:
        await model.complete(request())
    assert trouble.value.kind == "busy"
    adapter.go.set()
    await asyncio.gather(*calls)
    assert model.calls == 0 and (await model.complete(request())).text


async def test_a_call_that_we_give_up_says_nothing_about_the_model() -> None:
    adapter = Slow()
    model = GuardedModel(adapter, in_flight=9)
    for _ in range(FAILURES + 1):
        call = asyncio.create_task(model.complete(request()))
        await adapter.begun.acquire()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    model.check("")


def test_the_breaker_opens_tries_one_call_and_closes() -> None:
    now = 0.0
    breaker = Breaker("m", lambda: now)
    for _ in range(FAILURES):
        assert breaker.begin()
        breaker.failed()
    assert breaker.open and not breaker.begin()
    now += OPEN_S
    assert breaker.begin() and not breaker.begin(), "one call tries, no more"
    breaker.failed()
    now += OPEN_S
    assert breaker.open, "the second wait is longer"
    now += LONGEST_S
    assert breaker.begin()
    breaker.left()
    assert breaker.begin(), "a call that was given up does not keep it open for ever"
    breaker.worked()
    assert not breaker.open and breaker.begin() and breaker.begin()


def test_calls_that_fail_together_open_the_breaker_once() -> None:
    now = 0.0
    breaker = Breaker("m", lambda: now)
    for _ in range(4 * FAILURES):
        assert breaker.begin()
    for _ in range(4 * FAILURES):
        breaker.failed()
        now += 0.01
    now += OPEN_S
    assert breaker.begin(), "they began before it opened, and do not make it wait longer"
