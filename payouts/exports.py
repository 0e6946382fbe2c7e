"""The ledger for other programs: a sheet for a spreadsheet, and the text file of Beancount.

Both are written a line at a time, from postings as they come; nothing is held in memory.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from core.money import in_major
from core.sheets import as_csv
from payouts.models import Posting

COLUMNS = (
    "id", "at", "event", "position", "source", "destination", "amount", "currency", "why",
    "order_id", "obligation_id", "actor",
)  # fmt: skip

#: Where an account of ours stands among Beancount's five kinds; what follows a colon is kept.
KINDS = {
    "stripe": "Assets:Stripe",
    "stripe_outbound": "Assets:Stripe-Outbound",
    "bank_transit": "Assets:Bank-Transit",
    "bank": "Assets:Bank",
    "cash_box": "Assets:Cash-Box",
    "by_hand": "Assets:By-Hand",
    "advance": "Assets:Advances",
    "disputed": "Assets:Disputed",
    "maker": "Liabilities:Makers",
    "fund": "Liabilities:Fund",
    "reserve": "Liabilities:Reserve",
    "programme": "Liabilities:Programme",
    "shipping": "Liabilities:Shipping",
    "tax": "Liabilities:Tax",
    "stripe_fees": "Expenses:Stripe-Fees",
    "pieces_bought": "Expenses:Pieces-Bought",
    "order": "Equity:Orders",
    "exchange": "Equity:Exchange",
}
OTHER = "Equity:Other"
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9-]+")


def postings_as_csv(postings: Iterable[Posting]) -> Iterator[str]:
    """The lines of a sheet, one posting each; amounts as people write them, times in UTC."""
    return as_csv(
        COLUMNS,
        (
            (
                row.id, row.at.isoformat(), row.event, row.position, row.source, row.destination,
                in_major(row.amount_minor, row.currency), row.currency, row.why,
                row.order_id, row.obligation_id, row.actor,
            )
            for row in postings
        ),
    )  # fmt: skip


def as_beancount(
    postings: Iterable[Posting], first_days: Mapping[str, datetime], *, title: str
) -> Iterator[str]:
    """A Beancount file: every account opened, every posting a transaction of two ends.

    What came into an account is positive, as with us; so a balance here is a balance there.
    """
    yield "; Every line is written from the ledger; do not edit it, export it again.\n"
    yield f'option "title" {_quoted(title)}\n\n'
    for account, first in sorted(first_days.items()):
        yield f"{first:%Y-%m-%d} open {account_name(account)}\n"
    for row in postings:
        amount = f"{in_major(row.amount_minor, row.currency)} {row.currency}"
        yield (
            f"\n{row.at:%Y-%m-%d} * {_quoted(row.event)} {_quoted(row.why)} ^{_link(row.event)}\n"
            f'  posting: "{row.id}"\n'
            f"  {account_name(row.source)}  -{amount}\n"
            f"  {account_name(row.destination)}  {amount}\n"
        )


def account_name(account: str) -> str:
    """An account of ours as Beancount may write it: ``maker:0197…`` is Liabilities:Makers:0197…."""
    stem, _, rest = account.partition(":")
    kind = KINDS.get(stem, f"{OTHER}:{_part(stem)}")
    return f"{kind}:{_part(rest)}" if rest else kind


def _part(name: str) -> str:
    cleaned = NOT_IN_A_NAME.sub("-", name).strip("-")
    return cleaned[:1].upper() + cleaned[1:] if cleaned else "Unnamed"


def _link(event: str) -> str:
    return NOT_IN_A_NAME.sub("-", event)


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
