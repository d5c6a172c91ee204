"""What stands around every model: loaded beside the desk's start, calls in flight bounded, a breaker, a time-out.

Nobody waits for the loading but a call that comes before its end, and that one only as long as its own patience.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from typing import Protocol

from runtime.errors import ConfigurationError, ModelUnavailable
from runtime.model_port import ModelAnswer, ModelRequest
from runtime.models.breaker import Breaker
from runtime.telemetry import count, observe

_log = logging.getLogger(__name__)
_NOT_ITS_FAULT = ("invalid", "busy", "open", "budget")


class Loadable(Protocol):
    """An adapter: a model whose library is heavy."""

    name: str

    def load(self) -> None: ...
    def check(self, model: str) -> None: ...
    async def complete(self, request: ModelRequest) -> ModelAnswer: ...
    async def close(self) -> None: ...


class GuardedModel:
    """A `ChatModel` that can be relied upon to end: with an answer, or with the reason why not."""

    def __init__(self, adapter: Loadable, in_flight: int) -> None:
        self.adapter = adapter
        self.in_flight = in_flight
        self.calls = 0
        self._breakers: dict[str, Breaker] = {}
        self._loaded: asyncio.Future[str] | None = None

    @property
    def name(self) -> str:
        """The configured model."""
        return self.adapter.name

    def begin(self) -> None:
        """Load the library in a thread that nobody waits for, not even the process's end."""
        if self._loaded is None:
            loop = asyncio.get_running_loop()
            self._loaded = loop.create_future()
            threading.Thread(target=self._load, args=(loop, self._loaded), name="model", daemon=True).start()

    def _load(self, loop: asyncio.AbstractEventLoop, loaded: asyncio.Future[str]) -> None:
        began, trouble = time.perf_counter(), ""
        try:
            self.adapter.load()
        except (ConfigurationError, ImportError) as error:
            trouble = str(error) or type(error).__name__
        except Exception as error:
            # This thread's outermost: each provider's package has an error tree of its own, and whoever waits for the
            # loading must hear of its end. Its words stay out of the log, they may quote a key.
            trouble = f"its library cannot be set up ({type(error).__name__}); check the settings FRONTDESK_MODEL_*"
        if trouble:
            _log.error("The model cannot be used, the rules read alone: %s", trouble)
        # What a library brings stays for good: looking through it again and again would hold up all turns at once.
        gc.freeze()
        observe("model_load", time.perf_counter() - began)
        try:
            loop.call_soon_threadsafe(_settle, loaded, trouble)
        except RuntimeError:  # the loop has ended meanwhile
            return

    async def loaded(self) -> None:
        """Until its library is there, however long that takes. Raises ModelUnavailable when it cannot be."""
        await self._ready(None)

    def check(self, model: str) -> None:
        """Raise ModelUnavailable when a call would be turned away here."""
        if self.calls >= self.in_flight:
            raise ModelUnavailable(f"{self.calls} calls of models are in flight.", "busy")
        if self._breaker(model).open:
            raise ModelUnavailable(f"The model {model or self.name} failed again and again.", "open")

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """One call inside its time, counted. Raises ModelUnavailable."""
        ends = asyncio.get_running_loop().time() + request.timeout_s
        await self._ready(ends)
        self.check(request.model)
        breaker = self._breaker(request.model)
        breaker.begin()
        self.calls += 1
        began, outcome = time.perf_counter(), "cancelled"
        try:
            async with asyncio.timeout_at(ends):
                answer = await self.adapter.complete(request)
            breaker.worked()
            outcome = "answered"
            return answer
        except TimeoutError as error:
            breaker.failed()
            outcome = "timeout"
            raise ModelUnavailable(f"The model {breaker.name} was too slow.", "timeout") from error
        except ModelUnavailable as error:
            outcome = error.kind
            breaker.worked() if error.kind in _NOT_ITS_FAULT else breaker.failed()
            raise
        finally:
            self.calls -= 1
            if outcome == "cancelled":
                breaker.left()
            count("model_calls", outcome=outcome)
            observe("model", time.perf_counter() - began)

    async def close(self) -> None:
        """Let its connections go."""
        await self.adapter.close()

    async def _ready(self, ends: float | None) -> None:
        """Loaded, or still loading when the time is up: neither says anything about the model."""
        self.begin()
        assert self._loaded is not None  # noqa: S101  # made by begin
        try:
            async with asyncio.timeout_at(ends):
                trouble = await asyncio.shield(self._loaded)
        except TimeoutError as error:
            raise ModelUnavailable(f"The library for the model {self.name} is still loading.", "busy") from error
        if trouble:
            raise ModelUnavailable(trouble, "refused")

    def _breaker(self, model: str) -> Breaker:
        name = model or self.name
        if name not in self._breakers:
            self._breakers[name] = Breaker(name)
        return self._breakers[name]


def _settle(loaded: asyncio.Future[str], trouble: str) -> None:
    if not loaded.done():
        loaded.set_result(trouble)
