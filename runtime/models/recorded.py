"""A model that answers out of a file, so that dialog tests with a model are quick, free and the same every time.

An answer is found by a hash of what the prompt was made of that decides it: the message, what was asked and offered,
what is open and known. The wording of the instructions and the list of tasks are not part of it. With a model behind
it, it records instead: each answer is asked for, written down, and the file is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runtime.errors import ConfigurationError, ModelUnavailable
from runtime.model_port import ChatModel, ModelAnswer, ModelRequest

_DECIDING = ("language", "open", "known", "question", "offers", "message", "wording", "repair")


def key_of(request: ModelRequest) -> str:
    """By what an answer is found."""
    parts = {name: request.parts[name] for name in _DECIDING if request.parts.get(name)}
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


class RecordedModel:
    """A `ChatModel` over one recording at a time; `missing` are messages that it has no answer for."""

    name = "recorded"

    def __init__(self, behind: ChatModel | None = None) -> None:
        self.behind = behind
        self.missing: list[str] = []
        self._path: Path | None = None
        self._answers: dict[str, Mapping[str, Any]] = {}

    def open(self, path: Path | None) -> None:
        """From now on this recording; None is a dialog without a model. Raises ConfigurationError."""
        self._path, self.missing, self._answers = path, [], {}
        if path is not None and self.behind is None:
            self._answers = _read(path)

    def close(self) -> None:
        """Write down what was recorded."""
        if self._path is not None and self.behind is not None:
            text = json.dumps({"answers": self._answers}, ensure_ascii=False, indent=2)
            self._path.write_text(f"{text}\n", encoding="utf-8")

    def check(self, model: str) -> None:
        """A dialog that names no recording has no model."""
        if self._path is None:
            raise ModelUnavailable("This dialog has no model.", "open")
        if self.behind is not None:
            self.behind.check(model)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """The recorded answer, or the one that is recorded now."""
        self.check(request.model)
        key, said = key_of(request), " ".join(request.parts.get("message", ()))
        if self.behind is not None:
            try:
                answer = await self.behind.complete(request)
            except ModelUnavailable:
                self.missing.append(said)
                raise
            self._answers[key] = {"said": said, "answer": _plain(answer.text)}
            return answer
        found = self._answers.get(key)
        if found is None:
            self.missing.append(said)
            raise ModelUnavailable("There is no recorded answer for this.", "invalid")
        text = found["answer"] if isinstance(found["answer"], str) else json.dumps(found["answer"], ensure_ascii=False)
        return ModelAnswer(text, self.name)


def _plain(text: str) -> Any:
    """JSON as such, so that a recording can be read; anything else as the text that it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        answers = json.loads(path.read_text(encoding="utf-8"))["answers"]
        return {str(key): {"answer": one["answer"]} for key, one in answers.items()}
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} is not there; `frontdesk test DIALOG --record` writes it.") from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise ConfigurationError(f"{path} is no recording; record it anew with `frontdesk test --record`.") from error
