"""A chat server for looking at the page: `python -m tests.browser.studio --port 8090`. The gate is a fake."""

from __future__ import annotations

import argparse

from aiohttp import web

from channels.browser import BrowserChannel
from channels.telegram import TelegramChannel
from runtime.core.messages import Inbound, RenderedButton
from runtime.settings import Settings
from runtime.web.edge import make_app
from tests.web.fake_gate import FakeGate, Reply, desk

_TIMES = {
    "de": (
        "Dienstag, 24. November, 16:30 Uhr",
        "Dienstag, 24. November, 17:15 Uhr",
        "Mittwoch, 25. November, 9:00 Uhr",
    ),
    "en": ("Tuesday 24 November, 16:30", "Tuesday 24 November, 17:15", "Wednesday 25 November, 9:00"),
}


def talk(inbound: Inbound) -> tuple[Reply, ...]:
    """A few turns of a booking, in the language of the first word that tells."""
    language = (
        "en" if inbound.payload.startswith("en") or any(part in inbound.text for part in ("like", "When are")) else "de"
    )
    german = language == "de"
    if inbound.payload.endswith("yes"):
        return (("Gebucht. Bis Dienstag um 16:30 Uhr." if german else "Booked. See you on Tuesday at 16:30.", ()),)
    if ":time" in inbound.payload:
        question = "Soll ich das buchen?" if german else "Shall I book it?"
        yes, no = ("Ja, buchen", "Ändern") if german else ("Yes, book it", "Change")
        summary = f"Haarschnitt, {inbound.text}, bei Anna." if german else f"Haircut, {inbound.text}, with Anna."
        buttons = (RenderedButton(yes, f"{language}:yes"), RenderedButton(no, f"{language}:no"))
        return ((f"{summary} {question}", buttons),)
    hello = (
        "Guten Tag, ich bin Mira, ein digitaler Empfang." if german else "Hello, this is Mira, a digital front desk."
    )
    offer = "Am Dienstag und Mittwoch ist noch etwas frei:" if german else "On Tuesday and Wednesday I can offer:"
    times = tuple(RenderedButton(text, f"{language}:time{n}") for n, text in enumerate(_TIMES[language]))
    return ((hello, ()), (offer, times))


def studio(gate: FakeGate, base: str = "") -> web.Application:
    """The edge over this gate."""
    settings = Settings(base_path=base)
    channels = {"telegram": TelegramChannel(strict=True)}

    async def names() -> tuple[str, ...]:
        return tuple(gate.desks)

    return make_app(gate, settings, channels, b"k" * 32, "operator-token", webchat=BrowserChannel(), tenants=names)


def main() -> None:
    """Serve until stopped."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=8090)
    port = arguments.parse_args().port

    async def build() -> web.Application:
        return studio(FakeGate({"studio": desk("studio", "Studio Lindenhof")}, talk, delay_s=0.9))

    web.run_app(build(), host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
