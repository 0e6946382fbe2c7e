"""Publishing: nobody is seen by the world who does not consent to it, and not one moment longer."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.errors import NotFound
from people.consents import revoke_consent
from people.models import Cooperative
from people.permissions import ScopeMissing
from photos import publishing, removal
from photos.models import Photo, Publication, PublicationStatus
from photos.publishing import PhotoChanged, PhotoNotPublishable, PhotoNotPublished
from photos.shown import PhotoGone, read_picture, shown_of, shown_photos
from photos.storage import Store
from photos.subjects import SubjectKind
from tests.conftest import Committed
from tests.support.make import (
    NOW,
    acting,
    house,
    make_consent,
    make_cooperative,
    make_maker,
    make_staff,
)
from tests.support.photos import a_file, announce, make_photo
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def home(session: Session) -> Cooperative:
    return make_cooperative(session)


def publish(session: Session, home: Cooperative, photo: Photo) -> Publication:
    return publishing.publish_photo(session, photo_id=photo.id, actor=house(home), now=NOW)


def seen(session: Session, store: Store, name: str) -> bytes:
    """What the world gets under one address."""
    return read_picture(session, store, public_name=name, print_name="small.webp").contents


def test_a_photo_of_a_thing_is_public_under_an_address_of_its_own(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = make_photo(session, home)
    assert shown_photos(session, [photo.id]) == {}

    publication = publish(session, home, photo)

    assert publish(session, home, photo) is publication, "twice is once"
    shown = shown_photos(session, [photo.id])[photo.id]
    assert (shown.public_name, shown.alt) == (publication.public_name, photo.alt)
    picture = read_picture(
        session, store, public_name=publication.public_name, print_name="large.webp"
    )
    assert picture.contents[8:12] == b"WEBP"
    assert not picture.shows_somebody


def test_addresses_are_never_the_same_and_never_come_back(
    session: Session, store: Store, home: Cooperative
) -> None:
    contents = a_file()
    one, twin = (make_photo(session, home, contents=contents) for _ in range(2))
    names = {publish(session, home, photo).public_name for photo in (one, twin)}
    first = publishing.open_publication(session, one.id)
    assert first is not None

    publishing.withdraw_photo(session, photo_id=one.id, reason="no", actor=house(home), now=NOW)
    names.add(publish(session, home, one).public_name)

    assert len(names) == 3
    with pytest.raises(PhotoGone):
        seen(session, store, first.public_name)


def test_whoever_is_seen_consents_to_photos_and_to_nothing_less(
    session: Session, home: Cooperative
) -> None:
    sabina, other = make_maker(session, home), make_maker(session, home)
    photo = make_photo(session, home, shows=[sabina, other])
    make_consent(session, sabina, "photo")
    make_consent(session, other, "public_profile")

    with pytest.raises(PhotoNotPublishable) as refused:
        publish(session, home, photo)
    assert refused.value.details["why"] == "no_consent"
    assert refused.value.details["maker_ids"] == [str(other.id)]

    make_consent(session, other, "photo")
    publish(session, home, photo)


def test_a_consent_that_is_taken_back_ends_what_rests_on_it_and_nothing_else(
    session: Session, store: Store, home: Cooperative
) -> None:
    sabina, other = make_maker(session, home), make_maker(session, home)
    hers, theirs = make_consent(session, sabina, "photo"), make_consent(session, other, "photo")
    both = make_photo(session, home, shows=[sabina, other])
    alone = make_photo(session, home, shows=[other])
    gone, stays = publish(session, home, both), publish(session, home, alone)

    revoke_consent(session, consent_id=hers.id, reason="no", actor=house(home), now=NOW)

    assert set(shown_photos(session, [both.id, alone.id])) == {alone.id}
    with pytest.raises(PhotoGone):
        seen(session, store, gone.public_name)
    assert seen(session, store, stays.public_name)

    make_consent(session, sabina, "photo")
    with pytest.raises(PhotoGone):
        seen(session, store, gone.public_name)
    anew = publish(session, home, both)
    assert anew.public_name != gone.public_name
    assert gone.status == PublicationStatus.WITHDRAWN
    assert seen(session, store, anew.public_name)
    assert theirs.revocation is None


def test_other_consents_may_come_and_go(session: Session, home: Cooperative) -> None:
    maker = make_maker(session, home)
    make_consent(session, maker, "photo")
    profile = make_consent(session, maker, "public_profile")
    photo = make_photo(session, home, shows=[maker])
    publish(session, home, photo)

    revoke_consent(session, consent_id=profile.id, reason="no", actor=house(home), now=NOW)

    assert photo.id in shown_photos(session, [photo.id])


IN_THE_WAY: dict[str, Callable[[Session, Cooperative], Photo]] = {
    "not_ready": lambda session, home: announce(session, home, a_file()),
    "evidence": lambda session, home: make_photo(session, home, subject_kind="receipt"),
    "others_shown": lambda session, home: make_photo(session, home, others_shown=True),
    "no_words": lambda session, home: make_photo(session, home, alt={}),
}


@pytest.mark.parametrize("why", IN_THE_WAY)
def test_what_cannot_be_public_is_refused_with_a_word(
    why: str, session: Session, home: Cooperative
) -> None:
    with pytest.raises(PhotoNotPublishable) as refused:
        publish(session, home, IN_THE_WAY[why](session, home))

    assert refused.value.details["why"] == why


def test_naming_somebody_else_on_it_takes_it_out_of_view(
    session: Session, store: Store, home: Cooperative
) -> None:
    """She was not asked for this publication, even where she consents to photos."""
    maker = make_maker(session, home)
    make_consent(session, maker, "photo")
    photo = make_photo(session, home)
    publication = publish(session, home, photo)

    def describe(**given: object) -> None:
        publishing.describe_photo(
            session,
            photo_id=photo.id,
            version=photo.version,
            actor=house(home),
            now=NOW,
            **given,  # type: ignore[arg-type]
        )

    describe(alt={"qu": "Puka"})
    assert shown_photos(session, [photo.id])[photo.id].alt == {"qu": "Puka"}
    describe(maker_ids=[maker.id])
    with pytest.raises(PhotoGone):
        seen(session, store, publication.public_name)
    publish(session, home, photo)
    describe(others_shown=True)
    assert shown_photos(session, [photo.id]) == {}


def test_nobody_overwrites_what_she_has_not_read(session: Session, home: Cooperative) -> None:
    photo = make_photo(session, home)

    with pytest.raises(PhotoChanged):
        publishing.describe_photo(
            session, photo_id=photo.id, version=2, alt={"en": "x"}, actor=house(home), now=NOW
        )


def test_a_removed_photo_is_out_of_view_at_once(
    session: Session, store: Store, home: Cooperative
) -> None:
    photo = make_photo(session, home)
    publication = publish(session, home, photo)

    removal.remove_photo(session, photo_id=photo.id, reason="no", actor=house(home), now=NOW)

    with pytest.raises(PhotoGone):
        seen(session, store, publication.public_name)


def test_only_who_has_the_scope_makes_public_or_hides(session: Session, home: Cooperative) -> None:
    lead = acting(make_staff(session, home, "quality_lead"))
    photo = make_photo(session, home)

    for do in (publishing.withdraw_photo, removal.remove_photo):
        with pytest.raises(ScopeMissing):
            do(session, photo_id=photo.id, reason="no", actor=lead, now=NOW)
    with pytest.raises(ScopeMissing):
        publishing.publish_photo(session, photo_id=photo.id, actor=lead, now=NOW)
    with pytest.raises(PhotoNotPublished):
        publishing.withdraw_photo(
            session, photo_id=photo.id, reason="no", actor=house(home), now=NOW
        )


def test_photos_of_a_thing_are_those_of_its_own_cooperative(
    session: Session, home: Cooperative
) -> None:
    """Ids are made on phones: another co-operative may name any piece as its subject."""
    stranger = make_cooperative(session)
    ours = make_photo(session, home)
    theirs = make_photo(session, stranger, subject_id=ours.subject_id)
    for cooperative, photo in ((home, ours), (stranger, theirs)):
        publish(session, cooperative, photo)

    found = shown_of(
        session, kind=SubjectKind.PIECE, subject_id=ours.subject_id, cooperative_id=home.id
    )

    assert [one.photo_id for one in found] == [ours.id]


def test_an_address_nobody_gave_out_shows_nothing(session: Session, store: Store) -> None:
    with pytest.raises(NotFound):
        seen(session, store, "0" * 40)
    with pytest.raises(NotFound):
        read_picture(session, store, public_name="0" * 40, print_name="original")


def test_the_database_keeps_one_address_open_and_its_grounds_for_good(
    session: Session, home: Cooperative
) -> None:
    maker = make_maker(session, home)
    make_consent(session, maker, "photo")
    publish(session, home, make_photo(session, home, shows=[maker]))

    copied = (
        "INSERT INTO photo_publications (id, cooperative_id, photo_id, public_name, status,"
        " published_at, published_by) SELECT gen_random_uuid(), cooperative_id, photo_id,"
        " repeat('a', 40), 'open', published_at, published_by FROM photo_publications"
    )
    for forbidden in (copied, "DELETE FROM photo_publication_consents"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(forbidden))


@pytest.mark.slow
def test_two_who_publish_at_once_make_one_publication(committed: Committed, store: Store) -> None:
    with committed() as first:
        home = make_cooperative(first)
        photo = make_photo(first, home)
        first.commit()

        def second() -> str:
            with committed() as other:
                return publish(other, home, photo).public_name

        name = publish(first, home, photo).public_name

        assert commit_while_blocked(first, second) == name
