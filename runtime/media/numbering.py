"""Our own ids for files that came with a provider's message: the same again when the message comes again."""

from __future__ import annotations

import dataclasses
import hashlib

from runtime.core.messages import Attachment, Inbound
from runtime.ports import Connection


def numbered(connection: Connection, inbound: Inbound) -> Inbound:
    """The message with ids for the files that lie at the provider."""
    if not inbound.attachments:
        return inbound
    name = f"{connection.tenant}/{connection.id}\0{inbound.conversation_id}\0{inbound.message_id or inbound.event_id}"
    files = (_numbered(one, f"{name}\0{number}") for number, one in enumerate(inbound.attachments))
    return dataclasses.replace(inbound, attachments=tuple(files))


def _numbered(attachment: Attachment, name: str) -> Attachment:
    if attachment.file or not (attachment.id or attachment.url):
        return attachment
    digest = hashlib.blake2s(name.encode(), digest_size=10).hexdigest()
    return dataclasses.replace(attachment, file=f"f{digest}")
