"""The names of everything in Redis. One place, so that a key can be looked up from its meaning and back.

All keys of a conversation carry its partition as hash tag, so that one script may touch box, state, lease, outbox and
the ready stream together, also in a cluster. Scripts get the tag as their only declared key and build the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

PARTITIONS = 16
COUNT_KEY = "fd:{p00}:partitions"
TAGS = tuple(f"fd:{{p{number:02d}}}" for number in range(PARTITIONS))
WORKERS = "workers"
PROJECTOR = "projector"
PEOPLE_CHANNEL = "fd:live:people"
"""Where every process hears that people's pages have something to look at; process ids are never this word."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Which conversation of which tenant."""

    tenant: str
    conversation: str

    def __post_init__(self) -> None:
        if not self.tenant or ":" in self.tenant or "\n" in self.tenant or "\n" in self.conversation:
            raise ValueError(f"A session key cannot be made of tenant {self.tenant!r}.")

    @property
    def name(self) -> str:
        """The end of all its keys."""
        return f"{self.tenant}:{self.conversation}"

    @property
    def partition(self) -> int:
        """Stable over processes and versions: never Python's hash()."""
        return crc32(f"{self.tenant}/{self.conversation}".encode()) % PARTITIONS


def named_key(name: bytes) -> SessionKey:
    """The way back from `SessionKey.name`."""
    tenant, _, conversation = name.decode().partition(":")
    return SessionKey(tenant, conversation)


def ready_key(partition: int) -> str:
    """The stream of conversations with something to do."""
    return f"{TAGS[partition]}:ready"


def journal_key(partition: int) -> str:
    """The stream of finished turns on their way into SQL."""
    return f"{TAGS[partition]}:journal"


def parked_key(partition: int) -> str:
    """The hash of events that killed their turn three times."""
    return f"{TAGS[partition]}:parked"


def refused_key(partition: int) -> str:
    """The list of parts that were given up, the newest ones."""
    return f"{TAGS[partition]}:refused"


def meta_key(key: SessionKey) -> str:
    """What the scripts keep of the conversation."""
    return f"{TAGS[key.partition]}:meta:{key.name}"


def state_key(key: SessionKey) -> str:
    """The conversation's state."""
    return f"{TAGS[key.partition]}:state:{key.name}"


def live_channel(process: str) -> str:
    """Where a process hears that something happened for it."""
    return f"fd:live:{process}"
