"""Between currencies, at the fixed rates of the settings."""

from decimal import ROUND_HALF_EVEN, Decimal

from stripe_peer.refusals import Refusal
from stripe_peer.settings import Settings

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


def rate(settings: Settings, source: str, target: str) -> Decimal | None:
    """What one whole unit of `source` is worth in `target`; nothing when they are the same."""
    if source == target:
        return None
    table = settings.dollars_per_unit
    for currency in (source, target):
        if currency not in table:
            raise Refusal(f"The stand-in has no rate for {currency}; start it with --rate.")
    return (table[source] / table[target]).quantize(RATE_STEP)


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
