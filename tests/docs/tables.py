"""The tables of the documentation, as the code would write them."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from flask import Flask

from api.access import MARK
from api.errors import HTTP_CODES, status_of
from core.errors import PallayError
from people.permissions import APPLICATION_SCOPES, ROLE_SCOPES, SCOPES, Role

HOUSES = ("api", "core", "inventory", "orders", "payments", "payouts", "people", "quality")
#: Bases and outcomes that nobody meets as an answer.
NEVER_ANSWERED = {"error", "written_once", "stripe_key_misused"}


def scopes() -> str:
    """Who may do what."""
    roles = list(Role)
    head = "| scope | opens | " + " | ".join(role.value for role in roles) + " | application |"
    rows = [head, "|" + "---|" * (len(roles) + 3)]
    for scope, words in SCOPES.items():
        marks = ["yes" if scope in ROLE_SCOPES[role] else "" for role in roles]
        marks.append("yes" if scope in APPLICATION_SCOPES else "")
        rows.append(f"| `{scope}` | {words} | " + " | ".join(marks) + " |")
    return "\n".join(rows)


def operations(app: Flask) -> str:
    """Every route under /v1, with who may use it."""
    rows = ["| | scope | |", "|---|---|---|"]
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/v1/") and (mark := getattr(view, MARK, None)):
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule)
            words = (view.__doc__ or "").strip().splitlines()[0]
            scope = "anybody" if mark[0] == "public" else f"`{mark[0]}`"
            scope += " or the order's token" if mark[1] else ""
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                found.append((path, method, f"| `{method} {path}` | {scope} | {words} |"))
    return "\n".join([*rows, *(row for _path, _method, row in sorted(found))])


def codes() -> str:
    """Every code a problem may carry, with its status and its usual sentence."""
    rows = {
        refusal.code: (status_of(refusal.__new__(refusal)), sentence(refusal))
        for refusal in refusals()
        if refusal.code not in NEVER_ANSWERED
    }
    for status, code in HTTP_CODES.items():
        rows.setdefault(code, (status, "before any rule of ours is asked"))
    rows["internal_error"] = (500, "a fault of ours; the log has the request's id")
    lines = [f"| {status} | `{code}` | {words} |" for code, (status, words) in rows.items()]
    return "\n".join(["| status | code | |", "|---|---|---|", *sorted(lines)])


def sentence(refusal: type[PallayError]) -> str:
    return (refusal.__doc__ or "").strip().splitlines()[0]


def refusals() -> Iterator[type[PallayError]]:
    """Every refusal of the house."""
    for house in HOUSES:
        package = importlib.import_module(house)
        for module in pkgutil.walk_packages(package.__path__, f"{house}."):
            importlib.import_module(module.name)
    seen, queue = set(), [PallayError]
    while queue:
        refusal = queue.pop()
        if refusal not in seen:
            seen.add(refusal)
            queue += refusal.__subclasses__()
    yield from sorted(seen, key=lambda one: (one.code, one.__name__), reverse=True)
