"""The tables of the documentation, as the code would write them."""

import re

from flask import Flask

from api.access import access_of
from api.errors import every_code
from inventory import claim_rules, dyestuffs
from inventory.batches import SHEETS
from payouts.receipt_words import to_review
from people.permissions import APPLICATION_SCOPES, ROLE_SCOPES, SCOPES, Role

WHO = {
    "everybody": "everybody",
    "key": "`{scope}`",
    "buyer_or_key": "`{scope}`, or the order's token",
    "signature": "whoever holds the signed address",
    "everybody_or_key": "everybody; a key needs `{scope}`",
}


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
    rows = ["| | who | |", "|---|---|---|"]
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/v1/") and (access := access_of(view)):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            words = (view.__doc__ or "").strip().splitlines()[0]
            scope = WHO[access.to].format(scope=access.scope)
            found += [
                (path, method, f"| `{method} {path}` | {scope} | {words} |")
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            ]
    return "\n".join([*rows, *(row for _path, _method, row in sorted(found))])


def codes() -> str:
    """Every code a problem may carry, with its status and its usual sentence."""
    rows = [f"| {status} | `{code}` | {words} |" for code, (status, words) in every_code().items()]
    return "\n".join(["| status | code | |", "|---|---|---|", *sorted(rows)])


def words_to_review() -> str:
    """The words of the delivery receipt that a speaker must look at."""
    rows = ["| | Spanish | sure | Quechua | sure | or |", "|---|---|---|---|---|---|"]
    for key, word in to_review().items():
        quechua = f"{word.qu} | {word.qu_confidence}" if word.qu else " | "
        variants = ", ".join(word.variants)
        rows.append(f"| `{key}` | {word.es} | {word.es_confidence} | {quechua} | {variants} |")
    return "\n".join(rows)


def phrases() -> str:
    """The phrases a co-operative starts with."""
    rows = ["| phrase | | why |", "|---|---|---|"]
    for phrase, _language, verdict, claim, fibre, reason in claim_rules.STARTING_PHRASES:
        needed = " ".join(f"`{one}`" for one in (claim, fibre) if one)
        rows.append(
            f"| {phrase} | {verdict.replace('_', ' ')} {needed} | {reason} |".replace("  ", " ")
        )
    return "\n".join(rows)


def dyes() -> str:
    """The dyes and mordants a co-operative starts with."""
    rows = ["| code | kind | English | Spanish | Quechua | species |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{code}` | {kind} | {english} | {spanish} | {quechua or ''} | {species or ''} |"
        for code, kind, english, spanish, quechua, species in dyestuffs.STARTING_SET
    ]
    return "\n".join(rows)


def columns(kind: str) -> str:
    """The columns of one kind of sheet."""
    rows = ["| column | in Spanish | | |", "|---|---|---|---|"]
    for one in SHEETS[kind].columns:
        use = "needed" if one.needed else "out only" if one.told else ""
        words = one.says.replace("|", "\\|")
        rows.append(f"| `{one.name}` | {one.spanish} | {use} | {words} |")
    return "\n".join(rows)
