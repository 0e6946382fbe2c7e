"""The evidence is whole, checks itself, and is the same whenever it is asked for."""

import hashlib
import io
import json
import zipfile

import pytest
from PIL import Image

from core.db import transaction
from core.errors import Invalid, NotFound
from core.ids import new_id
from orders import messages
from orders.dispute_models import Dispute
from orders.models import Order
from payouts import evidence_photos
from payouts.evidence import evidence_of
from people.models import Cooperative, Maker
from photos import publishing
from photos.storage import Store, current_store, use_store
from tests.payouts.selling import DAY, due_sale
from tests.payouts.test_disputed import open_dispute
from tests.support.make import acting, house, make_consent, make_cooperative, make_staff
from tests.support.photos import make_photo

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _store(tmp_path):
    """An empty store in a folder, known to the house."""
    kept = Store(tmp_path.as_uri())
    use_store(lambda: kept)


def archive_of(sale):
    with transaction() as session:
        dispute_id = session.query(Dispute).filter_by(order_id=sale.order_id).one().id
        return evidence_of(session, current_store(), dispute_id, actor=sale.treasurer)


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
            evidence_of(session, current_store(), dispute.id, actor=stranger)


def written(sale, name):
    """One file of the archive, read."""
    _, content = archive_of(sale)
    return json.loads(zipfile.ZipFile(io.BytesIO(content)).read(name))


def photograph(session, sale, **given):
    """A photo of the piece that was sold, unless it is of something else."""
    home = session.get_one(Cooperative, sale.cooperative_id)
    (line,) = session.get_one(Order, sale.order_id).lines
    return make_photo(session, home, **({"subject_id": line.piece_id} | given))


def test_what_was_said_is_in_it_in_the_order_in_which_it_was_said(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)
    said = [
        ("buyer", "email", "Where is it?", now - 3 * DAY),
        ("house", "phone", "Told her the tracking number.", now - DAY),
        ("buyer", "chat", "It has come, thank you!", now - 2 * DAY),
    ]
    with transaction() as session:
        for by, medium, words, at in said:
            messages.record_message(
                session,
                order_id=sale.order_id,
                said_by=by,
                medium=medium,
                words=words,
                said_at=at,
                actor=sale.treasurer,
                now=now,
            )

    told = written(sale, "messages.json")
    assert [one["words"] for one in told] == [said[0][2], said[2][2], said[1][2]]


def test_what_is_still_to_come_was_not_said(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session, pytest.raises(Invalid):
        messages.record_message(
            session,
            order_id=sale.order_id,
            said_by="buyer",
            medium="email",
            words="tomorrow",
            said_at=now + DAY,
            actor=sale.treasurer,
            now=now,
        )


def test_photos_of_the_piece_and_of_the_parcel_are_in_it_as_pictures(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)
    with transaction() as session:
        piece = photograph(session, sale).id
        parcel = photograph(session, sale, subject_kind="order", subject_id=sale.order_id).id
        photograph(session, sale, subject_id=new_id())

    _, content = archive_of(sale)
    archive = zipfile.ZipFile(io.BytesIO(content))
    told = json.loads(archive.read("photos.json"))
    assert [one["id"] for one in told] == sorted(map(str, (piece, parcel)))
    assert {one["shows"] for one in told} == {"piece", "order"}
    for one in told:
        printed = archive.read(one["file"])
        assert hashlib.sha256(printed).hexdigest() == one["sha256"]
        with Image.open(io.BytesIO(printed)) as picture:
            assert picture.format == "JPEG"


def test_whoever_can_be_seen_goes_to_no_bank_without_her_consent(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)
    with transaction() as session:
        home = session.get_one(Cooperative, sale.cooperative_id)
        weaver = session.get_one(Maker, sale.makers[0])
        hidden = photograph(session, sale, shows=[weaver])
        customer = photograph(session, sale, others_shown=True)
        hers = photograph(session, sale, shows=[weaver])
        make_consent(session, weaver, "photo")
        publishing.publish_photo(session, photo_id=hers.id, actor=house(home), now=now)
        expected = [(hidden.id, True), (customer.id, True), (hers.id, False)]

    told = written(sale, "photos.json")
    assert [(one["id"], "left_out" in one) for one in told] == [
        (str(photo_id), out) for photo_id, out in sorted(expected)
    ]
    assert {one["left_out"] for one in told if "left_out" in one} == {"somebody_can_be_seen"}


def test_more_photos_than_a_bank_reads_are_named_and_left_out(gateway, peer, now, monkeypatch):
    monkeypatch.setattr(evidence_photos, "MOST_PHOTOS", 2)
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)
    with transaction() as session:
        for _ in range(3):
            photograph(session, sale)

    told = written(sale, "photos.json")
    assert [one.get("left_out") for one in told] == [None, None, "too_many"]


def test_a_photo_the_store_has_lost_is_said_to_be_lost(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)
    with transaction() as session:
        photo = photograph(session, sale)
        current_store().delete([f"{photo.prints_key}/large.jpg"])

    assert [one["left_out"] for one in written(sale, "photos.json")] == ["lost"]
