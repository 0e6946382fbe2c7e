"""Form bodies with nested brackets, as Stripe's v1 API takes them: a[b][0][c]=d."""

import re
from typing import Any
from urllib.parse import parse_qsl

from stripe_peer.refusals import BadParameter

SEGMENT = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> dict[str, Any]:
    """Nested dicts of strings; an array keeps its "0", "1", ... until its schema is known."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        plant(tree, segments(name), value, name)
    return tree


def segments(name: str) -> list[str]:
    """`a[b][0]` is ["a", "b", "0"]."""
    head, bracket, _ = name.partition("[")
    rest = name[len(head) :]
    if bracket and SEGMENT.sub("", rest):
        raise BadParameter(f"Invalid parameter name: {name}", param=name)
    return [head, *SEGMENT.findall(rest)]


def plant(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    """Put one value at its place; an empty bracket means the next place in an array."""
    for part in path[:-1]:
        branch = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(branch, dict):
            raise BadParameter(f"Invalid parameter: {name} is given both a value and fields")
        tree = branch
    leaf = path[-1] or str(len(tree))
    if isinstance(tree.get(leaf), dict):
        raise BadParameter(f"Invalid parameter: {name} is given both a value and fields")
    tree[leaf] = value
