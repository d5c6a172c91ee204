"""Where a Telegram file lies: its path is asked for, and the address holds the bot's token, so it is spoken of nowhere.

A bot may fetch up to 20 MB. https://core.telegram.org/bots/api#getfile
"""

from __future__ import annotations

import re
from urllib.parse import quote

from channels.telegram_sending import API_URL, call
from runtime.core.messages import Attachment
from runtime.errors import ProviderRefused
from runtime.files import RemoteFile
from runtime.ports import Connection, Outbound

LARGEST = 20_000_000
_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)


async def where(attachment: Attachment, connection: Connection, http: Outbound) -> RemoteFile:
    """The file's address, good for an hour."""
    if attachment.size > LARGEST:
        raise ProviderRefused("Telegram hands a bot no file over 20 MB.", code="too_large")
    found = (await call("getFile", {"file_id": attachment.id}, connection.secrets, http)).child("result")
    path = found.text("file_path")
    if not _PATH.fullmatch(path) or ".." in path:
        raise ProviderRefused("Telegram named no path of this file; it is not kept there any more.")
    base = (connection.secrets.get("api_url") or API_URL).rstrip("/")
    url = f"{base}/file/bot{connection.secrets.get('bot_token', '')}/{quote(path)}"
    hosts, trusted = (("api.telegram.org",), "") if base == API_URL else ((), base)
    return RemoteFile(url, hosts, trusted=trusted, size=max(0, found.number("file_size")))
