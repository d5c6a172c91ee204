"""`frontdesk init`: a few questions, two files, one import. Wrong answers get a hint; Ctrl-C leaves nothing behind.

Everything can also be given by options; `--yes` then asks nothing and takes defaults for the rest.
"""

from __future__ import annotations

import shutil
import signal
import sys
import textwrap
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors import ConfigurationError, FrontdeskError, ProviderRefused
from runtime.listing import business_file
from runtime.operating import answers as reading
from runtime.operating.answers import ZONES, Answers, Wrong, document_of
from runtime.operating.documents import opened
from runtime.operating.history import tenant_yaml
from runtime.operating.setup_files import read_env, values_of, write_business, write_env
from runtime.operating.speaking import LANGUAGES, Speech
from runtime.records.tenants import Tenants
from runtime.tenants import read_tenant
from runtime.tenants.needs import NEEDS, connector_of
from runtime.tenants.snapshot import slug

WhoseToken = Callable[[str], Awaitable[str]]
"""The bot's name; raises ProviderRefused for a wrong token, ProviderUnavailable when nobody can tell."""
Publish = Callable[[Path, Mapping[str, str]], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line brought: answers by name, as they would be typed, and whether to ask for the rest."""

    texts: Mapping[str, str]
    services: tuple[str, ...] = ()
    asks: bool = True
    replaces: bool = False
    data: str = ""
    """The data folder, where the command line names one: every later start must find it, too."""


class Stopped(Exception):
    """The person does not want to go on; nothing is written."""


class Wizard:
    """Asks in one language, on one terminal."""

    def __init__(self, given: Given, speech: Speech) -> None:
        self.given = given
        self.speech = speech
        self._colour = sys.stdout.isatty()

    def show(self, text: str = "", *, style: str = "") -> None:
        """A line, styled where a terminal shows it, and broken between words where it is too long."""
        width = max(40, shutil.get_terminal_size().columns - 1)
        for line in text.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            for piece in textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]:
                sys.stdout.write(f"\033[{style}m{piece}\033[0m\n" if style and self._colour else f"{piece}\n")
        sys.stdout.flush()

    def ask(self, key: str, read: Callable[[str], Any], default: str = "") -> Any:
        """One question until its answer can be taken; a given answer is not asked for, and must be right."""
        text = self.given.texts.get(key)
        if text is not None or not self.given.asks:
            return self.given_answer(key, read, default if text is None else text)
        self.show()
        self.show(self.speech(f"ask_{key}"), style="1")
        if self.speech.has(f"about_{key}"):
            self.show(self.speech(f"about_{key}"), style="2")
        while True:
            try:
                return read(self.line(default) or default)
            except Wrong as wrong:
                self.hint(wrong)

    def given_answer(self, key: str, read: Callable[[str], Any], text: str) -> Any:
        """An answer of the command line; a wrong one ends the command."""
        try:
            return read(text)
        except Wrong as wrong:
            option = f"--{key.replace('_', '-')}"
            raise ConfigurationError(f"{option}: {self.speech(wrong.hint, why=wrong.why)}") from wrong

    def line(self, default: str = "") -> str:
        """What is typed, without blanks around it."""
        shown = f" [{default}]" if default else ""
        try:
            return input(f"{shown[1:]}{' ' if shown else ''}> ").strip()
        except EOFError:
            raise Stopped from None

    def hint(self, wrong: Wrong) -> None:
        """What to write instead."""
        self.show(f"  {self.speech(wrong.hint, why=wrong.why)}", style="33")

    def agrees(self, key: str, **values: Any) -> bool:
        """Yes or no; Enter is yes."""
        self.show(self.speech(key, **values), style="1")
        while True:
            word = self.line(self.speech("yes")).casefold()
            if word in ("", "j", "ja", "y", "yes"):
                return True
            if word in ("n", "nein", "no"):
                return False
            self.show(f"  {self.speech('hint_yes_no')}", style="33")


def chosen_language(given: str, default: str, *, asks: bool) -> str:
    """The wizard's own language: asked first, in both."""
    if given or not asks:
        return given or default
    while True:
        try:
            said = input(f"Deutsch oder English? [{default}] > ").strip().casefold()[:2]
        except EOFError:
            raise Stopped from None
        if not said or said in LANGUAGES:
            return said or default
        sys.stdout.write("  de / en\n")


async def run(language: str, default: str, given: Given, whose: WhoseToken, publish: Publish) -> int:
    """The whole setup; 1 when it was stopped."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # the event loop would wait for the line to end
    try:
        speech = Speech.read("init", chosen_language(language, default, asks=given.asks))
        wizard = Wizard(given, speech)
        try:
            return await _set_up(wizard, whose, publish)
        except (KeyboardInterrupt, Stopped):
            wizard.show(f"\n{speech('stopped')}")
            return 1
    except (KeyboardInterrupt, Stopped):
        sys.stdout.write("\n")
        return 1
    finally:
        signal.signal(signal.SIGINT, before)


async def _set_up(wizard: Wizard, whose: WhoseToken, publish: Publish) -> int:
    speech = wizard.speech
    if wizard.given.asks:
        wizard.show()
        wizard.show(speech("welcome"), style="1;36")
        wizard.show(speech("how"), style="2")
    answers = _business(wizard)
    await _telegram(wizard, answers, whose)
    _meta(wizard, answers)
    answers.public_url = wizard.ask("public_url", reading.read_public)
    answers.redis_url = wizard.ask("redis_url", reading.read_redis)
    answers.database_url = wizard.ask("database_url", reading.read_database)
    return await _written(wizard, answers, publish)


def _business(wizard: Wizard) -> Answers:
    german = wizard.speech.language == "de"
    answers = Answers()
    answers.name = wizard.ask("name", reading.read_name)
    answers.slug = wizard.ask("slug", reading.read_slug, slug(answers.name))
    answers.languages = wizard.ask("languages", reading.read_languages, "de, en" if german else "en, de")
    if "de" in answers.languages:
        answers.formality = wizard.ask("formality", reading.read_formality, "Sie")
    answers.country = wizard.ask("country", reading.read_land, "DE" if german else "GB")
    answers.timezone = wizard.ask("timezone", reading.read_zone, ZONES.get(answers.country, ""))
    answers.hours = wizard.ask("hours", reading.read_opening, wizard.speech("default_hours"))
    _services(wizard, answers)
    return answers


def _services(wizard: Wizard, answers: Answers) -> None:
    def read(text: str) -> reading.Service:
        return reading.read_service(text, answers.languages)

    if wizard.given.services or not wizard.given.asks:
        texts = wizard.given.services or (wizard.speech("default_service"),)
        answers.services = [wizard.given_answer("service", read, text) for text in texts]
        return
    wizard.show()
    wizard.show(wizard.speech("ask_services"), style="1")
    wizard.show(wizard.speech("about_services"), style="2")
    while True:
        text = wizard.line()
        if not text and answers.services:
            return
        try:
            answers.services.append(read(text))
        except Wrong as wrong:
            wizard.hint(wrong)


async def _telegram(wizard: Wizard, answers: Answers, whose: WhoseToken) -> None:
    """The token, checked with the provider. One that nobody can check now may be kept."""
    while True:
        token = wizard.ask("telegram_token", reading.read_token)
        if not token:
            return
        try:
            name = await whose(token)
        except ProviderRefused as error:
            if not wizard.given.asks or "telegram_token" in wizard.given.texts:
                raise ConfigurationError(f"--telegram-token: {wizard.speech('token_refused')}") from error
            wizard.show(f"  {wizard.speech('token_refused')}", style="33")
            continue
        except FrontdeskError:
            wizard.show(f"  {wizard.speech('token_unchecked')}", style="33")
            if wizard.given.asks and not wizard.agrees("keep_token"):
                continue
        else:
            wizard.show(f"  ✓ {wizard.speech('token_good', name=name)}", style="32")
        answers.token = token
        return


def _meta(wizard: Wizard, answers: Answers) -> None:
    """WhatsApp and Messenger: what is copied from Meta. The verify token is ours, it is made when the file is."""
    for word in wizard.ask("meta", reading.read_meta):
        needs = NEEDS[connector_of(word)]
        typed = answers.whatsapp if word == "whatsapp" else answers.messenger
        for name in (*needs.ids, *needs.secrets):
            if name not in needs.made:
                read = reading.read_id if name in needs.ids else reading.read_secret
                typed[name] = wizard.ask(f"{word}_{name}", read)


_AT_META = {"whatsapp": "WhatsApp", "facebook": "Facebook Messenger"}


def _say_meta(wizard: Wizard, answers: Answers, values: Mapping[str, str]) -> None:
    """What to enter at Meta."""
    for connector, _ in reading.meta_answers(answers):
        path = NEEDS[connector].path
        address = f"{answers.public_url or 'https://...'}/webhook/{path}/{answers.slug}"
        token = values[reading.secret_variable(answers, connector, "verify_token")]
        guide = f"configs/setup/{wizard.speech.language}/{path}.md"
        wizard.show(
            wizard.speech("next_meta", channel=_AT_META.get(path, path), address=address, token=token, guide=guide)
        )


async def _written(wizard: Wizard, answers: Answers, publish: Publish) -> int:
    speech, path, env = wizard.speech, Path(f"{answers.slug}.yaml"), Path(".env")
    document = document_of(answers)
    values = values_of(answers, read_env(env))
    if wizard.given.data:
        values["FRONTDESK_DATA"] = wizard.given.data
    read_tenant(tenant_yaml(document), str(path), values)  # nothing is written that could not be read
    _refuse_old(wizard, path)
    if wizard.given.asks:
        _summary(wizard, answers, f"{path}, {env}" if values else str(path))
        if not wizard.agrees("write"):
            raise Stopped
    kept = write_business(path, document, speech("file_head"))
    if values:
        write_env(env, values)
    wizard.show()
    code = await publish(path, values)
    wizard.show(f"  ✓ {speech('wrote', file=path)}", style="32")
    if kept:
        wizard.show(f"    {speech('kept_old', file=kept)}")
    if values:
        wizard.show(f"  ✓ {speech('wrote_env')}", style="32")
    wizard.show(f"\n{speech('next', slug=answers.slug, file=path)}")
    if answers.token and not answers.public_url:
        wizard.show(speech("next_public"))
    _say_meta(wizard, answers, values)
    return code


async def publish_file(url: str, path: Path) -> int:
    """Import the file that was just written."""
    file = business_file(path)
    async with opened(url) as database:
        await Tenants(database).put_document(file.business.tenant, "tenant", file.raw)
    return 0


def _refuse_old(wizard: Wizard, path: Path) -> None:
    if path.exists() and not wizard.given.asks and not wizard.given.replaces:
        raise ConfigurationError(wizard.speech("there_already", file=path))


def _summary(wizard: Wizard, answers: Answers, files: str) -> None:
    speech = wizard.speech
    services = ", ".join(" / ".join(one.names.values()) for one in answers.services)
    lines = {
        "name": f"{answers.name} ({answers.slug})",
        "languages": ", ".join(answers.languages),
        "place": f"{answers.country}, {answers.timezone}",
        "hours": answers.hours,
        "services": services,
        "telegram": speech("with" if answers.token else "without"),
        "meta": ", ".join(name for name, _ in reading.meta_answers(answers)) or speech("without"),
        "public": answers.public_url or speech("without"),
        "servers": speech("own" if answers.redis_url or answers.database_url else "embedded"),
        "files": files,
    }
    wizard.show()
    for key, value in lines.items():
        wizard.show(f"  {speech(f'label_{key}'):<16} {value}")
    wizard.show()
