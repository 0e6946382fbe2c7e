"""What a v2 account may do, and the v1 account and capability that show the same."""

from stripe_peer.books import Books, Document

TRANSFERS = "stripe_balance.stripe_transfers"
LOCAL_BANK = "bank_accounts.local"
CURRENCIES = {"ca": "cad", "ch": "chf", "gb": "gbp", "mx": "mxn", "pe": "pen", "us": "usd"}
V1_STATUS = {"active": "active", "pending": "pending"}
WAITING = {
    "pending": [{"code": "determining_status", "resolution": "no_resolution"}],
    "restricted": [{"code": "requirements_past_due", "resolution": "provide_info"}],
    "active": [],
}


def capability(account: Document, name: str) -> Document | None:
    """The recipient capability of a stored v2 account, by its dotted name."""
    found: Document | None = account["configuration"]["recipient"]
    for part in ["capabilities", *name.split(".")]:
        found = (found or {}).get(part)
    return found


def may(account: Document, name: str) -> bool:
    """Whether a capability of it is active."""
    found = capability(account, name)
    return found is not None and found["status"] == "active"


def v1_capability(books: Books, account: Document) -> Document:
    """The `transfers` capability in v1 words."""
    found = capability(account, TRANSFERS)
    status = V1_STATUS.get(found["status"], "inactive") if found else "unrequested"
    return {
        "id": "transfers",
        "object": "capability",
        "account": account["id"],
        "requested": found is not None,
        "requested_at": account["_peer"]["created"] if found else None,
        "status": status,
    }


def v1_account(books: Books, account: Document) -> Document:
    """A v2 account as `GET /v1/accounts/{id}` shows it."""
    identity = account["identity"] or {}
    found = v1_capability(books, account)
    active = found["status"] == "active"
    due = [] if active or not found["requested"] else ["external_account"]
    return {
        "id": account["id"],
        "object": "account",
        "business_type": identity.get("entity_type"),
        "capabilities": {"transfers": found["status"]} if found["requested"] else {},
        "charges_enabled": False,
        "country": (identity.get("country") or "").upper() or None,
        "created": account["_peer"]["created"],
        "default_currency": currency_of(account),
        "details_submitted": account["_peer"]["details_submitted"],
        "email": account["contact_email"],
        "metadata": account["metadata"],
        "payouts_enabled": active,
        "requirements": requirements(due),
        "future_requirements": requirements([]),
        "type": "none",
    }


def currency_of(account: Document) -> str:
    """What the account is kept in: as it said, or as its country suggests."""
    said: str | None = account["defaults"].get("currency")
    country = (account["identity"] or {}).get("country") or ""
    return said or CURRENCIES.get(country.lower(), "eur")


def requirements(due: list[str]) -> Document:
    """What v1 says is still missing."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }
