"""Our spans to an OpenTelemetry collector that the standard OTEL_* variables name (`pip install frontdesk[otel]`).

OpenTelemetry is only imported when it is configured. Spans are made by `runtime/tracing.py` with their own ids and
handed to its batch processor, so that nothing of it runs in a turn; a collector that is away costs spans, not turns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from runtime.errors import ConfigurationError
from runtime.tracing import Span, listen

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
    from opentelemetry.trace import SpanContext

_log = logging.getLogger(__name__)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_FAILURES = frozenset({"failed", "unknown", "LeaseLost", "StaleTurn"})


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether spans are wanted somewhere."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(environment.get(name) for name in _ENDPOINTS)


def export_spans(environment: Mapping[str, str]) -> Callable[[], None]:
    """Begin to export where it is configured; returns what sends the rest and ends it. Call that in a thread."""
    if not is_configured(environment):
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigurationError(
            f"{_ENDPOINTS[0]} is set, but OpenTelemetry is not installed: pip install 'frontdesk[otel]', or unset it."
        ) from error
    end = export_to(BatchSpanProcessor(OTLPSpanExporter()))
    _log.info("Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names")
    return end


def export_to(processor: SpanProcessor) -> Callable[[], None]:
    """Hand every span from now on to this processor; returns what ends that."""
    convert = _converter()
    stop = listen(lambda span: processor.on_end(convert(span)))

    def end() -> None:
        stop()
        processor.shutdown()

    return end


def _converter() -> Callable[[Span], ReadableSpan]:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

    # Resource.create reads OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME.
    made = Resource.create()
    unnamed = str(made.attributes.get(SERVICE_NAME, "unknown_service")).startswith("unknown_service")
    resource = made.merge(Resource({SERVICE_NAME: "frontdesk"})) if unnamed else made
    scope = InstrumentationScope("frontdesk")
    kinds = {"webhook": SpanKind.SERVER, "deliver": SpanKind.CLIENT}

    def place(trace: str, span: str) -> SpanContext:
        return SpanContext(int(trace, 16), int(span, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))

    def convert(span: Span) -> ReadableSpan:
        outcome = {"outcome": span.outcome} if span.outcome else {}
        failed = span.outcome in _FAILURES or span.outcome.endswith(("Error", "Unavailable", "Refused"))
        return ReadableSpan(
            name=span.name,
            context=place(span.trace, span.id),
            parent=place(span.trace, span.parent) if span.parent else None,
            resource=resource,
            attributes={**{f"frontdesk.{name}": value for name, value in {**span.facts, **outcome}.items()}},
            links=[Link(place(link[:32], link[33:])) for link in span.links],
            kind=kinds.get(span.name, SpanKind.INTERNAL),
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=span.began_ns,
            end_time=span.ended_ns,
            instrumentation_scope=scope,
        )

    return convert
