"""Uploads: announced first, exactly those bytes, once; and nothing is left lying about."""

import hashlib
import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.ids import new_id
from people.models import Cooperative
from people.permissions import ScopeMissing
from photos import developing, removal, signing, sweeping, uploads
from photos.models import Photo, PhotoStatus
from photos.reading import PhotoFilter, list_photos, read_file
from photos.sizes import PRINTS
from photos.storage import SHARDS, NotStored, Store, StoreUnavailable
from tests.photos import hostile
from tests.support.make import NOW, acting, house, make_cooperative, make_maker, make_staff
from tests.support.photos import a_file, announce, keep, make_photo

FILE = a_file()
LATER = datetime.now(UTC) + timedelta(days=2)


@pytest.fixture
def home(session: Session) -> Cooperative:
    return make_cooperative(session)


def send(store: Store, photo: Photo, contents: bytes = FILE, kind: str = "image/jpeg") -> None:
    pieces = [contents[at : at + 100] for at in range(0, len(contents), 100)]
    uploads.receive(store, photo_id=photo.id, content_type=kind, pieces=pieces, now=NOW)


def kept(store: Store) -> list[str]:
    return [one.key for shard in SHARDS for one in store.objects(shard)]


def notes(session: Session, name: str) -> int:
    asked = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name")
    return int(session.execute(asked, {"name": name}).scalar_one())


def test_a_photo_comes_before_what_it_shows(
    session: Session, store: Store, home: Cooperative
) -> None:
    inspection = new_id()
    photo = announce(session, home, FILE, subject_kind="inspection", subject_id=inspection)

    send(store, photo)

    session.refresh(photo)
    assert photo.status == PhotoStatus.RECEIVED
    assert notes(session, "photo.received") == 1
    found = list_photos(
        session, actor=house(home), wanted=PhotoFilter(subject=inspection), limit=10
    )
    assert [one.id for one in found] == [photo.id]


def test_it_is_developed_by_a_worker_and_ready(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = announce(session, home, FILE)
    send(store, photo)

    for _ in range(2):
        status = developing.develop_photo(store, photo_id=photo.id, now=NOW)
        assert status == PhotoStatus.READY

    session.refresh(photo)
    assert (photo.width, photo.height) == (96, 64)
    assert len(kept(store)) == 1 + len(PRINTS), "developed once"
    read = {
        name: read_file(session, store, photo_id=photo.id, name=name, actor=house(home))
        for name in ("original", *PRINTS)
    }
    assert read["original"] == FILE
    assert read["small.webp"][8:12] == b"WEBP"


def test_a_hostile_file_is_refused_with_its_reason_and_not_kept(
    session: Session, store: Store, home: Cooperative
) -> None:
    both = hostile.JPEG + hostile.archive()
    photo = announce(session, home, both)
    send(store, photo, both)

    status = developing.develop_photo(store, photo_id=photo.id, now=NOW)

    session.refresh(photo)
    assert (status, photo.refusal) == (PhotoStatus.REFUSED, "trailing_data")
    assert kept(store) == []


def test_sent_twice_it_is_kept_once(session: Session, store: Store, home: Cooperative) -> None:
    photo = announce(session, home, FILE)

    send(store, photo)
    send(store, photo)

    assert len(kept(store)) == 1
    assert notes(session, "photo.received") == 1


def test_two_phones_that_send_at_once_leave_one_object(
    session: Session, store: Store, home: Cooperative
) -> None:
    """The second one's bytes are all there before the first one's row is marked, and after."""
    photo = announce(session, home, FILE)

    def slowly() -> Iterator[bytes]:
        yield FILE[:50]
        send(store, photo)  # the other phone, from beginning to end
        yield FILE[50:]

    uploads.receive(store, photo_id=photo.id, content_type="image/jpeg", pieces=slowly(), now=NOW)

    session.refresh(photo)
    assert kept(store) == [photo.original_key]
    assert hashlib.sha256(store.read(photo.original_key or "")).hexdigest() == photo.sha256


def test_the_same_announcement_again_is_the_same_photo(session: Session, home: Cooperative) -> None:
    photo = announce(session, home, FILE, request_hash="as-sent")

    again = announce(session, home, FILE, photo_id=photo.id, request_hash="as-sent")

    assert again is photo
    with pytest.raises(uploads.PhotoIdTaken):
        announce(session, home, FILE, photo_id=photo.id, request_hash="another")
    with pytest.raises(uploads.PhotoIdTaken):
        announce(session, make_cooperative(session), FILE, photo_id=photo.id)


WRONG = {
    "a byte too many": FILE + b"x",
    "a byte too few": FILE[:-1],
    "another byte": FILE[:-3] + b"x" + FILE[-2:],
    "nothing": b"",
}


@pytest.mark.parametrize("what", WRONG)
def test_other_bytes_than_announced_are_refused_and_not_kept(
    what: str, session: Session, store: Store, home: Cooperative
) -> None:
    photo = announce(session, home, FILE)

    with pytest.raises(uploads.WrongBytes):
        send(store, photo, WRONG[what])

    session.refresh(photo)
    assert photo.status == PhotoStatus.AWAITED
    assert kept(store) == []


def test_another_kind_than_announced_is_refused_whatever_it_calls_itself(
    session: Session, store: Store, home: Cooperative
) -> None:
    for kind, contents in (("image/png", FILE), ("image/jpeg", hostile.PNG), ("image/heic", FILE)):
        photo = announce(session, home, contents, content_type=kind)
        with pytest.raises(uploads.WrongBytes):
            send(store, photo, contents, kind)
    with pytest.raises(uploads.WrongBytes):
        send(store, announce(session, home, FILE), kind="image/png")


def test_reading_stops_at_the_first_byte_too_many(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo, asked = announce(session, home, FILE), []

    def endless() -> Iterator[bytes]:
        while True:
            asked.append(1)
            yield bytes(1000)

    with pytest.raises(uploads.WrongBytes):
        uploads.receive(
            store, photo_id=photo.id, content_type="image/jpeg", pieces=endless(), now=NOW
        )

    assert len(asked) == len(FILE) // 1000 + 1


def test_a_photo_nobody_announced_is_not_taken(store: Store, session: Session) -> None:
    with pytest.raises(NotFound):
        uploads.receive(store, photo_id=new_id(), content_type="image/jpeg", pieces=[FILE], now=NOW)


def test_a_photo_that_is_too_large_is_not_even_announced(
    session: Session, home: Cooperative
) -> None:
    with pytest.raises(uploads.PhotoTooLarge):
        announce(session, home, FILE, most_bytes=len(FILE) - 1)


def test_makers_of_others_cannot_be_seen_on_it(session: Session, home: Cooperative) -> None:
    stranger = make_maker(session, make_cooperative(session))

    with pytest.raises(Invalid):
        announce(session, home, FILE, shows=[stranger])


def test_a_photo_of_a_maker_shows_her(session: Session, home: Cooperative) -> None:
    maker = make_maker(session, home)

    photo = announce(session, home, FILE, subject_kind="maker", subject_id=maker.id)

    assert photo.maker_ids == [maker.id]


def test_only_who_may_read_the_thing_may_see_its_photo(
    session: Session, store: Store, home: Cooperative
) -> None:
    """A receipt bears a name, a signature, and what she was paid."""
    receipt = make_photo(session, home, subject_kind="receipt")
    lead = acting(make_staff(session, home, "quality_lead"))
    treasurer = acting(make_staff(session, home, "treasurer"))

    assert read_file(session, store, photo_id=receipt.id, name="small.webp", actor=treasurer)
    with pytest.raises(ScopeMissing):
        read_file(session, store, photo_id=receipt.id, name="small.webp", actor=lead)
    assert list_photos(session, actor=lead, wanted=PhotoFilter(), limit=10) == []
    stranger = house(make_cooperative(session))
    with pytest.raises(NotFound):
        read_file(session, store, photo_id=receipt.id, name="small.webp", actor=stranger)


def test_a_signed_address_is_for_one_photo_until_it_runs_out() -> None:
    photo_id, key = new_id(), "a key"
    expires, signature = signing.sign(photo_id, now=NOW, secret_key=key)

    def refused(
        photo: uuid.UUID = photo_id, *, until: int = expires, signed: str = signature,
        at: datetime = NOW, with_key: str = key,
    ) -> bool:  # fmt: skip
        try:
            signing.check(photo, expires=until, signature=signed, now=at, secret_key=with_key)
        except signing.UploadRefused:
            return True
        return False

    assert not refused()
    assert refused(new_id())
    assert refused(until=expires + 1)
    assert refused(until=10**12)
    assert refused(signed=signature[:-1])
    assert refused(signed="é")
    assert refused(with_key="another")
    assert not refused(at=NOW + signing.LIFETIME - timedelta(seconds=1))
    assert refused(at=NOW + signing.LIFETIME)


def test_what_no_row_points_at_is_swept_after_a_day(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = make_photo(session, home)
    lost = announce(session, home, FILE)
    store_only = f"{lost.id.hex[-2:]}/{lost.id}/{new_id()}/original"
    store.put(store_only, io.BytesIO(FILE))

    assert sweeping.sweep(store, now=datetime.now(UTC)) == 0, "it may be an upload under way"
    assert sweeping.sweep(store, now=LATER) == 1

    assert store_only not in kept(store)
    assert len(kept(store)) == 1 + len(PRINTS)
    assert read_file(session, store, photo_id=photo.id, name="large.jpg", actor=house(home))


def test_a_removed_photo_is_forgotten_with_who_was_on_it(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = make_photo(session, home, shows=[make_maker(session, home)])

    for _ in range(2):
        removal.remove_photo(
            session, photo_id=photo.id, reason="she asked", actor=house(home), now=NOW
        )
    assert removal.forget_files(store, photo_id=photo.id) == 1 + len(PRINTS)

    assert (photo.status, photo.alt, photo.maker_ids) == (PhotoStatus.REMOVED, {}, [])
    assert kept(store) == []
    assert notes(session, "photo.removed") == 1
    with pytest.raises(uploads.PhotoRemoved):
        send(store, photo)
    with pytest.raises(NotFound):
        read_file(session, store, photo_id=photo.id, name="original", actor=house(home))


def test_files_of_a_photo_that_stays_are_not_forgotten(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = make_photo(session, home)

    assert removal.forget_files(store, photo_id=photo.id) == 0
    assert len(kept(store)) == 1 + len(PRINTS)


def test_a_photo_removed_while_it_is_developed_leaves_nothing(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = announce(session, home, FILE)
    send(store, photo)
    session.refresh(photo)
    prints = f"{photo.id.hex[-2:]}/{photo.id}/{new_id()}"
    for name in PRINTS:
        store.put(f"{prints}/{name}", io.BytesIO(b"x"))
    removal.remove_photo(session, photo_id=photo.id, reason="no", actor=house(home), now=NOW)
    removal.forget_files(store, photo_id=photo.id)

    developed = developing.Outcome(96, 64)
    status = developing._record(store, photo.id, developed, prints, NOW)

    assert status == PhotoStatus.REMOVED
    assert kept(store) == []


def test_what_nobody_developed_is_taken_up_again(
    session: Session, store: Store, home: Cooperative
) -> None:
    send(store, announce(session, home, FILE))
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    ready = announce(session, home, FILE)
    keep(store, ready, FILE)

    assert developing.take_up_received(session) == 1
    assert developing.take_up_received(session) == 1
    assert notes(session, "photo.received") == 2, "one note a photo, however often it is looked"


def test_a_store_that_gives_no_answer_loses_nothing(
    session: Session, home: Cooperative, store: Store
) -> None:
    away = Store("file:///dev/null/photos")
    photo = announce(session, home, FILE)

    with pytest.raises(StoreUnavailable):
        send(away, photo)
    session.refresh(photo)
    assert photo.status == PhotoStatus.AWAITED

    send(store, photo)
    session.refresh(photo)
    assert photo.status == PhotoStatus.RECEIVED


def test_an_original_that_was_lost_is_said_so(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = announce(session, home, FILE)
    send(store, photo)
    session.refresh(photo)
    store.delete([photo.original_key or ""])

    developing.develop_photo(store, photo_id=photo.id, now=NOW)

    session.refresh(photo)
    assert (photo.status, photo.refusal) == (PhotoStatus.REFUSED, "lost")
    with pytest.raises(NotStored):
        store.read("00/nothing")
