"""The layout of a tenant's file as pydantic models: the border where liberal writing becomes one shape.

The JSON Schema in configs/schemas/tenant.json is made from here: `python -m runtime.tenants.schema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from runtime.core.business import Opening
from runtime.core.quiet import QuietHours
from runtime.tenants.browsers import read_colour, read_origins, read_web_address
from runtime.tenants.closed_days import read_days_off
from runtime.tenants.document import Unreadable
from runtime.tenants.hours import read_hours
from runtime.tenants.values import (
    Price,
    TextLists,
    Texts,
    language_code,
    read_address,
    read_country,
    read_days_span,
    read_hours_span,
    read_minutes,
    read_names,
    read_price,
    read_quiet,
    read_spans,
    read_synonyms,
    read_text_lists,
    read_texts,
)

Json = dict[str, Any]


def _any_of(*types: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": kind} for kind in types], **more})


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise Unreadable(f"expected a text, found {type(value).__name__}.")
    return "" if value is None else str(value).strip()


_TEXT_SHAPES: list[Json] = [
    {"type": ["string", "number"]},
    {"type": "object", "propertyNames": {"pattern": "^[a-z]{2,3}([-_][A-Za-z]{2,4})?$"}},
]
_LIST: Json = {"type": "array", "items": {"type": ["string", "number"]}}

TextField = Annotated[Texts, BeforeValidator(read_texts), WithJsonSchema({"anyOf": [*_TEXT_SHAPES, {"type": "null"}]})]
TextListField = Annotated[
    TextLists, BeforeValidator(read_text_lists), WithJsonSchema({"anyOf": [*_TEXT_SHAPES, _LIST, {"type": "null"}]})
]
SynonymsField = Annotated[
    TextLists, BeforeValidator(read_synonyms), WithJsonSchema({"anyOf": [*_TEXT_SHAPES, _LIST, {"type": "null"}]})
]
AddressField = Annotated[Texts, BeforeValidator(read_address), _any_of("string", "object", "null")]
NamesField = Annotated[
    tuple[str, ...], BeforeValidator(read_names), WithJsonSchema({"anyOf": [{"type": ["string", "null"]}, _LIST]})
]
PriceField = Annotated[
    Price, BeforeValidator(read_price), _any_of("number", "string", "object", "null", examples=[45, "ab 45 €"])
]
MinutesField = Annotated[int, BeforeValidator(read_minutes), _any_of("number", "string", examples=[45, "1 h 30 min"])]
HoursSpanField = Annotated[int, BeforeValidator(read_hours_span), _any_of("number", "string", examples=[24, "2 h"])]
DaysSpanField = Annotated[int, BeforeValidator(read_days_span), _any_of("number", "string", examples=[90, "12 weeks"])]
SpansField = Annotated[
    tuple[int, ...],
    BeforeValidator(read_spans),
    WithJsonSchema({"anyOf": [{"type": ["string", "number", "null"]}, _LIST], "examples": [["24h", "2h"]]}),
]
DaysField = Annotated[
    tuple[date, ...],
    BeforeValidator(read_days_off),
    _any_of("array", "object", "string", "null", examples=[[{"from": "2026-08-03", "to": "2026-08-14"}, "2026-12-24"]]),
]
QuietField = Annotated[
    QuietHours, BeforeValidator(read_quiet), _any_of("string", "boolean", examples=["21:00-08:00", "never"])
]
HoursField = Annotated[
    tuple[Opening, ...],
    BeforeValidator(read_hours),
    _any_of("object", "array", "string", "null", examples=[{"mon-fri": "09:00-18:00", "sun": "closed"}]),
]
OriginsField = Annotated[
    tuple[str, ...],
    BeforeValidator(read_origins),
    WithJsonSchema({"anyOf": [{"type": ["string", "null"]}, _LIST], "examples": [["https://www.salon.example"]]}),
]
ColourField = Annotated[
    str, BeforeValidator(read_colour), WithJsonSchema({"type": ["string", "null"], "examples": ["#24504b"]})
]
AddressOfPage = Annotated[str, BeforeValidator(read_web_address), WithJsonSchema({"type": ["string", "null"]})]
CountryField = Annotated[
    str, BeforeValidator(read_country), WithJsonSchema({"type": "string", "examples": ["DE", "AT"]})
]
TextValue = Annotated[str, BeforeValidator(_plain), WithJsonSchema({"type": ["string", "number", "null"]})]


def _named(value: Any) -> Any:
    """{anna: {...}} and ["Anna"] as lists of mappings with an id; one level, the rest stays as written."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [{"id": key, **_entry(entry)} for key, entry in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [{"id": "", "name": entry} if isinstance(entry, str) else entry for entry in value]
    raise Unreadable(f"expected a list, found {type(value).__name__}. Write '- id: ...' for each entry.")


def _entry(entry: Any) -> Mapping[str, Any]:
    if entry is None:
        return {}
    return entry if isinstance(entry, Mapping) else {"name": entry}


def _fact_list(value: Any) -> Any:
    """{question: answer} and {q: [..], a: ..} alike."""
    if isinstance(value, Mapping):
        return [{"q": key.replace("_", " "), "a": answer} for key, answer in value.items()]
    return value if value is not None else []


def _languages(value: Any) -> tuple[str, ...]:
    entries = read_names(value)
    return tuple(dict.fromkeys(language_code(entry) for entry in entries)) or ("de", "en")


def _formality(value: Any) -> str:
    text = str(value).strip().casefold()
    if text in ("informal", "du", "casual", "locker", "informell", "duzen"):
        return "informal"
    if text in ("formal", "sie", "polite", "förmlich", "formell", "siezen"):
        return "formal"
    raise Unreadable(f"'{value}' is no formality. Write formal (Sie) or informal (du).")


def _connection_list(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [{"connector": key, **_entry(entry)} for key, entry in value.items()]
    return [{"connector": entry} if isinstance(entry, str) else entry for entry in value or []]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServiceModel(_Part):
    """A service as written."""

    id: TextValue = ""
    name: TextField = Field(default_factory=dict, validation_alias=AliasChoices("name", "names", "title"))
    synonyms: SynonymsField = Field(default_factory=dict, validation_alias=AliasChoices("synonyms", "aliases"))
    duration_min: MinutesField = Field(
        validation_alias=AliasChoices("duration_min", "duration", "duration_minutes", "minutes", "dauer_min", "dauer"),
        gt=0,
        le=1440,
    )
    price: PriceField = Field(default=Price(""), validation_alias=AliasChoices("price", "preis"))
    price_from: bool = False
    currency: TextValue = ""
    staff: NamesField = ()
    rooms: NamesField = Field(default=(), validation_alias=AliasChoices("rooms", "room"))
    equipment: NamesField = Field(default=(), validation_alias=AliasChoices("equipment", "devices", "needs"))
    buffer_min: MinutesField = Field(
        default=0,
        validation_alias=AliasChoices("buffer_min", "buffer", "buffer_minutes", "buffer_after_min"),
        ge=0,
        le=1440,
    )
    description: TextField = Field(default_factory=dict)
    category: TextField = Field(default_factory=dict)


class PersonModel(_Part):
    """A member of staff as written."""

    id: TextValue = ""
    name: TextField = Field(default_factory=dict)
    hours: HoursField = ()
    synonyms: SynonymsField = Field(default_factory=dict, validation_alias=AliasChoices("synonyms", "aliases"))
    services: NamesField = ()
    title: TextField = Field(default_factory=dict, validation_alias=AliasChoices("title", "role"))
    email: TextValue = ""
    phone: TextValue = ""
    languages: NamesField = ()
    absences: DaysField = Field(default=(), validation_alias=AliasChoices("absences", "absence", "away", "urlaub"))


class RoomModel(_Part):
    """A room as written."""

    id: TextValue = ""
    name: TextField = Field(default_factory=dict)
    capacity: int = Field(default=1, ge=1, le=100)


class EquipmentModel(_Part):
    """A piece of equipment as written."""

    id: TextValue = ""
    name: TextField = Field(default_factory=dict)
    count: int = Field(default=1, ge=1, le=100, validation_alias=AliasChoices("count", "capacity", "number"))


class FactModel(_Part):
    """A question and its answer as written."""

    q: TextListField = Field(validation_alias=AliasChoices("q", "question", "questions", "frage", "fragen"))
    a: TextField = Field(validation_alias=AliasChoices("a", "answer", "answers", "antwort"))
    id: TextValue = ""
    topic: TextValue = ""


class MatterModel(_Part):
    """Something that people settle, as written."""

    about: TextListField = Field(validation_alias=AliasChoices("about", "words"))
    id: TextValue = ""
    say: TextField = Field(default_factory=dict)
    who: TextField = Field(default_factory=dict)
    ticket: bool | None = None
    within_hours: int = Field(default=24, ge=1, le=24 * 14)


class ConnectionModel(_Part):
    """A connection as written; secrets are {env: NAME}, or a literal that we warn about."""

    connector: TextValue = Field(validation_alias=AliasChoices("connector", "type", "channel"))
    id: TextValue = ""
    name: TextValue = ""
    enabled: bool = True
    config: dict[str, Any] | None = Field(default_factory=dict)
    secrets: dict[str, Any] | None = Field(default_factory=dict)


class PoliciesModel(BaseModel):
    """Rules as written; what we do not know is kept in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    lead_min: MinutesField | None = Field(
        default=None,
        validation_alias=AliasChoices("lead_min", "lead_time_min", "lead_minutes", "min_notice_min", "notice_min"),
    )
    lead_hours: HoursSpanField | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "lead_hours", "lead_h", "lead_time_hours", "lead_time_h", "min_notice_hours", "min_notice_h"
        ),
    )
    horizon_days: DaysSpanField | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "horizon_days", "horizon", "max_days_ahead", "booking_horizon_days", "max_advance_days"
        ),
    )
    cancel_hours: HoursSpanField | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "cancel_hours", "cancel_notice_h", "cancel_notice_hours", "cancellation_hours", "cancellation_notice_h",
            "cancel_h", "cancel_until_hours", "free_cancellation_hours", "cancellation_notice_hours", "cancel_until_h",
        ),
    )  # fmt: skip
    slot_step_min: MinutesField | None = Field(
        default=None,
        validation_alias=AliasChoices("slot_step_min", "slot_min", "step_min", "slot_minutes", "interval_min"),
    )
    handoff_minutes: MinutesField | None = None
    handoff_hours: HoursField = ()
    handoff_wait_min: MinutesField | None = None
    sla_min: MinutesField | None = None
    sla_notice: bool = False
    away_min: MinutesField | None = None
    emergency_number: TextValue = ""
    helpline: TextValue = ""
    assistant_name: TextValue = ""
    waiting_list: bool = False
    waiting_offer_min: MinutesField = Field(default=60, ge=5, le=1440)
    reminders: SpansField = Field(default=(), validation_alias=AliasChoices("reminders", "reminder"))
    quiet_hours: QuietField = Field(default=QuietHours(), validation_alias=AliasChoices("quiet_hours", "quiet"))
    messages_per_minute: Annotated[int, Field(ge=0)] | None = None
    messages_per_day: Annotated[int, Field(ge=0)] | None = None


class WebChatModel(_Part):
    """The chat in browsers as written."""

    origins: OriginsField = ()
    accent: ColourField = ""
    privacy: AddressOfPage = ""


class ModelUseModel(_Part):
    """How the language model is used, as written."""

    use: bool = True
    name: TextValue = ""
    wording: bool = False
    money_per_day: float | None = Field(default=None, ge=0)
    tokens_per_day: int | None = Field(default=None, ge=0)
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)
    calls_per_minute: int = Field(default=3, ge=0, le=1000)


def _model_use(value: Any) -> Any:
    return {"use": value} if isinstance(value, bool) else value or {}


class TenantModel(_Part):
    """The whole file as written."""

    tenant: TextValue = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$", validation_alias=AliasChoices("tenant", "slug")
    )
    name: TextField = Field(min_length=1)
    version: TextValue = ""
    suspended: bool = False
    timezone: TextValue = ""
    country: CountryField = ""
    languages: Annotated[
        tuple[str, ...], BeforeValidator(_languages), WithJsonSchema({"anyOf": [{"type": ["string", "null"]}, _LIST]})
    ] = Field(default=("de", "en"), validation_alias=AliasChoices("languages", "language"))
    formality: Annotated[str, BeforeValidator(_formality), WithJsonSchema({"type": "string"})] = "formal"
    currency: TextValue = ""
    address: AddressField = Field(default_factory=dict)
    phone: TextValue = ""
    email: TextValue = ""
    website: TextValue = ""
    description: TextField = Field(default_factory=dict)
    facts: Annotated[list[FactModel], BeforeValidator(_fact_list)] = Field(default_factory=list)
    personal: list[MatterModel] = Field(default_factory=list)
    hours: HoursField = Field(default=(), validation_alias=AliasChoices("hours", "opening_hours"))
    holidays: Annotated[Any, _any_of("array", "object", "string", "null", "boolean")] = None
    services: Annotated[list[ServiceModel], BeforeValidator(_named)] = Field(default_factory=list)
    staff: Annotated[list[PersonModel], BeforeValidator(_named)] = Field(default_factory=list)
    rooms: Annotated[list[RoomModel], BeforeValidator(_named)] = Field(default_factory=list)
    equipment: Annotated[list[EquipmentModel], BeforeValidator(_named)] = Field(default_factory=list)
    policies: PoliciesModel | None = None
    webchat: WebChatModel | None = None
    model: Annotated[ModelUseModel, BeforeValidator(_model_use)] = ModelUseModel()
    connections: Annotated[list[ConnectionModel], BeforeValidator(_connection_list)] = Field(default_factory=list)


PARTS: dict[str, type[BaseModel]] = {
    "services": ServiceModel,
    "staff": PersonModel,
    "rooms": RoomModel,
    "equipment": EquipmentModel,
    "facts": FactModel,
    "personal": MatterModel,
    "connections": ConnectionModel,
    "policies": PoliciesModel,
    "webchat": WebChatModel,
    "model": ModelUseModel,
}
"""The models of the file's parts, by key."""
