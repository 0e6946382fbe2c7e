"""Every setting, declared once: its variable, what it is for, its default, how it is read.

`load` reads the environment once and returns one frozen object, or refuses with a sentence for
each thing that is wrong. Nothing else in the house reads the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from app import settings_parsing as parse
from app.settings_parsing import ConfigError, Reader
from app.settings_rules import (
    DEVELOPMENT_SECRET_KEY,
    Rule,
    endpoint_rules,
    secret_key_rule,
    unknown,
    worker_rule,
)

__all__ = ["ConfigError", "Settings", "load", "settings_table"]

ROOT = Path(__file__).resolve().parent.parent

STAND_IN_KEY = "sk_test_pallay_demo"
STAND_IN_WEBHOOK_SECRET = "whsec_pallay_demo"  # noqa: S105
STAND_IN_FINANCIAL_ACCOUNT = "fa_test_stand_in"
STAND_IN_CONNECT_WEBHOOK_SECRET = "whsec_pallay_demo_connect"  # noqa: S105
STAND_IN_THIN_WEBHOOK_SECRET = "whsec_pallay_demo_thin"  # noqa: S105
STAND_IN_URL = "http://127.0.0.1:12111"


def _setting(
    variable: str,
    doc: str,
    *,
    default: Any = None,
    reader: Reader = parse.text,
    otherwise: str = "",
    secret: bool = False,
) -> Any:
    """One field of `Settings`; ``otherwise``: in words, what holds when it is unset."""
    about = {"variable": variable, "doc": doc, "reader": reader, "otherwise": otherwise}
    return field(default=default, repr=not secret, metadata={**about, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told. Read once; never changes."""

    env: str = _setting(
        "PALLAY_ENV",
        "`development`, `test` or `production`, which refuses what is only good for trying out.",
        default="development",
        reader=parse.one_of("development", "test", "production"),
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        "Where PostgreSQL is, `postgresql://user:password@host/name`. Needed in production.",
        reader=parse.database_url,
        otherwise="a PostgreSQL of our own under `PALLAY_VAR`",
        secret=True,
    )
    secret_key: str = _setting(
        "PALLAY_SECRET_KEY",
        "Signs what the server hands out and wants back. In production 32 characters or more.",
        default=DEVELOPMENT_SECRET_KEY,
        otherwise="a development key",
        secret=True,
    )
    stripe_secret_key: str = _setting(
        "STRIPE_SECRET_KEY",
        "Secret key (`sk_...`, `rk_...`) of the Stripe account; a live one only in production.",
        default="",
        reader=parse.starting_with("sk_test_", "sk_live_", "rk_test_", "rk_live_"),
        otherwise="the stand-in's",
        secret=True,
    )
    stripe_webhook_secret: str = _setting(
        "STRIPE_WEBHOOK_SECRET",
        "Signing secret (`whsec_...`) of the endpoint `/v1/webhooks/stripe`, for events of your "
        "own account. Goes with `STRIPE_SECRET_KEY`. While it is changed: both, a comma between.",
        default="",
        reader=parse.secrets_starting_with("whsec_"),
        otherwise="the stand-in's",
        secret=True,
    )
    stripe_connect_webhook_secret: str = _setting(
        "STRIPE_CONNECT_WEBHOOK_SECRET",
        "The same of `/v1/webhooks/stripe/connect`, for events of connected accounts.",
        default="",
        reader=parse.secrets_starting_with("whsec_"),
        otherwise="the stand-in's; with a key of your own that endpoint is off",
        secret=True,
    )
    stripe_thin_webhook_secret: str = _setting(
        "STRIPE_THIN_WEBHOOK_SECRET",
        "The same of `/v1/webhooks/stripe/thin`, for thin events of the v2 API.",
        default="",
        reader=parse.secrets_starting_with("whsec_"),
        otherwise="the stand-in's; with a key of your own that endpoint is off",
        secret=True,
    )
    stripe_url: str | None = _setting(
        "PALLAY_STRIPE_URL",
        "Base address of a stand-in for Stripe on this machine. Never set in production.",
        reader=parse.loopback_url,
        otherwise=f"Stripe itself with a key, `{STAND_IN_URL}` without",
    )
    stripe_financial_account: str | None = _setting(
        "STRIPE_FINANCIAL_ACCOUNT",
        "The financial account (`fa_...`) that payments to makers' banks are made from.",
        reader=parse.starting_with("fa_"),
        otherwise="with a key none, and no bank is paid; the stand-in's without",
    )
    stripe_financial_currency: str = _setting(
        "STRIPE_FINANCIAL_CURRENCY",
        "The currency that account is kept in.",
        default="USD",
        reader=parse.currency,
    )
    public_url: str = _setting(
        "PALLAY_PUBLIC_URL",
        "How people reach this server; links and tags carry it. `https` in production.",
        default="http://127.0.0.1:8000",
        reader=parse.base_url,
    )
    var: Path = _setting(
        "PALLAY_VAR",
        "Folder for what the server itself keeps. A relative one is inside the checkout.",
        default=ROOT / "var",
        reader=parse.folder(ROOT),
        otherwise="`var`",
    )
    log_level: str = _setting(
        "PALLAY_LOG_LEVEL",
        "`DEBUG`, `INFO`, `WARNING` or `ERROR`.",
        default="INFO",
        reader=parse.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    )
    hold_minutes: int = _setting(
        "PALLAY_HOLD_MINUTES",
        "How long a piece is held for a buyer who has not paid; 31 to 1440, as Stripe allows.",
        default=31,
        reader=parse.whole(31, 1440),
    )
    max_body_bytes: int = _setting(
        "PALLAY_MAX_BODY_BYTES",
        "The longest request body that is read, in bytes.",
        default=1_048_576,
        reader=parse.whole(16_384, 104_857_600),
    )
    photos_url: str | None = _setting(
        "PALLAY_PHOTOS_URL",
        "Where photos are kept, `file:///folder` or `s3://bucket/folder`. The address and the "
        "credentials of an S3 server are those of its own variables (`AWS_ENDPOINT_URL`, "
        "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`).",
        reader=parse.store_url,
        otherwise="the folder `photos` under `PALLAY_VAR`",
    )
    photo_max_bytes: int = _setting(
        "PALLAY_PHOTO_MAX_BYTES",
        "The largest photo that is taken in, in bytes.",
        default=16_777_216,
        reader=parse.whole(65_536, 104_857_600),
    )
    batch_max_bytes: int = _setting(
        "PALLAY_BATCH_MAX_BYTES",
        "The longest spreadsheet that is taken in, in bytes.",
        default=10_485_760,
        reader=parse.whole(65_536, 104_857_600),
    )
    batch_max_rows: int = _setting(
        "PALLAY_BATCH_MAX_ROWS",
        "How many rows a spreadsheet may have under its head.",
        default=20_000,
        reader=parse.whole(1, 200_000),
    )
    worker_heartbeat_seconds: int = _setting(
        "PALLAY_WORKER_HEARTBEAT_SECONDS",
        "How often a worker says that it lives, in seconds.",
        default=10,
        reader=parse.whole(1, 30),
    )
    worker_stalled_seconds: int = _setting(
        "PALLAY_WORKER_STALLED_SECONDS",
        "Seconds of silence after which a worker counts as dead and its job is taken over.",
        default=30,
        reader=parse.whole(2, 3600),
    )

    @property
    def production(self) -> bool:
        """Whether real people and real money are at the other end."""
        return self.env == "production"

    @property
    def live(self) -> bool:
        """Whether the Stripe key moves real money."""
        return self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @property
    def photo_store(self) -> str:
        """The address of the store of photos."""
        return self.photos_url or (self.var / "photos").as_uri()

    def public(self) -> dict[str, Any]:
        """Every setting that is no secret, by its variable, for Flask's own configuration."""
        return {
            one.metadata["variable"]: getattr(self, one.name)
            for one in fields(self)
            if not one.metadata["secret"]
        }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; raise ConfigError with a sentence for each thing wrong in it."""
    environ = os.environ if environ is None else environ
    problems = unknown(environ, [one.metadata["variable"] for one in fields(Settings)])
    told: dict[str, Any] = {}
    for one in fields(Settings):
        variable = one.metadata["variable"]
        if not (given := environ.get(variable, "").strip()):
            continue
        try:
            told[one.name] = one.metadata["reader"](given)
        except ValueError as wrong:
            problems.append(f"{variable} {wrong}.")
    if not problems:
        problems = _contradictions(told)
    if problems:
        raise ConfigError(*problems)
    return Settings(**{**_stand_in(told), **told})


def settings_table() -> str:
    """The settings as the Markdown table that stands in the README."""
    rows = ["| variable | unset | what it is for |", "|---|---|---|"]
    for one in fields(Settings):
        unset = one.metadata["otherwise"] or f"`{one.default}`"
        rows.append(f"| `{one.metadata['variable']}` | {unset} | {one.metadata['doc']} |")
    return "\n".join(rows) + "\n"


def _stand_in(told: Mapping[str, Any]) -> dict[str, str]:
    """What the Stripe settings are when nobody named a Stripe account."""
    if told.get("stripe_secret_key", STAND_IN_KEY) != STAND_IN_KEY:
        return {}
    return {
        "stripe_financial_account": STAND_IN_FINANCIAL_ACCOUNT,
        "stripe_secret_key": STAND_IN_KEY,
        "stripe_webhook_secret": STAND_IN_WEBHOOK_SECRET,
        "stripe_connect_webhook_secret": STAND_IN_CONNECT_WEBHOOK_SECRET,
        "stripe_thin_webhook_secret": STAND_IN_THIN_WEBHOOK_SECRET,
        "stripe_url": STAND_IN_URL,
    }


def _contradictions(told: Mapping[str, Any]) -> list[str]:
    settings = Settings(**told)
    rules = [
        *_stripe_rules(settings),
        *_endpoint_rules(settings),
        *_production_rules(settings),
        worker_rule(settings.worker_heartbeat_seconds, settings.worker_stalled_seconds),
    ]
    return [rule.sentence for rule in rules if rule.broken]


def _stripe_rules(settings: Settings) -> list[Rule]:
    key, secret = settings.stripe_secret_key, settings.stripe_webhook_secret
    stand_in = settings.stripe_url is not None
    return [
        Rule(
            settings.live and stand_in,
            "STRIPE_SECRET_KEY is a live key and PALLAY_STRIPE_URL names a stand-in: "
            "unset PALLAY_STRIPE_URL to use Stripe, or use a test key.",
        ),
        Rule(
            settings.live and not settings.production,
            "STRIPE_SECRET_KEY is a live key, which moves real money: "
            "set PALLAY_ENV=production, or use a test key.",
        ),
        Rule(
            bool(key) and not secret,
            "STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRET is not: set the signing secret "
            "(whsec_...) of your webhook endpoint, or what Stripe reports would be refused.",
        ),
        Rule(
            bool(secret) and not key and not stand_in,
            "STRIPE_WEBHOOK_SECRET is set and STRIPE_SECRET_KEY is not: set both to use Stripe, "
            "neither to use the stand-in.",
        ),
        Rule(
            key == STAND_IN_KEY and not stand_in,
            "STRIPE_SECRET_KEY is the stand-in's and Stripe does not know it: "
            f"set PALLAY_STRIPE_URL={STAND_IN_URL} too, or use a key of your own.",
        ),
    ]


def _endpoint_rules(settings: Settings) -> list[Rule]:
    return endpoint_rules(
        {
            "STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secret,
            "STRIPE_CONNECT_WEBHOOK_SECRET": settings.stripe_connect_webhook_secret,
            "STRIPE_THIN_WEBHOOK_SECRET": settings.stripe_thin_webhook_secret,
        },
        keyless=not settings.stripe_secret_key and settings.stripe_url is None,
    )


def _production_rules(settings: Settings) -> list[Rule]:
    if not settings.production:
        return []
    return [
        Rule(
            settings.stripe_url is not None,
            "PALLAY_ENV is production and PALLAY_STRIPE_URL names a stand-in: "
            "unset PALLAY_STRIPE_URL.",
        ),
        Rule(
            not settings.stripe_secret_key and not settings.stripe_webhook_secret,
            "PALLAY_ENV is production and no Stripe account is named: "
            "set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.",
        ),
        secret_key_rule(settings.secret_key),
        Rule(
            not settings.public_url.startswith("https://"),
            "PALLAY_PUBLIC_URL must begin with https:// in production: "
            "set it to the address buyers use.",
        ),
        Rule(
            settings.database_url is None,
            "PALLAY_ENV is production and DATABASE_URL is not set: "
            "name the PostgreSQL to use; the one of our own is for trying out.",
        ),
    ]
