"""Shows the customer that their words were read and that somebody writes: beside the turn, best effort, not too often.

Only once a turn has begun, since what was not taken in must not look read; never while a person or another app has the
conversation, because only they know what they have read.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from runtime.codec import Boxed
from runtime.core.conversation import Conversation
from runtime.core.events import Pressed, Said
from runtime.errors import FrontdeskError
from runtime.ports import Channel, Connections, Outbound
from runtime.telemetry import count
from runtime.verbs import Attentive

_log = logging.getLogger(__name__)
AGAIN_S = 4.0
"""Not more often in one conversation: a typing mark lasts for five seconds and more."""
AT_ONCE = 20
REMEMBERED = 4096


class Attention:
    """One process's; what it cannot do at once it leaves."""

    def __init__(self, channels: Mapping[str, Channel], connections: Connections, http: Outbound) -> None:
        self._channels = channels
        self._connections = connections
        self._http = http
        self._shown: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def noticed(self, conversation: Conversation, events: Sequence[Boxed]) -> None:
        """A turn with these events has begun."""
        channel = self._channels.get(conversation.channel)
        message = _newest(events)
        if not isinstance(channel, Attentive) or not message or not _answers(conversation):
            return
        now = time.monotonic()
        key = f"{conversation.tenant}/{conversation.id}"
        if now - self._shown.get(key, -AGAIN_S) < AGAIN_S or len(self._tasks) >= AT_ONCE:
            count("typing_left_out", connector=conversation.channel)
            return
        if len(self._shown) >= REMEMBERED:
            self._shown.clear()
        self._shown[key] = now
        task = asyncio.create_task(self._show(channel, conversation, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, channel: Attentive, conversation: Conversation, message: str) -> None:
        try:
            for connection in await self._connections.connections(conversation.tenant):
                if connection.id == conversation.connection:
                    await channel.typing(conversation.chat, message, connection, self._http, conversation.extra)
        except FrontdeskError as error:
            _log.debug("Nobody was shown as typing: %s", error)

    async def stop(self) -> None:
        """Nothing of it is worth waiting for."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _newest(events: Sequence[Boxed]) -> str:
    """The provider's id of the customer's last message among these; none in a chat that another app answers."""
    for boxed in reversed(events):
        event = boxed.event
        if isinstance(event, Pressed):
            return event.message_id
        if isinstance(event, Said):
            return "" if event.messages[-1].standby else event.messages[-1].id
    return ""


def _answers(conversation: Conversation) -> bool:
    """Whether the desk is about to say something here."""
    desk = conversation.desk
    if desk is None or desk.suspended or desk.paused or conversation.contact in desk.barred:
        return False
    return conversation.phase != "owned" and not conversation.traffic.flooding and not conversation.traffic.looping
