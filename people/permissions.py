"""Who may do what: one table from role to scopes, to be read by a person."""

from collections.abc import Iterable
from enum import StrEnum

from core.actors import Actor
from core.errors import Forbidden


class Role(StrEnum):
    """What a staff member is in her co-operative."""

    COORDINATOR = "coordinator"
    QUALITY_LEAD = "quality_lead"
    TREASURER = "treasurer"
    STOREKEEPER = "storekeeper"


#: Every scope, with what it opens.
SCOPES = {
    "makers:read": "makers by public name, and their consents",
    "makers:write": "add and change makers, record and revoke consents",
    "makers:private": "legal names and identity papers of makers",
    "designs:read": "designs, measures, checklists",
    "designs:write": "add designs and new versions of their limits",
    "stock:read": "locations, deliveries, pieces, movements, journeys, stocktakes",
    "stock:write": "take in deliveries, move and count pieces, add and close locations",
    "stock:approve": "agree to what a stocktake found missing, set the rules of the stock room",
    "batches:write": "whole spreadsheets of what the key may write one by one",
    "commissions:read": "what makers are asked to weave, and how far it is",
    "commissions:write": "ask makers, cancel commissions; shows whose client it is for",
    "commissions:report": "write down makers' answers and how far they are",
    "receipts:read": "the receipt a maker is given on delivery day",
    "materials:read": "lots of yarn and dye, their tests, what pieces are made of",
    "materials:write": "record lots and tests, say what pieces are made of",
    "quality:read": "inspections, lots and their samples, what waits for a look, fairness",
    "quality:write": "inspect pieces and lots, look at critical findings, answer alerts",
    "quality:overrule": "overrule an inspection",
    "listings:read": "listings that are not published too",
    "listings:write": "add and change listings",
    "photos:read": "photos of what the key may read, public or not, and their originals",
    "photos:write": "send photos, and say what can be seen on them",
    "photos:publish": "make photos public, withdraw and remove them",
    "orders:read": "orders with the buyer's name and address",
    "orders:write": "ship, hand over and cancel orders, take goods back",
    "refunds:write": "send money back to buyers",
    "disputes:read": "disputes, and the evidence with the buyer's address",
    "payouts:read": "share policies, obligations, settlements, statements, pay by the hour",
    "payouts:write": "settle obligations by hand, connect a maker's Stripe account",
    "books:read": "the ledger, its exports, and the reports of reconcile",
    "books:write": "write down money that was moved, have everything compared",
    "policies:write": "set share policy, grading, sampling, wages, withholding, what is claimed",
    "staff:read": "staff and their roles",
    "staff:write": "add staff and change their roles",
    "house:read": "what Stripe told us, and work that waits or gave up",
    "house:write": "have news and work that gave up tried again",
    "keys:write": "make and revoke API keys",
    "audit:read": "who changed what, when and with which key",
}

#: What each role may do. Nothing is allowed that is not written here.
ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.COORDINATOR: frozenset(SCOPES) - {"payouts:write"},
    Role.QUALITY_LEAD: frozenset(
        {
            "makers:read",
            "designs:read",
            "stock:read",
            "stock:write",
            "materials:read",
            "materials:write",
            "quality:read",
            "quality:write",
            "photos:read",
            "photos:write",
            "commissions:read",
            "commissions:report",
            "receipts:read",
        }
    ),
    Role.TREASURER: frozenset(
        {"makers:read", "makers:private", "stock:read", "stock:approve", "orders:read"}
        | {"payouts:read", "payouts:write", "staff:read", "refunds:write"}
        | {"books:read", "books:write", "disputes:read"}
        | {"photos:read", "photos:write"}
        | {"commissions:read", "receipts:read"}
        | {"house:read", "house:write"}
    ),
    Role.STOREKEEPER: frozenset(
        {"makers:read", "designs:read", "stock:read", "stock:write"}
        | {"materials:read", "materials:write"}
        | {"listings:read", "listings:write", "orders:read", "orders:write"}
        | {"photos:read", "photos:write", "photos:publish", "batches:write"}
        | {"commissions:read", "commissions:report", "receipts:read"}
    ),
}

#: What a client application's key may carry: never people, never policy, never keys.
APPLICATION_SCOPES = frozenset(
    {"makers:read", "designs:read", "designs:write", "stock:read", "stock:write"}
    | {
        "materials:read",
        "quality:read",
        "listings:read",
        "listings:write",
        "orders:read",
        "orders:write",
    }
    | {"payouts:read", "books:read", "batches:write"}
)


class ScopeMissing(Forbidden):
    """This key does not carry the scope that is needed."""

    code = "scope_missing"


def scopes_of_roles(roles: Iterable[str]) -> frozenset[str]:
    """Everything the roles may do together."""
    return frozenset().union(*(ROLE_SCOPES[Role(role)] for role in roles))


def require(actor: Actor, scope: str) -> None:
    """Raise ScopeMissing unless the actor carries ``scope``."""
    if scope not in actor.scopes:
        raise ScopeMissing(f"the scope {scope} is needed", scope=scope)
