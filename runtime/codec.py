"""What lies in Redis and the journal as bytes: events in boxes, the session's state, parts, chat entries.

A newer version than ours is left to a newer worker (law 8); the state's versions are told in `core/shapes.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from runtime.core import commands
from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Frame
from runtime.core.effects import Act
from runtime.core.events import (
    Acted,
    AddressChanged,
    Answered,
    ConnectionFailed,
    ConsentChanged,
    Deleted,
    Delivered,
    Edited,
    Event,
    HandoffExpired,
    Happened,
    Kept,
    OperatorAsked,
    OperatorEchoed,
    OperatorJoined,
    OperatorNoted,
    OperatorReleased,
    OperatorSaid,
    OptedIn,
    OptedOut,
    Parked,
    Pressed,
    Prompted,
    Reacted,
    Said,
    ThreadMoved,
    TimerFired,
    Understood,
    WindowShut,
)
from runtime.core.messages import Attachment, OutboundPart
from runtime.core.shapes import VERSION, version_needed
from runtime.errors import BugError, FrontdeskError

_KINDS: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        Said, Pressed, Edited, Deleted, Reacted, OptedOut, OptedIn, OperatorJoined, OperatorSaid, OperatorNoted,
        OperatorAsked, OperatorReleased, HandoffExpired, TimerFired, Delivered, Parked, Acted, Prompted, Happened,
        OperatorEchoed, ThreadMoved, ConsentChanged, Kept, WindowShut, ConnectionFailed, AddressChanged,
    )
}  # fmt: skip

_JOURNALED: Mapping[str, Any] = {**_KINDS, "Answered": Answered, "Understood": Understood}
"""Events of a journal entry: those of a box, and what the performer brought back."""
_UNCLEAR = get_args(get_type_hints(commands.Unclear)["reason"])
_REASONS = {"refused": "Skip", "unknown": "Skip", **dict.fromkeys(_UNCLEAR, "Unclear")}
_COMMANDS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(commands.Command)}


class NewerShape(FrontdeskError):
    """A newer Frontdesk wrote this; an older worker leaves it alone."""

    OF_AN_EVENT = "An event of a newer version waits; it is left to a newer worker."
    OF_A_SESSION = "A session of a newer version; it is left to a newer worker."


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a class, built once: building costs milliseconds, using it microseconds."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from: enough to begin a conversation with it, and whom to tell when its turn is done."""

    connection: str
    channel: str
    chat: str
    contact: str
    name: str = ""
    language: str = ""
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    notify: str = ""
    """The process that waits for the turn to end."""
    shift_ms: int | None = None
    """How far business time was moved where the event came in; None where nobody said."""
    trace: str = ""
    """Its place in a trace, see `runtime/tracing.py`."""
    came_ms: int = 0
    """When it came in, by the clock of whoever took it in; 0 where nobody said."""


@dataclass(frozen=True, slots=True)
class Boxed:
    """An event as it waits in a box."""

    id: str
    event: Event
    origin: Origin


def _origin(entry: Mapping[str, Any]) -> Origin:
    """Where a boxed event came from; what a newer version added to it is left out."""
    beside: dict[str, Any] = {"trace": str(entry.get("trace", "")), "came_ms": int(entry.get("came_ms", 0))}
    try:
        return Origin(**entry["o"], **beside)
    except TypeError:
        known = {field.name for field in dataclasses.fields(Origin)}
        return Origin(**{name: value for name, value in entry["o"].items() if name in known}, **beside)


def _origin_fields(origin: Origin) -> dict[str, object]:
    """Without its place in the trace, which stands beside it: older versions refuse fields that they do not know."""
    fields: dict[str, object] = {
        "connection": origin.connection, "channel": origin.channel, "chat": origin.chat, "contact": origin.contact,
        "name": origin.name, "language": origin.language, "extra": dict(origin.extra), "notify": origin.notify,
        "shift_ms": origin.shift_ms,
    }  # fmt: skip
    return fields


def box(boxed: Boxed) -> bytes:
    """An event to the bytes that wait in a box."""
    kind = type(boxed.event)
    event = _adapter(kind).dump_json(boxed.event)
    origin = boxed.origin
    entry: dict[str, object] = {"v": 1, "id": boxed.id, "t": kind.__name__, "o": _origin_fields(origin)}
    if origin.trace:
        entry |= {"trace": origin.trace, "came_ms": origin.came_ms}
    return orjson.dumps(entry)[:-1] + b',"e":' + event + b"}"


class Unreadable(BugError):
    """Bytes that are not what we wrote. Says where, never what: there may be a customer's words in them."""


def unbox(raw: bytes) -> Boxed:
    """The event back from a box. Raises NewerShape, or Unreadable."""
    try:
        entry = orjson.loads(raw)
        if entry.get("v", 1) > 1 or entry["t"] not in _KINDS:
            raise NewerShape(NewerShape.OF_AN_EVENT)
        event = _validated(_adapter(_KINDS[entry["t"]]).validate_python, entry["e"])
        return Boxed(entry["id"], event, _origin(entry))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"An event in a box cannot be read: {type(error).__name__}") from None


def salvaged(raw: bytes) -> Boxed | None:
    """The news that an unreadable event was put aside, as far as one can tell whose it was."""
    try:
        entry = orjson.loads(raw)
        return Boxed(str(entry["id"]), Parked(str(entry["id"]), datetime.now(UTC)), _origin(entry))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _validated(validate: Callable[[Any], Any], data: Any) -> Any:
    """Validation whose error names places, not values."""
    try:
        return validate(data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, e["loc"])) for e in error.errors(include_input=False, include_url=False))
        raise Unreadable(f"Stored data does not fit at {places[:200]}.") from None


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn whose write was decided on but not yet finished: everything another worker needs to finish it."""

    act: Act
    entry: Mapping[str, Any]
    """The journal entry so far."""
    parts: tuple[OutboundPart, ...]
    ids: tuple[str, ...]
    notify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What a session holds in Redis."""

    conversation: Conversation
    open: OpenTurn | None = None


_CONVERSATION = frozenset(field.name for field in dataclasses.fields(Conversation)) - {"beyond"}
_FRAME = frozenset(field.name for field in dataclasses.fields(Frame)) - {"beyond"}


def dump_state(state: State) -> bytes:
    """The session's state as bytes, in the lowest version that holds it; the desk's snapshot is not part of it."""
    needed = version_needed(state.conversation, state.open.act if state.open is not None else None)
    if state.conversation.version != needed:
        state = dataclasses.replace(state, conversation=replace(state.conversation, version=needed))
    raw = _adapter(State).dump_json(state, exclude={"conversation": {"desk"}}, exclude_defaults=True, round_trip=True)
    return _with_beyond(raw) if b'"beyond":' in raw else raw


def _with_beyond(raw: bytes) -> bytes:
    """What a newer version added stands where it stood."""
    stored = orjson.loads(raw)
    for fields in (stored["conversation"], *stored["conversation"].get("stack", ())):
        fields |= {name: value for name, value in (fields.pop("beyond", None) or {}).items() if name not in fields}
    return orjson.dumps(stored)


def load_state(raw: bytes) -> State:
    """The session's state back. Raises NewerShape for one that we are too old for, or Unreadable."""
    stored = _plain_state(raw)
    if stored.get("version", 1) > VERSION:
        raise NewerShape(NewerShape.OF_A_SESSION)
    state: State = _validated(_adapter(State).validate_json, raw)
    frames = stored.get("stack", ())
    if stored.keys() <= _CONVERSATION and all(frame.keys() <= _FRAME for frame in frames):
        return state
    stack = tuple(map(_beyond_frame, state.conversation.stack, frames))
    beyond = {name: value for name, value in stored.items() if name not in _CONVERSATION}
    return dataclasses.replace(state, conversation=replace(state.conversation, stack=stack, beyond=beyond or None))


def version_of(raw: bytes) -> int:
    """The version that a stored session needs. Raises Unreadable."""
    return int(_plain_state(raw).get("version", 1))


def _plain_state(raw: bytes) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = orjson.loads(raw)["conversation"]
        stored.keys(), [frame.keys() for frame in stored.get("stack", ())], stored.get("version", 1) > VERSION
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"A session cannot be read: {type(error).__name__}") from None
    return stored


def _beyond_frame(frame: Frame, stored: Mapping[str, Any]) -> Frame:
    beyond = {name: value for name, value in stored.items() if name not in _FRAME}
    return replace(frame, beyond=beyond) if beyond else frame


def journaled(event: Event) -> orjson.Fragment:
    """An event as it stands in a journal entry, written once: with the rest of the entry it is only copied."""
    try:
        body = orjson.dumps(event, default=_as_plain, option=orjson.OPT_UTC_Z)
    except TypeError:
        body = orjson.dumps(plain(event))  # A number beyond 64 bits; customers say such things.
    head = b'{"type":"' + type(event).__name__.encode() + b'",'
    if isinstance(event, Understood):
        # Half of the commands look alike once they are written out.
        kinds = [type(command).__name__ for command in event.commands]
        head += b'"kinds":' + orjson.dumps(kinds) + b","
    return orjson.Fragment(head + body[1:])


def read_journaled(entry: Mapping[str, Any]) -> Event:
    """An event back from a journal entry. Raises Unreadable."""
    kind = _JOURNALED.get(str(entry.get("type")))
    if kind is None:
        raise Unreadable("A journal entry holds an event that this version does not know.")
    fields: dict[str, Any] = {name: value for name, value in entry.items() if name not in ("type", "kinds")}
    if kind is Understood:
        stored = fields.get("commands") or []
        kinds = entry.get("kinds") or [_likeliest(command) for command in stored]
        fields["commands"] = tuple(_command(name, one) for name, one in zip(kinds, stored, strict=True))
    event: Event = _validated(_adapter(kind).validate_python, fields)
    return event


def _command(kind: str, fields: Mapping[str, Any]) -> commands.Command:
    if kind not in _COMMANDS:
        raise Unreadable("A journal entry holds a command that this version does not know, or without its kind.")
    command: commands.Command = _validated(_adapter(_COMMANDS[kind]).validate_python, fields)
    return command


def _likeliest(fields: Mapping[str, Any]) -> str:
    """The kind of a command that an older version wrote without it, by its fields."""
    if fields.keys() == {"reason"}:
        return _REASONS.get(str(fields["reason"]), "Handoff")
    shapes = {name: dataclasses.fields(kind) for name, kind in _COMMANDS.items()}
    exact = [name for name, shape in shapes.items() if {field.name for field in shape} == fields.keys()]
    grown = [name for name, shape in shapes.items() if _has_grown(shape, fields)]
    fits = exact or grown
    return fits[0] if len(fits) == 1 else ""


def _has_grown(shape: Sequence[dataclasses.Field[Any]], fields: Mapping[str, Any]) -> bool:
    """Whether a command of today has all these fields, and the others have come since, with defaults."""
    names = {field.name for field in shape}
    since = (field for field in shape if field.name not in fields)
    return names > fields.keys() and all(
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING for field in since
    )


def dump_facts(facts: Mapping[str, Any]) -> bytes:
    """A journal entry or a notice as bytes; our own values in it are written as their fields."""
    return orjson.dumps(facts, default=_as_plain, option=orjson.OPT_UTC_Z)


def _as_plain(value: object) -> Any:
    return dict(value) if isinstance(value, Mapping) else plain(value)


def plain(value: object) -> Any:
    """Any of our values as plain JSON data, for the journal."""
    return orjson.loads(_adapter(type(value)).dump_json(value, exclude={"desk", "expectation"}))


def dump_part(part: OutboundPart) -> bytes:
    """A part as it lies in the outbox and the chat list."""
    return b'{"k":"part","part":' + _adapter(OutboundPart).dump_json(part) + b"}"


def dump_chat(kind: str, at: datetime, facts: Mapping[str, Any]) -> bytes:
    """A chat entry that is no part: what the customer said, or that a turn ended."""
    return orjson.dumps({"k": kind, "at": at.isoformat(), **facts})


def load_chat(raw: bytes) -> tuple[str, Mapping[str, Any], OutboundPart | None]:
    """A chat entry: its kind, its facts, and the part if it is one."""
    entry = orjson.loads(raw)
    part = load_part(entry["part"]) if entry["k"] == "part" else None
    return entry["k"], entry, part


def load_attachment(attachment: Mapping[str, Any]) -> Attachment:
    """A file of a chat entry from its plain data."""
    loaded: Attachment = _adapter(Attachment).validate_python(attachment)
    return loaded


def load_part(part: Mapping[str, Any]) -> OutboundPart:
    """A part from its plain data."""
    loaded: OutboundPart = _adapter(OutboundPart).validate_python(part)
    return loaded
