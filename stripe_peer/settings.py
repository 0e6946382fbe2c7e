"""What one stand-in is told when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

DOLLARS_PER_UNIT: Mapping[str, Decimal] = {
    "usd": Decimal("1"),
    "pen": Decimal("0.27"),
    "eur": Decimal("1.10"),
    "gbp": Decimal("1.28"),
    "chf": Decimal("1.15"),
    "cad": Decimal("0.72"),
    "aud": Decimal("0.65"),
    "jpy": Decimal("0.0067"),
    "clp": Decimal("0.0011"),
}
"""A fixed table, chosen to be round: what one whole unit of a currency is worth in dollars."""


@dataclass(frozen=True)
class Settings:
    """Told once, on the command line; nothing here changes while the stand-in runs."""

    api_key: str
    url: str
    state: str = ":memory:"
    settlement_currency: str = "usd"
    webhook_url: str | None = None
    webhook_secret: str | None = None
    connect_webhook_url: str | None = None
    connect_webhook_secret: str | None = None
    thin_webhook_url: str | None = None
    thin_webhook_secret: str | None = None
    dollars_per_unit: Mapping[str, Decimal] = field(default_factory=lambda: DOLLARS_PER_UNIT)
