"""v2 accounts with a recipient configuration, and the v1 reading of them."""

from typing import Any

from stripe_peer import capabilities
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import rfc3339
from stripe_peer.events import capability_changed, emit_thin
from stripe_peer.paging import page_of
from stripe_peer.refusals import BadParameter, Refusal, no_such
from stripe_peer.typed_parameters import values_of
from stripe_peer.unserved import refuse_unserved

Params = dict[str, Any]
KIND = "v2.core.account"
SERVED = {
    "configuration",
    "contact_email",
    "contact_phone",
    "dashboard",
    "defaults",
    "display_name",
    "identity",
    "include",
    "metadata",
}
INCLUDABLE = ("defaults", "future_requirements", "identity", "requirements")
CONFIGURATIONS = ("customer", "merchant", "recipient")


def create(books: Books, params: Params) -> Document:
    """An account; every capability asked for starts restricted, until onboarding."""
    refuse_unserved(params, SERVED)
    configuration = params.get("configuration", {})
    refuse_unserved(configuration, ("recipient",), "configuration")
    identity = {"entity_type": "individual", **params.get("identity", {})}
    recipient = configuration.get("recipient")
    if recipient and not identity.get("country"):
        raise BadParameter(
            "identity.country is required before a capability can be requested.",
            code="identity_country_required",
            param="identity.country",
        )
    account = opened(books, params, identity, recipient)
    books.add(account)
    emit_thin(books, "v2.core.account.created", account, path=path_of(account))
    return included(account, params)


def opened(
    books: Books, params: Params, identity: Document, recipient: Document | None
) -> Document:
    """The account in full, as it is kept."""
    applied = ["recipient"] if recipient is not None else []
    return {
        "id": new_id("acct", 16),
        "object": KIND,
        "applied_configurations": applied,
        "closed": False,
        "configuration": {
            "customer": None,
            "merchant": None,
            "recipient": {"applied": True, "capabilities": requested(recipient)}
            if recipient is not None
            else None,
        },
        "contact_email": params.get("contact_email"),
        "contact_phone": params.get("contact_phone"),
        "created": rfc3339(books.now),
        "dashboard": params.get("dashboard", "none"),
        "defaults": params.get("defaults", {}),
        "display_name": params.get("display_name"),
        "future_requirements": {"alternatives": [], "entries": [], "summary": None},
        "identity": identity,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "requirements": still_due(requested(recipient)),
        "_peer": {"created": books.now, "details_submitted": False},
    }


def requested(recipient: Document | None) -> Document:
    """The capabilities asked for, each restricted until something is known of the person."""
    asked = (recipient or {}).get("capabilities", {})
    return {name: restricted(inner) for name, inner in asked.items()}


def restricted(asked: Document) -> Document:
    """One capability, or a group of them."""
    if "requested" in asked:
        return {"status": "restricted", "status_details": capabilities.WAITING["restricted"]}
    return {name: restricted(inner) for name, inner in asked.items()}


def still_due(capability_tree: Document) -> Document:
    """What Stripe wants to know before the capabilities work."""
    if not capability_tree:
        return {"alternatives": [], "entries": [], "summary": None}
    deadline = {"status": "currently_due"}
    entry: Document = {
        "awaiting_action_from": "user",
        "description": "external_account",
        "errors": [],
        "impact": {"restricts_capabilities": []},
        "minimum_deadline": deadline,
        "reference": None,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }
    return {
        "alternatives": [],
        "entries": [entry],
        "summary": {"minimum_deadline": {**deadline, "time": None}},
    }


def update(books: Books, params: Params, wanted: str) -> Document:
    """Ask for more capabilities; what an account has already stays as it is."""
    account = books.find(KIND, wanted)
    refuse_unserved(params, ("configuration", "include"))
    configuration = params.get("configuration", {})
    refuse_unserved(configuration, ("recipient",), "configuration")
    asked = configuration.get("recipient") or {}
    refuse_unserved(asked, ("capabilities",), "configuration[recipient]")
    recipient = account["configuration"]["recipient"] or {"applied": True, "capabilities": {}}
    before = recipient["capabilities"]
    for group, inner in requested(asked).items():
        before[group] = {**inner, **before.get(group, {})}
    account["configuration"]["recipient"] = recipient
    account["applied_configurations"] = ["recipient"]
    account["requirements"] = still_due(before)
    books.save(account)
    emit_thin(books, "v2.core.account.updated", account, path=path_of(account))
    return included(account, params)


def retrieve(books: Books, params: Params, wanted: str) -> Document:
    """One account; what is not asked for with `include` is null."""
    return included(books.find(KIND, wanted), params)


def included(account: Document, params: Params) -> Document:
    """The account with only the parts its reader asked for."""
    wanted = set(values_of(params.get("include", [])))
    shown = {**account, **{name: account[name] for name in INCLUDABLE if name in wanted}}
    shown.update({name: None for name in INCLUDABLE if name not in wanted})
    asked = [name for name in CONFIGURATIONS if f"configuration.{name}" in wanted]
    parts = {
        name: account["configuration"][name] if name in asked else None for name in CONFIGURATIONS
    }
    return {**shown, "configuration": parts if asked else None}


def index(books: Books, params: Params) -> Document:
    """Accounts, newest first, on pages followed by URL; nothing optional is included."""
    asked = values_of(params.get("applied_configurations", []))
    each = " AND EXISTS (SELECT 1 FROM json_each(body, '$.applied_configurations') WHERE value = ?)"
    found = page_of(
        books,
        KIND,
        params,
        path="/v2/core/accounts",
        where={"closed": params.get("closed") in (True, "true")},
        also=each * len(asked),
        also_values=tuple(asked),
    )
    return {**found, "data": [included(account, {}) for account in found["data"]]}


def set_capability(books: Books, account: Document, status: str, name: str) -> Document:
    """Change one capability's status and tell; the rest of the account follows."""
    found = capabilities.capability(account, name)
    if found is None:
        raise Refusal(f"{account['id']} has not requested {name}.", param="capability")
    if found["status"] == status:
        return account
    found.update(status=status, status_details=capabilities.WAITING[status])
    if status != "restricted":
        account["_peer"]["details_submitted"] = True
        account["requirements"] = still_due({})
    else:
        account["requirements"] = still_due(account["configuration"]["recipient"]["capabilities"])
    books.save(account)
    capability_changed(books, account, name)
    return account


def asked_capabilities(account: Document) -> list[str]:
    """The dotted names of everything the account asked for."""
    recipient = account["configuration"]["recipient"] or {"capabilities": {}}
    return dotted(recipient["capabilities"], "")


def dotted(tree: Document, before: str) -> list[str]:
    """a.b for every capability below."""
    names: list[str] = []
    for name, inner in tree.items():
        place = f"{before}{name}"
        names += [place] if "status" in inner else dotted(inner, f"{place}.")
    return names


def path_of(account: Document) -> str:
    """Where the API keeps it."""
    return f"/v2/core/accounts/{account['id']}"


def retrieve_v1(books: Books, params: Params, account: str) -> Document:
    """The same account in v1 words."""
    found = books.get(KIND, account)
    if found is None:
        raise no_such("account", account, param="account", status=404)
    return capabilities.v1_account(books, found)
