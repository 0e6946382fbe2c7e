"""Rules between settings: what is broken, with the sentence that says what to do about it."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

DEVELOPMENT_SECRET_KEY = "development-only-not-a-secret-at-all"  # noqa: S105
SHORTEST_SECRET_KEY = 32
FEWEST_CHARACTERS = 10


class Rule(NamedTuple):
    """Whether it is broken, and what is then said."""

    broken: bool
    sentence: str


def unknown(environ: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """A sentence for each variable of ours that is no setting."""
    problems = []
    for name in sorted(environ):
        if name.startswith("PALLAY_") and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else "unset it; README.md lists them all."
            problems.append(f"{name} is not a setting: {hint}")
    return problems


def endpoint_rules(secrets: Mapping[str, str], *, keyless: bool) -> list[Rule]:
    """Every webhook endpoint but the first goes with a key, and each has a secret of its own.

    ``secrets``: by variable, the first endpoint's first; several of one endpoint with commas
    between. ``keyless``: neither a key nor a stand-in is named.
    """
    every = [one for several in secrets.values() for one in several.split(",") if one]
    alone = [
        Rule(
            bool(secret) and keyless,
            f"{variable} is set and STRIPE_SECRET_KEY is not: set both to use Stripe, "
            "neither to use the stand-in.",
        )
        for variable, secret in list(secrets.items())[1:]
    ]
    same = Rule(
        len(set(every)) < len(every),
        "Two of the webhook secrets are the same: each endpoint at Stripe has one of its own, "
        "set each where it belongs.",
    )
    return [*alone, same]


def secret_key_rule(secret: str) -> Rule:
    """Production has a secret key of its own, long and not the same few characters."""
    return Rule(
        _is_weak(secret),
        f"PALLAY_SECRET_KEY is missing or weak: set {SHORTEST_SECRET_KEY} random characters or "
        "more, as `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` prints.",
    )


def worker_rule(heartbeat_seconds: int, stalled_seconds: int) -> Rule:
    """A worker is not taken for dead between two signs of life."""
    return Rule(
        stalled_seconds < 2 * heartbeat_seconds,
        "PALLAY_WORKER_STALLED_SECONDS must be at least twice PALLAY_WORKER_HEARTBEAT_SECONDS, "
        "or living workers would count as dead.",
    )


def _is_weak(secret: str) -> bool:
    """Too short, the one of development, or the same few characters over and over."""
    return (
        len(secret) < SHORTEST_SECRET_KEY
        or secret == DEVELOPMENT_SECRET_KEY
        or len(set(secret)) < FEWEST_CHARACTERS
    )
