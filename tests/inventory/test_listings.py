"""Only accepted pieces are offered; what is available is counted, never typed."""

import pytest

from core.actors import system
from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import catalogue, listings, stock
from inventory.catalogue import CatalogueFilter
from inventory.models import PieceStatus
from tests.support.make import (
    NOW,
    accept,
    house,
    make_consent,
    make_cooperative,
    make_design,
    make_listing,
    make_maker,
    make_piece,
    make_pieces,
)


def change(session, listing, cooperative, **given):
    values = {"version": listing.version} | given
    return listings.change_listing(
        session, listing_id=listing.id, actor=house(cooperative), now=NOW, **values
    )


def browse(session, limit=24, after=None, **wanted):
    return catalogue.browse(session, wanted=CatalogueFilter(**wanted), limit=limit, after=after)


def only_of(session, cooperative):
    """A technique nobody else uses, so that a page holds only this test's rows."""
    return {"design": make_design(session, cooperative, technique=f"t-{cooperative.slug}")}


def test_a_piece_that_was_not_accepted_cannot_be_offered(session):
    cooperative = make_cooperative(session)
    piece = make_piece(session, cooperative)

    with pytest.raises(listings.PieceNotListable):
        make_listing(session, cooperative, [piece])


def test_a_piece_stands_behind_one_listing(session):
    cooperative = make_cooperative(session)
    piece = accept(make_piece(session, cooperative))
    make_listing(session, cooperative, [piece], status="draft")

    with pytest.raises(listings.PieceNotListable):
        make_listing(session, cooperative, [piece])


def test_a_piece_of_another_design_does_not_fit(session):
    cooperative = make_cooperative(session)
    pieces = [accept(make_piece(session, cooperative)) for _ in range(2)]
    session.flush()

    with pytest.raises(listings.PieceNotListable):
        make_listing(session, cooperative, pieces)


def test_publishing_lists_the_pieces_and_taking_down_gives_them_back(session):
    cooperative = make_cooperative(session)
    piece = accept(make_piece(session, cooperative))
    listing = make_listing(session, cooperative, [piece], status="draft")
    assert piece.status == PieceStatus.ACCEPTED

    change(session, listing, cooperative, status="published")
    assert piece.status == PieceStatus.LISTED

    change(session, listing, cooperative, status="withdrawn")
    assert piece.status == PieceStatus.ACCEPTED
    with pytest.raises(NotFound):
        catalogue.show(session, listing.slug)


def test_a_listing_without_a_piece_is_not_published(session):
    cooperative = make_cooperative(session)
    piece = accept(make_piece(session, cooperative))
    listing = make_listing(session, cooperative, [piece], status="draft")
    change(session, listing, cooperative, remove_pieces=[piece.id])

    with pytest.raises(listings.ListingIncomplete):
        change(session, listing, cooperative, status="published")


def test_a_change_of_what_somebody_else_changed_is_refused(session):
    cooperative = make_cooperative(session)
    listing = make_listing(session, cooperative)
    change(session, listing, cooperative, title={"en": "New"})

    with pytest.raises(listings.ListingChanged) as refusal:
        change(session, listing, cooperative, version=1, title={"en": "Late"})

    assert refusal.value.details == {"version": 2}
    assert listing.title == {"en": "New"}


def test_a_partial_change_clears_nothing(session):
    cooperative = make_cooperative(session)
    listing = make_listing(session, cooperative)

    change(session, listing, cooperative, prices={"EUR": 4000, "USD": 4600})

    assert {row.currency: row.amount_minor for row in listing.prices} == {"EUR": 4000, "USD": 4600}
    assert listing.title["en"] == "A runner"
    assert len(listing.photos) == 1


def test_a_held_piece_cannot_be_taken_from_its_listing(session):
    cooperative = make_cooperative(session)
    listing = make_listing(session, cooperative)
    piece = listing.entries[0].piece
    hold(session, piece)

    with pytest.raises(listings.PieceNotListable):
        change(session, listing, cooperative, remove_pieces=[piece.id])
    with pytest.raises(Invalid):
        change(session, listing, cooperative, remove_pieces=[new_id()])


def hold(session, piece):
    stock.reserve(
        session, [piece.id], order_id=new_id(), expires_at=NOW, actor=system("t"), now=NOW
    )


def test_availability_is_the_number_of_pieces_nobody_holds(session):
    cooperative = make_cooperative(session)
    own = only_of(session, cooperative)
    listing = make_listing(session, cooperative, count=3, **own)
    hold(session, listing.entries[0].piece)

    (row,) = browse(session, technique=own["design"].technique)

    assert row.available == 2
    assert len(catalogue.show(session, listing.slug).available) == 2


def test_the_catalogue_pages_through_every_listing_once_in_each_order(session):
    cooperative = make_cooperative(session)
    own = only_of(session, cooperative)
    technique = own["design"].technique
    for price in (300, 100, 300, 200, 100):
        make_listing(session, cooperative, prices={"USD": price}, **own)

    for sort in ("newest", "price_asc", "price_desc"):
        seen, after = [], None
        while page := browse(
            session, limit=2, after=after, technique=technique, currency="USD", sort=sort
        ):
            seen += page
            after = (page[-1].sort_price, page[-1].id)
        prices = [row.sort_price for row in seen]
        assert len({row.id for row in seen}) == 5
        if sort != "newest":
            assert prices == sorted(prices, reverse=sort == "price_desc")


def test_prices_are_compared_in_one_named_currency(session):
    cooperative = make_cooperative(session)
    own = only_of(session, cooperative)
    make_listing(session, cooperative, prices={"USD": 4500, "PEN": 16000}, **own)

    technique = own["design"].technique
    assert browse(session, technique=technique, currency="USD", min_price=4500, max_price=4500)
    assert not browse(session, technique=technique, currency="USD", min_price=4501)
    assert not browse(session, technique=technique, currency="EUR")
    with pytest.raises(Invalid):
        browse(session, min_price=1)
    with pytest.raises(Invalid):
        browse(session, sort="price_asc")


def test_a_maker_is_found_by_her_work_only_while_she_allows_it(session):
    cooperative = make_cooperative(session)
    maker = make_maker(session, cooperative)
    pieces = make_pieces(session, cooperative, weights=[(maker, "weave", 1)])
    make_listing(session, cooperative, [accept(piece) for piece in pieces])

    assert not browse(session, maker=maker.id)
    make_consent(session, maker)
    assert len(browse(session, maker=maker.id)) == 1


def test_a_listing_shows_its_makers_fibres_and_measures(session):
    cooperative = make_cooperative(session)
    maker = make_maker(session, cooperative)
    make_consent(session, maker)
    silent = make_maker(session, cooperative)
    weights = [(maker, "weave", 2), (silent, "spin", 1)]
    listing = make_listing(session, cooperative, weights=weights)

    detail = catalogue.show(session, listing.slug)

    assert {shown.public_name for shown in detail.makers} == {maker.public_name, None}
    assert [fibre.fibre for fibre in detail.fibres] == ["sheep_wool"]
    assert [measure.name for measure in detail.measures] == ["length", "weight"]


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Lliklla roja — ñawi awapa", "lliklla-roja-nawi-awapa"),
        ("  ", ""),
        ("¡Ch'uspa!", "ch-uspa"),
    ],
)
def test_words_become_an_address(words, slug):
    assert listings.slugify(words) == slug
