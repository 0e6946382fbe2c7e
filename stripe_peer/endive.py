"""Where API version 2026-10-28.endive differs from the public document of 2026-05-27.dahlia."""

from typing import Any

Schema = dict[str, Any]

CHOOSES_METHODS = ("POST /v1/checkout/sessions", "POST /v1/payment_intents")
METHOD_NAMES: Schema = {"type": "array", "items": {"type": "string"}}


def bring_up_to_date(operation: str, body: Schema) -> Schema:
    """One operation's request schema as endive has it."""
    properties = dict(body.get("properties", {}))
    if operation in CHOOSES_METHODS:
        properties.pop("payment_method_types", None)
        properties["allowed_payment_method_types"] = METHOD_NAMES
    if operation == "POST /v1/accounts":
        properties.pop("bank_account", None)
    return {**body, "properties": properties}
