"""What a connection of each channel needs to work: the ids in its config, the secrets, and its word in the address."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Needs:
    """`ids` are numbers of the provider, not phone numbers; `made` are secrets that we make ourselves."""

    path: str
    ids: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


NEEDS: Mapping[str, Needs] = {
    "telegram": Needs("telegram", (), ("bot_token", "webhook_secret"), ("webhook_secret",)),
    "whatsapp_cloud": Needs(
        "whatsapp", ("phone_number_id",), ("access_token", "app_secret", "verify_token"), ("verify_token",)
    ),
    "messenger": Needs(
        "facebook", ("page_id", "app_id"), ("page_access_token", "app_secret", "verify_token"), ("verify_token",)
    ),
}
_OTHER_WORDS = {"whatsapp": "whatsapp_cloud", "facebook": "messenger"}
_ID = re.compile(r"\d{5,20}")


def connector_of(word: str) -> str:
    """The connector that somebody means who wrote the word of the address."""
    return _OTHER_WORDS.get(word, word)


def is_id(text: str) -> bool:
    """Whether it looks like an id of a provider: digits, nothing else."""
    return _ID.fullmatch(text) is not None


def missing_ids(connector: str, config: Mapping[str, str]) -> list[str]:
    """The ids that are not there, or are no ids."""
    known = NEEDS.get(connector)
    return [name for name in known.ids if not is_id(config.get(name, ""))] if known else []


def missing_secrets(connector: str, given: Collection[str]) -> list[str]:
    """The secrets that are not named."""
    known = NEEDS.get(connector)
    return [name for name in known.secrets if name not in given] if known else []
