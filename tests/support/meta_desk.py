"""A real desk with WhatsApp and Messenger: the Graph API on loopback, signed webhooks, customers and their phones."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime.codec import load_state
from runtime.core.conversation import Conversation
from runtime.identifiers import conversation_id
from runtime.sessions.keys import SessionKey
from tests.support.graph_stub import NUMBER, PAGE, TOKEN, GraphStub
from tests.support.real_desk import RealDesk, real_desk

APP_SECRET, OUR_APP, INBOX_APP = "app-secret-of-the-tests", "900100200300400", "263902037430900"
_numbers = itertools.count(1)


class MetaDesk:
    """The desk of the tenant `salon`, whose number and page these are."""

    def __init__(self, real: RealDesk, graph: GraphStub) -> None:
        self.real = real
        self.graph = graph

    async def connect(self, **config: str) -> None:
        """Publish the business with both connections; `config` is WhatsApp's and the page's beside the ids."""
        secrets = {"app_secret": APP_SECRET, "verify_token": "v", "api_url": self.graph.url}
        whatsapp = {
            "connector": "whatsapp_cloud", "config": {"phone_number_id": NUMBER, **config},
            "secrets": {**secrets, "access_token": TOKEN},
        }  # fmt: skip
        messenger = {
            "connector": "messenger", "config": {"page_id": PAGE, **config},
            "secrets": {**secrets, "page_access_token": TOKEN},
        }  # fmt: skip
        await self.real.add("salon", connections=[whatsapp, messenger])
        await self.real.desk.desks.refresh()

    async def post(self, word: str, body: Mapping[str, Any]) -> None:
        """A notification, signed; it must be taken."""
        raw = json.dumps(body).encode()
        signature = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        url = f"{self.real.url}/webhook/{word}/salon"
        async with self.real.http.post(url, data=io.BytesIO(raw), headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def whatsapp(self, field: str = "messages", **value: Any) -> None:
        """One change of our number."""
        metadata = {"display_phone_number": "495614400", "phone_number_id": NUMBER}
        change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        await self.post(
            "whatsapp", {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
        )

    async def page(self, place: str = "messaging", /, **item: Any) -> None:
        """One event of our page."""
        entry = {"id": PAGE, "time": _now_ms(), place: [{"timestamp": _now_ms(), **item}]}
        await self.post("facebook", {"object": "page", "entry": [entry]})

    async def state(self, customer: MetaCustomer) -> Conversation:
        """The conversation as it stands."""
        raw = await self.real.desk.sessions.read_state(customer.key)
        assert raw is not None
        return load_state(raw).conversation

    async def statuses(self, customer: MetaCustomer) -> list[tuple[str, str]]:
        """What the transcript says: text and status of every bubble of ours, in order."""
        await self.real.recorded()
        rows = await self.real.desk.conversations.transcript("salon", customer.key.conversation)
        return [(row.text, row.status) for row in rows if row.direction == "out"]

    async def happened(self, customer: MetaCustomer) -> list[tuple[str, str]]:
        """What was recorded beside the words: its kind, and an alert's."""
        await self.real.recorded()
        state = await self.state(customer)
        rows = await self.real.desk.conversations.happened("salon", customer.key.conversation, state.session)
        return [(row.kind, str(row.facts.get("kind", ""))) for row in rows]

    async def taken(self, customer: MetaCustomer) -> None:
        """Ida takes the conversation."""
        await self.real.recorded()
        assert (await self.real.operate(customer.key.conversation, "claim"))[0] == 200
        await self.real.quiet()

    async def replied(self, customer: MetaCustomer, text: str) -> None:
        """Ida writes."""
        assert (await self.real.operate(customer.key.conversation, "reply", text=text))[0] == 200
        await self.real.quiet()

    async def settled(self, customer: MetaCustomer, texts: int) -> None:
        """Until so many messages have reached the customer, whichever sweep brings them."""
        async with asyncio.timeout(10):
            while len(customer.got) < texts:  # noqa: ASYNC110  # the provider tells nobody either
                await asyncio.sleep(0.02)
        await self.real.quiet()


class MetaCustomer:
    """Somebody with WhatsApp, or with Messenger (`page=True`)."""

    def __init__(self, desk: MetaDesk, number: str, *, page: bool = False) -> None:
        self.desk = desk
        self.number = number
        self.page = page

    @property
    def key(self) -> SessionKey:
        connector = "messenger" if self.page else "whatsapp_cloud"
        return SessionKey("salon", conversation_id(f"salon/{connector}", self.number))

    @property
    def got(self) -> list[dict[str, Any]]:
        """What reached this customer, in order."""
        return [body for body in self.desk.graph.accepted if self.number in (body.get("to"), _recipient(body))]

    @property
    def texts(self) -> list[str]:
        """The words of it; a template is in angle brackets."""
        return [_text(body) for body in self.got]

    def last_id(self, back: int = 1) -> str:
        """The provider's id of the message sent last."""
        mine = [one for one in self.desk.graph.requests if one.message_id and one.body in self.got]
        return mine[-back].message_id

    async def says(self, text: str, **more: Any) -> str:
        """Write, wait for the turn, read what came back."""
        before = len(self.got)
        await self.writes(text, **more)
        await self.desk.real.quiet()
        return " ".join(self.texts[before:])

    async def writes(self, text: str, place: str = "messaging", **more: Any) -> None:
        """Write, no more."""
        number = next(_numbers)
        if self.page:
            message = {"mid": f"m_in{number}", "text": text}
            await self.desk.page(place, sender={"id": self.number}, recipient={"id": PAGE}, message=message)
            return
        message = {"from": self.number, "id": f"wamid.in{number}", "timestamp": _now(), "type": "text"}
        contact = {"profile": {"name": "Paula"}, "wa_id": self.number}
        await self.desk.whatsapp(contacts=[contact], messages=[{**message, "text": {"body": text}, **more}])

    async def presses(self, label: str) -> str:
        """Press the button with this label that came last."""
        buttons = [b for body in self.got for b in body.get("interactive", {}).get("action", {}).get("buttons", ())]
        reply = next(b["reply"] for b in reversed(buttons) if label in b["reply"]["title"])
        return await self.says("", type="interactive", interactive={"type": "button_reply", "button_reply": reply})

    async def status(self, message_id: str, word: str, code: int = 0) -> None:
        """WhatsApp tells what became of a message of ours."""
        errors = {"errors": [{"code": code, "title": "as planned"}]} if code else {}
        status = {"id": message_id, "status": word, "timestamp": _now(), "recipient_id": self.number, **errors}
        await self.desk.whatsapp(statuses=[status])

    async def seen(self, what: str, *mids: str, watermark: int = 0) -> None:
        """Messenger tells what was delivered or read."""
        told = {"watermark": watermark or _now_ms(), **({"mids": list(mids)} if mids else {})}
        await self.desk.page(sender={"id": self.number}, recipient={"id": PAGE}, **{what: told})

    async def echo(self, text: str, *, mid: str = "", app: str = "") -> None:
        """What was written to this customer in our name comes back."""
        number = next(_numbers)
        if self.page:
            message = {
                "mid": mid or f"m_echo{number}",
                "text": text,
                "is_echo": True,
                **({"app_id": app} if app else {}),
            }
            await self.desk.page(sender={"id": PAGE}, recipient={"id": self.number}, message=message)
            return
        echo = {"from": "495614400", "to": self.number, "id": mid or f"wamid.echo{number}", "timestamp": _now()}
        echoes = [{**echo, "type": "text", "text": {"body": text}}]
        await self.desk.whatsapp("smb_message_echoes", message_echoes=echoes)


def _text(body: Mapping[str, Any]) -> str:
    if "template" in body:
        return f"<{body['template']['name']} {body['template']['language']['code']}>"
    if "interactive" in body:
        return str(body["interactive"]["body"]["text"])
    return str((body.get("text") or {}).get("body") or (body.get("message") or {}).get("text", ""))


def _recipient(body: Mapping[str, Any]) -> str:
    to = body.get("recipient", "")
    return str(to.get("id", "")) if isinstance(to, dict) else str(to)


def _now() -> str:
    return str(int(time.time()))


def _now_ms() -> int:
    return int(time.time() * 1000)


@asynccontextmanager
async def meta_desk(data: Path, **settings: Any) -> AsyncIterator[MetaDesk]:
    """The desk with both connections; `connect` again changes their configuration."""
    graph = await GraphStub().start()
    try:
        async with real_desk(data, **settings) as real:
            desk = MetaDesk(real, graph)
            await desk.connect()
            yield desk
    finally:
        await graph.stop()
