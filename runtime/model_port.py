"""The port to language models, and to what may be spent on them: the seam between the understanding and `models/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call of a model: a bounded prompt and the JSON schema that the answer must have."""

    messages: tuple[ModelMessage, ...]
    schema_name: str
    schema: Mapping[str, Any]
    parts: Mapping[str, Any]
    """What the prompt was made of, as plain data: recorded answers are found by it."""
    model: str = ""
    """Another model than the configured one, at the same place."""
    most_tokens: int = 400
    timeout_s: float = 2.5


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model said, unchecked: `text` should be JSON of the schema. Tokens are 0 where nobody counted."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    ms: float = 0.0


class ChatModel(Protocol):
    """A language model. It proposes; nothing that it says is done without the machine."""

    @property
    def name(self) -> str:
        """The configured model."""

    def check(self, model: str) -> None:
        """Raise ModelUnavailable when a call now would surely be turned away; `model` "" is the configured one."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """One call, never repeated. Raises ModelUnavailable."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    """Tokens, and money in millionths of the prices' currency."""

    tokens: int = 0
    money: int = 0


class ModelBudget(Protocol):
    """What each business may spend on models in a day, shared by all processes."""

    async def take(self, tenant: str, day: str, cost: ModelCost, most: ModelCost) -> Literal["yes", "no", "first_no"]:
        """Set this aside before a call; `first_no` once a day, when it is refused for the first time. 0: no limit."""

    async def correct(self, tenant: str, day: str, cost: ModelCost) -> None:
        """What the call cost more, or less, than was set aside."""
