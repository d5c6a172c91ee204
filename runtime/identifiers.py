"""Ids: conversations and contacts from what the provider calls them, ULIDs for sessions, short ids for questions."""

from __future__ import annotations

import hashlib
import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def conversation_id(connection: str, chat: str) -> str:
    """20 characters; raw chat ids hold phone numbers and would stand in keys and logs."""
    return hashlib.blake2s(f"{connection}\0{chat}".encode(), digest_size=10).hexdigest()


def contact_id(connection: str, sender: str) -> str:
    """A customer on a connection, 20 characters."""
    return hashlib.blake2s(f"contact\0{connection}\0{sender}".encode(), digest_size=10).hexdigest()


def ulid() -> str:
    """26 characters that sort by time."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def question_id() -> str:
    """Travels in buttons: short, never the same twice in a conversation."""
    return secrets.token_hex(4)
