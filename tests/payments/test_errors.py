"""Yes, no, and silence: only what is surely a no counts as one."""

import json

import pytest
import stripe

from core.errors import Conflict, Unavailable
from payments.errors import Declined, KeyMisused, Misconfigured, Unreachable, translated


def error(kind, status, *, code=None, type_="invalid_request_error", body=True, **more):
    """An error as the SDK makes it of Stripe's answer."""
    said = {"error": {"message": "Said so.", "type": type_, "code": code}} if body else None
    return kind(
        "Said so.",
        http_status=status,
        http_body=json.dumps(said) if said else "",
        json_body=said,
        headers={"request-id": "req_1"},
        **more,
    )


INVALID = {"kind": stripe.InvalidRequestError, "param": None}
CARD = {"kind": stripe.CardError, "param": None}

NO = {
    "a parameter it refuses": error(**INVALID, status=400),
    "nothing by that name": error(**INVALID, status=404, code="resource_missing"),
    "a balance too small": error(**INVALID, status=400, code="balance_insufficient"),
    "a bank account that cannot be paid": error(stripe.InvalidPayoutMethodError, 400),
    "a capability that is not active": error(stripe.CapabilityNotEnabledError, 400),
    "too little to pay to banks from": error(stripe.InsufficientFundsError, 400),
    "a declined card": stripe.CardError(
        "Declined.", None, "card_declined", "{}", 402, {"error": {"code": "card_declined"}}
    ),
}
SILENCE = {
    "a broken connection": stripe.APIConnectionError("Reset."),
    "a server error": error(stripe.APIError, 500, type_="api_error"),
    "a gateway's page": error(stripe.APIError, 502, body=False),
    "a key in use": error(stripe.APIError, 409, code="idempotency_key_in_use"),
    "too many requests": error(stripe.RateLimitError, 429),
    "a lock time-out": error(stripe.RateLimitError, 429, code="lock_timeout"),
    "a lock time-out with another status": error(**INVALID, status=400, code="lock_timeout"),
    "an invalid request without a body": error(**INVALID, status=400, body=False),
    "too little, but not said so": error(stripe.InsufficientFundsError, 500),
    "an invalid request with status 409": error(**INVALID, status=409),
    "an error of a kind we do not know": error(stripe.TemporarySessionExpiredError, 400),
}
FAULT = {
    "a key Stripe does not know": error(stripe.AuthenticationError, 401),
    "a key that may not do this": error(stripe.PermissionError, 403),
}


def answer_to(problem):
    with pytest.raises((Declined, Unreachable, KeyMisused)) as answer, translated():
        raise problem
    return answer.value


@pytest.mark.parametrize("name", NO)
def test_a_definite_no_is_a_no(name):
    answer = answer_to(NO[name])

    assert isinstance(answer, Declined)
    assert isinstance(answer, Conflict)
    assert answer.reason


@pytest.mark.parametrize("name", SILENCE)
def test_everything_else_is_silence(name):
    answer = answer_to(SILENCE[name])

    assert type(answer) is Unreachable
    assert isinstance(answer, Unavailable)
    assert answer.http_status == SILENCE[name].http_status


@pytest.mark.parametrize("name", FAULT)
def test_a_fault_of_ours_is_never_a_refusal_of_money(name):
    answer = answer_to(FAULT[name])

    assert isinstance(answer, Misconfigured)
    assert isinstance(answer, Unreachable)


def test_a_key_used_for_something_else_is_neither_no_nor_silence():
    answer = answer_to(error(stripe.IdempotencyError, 400, type_="idempotency_error"))

    assert isinstance(answer, KeyMisused)
    assert not isinstance(answer, (Declined, Unreachable))


def test_the_code_is_read_from_the_body():
    assert answer_to(NO["a balance too small"]).stripe_code == "balance_insufficient"
    assert answer_to(NO["a balance too small"]).details == {"stripe_code": "balance_insufficient"}


def test_what_is_not_stripes_is_left_alone():
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
