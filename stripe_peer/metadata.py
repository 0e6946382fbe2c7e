"""Metadata as Stripe merges it: an empty value removes a key, an empty whole removes all."""

from typing import Any


def merged(before: dict[str, str], given: Any) -> dict[str, str]:
    """What the object holds after being given `given`, which may be missing or empty."""
    if given is None:
        return before
    if given == "":
        return {}
    return {name: text for name, text in {**before, **given}.items() if text != ""}
