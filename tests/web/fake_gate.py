"""A gate in memory that behaves: seen marks, one turn after the other per chat, entries by number, a phase, an owner.

It is for the edge's and the page's tests. `hold()` keeps turns back, `down` makes storage fail, `answer` is the script.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from runtime.core.business import Business, Desk, Policies
from runtime.core.messages import Inbound, OutboundPart, RenderedButton
from runtime.core.values import Value
from runtime.errors import NotFound, StorageUnavailable
from runtime.ports import ChatEntry, ChatFeed, Connection, OperatorAct, OperatorResult

Reply = tuple[str, tuple[RenderedButton, ...]]
Script = Callable[[Inbound], tuple[Reply, ...]]


def desk(tenant: str, name: str, assistant: str = "Mira", languages: tuple[str, ...] = ("de", "en")) -> Desk:
    """A small business that has nothing to book."""
    policies = Policies(assistant_name=assistant)
    business = Business(tenant, name, "Europe/Berlin", "DE", languages, phone="+49 30 5550100", policies=policies)
    return Desk(business, {}, {})


def echo(inbound: Inbound) -> tuple[Reply, ...]:
    """The simplest script."""
    return ((f"Gehört: {inbound.text or inbound.payload}", ()),)


@dataclasses.dataclass
class Chat:
    """One chat's entries and who owns it."""

    entries: list[ChatEntry] = dataclasses.field(default_factory=list)
    changed: asyncio.Condition = dataclasses.field(default_factory=asyncio.Condition)
    turn: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)
    phase: str = "bot"
    owner: str = ""
    watchers: int = 0


class FakeFeed:
    """The live end of one chat."""

    def __init__(self, gate: FakeGate, chat: Chat) -> None:
        self._gate, self._chat, self._seen = gate, chat, 0

    async def __aenter__(self) -> ChatFeed:
        self._gate.check_storage()
        self._chat.watchers += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._chat.watchers -= 1

    async def read(self, after: int) -> tuple[ChatEntry, ...]:
        self._gate.check_storage()
        self._seen = len(self._chat.entries)
        return tuple(entry for entry in self._chat.entries if entry.number > after)

    async def wait(self, timeout_s: float) -> bool:
        async with self._chat.changed:
            newer = self._chat.changed.wait_for(lambda: len(self._chat.entries) > self._seen or self._gate.down)
            try:
                await asyncio.wait_for(newer, timeout_s)
            except TimeoutError:
                return False
        return True


class FakeGate:
    """The desk's front door, with a script behind it."""

    def __init__(self, desks: Mapping[str, Desk], answer: Script = echo, delay_s: float = 0.0) -> None:
        self.desks, self.answer, self.delay_s = dict(desks), answer, delay_s
        self.secrets: dict[tuple[str, str], dict[str, str]] = {}
        self.taken: list[tuple[Connection, Inbound]] = []
        self.acts: list[tuple[str, str, OperatorAct]] = []
        self.chats: dict[tuple[str, str], Chat] = {}
        self.down = False
        self._seen: set[tuple[str, str]] = set()
        self._turns: set[asyncio.Task[None]] = set()
        self._may_run = asyncio.Event()
        self._may_run.set()

    def check_storage(self) -> None:
        """Fail as the real gate does without Redis."""
        if self.down:
            raise StorageUnavailable("Redis does not answer.")

    def hold(self) -> None:
        """Take messages in, but start no turn."""
        self._may_run.clear()

    def go_on(self) -> None:
        """Run what was held."""
        self._may_run.set()

    async def desk(self, tenant: str) -> Desk | None:
        return self.desks.get(tenant)

    async def connection(self, tenant: str, connector: str) -> Connection | None:
        if tenant not in self.desks:
            return None
        always: dict[str, dict[str, str]] = {"webchat": {}, "terminal": {}}
        secrets = self.secrets.get((tenant, connector), always.get(connector))
        return None if secrets is None else Connection(tenant, f"{tenant}-{connector}", connector, secrets=secrets)

    async def take_in(self, connection: Connection, events: tuple[Inbound, ...]) -> int:
        self.check_storage()
        new = [event for event in events if (connection.id, event.event_id) not in self._seen]
        for event in new:
            self._seen.add((connection.id, event.event_id))
            self.taken.append((connection, event))
            task = asyncio.create_task(self._turn(connection, event))
            self._turns.add(task)
            task.add_done_callback(self._turns.discard)
        return len(new)

    def chat(self, tenant: str, chat: str) -> Chat:
        """A chat, empty at first."""
        return self.chats.setdefault((tenant, chat), Chat())

    def feed(self, connection: Connection, chat: str) -> ChatFeed:
        return FakeFeed(self, self.chat(connection.tenant, chat))

    async def _turn(self, connection: Connection, event: Inbound) -> None:
        chat = self.chat(connection.tenant, event.conversation_id)
        async with chat.turn:
            await self._may_run.wait()
            await asyncio.sleep(self.delay_s)
            await self._append(chat, kind="said", messages=((event.message_id, event.text),))
            if chat.phase == "bot" and event.answer:
                for text, buttons in self.answer(event):
                    await self.show(connection.tenant, event.conversation_id, text, buttons)
            await self._append(chat, kind="turn", ids=(event.message_id,), phase=chat.phase, owner=chat.owner)

    async def show(
        self, tenant: str, chat: str, text: str, buttons: tuple[RenderedButton, ...] = (), author: str = "bot"
    ) -> None:
        """Append a part to what a chat shows."""
        assert author in ("bot", "operator", "system")
        found = self.chat(tenant, chat)
        part = OutboundPart(
            id=f"p{len(found.entries)}", tenant=tenant, connection="c", conversation=chat, chat=chat,
            author=author, generation=0, text=text, buttons=buttons,  # type: ignore[arg-type]  # checked above
        )  # fmt: skip
        await self._append(found, kind="part", part=part)

    async def _append(self, chat: Chat, **fields: Any) -> None:
        at = datetime.now(UTC).isoformat()
        async with chat.changed:
            chat.entries.append(ChatEntry(number=len(chat.entries) + 1, at=at, **fields))
            chat.changed.notify_all()

    async def wake_feeds(self) -> None:
        """Let waiting feeds notice that storage went down."""
        for chat in self.chats.values():
            async with chat.changed:
                chat.changed.notify_all()

    async def operate(self, tenant: str, conversation: str, act: OperatorAct) -> OperatorResult:
        self.check_storage()
        found = next((key for key in self.chats if key[1] == conversation and tenant in ("", key[0])), None)
        if found is None:
            raise NotFound(f"There is no conversation {conversation}.")
        self.acts.append((tenant, conversation, act))
        chat = self.chats[found]
        done = self._apply(chat, act)
        if done and act.verb == "reply":
            await self.show(*found, act.text, author="operator")
        await self._append(chat, kind="turn", phase=chat.phase, owner=chat.owner)
        return OperatorResult(done, chat.phase, chat.owner)

    @staticmethod
    def _apply(chat: Chat, act: OperatorAct) -> bool:
        match act.verb:
            case "claim":
                free = chat.owner in ("", act.operator)
                chat.phase, chat.owner = ("owned", act.operator) if free else (chat.phase, chat.owner)
                return free
            case "release" if chat.owner == act.operator:
                chat.phase, chat.owner = "bot", ""
                return True
            case "note":
                return True
            case _:
                return chat.owner == act.operator

    async def happen(
        self, tenant: str, conversation: str, what: str, values: Mapping[str, Value], message_id: str = ""
    ) -> str:
        self.check_storage()
        if (tenant, conversation) not in self.chats:
            raise NotFound(f"Tenant {tenant} has no running conversation {conversation}.")
        return self.chats[tenant, conversation].phase

    async def handoffs(self, tenant: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(
            {"tenant": key[0], "conversation": key[1], "phase": chat.phase, "since": datetime(2026, 11, 20, tzinfo=UTC)}
            for key, chat in self.chats.items()
            if chat.phase != "bot" and tenant in ("", key[0])
        )
