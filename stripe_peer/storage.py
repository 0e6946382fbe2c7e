"""The financial account that bank payments are made from: what it holds, and what is on its way."""

from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import rfc3339
from stripe_peer.refusals import Refusal

KIND = "v2.money_management.financial_account"
#: Always the same, so that whoever is set up for the stand-in knows it.
ACCOUNT = "fa_test_stand_in"
ON_ITS_WAY = f"{ACCOUNT}:outbound"


def open_account(books: Books) -> None:
    """The one account, opened empty at the first start."""
    if books.look_up(ACCOUNT) is not None:
        return
    books.add(
        {
            "id": ACCOUNT,
            "object": KIND,
            "country": "us",
            "created": rfc3339(books.now),
            "display_name": "Payouts",
            "livemode": False,
            "metadata": {},
            "other": None,
            "status": "open",
            "storage": {"deposit_insurance_eligibility": None, "holds_currencies": ["usd"]},
            "type": "storage",
        }
    )


def held(books: Books, account: str) -> dict[str, int]:
    """Minor units by currency in one part of it; what was held once is there as zero."""
    rows = books.connection.execute(
        "SELECT currency, SUM(net) FROM entries WHERE account = ? GROUP BY currency", (account,)
    )
    return dict(rows.fetchall())


def move(books: Books, account: str, currency: str, net: int) -> None:
    """Change one part of it; never below zero."""
    if held(books, account).get(currency, 0) + net < 0:
        raise Refusal(
            "The financial account does not hold enough for this.", kind="insufficient_funds",
            code="insufficient_funds",
        )  # fmt: skip
    books.connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
        (new_id("trxne"), account, currency, net, books.now),
    )


def set_aside(books: Books, currency: str, amount: int) -> None:
    """Begin a payment: its money is on its way."""
    move(books, ACCOUNT, currency, -amount)
    move(books, ON_ITS_WAY, currency, amount)


def view(books: Books, document: Document) -> Document:
    """The account with its balance as of now."""
    balance = {
        "available": amounts(held(books, ACCOUNT)),
        "inbound_pending": {},
        "outbound_pending": amounts(held(books, ON_ITS_WAY)),
    }
    return {**document, "balance": balance}


def amounts(by_currency: dict[str, int]) -> Document:
    """As v2 writes amounts."""
    return {code: {"value": value, "currency": code} for code, value in by_currency.items()}
