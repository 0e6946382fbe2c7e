"""What Stripe may answer besides yes: no, nothing, and our own mistakes.

Only a card's refusal, a request Stripe calls invalid, and what v2 has a name for are a *no*.
Everything else is silence: the money may have moved, so it is asked again under the same key.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from core.errors import Conflict, Invalid, PallayError, Unavailable


class Declined(Conflict):
    """Stripe said no; asking the same again will not help."""

    code = "stripe_declined"

    def __init__(self, reason: str, stripe_code: str | None = None) -> None:
        self.reason = reason
        self.stripe_code = stripe_code
        super().__init__(f"Stripe said no: {reason}", stripe_code=stripe_code)


class Unreachable(Unavailable):
    """Stripe gave no answer; ask again with the same key."""

    code = "stripe_unreachable"

    def __init__(self, message: str | None = None, *, http_status: int | None = None) -> None:
        """``http_status``: what came instead of an answer; None when nothing came at all."""
        self.http_status = http_status
        super().__init__(message)


class Misconfigured(Unreachable):
    """Stripe does not know our key, or the key may not do this; no money was refused."""

    code = "stripe_misconfigured"


class KeyMisused(PallayError):
    """A request was repeated under its key with other contents: our bug, and neither yes nor no."""

    code = "stripe_key_misused"


class NewsRefused(Invalid):
    """This is not news from Stripe."""

    code = "webhook_refused"


#: The refusals of v2 about a payment to a bank. Under v2 nothing is kept of a failed request.
V2_NO = (
    stripe.AlreadyCanceledError,
    stripe.BlockedByStripeError,
    stripe.CannotProceedError,
    stripe.CapabilityNotEnabledError,
    stripe.ControlledByAlternateResourceError,
    stripe.FeatureNotEnabledError,
    stripe.FinancialAccountNotOpenError,
    stripe.InsufficientFundsError,
    stripe.InvalidPayoutMethodError,
    stripe.RecipientNotNotifiableError,
)
#: Codes that say "not now" whatever status they come with.
NOT_NOW = frozenset({"idempotency_key_in_use", "lock_timeout", "rate_limit"})


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the SDK raises in the block into one of the four answers above."""
    try:
        yield
    except stripe.StripeError as problem:
        raise _answer(problem) from problem


def _answer(problem: stripe.StripeError) -> PallayError:
    # On 409, 429 and idempotency errors `problem.code` is None; the body's own code is not.
    code: str | None = getattr(problem.error, "code", None) or problem.code
    said = f"{problem.user_message or type(problem).__name__} ({problem.request_id or 'no id'})"
    if isinstance(problem, stripe.IdempotencyError):
        return KeyMisused(said)
    if isinstance(problem, (stripe.AuthenticationError, stripe.PermissionError)):
        return Misconfigured(f"Stripe refuses our key: {said}", http_status=problem.http_status)
    if _is_a_no(problem, code):
        return Declined(problem.user_message or "no reason given", code)
    return Unreachable(f"no answer from Stripe: {said}", http_status=problem.http_status)


def _is_a_no(problem: stripe.StripeError, code: str | None) -> bool:
    refused = isinstance(problem, (stripe.CardError, stripe.InvalidRequestError, *V2_NO))
    return (
        refused
        and 400 <= (problem.http_status or 0) < 500
        and problem.http_status not in {409, 429}
        and problem.error is not None
        and code not in NOT_NOW
    )
