"""The public document's answer schemas, as JSON Schema, to hold the stand-in's answers against."""

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from stripe_peer.public_document import whole_document

NEWER = {
    "checkout.session": {"allowed_payment_method_types": {"type": "array"}},
    "payment_intent": {"allowed_payment_method_types": {"type": "array"}},
}
"""What endive answers and the document of dahlia does not know yet."""


def complaints(kind: str, answer: Any) -> list[str]:
    """What is wrong with an answer of this kind, one sentence each."""
    validator = Draft202012Validator(
        {"$ref": f"#/components/schemas/{kind}", "components": {"schemas": schemas()}}
    )
    found = sorted(validator.iter_errors(answer), key=lambda error: list(error.path))
    return [f"{'.'.join(map(str, one.absolute_path))}: {reason(one)}" for one in found]


def reason(error: Any) -> str:
    """The deepest cause, so that a failed anyOf says why."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return str(error.message)[:200]


@lru_cache(maxsize=1)
def schemas() -> dict[str, Any]:
    """Every schema of the document: nullable in today's words, and closed to fields it lacks."""
    found = whole_document()["components"]["schemas"]
    schemas = {name: converted(schema) for name, schema in found.items()}
    for name, fields in NEWER.items():
        schemas[name]["properties"].update(fields)
    return schemas


def converted(schema: Any) -> Any:
    """One schema of OpenAPI 3.0 as JSON Schema 2020-12."""
    if not isinstance(schema, dict):
        return schema
    plain = {name: part for name, part in schema.items() if name in KEPT}
    for name in ("items", "additionalProperties"):
        if isinstance(plain.get(name), dict):
            plain[name] = converted(plain[name])
    if "anyOf" in plain:
        plain["anyOf"] = [converted(part) for part in plain["anyOf"]]
    if "properties" in plain:
        plain["properties"] = {name: converted(p) for name, p in plain["properties"].items()}
        if plain["properties"]:
            plain.setdefault("additionalProperties", False)
    if schema.get("nullable"):
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


KEPT = {
    "$ref",
    "additionalProperties",
    "anyOf",
    "enum",
    "items",
    "maxLength",
    "properties",
    "required",
    "type",
}
