"""The table of operations: for each a good request, with every field it takes."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from werkzeug.test import TestResponse

from photos import signing
from quality.rules import STARTING_RULES
from quality.sampling_rules import STARTING_SAMPLING
from tests.api.world import World, fresh_id, later
from tests.support.photos import a_file


@dataclass(frozen=True)
class Ask:
    """One request, ready to be spoiled."""

    method: str
    path: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    expect: int = 200
    key: str | None = None
    raw: bytes | None = None
    kind: str = "image/jpeg"

    def of(self, **changes: Any) -> "Ask":
        return replace(self, **changes)

    def send(self, client: FlaskClient, **changes: Any) -> TestResponse:
        """Send it; a fresh Idempotency-Key unless one is given."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if self.method == "POST" else {}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        headers |= self.headers
        given: dict[str, Any] = {"query_string": self.query, "headers": headers}
        if self.raw is not None:
            given |= {"data": self.raw, "content_type": self.kind}
        if self.body is not None:
            given |= as_json(self.body)
        return client.open(self.path, method=self.method, **(given | changes))


def as_json(body: Any) -> dict[str, Any]:
    """A body as any client may write it, with numbers of any length."""
    return {"data": json.dumps(body), "content_type": "application/json"}


WORDS = {"en": "A red runner", "es": "Un camino rojo", "qu": "Puka"}
MONEY = {"amount_minor": 4500, "currency": "USD"}
MEASURE = {
    "name": "length",
    "unit": "mm",
    "spec": 1500,
    "minus": 45,
    "plus": 45,
    "minus_bp": 300,
    "plus_bp": 300,
    "sides": "both",
    "required": True,
}
CRITERION = {"code": "pallay", "words": WORDS, "least_a": 4, "least_b": 3, "required": True}
QUESTION = {"code": "no_metal", "words": WORDS, "required": True}
PHOTO = {"url": "https://photos.test/a.jpg", "alt": WORDS}
CLAIMS = [
    {"kind": "fibre", "fibre": "sheep_wool", "share_bp": 10000},
    {"kind": "dyed_with", "dye": "cochineal"},
]
FROM_A_DAY = {"valid_from": "2026-02-01", "source": "the assembly"}
ADDRESS = {
    "name": "Ada",
    "line1": "1 Loom Street",
    "line2": "door 2",
    "city": "Cusco",
    "region": "Cusco",
    "postal_code": "08000",
    "country": "PE",
}


def _piece(w: World) -> dict[str, Any]:
    return {
        "id": fresh_id(),
        "design_id": str(w.design.id),
        "agreement": {"kind": "pay_on_acceptance", "price": MONEY},
        "contributions": [
            {
                "maker_id": str(w.maker.id),
                "stage": "weave",
                "weight": 3,
                "minutes": 1320,
                "materials_minor": 1500,
            }
        ],
        "photo_ids": [fresh_id()],
    }


def _ordered_piece(w: World) -> dict[str, Any]:
    """A piece of the commission, with a tag of the sheet; it would do as a surplus too."""
    bare = {name: value for name, value in _piece(w).items() if name != "agreement"}
    return bare | {
        "tag": w.reservation.tags[0].tag,
        "commission_line_id": str(w.commission.lines[0].id),
        "surplus": True,
    }


def _yarn(w: World) -> dict[str, Any]:
    return {
        "grams": 9000,
        "fibres": [{"fibre": "alpaca", "share_bp": 10000}],
        "spun": "hand",
        "received_on": "2026-09-14",
        "spinner_id": str(w.maker.id),
        "ply": 2,
        "count_words": "Nm 2/12",
        "vicuna_permit": "none needed",
        "note": "",
    }


def _dyed(w: World) -> dict[str, Any]:
    return {
        "grams": 4000,
        "yarn_lot_id": str(w.yarn_lot.id),
        "dyes": ["cochineal"],
        "mordants": ["alum"],
        "dyed_on": "2026-09-20",
        "dyer_id": str(w.maker.id),
        "swatch_photo_id": fresh_id(),
        "note": "",
    }


def _with_key(w: World, method: str, path: str, body: Any = None, **more: Any) -> Ask:
    expect = {"GET": 200, "POST": 201, "PUT": 201, "PATCH": 200}[method]
    return Ask(method, path, body, key=w.key, **({"expect": expect} | more))


def _for_all(method: str, path: str, body: Any = None, **more: Any) -> Ask:
    return Ask(method, path, body, **({"expect": 200 if method == "GET" else 201} | more))


CARE = {
    "wash": "hand",
    "bleach": "no",
    "dry": "flat_shade",
    "iron": "low",
    "professional": "no",
    "basis": "custom of the trade",
}


def _labels(w: World) -> dict[str, Any]:
    return {
        "piece_ids": [str(w.fresh.id)],
        "market": "inside",
        "language": "qu",
        "paper": "a4_24",
        "start": 3,
    }


#: A year, and days that are in it.
DAYS = {"from": "2026-01-01", "to": "2026-12-31"}


def _chart(w: World, *, kind: str) -> Ask:
    query = {**DAYS, "design_id": str(w.design.id)}
    return _with_key(w, "GET", f"/v1/inspection-chart{kind}", query=query)


def _export(name: str) -> Callable[[World], Ask]:
    return lambda w: _with_key(w, "GET", f"/v1/exports/{name}")


EXPORTS = {
    f"GET /v1/exports/{kind}.{form}": _export(f"{kind}.{form}")
    for kind in ("designs", "makers", "pieces")
    for form in ("csv", "xlsx")
}
GOOD: dict[str, Callable[[World], Ask]] = {
    "POST /v1/label-sheets": lambda w: _with_key(
        w, "POST", "/v1/label-sheets", {**_labels(w), "mark_incomplete": True}, expect=200
    ),
    "POST /v1/label-checks": lambda w: _with_key(
        w, "POST", "/v1/label-checks", _labels(w), expect=200
    ),
    "GET /v1/label-rules": lambda w: _with_key(w, "GET", "/v1/label-rules"),
    "POST /v1/gtins": lambda w: _with_key(
        w,
        "POST",
        "/v1/gtins",
        {"design_id": str(w.design.id), "gtin": "7750001234562", "evidence": "a certificate"},
    ),
    "GET /v1/gtins": lambda w: _with_key(w, "GET", "/v1/gtins"),
    "POST /v1/gtins/{gtin_id}/ending": lambda w: _with_key(
        w, "POST", f"/v1/gtins/{w.gtin.id}/ending", {"reason": "the contract ended"}
    ),
    "POST /v1/designs/{design_id}/care-symbols": lambda w: _with_key(
        w, "POST", f"/v1/designs/{w.design.id}/care-symbols", CARE
    ),
    "GET /v1/designs/{design_id}/care-symbols": lambda w: _with_key(
        w, "GET", f"/v1/designs/{w.design.id}/care-symbols"
    ),
    "POST /v1/label-parties": lambda w: _with_key(
        w,
        "POST",
        "/v1/label-parties",
        {
            "market": "eu",
            "name": "An Importer",
            "address": "1 Street, Town",
            "contact": "goods@example.org",
            "registration": "RN 1",
            "valid_from": "2026-01-01",
        },
    ),
    "GET /v1/label-parties": lambda w: _with_key(w, "GET", "/v1/label-parties"),
    "GET /v1/openapi.json": lambda w: _for_all("GET", "/v1/openapi.json"),
    "GET /v1/listings": lambda w: _for_all(
        "GET",
        "/v1/listings",
        query={
            "kind": "runner",
            "technique": "complementary_warp",
            "maker": str(w.maker.id),
            "min_price": "1",
            "max_price": "999999",
            "currency": "USD",
            "sort": "price_asc",
            "limit": "1",
        },
    ),
    "GET /v1/listings/{slug}": lambda w: _for_all("GET", f"/v1/listings/{w.listing.slug}"),
    "POST /v1/listings": lambda w: _with_key(
        w,
        "POST",
        "/v1/listings",
        {
            "design_id": str(w.design.id),
            "title": WORDS,
            "description": WORDS,
            "prices": [MONEY],
            "photos": [PHOTO],
            "claims": CLAIMS,
            "piece_ids": [str(w.accepted.id)],
            "status": "published",
            "slug": f"red-{fresh_id()[-8:]}",
        },
    ),
    "PATCH /v1/listings/{slug}": lambda w: _with_key(
        w,
        "PATCH",
        f"/v1/listings/{w.listing.slug}",
        {
            "title": WORDS,
            "description": WORDS,
            "prices": [MONEY],
            "photos": [PHOTO],
            "claims": CLAIMS,
            "add_pieces": [str(w.accepted.id)],
            "remove_pieces": [],
            "status": "published",
        },
        headers={"If-Match": f'"v{w.listing.version}-0123456789abcdef"'},
    ),
    "GET /v1/listings/{listing_id}/draft": lambda w: _with_key(
        w, "GET", f"/v1/listings/{w.listing.id}/draft"
    ),
    "GET /v1/passports/{tag}": lambda w: _for_all("GET", f"/v1/passports/{w.fresh.tag}"),
    "POST /v1/orders": lambda w: _for_all(
        "POST",
        "/v1/orders",
        {
            "items": [{"slug": w.listing.slug, "quantity": 1}],
            "currency": "USD",
            "fulfilment": "pick_up",
            "channel": "online",
            "language": "qu",
            "buyer_name": "Ada Buyer",
            "buyer_email": "ada@example.org",
        },
    ),
    "POST /v1/stall-sales": lambda w: _with_key(
        w,
        "POST",
        "/v1/stall-sales",
        {
            "items": [{"slug": w.stall_listing.slug, "quantity": 1}],
            "tender": "cash",
            "given": {"amount_minor": 20000, "currency": "PEN"},
            "language": "qu",
            "buyer_name": "Ada Buyer",
            "buyer_email": "ada@example.org",
            "take_from_online": False,
        },
    ),
    "GET /v1/orders": lambda w: _with_key(
        w,
        "GET",
        "/v1/orders",
        query={"status": "paid", "channel": "online", "since": "2026-01-01T00:00:00Z"},
    ),
    "GET /v1/orders/{order_id}": lambda w: _with_key(w, "GET", f"/v1/orders/{w.paid_order.id}"),
    "POST /v1/orders/{order_id}/cancellation": lambda w: _with_key(
        w, "POST", f"/v1/orders/{w.waiting_order.id}/cancellation", {}
    ),
    "POST /v1/orders/{order_id}/shipments": lambda w: _with_key(
        w,
        "POST",
        f"/v1/orders/{w.paid_order.id}/shipments",
        {
            "carrier": "Serpost",
            "tracking": "RR1",
            "piece_ids": [str(w.paid_order.lines[0].piece_id)],
        },
    ),
    "POST /v1/orders/{order_id}/handover": lambda w: _with_key(
        w,
        "POST",
        f"/v1/orders/{w.paid_order.id}/handover",
        {"piece_ids": [str(w.paid_order.lines[0].piece_id)]},
    ),
    "POST /v1/orders/{order_id}/refunds": lambda w: _with_key(
        w,
        "POST",
        f"/v1/orders/{w.paid_order.id}/refunds",
        {
            "lines": [
                {
                    "line_id": str(w.paid_order.lines[0].id),
                    "amount": {"amount_minor": 700, "currency": "USD"},
                }
            ],
            "reason": "damaged",
            "note": "a hole",
        },
    ),
    "GET /v1/orders/{order_id}/refunds": lambda w: _with_key(
        w, "GET", f"/v1/orders/{w.refund.order_id}/refunds"
    ),
    "GET /v1/refunds": lambda w: _with_key(
        w,
        "GET",
        "/v1/refunds",
        query={"status": "asking", "reason": "goodwill", "since": "2026-01-01T00:00:00Z"},
    ),
    "GET /v1/refunds/{refund_id}": lambda w: _with_key(w, "GET", f"/v1/refunds/{w.refund.id}"),
    "POST /v1/refunds/{refund_id}/attempts": lambda w: _with_key(
        w, "POST", f"/v1/refunds/{w.refund.id}/attempts", {}
    ),
    "POST /v1/orders/{order_id}/returns": lambda w: _with_key(
        w,
        "POST",
        f"/v1/orders/{w.sent_order.id}/returns",
        {
            "line_ids": [str(w.sent_order.lines[0].id)],
            "reason": "not_as_described",
            "note": "too red",
        },
    ),
    "POST /v1/orders/{order_id}/messages": lambda w: _with_key(
        w,
        "POST",
        f"/v1/orders/{w.sent_order.id}/messages",
        {
            "said_by": "buyer",
            "medium": "email",
            "words": "It has come.",
            "said_at": "2026-01-01T00:00:00Z",
        },
    ),
    "GET /v1/orders/{order_id}/messages": lambda w: _with_key(
        w, "GET", f"/v1/orders/{w.sent_order.id}/messages"
    ),
    "GET /v1/returns": lambda w: _with_key(
        w,
        "GET",
        "/v1/returns",
        query={"status": "received", "order_id": str(w.received.order_id)},
    ),
    "GET /v1/returns/{return_id}": lambda w: _with_key(w, "GET", f"/v1/returns/{w.received.id}"),
    "POST /v1/returns/{return_id}/receipt": lambda w: _with_key(
        w,
        "POST",
        f"/v1/returns/{w.awaited.id}/receipt",
        {
            "location_id": str(w.location.id),
            "piece_ids": [str(w.awaited.pieces[0].piece_id)],
        },
    ),
    "POST /v1/returns/{return_id}/closure": lambda w: _with_key(
        w,
        "POST",
        f"/v1/returns/{w.received.id}/closure",
        {
            "pieces": [
                {
                    "piece_id": str(w.received.pieces[0].piece_id),
                    "disposition": "restocked",
                    "why": "as new",
                }
            ]
        },
    ),
    "POST /v1/returns/{return_id}/cancellation": lambda w: _with_key(
        w, "POST", f"/v1/returns/{w.awaited.id}/cancellation", {}
    ),
    "POST /v1/makers": lambda w: _with_key(
        w,
        "POST",
        "/v1/makers",
        {
            "legal_name": "Sabina Quispe",
            "public_name": "Sabina",
            "story": WORDS,
            "photo_url": "https://photos.test/s.jpg",
            "demo": True,
        },
    ),
    "GET /v1/makers": lambda w: _with_key(w, "GET", "/v1/makers", query={"limit": "1"}),
    "GET /v1/makers/{maker_id}": lambda w: _with_key(w, "GET", f"/v1/makers/{w.maker.id}"),
    "POST /v1/makers/{maker_id}/consents": lambda w: _with_key(
        w,
        "POST",
        f"/v1/makers/{w.maker.id}/consents",
        {
            "purpose": "price_share",
            "text_version": "2026-01",
            "language": "qu",
            "medium": "fingerprint",
            "given_on": "2026-01-20",
            "witness": "Justina",
            "evidence_sha256": "0f" * 32,
        },
    ),
    "GET /v1/makers/{maker_id}/consents": lambda w: _with_key(
        w, "GET", f"/v1/makers/{w.maker.id}/consents"
    ),
    "POST /v1/consents/{consent_id}/revocation": lambda w: _with_key(
        w, "POST", f"/v1/consents/{w.consent.id}/revocation", {"reason": "she asked for it"}
    ),
    "POST /v1/makers/{maker_id}/stripe-account": lambda w: _with_key(
        w, "POST", f"/v1/makers/{w.maker.id}/stripe-account", {"rail": "stripe_outbound"}
    ),
    "GET /v1/makers/{maker_id}/stripe-account": lambda w: _with_key(
        w, "GET", f"/v1/makers/{w.maker.id}/stripe-account", expect=404
    ),
    "POST /v1/makers/{maker_id}/rail-choices": lambda w: _with_key(
        w,
        "POST",
        f"/v1/makers/{w.maker.id}/rail-choices",
        {"rail": "stripe_outbound", "reason": "she has a bank account now"},
    ),
    "GET /v1/makers/{maker_id}/rail-choices": lambda w: _with_key(
        w, "GET", f"/v1/makers/{w.maker.id}/rail-choices"
    ),
    "GET /v1/outbound-payments": lambda w: _with_key(
        w, "GET", "/v1/outbound-payments", query={"maker_id": str(w.bank_payment.maker_id)}
    ),
    "GET /v1/outbound-payments/{payment_id}": lambda w: _with_key(
        w, "GET", f"/v1/outbound-payments/{w.bank_payment.id}"
    ),
    "GET /v1/makers/{maker_id}/statement": lambda w: _with_key(
        w, "GET", f"/v1/makers/{w.obligation.maker_id}/statement"
    ),
    "GET /v1/makers/{maker_id}/statement.pdf": lambda w: _with_key(
        w,
        "GET",
        f"/v1/makers/{w.obligation.maker_id}/statement.pdf",
        query={"month": "2026-11"},
    ),
    "POST /v1/designs": lambda w: _with_key(
        w,
        "POST",
        "/v1/designs",
        {
            "code": f"design-{fresh_id()[-8:]}",
            "kind": "runner",
            "technique": "complementary_warp",
            "name": WORDS,
            "care": WORDS,
            "fibres": [{"part": "body", "fibre": "vicuna", "share_bp": 10000}],
            "minutes_by_stage": {"spin": 840},
            "hs_code": "6304.99",
            "vicuna_permit": "PE-1",
            "measures": [MEASURE],
            "checklist": [QUESTION],
            "criteria": [CRITERION],
        },
    ),
    "GET /v1/designs": lambda w: _with_key(w, "GET", "/v1/designs"),
    "GET /v1/designs/{design_id}": lambda w: _with_key(w, "GET", f"/v1/designs/{w.design.id}"),
    "POST /v1/designs/{design_id}/limits": lambda w: _with_key(
        w,
        "POST",
        f"/v1/designs/{w.design.id}/limits",
        {"measures": [MEASURE], "checklist": [QUESTION], "criteria": [CRITERION]},
    ),
    "POST /v1/kind-limits": lambda w: _with_key(
        w,
        "POST",
        "/v1/kind-limits",
        {
            "kind": "chumpi",
            "measures": [MEASURE],
            "checklist": [QUESTION],
            "criteria": [CRITERION],
        },
    ),
    "GET /v1/kind-limits": lambda w: _with_key(w, "GET", "/v1/kind-limits"),
    "POST /v1/locations": lambda w: _with_key(
        w,
        "POST",
        "/v1/locations",
        {"code": f"room-{fresh_id()[-8:]}", "name": "A room", "kind": "store"},
    ),
    "GET /v1/locations": lambda w: _with_key(w, "GET", "/v1/locations"),
    "GET /v1/locations/{location_id}": lambda w: _with_key(
        w, "GET", f"/v1/locations/{w.location.id}"
    ),
    "PATCH /v1/locations/{location_id}": lambda w: _with_key(
        w,
        "PATCH",
        f"/v1/locations/{w.location.id}",
        {"name": "The other room"},
        headers={"If-Match": f'"v{w.location.version}-0123456789abcdef"'},
    ),
    "POST /v1/locations/{location_id}/closure": lambda w: _with_key(
        w, "POST", f"/v1/locations/{w.other_location.id}/closure", {"reason": "the rent"}
    ),
    "POST /v1/locations/{location_id}/reopening": lambda w: _with_key(
        w, "POST", f"/v1/locations/{w.closed_location.id}/reopening", {"reason": "rented again"}
    ),
    "PUT /v1/journeys/{journey_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/journeys/{fresh_id()}",
        {
            "from_id": str(w.location.id),
            "to_id": str(w.other_location.id),
            "piece_ids": [str(w.accepted.id)],
            "carrier": "Justina",
            "expected_on": "2026-11-24",
            "sent_at": later(minutes=-1),
            "note": "",
        },
    ),
    "GET /v1/journeys": lambda w: _with_key(
        w, "GET", "/v1/journeys", query={"status": "open", "to_id": str(w.journey.to_id)}
    ),
    "GET /v1/journeys/{journey_id}": lambda w: _with_key(w, "GET", f"/v1/journeys/{w.journey.id}"),
    "PUT /v1/journeys/{journey_id}/arrivals/{arrival_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/journeys/{w.journey.id}/arrivals/{fresh_id()}",
        {
            "entries": [
                {
                    "piece_id": str(w.accepted.id),
                    "tag": "",
                    "damaged": True,
                    "note": "wet",
                    "photo_ids": [fresh_id()],
                }
            ],
            "last": True,
            "location_id": str(w.other_location.id),
            "arrived_at": later(minutes=-1),
            "note": "",
        },
    ),
    "GET /v1/journeys/{journey_id}/arrivals": lambda w: _with_key(
        w, "GET", f"/v1/journeys/{w.journey.id}/arrivals"
    ),
    "PUT /v1/stocktakes/{stocktake_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/stocktakes/{fresh_id()}",
        {"location_id": str(w.location.id), "opened_at": later(minutes=-1), "note": ""},
    ),
    "GET /v1/stocktakes": lambda w: _with_key(
        w,
        "GET",
        "/v1/stocktakes",
        query={"status": "counting", "location_id": str(w.counting.location_id)},
    ),
    "GET /v1/stocktakes/{stocktake_id}": lambda w: _with_key(
        w, "GET", f"/v1/stocktakes/{w.awaiting.id}"
    ),
    "POST /v1/stocktakes/{stocktake_id}/counts": lambda w: _with_key(
        w,
        "POST",
        f"/v1/stocktakes/{w.counting.id}/counts",
        {
            "scans": [
                {
                    "id": fresh_id(),
                    "tag": w.fresh.tag,
                    "seen_at": later(minutes=-1),
                    "note": "on the top shelf",
                }
            ]
        },
    ),
    "GET /v1/stocktakes/{stocktake_id}/counts": lambda w: _with_key(
        w, "GET", f"/v1/stocktakes/{w.counting.id}/counts", query={"sight": "unknown"}
    ),
    "GET /v1/stocktakes/{stocktake_id}/differences": lambda w: _with_key(
        w, "GET", f"/v1/stocktakes/{w.awaiting.id}/differences"
    ),
    "POST /v1/stocktakes/{stocktake_id}/closure": lambda w: _with_key(
        w, "POST", f"/v1/stocktakes/{w.counting.id}/closure", {"reason": "all shelves seen"}
    ),
    "POST /v1/stocktakes/{stocktake_id}/approval": lambda w: _with_key(
        w, "POST", f"/v1/stocktakes/{w.awaiting.id}/approval", {"reason": "looked myself"}
    ),
    "POST /v1/stocktakes/{stocktake_id}/refusal": lambda w: _with_key(
        w, "POST", f"/v1/stocktakes/{w.awaiting.id}/refusal", {"reason": "count again"}
    ),
    "POST /v1/stocktakes/{stocktake_id}/cancellation": lambda w: _with_key(
        w, "POST", f"/v1/stocktakes/{w.counting.id}/cancellation", {"reason": "rain"}
    ),
    "PUT /v1/pieces/{piece_id}/incidents/{incident_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/pieces/{w.lost.id}/incidents/{fresh_id()}",
        {
            "kind": "found",
            "reason": "behind the loom",
            "happened_at": later(minutes=-1),
            "location_id": str(w.location.id),
            "photo_ids": [fresh_id()],
            "although_sold": False,
        },
    ),
    "GET /v1/pieces/{piece_id}/incidents": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.lost.id}/incidents"
    ),
    "GET /v1/stock": lambda w: _with_key(
        w,
        "GET",
        "/v1/stock",
        query={
            "at": later(),
            "location_id": str(w.location.id),
            "design_id": str(w.design.id),
        },
    ),
    "GET /v1/stock/pieces": lambda w: _with_key(
        w,
        "GET",
        "/v1/stock/pieces",
        query={
            "at": later(),
            "location_id": str(w.location.id),
            "design_id": str(w.design.id),
        },
    ),
    "GET /v1/stock/value": lambda w: _with_key(w, "GET", "/v1/stock/value"),
    "GET /v1/stock/ages": lambda w: _with_key(w, "GET", "/v1/stock/ages"),
    "GET /v1/stock/low": lambda w: _with_key(w, "GET", "/v1/stock/low"),
    "POST /v1/stock-minimums": lambda w: _with_key(
        w,
        "POST",
        "/v1/stock-minimums",
        {
            "design_id": str(w.design.id),
            "location_id": str(w.location.id),
            "minimum": 5,
            "reason": "the season begins",
        },
    ),
    "GET /v1/stock-minimums": lambda w: _with_key(w, "GET", "/v1/stock-minimums"),
    "POST /v1/stock-rules": lambda w: _with_key(
        w,
        "POST",
        "/v1/stock-rules",
        {
            "approval_above": {"amount_minor": 30000, "currency": "PEN"},
            "age_steps": [30, 90],
            "reason": "the assembly decided",
        },
    ),
    "GET /v1/stock-rules": lambda w: _with_key(w, "GET", "/v1/stock-rules"),
    "POST /v1/deliveries": lambda w: _with_key(
        w,
        "POST",
        "/v1/deliveries",
        {
            "id": fresh_id(),
            "delivered_on": "2026-01-20",
            "location_id": str(w.location.id),
            "note": "in the rain",
            "mode": "all_or_nothing",
            "makers_present": [str(w.maker.id)],
            "pieces": [_piece(w), _ordered_piece(w)],
        },
    ),
    "GET /v1/deliveries/{delivery_id}": lambda w: _with_key(
        w, "GET", f"/v1/deliveries/{w.fresh.delivery_id}"
    ),
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}": lambda w: _with_key(
        w,
        "GET",
        f"/v1/deliveries/{w.fresh.delivery_id}/receipts/{w.maker.id}",
        query={"language": "qu"},
    ),
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}.pdf": lambda w: _with_key(
        w, "GET", f"/v1/deliveries/{w.fresh.delivery_id}/receipts/{w.maker.id}.pdf"
    ),
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}.txt": lambda w: _with_key(
        w,
        "GET",
        f"/v1/deliveries/{w.fresh.delivery_id}/receipts/{w.maker.id}.txt",
        query={"language": "es"},
    ),
    "POST /v1/tag-reservations": lambda w: _with_key(
        w,
        "POST",
        "/v1/tag-reservations",
        {
            "location_id": str(w.location.id),
            "reserved_for": "2026-12-20",
            "count": 3,
            "note": "one sheet",
        },
    ),
    "GET /v1/tag-reservations": lambda w: _with_key(w, "GET", "/v1/tag-reservations"),
    "GET /v1/tag-reservations/{reservation_id}": lambda w: _with_key(
        w, "GET", f"/v1/tag-reservations/{w.reservation.id}"
    ),
    "POST /v1/maker-groups": lambda w: _with_key(
        w,
        "POST",
        "/v1/maker-groups",
        {"name": f"Group {fresh_id()}", "maker_ids": [str(w.maker.id)]},
    ),
    "GET /v1/maker-groups": lambda w: _with_key(w, "GET", "/v1/maker-groups"),
    "PUT /v1/maker-groups/{group_id}/members": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/maker-groups/{w.group.id}/members",
        {"maker_ids": [str(w.maker.id)]},
        expect=200,
    ),
    "POST /v1/colour-standards": lambda w: _with_key(
        w,
        "POST",
        "/v1/colour-standards",
        {
            "code": f"red-{fresh_id()[-8:]}",
            "name": WORDS,
            "swatch_photo_id": fresh_id(),
            "swatch_place": "the book of samples",
        },
    ),
    "GET /v1/colour-standards": lambda w: _with_key(w, "GET", "/v1/colour-standards"),
    "POST /v1/commissions": lambda w: _with_key(
        w,
        "POST",
        "/v1/commissions",
        {
            "due_on": "2099-12-20",
            "maker_ids": [str(w.maker.id)],
            "group_id": str(w.group.id),
            "advance": MONEY,
            "client": "The museum shop",
            "note": "for Christmas",
            "replaces_id": str(w.commission.id),
            "lines": [
                {
                    "design_id": str(w.design.id),
                    "pieces": 10,
                    "agreement": {"kind": "pay_on_acceptance", "price": MONEY},
                    "limit_set_version": 1,
                    "measures": [MEASURE],
                    "colour_ids": [str(w.colour.id)],
                    "maker_id": str(w.maker.id),
                    "note": "fringe of 5 cm",
                }
            ],
        },
    ),
    "GET /v1/commissions": lambda w: _with_key(
        w,
        "GET",
        "/v1/commissions",
        query={
            "state": "open",
            "status": "asked",
            "maker_id": str(w.maker.id),
            "group_id": str(w.group.id),
        },
    ),
    "GET /v1/commissions/{commission_id}": lambda w: _with_key(
        w, "GET", f"/v1/commissions/{w.commission.id}"
    ),
    "POST /v1/commissions/{commission_id}/answers": lambda w: _with_key(
        w,
        "POST",
        f"/v1/commissions/{w.commission.id}/answers",
        {
            "maker_id": str(w.maker.id),
            "answer": "declined",
            "reason": "she is at the harvest",
            "answered_on": "2026-11-23",
        },
    ),
    "POST /v1/commissions/{commission_id}/progress": lambda w: _with_key(
        w,
        "POST",
        f"/v1/commissions/{w.commission.id}/progress",
        {
            "note": "two are on the loom",
            "maker_id": str(w.maker.id),
            "expected_on": "2099-12-28",
            "photo_ids": [fresh_id()],
        },
    ),
    "GET /v1/commissions/{commission_id}/progress": lambda w: _with_key(
        w, "GET", f"/v1/commissions/{w.commission.id}/progress"
    ),
    "POST /v1/commissions/{commission_id}/cancellation": lambda w: _with_key(
        w,
        "POST",
        f"/v1/commissions/{w.commission.id}/cancellation",
        {"reason": "the client withdrew"},
    ),
    "GET /v1/pieces": lambda w: _with_key(
        w,
        "GET",
        "/v1/pieces",
        query={
            "tag": w.fresh.tag.lower(),
            "status": "delivered",
            "design_id": str(w.design.id),
            "location_id": str(w.location.id),
        },
    ),
    "GET /v1/pieces/{piece_id}": lambda w: _with_key(w, "GET", f"/v1/pieces/{w.fresh.id}"),
    "POST /v1/pieces/{piece_id}/movements": lambda w: _with_key(
        w,
        "POST",
        f"/v1/pieces/{w.fresh.id}/movements",
        {"destination_id": str(w.other_location.id), "reason": "to the shop"},
    ),
    "GET /v1/pieces/{piece_id}/movements": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.fresh.id}/movements"
    ),
    "PUT /v1/pieces/{piece_id}/inspections/{inspection_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/pieces/{w.fresh.id}/inspections/{fresh_id()}",
        {
            "decision": "accept_b",
            "reason": "a loose thread",
            "inspected_at": later(minutes=-1),
            "started_at": later(minutes=-3),
            "limit_set_version": 1,
            "kind_limit_set_version": 0,
            "rules_version": 1,
            "supersedes_id": fresh_id(),
            "photo_ids": [fresh_id()],
            "measurements": [{"name": "length", "readings": [1499, 1500, 1501]}],
            "answers": [{"code": "no_metal", "answer": "yes"}],
            "scores": [],
            "defects": [
                {
                    "code": "N04",
                    "count": 2,
                    "size_mm": 3,
                    "place": "one corner",
                    "zone": "fringe",
                    "x_pm": 10,
                    "y_pm": 990,
                    "photo_ids": [fresh_id()],
                    "note": "trimmed",
                }
            ],
            "pay": {"effect": "full", "reason": "as agreed"},
        },
    ),
    "PUT /v1/inspections/{inspection_id}/critical-reviews/{review_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/inspections/{w.critical.id}/critical-reviews/{fresh_id()}",
        {"verdict": "confirmed", "reason": "it pricked me", "reviewed_at": later(seconds=-1)},
    ),
    "POST /v1/grading-rules": lambda w: _with_key(
        w,
        "POST",
        "/v1/grading-rules",
        {
            **STARTING_RULES,
            "b_reduced_bp": 2000,
            "reason": "the assembly decided",
        },
    ),
    "GET /v1/grading-rules": lambda w: _with_key(w, "GET", "/v1/grading-rules"),
    "GET /v1/inspection-fairness": lambda w: _with_key(
        w, "GET", "/v1/inspection-fairness", query=DAYS
    ),
    **{
        f"GET /v1/inspection-chart{kind}": partial(_chart, kind=kind)
        for kind in ("", ".svg", ".png")
    },
    "POST /v1/sampling-rules": lambda w: _with_key(
        w,
        "POST",
        "/v1/sampling-rules",
        {**STARTING_SAMPLING, "reason": "the assembly decided"},
    ),
    "GET /v1/sampling-rules": lambda w: _with_key(w, "GET", "/v1/sampling-rules"),
    "PUT /v1/inspection-lots/{lot_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/inspection-lots/{fresh_id()}",
        {
            "piece_ids": [str(piece.id) for piece in w.sorted_pieces],
            "resubmits_id": str(w.rejected_lot.id),
            "note": "sorted",
        },
    ),
    "GET /v1/inspection-lots": lambda w: _with_key(
        w, "GET", "/v1/inspection-lots", query={"status": "open"}
    ),
    "GET /v1/inspection-lots/{lot_id}": lambda w: _with_key(
        w, "GET", f"/v1/inspection-lots/{w.inspection_lot.id}"
    ),
    "PUT /v1/inspection-lots/{lot_id}/verdict": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/inspection-lots/{w.inspection_lot.id}/verdict",
        {
            "grade": "A",
            "critical_checked_at": later(minutes=-1),
            "decided_at": later(seconds=-1),
        },
    ),
    "POST /v1/inspection-lots/{lot_id}/cancellation": lambda w: _with_key(
        w,
        "POST",
        f"/v1/inspection-lots/{w.inspection_lot.id}/cancellation",
        {"reason": "it got dark"},
    ),
    "GET /v1/inspections/{inspection_id}/four-point-scores": lambda w: _with_key(
        w, "GET", f"/v1/inspections/{w.cloth_look.id}/four-point-scores"
    ),
    "PUT /v1/inspections/{inspection_id}/four-point-scores/{score_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/inspections/{w.cloth_look.id}/four-point-scores/{fresh_id()}",
        {"faults": [{"metre": 1, "length_mm": 80, "hole": False}]},
    ),
    "GET /v1/reworks": lambda w: _with_key(
        w, "GET", "/v1/reworks", query={"state": "overdue", "maker_id": str(w.maker.id)}
    ),
    "GET /v1/bench-alerts": lambda w: _with_key(
        w, "GET", "/v1/bench-alerts", query={"state": "open"}
    ),
    "POST /v1/bench-alerts/{alert_id}/answer": lambda w: _with_key(
        w,
        "POST",
        f"/v1/bench-alerts/{w.alert.id}/answer",
        {"answer": "looked at together"},
    ),
    "GET /v1/pieces/{piece_id}/inspections": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.passed.piece_id}/inspections"
    ),
    "GET /v1/inspections": lambda w: _with_key(
        w, "GET", "/v1/inspections", query={"state": "waiting"}
    ),
    "GET /v1/pieces/{piece_id}/history": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.fresh.id}/history"
    ),
    "GET /v1/audit": lambda w: _with_key(
        w,
        "GET",
        "/v1/audit",
        query={
            "since": "2026-01-01T00:00:00Z",
            "until": later(),
            "actor": f"staff:{w.boss.id}",
            "key": str(w.spare_key_id),
            "operation": "POST /v1/orders",
            "subject": str(w.fresh.id),
        },
    ),
    "POST /v1/share-policies": lambda w: _with_key(
        w,
        "POST",
        "/v1/share-policies",
        {
            "makers_bp": 7000,
            "fund_bp": 2000,
            "programme_bp": 1000,
            "fee_bearer": "fund",
            "hold_days_online": 7,
            "hold_days_stall": 0,
            "minimum_payout": [{"amount_minor": 2000, "currency": "PEN"}],
            "reason": "the assembly decided",
        },
    ),
    "GET /v1/share-policies": lambda w: _with_key(w, "GET", "/v1/share-policies"),
    "POST /v1/reference-wages": lambda w: _with_key(
        w,
        "POST",
        "/v1/reference-wages",
        {
            "kind": "living",
            "wage": {"amount_minor": 199700, "currency": "PEN"},
            "minutes": 12480,
            "valid_from": "2024-01-01",
            "source": "Anker Research Institute",
        },
    ),
    "GET /v1/reference-wages": lambda w: _with_key(w, "GET", "/v1/reference-wages"),
    "GET /v1/pieces/{piece_id}/fair-pay": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.underpaid.id}/fair-pay"
    ),
    "GET /v1/fair-pay": lambda w: _with_key(
        w,
        "GET",
        "/v1/fair-pay",
        query={
            "below": "living",
            "design_id": str(w.underpaid.design_id),
            "delivery_id": str(w.underpaid.delivery_id),
            "maker_id": str(w.maker.id),
        },
    ),
    "GET /v1/designs/{design_id}/fair-pay": lambda w: _with_key(
        w, "GET", f"/v1/designs/{w.underpaid.design_id}/fair-pay"
    ),
    "PUT /v1/batches/{batch_id}": lambda w: Ask(
        "PUT",
        f"/v1/batches/{fresh_id()}",
        query={"kind": "makers", "name": "makers.csv"},
        raw=b"legal_name,public_name\nA,B\n",
        kind="text/csv",
        key=w.key,
        expect=201,
    ),
    "GET /v1/batches": lambda w: _with_key(w, "GET", "/v1/batches", query={"limit": "5"}),
    "GET /v1/batches/{batch_id}": lambda w: _with_key(w, "GET", f"/v1/batches/{w.bad_batch.id}"),
    "GET /v1/batches/{batch_id}/problems": lambda w: _with_key(
        w, "GET", f"/v1/batches/{w.bad_batch.id}/problems", query={"limit": "5"}
    ),
    "POST /v1/batches/{batch_id}/application": lambda w: _with_key(
        w, "POST", f"/v1/batches/{w.good_batch.id}/application", {}
    ),
    **EXPORTS,
    "GET /v1/exports/liquidaciones.csv": lambda w: _with_key(
        w,
        "GET",
        "/v1/exports/liquidaciones.csv",
        query={"from": "2026-01-01", "to": "2026-12-31"},
    ),
    "POST /v1/withholding-rules": lambda w: _with_key(
        w,
        "POST",
        "/v1/withholding-rules",
        {
            "kind": "igv",
            "rate_bp": 1550,
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
            "verified": True,
            "source": "the accountant",
        },
    ),
    "GET /v1/withholding-rules": lambda w: _with_key(w, "GET", "/v1/withholding-rules"),
    "POST /v1/makers/{maker_id}/papers": lambda w: _with_key(
        w,
        "POST",
        f"/v1/makers/{w.maker.id}/papers",
        {"kind": "dni", "number": "01234567", "ruc": "10012345670", "valid_from": "2026-01-01"},
    ),
    "GET /v1/makers/{maker_id}/papers": lambda w: _with_key(
        w, "GET", f"/v1/makers/{w.maker.id}/papers"
    ),
    "GET /v1/ledger/accounts": lambda w: _with_key(
        w, "GET", "/v1/ledger/accounts", query={"at": later()}
    ),
    "GET /v1/ledger/postings": lambda w: _with_key(
        w, "GET", "/v1/ledger/postings", query={"obligation_id": str(w.obligation.id)}
    ),
    "GET /v1/ledger.csv": lambda w: _with_key(
        w, "GET", "/v1/ledger.csv", query={"account": "pieces_bought"}
    ),
    "GET /v1/ledger.beancount": lambda w: _with_key(w, "GET", "/v1/ledger.beancount"),
    "POST /v1/treasury-moves": lambda w: _with_key(
        w,
        "POST",
        "/v1/treasury-moves",
        {
            "source": "bank",
            "destination": "cash_box",
            "amount": {"amount_minor": 150000, "currency": "PEN"},
            "why": "cash for the pay day",
            "moved_at": "2026-11-23T15:00:00Z",
            "evidence_url": "https://example.org/slips/17.jpg",
        },
    ),
    "GET /v1/treasury-moves": lambda w: _with_key(w, "GET", "/v1/treasury-moves"),
    "GET /v1/treasury-moves/{move_id}": lambda w: _with_key(
        w, "GET", f"/v1/treasury-moves/{w.move.id}"
    ),
    "POST /v1/reconciliations": lambda w: _with_key(
        w, "POST", "/v1/reconciliations", {"since": "2026-11-01T00:00:00Z"}, expect=202
    ),
    "GET /v1/reconciliations": lambda w: _with_key(w, "GET", "/v1/reconciliations"),
    "GET /v1/reconciliations/{report_id}": lambda w: _with_key(
        w, "GET", f"/v1/reconciliations/{w.report.id}"
    ),
    "GET /v1/reconciliation": lambda w: _with_key(w, "GET", "/v1/reconciliation"),
    "POST /v1/pay-days": lambda w: _with_key(
        w,
        "POST",
        "/v1/pay-days",
        {"currency": "PEN", "rates": [{"currency": "USD", "rate": "3.75"}]},
    ),
    "GET /v1/pay-days": lambda w: _with_key(w, "GET", "/v1/pay-days"),
    "GET /v1/pay-days/{pay_day_id}": lambda w: _with_key(w, "GET", f"/v1/pay-days/{w.pay_day.id}"),
    "POST /v1/pay-days/{pay_day_id}/payments": lambda w: _with_key(
        w,
        "POST",
        f"/v1/pay-days/{w.pay_day.id}/payments",
        {
            "maker_id": str(w.pay_day.lines[0].maker_id),
            "method": "cash",
            "witness_id": str(w.witness.id),
            "evidence_url": "https://example.org/receipts/17.jpg",
            "note": "",
        },
    ),
    "POST /v1/pay-days/{pay_day_id}/releases": lambda w: _with_key(
        w,
        "POST",
        f"/v1/pay-days/{w.pay_day.id}/releases",
        {"maker_id": str(w.pay_day.lines[0].maker_id), "reason": "she could not come"},
    ),
    "POST /v1/pay-days/{pay_day_id}/closure": lambda w: _with_key(
        w, "POST", f"/v1/pay-days/{w.pay_day.id}/closure", {}, expect=409
    ),
    "POST /v1/pay-days/{pay_day_id}/cancellation": lambda w: _with_key(
        w, "POST", f"/v1/pay-days/{w.pay_day.id}/cancellation", {"reason": "the road was closed"}
    ),
    "GET /v1/receipts": lambda w: _with_key(w, "GET", "/v1/receipts"),
    "GET /v1/receipts/{receipt_id}": lambda w: _with_key(
        w, "GET", f"/v1/receipts/{w.advance.receipt_id}"
    ),
    "POST /v1/receipts/{receipt_id}/signature": lambda w: _with_key(
        w,
        "POST",
        f"/v1/receipts/{w.advance.receipt_id}/signature",
        {
            "evidence_url": "https://example.org/receipts/17.jpg",
            "signed_at": "2026-11-23T15:00:00Z",
        },
    ),
    "POST /v1/advances": lambda w: _with_key(
        w,
        "POST",
        "/v1/advances",
        {
            "maker_id": str(w.maker.id),
            "amount": {"amount_minor": 5000, "currency": "PEN"},
            "given_for": "yarn",
            "method": "cash",
            "witness_id": str(w.witness.id),
            "delivery_id": str(w.fresh.delivery_id),
            "commission_id": str(w.commission.id),
            "evidence_url": "https://example.org/receipts/17.jpg",
            "note": "",
        },
    ),
    "GET /v1/advances": lambda w: _with_key(
        w, "GET", "/v1/advances", query={"maker_id": str(w.maker.id)}
    ),
    "GET /v1/advances/{advance_id}": lambda w: _with_key(w, "GET", f"/v1/advances/{w.advance.id}"),
    "GET /v1/disputes": lambda w: _with_key(
        w, "GET", "/v1/disputes", query={"state": "open", "order_id": str(w.dispute.order_id)}
    ),
    "GET /v1/disputes/{dispute_id}": lambda w: _with_key(w, "GET", f"/v1/disputes/{w.dispute.id}"),
    "GET /v1/disputes/{dispute_id}/evidence": lambda w: _with_key(
        w, "GET", f"/v1/disputes/{w.dispute.id}/evidence"
    ),
    "GET /v1/recoveries": lambda w: _with_key(
        w, "GET", "/v1/recoveries", query={"maker_id": str(w.recovery.obligation.maker_id)}
    ),
    "GET /v1/recoveries/{recovery_id}": lambda w: _with_key(
        w, "GET", f"/v1/recoveries/{w.recovery.id}"
    ),
    "POST /v1/recoveries/{recovery_id}/decision": lambda w: _with_key(
        w,
        "POST",
        f"/v1/recoveries/{w.recovery.id}/decision",
        {
            "decision": "absorbed",
            "reason": "decided",
            "bearer": "fund",
            "consent": "none asked",
            "evidence_url": "https://photos.test/1.jpg",
        },
    ),
    "POST /v1/recoveries/{recovery_id}/attempts": lambda w: _with_key(
        w, "POST", f"/v1/recoveries/{w.reversing.id}/attempts", {}
    ),
    "GET /v1/obligations": lambda w: _with_key(
        w,
        "GET",
        "/v1/obligations",
        query={"status": "due", "maker_id": str(w.obligation.maker_id)},
    ),
    "GET /v1/obligations/{obligation_id}": lambda w: _with_key(
        w, "GET", f"/v1/obligations/{w.obligation.id}"
    ),
    "POST /v1/obligations/{obligation_id}/manual-settlement": lambda w: _with_key(
        w,
        "POST",
        f"/v1/obligations/{w.obligation.id}/manual-settlement",
        {
            "method": "cash",
            "witness_id": str(w.witness.id),
            "note": "at the centre",
            "evidence_url": "https://photos.test/receipt.jpg",
            "paid": {"amount_minor": 4500, "currency": "USD"},
            "rate": "0.25",
        },
    ),
    "GET /v1/settlements": lambda w: _with_key(w, "GET", "/v1/settlements"),
    "POST /v1/staff": lambda w: _with_key(
        w,
        "POST",
        "/v1/staff",
        {
            "name": "Eusebia",
            "email": f"e{fresh_id()[-8:]}@example.org",
            "roles": ["quality_lead"],
            "language": "qu",
            "maker_id": str(w.maker.id),
        },
    ),
    "GET /v1/staff": lambda w: _with_key(w, "GET", "/v1/staff"),
    "POST /v1/api-keys": lambda w: _with_key(
        w,
        "POST",
        "/v1/api-keys",
        {"application": "A shop", "scopes": ["listings:read"], "expires_at": later(days=30)},
    ),
    "GET /v1/api-keys": lambda w: _with_key(w, "GET", "/v1/api-keys"),
    "POST /v1/api-keys/{key_id}/revocation": lambda w: _with_key(
        w, "POST", f"/v1/api-keys/{w.spare_key_id}/revocation", {}
    ),
    "GET /v1/photos": lambda w: _with_key(
        w,
        "GET",
        "/v1/photos",
        query={"subject": str(w.photo.subject_id), "kind": "swatch", "status": "ready"},
    ),
    "PUT /v1/photos/{photo_id}": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/photos/{fresh_id()}",
        {
            "subject_kind": "piece",
            "subject_id": fresh_id(),
            "content_type": "image/heic",
            "byte_length": 1234,
            "sha256": "0" * 64,
            "maker_ids": [str(w.maker.id)],
            "others_shown": False,
            "alt": WORDS,
            "taken_at": "2026-11-23T15:00:00Z",
        },
    ),
    "GET /v1/photos/{photo_id}": lambda w: _with_key(w, "GET", f"/v1/photos/{w.photo.id}"),
    "PATCH /v1/photos/{photo_id}": lambda w: _with_key(
        w,
        "PATCH",
        f"/v1/photos/{w.photo.id}",
        {"alt": WORDS, "maker_ids": [str(w.maker.id)], "others_shown": True},
        headers={"If-Match": f'"v{w.photo.version}-0123456789abcdef"'},
    ),
    "PUT /v1/photos/{photo_id}/content": lambda w: Ask(
        "PUT",
        f"/v1/photos/{w.awaited_photo.id}/content",
        query=signed(w),
        raw=a_file(),
    ),
    "GET /v1/photos/{photo_id}/original": lambda w: _with_key(
        w, "GET", f"/v1/photos/{w.photo.id}/original"
    ),
    "GET /v1/photos/{photo_id}/prints/{name}": lambda w: _with_key(
        w, "GET", f"/v1/photos/{w.photo.id}/prints/small.webp"
    ),
    "POST /v1/photos/{photo_id}/publication": lambda w: _with_key(
        w, "POST", f"/v1/photos/{w.photo.id}/publication", {}
    ),
    "POST /v1/photos/{photo_id}/withdrawal": lambda w: _with_key(
        w, "POST", f"/v1/photos/{w.public_photo.id}/withdrawal", {"reason": "she asked for it"}
    ),
    "POST /v1/photos/{photo_id}/removal": lambda w: _with_key(
        w, "POST", f"/v1/photos/{w.photo.id}/removal", {"reason": "she asked for it"}
    ),
    "GET /v1/news": lambda w: _with_key(w, "GET", "/v1/news", query={"state": "waiting"}),
    "GET /v1/news/{event_id}": lambda w: _with_key(w, "GET", f"/v1/news/{w.news.id}"),
    "POST /v1/news/{event_id}/attempts": lambda w: _with_key(
        w, "POST", f"/v1/news/{w.news.id}/attempts", {}, expect=202
    ),
    "POST /v1/dyestuffs": lambda w: _with_key(
        w,
        "POST",
        "/v1/dyestuffs",
        {
            "code": f"dye-{fresh_id()[-8:]}",
            "kind": "natural",
            "words": WORDS,
            "species": "Baccharis latifolia",
            "source": "our dyers",
        },
    ),
    "GET /v1/dyestuffs": lambda w: _with_key(w, "GET", "/v1/dyestuffs"),
    "POST /v1/yarn-lots": lambda w: _with_key(
        w,
        "POST",
        "/v1/yarn-lots",
        {"id": fresh_id(), "code": f"Y-{fresh_id()[-8:]}", **_yarn(w)},
    ),
    "GET /v1/yarn-lots": lambda w: _with_key(w, "GET", "/v1/yarn-lots"),
    "GET /v1/yarn-lots/{lot_id}": lambda w: _with_key(w, "GET", f"/v1/yarn-lots/{w.yarn_lot.id}"),
    "POST /v1/yarn-lots/{lot_id}/corrections": lambda w: _with_key(
        w,
        "POST",
        f"/v1/yarn-lots/{w.yarn_lot.id}/corrections",
        {**_yarn(w), "reason": "looked at again"},
    ),
    "GET /v1/yarn-lots/{lot_id}/pieces": lambda w: _with_key(
        w, "GET", f"/v1/yarn-lots/{w.yarn_lot.id}/pieces"
    ),
    "POST /v1/dye-lots": lambda w: _with_key(
        w,
        "POST",
        "/v1/dye-lots",
        {"id": fresh_id(), "code": f"D-{fresh_id()[-8:]}", **_dyed(w)},
    ),
    "GET /v1/dye-lots": lambda w: _with_key(w, "GET", "/v1/dye-lots"),
    "GET /v1/dye-lots/{lot_id}": lambda w: _with_key(w, "GET", f"/v1/dye-lots/{w.dye_lot.id}"),
    "POST /v1/dye-lots/{lot_id}/corrections": lambda w: _with_key(
        w,
        "POST",
        f"/v1/dye-lots/{w.dye_lot.id}/corrections",
        {**_dyed(w), "reason": "it was the other pot"},
    ),
    "GET /v1/dye-lots/{lot_id}/pieces": lambda w: _with_key(
        w, "GET", f"/v1/dye-lots/{w.dye_lot.id}/pieces"
    ),
    "POST /v1/dye-lots/{lot_id}/fastness-tests": lambda w: _with_key(
        w,
        "POST",
        f"/v1/dye-lots/{w.dye_lot.id}/fastness-tests",
        {
            "method": "iso_105_c06",
            "change": "3-4",
            "staining": "1-2",
            "tested_on": "2026-10-02",
            "tested_by": "A laboratory",
            "note": "",
            "corrects_id": str(w.dye_lot.tests[0].id),
        },
    ),
    "PUT /v1/pieces/{piece_id}/materials": lambda w: _with_key(
        w,
        "PUT",
        f"/v1/pieces/{w.fresh.id}/materials",
        {"materials": [{"lot_id": str(w.dye_lot.id), "grams": 310}], "why": "weighed again"},
        expect=200,
    ),
    "GET /v1/pieces/{piece_id}/materials": lambda w: _with_key(
        w, "GET", f"/v1/pieces/{w.fresh.id}/materials"
    ),
    "POST /v1/fastness-limits": lambda w: _with_key(
        w,
        "POST",
        "/v1/fastness-limits",
        {
            "method": "field_rub_damp",
            "rating": "staining",
            "dye": "cochineal",
            "mordant": "alum",
            "least": "2",
            **FROM_A_DAY,
        },
    ),
    "GET /v1/fastness-limits": lambda w: _with_key(w, "GET", "/v1/fastness-limits"),
    "POST /v1/claim-policies": lambda w: _with_key(
        w,
        "POST",
        "/v1/claim-policies",
        {
            "allowed": ["fibre", "hand_spun", "natural_dyes", "dyed_with"],
            "fibre_tolerance_bp": 300,
            "composition_needs_lots": True,
            "natural_needs_swatch": True,
            **FROM_A_DAY,
        },
    ),
    "GET /v1/claim-policies": lambda w: _with_key(w, "GET", "/v1/claim-policies"),
    "POST /v1/wording-rules": lambda w: _with_key(
        w,
        "POST",
        "/v1/wording-rules",
        {
            "phrase": "100 % alpaca",
            "language": "en",
            "verdict": "needs_claim",
            "claim": "fibre",
            "fibre": "alpaca",
            "reason": "it rests on the lots",
            **FROM_A_DAY,
        },
    ),
    "GET /v1/wording-rules": lambda w: _with_key(w, "GET", "/v1/wording-rules"),
    "GET /v1/listings/{listing_id}/claims": lambda w: _with_key(
        w, "GET", f"/v1/listings/{w.listing.id}/claims"
    ),
    "GET /v1/jobs": lambda w: _with_key(w, "GET", "/v1/jobs", query={"state": "failed"}),
    "GET /v1/jobs/{job_id}": lambda w: _with_key(w, "GET", f"/v1/jobs/{w.failed_job}"),
    "POST /v1/jobs/{job_id}/attempts": lambda w: _with_key(
        w, "POST", f"/v1/jobs/{w.failed_job}/attempts", {}, expect=202
    ),
    **{
        f"POST /v1/webhooks/stripe{endpoint}": lambda w, endpoint=endpoint: _for_all(  # type: ignore[misc]
            "POST", f"/v1/webhooks/stripe{endpoint}", {"id": "evt_1"}, expect=400
        )
        for endpoint in ("", "/connect", "/thin")
    },
}


def signed(w: World) -> dict[str, str]:
    """What an address for the bytes of the awaited photo carries."""
    expires, signature = signing.sign(
        w.awaited_photo.id, now=datetime.now(UTC), secret_key=w.secret_key
    )
    return {"expires": str(expires), "signature": signature}


def operations(app: Flask) -> dict[str, Any]:
    """Every operation under /v1 with its view, named as in the OpenAPI document."""
    return {
        f"{method} {_path_of(rule.rule)}": app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def _path_of(rule: str) -> str:
    return re.sub(r"<(?:uuid:|int:)?(\w+)>", r"{\1}", rule)


def body_schema(view: Any) -> Schema | None:
    """The schema a view loads its body by."""
    told = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    found = [one["schema"] for one in told if one["in"] == "json"]
    return found[0]() if found else None


#: Answers that are files, not JSON.
DOWNLOADS = {
    name
    for name in GOOD
    if name.endswith(
        (
            *(".csv", ".xlsx", ".beancount", ".pdf", ".txt", ".svg", ".png"),
            *("/evidence", "/original", "/prints/{name}"),
        )
    )
    or name == "POST /v1/label-sheets"
}
#: Those of them that are looked at and not saved.
PICTURES = {
    "GET /v1/photos/{photo_id}/prints/{name}",
    "GET /v1/inspection-chart.svg",
    "GET /v1/inspection-chart.png",
}

#: What takes bytes instead of JSON, from whoever can sign for them or was given an address for it.
RAW = {name for name in GOOD if "webhooks" in name} | {
    "PUT /v1/photos/{photo_id}/content",
    "PUT /v1/batches/{batch_id}",
}

#: Lists whose rows are no things of their own, and so have no id.
WITHOUT_IDS = {
    "GET /v1/ledger/accounts",
    "GET /v1/stock",
    "GET /v1/stock/value",
    "GET /v1/stock/ages",
    "GET /v1/stock/low",
}

#: What may be sent again under the same Idempotency-Key; the others are the same if repeated.
REPEATABLE = (
    "webhooks",
    "cancellation",
    "_day_id}/closure",
    "api-keys/",
    "stripe-acc",
    "l-sheets",
    "l-checks",
)
TAKES_KEY = {
    name
    for name in GOOD
    if name.startswith("POST") and not any(word in name for word in REPEATABLE)
}
#: What moves money or goods, and so is not done without a key.
NEEDS_KEY = {
    name
    for name in TAKES_KEY
    if name.endswith(
        (
            "/orders",
            "/deliveries",
            "/shipments",
            "/handover",
            "/manual-settlement",
            "/treasury-moves",
            "/stall-sales",
            "/pay-days",
            "/payments",
            "/releases",
            "/signature",
            "/advances",
            "/decision",
            "/closure",
            "/refunds",
            "/attempts",
            "/returns",
            "/messages",
            "/receipt",
            "/reopening",
            "/approval",
            "/refusal",
            "/commissions",
            "/answers",
            "/progress",
            "/tag-reservations",
        )
    )
}
