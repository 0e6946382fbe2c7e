"""Requests are held against the public document (v1) and the SDK's types (v2)."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from stripe_peer import form
from stripe_peer.parameters import read
from stripe_peer.public_document import request_schemas
from tests.stripe_peer.making import account_params, refused, session_params


def create(client, **more):
    return refused(lambda: client.v1.checkout.sessions.create(session_params(**more)))


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        (
            {"line_items": [{"quantity": 1, "colour": "red"}]},
            "parameter_unknown",
            "line_items[0][colour]",
        ),
        (
            {"line_items": [{"price_data": {"product_data": {"name": "x"}}}]},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"mode": "gift"}, None, "mode"),
        ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"metadata": {"k": "x" * 501}}, None, "metadata[k]"),
        ({"metadata": {str(n): "x" for n in range(51)}}, None, "metadata"),
        ({"allow_promotion_codes": "perhaps"}, None, "allow_promotion_codes"),
        ({"line_items": "two"}, None, "line_items"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(client, more, code, param):
    """400 with Stripe's code, and the parameter written as Stripe writes it."""
    error = create(client, **more)
    assert (error["status"], error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)


def test_a_query_is_checked_too(client):
    """Unknown filters and sizes outside 1 to 100."""
    transfers = client.v1.transfers
    assert refused(lambda: transfers.list({"colour": "red"}))["code"] == "parameter_unknown"
    error = refused(lambda: transfers.list({"limit": 101}))
    assert (error["code"], error["param"]) == ("parameter_invalid_integer", "limit")
    assert refused(lambda: transfers.list({"starting_after": "tr_x"}))["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"identity": {"planet": "mars"}}, "parameter_unknown", "identity.planet"),
        ({"dashboard": "secret"}, None, "dashboard"),
        ({"include": ["everything"]}, None, "include[0]"),
    ],
)
def test_v2_parameters_are_held_against_the_sdks_types(client, more, code, param):
    """The public document lacks some of v2; the SDK's typed dicts describe it all."""
    error = refused(lambda: client.v2.core.accounts.create(account_params(**more)))
    assert (error["status"], error.get("code"), error["param"]) == (400, code, param)


def test_a_v1_request_in_json_is_refused(peer):
    """v1 takes forms."""
    answer = requests.post(
        f"{peer.url}/v1/transfers",
        json={"amount": 1},
        headers={"Authorization": f"Bearer {peer.api_key}"},
        timeout=10,
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("header", "words"),
    [(None, "did not provide an API key"), ("Bearer sk_test_somebody_else", "Invalid API Key")],
)
def test_a_call_without_the_key_is_a_401(peer, header, words):
    """With Stripe's error body, and the key not repeated in it."""
    headers = {"Authorization": header} if header else {}
    answer = requests.get(f"{peer.url}/v1/balance", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert words in answer.json()["error"]["message"]
    assert "somebody" not in answer.text


def test_an_unknown_url_is_a_404(peer):
    """Also one that Stripe has and the stand-in does not serve."""
    headers = {"Authorization": f"Bearer {peer.api_key}"}
    answer = requests.get(f"{peer.url}/v1/invoices", headers=headers, timeout=10)
    assert (answer.status_code, answer.headers["Stripe-Version"]) == (404, "2026-10-28.endive")


words = st.text("abcxyz_-./ é&=+%", min_size=1, max_size=8)
values = st.recursive(
    words | st.integers().map(str),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text("abc_", min_size=1, max_size=5), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def numbered(value: Any) -> Any:
    """Lists as a form spells them: hashes with numbers for keys."""
    if isinstance(value, list):
        return {str(place): numbered(item) for place, item in enumerate(value)}
    if isinstance(value, dict):
        return {name: numbered(item) for name, item in value.items()}
    return value


@given(st.dictionaries(st.text("abc_", min_size=1, max_size=5), values, max_size=4))
def test_whatever_the_sdk_encodes_is_decoded_to_the_same(params):
    """Nested brackets, arrays, odd characters."""
    encoded = urlencode(list(_api_encode(params)))
    assert form.decode(encoded) == numbered(params)


def test_the_schemas_are_closed_and_know_endive():
    """Checkout lost `payment_method_types` and gained `allowed_payment_method_types`."""
    operation = "POST /v1/checkout/sessions"
    schema = request_schemas([operation])[operation]
    assert schema["additionalProperties"] is False
    assert "payment_method_types" not in schema["properties"]
    given_types = {"0": "card", "1": "link"}
    read_types = read(given_types, schema["properties"]["allowed_payment_method_types"])
    assert json.dumps(read_types) == '["card", "link"]'


@pytest.mark.parametrize(
    "more",
    [
        {"automatic_tax": {"enabled": True}},
        {"payment_intent_data": {"on_behalf_of": "acct_1"}},
        {"discounts": [{"coupon": "SUMMER"}]},
    ],
)
def test_what_stripe_takes_and_the_stand_in_does_not_serve_is_refused(client, more):
    """Nothing is ignored in silence: that would pass here and act at Stripe."""
    assert "does not serve" in create(client, **more)["message"]


def test_a_filter_finds_only_what_equals_it(peer, client):
    """Also a filter nothing here can match."""
    client.v1.checkout.sessions.create(session_params(customer_email="a@example.com"))
    sessions = client.v1.checkout.sessions
    assert sessions.list({"customer": "cus_nobody"}).data == []
    assert sessions.list({"customer_details": {"email": "nobody@example.com"}}).data == []
    opened = sessions.list({"status": "open", "limit": 1}).data
    assert [session.status for session in opened] == ["open"]
