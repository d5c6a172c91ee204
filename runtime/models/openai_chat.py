"""The hot path: any OpenAI-compatible address, through the generic `post` of the `openai` client.

The typed `create()` costs several times as much CPU. The client is built once, in a thread (`load`), over aiohttp; it
never repeats a request by itself and takes no proxy from the environment. Bytes in and bytes out: what the client would
do with the body and the answer costs a third more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from runtime.errors import ModelTrouble, ModelUnavailable
from runtime.model_port import ModelAnswer, ModelRequest
from runtime.settings import Settings

OPENAI = "https://api.openai.com/v1"


class OpenAIChat:
    """A model at an OpenAI-compatible address."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.model_name.removeprefix("openai:")
        self._place = settings.model_base_url or OPENAI
        self._key = settings.model_key or "none"
        self._form = settings.model_schema
        self._options = dict(settings.model_options)
        self._client: Any = None

    def load(self) -> None:
        """Import the library and build the client: half a second, so never on a customer's time."""
        import openai

        http = openai.DefaultAioHttpClient(timeout=openai.Timeout(10.0, connect=2.0), trust_env=False)
        self._client = openai.AsyncOpenAI(
            api_key=self._key, base_url=self._place, max_retries=0, timeout=10.0, http_client=http
        )

    def check(self, model: str) -> None:
        """Nothing is known without asking."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """One request. Raises ModelUnavailable."""
        import httpx2  # loaded before, see `guarded.py`
        import openai

        model = request.model or self.name
        began = time.perf_counter()
        try:
            response = await self._client.post(
                "/chat/completions",
                content=orjson.dumps(self._body(request, model)),
                cast_to=httpx2.Response,
                options={"timeout": request.timeout_s, "headers": {"Content-Type": "application/json"}},
            )
            reply = orjson.loads(response.content)
        except openai.OpenAIError as error:
            raise ModelUnavailable(_told(model, error), _kind(error)) from error
        except ValueError as error:
            raise ModelUnavailable(f"The model {model} answered with no JSON.", "server") from error
        return _answer(reply, model, (time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.close()

    def _body(self, request: ModelRequest, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
        }
        if self._place == OPENAI:
            body["max_completion_tokens"] = request.most_tokens
        else:  # The older name is the one that other servers know.
            body |= {"max_tokens": request.most_tokens, "temperature": 0}
        if self._form == "strict":
            schema = {"name": request.schema_name, "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._form == "json":
            body["response_format"] = {"type": "json_object"}
        return body | self._options


def _kind(error: Exception) -> ModelTrouble:
    import openai

    if _unreachable(error):
        return "server"
    if isinstance(error, openai.APITimeoutError):
        return "timeout"
    if isinstance(error, openai.RateLimitError):
        return "rate"
    if isinstance(error, openai.APIStatusError):
        return "server" if error.status_code >= 500 or error.status_code in (408, 409) else "refused"
    return "server"


def _unreachable(error: Exception) -> bool:
    """Nobody listens there; the client calls that a time-out, too."""
    import httpx2

    return isinstance(error.__cause__, httpx2.ConnectTimeout)


def _told(model: str, error: Exception) -> str:
    """What happened, without the provider's own text: it may quote the customer."""
    status = getattr(error, "status_code", None)
    what = f"HTTP {status}" if status else "nobody answers there" if _unreachable(error) else type(error).__name__
    return f"The model {model} gave no answer: {what}."


def _answer(reply: object, model: str, ms: float) -> ModelAnswer:
    """The first choice's text; whatever is not of the documented form is no answer."""
    try:
        choice = reply["choices"][0]  # type: ignore[index]  # checked by the except below
        text = choice["message"]["content"]
        cut = choice.get("finish_reason") in ("length", "content_filter")
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ModelUnavailable(f"The model {model} answered in another form.", "server") from error
    usage = reply.get("usage") if isinstance(reply, Mapping) else None
    counted = usage if isinstance(usage, Mapping) else {}
    whole = isinstance(text, str) and not cut
    return ModelAnswer(
        text if whole else "", model, _count(counted, "prompt_tokens"), _count(counted, "completion_tokens"), ms
    )


def _count(usage: Mapping[str, object], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0
