"""The composition root: everything is put together here, and only here (and in `cli.py`) channels and skills are known.

async with start(settings) as desk:
    replies = await desk.say(tenant="demo", contact="anna", text="Ich hätte gern einen Termin")
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from channels.messenger import MessengerChannel
from channels.telegram import TelegramChannel
from channels.whatsapp import WhatsAppChannel
from knowledge.facts import FactAnswers
from runtime import collecting
from runtime.accounts import TenantAccounts
from runtime.alerts import AlertSender
from runtime.cascading import begin_loading, let_go, reading_of
from runtime.casefile import Casefile
from runtime.clocks import SystemClock, TurnClock
from runtime.core.flow_check import ActionFacts
from runtime.core.messages import Inbound
from runtime.dead_letters import DeadLetters
from runtime.delivery import Deliverer
from runtime.desks import DeskBook
from runtime.diary import Diary
from runtime.errors import ConfigurationError, NotFound, StorageUnavailable
from runtime.exporting import export_spans
from runtime.flow_files import FlowFile, read_flows, sound
from runtime.identifiers import ulid
from runtime.inbox import Inbox
from runtime.intake import Door
from runtime.links import AppointmentLinks
from runtime.loop import Loop
from runtime.media.fetching import Fetcher
from runtime.media.folder import Folder
from runtime.media.store import FileStore
from runtime.model_port import ChatModel
from runtime.models.choosing import model_of
from runtime.outbound import HttpOutbound
from runtime.outlasting import patiently
from runtime.people import People
from runtime.performer import Performer, action_facts
from runtime.places import database_url as database_url  # where others look for it
from runtime.ports import Action, Channel, Clock, PromptSource
from runtime.projector import Projector
from runtime.prompter import Prompter
from runtime.receiving import Receiver
from runtime.records.alerts import Alerts
from runtime.records.appointments import Appointments
from runtime.records.contacts import Contacts
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.files import Files
from runtime.records.prompts import Prompts
from runtime.records.tenants import Tenants
from runtime.records.tickets import Tickets
from runtime.records.waiting import WaitingList
from runtime.registering import Webhooks
from runtime.replies import Reply as Reply  # the Python API's, found here
from runtime.replies import replies_to
from runtime.sessions.store import Sessions
from runtime.settings import CONFIGS, Settings, read_settings
from runtime.standing import Standing
from runtime.tenants import TenantFile, read_tenant
from runtime.turn import Player
from runtime.watching import Watch
from runtime.wording import Wording
from skills.booking.actions import booking_actions
from skills.booking.prompts import NoShows, Reminders
from skills.booking.waiting import Places

_log = logging.getLogger(__name__)
CHANNELS: Mapping[str, Channel] = {
    "telegram": TelegramChannel(),
    "whatsapp_cloud": WhatsAppChannel(),
    "messenger": MessengerChannel(),
}
"""Every channel with a webhook or a send, by connector id."""
PATHS: Mapping[str, str] = {"telegram": "telegram", "whatsapp": "whatsapp_cloud", "facebook": "messenger"}
"""URL path word -> connector id."""
REFRESH_S = 5.0
REPLY_WAIT_S = 60.0
PROMPT_WAIT_S = 8.0
SECRET_LENGTH = 32


def all_actions(database: Database, links: AppointmentLinks) -> dict[str, Action]:
    """Every action of every skill."""
    return booking_actions(Appointments(database), Prompts(database), WaitingList(database), links.url)


def prompt_sources(database: Database) -> tuple[PromptSource, ...]:
    """Everything that skills have to tell on their own."""
    prompts = Prompts(database)
    places = Places(WaitingList(database), Appointments(database), prompts)
    return Reminders(prompts), NoShows(prompts), places


def action_kinds() -> dict[str, ActionFacts]:
    """What flows may do, for checking them: the actions are only asked what they are, never run."""
    return action_facts(all_actions(Database.__new__(Database), AppointmentLinks("")))


def default_flows(actions: Mapping[str, Action]) -> dict[str, FlowFile]:
    """The flows that come with the program, checked."""
    return sound(read_flows(CONFIGS / "flows", action_facts(actions)))


def kept_secret(data: Path, name: str) -> str:
    """A secret of this installation: made once, kept in the data folder for its owner alone."""
    path = data / name
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=data, prefix=f".{name}-", encoding="ascii") as fresh:
            fresh.write(secrets.token_urlsafe(32))
            fresh.flush()
            # A link appears whole or not at all, and only once: two processes never disagree about the secret.
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
    text = path.read_text(encoding="ascii").strip()
    if len(text) < SECRET_LENGTH:
        raise ConfigurationError(f"{path} is damaged; delete it, and it is made anew at the next start.")
    return text


async def import_tenant(tenants: Tenants, file: TenantFile) -> int:
    """Publish a tenant's file as the next version of its document."""
    return await tenants.put_document(file.business.tenant, "tenant", file.raw)


def bot_name(settings: Settings) -> Callable[[str], Awaitable[str]]:
    """Asks Telegram whose token this is."""

    async def ask(token: str) -> str:
        async with HttpOutbound() as http:
            me = await TelegramChannel().who_am_i({"bot_token": token, "api_url": settings.telegram_api}, http)
        return f"@{me.username}"

    return ask


class FrontDesk:
    """A running desk in this process."""

    def __init__(
        self, settings: Settings, clock: Clock, sessions: Sessions, database: Database, model: ChatModel | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.sessions = sessions
        self.database = database
        self.tenants = Tenants(database)
        self.appointments = Appointments(database)
        self.conversations = Conversations(database)
        self.http = HttpOutbound()
        address = settings.public_url and settings.public_url.rstrip("/") + settings.base_path.rstrip("/")
        self.links = AppointmentLinks(address)
        actions = all_actions(database, self.links)
        self.desks = DeskBook(
            self.tenants, default_flows(actions), action_facts(actions), {"telegram": settings.telegram_api}
        )
        self.door = Door(sessions, self.desks, self.conversations, clock, settings)
        casefile = Casefile(self.conversations, sessions, self.desks, Files(database))
        self.inbox = Inbox(Tickets(database), casefile, clock, Standing(self.tenants, self.conversations))
        self.people = People(sessions, database, self.desks, casefile, clock)
        self.model = model or model_of(settings)
        understanding = reading_of(settings, self.model, sessions.spending)
        turns = TurnClock(clock)
        performer = Performer(understanding, FactAnswers(), actions, turns)
        self.player = Player(sessions, performer, Wording.read(CONFIGS / "replies"), turns)
        folder = Folder(settings.media or settings.data / "media")
        largest = int(settings.media_mb * 1_000_000)
        self.media = FileStore(folder, Files(database), largest, settings.media_types)
        self.fetcher = Fetcher(self.media, CHANNELS, self.desks, self.http, settings.media_days)
        self.deliverer = Deliverer(
            sessions, CHANNELS, self.desks, self.http, clock, settings.give_up_h * 3600, self.media
        )
        self.loop = Loop(
            sessions, self.player, self.desks, self.deliverer, Contacts(database), settings.workers, self.door,
            newer_wait_s=settings.newer_wait_s,
        )  # fmt: skip
        self.projector = Projector(sessions, database)
        self.diary = Diary(self.appointments, self.desks, self.links, clock)
        self.webhooks = Webhooks(address, CHANNELS, self.tenants.all, self.desks, self.http)
        self.watch = Watch(sessions, database, self.loop, self._dead_tasks)
        self.accounts = TenantAccounts(self.desks, self.tenants, sessions, Alerts(database))
        self.dead_letters = DeadLetters(sessions, database, self._retake)
        sources = prompt_sources(database)
        self.prompter = Prompter(sessions, self.desks, sources, clock, settings.prompt_scan_s)
        self.alerts = AlertSender(Alerts(database), self.http, settings.alert_url, settings.alert_secret)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def _retake(self, tenant: str, connector: str, body: bytes) -> str:
        """What a provider sent and nobody could take then: why it still is nobody's, or "" when it is taken now."""
        if connector not in CHANNELS:
            return f"There is no channel {connector}."
        return await Receiver(self.door, self.accounts).retake(CHANNELS[connector], tenant, body)

    async def begin(self) -> None:
        """Load the demo where there is nothing else, and start to work."""
        put_aside = await self._played_put_aside()
        begin_loading(self.model)
        await patiently(self._prepare)
        work = {"refresh": self._refresh(put_aside), "watch": self.watch.beat()}
        if self.settings.workers:
            work |= self._turning()
        self._tasks = {name: asyncio.create_task(coroutine, name=name) for name, coroutine in work.items()}
        for task in self._tasks.values():
            task.add_done_callback(_report_end)

    def _turning(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What a process does that plays turns; one without workers only answers at the door."""
        return {
            "loop": self.loop.run(),
            "delivery": self.deliverer.sweep(),
            "projector": self.projector.run(),
            **({"alerts": self.alerts.run()} if self.settings.alert_url else {}),
            "prompter": self.prompter.run(),
            "files": self.fetcher.run(),
        }

    async def _prepare(self) -> None:
        """What every process needs in the records. Several may do it at once, and one of them again."""
        await self.desks.publish_defaults()
        kept = await self.tenants.made_once("appointment-key", {"key": secrets.token_urlsafe(32)})
        self.links.key = str(kept["key"]).encode()
        if self.settings.demo and not await self.tenants.all():
            demo = CONFIGS / "demo" / "studio.yaml"
            await import_tenant(self.tenants, read_tenant(demo.read_text(encoding="utf-8"), str(demo)))

    async def _played_put_aside(self) -> bool:
        """Play what an older version had to put aside; False while a part of Redis is away."""
        try:
            again = await self.dead_letters.retry_newer()
        except StorageUnavailable as error:
            _log.warning("What an older version put aside is looked up later: %s", error)
            return False
        if again:
            _log.warning("%d events that an older version had to put aside are played now", again)
        return True

    async def _refresh(self, put_aside: bool) -> None:
        while True:
            put_aside = put_aside or await self._played_put_aside()
            await self.webhooks.refresh(await self.desks.refresh())
            await asyncio.sleep(REFRESH_S)

    async def stop(self) -> None:
        """Take no more, let what runs end, write the journal out."""
        await self.sessions.stop_intake()
        await self._ended("loop", "delivery", "prompter", "alerts", "files")
        await self.loop.drain(self.settings.drain_s)
        await self.deliverer.drain(self.settings.drain_s)
        self.projector.stop()
        if projecting := self._tasks.get("projector"):
            await asyncio.gather(projecting, return_exceptions=True)
        await self._ended("refresh", "watch")
        await let_go(self.model)
        if projecting:
            await self.projector.catch_up()

    async def _ended(self, *names: str) -> None:
        ending = [self._tasks[name] for name in names if name in self._tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def register_webhooks(self) -> None:
        """Tell providers where to send to, from now on also when a connection changes; failures are logged."""
        await self.webhooks.begin()

    def _dead_tasks(self) -> list[str]:
        return [name for name, task in self._tasks.items() if task.done()]

    async def troubles(self) -> Mapping[str, str]:
        """What is wrong right now, by part, in a word; the log has the rest. Empty when nothing is."""
        return await self.watch.troubles()

    async def say(
        self, *, tenant: str, contact: str, text: str = "", message_id: str = "", press: str = "", language: str = ""
    ) -> list[Reply]:
        """Say something as a customer and wait for the turn: the whole way, in whatever process it runs.

        `contact` is any name for the customer. `press` presses a button by its payload instead of saying `text`. The
        same `message_id` again gives the same replies again. Raises NotFound for an unknown tenant, StorageUnavailable
        when it could not be taken in or its turn has not come within a minute.
        """
        connection = await self.door.connection(tenant, "api")
        if connection is None:
            raise NotFound(f"There is no tenant {tenant}; import one with `frontdesk tenant import FILE`.")
        message_id = message_id or ulid()
        inbound = Inbound(
            kind="button" if press else "text",
            event_id=f"{contact}:{message_id}",
            conversation_id=contact,
            sender_id=contact,
            answer=True,
            message_id=message_id,
            text=text,
            payload=press,
            language=language,
        )
        try:
            async with asyncio.timeout(REPLY_WAIT_S):
                entries = await self.door.ask(connection, inbound)
        except TimeoutError as error:
            raise StorageUnavailable("It is taken in, but its turn has not come; say it again with its id.") from error
        return replies_to(entries, message_id)

    async def prompted(self, *, tenant: str, contact: str) -> list[Reply]:
        """What the desk tells a customer on its own by now (a reminder, a free place), once it has come."""
        connection = await self.door.connection(tenant, "api")
        if connection is None:
            raise NotFound(f"There is no tenant {tenant}; import one with `frontdesk tenant import FILE`.")
        await self.projector.catch_up()
        async with self.door.feed(connection, contact) as feed:
            before = len(await feed.read(0))
            if not await self.prompter.once():
                return []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROMPT_WAIT_S):
                    while not (told := [entry.part for entry in (await feed.read(0))[before:] if entry.part]):
                        await feed.wait(1.0)
                    return [Reply.of(part) for part in told]
        return []


def _report_end(task: asyncio.Task[None]) -> None:
    """A task that should run for ever and does not is the worst thing that a log can hold."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("The %s has stopped; start Frontdesk again", task.get_name(), exc_info=error)


@asynccontextmanager
async def start(
    settings: Settings | None = None, *, clock: Clock | None = None, model: ChatModel | None = None
) -> AsyncIterator[FrontDesk]:
    """A desk that works in this process until the block ends; its embedded servers end with it.

    `model` is another than the settings name, such as one that answers out of a file.
    """
    settings = settings or read_settings()
    end_export = export_spans(os.environ)
    sessions = await Sessions.open(settings, works=settings.workers > 0)
    try:
        database = await Database.open(database_url(settings))
        try:
            desk = FrontDesk(settings, clock or SystemClock(), sessions, database, model)
            async with desk.http:
                await desk.begin()
                collecting.settle()
                try:
                    yield desk
                finally:
                    await desk.stop()
        finally:
            await database.close()
    finally:
        await sessions.close()
        await asyncio.to_thread(end_export)
