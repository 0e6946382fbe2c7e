"""A small world for the tests of the edge, and a valid request for every route."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from core.ids import new_id
from orders.reading import token_of
from payouts.models import Obligation, ObligationStatus
from people import keys
from people.models import ApiKey, Cooperative
from people.permissions import SCOPES
from quality.catalogue import begin_catalogue
from tests.orders.buying import place
from tests.payouts.selling import set_policy
from tests.support.make import (
    CHECKLIST,
    MEASURES,
    accept,
    house,
    make_consent,
    make_cooperative,
    make_design,
    make_key,
    make_listing,
    make_location,
    make_maker,
    make_piece,
    make_staff,
)

SECRET = "only-for-tests-only-for-tests-only-for-tests"
EVERYTHING = ("coordinator", "quality_lead", "treasurer", "storekeeper")
WORDS = {"en": "A runner"}


@dataclass
class World:
    """Two co-operatives; ids of one of everything in the first."""

    home: Cooperative
    key: str
    other_key: str
    weak_key: str
    ids: dict[str, Any] = field(default_factory=dict)


def make_world(session: Session) -> World:
    """Everything a valid request may name."""
    now = datetime.now(UTC)
    home, other = make_cooperative(session), make_cooperative(session)
    for cooperative in (home, other):
        begin_catalogue(session, cooperative_id=cooperative.id)
        set_policy(session, cooperative, now)
    person = make_staff(session, home, *EVERYTHING)
    world = World(
        home=home,
        key=make_key(session, person, now=now),
        other_key=make_key(session, make_staff(session, other, *EVERYTHING), now=now),
        weak_key=_weak_key(session, home, now),
    )
    maker = make_maker(session, home)
    design = make_design(session, home)
    room, shop = make_location(session, home), make_location(session, home)
    weights = [(maker, "weave", 2)]
    fresh = make_piece(session, home, design=design, location=room, weights=weights)
    ready = accept(make_piece(session, home, design=design, location=room, weights=weights))
    session.flush()
    listing = make_listing(session, home, count=1, design=design, weights=weights)
    order = place(session, make_listing(session, home, count=1), now=now)
    obligation = Obligation(
        id=new_id(),
        cooperative_id=home.id,
        maker_id=maker.id,
        piece_id=ready.id,
        agreement="pay_on_acceptance",
        amount_minor=500,
        currency="PEN",
        created_at=now,
    )
    session.add(obligation)
    session.add(obligation.begin(ObligationStatus.DUE, actor=house(home), why="t", at=now))
    session.flush()
    world.ids = {
        "maker_id": maker.id,
        "consent_id": make_consent(session, maker).id,
        "design_id": design.id,
        "location_id": room.id,
        "shop_id": shop.id,
        "delivery_id": fresh.delivery_id,
        "piece_id": fresh.id,
        "ready_id": ready.id,
        "tag": fresh.tag,
        "listing_id": listing.id,
        "slug": listing.slug,
        "order_id": order.id,
        "token": token_of(order.id, SECRET),
        "obligation_id": obligation.id,
        "witness_id": make_staff(session, home, "storekeeper").id,
        "staff_id": person.id,
        "key_id": session.query(ApiKey).filter_by(staff_id=person.id).one().id,
        "inspection_id": uuid.uuid4(),
    }
    session.commit()
    return world


def _weak_key(session: Session, home: Cooperative, now: datetime) -> str:
    """A key that may do nothing at all."""
    actor = Actor(ActorKind.SYSTEM, "test", home.id, frozenset(SCOPES))
    _row, secret = keys.create_key(
        session,
        application="Museum shop",
        scopes=[],
        expires_at=now + timedelta(days=1),
        actor=actor,
        now=now,
    )
    return secret


@dataclass(frozen=True)
class Route:
    """A route with a valid request. ``keyed``: it needs an Idempotency-Key."""

    method: str
    path: str
    sent: dict[str, Any] | None = None
    public: bool = False
    keyed: bool = False
    own: bool = True

    @property
    def body(self) -> dict[str, Any]:
        """A valid body; nothing where the route takes none."""
        return self.sent or {}

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes(ids: dict[str, Any]) -> list[Route]:
    """Every route under /v1; ``{name}`` in a path is filled from the world."""
    day = datetime.now(UTC).date().isoformat()
    limits = {"measures": MEASURES, "checklist": CHECKLIST}
    fibre = {"part": "body", "fibre": "alpaca", "share_bp": 10000}
    contribution = {"maker_id": str(ids["maker_id"]), "stage": "weave", "weight": 1}
    piece = {
        "design_id": str(ids["design_id"]),
        "agreement": {"kind": "share_on_sale"},
        "contributions": [contribution],
    }
    return [
        Route("GET", "/listings", public=True),
        Route("GET", "/listings/{slug}", public=True),
        Route("GET", "/passports/{tag}", public=True),
        Route("POST", "/orders", {
            "items": [{"slug": ids["slug"], "quantity": 1}], "currency": "USD",
            "fulfilment": "pick_up", "channel": "online", "language": "es",
            "buyer_email": "buyer@demo.example", "buyer_name": "Demo Buyer",
        }, public=True, keyed=True),
        Route("GET", "/orders/{order_id}"),
        Route("POST", "/orders/{order_id}/cancellation", {}),
        Route("GET", "/orders", own=False),
        Route("POST", "/orders/{order_id}/shipments", {"carrier": "Serpost"}, keyed=True),
        Route("POST", "/orders/{order_id}/handover", {}, keyed=True),
        Route("POST", "/makers", {"legal_name": "Demo", "public_name": "Demo"}, own=False),
        Route("GET", "/makers", own=False),
        Route("GET", "/makers/{maker_id}"),
        Route("POST", "/makers/{maker_id}/consents", {
            "purpose": "photo", "text_version": "1", "language": "qu", "medium": "written",
            "given_on": day, "witness": "Demo",
        }),
        Route("GET", "/makers/{maker_id}/consents"),
        Route("POST", "/consents/{consent_id}/revocation", {"reason": "she said so"}),
        Route("POST", "/makers/{maker_id}/stripe-account", {}),
        Route("GET", "/makers/{maker_id}/stripe-account"),
        Route("GET", "/makers/{maker_id}/statement"),
        Route("POST", "/designs", {
            "code": "red-runner", "kind": "runner", "technique": "pallay", "name": WORDS,
            "fibres": [fibre], **limits,
        }, own=False),
        Route("GET", "/designs", own=False),
        Route("GET", "/designs/{design_id}"),
        Route("POST", "/designs/{design_id}/limits", limits),
        Route("POST", "/locations", {
            "code": "new-room", "name": "Room", "kind": "store",
        }, own=False),
        Route("GET", "/locations", own=False),
        Route("POST", "/deliveries", {
            "id": str(uuid.uuid4()), "delivered_on": day,
            "location_id": str(ids["location_id"]), "note": "", "pieces": [piece],
        }),
        Route("GET", "/deliveries/{delivery_id}"),
        Route("GET", "/pieces", own=False),
        Route("GET", "/pieces/{piece_id}"),
        Route("POST", "/pieces/{piece_id}/movements", {
            "destination_id": str(ids["shop_id"]), "reason": "to the shop",
        }),
        Route("GET", "/pieces/{piece_id}/movements"),
        Route("PUT", "/pieces/{piece_id}/inspections/{inspection_id}", {
            "decision": "accept_a", "reason": "", "inspected_at": "2026-01-01T00:00:00Z",
            "measurements": [{"name": "length", "value": 1500}],
            "answers": [{"code": "no_metal", "answer": "yes"}],
            "defects": [{"code": "N04", "count": 1}],
        }),
        Route("GET", "/pieces/{piece_id}/inspections"),
        Route("GET", "/inspections?state=waiting", own=False),
        Route("POST", "/listings", {
            "design_id": str(ids["design_id"]), "title": WORDS, "description": WORDS,
            "prices": [{"amount_minor": 100, "currency": "USD"}],
            "piece_ids": [str(ids["ready_id"])], "status": "published",
        }),
        Route("GET", "/listings/{listing_id}/draft"),
        Route("PATCH", "/listings/{listing_id}", {"title": {"en": "New words"}}),
        Route("POST", "/share-policies", {
            "makers_bp": 7000, "fund_bp": 2000, "programme_bp": 1000, "fee_bearer": "fund",
            "hold_days_online": 7, "hold_days_stall": 0, "reason": "decided",
        }, own=False),
        Route("GET", "/share-policies", own=False),
        Route("GET", "/obligations", own=False),
        Route("GET", "/obligations/{obligation_id}"),
        Route("POST", "/obligations/{obligation_id}/manual-settlement", {
            "method": "cash", "witness_id": str(ids["witness_id"]),
        }, keyed=True),
        Route("GET", "/settlements", own=False),
        Route("POST", "/api-keys", {
            "staff_id": str(ids["staff_id"]), "scopes": ["orders:read"],
            "expires_at": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
        }),
        Route("GET", "/api-keys", own=False),
        Route("POST", "/api-keys/{key_id}/revocation", {}),
        Route("POST", "/staff", {"name": "Demo", "roles": ["storekeeper"]}, own=False),
        Route("GET", "/staff", own=False),
    ]  # fmt: skip
