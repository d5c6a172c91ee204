"""What a provider takes only as several messages, or not at all, becomes pieces and words. Pure.

A part may hold a text with buttons, files, a place and cards. Each channel says what its provider takes; the rest is
written out, so that everything can be read and answered by typing. A piece makes exactly one message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from channels.splitting import split_before_end, utf16_units
from runtime.core.messages import Attachment, OutboundPart, Place, RenderedButton, SharedContact


@dataclass(frozen=True, slots=True)
class Takes:
    """What one provider takes in one message."""

    text: int
    """The longest text."""
    buttons: Callable[[OutboundPart], tuple[OutboundPart, int]]
    """The part with those buttons that will stand below it, the others written out; and how long its text may be."""
    caption: int = 0
    """The longest text below a file."""
    captioned: frozenset[str] = frozenset()
    """Types of files that may have one."""
    place: bool = False
    cards: int = 0
    """How many contact cards."""


def pieces_of(part: OutboundPart, takes: Takes) -> tuple[OutboundPart, ...]:
    """The part as messages, in order: files, place and cards first, then the text, whose end carries the buttons."""
    if part.piece or part.reaction or part.template is not None:
        return (part,)
    part = _in_words(part, takes)
    part, end_limit = takes.buttons(part)
    bare = replace(part, text="", buttons=(), attachments=(), place=None, contacts=(), menu="")
    if _is_caption(part, takes):
        return (part,)
    found = [replace(bare, attachments=(one,)) for one in part.attachments]
    if part.place is not None:
        found.append(replace(bare, place=part.place))
    for start in range(0, len(part.contacts), takes.cards or 1):
        found.append(replace(bare, contacts=part.contacts[start : start + takes.cards]))
    texts = split_before_end(part.text, takes.text, end_limit)
    found += [replace(bare, text=text) for text in texts[:-1]]
    if texts:
        found.append(replace(bare, text=texts[-1], buttons=part.buttons, menu=part.menu))
    return _numbered(found)


def _numbered(found: list[OutboundPart]) -> tuple[OutboundPart, ...]:
    """Only the first piece quotes."""
    if len(found) < 2:
        return tuple(found)
    return tuple(
        replace(one, piece=number, pieces=len(found), quote=one.quote if number == 1 else "")
        for number, one in enumerate(found, 1)
    )


def _is_caption(part: OutboundPart, takes: Takes) -> bool:
    """Whether one file carries the whole text below it."""
    if len(part.attachments) != 1 or part.buttons or part.place is not None or part.contacts:
        return False
    return part.attachments[0].type in takes.captioned and utf16_units(part.text.strip()) <= takes.caption


def _in_words(part: OutboundPart, takes: Takes) -> OutboundPart:
    """What this provider does not take, written out: below the text, or above it where it ends in a question."""
    lost = [one for one in part.attachments if not is_sendable(one)]
    words = [file_words(one) for one in lost]
    if part.place is not None:
        words.append("" if takes.place and not part.place.name else place_words(part.place, link=not takes.place))
    words += [card_words(one) for one in part.contacts if not (takes.cards and one.phones)]
    text = joined([*words, part.text] if part.buttons or part.question else [part.text, *words])
    kept = tuple(one for one in part.attachments if is_sendable(one))
    cards = tuple(one for one in part.contacts if takes.cards and one.phones)
    return replace(part, text=text, attachments=kept, place=part.place if takes.place else None, contacts=cards)


def is_sendable(file: Attachment) -> bool:
    """Whether there is anything to send: the provider's own handle, an address for it to fetch, or the bytes."""
    return bool(file.id or file.url or is_ours(file))


def is_ours(file: Attachment) -> bool:
    """Whether we keep the bytes and have to hand them over."""
    return not file.id and bool(file.file or file.path)


def joined(texts: Iterable[str]) -> str:
    """Texts below each other, with an empty line between."""
    return "\n\n".join(text.strip() for text in texts if text.strip())


def numbered(text: str, buttons: tuple[RenderedButton, ...]) -> str:
    """The text with its buttons as numbered lines: whoever reads it can type the number or the words."""
    lines = [
        f"{number}. {button.text}{f' – {button.description}' if button.description else ''}"
        for number, button in enumerate(buttons, 1)
    ]
    return joined([text, "\n".join(lines)])


def place_words(place: Place, *, link: bool) -> str:
    """A place as people write it; with a link where no map goes along."""
    lines = [place.name, place.address]
    if link:
        lines.append(f"https://www.google.com/maps/search/?api=1&query={place.latitude},{place.longitude}")
    return "\n".join(line for line in lines if line)


def card_words(card: SharedContact) -> str:
    """A contact card as a line."""
    return ": ".join(filter(None, (card.name, ", ".join(card.phones))))


def file_words(file: Attachment) -> str:
    """A file that does not go along, by its name."""
    return f"📎 {file.name or file.type}"
