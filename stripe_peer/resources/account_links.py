"""v2 account links: a page on which one account is onboarded, once, soon."""

from typing import Any

from stripe_peer import capabilities
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import MINUTE, rfc3339
from stripe_peer.events import emit_thin
from stripe_peer.refusals import Refusal, missing, no_such
from stripe_peer.resources import accounts, payout_methods

KIND = "v2.core.account_link"
LIVES_FOR = 10 * MINUTE
OUTCOMES = {"complete": "active", "pending": "pending", "leave": None}


def create(books: Books, params: dict[str, Any]) -> Document:
    """A link for one account; only the onboarding flow is served."""
    account = books.get(accounts.KIND, params["account"])
    if account is None:
        raise no_such("account", params["account"], param="account")
    use_case = params["use_case"]
    if use_case["type"] != "account_onboarding":
        raise Refusal("The stand-in serves account_onboarding only.", param="use_case.type")
    if "account_onboarding" not in use_case:
        raise missing("use_case.account_onboarding")
    link_id = new_id("accl")
    link = {
        "id": link_id,
        "object": KIND,
        "account": account["id"],
        "created": rfc3339(books.now),
        "expires_at": rfc3339(books.now + LIVES_FOR),
        "livemode": False,
        "url": f"{books.settings.url}/setup/r/{link_id}",
        "use_case": use_case,
        "_peer": {"ends": books.now + LIVES_FOR, "used": False},
    }
    books.add(link)
    return {name: value for name, value in link.items() if name != "id"}


def usable(books: Books, link: Document) -> bool:
    """Whether it was not used and has not expired."""
    return not link["_peer"]["used"] and books.now < link["_peer"]["ends"]


def finish(books: Books, link: Document, outcome: str) -> Document:
    """Somebody left the page: having given everything, waiting for a check, or without."""
    link["_peer"]["used"] = True
    books.save(link)
    account = books.find(accounts.KIND, link["account"])
    status = OUTCOMES[outcome]
    if status is not None:
        wants_bank = capabilities.capability(account, capabilities.LOCAL_BANK) is not None
        if wants_bank and not payout_methods.of(books, account["id"]):
            payout_methods.attach(books, account)
        for name in accounts.asked_capabilities(account):
            account = accounts.set_capability(books, account, status, name)
    emit_thin(books, "v2.core.account_link.returned", account, path=accounts.path_of(account))
    return account
