"""From the outbox to the customer: in order, retried, bot parts of an older owner's time withheld (law 6).

At least once: a worker killed between a provider's yes and our mark sends that one part again. A part that a provider
refuses for good is dropped, and the conversation is told that it never arrived.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from runtime.codec import Origin, dump_facts, load_chat
from runtime.core.events import ConnectionFailed, WindowShut
from runtime.core.messages import OWN_CHATS, OutboundPart
from runtime.errors import FrontdeskError, ProviderRefused, ProviderUnavailable, StorageUnavailable
from runtime.fates import Fates, fate_note
from runtime.media.store import FileStore
from runtime.pacing import cut, keep_pace, wait_after
from runtime.ports import Channel, Clock, Connection, Connections, Delivery, Outbound
from runtime.sessions.shapes import Fate, OutboxLease, OutboxPart, OutboxView, SentPart
from runtime.sessions.store import Sessions
from runtime.telemetry import about, about_now, count, redact
from runtime.tracing import Trail
from runtime.windows import WINDOWS, calling_back, heard_since, is_shut, template_for

_log = logging.getLogger(__name__)
MOST_REMEMBERED = 4096
STANDING_STILL = frozenset({"token", "locked", "spam"})
"""Faults of a whole connection, which somebody has to mend: its parts wait meanwhile."""
STILL_S = 300.0
ALERT_EACH_MS = 6 * 3600 * 1000


class Deliverer:
    """Sends what lies in outboxes; one of these in each process."""

    def __init__(
        self,
        sessions: Sessions,
        channels: Mapping[str, Channel],
        connections: Connections,
        http: Outbound,
        clock: Clock,
        give_up_s: float = 24 * 3600.0,
        files: FileStore | None = None,
    ) -> None:
        self.sessions = sessions
        self.channels = channels
        self.connections = connections
        self.http = http
        self.clock = clock
        self.give_up_s = give_up_s
        self.files = files
        self.fates = Fates(sessions, clock)
        self._failures: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def sweep(self) -> None:
        """Go on with outboxes that somebody left, or whose wait is over."""
        while True:
            self._start(await self.sessions.next_due_outbox())

    async def deliver(self, lease: OutboxLease, *, local: bool) -> None:
        """Straight after a commit: a chat of ours at once, a provider's in a task of its own."""
        if local:
            withheld = await self.sessions.deliver_local(lease)
            if withheld.parts:
                count("parts_withheld", len(withheld.parts))
        else:
            self._start(lease)

    def _start(self, lease: OutboxLease) -> None:
        task = asyncio.create_task(self._run(lease))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> int:
        """How many outboxes this process empties just now."""
        return len(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Let what is under way end; the rest stays in the outboxes."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, lease: OutboxLease) -> None:
        with about(tenant=lease.key.tenant, conversation=lease.key.conversation):
            try:
                await self._empty(lease)
            except StorageUnavailable as error:
                _log.warning("Delivery is put off: %s", error)
            except Exception:
                # One of the three outermost loops: the outbox is due again by itself.
                count("deliveries_failed")
                _log.exception("Delivery failed")

    async def _empty(self, lease: OutboxLease) -> None:
        """Part after part until the outbox is empty or has to wait.

        Looked at anew before each part: while one was on its way, a person may have taken the conversation.
        """
        while not lease.lost:
            view = await self.sessions.outbox(lease)
            if view.untold is not None:
                if not await self._call_back(lease, view):
                    return
                continue
            if not view.parts:
                return
            _, _, outbound = load_chat(view.parts[0].body)
            connector = await self._connector(outbound) if outbound is not None else ""
            if outbound is None or connector in OWN_CHATS:
                await self.sessions.deliver_local(lease)
                return
            outbound = heard_since(outbound, view.heard_ms)
            if not _stale(view.parts[0], view.generation) and is_shut(outbound, connector, _now_ms()):
                if not await self._keep(lease, outbound):
                    return
                continue
            if pieces := cut(self.channels.get(connector), view.parts[0], outbound):
                # Each lies there by itself, so that a failure in the middle repeats none that is out.
                await self.sessions.outbox_cut(lease, view.parts[0], pieces)
                continue
            if not await self._one(lease, view.parts[0], outbound, view.generation):
                return

    async def _connector(self, part: OutboundPart) -> str:
        """What a part goes out by; our own chats exist without being configured, under their connector's name."""
        for connection in await self.connections.connections(part.tenant):
            if connection.id == part.connection:
                return connection.connector
        return part.connection

    async def _one(self, lease: OutboxLease, part: OutboxPart, outbound: OutboundPart, generation: int) -> bool:
        """Send one part, or withhold it; False when this outbox has to wait."""
        if _stale(part, generation):
            count("parts_withheld")
            _log.info("A bot part was withheld: a person has the conversation")
            return await self.sessions.outbox_done(lease, 1, delivery_note(outbound, "withheld", 0, 0.0))
        trail = Trail(outbound.trace, tenant=outbound.tenant, conversation=outbound.conversation)
        about_now(trace=trail.trace, turn=outbound.turn, connector=outbound.connection)
        if outbound.at_ms and outbound.id not in self._failures:
            trail.passed("outbox", max(0.0, time.time() - outbound.at_ms / 1000))
        began_ms = _now_ms()
        try:
            with trail.stage("deliver"):
                if await self._paced(outbound) and await self._taken_over(lease, part):
                    return True  # the next look withholds it
                sent = await self._send(outbound)
            return await self._is_out(lease, outbound, sent, began_ms, trail)
        except ProviderUnavailable as error:
            if not self._too_old(outbound):
                await self._wait(lease, outbound, error)
                return False
            await self._refused(lease, part, outbound, ProviderRefused(f"Given up after a day: {error}"))
        except ProviderRefused as error:
            if error.kind == "window_closed":
                return await self._keep(lease, outbound)
            if error.kind in STANDING_STILL and not self._too_old(outbound):
                await self._wait(lease, outbound, _later(error))
                return False
            await self._refused(lease, part, outbound, error)
        return await self.sessions.outbox_done(lease, 1, self._note(outbound, "failed", trail))

    async def _is_out(
        self, lease: OutboxLease, part: OutboundPart, sent: Delivery, began_ms: int, trail: Trail
    ) -> bool:
        """Drop it from the outbox, and remember its messages: the provider will tell what became of them."""
        asked = " ".join((part.question, *sent.message_ids)) if part.question else ""
        to_come = max(0, part.pieces - part.piece)
        windowed = await self._connector(part) in WINDOWS
        out = SentPart(part.id, part.question, began_ms, sent.message_ids, fate_note(lease.key), to_come, windowed)
        tell = self.fates.teller(lease.key, await self._origin(part))
        return (await self.sessions.outbox_sent(lease, self._note(part, "sent", trail), asked, out, tell))[0]

    async def _keep(self, lease: OutboxLease, part: OutboundPart) -> bool:
        """It comes too late for the provider's window, and goes out when the customer writes again (M14)."""
        count("parts_kept", connector=part.connection)
        _log.info("%s was kept: the customer wrote too long ago", part.id)
        await self.fates.kept(lease.key, part.id, part.question, await self._origin(part))
        return await self.sessions.kept.keep(lease, delivery_note(part, "kept", 0, 0.0))

    async def _call_back(self, lease: OutboxLease, view: OutboxView) -> bool:
        """Once: a template asks the customer to write; without one the operators hear of it. False: it has to wait."""
        assert view.untold is not None  # noqa: S101  # asked before
        _, _, part = load_chat(view.untold.body)
        if part is None:
            return await self.sessions.kept.told(lease)
        template, why = template_for(await self._connection(part), part), ""
        try:
            if template is not None:
                await self._send_beside(lease, calling_back(part, template))
        except ProviderUnavailable as error:
            await self._wait(lease, part, error)
            return False
        except ProviderRefused as error:
            _log.error("%s of tenant %s refused its template: %s", part.connection, part.tenant, error)
            template, why = None, error.code or error.kind
        told = WindowShut(part.id, template.name if template else "", self.clock.now(), why)
        await self.fates.happened(lease.key, f"{part.id}:window:{view.heard_ms}", told, await self._origin(part))
        return await self.sessions.kept.told(lease)

    async def _send_beside(self, lease: OutboxLease, part: OutboundPart) -> None:
        """Something that never lay in the outbox; its messages are remembered all the same."""
        await self._paced(part)
        began_ms = _now_ms()
        sent = await self._send(part)
        out = SentPart(part.id, "", began_ms, sent.message_ids, fate_note(lease.key))
        await self.fates.told(lease.key, await self.sessions.sent.remember(lease.key, out), await self._origin(part))

    def _note(self, part: OutboundPart, status: str, trail: Trail) -> bytes:
        return delivery_note(part, status, self._failures.pop(part.id, 0) + 1, trail.steps[-1][2])

    async def _paced(self, part: OutboundPart) -> bool:
        """Wait for the provider's pace; whether there was a wait."""
        connection = await self._connection(part)
        return await keep_pace(self.channels.get(connection.connector), part, connection, self.sessions.limits)

    async def _taken_over(self, lease: OutboxLease, part: OutboxPart) -> bool:
        """Whether a person took the conversation while this part waited (law 6)."""
        return _stale(part, (await self.sessions.outbox(lease)).generation)

    async def _send(self, part: OutboundPart) -> Delivery:
        connection = await self._connection(part)
        channel = self.channels.get(connection.connector)
        if channel is None:
            raise ProviderRefused(f"Connector {connection.connector} of tenant {part.tenant} cannot send; check it.")
        if self.files is not None and part.attachments:
            part = dataclasses.replace(part, attachments=await self.files.bearing(part.tenant, part.attachments))
        delivery = await channel.send(part, connection, self.http)
        count("parts_sent", connector=connection.connector)
        _log.debug("Sent %s as %d messages", part.id, len(delivery.message_ids))
        return delivery

    async def _connection(self, part: OutboundPart) -> Connection:
        for connection in await self.connections.connections(part.tenant):
            if connection.id == part.connection:
                return connection
        raise ProviderRefused(f"Connection {part.connection} of tenant {part.tenant} is gone; connect it again.")

    async def _wait(self, lease: OutboxLease, part: OutboundPart, error: ProviderUnavailable) -> None:
        """Back-off with jitter, or as long as the provider asks for."""
        failures = self._failures[part.id] = self._failures.pop(part.id, 0) + 1
        if len(self._failures) > MOST_REMEMBERED:
            # The oldest were sent by another process, or we would have met them again.
            del self._failures[next(iter(self._failures))]
        wait_s = wait_after(error, failures)
        if failures == 1:
            _log.warning("%s of tenant %s is unavailable: %s", part.connection, part.tenant, error)
        if error.kind in STANDING_STILL:
            await self._alert(lease, part, error)
        await self.sessions.outbox_later(lease, int(wait_s * 1000))

    async def _alert(self, lease: OutboxLease, part: OutboundPart, error: ProviderUnavailable) -> None:
        """A connection stands still until somebody looks after it: they are told once in a while, not by each part."""
        if await self.sessions.once(f"{part.tenant}:{part.connection}:{error.kind}", ALERT_EACH_MS):
            failed = ConnectionFailed(part.connection, error.kind, error.code, self.clock.now())
            await self.fates.happened(lease.key, f"{part.id}:{error.kind}", failed, await self._origin(part))

    def _too_old(self, part: OutboundPart) -> bool:
        """Whether nobody waits for it any more. Real time; a part of an older version does not tell its age."""
        return part.at_ms > 0 and time.time() - part.at_ms / 1000 > self.give_up_s

    async def _refused(
        self, lease: OutboxLease, stored: OutboxPart, part: OutboundPart, error: ProviderRefused
    ) -> None:
        """Keep it for a person, and tell the conversation: it never arrived, or the customer is gone altogether."""
        key = lease.key
        _log.error("%s of tenant %s refused a part: %s", part.connection, part.tenant, error)
        count("parts_refused")
        await self.sessions.refuse_part(lease, stored, redact(str(error)), self._failures.get(part.id, 0) + 1)
        fate = Fate(part.id, part.question, "failed", error.code, error.kind)
        try:
            await self.fates.failed(key, fate, await self._origin(part), gone=error.gone)
        except FrontdeskError as trouble:
            _log.warning("A failed delivery could not be noted: %s", trouble)

    async def _origin(self, part: OutboundPart) -> Origin:
        return Origin(part.connection, await self._connector(part), part.chat, "", trace=part.trace)


def _stale(part: OutboxPart, generation: int) -> bool:
    """Whether a person has taken the conversation since the bot wrote this (law 6)."""
    return part.author == "bot" and part.generation < generation


def _now_ms() -> int:
    return int(time.time() * 1000)


def _later(error: ProviderRefused) -> ProviderUnavailable:
    """A no that holds until somebody has looked after the connection."""
    return ProviderUnavailable(str(error), retry_after_s=STILL_S, code=error.code, kind=error.kind or "temporary")


def delivery_note(part: OutboundPart, status: str, tries: int, ms: float) -> bytes:
    """What the journal keeps of a part that left its outbox: no text, no address."""
    return dump_facts(
        {
            "v": 1, "kind": "delivery", "tenant": part.tenant, "conversation": part.conversation, "part": part.id,
            "at": datetime.now(UTC).isoformat(), "status": status, "tries": tries, "ms": ms, "trace": part.trace,
        }
    )  # fmt: skip
