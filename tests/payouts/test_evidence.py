"""The evidence is whole, checks itself, and is the same whenever it is asked for."""

import hashlib
import io
import json
import zipfile

import pytest

from core.db import transaction
from core.errors import NotFound
from orders.dispute_models import Dispute
from payouts.evidence import evidence_of
from tests.payouts.selling import due_sale
from tests.payouts.test_disputed import open_dispute
from tests.support.make import acting, make_cooperative, make_staff

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


def archive_of(sale):
    with transaction() as session:
        dispute_id = session.query(Dispute).filter_by(order_id=sale.order_id).one().id
        return evidence_of(session, dispute_id, actor=sale.treasurer)


def test_everything_we_hold_is_in_it_with_its_checksum(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)

    name, content = archive_of(sale)

    archive = zipfile.ZipFile(io.BytesIO(content))
    lines = archive.read("SHA256SUMS").decode().splitlines()
    sums = {line.split("  ")[1]: line.split("  ")[0] for line in lines}
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    for file, expected in sums.items():
        assert hashlib.sha256(archive.read(file)).hexdigest() == expected
    order = json.loads(archive.read("order.json"))
    assert name == f"evidence-{order['number']}.zip"
    assert order["total_minor"] == 6800
    (piece,) = json.loads(archive.read("pieces.json"))
    assert piece["tag"] == order["lines"][0]["tag"]
    (shipment,) = json.loads(archive.read("shipments.json"))
    assert shipment["kind"] == "by_hand"
    assert {step["to"] for step in json.loads(archive.read("history.json"))} >= {"paid", "sold"}
    assert "into the buyer's hands" in archive.read("summary.txt").decode()


def test_the_same_facts_are_the_same_bytes(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)

    assert archive_of(sale) == archive_of(sale)


def test_a_stranger_does_not_get_it(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)

    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))
        dispute = session.query(Dispute).filter_by(order_id=sale.order_id).one()
        with pytest.raises(NotFound):
            evidence_of(session, dispute.id, actor=stranger)
