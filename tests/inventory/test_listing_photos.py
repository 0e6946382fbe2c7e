"""Photos of ours on listings: public with the listing, gone with the consent, nothing breaks."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.errors import NotFound
from inventory import catalogue, listings
from inventory.listing_models import Listing
from people.consents import revoke_consent
from people.models import Cooperative
from people.permissions import ScopeMissing
from photos import removal
from photos.models import Photo
from photos.publishing import PhotoNotPublishable
from photos.shown import shown_photos
from photos.storage import Store, use_store
from tests.support.make import (
    NOW,
    house,
    make_consent,
    make_cooperative,
    make_listing,
    make_maker,
)
from tests.support.photos import a_file, announce, make_photo

ELSEWHERE = {"url": "https://photos.test/other.jpg", "alt": {"en": "Another one"}}


@pytest.fixture
def home(session: Session, tmp_path: Any) -> Cooperative:
    kept = Store(tmp_path.as_uri())
    use_store(lambda: kept)
    return make_cooperative(session)


def show(session: Session, home: Cooperative, listing: Listing, *photos: Any) -> Listing:
    wanted = [{"photo_id": one.id} if isinstance(one, Photo) else one for one in photos]
    changed = listings.change_listing(
        session,
        listing_id=listing.id,
        version=listing.version,
        photos=wanted,
        actor=house(home),
        now=NOW,
    )
    session.expire(changed, ["photos"])
    return changed


def first_of(session: Session, listing: Listing) -> dict[str, Any] | None:
    """The photo of a listing on the page of the catalogue."""
    rows = catalogue.browse(session, wanted=catalogue.CatalogueFilter(), limit=100)
    (row,) = [row for row in rows if row.id == listing.id]
    return row.photo


def test_a_photo_becomes_public_with_its_listing(session: Session, home: Cooperative) -> None:
    listing = make_listing(session, home, status="draft")
    photo = make_photo(session, home)
    show(session, home, listing, photo)
    assert shown_photos(session, [photo.id]) == {}

    listings.change_listing(
        session,
        listing_id=listing.id,
        version=listing.version,
        status="published",
        actor=house(home),
        now=NOW,
    )

    shown = shown_photos(session, [photo.id])[photo.id]
    (offered,) = catalogue.show(session, listing.slug).photos
    assert (offered.shown, offered.alt) == (shown, photo.alt)
    first = first_of(session, listing)
    assert first is not None
    assert first["shown"]["public_name"] == shown.public_name


def test_a_photo_that_cannot_be_public_holds_its_listing_back(
    session: Session, home: Cooperative
) -> None:
    listing = make_listing(session, home)

    for photo in (
        announce(session, home, a_file()),
        make_photo(session, home, shows=[make_maker(session, home)]),
    ):
        with pytest.raises(PhotoNotPublishable), session.begin_nested():
            show(session, home, listing, photo)
        session.refresh(listing)


def test_a_revoked_consent_takes_the_photo_off_the_page_and_leaves_the_others(
    session: Session, home: Cooperative
) -> None:
    maker = make_maker(session, home)
    consent = make_consent(session, maker, "photo")
    hers, stays = make_photo(session, home, shows=[maker]), make_photo(session, home)
    listing = show(session, home, make_listing(session, home), hers, ELSEWHERE, stays)
    assert len(catalogue.show(session, listing.slug).photos) == 3

    revoke_consent(session, consent_id=consent.id, reason="no", actor=house(home), now=NOW)

    left = catalogue.show(session, listing.slug).photos
    assert [one.row.photo_id or one.row.url for one in left] == [ELSEWHERE["url"], stays.id]
    first = first_of(session, listing)
    assert first is not None
    assert first["url"] == ELSEWHERE["url"]


def test_a_removed_photo_does_not_break_the_page(session: Session, home: Cooperative) -> None:
    photo = make_photo(session, home)
    listing = show(session, home, make_listing(session, home), photo)

    removal.remove_photo(session, photo_id=photo.id, reason="no", actor=house(home), now=NOW)

    assert catalogue.show(session, listing.slug).photos == []
    assert first_of(session, listing) is None


def test_a_listing_shows_no_photo_of_somebody_else(session: Session, home: Cooperative) -> None:
    theirs = make_photo(session, make_cooperative(session))

    with pytest.raises(NotFound):
        show(session, home, make_listing(session, home), theirs)


def test_who_may_not_publish_photos_lists_only_those_that_are_public(
    session: Session, home: Cooperative
) -> None:
    listing = make_listing(session, home)
    new, known = make_photo(session, home), make_photo(session, home)
    show(session, home, listing, known)
    partner = house(home)
    narrow = type(partner)(partner.kind, partner.id, home.id, frozenset({"listings:write"}))

    def list_it(photo: Photo) -> None:
        listings.change_listing(
            session,
            listing_id=listing.id,
            version=listing.version,
            photos=[{"photo_id": photo.id}],
            actor=narrow,
            now=NOW,
        )

    with pytest.raises(ScopeMissing), session.begin_nested():
        list_it(new)
    session.refresh(listing)
    list_it(known)


def test_a_listing_may_say_it_in_words_of_its_own(session: Session, home: Cooperative) -> None:
    photo = make_photo(session, home)
    words = {"qu": "Puka llikllacha"}
    listing = show(session, home, make_listing(session, home), {"photo_id": photo.id, "alt": words})

    (offered,) = catalogue.show(session, listing.slug).photos

    assert offered.alt == words
