"""A room is counted; what differs becomes movements, with a second person's consent if need be."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import locations, moving, stock, stocktake_differences, stocktakes
from inventory.models import LocationKind, Piece, PieceStatus
from inventory.stock_rules import rules_at, set_rules
from inventory.stocktake_ending import (
    ApproverNeeded,
    NotAwaitingApproval,
    SecondPersonNeeded,
)
from inventory.stocktake_models import Stocktake, StocktakeDifference
from inventory.stocktakes import Scan, StocktakeClosed, StocktakeIdTaken, StocktakeOpen
from tests.inventory.keeping import LATER, StockRoom, make_stock_room
from tests.orders.buying import place
from tests.support.make import NOW, house, pay_on_acceptance
from tests.support.races import commit_while_blocked

HOUR = timedelta(hours=1)
BOUGHT = pay_on_acceptance(10000)


@pytest.fixture
def room(session):
    made = make_stock_room(session)
    made.allow(15000)
    return made


def differences(room, stocktake):
    rows = stocktake_differences.written(room.session, stocktake, limit=100)
    return {row.piece_id: (row.kind, row.outcome) for row in rows}


def decide(room, stocktake_id, *, by=None, yes=True):
    verdict = stocktakes.approve_stocktake if yes else stocktakes.refuse_stocktake
    return verdict(
        room.session,
        stocktake_id=stocktake_id,
        reason="looked for it myself",
        actor=by or room.second,
        now=LATER + 3 * HOUR,
    )


def test_a_count_that_agrees_changes_nothing(room):
    pieces = room.pieces(3)
    counting = room.count()
    room.see(counting, *pieces)

    stocktake = room.close(counting)

    assert (stocktake.status, stocktake.missing_minor) == ("done", 0)
    assert differences(room, stocktake) == {}
    assert all(len(stock.movements_of(room.session, piece.id)) == 1 for piece in pieces)


def test_missing_is_lost_misplaced_is_moved_lost_is_found(room):
    here, missing = room.pieces(2, agreement=BOUGHT)
    (elsewhere,), (found,), (carried,) = room.pieces(at=room.shop), room.pieces(), room.pieces()
    room.report(found, "lost", happened_at=NOW)
    room.send([carried], now=NOW)
    counting = room.count()
    room.see(counting, here, elsewhere, found, carried)

    stocktake = room.close(counting)

    assert stocktake.status == "done"
    assert differences(room, stocktake) == {
        missing.id: ("missing", "applied"),
        elsewhere.id: ("misplaced", "applied"),
        carried.id: ("misplaced", "applied"),
        found.id: ("found", "applied"),
    }
    assert room.standing(here, missing, elsewhere, found, carried) == [
        ("village", "accepted"),
        ("lost", "lost"),
        ("village", "accepted"),
        ("village", "inspecting"),
        ("village", "accepted"),
    ]
    last = stock.movements_of(room.session, missing.id)[-1]
    assert last.reason == f"not seen in stocktake {stocktake.id}"
    assert room.amiss() == []


def test_scans_come_in_bursts_from_two_phones_twice_and_in_any_order(room):
    first, second, third = room.pieces(3)
    counting = room.count()
    scans = [Scan(new_id(), piece.tag, LATER) for piece in (first, second, third)]
    adding = {"stocktake_id": counting, "actor": room.keeper, "now": LATER}

    one = stocktakes.add_counts(room.session, scans=scans[1:], **adding)
    stocktakes.add_counts(room.session, scans=scans[:2], **adding)
    again = stocktakes.add_counts(room.session, scans=scans[1:], **adding)

    assert [row.again for row in one] == [False, False]
    assert [row.again for row in again] == [True, True]
    assert stocktakes.tallies(room.session, [counting])[counting].seen == 3
    assert differences(room, room.close(counting)) == {}


def test_an_id_that_stands_for_another_scan_is_said_to_be_taken(room):
    first, second = room.pieces(2)
    counting, scan_id = room.count(), new_id()
    adding = {"stocktake_id": counting, "actor": room.keeper, "now": LATER}
    stocktakes.add_counts(room.session, scans=[Scan(scan_id, first.tag, LATER)], **adding)

    (row,) = stocktakes.add_counts(room.session, scans=[Scan(scan_id, second.tag, LATER)], **adding)

    assert (row.taken, row.again, row.piece_id) == (True, False, None)
    with pytest.raises(Invalid):
        stocktakes.add_counts(room.session, scans=[Scan(scan_id, first.tag, LATER)] * 2, **adding)


def test_tags_are_read_however_typed_and_what_nobody_can_read_is_kept(room):
    (piece,) = room.pieces()
    stranger = make_stock_room(room.session).pieces()[0]
    counting = room.count()
    code = piece.tag.replace("-", "")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")

    typed = [code.lower(), f"https://pallay.test/p/{piece.tag}", wrong, "", stranger.tag, "???"]
    rows = room.see(counting, *typed)

    assert [row.sight for row in rows] == [
        "seen",
        "seen",
        "unknown",
        "unreadable",
        "unknown",
        "unknown",
    ]
    tally = stocktakes.tallies(room.session, [counting])[counting]
    assert (tally.seen, tally.strange) == (1, 4)
    kept = stocktakes.counts_of(
        room.session, stocktake_id=counting, actor=room.keeper, limit=9, sight="unknown"
    )
    assert {row.tag for row in kept} == {wrong, stranger.tag, "???"}


def test_what_is_sold_moved_or_brought_in_while_people_count_is_not_missing(room):
    handed_over, moved, counted_then_sold = room.listed(3)
    counting = room.count()
    room.see(counting, counted_then_sold)
    soon = LATER + timedelta(minutes=10)
    for piece in (handed_over, counted_then_sold):
        order = place(room.session, {"piece_id": piece.id}, now=soon)
        stock.sell(room.session, order.id, actor=room.keeper, now=soon)
        stock.hand_over(
            room.session, [piece.id], order_number=order.number, actor=room.keeper, now=soon
        )
    room.send([moved], now=soon)
    (brought_in,) = room.pieces(at=room.shop)
    moving.move_piece(
        room.session,
        piece_id=brought_in.id,
        destination_id=room.village.id,
        reason="from the shop",
        actor=room.keeper,
        now=soon,
    )

    stocktake = room.close(counting)

    assert (stocktake.status, differences(room, stocktake)) == ("done", {})
    assert [place for place, _ in room.standing(handed_over, moved, brought_in)] == [
        "buyers",
        "transit",
        "village",
    ]


def test_a_scan_older_than_the_books_does_not_call_a_piece_back(room):
    (piece,) = room.pieces(at=room.shop)
    counting = room.count(room.village, opened_at=NOW + timedelta(minutes=1))
    room.see(counting, piece, at=NOW + timedelta(minutes=2))
    third = locations.add_location(
        room.session, code="third", name="T", kind="store", actor=house(room.home), now=NOW
    )
    moving.move_piece(
        room.session,
        piece_id=piece.id,
        destination_id=third.id,
        reason="seen there since",
        actor=room.keeper,
        now=LATER,
    )

    assert differences(room, room.close(counting)) == {}
    assert room.place(piece) == "third"


def test_a_piece_counted_in_two_rooms_is_where_it_was_seen_last(room):
    (piece,) = room.pieces()
    village, shop = room.count(), room.count(room.shop)
    room.see(village, piece, at=LATER + timedelta(minutes=1))
    room.see(shop, piece, at=LATER + timedelta(minutes=9))

    for counting in (shop, village):
        room.close(counting)

    assert room.place(piece) == "shop"


def test_what_is_seen_in_another_room_is_not_lost_from_this_one(room):
    (piece,) = room.pieces(agreement=BOUGHT)
    village, shop = room.count(), room.count(room.shop)
    room.see(shop, piece, at=LATER + timedelta(minutes=9))

    assert differences(room, room.close(village)) == {}
    room.close(shop)

    assert room.standing(piece) == [("shop", "accepted")]


def test_a_piece_a_buyer_was_promised_is_never_lost_by_a_count(room):
    held, sold = room.listed(2)
    place(room.session, {"piece_id": held.id}, now=LATER)
    order = place(room.session, {"piece_id": sold.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)
    counting = room.count()

    stocktake = room.close(counting)

    assert stocktake.status == "done", "nothing is lost, so nobody has to agree"
    assert set(differences(room, stocktake).values()) == {("promised", "left_to_people")}
    assert room.standing(held, sold) == [("village", "held"), ("village", "sold")]


def test_a_piece_that_is_with_a_buyer_by_the_books_is_left_to_people(room):
    (piece,) = room.listed()
    order = place(room.session, {"piece_id": piece.id}, now=NOW)
    stock.sell(room.session, order.id, actor=room.keeper, now=NOW)
    stock.hand_over(room.session, [piece.id], order_number=order.number, actor=room.keeper, now=NOW)
    counting = room.count()
    room.see(counting, piece)

    stocktake = room.close(counting)

    assert differences(room, stocktake) == {piece.id: ("elsewhere", "left_to_people")}
    assert room.place(piece) == "buyers"


@pytest.mark.parametrize(
    ("missing", "agreement", "status"),
    [
        (1, BOUGHT, "done"),
        (2, BOUGHT, "awaiting_approval"),
        (1, pay_on_acceptance(15000), "done"),
        (1, pay_on_acceptance(15001), "awaiting_approval"),
        (1, pay_on_acceptance(100, "USD"), "awaiting_approval"),
        (1, None, "awaiting_approval"),
    ],
    ids=["below", "above", "just", "just above", "other currency", "no value"],
)
def test_above_a_value_a_second_person_agrees_first(room, missing, agreement, status):
    pieces = room.pieces(missing, agreement=agreement)

    stocktake = room.close(room.count())

    assert stocktake.status == status
    places = {place for place, _ in room.standing(*pieces)}
    assert places == ({"lost"} if status == "done" else {"village"})


def test_a_piece_without_an_agreed_price_is_worth_what_it_is_offered_for(room):
    (piece,) = room.listed()

    stocktake = room.close(room.count())

    assert (stocktake.missing_minor, stocktake.unvalued) == (16000, 0)
    assert stocktake.status == "awaiting_approval"
    assert room.place(piece) == "village"


def test_without_rules_somebody_always_has_to_agree(session):
    room = make_stock_room(session)
    room.pieces(agreement=BOUGHT)

    stocktake = room.close(room.count())

    assert (stocktake.status, stocktake.rules_version) == ("awaiting_approval", None)


def test_the_rules_are_those_of_the_day(room):
    room.pieces(agreement=BOUGHT)
    set_rules(
        room.session,
        approval_above_minor=0,
        currency="PEN",
        age_steps=[],
        reason="stricter from tomorrow",
        actor=room.second,
        now=LATER + 9 * HOUR,
    )

    assert room.close(room.count()).rules_version == 1
    home = room.home.id
    newest = rules_at(room.session, cooperative_id=home, at=LATER + 9 * HOUR)
    assert newest is not None
    assert newest.version == 2
    assert rules_at(room.session, cooperative_id=home, at=NOW - HOUR) is None


def test_whoever_closed_it_does_not_agree_to_it_herself(room):
    (piece,) = room.pieces(agreement=pay_on_acceptance(90000))
    stocktake = room.close(room.count())

    with pytest.raises(SecondPersonNeeded):
        decide(room, stocktake.id, by=room.keeper)
    with pytest.raises(ApproverNeeded):
        decide(room, stocktake.id, by=house(room.home))
    decide(room, stocktake.id)

    assert stocktake.status == "done"
    assert room.standing(piece) == [("lost", "lost")]
    with pytest.raises(NotAwaitingApproval):
        decide(room, stocktake.id)


def test_what_is_not_agreed_to_changes_nothing_and_the_room_can_be_counted_anew(room):
    (piece,) = room.pieces(agreement=pay_on_acceptance(90000))
    stocktake = room.close(room.count())

    decide(room, stocktake.id, yes=False)

    assert stocktake.status == "refused"
    assert room.standing(piece) == [("village", "accepted")]
    room.count()


def test_what_happened_before_the_approval_is_not_undone_by_it(room):
    sold, late_seen, promised, lost = room.listed(4)
    stocktake = room.close(room.count())
    assert stocktake.status == "awaiting_approval"
    soon = LATER + 2 * HOUR
    order = place(room.session, {"piece_id": sold.id}, now=soon)
    stock.sell(room.session, order.id, actor=room.keeper, now=soon)
    stock.hand_over(room.session, [sold.id], order_number=order.number, actor=room.keeper, now=soon)
    place(room.session, {"piece_id": promised.id}, now=soon)
    room.see(stocktake.id, late_seen, now=soon)

    decide(room, stocktake.id)

    assert differences(room, stocktake) == {
        sold.id: ("missing", "overtaken"),
        late_seen.id: ("missing", "overtaken"),
        promised.id: ("promised", "left_to_people"),
        lost.id: ("missing", "applied"),
    }
    assert room.standing(sold, late_seen, promised, lost) == [
        ("buyers", "handed_over"),
        ("village", "listed"),
        ("village", "held"),
        ("lost", "lost"),
    ]


def test_a_burst_that_comes_after_the_end_brings_back_what_was_lost_for_want_of_it(room):
    seen, unseen = room.pieces(2, agreement=pay_on_acceptance(5000))
    counting = room.count()
    room.close(counting)
    assert {status for _, status in room.standing(seen, unseen)} == {"lost"}

    rows = room.see(counting, seen, at=LATER, now=LATER + 5 * HOUR)

    assert [row.sight for row in rows] == ["seen"]
    assert room.standing(seen, unseen) == [("village", "inspecting"), ("lost", "lost")]
    assert room.amiss() == []


def test_one_room_is_counted_by_one_stocktake_at_a_time(room):
    counting = room.count()

    with pytest.raises(StocktakeOpen) as refusal:
        room.count()

    assert refusal.value.details == {"stocktake": str(counting)}
    room.count(room.shop)


def test_a_stocktake_opened_again_by_the_same_phone_is_the_same(room):
    given = {
        "stocktake_id": new_id(),
        "location_id": room.village.id,
        "opened_at": LATER,
        "note": "",
        "actor": room.keeper,
        "now": LATER,
    }
    first, new = stocktakes.open_stocktake(room.session, request_hash="h", **given)
    room.close(first.id)

    again, anew = stocktakes.open_stocktake(room.session, request_hash="h", **given)

    assert (new, anew, again.id, again.status) == (True, False, first.id, "done")
    with pytest.raises(StocktakeIdTaken):
        stocktakes.open_stocktake(room.session, request_hash="other", **given)


def test_a_stocktake_closes_once_and_a_cancelled_one_changes_nothing(room):
    (piece,) = room.pieces(agreement=BOUGHT)
    cancelled = room.count()
    stocktakes.cancel_stocktake(
        room.session, stocktake_id=cancelled, reason="rain", actor=room.keeper, now=LATER
    )
    with pytest.raises(StocktakeClosed):
        room.close(cancelled)
    assert room.place(piece) == "village"

    room.see(cancelled, piece)
    counting = room.count()
    assert differences(room, room.close(counting)) == {piece.id: ("missing", "applied")}
    with pytest.raises(StocktakeClosed):
        room.close(counting)


def test_the_differences_can_be_looked_at_before_closing(room):
    here, missing = room.pieces(2, agreement=BOUGHT)
    counting = room.count()
    room.see(counting, here)
    stocktake = stocktakes.get_stocktake(room.session, counting, actor=room.keeper)

    (one,) = stocktake_differences.find(room.session, stocktake, currency="PEN")

    assert (one.piece_id, one.kind, one.value_minor) == (missing.id, "missing", 10000)
    assert room.place(missing) == "village"


def test_a_room_that_is_closed_is_counted_but_takes_nothing_in(room):
    missing, elsewhere = (
        room.pieces(agreement=BOUGHT)[0],
        room.pieces(at=room.shop)[0],
    )
    locations.close_location(
        room.session, location_id=room.village.id, reason="rent", actor=room.keeper, now=LATER
    )
    counting = room.count()
    room.see(counting, elsewhere)

    stocktake = room.close(counting)

    assert differences(room, stocktake) == {
        missing.id: ("missing", "applied"),
        elsewhere.id: ("misplaced", "left_to_people"),
    }


def test_only_a_room_is_counted_and_only_by_its_own(room):
    lost = locations.outside(room.session, room.home.id, LocationKind.LOST)
    with pytest.raises(Invalid):
        room.count(lost)
    stranger = make_stock_room(room.session)
    counting = room.count()
    with pytest.raises(NotFound):
        stocktakes.lock_stocktake(room.session, counting, actor=stranger.keeper)


def open_room(committed) -> StockRoom:
    with committed() as arranging:
        room = make_stock_room(arranging)
        room.allow(99999)
        return room


def test_a_sale_that_was_first_is_seen_by_the_stocktake_that_closes(committed):
    room = open_room(committed)
    with committed() as arranging:
        room.session = arranging
        (piece,), counting = room.listed(), room.count()

    def closer():
        with committed() as second:
            room.session = second
            return room.close(counting).status

    with committed() as buying:
        place(buying, {"piece_id": piece.id}, now=LATER)
        assert commit_while_blocked(buying, closer) == "done"

    with committed() as after:
        row = after.scalars(select(StocktakeDifference)).one()
        assert (row.kind, row.outcome) == ("promised", "left_to_people")
        room.session = after
        assert room.amiss() == []


def test_a_buyer_who_waited_for_a_stocktake_is_refused_what_it_lost(committed):
    room = open_room(committed)
    with committed() as arranging:
        room.session = arranging
        (piece,), counting = room.listed(), room.count()

    def buyer():
        with committed() as second:
            place(second, {"piece_id": piece.id}, now=LATER)

    with committed() as closing:
        room.session = closing
        room.close(counting)
        with pytest.raises((stock.PieceUnavailable, Invalid)):
            commit_while_blocked(closing, buyer)

    with committed() as after:
        room.session = after
        assert after.get_one(Piece, piece.id).status == PieceStatus.LOST
        assert room.amiss() == []


def test_two_who_close_the_same_stocktake_close_it_once(committed):
    room = open_room(committed)
    with committed() as arranging:
        room.session = arranging
        room.pieces(2, agreement=BOUGHT)
        counting = room.count()

    def second_closer():
        with committed() as second:
            room.session = second
            room.close(counting)

    with committed() as first:
        room.session = first
        room.close(counting)
        with pytest.raises(StocktakeClosed):
            commit_while_blocked(first, second_closer)


def test_two_phones_that_open_the_same_room_at_once_share_one_stocktake(committed):
    room = open_room(committed)

    def second_phone():
        with committed() as second:
            room.session = second
            room.count()

    with committed() as first:
        room.session = first
        room.count()
        with pytest.raises(StocktakeOpen):
            commit_while_blocked(first, second_phone)

    with committed() as after:
        assert after.query(Stocktake).count() == 1
