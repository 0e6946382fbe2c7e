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
