"""Where files of WhatsApp and Messenger lie: an id that is asked for an address, or an address in the message.

Both kinds of address expire, and both are data from outside: only Meta's own hosts are named, so the token of the
request goes to nobody else. https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

import re

from channels.graph import API_URL, Graph
from runtime.core.messages import Attachment
from runtime.errors import ProviderRefused
from runtime.files import RemoteFile
from runtime.ports import Connection, Outbound

HOSTS = ("lookaside.fbsbx.com", "cdn.fbsbx.com", ".fbcdn.net", ".whatsapp.net")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,200}")


async def by_id(attachment: Attachment, graph: Graph, connection: Connection, http: Outbound) -> RemoteFile:
    """WhatsApp's: the id is asked for an address, and the address wants the token too."""
    if not _ID.fullmatch(attachment.id) or not attachment.id.strip("."):
        raise ProviderRefused("The message named a file by something that is no id of Meta's.")
    found = await graph.get(attachment.id, connection, http)
    token = connection.secrets.get(graph.token, "")
    return RemoteFile(
        found.text("url"), HOSTS, {"Authorization": f"Bearer {token}"}, _trusted(connection),
        found.text("mime_type"), max(0, found.number("file_size")),
    )  # fmt: skip


def by_address(attachment: Attachment, connection: Connection) -> RemoteFile:
    """Messenger's: the address came along, signed by itself; no token goes there."""
    if not attachment.url:
        raise ProviderRefused("The message named a file without its address.")
    return RemoteFile(attachment.url, HOSTS, trusted=_trusted(connection))


def _trusted(connection: Connection) -> str:
    """Another place than Meta's own, where this connection's settings name one."""
    base = connection.secrets.get("api_url", "")
    return base if base and base != API_URL else ""
