"""Everything Stripe refuses about a payment to a bank, each with the type the SDK knows it by."""

from stripe_peer import capabilities, storage
from stripe_peer.books import Books, Document
from stripe_peer.refusals import BadParameter, Refusal, no_such
from stripe_peer.resources import payout_methods

#: The least and the most of one payment, in minor units (Stripe's table for senders in the US).
LIMITS = {"pen": (5, 31_000_000)}


def check_source(books: Books, given: Document) -> None:
    """The account exists, is open, and holds that currency."""
    account = books.get(storage.KIND, given["financial_account"])
    if account is None:
        raise no_such(
            "financial_account", given["financial_account"], param="from.financial_account"
        )
    if account["status"] != "open":
        raise Refusal(
            "The financial account is not open.",
            kind="financial_account_not_open",
            code="financial_account_not_in_open_status",
        )
    if given["currency"] not in account["storage"]["holds_currencies"]:
        raise BadParameter(
            f"The financial account holds no {given['currency']}.", param="from.currency"
        )


def check_recipient(books: Books, wanted: str) -> Document:
    """The account paid, whose capability for local banks must be active."""
    recipient = books.get("v2.core.account", wanted)
    if recipient is None:
        raise no_such("recipient", wanted, param="to.recipient")
    if not capabilities.may(recipient, capabilities.LOCAL_BANK):
        raise Refusal(
            f"The recipient's capability {capabilities.LOCAL_BANK} is not active.",
            kind="capability_not_enabled",
            code="outbound_payment_recipient_feature_not_active",
        )
    return recipient


def method_of(books: Books, recipient: Document, to: Document) -> Document:
    """The bank account named, or her default one."""
    known = payout_methods.of(books, recipient["id"])
    defaults = recipient["defaults"].get("payout_methods", {}).values()
    wanted = to.get("payout_method") or next(iter(defaults), None)
    method = next((one for one in known if one["id"] == wanted), None)
    if method is None or not payout_methods.usable(method):
        raise Refusal(
            "The recipient has no payout method to which this could be sent."
            if method is None
            else f"The payout method {method['id']} cannot be used.",
            kind="invalid_payout_method",
            code="invalid_payout_method",
        )
    return method


def target_currency(to: Document, method: Document) -> str:
    """What she is sent: a currency her bank account takes."""
    supported: list[str] = method["bank_account"]["supported_currencies"]
    wanted: str = to.get("currency", supported[0])
    if wanted not in supported:
        raise BadParameter(
            f"The payout method takes {', '.join(supported)} and not {wanted}.", param="to.currency"
        )
    return wanted


def check_amount(credited: Document) -> None:
    """Within what one payment to that country may be."""
    least, most = LIMITS.get(credited["currency"], (1, 10**12))
    if credited["value"] < least:
        raise Refusal(f"The least is {least}.", code="amount_too_small", param="amount")
    if credited["value"] > most:
        raise Refusal(f"The most is {most}.", code="amount_too_large", param="amount")
