"""What every channel must do with every kind of part: the provider takes it, nothing of it gets lost, in order.

A test class names its channel, connection and stub; the stub refuses what the official description does not allow.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest

from runtime.core.messages import Attachment, OutboundPart, Place, RenderedButton, SharedContact, Template
from runtime.errors import BugError, ProviderRefused
from runtime.outbound import HttpOutbound
from runtime.ports import Channel, Connection
from runtime.verbs import Cutting
from tests.channels.contract import part

LONG = " ".join(f"Satz Nummer {number} endet hier 👩‍👩‍👧." for number in range(500))
SERVICES = ("Haarschnitt", "Färben", "Bart", "Kinderschnitt", "Beratung")
TIMES = tuple(f"Dienstag, {day}. November um {hour}:30 Uhr" for day in (24, 25) for hour in (9, 15))
WORDS = ("Wir", "freuen", "uns")


def buttons(*labels: str, description: str = "") -> tuple[RenderedButton, ...]:
    """Buttons with payloads as ours are."""
    return tuple(RenderedButton(text, f"pick|q7|{number}", description) for number, text in enumerate(labels))


PHOTO = Attachment("image", url="https://studio.example/salon.jpg", mime="image/jpeg", size=90_000, name="salon.jpg")
PDF = Attachment("document", mime="application/pdf", size=4, name="preise.pdf", file="f1")
CARDS = tuple(SharedContact(f"Mara Lind {number}", (f"+4956144{number:02d}",)) for number in range(7))
SALON = Place(51.3127, 9.4797, "Studio Lind", "Königsplatz 5, 34117 Kassel")

KINDS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "a long text": {"text": LONG},
    "a long text that asks": {"text": f"{LONG} Passt das?", "buttons": buttons("Ja", "Nein")},
    "one word, long": {"text": "ß" * 9000},
    "one word that asks": {"text": "ß" * 3000, "buttons": buttons("Ja")},
    "one sign, long": {"text": "👨‍👩‍👧‍👦" * 900},
    "three buttons": {"buttons": buttons("Ja", "Nein", "Später")},
    "a question's buttons": {"buttons": buttons("Ja", "Nein"), "question": "q7"},
    "alike buttons": {"buttons": buttons("Ja", "Ja")},
    "five buttons": {"buttons": buttons(*SERVICES), "menu": "Leistung wählen und dann weiter"},
    "buttons with descriptions": {"buttons": buttons("Anna", "Ben", description="Meisterin, auch abends")},
    "long buttons": {"buttons": buttons(*TIMES, "Anderer Tag"), "question": "q7"},
    "very long buttons": {"buttons": buttons(*(f"{text}, bei Frau Katharina von und zu Löwenstein-Wertheim "
                                               "im Haus am Königsplatz" for text in TIMES))},
    "many buttons": {"buttons": buttons(*(f"Tag {number}" for number in range(12)))},
    "too many buttons": {"buttons": buttons(*(f"Tag {number}" for number in range(20)))},
    "a photo": {"attachments": (PHOTO,)},
    "a photo alone": {"attachments": (PHOTO,), "text": ""},
    "a photo of theirs": {"attachments": (Attachment("image", id="778899"),)},
    "a photo below a long text": {"attachments": (PHOTO,), "text": LONG},
    "a photo with buttons": {"attachments": (PHOTO,), "buttons": buttons("Ja")},
    "two photos": {"attachments": (PHOTO, replace(PHOTO, url="https://studio.example/2.jpg"))},
    "a huge photo": {"attachments": (replace(PHOTO, size=30 << 20),)},
    "a sticker": {"attachments": (replace(PHOTO, type="sticker", mime="image/webp", size=20_000),)},
    "a voice message": {"attachments": (replace(PHOTO, type="voice", mime="audio/ogg; codecs=opus"),)},
    "a sound": {"attachments": (replace(PHOTO, type="audio", mime="audio/mpeg"),)},
    "a video": {"attachments": (replace(PHOTO, type="video", mime="video/mp4"),)},
    "a document of ours": {"attachments": (PDF,)},
    "a photo of ours": {"attachments": (replace(PHOTO, url="", file="f2"),), "buttons": buttons("Ja")},
    "a file that nobody has": {"attachments": (Attachment("document", name="weg.pdf"),)},
    "a place": {"place": SALON},
    "a point": {"place": Place(51.3, 9.4)},
    "a card": {"contacts": CARDS[:1]},
    "seven cards": {"contacts": CARDS},
    "a card without a number": {"contacts": (SharedContact("Mara", ()),)},
    "a template": {"template": Template("termin_erinnerung", "de", ("Mara", "Dienstag\n15 Uhr", ""), ("yes|q1|",))},
    "a template without values": {"template": Template("hallo", "de")},
    "a reaction": {"reaction": "👍", "quote": "77"},
    "a quote": {"quote": "77"},
    "an answer of a person": {"author": "operator"},
    "everything": {"attachments": (PHOTO, PDF), "place": SALON, "contacts": CARDS, "text": LONG, "quote": "77",
                   "buttons": buttons(*TIMES), "question": "q7"},
}  # fmt: skip


class Stub(Protocol):
    """What a stub tells us."""

    @property
    def objections(self) -> list[str]: ...

    async def stop(self) -> None: ...


class OutboundContract:
    """Inherit, and say how this provider is reached."""

    writes_templates: ClassVar[bool] = False

    def channel(self) -> Channel:
        raise NotImplementedError

    async def open_stub(self) -> Stub:
        raise NotImplementedError

    def connection(self, stub: Any) -> Connection:
        raise NotImplementedError

    def bodies(self, stub: Any) -> list[dict[str, Any]]:
        """What was taken, in order."""
        raise NotImplementedError

    @pytest.fixture
    async def stub(self) -> AsyncIterator[Stub]:
        stub = await self.open_stub()
        yield stub
        await stub.stop()

    @pytest.fixture
    async def http(self) -> AsyncIterator[HttpOutbound]:
        async with HttpOutbound() as http:
            yield http

    def part(self, kind: str, folder: Path) -> OutboundPart:
        made = part(**{"text": "Hallo! Wir freuen uns.", **KINDS[kind]})
        bytes_of_ours = folder / "bytes"
        bytes_of_ours.write_bytes(b"%PDF")
        files = tuple(replace(one, path=str(bytes_of_ours) if one.file else "") for one in made.attachments)
        return replace(made, attachments=files)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_every_kind_is_taken_and_nothing_of_it_is_lost(
        self, kind: str, stub: Stub, http: HttpOutbound, tmp_path: Path
    ) -> None:
        sent = self.part(kind, tmp_path)
        delivery = await self.channel().send(sent, self.connection(stub), http)
        assert stub.objections == []
        if sent.reaction:
            return
        assert len(set(delivery.message_ids)) == len(delivery.message_ids) == len(self.bodies(stub)) > 0
        shown = json.dumps(self.bodies(stub), ensure_ascii=False)
        if sent.template is None or not self.writes_templates:
            assert all(word in shown for word in sent.text.split() if len(word) < 100)
            assert shown.count("ß") == sent.text.count("ß")
        assert all(button.text in shown for button in sent.buttons)
        assert all(button.payload in shown or f"{number}. {button.text}" in shown
                   for number, button in enumerate(sent.buttons, 1))  # fmt: skip
        assert all(phone in shown for card in sent.contacts for phone in card.phones)
        assert sent.place is None or all(value in shown for value in (sent.place.name, sent.place.address))
        assert shown.count("👨‍👩‍👧‍👦") == (900 if kind == "one sign, long" else 0)

    @pytest.mark.parametrize("kind", KINDS)
    def test_pieces_are_the_same_each_time_and_their_own(self, kind: str, tmp_path: Path) -> None:
        channel = self.channel()
        assert isinstance(channel, Cutting)
        sent = self.part(kind, tmp_path)
        found = channel.pieces(sent)
        assert found and found == channel.pieces(sent)
        if len(found) > 1:
            assert [one.piece for one in found] == list(range(1, len(found) + 1))
            assert all(channel.pieces(one) == (one,) for one in found)
            assert {one.id for one in found} == {sent.id} and {one.question for one in found} == {sent.question}
            assert [bool(one.buttons) for one in found[:-1]] == [False] * (len(found) - 1)

    async def test_an_empty_part_is_a_bug(self, stub: Stub, http: HttpOutbound) -> None:
        with pytest.raises(BugError):
            await self.channel().send(part(" "), self.connection(stub), http)

    async def test_a_file_that_is_gone_is_refused(self, stub: Stub, http: HttpOutbound) -> None:
        with pytest.raises(ProviderRefused):
            await self.channel().send(part(attachments=(PDF,)), self.connection(stub), http)
        assert self.bodies(stub) == []
