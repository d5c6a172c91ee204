"""The JSON Schema of a tenant's file, made from its layout. `python -m runtime.tenants.schema` writes the file anew."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from runtime.settings import CONFIGS
from runtime.tenants.layout import PARTS, TenantModel
from runtime.tenants.meanings import MEANINGS
from runtime.tenants.problems import keys_of

SCHEMA_FILE = CONFIGS / "schemas" / "tenant.json"


def tenant_schema() -> dict[str, Any]:
    """The schema (2020-12), with every spelling of a key that the reader takes."""
    schema = TenantModel.model_json_schema(mode="validation")
    _add_shapes(schema)
    _add_spellings(TenantModel, schema, "#")
    for model in PARTS.values():
        _add_spellings(model, schema["$defs"][model.__name__], f"#/$defs/{model.__name__}")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A tenant of Frontdesk"}
    return {**head, **{key: value for key, value in schema.items() if key != "title"}}


def _add_spellings(model: type[BaseModel], schema: dict[str, Any], place: str) -> None:
    """Each key with its meaning, and the other ways to write it."""
    needed = []
    for name, (usual, *others) in keys_of(model).items():
        schema["properties"][usual]["description"] = MEANINGS[model.__name__][name]
        as_usual = {"$ref": f"{place}/properties/{usual}", "description": f"As {usual}."}
        schema["properties"].update(dict.fromkeys(others, as_usual))
        if usual in schema.get("required", ()):
            needed.append([name, *(key for key in (usual, *others) if key != name)])
    schema.pop("required", None)
    if needed:
        schema["allOf"] = [{"anyOf": [{"required": [key]} for key in keys]} for keys in needed]


def _add_shapes(schema: dict[str, Any]) -> None:
    """Lists of things may also be mappings by id, and bare names."""
    for field, model in PARTS.items():
        if field in ("policies", "webchat", "model"):
            continue
        entry = {"$ref": f"#/$defs/{model.__name__}"}
        loose = {"type": ["object", "string", "null"]}
        schema["properties"][field] = {
            "anyOf": [
                {"type": "array", "items": {"anyOf": [entry, {"type": "string"}]}},
                {"type": "object", "additionalProperties": loose},
                {"type": "null"},
            ]
        }


def write() -> None:
    """Write the schema file."""
    SCHEMA_FILE.write_text(json.dumps(tenant_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
