"""A piece that is sent back leaves its place in its commission to another."""

from core.ids import new_id
from inventory.models import PieceStatus
from quality import findings, inspections
from quality.catalogue import begin_catalogue
from tests.inventory.delivering import handed_in, home_of, ordered_row
from tests.support.make import NOW, acting, make_commission, make_staff


def test_a_rejected_piece_opens_its_commission_again(session):
    home = home_of(session)
    begin_catalogue(session, cooperative_id=home.cooperative.id)
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    (piece,) = handed_in(session, home, ordered_row(home, asked)).pieces
    assert asked.status == "complete"

    inspections.sign_inspection(
        session,
        inspection_id=new_id(),
        piece_id=piece.id,
        decision="reject",
        reason="a hole in the middle",
        evidence=findings.Evidence([{"name": "length", "value": 1500}], [], []),
        inspected_at=NOW,
        request_hash="h",
        actor=acting(make_staff(session, home.cooperative)),
        now=NOW,
    )

    assert piece.status == PieceStatus.REJECTED
    assert asked.status == "accepted"
    handed_in(session, home, ordered_row(home, asked))
    assert asked.status == "complete"


def test_a_piece_is_measured_against_what_its_commission_agreed(session):
    home = home_of(session)
    begin_catalogue(session, cooperative_id=home.cooperative.id)
    shorter = {"name": "length", "unit": "mm", "spec": 1200, "minus_bp": 100, "required": True}
    asked = make_commission(
        session, home.cooperative, home.maker, design=home.design, line={"measures": [shorter]}
    )
    (piece,) = handed_in(session, home, ordered_row(home, asked)).pieces

    look, _ = inspections.sign_inspection(
        session,
        inspection_id=new_id(),
        piece_id=piece.id,
        decision="reject",
        reason="shorter than was agreed",
        evidence=findings.Evidence([{"name": "length", "value": 1187}], [], []),
        inspected_at=NOW,
        request_hash="h",
        actor=acting(make_staff(session, home.cooperative)),
        now=NOW,
    )

    (measured,) = look.measurements
    assert (measured.spec, measured.minus, measured.verdict) == (1200, 12, "below")
