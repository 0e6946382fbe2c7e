"""Between currencies, at the rates of the settings or at those somebody moved them to."""

from decimal import ROUND_HALF_EVEN, Decimal

from stripe_peer.books import Books
from stripe_peer.refusals import Refusal

WITHOUT_CENTS = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
RATE_STEP = Decimal("0.000001")


RATES = "peer_rates"


def rate(books: Books, source: str, target: str) -> Decimal | None:
    """What one whole unit of `source` is worth in `target` now; nothing when they are the same."""
    if source == target:
        return None
    table = {**books.settings.dollars_per_unit, **moved(books)}
    for currency in (source, target):
        if currency not in table:
            raise Refusal(f"The stand-in has no rate for {currency}; start it with --rate.")
    return (table[source] / table[target]).quantize(RATE_STEP)


def moved(books: Books) -> dict[str, Decimal]:
    """The rates somebody moved since the start."""
    found = books.look_up(RATES) or {}
    return {code: Decimal(worth) for code, worth in found.get("dollars_per_unit", {}).items()}


def set_rates(books: Books, dollars_per_unit: dict[str, str]) -> None:
    """From now on a unit of these currencies is worth so many dollars."""
    table = {**moved(books), **{code: Decimal(worth) for code, worth in dollars_per_unit.items()}}
    document = {
        "id": RATES,
        "object": "peer.rates",
        "dollars_per_unit": {code: str(worth) for code, worth in table.items()},
    }
    (books.save if books.look_up(RATES) else books.add)(document)


def convert(amount: int, source: str, target: str, at: Decimal | None) -> int:
    """Minor units into minor units, rounded half to even."""
    if at is None:
        return amount
    shift = minor_digits(target) - minor_digits(source)
    exact = Decimal(amount) * at * (Decimal(10) ** shift)
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def minor_digits(currency: str) -> int:
    """Digits after the point in Stripe's amounts of this currency."""
    return 0 if currency in WITHOUT_CENTS else 2
