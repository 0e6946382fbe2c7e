"""The one place where balances change: every balance transaction, and what they add up to."""

from stripe_peer.books import PLATFORM, Books, Document, new_id
from stripe_peer.clock import DAY

SETTLES_AFTER_DAYS = 2
FEE_BASIS_POINTS = 290
FEE_FIXED = 30


def processing_fee(amount: int) -> int:
    """2.9 % and 30 minor units, half a unit rounded up."""
    return (amount * FEE_BASIS_POINTS + 5_000) // 10_000 + FEE_FIXED


def charge_available_on(now: int) -> int:
    """Midnight (UTC) two days on."""
    return (now // DAY + SETTLES_AFTER_DAYS) * DAY


def write(
    books: Books,
    *,
    kind: str,
    category: str,
    amount: int,
    currency: str,
    source: str,
    fee: int = 0,
    available_on: int | None = None,
    exchange_rate: float | None = None,
    account: str = PLATFORM,
    description: str | None = None,
) -> Document:
    """Record one change of one account's balance; `amount` is negative when money leaves."""
    available_on = books.now if available_on is None else available_on
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": books.now,
        "currency": currency,
        "description": description,
        "exchange_rate": exchange_rate,
        "fee": fee,
        "fee_details": fee_details(fee, currency),
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending" if available_on > books.now else "available",
        "type": kind,
    }
    books.connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
        (transaction["id"], account, currency, amount - fee, available_on),
    )
    return books.add(transaction, account=account)


def fee_details(fee: int, currency: str) -> list[Document]:
    """What the fee is made of: here always Stripe's own."""
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]


def totals(books: Books, account: str) -> dict[str, tuple[int, int]]:
    """Currency to (available, pending), in minor units."""
    rows = books.connection.execute(
        "SELECT currency, SUM(CASE WHEN available_on <= ? THEN net ELSE 0 END),"
        " SUM(CASE WHEN available_on > ? THEN net ELSE 0 END)"
        " FROM entries WHERE account = ? GROUP BY currency ORDER BY currency",
        (books.now, books.now, account),
    )
    return {currency: (available, pending) for currency, available, pending in rows}


def available(books: Books, account: str, currency: str) -> int:
    """What the account may send out now."""
    return totals(books, account).get(currency, (0, 0))[0]


def view(books: Books, transaction: Document) -> Document:
    """A balance transaction as of now: its status follows the clock."""
    status = "pending" if transaction["available_on"] > books.now else "available"
    return {**transaction, "status": status}
