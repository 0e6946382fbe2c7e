"""A shop to measure: makers, one design, and listings with one piece each."""

from datetime import date

from sqlalchemy.orm import Session

from core import clock
from core.actors import Actor
from core.ids import new_id
from inventory import deliveries, designs, listings, locations
from inventory.models import Piece, PieceStatus
from people import makers
from people.models import Cooperative

DELIVERY = 100


def fill(session: Session, home: Cooperative, *, actor: Actor, number: int) -> list[str]:
    """Make so many published listings; their slugs."""
    now = clock.now()
    maker = makers.add_maker(
        session, legal_name="Demo", public_name="Demo maker", demo=True, actor=actor, now=now
    )
    room = locations.add_location(
        session, code="shop", name="Shop", kind="store", actor=actor, now=now
    )
    design = designs.add_design(
        session,
        code="bench-runner",
        kind="runner",
        technique="complementary_warp",
        name={"en": "Runner", "es": "Camino de mesa"},
        fibres=[{"part": "body", "fibre": "sheep_wool", "share_bp": 10000}],
        measures=[],
        checklist=[],
        actor=actor,
        now=now,
    )
    row = {
        "design_id": design.id,
        "agreement": {"kind": "share_on_sale"},
        "contributions": [{"maker_id": maker.id, "stage": "weave", "weight": 1}],
    }
    slugs: list[str] = []
    while len(slugs) < number:
        count = min(DELIVERY, number - len(slugs))
        delivery, _new = deliveries.record_delivery(
            session,
            delivery_id=new_id(),
            delivered_on=date(2026, 11, 1),
            location_id=room.id,
            pieces=[row] * count,
            request_hash="bench",
            actor=actor,
            now=now,
        )
        slugs += [_offer(session, piece, home, actor) for piece in delivery.pieces]
    return slugs


def _offer(session: Session, piece: Piece, home: Cooperative, actor: Actor) -> str:
    now = clock.now()
    piece.become(PieceStatus.INSPECTING, actor=actor, why="bench", at=now)
    piece.grade = "A"
    piece.become(PieceStatus.ACCEPTED, actor=actor, why="bench", at=now)
    session.flush()
    return listings.add_listing(
        session,
        design_id=piece.design_id,
        title={"en": "A red runner", "es": "Un camino de mesa rojo"},
        description={"en": f"Woven in {home.place}"},
        prices={"USD": 4500, "EUR": 4200, "PEN": 16000},
        piece_ids=[piece.id],
        photos=[{"url": "https://photos.test/runner.jpg", "alt": {"en": "A red runner"}}],
        status="published",
        actor=actor,
        now=now,
    ).slug
