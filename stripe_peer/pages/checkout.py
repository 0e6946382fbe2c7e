"""The page to pay on: what is sold, and a button for every way it can end."""

from html import escape

from stripe_peer import form, payments
from stripe_peer.books import Books, Document
from stripe_peer.exchange import minor_digits
from stripe_peer.pages.layout import amount, buttons, link, page, paragraph
from stripe_peer.resources import checkout_sessions
from stripe_peer.wire import Answer, Call

CHOICES = (
    ("succeed", "Pay by card"),
    ("decline", "Pay with a card that is declined"),
    ("authenticate", "Pay with a card that asks for 3-D Secure"),
    ("pay_late", "Pay with a bank debit that takes days"),
)
IMMEDIATE = {"card", "link"}
SECOND_STEP = (
    ("authenticated", "Confirm in the bank's app"),
    ("authentication_failed", "Refuse in the bank's app"),
)


def answer(books: Books, call: Call, session_id: str) -> Answer:
    """GET shows the page; POST with `outcome` (and perhaps `email`) pays or fails to."""
    session = books.get(checkout_sessions.KIND, session_id)
    if session is None:
        return page("No such page", paragraph("Nobody asked for this payment."), status=404)
    if session["status"] != "open":
        return closed(session)
    if call.method == "GET":
        return offer(books, session)
    given = form.decode(call.body.decode("utf-8", "replace"))
    return settle(books, session, str(given.get("outcome", "")), given.get("email"))


def settle(books: Books, session: Document, outcome: str, typed: str | None) -> Answer:
    """What the pressed button does."""
    email = payments.receipt_email(session, typed)
    if outcome in ("succeed", "authenticated"):
        return thanks(payments.succeed(books, session, email))
    if outcome == "pay_late":
        return thanks(payments.pay_late(books, session, email))
    if outcome in ("decline", "authentication_failed"):
        payments.decline(books, session, email)
        sorry = paragraph("The card was declined. Nothing was charged; try again.")
        return offer(books, session, sorry, status=402)
    if outcome == "authenticate":
        payments.ask_for_authentication(books, session)
        return page("3-D Secure", paragraph("Your bank wants to know."), buttons(SECOND_STEP))
    allowed = ", ".join(value for value, _ in CHOICES + SECOND_STEP)
    return page("What now?", paragraph(f"The outcome has to be one of {allowed}."), status=400)


def offer(books: Books, session: Document, note: str = "", status: int = 200) -> Answer:
    """The items, the total and the buttons."""
    digits, currency = minor_digits(session["currency"]), session["currency"]
    lines = [
        (f"{item['quantity']} × {item['description']}", item["amount_total"])
        for item in checkout_sessions.items_of(books, session)
    ]
    if session["shipping_cost"]:
        lines.append(("Shipping", session["shipping_cost"]["amount_total"]))
    lines.append(("Total", session["amount_total"]))
    rows = "".join(
        f"<tr><td>{escape(name)}<td>{escape(amount(minor, currency, digits))}"
        for name, minor in lines
    )
    back = link(session["cancel_url"], "Back without paying")
    table = f"<table>{rows}</table>"
    return page("Pay", note, table, buttons(choices(session)), back, status=status)


def choices(session: Document) -> list[tuple[str, str]]:
    """The buttons; no delayed method where the session allows immediate ones only."""
    allowed = session.get("allowed_payment_method_types")
    delayed = allowed is None or not set(allowed) <= IMMEDIATE
    return [choice for choice in CHOICES if delayed or choice[0] != "pay_late"]


def thanks(session: Document) -> Answer:
    """Off to the shop, with the session's id where it asked for it."""
    url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return Answer.see_other(url)


def closed(session: Document) -> Answer:
    """Paid already (409) or too late (410)."""
    if session["status"] == "complete":
        return page("Already paid", paragraph("This payment is complete."), status=409)
    return page("Too late", paragraph("This payment has expired; nothing was charged."), status=410)
