"""An OpenAI-compatible model on loopback: it reads the request, checks its form, answers from a table, or misbehaves.

Right answers come from a table: a row whose `when` (a regular expression) is found in the customer's message gives its
commands; without one the answer is `unclear`. Every request is held against the types of the installed `openai`.

    python -m tests.support.model_stub --port 0 --mode right --table rows.json --delay 0.05
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from aiohttp import web

MODES = (
    "right", "invalid_json", "unknown_command", "invented_value", "429", "500", "hang", "slow_stream", "cut_stream",
)  # fmt: skip
FAULTS = MODES[1:]
HANGS_S = 30.0
Row = Mapping[str, Any]


def row(when: str, *commands: tuple[str, str, str]) -> Row:
    """A row of the table: (command, target, words) each."""
    return {"when": when, "commands": [{"command": c, "target": t, "words": w} for c, t, w in commands]}


class ModelStub:
    """One loopback model. `mode` and `table` may be changed at any time."""

    def __init__(
        self,
        mode: str = "right",
        table: Sequence[Row] = (),
        delay_s: float = 0.0,
        *,
        checks: bool = True,
        seed: int = 1,
    ) -> None:
        self.mode = mode
        self.table = list(table)
        self.delay_s = delay_s
        self.checks = checks
        self.asked = 0
        self.reached = asyncio.Event()
        self.requests: list[dict[str, Any]] = []
        self.objections: list[str] = []
        self.given_up = 0
        self.url = ""
        self._chance = random.Random(seed)  # repeatable on purpose
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> ModelStub:
        return await self.open()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def open(self, port: int = 0) -> ModelStub:
        """Listen."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def close(self) -> None:
        """Hang up on everybody."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def messages(self) -> list[str]:
        """What customers wrote, as the requests held it."""
        return [" ".join(facts_of(body).get("message", ())) for body in self.requests]

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked += 1
        self.reached.set()
        if self.checks:
            self.requests.append(body)
            self.objections += objections(body)
        try:
            await asyncio.sleep(HANGS_S if self.mode == "hang" else self.delay_s)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        match self.mode:
            case "429":
                return _refused(429, "rate_limit_exceeded", {"retry-after": "20"})
            case "500":
                return _refused(500, "server_error", {})
            case "slow_stream":
                return await self._dribble(request, body, cut=False)
            case "cut_stream":
                return await self._dribble(request, body, cut=True)
        return web.json_response(self._completion(body))

    async def _dribble(self, request: web.Request, body: Mapping[str, Any], *, cut: bool) -> web.StreamResponse:
        """The answer byte by byte, far too slowly; or half of it, and then nobody is there any more."""
        whole = json.dumps(self._completion(body)).encode()
        response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(whole))})
        await response.prepare(request)
        if cut:
            await response.write(whole[: len(whole) // 2])
            if request.transport is not None:
                request.transport.close()
            return response
        try:
            for at in range(len(whole)):
                await response.write(whole[at : at + 1])
                await asyncio.sleep(HANGS_S / len(whole))
        except (ConnectionError, asyncio.CancelledError):
            self.given_up += 1
            raise
        return response

    def _completion(self, body: Mapping[str, Any]) -> dict[str, Any]:
        text = self._text(body)
        size = sum(len(message["content"]) for message in body["messages"]) // 4
        return {
            "id": f"chatcmpl-{self.asked}",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                }
            ],
            "usage": {
                "prompt_tokens": size,
                "completion_tokens": len(text) // 4,
                "total_tokens": size + len(text) // 4,
            },
        }

    def _text(self, body: Mapping[str, Any]) -> str:
        facts = facts_of(body)
        match self.mode:
            case "invalid_json":
                return 'Sure! Here is what the customer wants: {"commands": [{"command": "sta'
            case "unknown_command":
                return json.dumps({"commands": [{"command": "transfer_money", "target": "book", "words": "all of it"}]})
            case "invented_value":
                return json.dumps({"commands": [*self._invented(facts), *answer(self.table, facts)]})
        return json.dumps({"commands": answer(self.table, facts)}, ensure_ascii=False)

    def _invented(self, facts: Mapping[str, Any]) -> list[dict[str, str]]:
        """A value for every detail that nobody said, and a yes to everything."""
        values = {
            "datetime": lambda: f"am {self._chance.randint(1, 28)}.12. um {self._chance.randint(9, 17)} Uhr",
            "phone": lambda: f"0171 {self._chance.randint(2_000_000, 9_999_999)}",
            "person": lambda: self._chance.choice(["Fritz Erfunden", "Ottilie Lug", "Ben Trug"]),
        }
        invented = [
            {"command": "affirm", "target": "", "words": "ja"},
            {"command": "pick", "target": "1", "words": "1"},
        ]
        for name, kind in facts.get("details", {}).items():
            words = values[kind]() if isinstance(kind, str) and kind in values else "etwas ganz anderes"
            option = f"={self._chance.choice(list(kind))}" if isinstance(kind, Mapping) and kind else ""
            invented.append({"command": "set", "target": f"{name}{option}", "words": words})
        return invented


def facts_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of the turn, as the prompt's first user message holds them."""
    text = next((m["content"] for m in body["messages"] if m["role"] == "user"), "{}")
    try:
        facts: dict[str, Any] = json.loads(text)
    except ValueError:
        return {"message": [text]}
    return facts


def answer(table: Sequence[Row], facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """The commands of the first row that fits the message, and, where a row names it, the open question's detail."""
    message = " ".join(facts.get("message", ()))
    for one in table:
        if re.search(one["when"], message, re.IGNORECASE):
            commands: list[dict[str, str]] = one["commands"]
            return commands
    return [{"command": "unclear", "target": "", "words": ""}]


def objections(body: Mapping[str, Any]) -> list[str]:
    """What the installed `openai` package's types say against a request."""
    from openai.types.chat import completion_create_params as params
    from pydantic import TypeAdapter, ValidationError

    wanted = params.CompletionCreateParamsNonStreaming
    known = set(wanted.__annotations__) | {name for base in get_args(wanted) for name in base.__annotations__}
    known |= set(params.CompletionCreateParamsBase.__annotations__)
    found = [f"{name} is no field of a request" for name in body if name not in known]
    try:
        TypeAdapter(wanted).validate_python(dict(body))
    except ValidationError as error:
        found += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return found


def _refused(status: int, code: str, headers: Mapping[str, str]) -> web.Response:
    error = {"message": "Not now.", "type": code, "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


async def _serve(options: argparse.Namespace) -> None:
    table = json.loads(options.table.read_text(encoding="utf-8")) if options.table else ()
    stub = await ModelStub(options.mode, table, options.delay, checks=not options.unchecked).open(options.port)
    sys.stdout.write(f"{stub.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed; prints its address first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", choices=MODES, default="right")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--unchecked", action="store_true", help="check and keep no request: for benchmarks")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
