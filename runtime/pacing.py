"""How a part goes out: cut into what the provider takes, and no faster than it takes it.

A provider's limits are shared by all workers (`SharedLimits`); a channel without any costs no round trip. A short wait
is sat out with its place taken, a long one puts the outbox off.
"""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import replace

from runtime.codec import dump_part
from runtime.core.messages import OutboundPart
from runtime.errors import ProviderUnavailable
from runtime.ports import Channel, Connection, SharedLimits
from runtime.sessions.shapes import OutboxPart
from runtime.verbs import Cutting, Paced

PATIENCE_S = 1.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LONGEST_PAIR_WAIT_S = 300.0
LONGEST_SPREAD = 16.0


def cut(channel: Channel | None, stored: OutboxPart, part: OutboundPart) -> tuple[OutboxPart, ...]:
    """The pieces that shall lie in the outbox instead of this part; none when it goes out as one message."""
    pieces = channel.pieces(part) if isinstance(channel, Cutting) and not part.piece else ()
    return tuple(replace(stored, body=dump_part(piece)) for piece in pieces) if len(pieces) > 1 else ()


async def keep_pace(channel: Channel | None, part: OutboundPart, connection: Connection, limits: SharedLimits) -> bool:
    """Wait until the provider's limits let this part through, and say whether there was a wait.

    Raises ProviderUnavailable when it would be long.
    """
    if not isinstance(channel, Paced):
        return False
    key, allowances = channel.pace(part, connection)
    wait_s = await limits.wait_s(key, allowances, PATIENCE_S)
    if wait_s > PATIENCE_S:
        text = f"{connection.id} of tenant {connection.tenant} sends as fast as it may; the part goes out later."
        raise ProviderUnavailable(text, retry_after_s=wait_s, sent=False, kind="rate")
    if wait_s > 0:
        await asyncio.sleep(wait_s)
    return wait_s > 0


def wait_after(error: ProviderUnavailable, failures: int) -> float:
    """How long to wait after this many failures: as the provider asks, else longer each time, with jitter.

    For messages to one customer WhatsApp wants 4^n seconds (https://developers.facebook.com/docs/whatsapp/cloud-api/
    overview#pair-rate-limits).
    """
    if error.retry_after_s is not None:
        if error.kind != "rate" or error.sent:
            return error.retry_after_s
        # Our own pace: all who wait were told the same moment, and but few of them can go then. They spread out, or
        # hundreds of outboxes would ask again each second.
        return error.retry_after_s * random.uniform(1.0, min(LONGEST_SPREAD, math.pow(2, failures)))
    if error.kind == "pair_limit":
        return min(LONGEST_PAIR_WAIT_S, math.pow(4, failures - 1))
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * math.pow(2, failures - 1)) * random.uniform(0.8, 1.2)
