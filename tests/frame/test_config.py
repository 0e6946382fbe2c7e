"""Settings: what is read, what is refused, and that the sentence says what to do."""

from pathlib import Path

import pytest

from app.config import ROOT, STAND_IN_URL, ConfigError, load, settings_table

README = ROOT / "README.md"

STRONG = "kR3v9-Qm2xT7_zLp8WcY4nB6sJd1hGf0aE5u"
TEST_ACCOUNT = {"STRIPE_SECRET_KEY": "sk_test_51Abc", "STRIPE_WEBHOOK_SECRET": "whsec_abc"}
LIVE_ACCOUNT = {"STRIPE_SECRET_KEY": "sk_live_51Abc", "STRIPE_WEBHOOK_SECRET": "whsec_abc"}
PRODUCTION = {
    **LIVE_ACCOUNT,
    "PALLAY_ENV": "production",
    "PALLAY_SECRET_KEY": STRONG,
    "PALLAY_PUBLIC_URL": "https://pallay.example",
    "DATABASE_URL": "postgresql://pallay:pw@db.example/pallay",
}


def without(variable: str, environ: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != variable}


REFUSED = {
    "live key with the stand-in": (
        {**PRODUCTION, "PALLAY_STRIPE_URL": STAND_IN_URL},
        "unset PALLAY_STRIPE_URL",
    ),
    "restricted live key with the stand-in": (
        {**PRODUCTION, "STRIPE_SECRET_KEY": "rk_live_1", "PALLAY_STRIPE_URL": STAND_IN_URL},
        "unset PALLAY_STRIPE_URL",
    ),
    "live key in development": (LIVE_ACCOUNT, "set PALLAY_ENV=production"),
    "stand-in in production": (
        {**PRODUCTION, **TEST_ACCOUNT, "PALLAY_STRIPE_URL": STAND_IN_URL},
        "unset PALLAY_STRIPE_URL",
    ),
    "key without webhook secret": (
        {"STRIPE_SECRET_KEY": "sk_test_51Abc"},
        "set the signing secret",
    ),
    "webhook secret without key": (
        {"STRIPE_WEBHOOK_SECRET": "whsec_abc"},
        "set both to use Stripe",
    ),
    "connected accounts' webhook secret without key": (
        {"STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_abc"},
        "STRIPE_CONNECT_WEBHOOK_SECRET is set and STRIPE_SECRET_KEY is not",
    ),
    "thin webhook secret without key": (
        {"STRIPE_THIN_WEBHOOK_SECRET": "whsec_abc"},
        "STRIPE_THIN_WEBHOOK_SECRET is set and STRIPE_SECRET_KEY is not",
    ),
    "one webhook secret for two endpoints": (
        {**TEST_ACCOUNT, "STRIPE_THIN_WEBHOOK_SECRET": "whsec_abc"},
        "each endpoint at Stripe has one of its own",
    ),
    "something among webhook secrets that is none": (
        {**TEST_ACCOUNT, "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_one, two"},
        "STRIPE_CONNECT_WEBHOOK_SECRET must begin with whsec_",
    ),
    "stand-in's key at Stripe itself": (
        {**TEST_ACCOUNT, "STRIPE_SECRET_KEY": "sk_test_pallay_demo"},
        f"set PALLAY_STRIPE_URL={STAND_IN_URL}",
    ),
    "publishable key": (
        {**TEST_ACCOUNT, "STRIPE_SECRET_KEY": "pk_test_51Abc"},
        "STRIPE_SECRET_KEY must begin with sk_test_",
    ),
    "no Stripe account in production": (
        {k: v for k, v in PRODUCTION.items() if not k.startswith("STRIPE_")},
        "set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET",
    ),
    "no secret in production": (without("PALLAY_SECRET_KEY", PRODUCTION), "random characters"),
    "short secret in production": (
        {**PRODUCTION, "PALLAY_SECRET_KEY": STRONG[:31]},
        "random characters",
    ),
    "long and weak secret in production": (
        {**PRODUCTION, "PALLAY_SECRET_KEY": "abc" * 20},
        "random characters",
    ),
    "plain http in production": (
        {**PRODUCTION, "PALLAY_PUBLIC_URL": "http://pallay.example"},
        "must begin with https://",
    ),
    "no database in production": (without("DATABASE_URL", PRODUCTION), "name the PostgreSQL"),
    "stand-in elsewhere": (
        {"PALLAY_STRIPE_URL": "https://api.example.org"},
        "PALLAY_STRIPE_URL must be on this machine",
    ),
    "stand-in without a scheme": ({"PALLAY_STRIPE_URL": "127.0.0.1:12111"}, "must be an address"),
    "number that is none": ({"PALLAY_HOLD_MINUTES": "half an hour"}, "whole number from 31"),
    "number out of bounds": ({"PALLAY_HOLD_MINUTES": "30"}, "whole number from 31 to 1440"),
    "digits that int() would take": ({"PALLAY_MAX_BODY_BYTES": "1_000_000"}, "whole number"),
    "store of photos without a scheme": (
        {"PALLAY_PHOTOS_URL": "/srv/photos"},
        "PALLAY_PHOTOS_URL must be like file:///srv/photos or s3://bucket/photos",
    ),
    "store of photos with a key in it": (
        {"PALLAY_PHOTOS_URL": "s3://key@bucket/photos"},
        "must be like file:///srv/photos",
    ),
    "store of photos at nobody's": ({"PALLAY_PHOTOS_URL": "s3://"}, "must be like file:///"),
    "store of photos of everything": ({"PALLAY_PHOTOS_URL": "file:///"}, "must be like file:///"),
    "another database": ({"DATABASE_URL": "sqlite:///pallay.db"}, "must be a PostgreSQL address"),
    "database that is no address": ({"DATABASE_URL": "pallay"}, "must be a PostgreSQL address"),
    "unknown environment": ({"PALLAY_ENV": "prod"}, "development, test, production"),
    "misspelt variable": ({"PALLAY_HOLD_MINUTE": "40"}, "did you mean PALLAY_HOLD_MINUTES?"),
    "variable nobody knows": ({"PALLAY_XYZZY": "1"}, "README.md lists them all"),
    "workers dead between heartbeats": (
        {"PALLAY_WORKER_HEARTBEAT_SECONDS": "20", "PALLAY_WORKER_STALLED_SECONDS": "30"},
        "at least twice PALLAY_WORKER_HEARTBEAT_SECONDS",
    ),
    "public address with a path": (
        {"PALLAY_PUBLIC_URL": "https://example.org/shop"},
        "without a path",
    ),
}


@pytest.mark.parametrize(("environ", "advice"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_advice(environ: dict[str, str], advice: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(environ)

    assert advice in str(refusal.value)
    for secret in ("sk_live_51Abc", "sk_test_51Abc", "whsec_abc", STRONG, "pallay:pw"):
        assert secret not in str(refusal.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refusal:
        load({"PALLAY_ENV": "prod", "PALLAY_HOLD_MINUTES": "1", "PALLAY_VARR": "x"})

    assert len(refusal.value.problems) == 3


def test_nothing_set_is_development_against_the_stand_in() -> None:
    settings = load({})

    assert settings.env == "development"
    assert settings.database_url is None
    assert settings.stripe_url == STAND_IN_URL
    assert settings.stripe_secret_key == "sk_test_pallay_demo"
    secrets = {
        settings.stripe_webhook_secret,
        settings.stripe_connect_webhook_secret,
        settings.stripe_thin_webhook_secret,
    }
    assert len(secrets) == 3
    assert all(secret.startswith("whsec_") for secret in secrets)
    assert settings.hold_minutes == 31
    assert settings.var == ROOT / "var"


def test_an_empty_variable_is_an_unset_one() -> None:
    assert load({"STRIPE_SECRET_KEY": "", "PALLAY_HOLD_MINUTES": " "}) == load({})


def test_a_key_of_ones_own_goes_to_stripe_itself() -> None:
    assert load(TEST_ACCOUNT).stripe_url is None


def test_an_endpoint_without_a_secret_is_off_and_one_that_is_changing_has_two() -> None:
    settings = load({**TEST_ACCOUNT, "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_old, whsec_new"})

    assert settings.stripe_connect_webhook_secret == "whsec_old,whsec_new"
    assert settings.stripe_thin_webhook_secret == ""


def test_a_test_account_may_run_in_production_for_staging() -> None:
    assert not load({**PRODUCTION, **TEST_ACCOUNT}).live


def test_production_with_everything_set_is_accepted() -> None:
    settings = load(PRODUCTION)

    assert settings.production
    assert settings.live


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_the_database_is_understood(scheme: str) -> None:
    settings = load({"DATABASE_URL": f"{scheme}://me:p%40ss@host:5433/shop?sslmode=require"})

    assert settings.database_url == (
        "postgresql+psycopg://me:p%40ss@host:5433/shop?sslmode=require"
    )


def test_a_relative_folder_is_inside_the_checkout_wherever_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert load({"PALLAY_VAR": "elsewhere"}).var == ROOT / "elsewhere"
    assert load({"PALLAY_VAR": str(tmp_path)}).var == tmp_path


def test_secrets_are_not_in_the_repr_nor_in_what_flask_is_told() -> None:
    settings = load(PRODUCTION)

    for told in (repr(settings), repr(settings.public())):
        for secret in (STRONG, "sk_live_51Abc", "whsec_abc", "pallay:pw"):
            assert secret not in told


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        load({}).env = "production"  # type: ignore[misc]


def test_the_readme_shows_every_setting_as_declared() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0]

    assert shown.strip() == settings_table().strip(), "put the output of `pallay settings` there"


def test_photos_are_kept_under_var_or_where_the_setting_says(tmp_path: Path) -> None:
    near = load({"PALLAY_VAR": str(tmp_path)})
    far = load({"PALLAY_PHOTOS_URL": "s3://pallay/photos/"})

    assert near.photo_store == (tmp_path / "photos").as_uri()
    assert far.photo_store == "s3://pallay/photos"
