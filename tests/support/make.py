"""Makers of things for tests: everything has a default, so a test mentions only what matters."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind, system
from core.ids import new_id
from inventory import colours, commissions, deliveries, designs, listings, locations
from inventory.colour_models import ColourStandard
from inventory.commission_models import Commission
from inventory.design_models import Design
from inventory.listing_models import Listing
from inventory.models import Location, Piece, PieceStatus
from people import consents, cooperatives, groups, keys, makers, staff
from people.group_models import MakerGroup
from people.models import Consent, Cooperative, Maker, Staff
from people.permissions import SCOPES, scopes_of_roles

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_numbers = itertools.count(1)
_PREFIX = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def number() -> int:
    """A number no other call in this process gets."""
    return next(_numbers)


def house(cooperative: Cooperative) -> Actor:
    """The house acting for one co-operative, with every scope."""
    return Actor(ActorKind.SYSTEM, "test", cooperative.id, frozenset(SCOPES))


def make_cooperative(session: Session, *, slug: str | None = None) -> Cooperative:
    n = number()
    prefix = "T" + _PREFIX[n // 31 % 31] + _PREFIX[n % 31]
    cooperative = cooperatives.found_cooperative(
        session,
        slug=slug or f"coop-{n}-{new_id().hex[-6:]}",
        name=f"Cooperative {n}",
        tag_prefix=prefix,
        country="PE",
        place="Huilloc",
        currency="PEN",
        now=NOW,
    )
    locations.open_outside(session, cooperative_id=cooperative.id, now=NOW)
    return cooperative


def make_staff(
    session: Session,
    cooperative: Cooperative,
    *roles: str,
    maker: Maker | None = None,
    name: str | None = None,
) -> Staff:
    return staff.add_staff(
        session,
        name=name or f"Staff {number()}",
        roles=roles or ("quality_lead",),
        maker_id=maker.id if maker else None,
        actor=house(cooperative),
        now=NOW,
    )


def acting(person: Staff) -> Actor:
    """A staff member with everything her roles allow."""
    return Actor(
        ActorKind.STAFF, person.id, person.cooperative_id, scopes_of_roles(person.role_names)
    )


def make_key(session: Session, person: Staff, *scopes: str, now: datetime | None = None) -> str:
    """A key that speaks for a staff member, as she would send it."""
    at = now or datetime.now(UTC)
    _row, secret = keys.create_key(
        session,
        staff_id=person.id,
        scopes=scopes or sorted(scopes_of_roles(person.role_names)),
        expires_at=at + timedelta(days=30),
        actor=Actor(ActorKind.SYSTEM, "test", person.cooperative_id, frozenset(SCOPES)),
        now=at,
    )
    return secret


def make_maker(session: Session, cooperative: Cooperative, *, name: str | None = None) -> Maker:
    n = number()
    return makers.add_maker(
        session,
        legal_name=f"Legal Name {n}",
        public_name=name or f"Maker {n}",
        story={"es": f"Historia {n}"},
        photo_url=f"https://photos.test/{n}.jpg",
        actor=house(cooperative),
        now=NOW,
    )


def make_consent(session: Session, maker: Maker, purpose: str = "public_profile") -> Consent:
    return consents.record_consent(
        session,
        maker_id=maker.id,
        purpose=purpose,
        text_version="2026-01",
        language="qu",
        medium="fingerprint",
        given_on=NOW.date(),
        witness="A witness",
        actor=Actor(ActorKind.SYSTEM, "test", maker.cooperative_id, frozenset(SCOPES)),
        now=NOW,
    )


def make_location(
    session: Session, cooperative: Cooperative, *, kind: str = "store", code: str | None = None
) -> Location:
    n = number()
    return locations.add_location(
        session,
        code=code or f"room-{n}",
        name=f"Room {n}",
        kind=kind,
        actor=house(cooperative),
        now=NOW,
    )


MEASURES = [
    {"name": "length", "unit": "mm", "spec": 1500, "minus": 45, "plus": 45, "required": True},
    {"name": "weight", "unit": "g", "spec": 300, "minus": 24, "plus": 24, "required": False},
]
CHECKLIST = [
    {"code": "no_metal", "words": {"en": "No needle or metal left?"}, "required": True},
]


def make_design(session: Session, cooperative: Cooperative, **given: Any) -> Design:
    n = number()
    values: dict[str, Any] = {
        "code": f"design-{n}",
        "kind": "runner",
        "technique": "complementary_warp",
        "name": {"en": f"Runner {n}", "es": f"Camino {n}"},
        "fibres": [{"part": "body", "fibre": "sheep_wool", "share_bp": 10000}],
        "measures": MEASURES,
        "checklist": CHECKLIST,
    } | given
    return designs.add_design(session, actor=house(cooperative), now=NOW, **values)


SHARE_ON_SALE = {"kind": "share_on_sale"}


def pay_on_acceptance(price_minor: int = 18000, currency: str = "PEN") -> dict[str, Any]:
    return {"kind": "pay_on_acceptance", "price_minor": price_minor, "currency": currency}


def make_pieces(
    session: Session,
    cooperative: Cooperative,
    count: int = 1,
    *,
    design: Design | None = None,
    location: Location | None = None,
    weights: Sequence[tuple[Maker, str, int]] | None = None,
    agreement: dict[str, Any] | None = None,
) -> list[Piece]:
    """Pieces fresh from a delivery; ``weights`` are (maker, stage, weight) for each of them."""
    design = design or make_design(session, cooperative)
    location = location or make_location(session, cooperative)
    steps = weights or [(make_maker(session, cooperative), "weave", 1)]
    delivery, _new = deliveries.record_delivery(
        session,
        delivery_id=new_id(),
        delivered_on=date(2026, 11, 20),
        location_id=location.id,
        pieces=[
            {
                "design_id": design.id,
                "agreement": agreement or SHARE_ON_SALE,
                "contributions": [
                    {"maker_id": maker.id, "stage": stage, "weight": weight}
                    for maker, stage, weight in steps
                ],
            }
            for _ in range(count)
        ],
        request_hash=uuid.uuid4().hex,
        actor=house(cooperative),
        now=NOW,
    )
    session.refresh(delivery)
    return list(delivery.pieces)


def make_piece(session: Session, cooperative: Cooperative, **given: Any) -> Piece:
    return make_pieces(session, cooperative, 1, **given)[0]


def make_group(session: Session, cooperative: Cooperative, *members: Maker) -> MakerGroup:
    return groups.add_group(
        session,
        name=f"Group {number()}",
        maker_ids=[maker.id for maker in members],
        actor=house(cooperative),
        now=NOW,
    )


def make_colour(session: Session, cooperative: Cooperative) -> ColourStandard:
    n = number()
    return colours.add_colour(
        session, code=f"red-{n}", name={"qu": "puka"}, actor=house(cooperative), now=NOW
    )


def make_commission(
    session: Session,
    cooperative: Cooperative,
    *makers: Maker,
    design: Design | None = None,
    count: int = 2,
    agreement: dict[str, Any] | None = None,
    line: dict[str, Any] | None = None,
    **given: Any,
) -> Commission:
    """One line of ``count`` pieces asked of makers, due in a month; ``line`` is added to it."""
    ordered = {
        "design_id": (design or make_design(session, cooperative)).id,
        "pieces": count,
        "agreement": agreement or pay_on_acceptance(),
    }
    values: dict[str, Any] = {
        "due_on": NOW.date() + timedelta(days=30),
        "lines": [ordered | (line or {})],
        "maker_ids": [maker.id for maker in makers],
        "actor": house(cooperative),
        "now": NOW,
    } | given
    return commissions.ask(session, **values)


def accept(piece: Piece, *, grade: str = "A", at: datetime = NOW) -> Piece:
    """Move a piece to accepted as an inspection would, without writing the inspection."""
    actor = system("test")
    piece.become(PieceStatus.INSPECTING, actor=actor, why="looked at", at=at)
    piece.grade = grade
    piece.become(PieceStatus.ACCEPTED, actor=actor, why="passed", at=at)
    return piece


def make_listing(
    session: Session,
    cooperative: Cooperative,
    pieces: Sequence[Piece] | None = None,
    *,
    count: int = 1,
    prices: dict[str, int] | None = None,
    status: str = "published",
    **given: Any,
) -> Listing:
    """A listing with accepted pieces of one design; ``given`` goes to the pieces."""
    if pieces is None:
        pieces = [accept(piece) for piece in make_pieces(session, cooperative, count, **given)]
        session.flush()
    return listings.add_listing(
        session,
        design_id=pieces[0].design_id,
        title={"en": "A runner", "es": "Un camino de mesa"},
        description={"en": "Woven in Huilloc"},
        prices=prices or {"USD": 4500, "PEN": 16000},
        piece_ids=[piece.id for piece in pieces],
        photos=[{"url": "https://photos.test/runner.jpg", "alt": {"en": "A red runner"}}],
        status=status,
        actor=house(cooperative),
        now=NOW,
    )
