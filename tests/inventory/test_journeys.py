"""What leaves one room is on the way until somebody takes it in elsewhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import journeys, locations, moving, stock
from inventory.arrivals import ArrivalIdTaken, Unpacked
from inventory.journey_models import Came, Journey
from inventory.journeys import JourneyIdTaken, PiecesNotHere
from inventory.listing_models import Listing
from inventory.locations import LocationClosed
from inventory.models import Location, LocationKind, Movement
from inventory.on_hand import PieceOnTheWay
from orders import till
from tests.inventory.keeping import LATER, make_stock_room
from tests.orders.buying import place
from tests.support.make import NOW
from tests.support.races import commit_while_blocked

DAY = timedelta(days=1)


@pytest.fixture
def room(session):
    return make_stock_room(session)


def how(arrival):
    return [(entry.came, entry.tag) for entry in arrival.entries]


def test_pieces_leave_and_arrive_by_two_acts_each_with_its_movement(room):
    first, second = room.pieces(2)

    journey, new = room.send([first, second])
    assert new
    assert room.standing(first, second) == [("transit", "accepted")] * 2

    room.unpack(journey.id, [first])
    assert (journey.status, room.place(second)) == ("part_arrived", "transit")
    room.unpack(journey.id, [second])

    assert journey.status == "ended"
    assert room.standing(first, second) == [("shop", "accepted")] * 2
    reasons = [row.reason for row in stock.movements_of(room.session, first.id)]
    assert reasons[1:] == [
        f"sent to {room.shop.name} with Justina",
        f"arrived with journey {journey.id}",
    ]
    assert room.amiss() == []


def test_a_journey_sent_again_is_the_same_and_other_words_under_its_id_are_refused(room):
    pieces, journey_id = room.pieces(2), new_id()
    room.send(pieces, journey_id=journey_id)
    room.unpack(journey_id, pieces, last=True)

    again, new = room.send(pieces, journey_id=journey_id)

    assert (again.id, new, again.status) == (journey_id, False, "ended")
    assert room.standing(*pieces) == [("shop", "accepted")] * 2
    with pytest.raises(JourneyIdTaken):
        room.send(pieces, journey_id=journey_id, request_hash="other")


def test_a_piece_that_has_left_does_not_leave_again(room):
    first, second = room.pieces(2)
    room.send([first])

    with pytest.raises(PiecesNotHere) as refusal:
        room.send([first, second])

    assert refusal.value.details["pieces"] == [str(first.id)]
    assert room.place(second) == "village", "all of them or none"


@pytest.mark.parametrize("wrong", ["twice", "same room", "no room", "stranger"])
def test_a_journey_that_makes_no_sense_is_refused(room, wrong):
    (piece,) = room.pieces()
    given = {
        "twice": {"piece_ids": [piece.id, piece.id]},
        "same room": {"to_id": room.village.id},
        "no room": {"to_id": locations.outside(room.session, room.home.id, LocationKind.LOST).id},
        "stranger": {"piece_ids": [make_stock_room(room.session).pieces()[0].id]},
    }[wrong]

    with pytest.raises(Invalid):
        room.send([piece], **given)
    assert room.place(piece) == "village"


def test_who_unpacks_the_same_pieces_again_moves_nothing(room):
    (piece,) = room.pieces()
    journey, _ = room.send([piece])
    arrival, _ = room.unpack(journey.id, [piece])

    same, new = room.unpack(journey.id, [piece], arrival_id=arrival.id)
    other, _ = room.unpack(journey.id, [piece], last=True)

    assert (same.id, new) == (arrival.id, False)
    assert how(other) == [("here_already", "")]
    assert len(stock.movements_of(room.session, piece.id)) == 3
    with pytest.raises(ArrivalIdTaken):
        room.unpack(journey.id, [piece], arrival_id=arrival.id, request_hash="other")


def test_what_does_not_come_is_lost_and_found_again_when_it_comes_late(room):
    came, missing = room.listed(2)
    journey, _ = room.send([came, missing])

    arrival, _ = room.unpack(journey.id, [came], last=True)
    assert how(arrival) == [("arrived", ""), ("missing", "")]
    assert room.standing(came, missing) == [("shop", "listed"), ("lost", "lost")]
    assert journey.status == "ended"

    late, _ = room.unpack(journey.id, [missing], now=LATER + DAY)
    assert how(late) == [("arrived", "")]
    assert room.standing(missing) == [("shop", "inspecting")]
    assert room.amiss() == []


def test_what_a_buyer_was_promised_is_not_given_up(room):
    held, free = room.listed(2)
    place(room.session, {"piece_id": held.id}, now=LATER)
    journey, _ = room.send([held, free])

    arrival, _ = room.unpack(journey.id, last=True)

    assert how(arrival) == [("promised", ""), ("missing", "")]
    assert room.standing(held, free) == [("transit", "held"), ("lost", "lost")]
    assert journey.status == "part_arrived", "it stays to be seen"


def test_what_comes_besides_is_moved_and_what_nobody_knows_is_kept(room):
    (sent,), (besides,), (other,) = room.pieces(), room.pieces(), room.pieces()
    journey, _ = room.send([sent])
    second_journey, _ = room.send([other])
    typed = Unpacked(tag=besides.tag.lower().replace("-", " "), note="between the folds")
    seen = [sent, typed, other, Unpacked(tag="HUK-????-???")]

    arrival, _ = room.unpack(journey.id, seen)

    assert [one.came for one in arrival.entries] == [
        Came.ARRIVED,
        Came.EXTRA,
        Came.EXTRA,
        Came.UNKNOWN,
    ]
    assert arrival.entries[3].tag == "HUK-????-???"
    assert room.standing(sent, besides, other) == [("shop", "accepted")] * 3
    assert journeys.awaited_numbers(room.session, [second_journey.id]) == {}
    room.unpack(second_journey.id, last=True)
    assert room.place(other) == "shop", "it was not missing from the other journey"
    assert room.amiss() == []


def test_what_came_damaged_is_damaged_and_no_longer_offered(room):
    whole, torn, promised = room.listed(3)
    place(room.session, {"piece_id": promised.id}, now=LATER)
    journey, _ = room.send([whole, torn, promised])
    photo = new_id()

    arrival, _ = room.unpack(
        journey.id,
        [
            whole,
            Unpacked(piece_id=torn.id, damaged=True, photo_ids=[photo]),
            Unpacked(piece_id=promised.id, damaged=True),
        ],
    )

    assert room.standing(whole, torn, promised) == [
        ("shop", "listed"),
        ("shop", "damaged"),
        ("shop", "held"),
    ]
    assert arrival.entries[1].photo_ids == [photo]


def test_what_has_moved_on_is_not_called_back_by_a_late_phone(room):
    (piece,) = room.pieces()
    journey, _ = room.send([piece])
    room.unpack(journey.id, [piece])
    moving.move_piece(
        room.session,
        piece_id=piece.id,
        destination_id=room.village.id,
        reason="wanted at home",
        actor=room.keeper,
        now=LATER + DAY,
    )

    late, _ = room.unpack(journey.id, [piece], arrived_at=LATER, now=LATER + 2 * DAY)

    assert how(late) == [("here_already", "")]
    assert room.place(piece) == "village"


def test_an_arrival_before_its_journey_is_known_is_not_there_yet(room):
    """The phone that packed had no signal yet; the other asks again later."""
    (piece,), journey_id = room.pieces(), new_id()

    with pytest.raises(NotFound):
        room.unpack(journey_id, [piece])
    room.send([piece], journey_id=journey_id)
    room.unpack(journey_id, [piece])

    assert room.place(piece) == "shop"


def test_a_closed_room_takes_nothing_in_but_lets_things_go(room):
    (piece,) = room.pieces()
    closing = {"reason": "rent", "actor": room.keeper, "now": LATER}
    locations.close_location(room.session, location_id=room.shop.id, **closing)

    with pytest.raises(LocationClosed):
        room.send([piece])
    with pytest.raises(LocationClosed):
        room.pieces(at=room.shop)
    locations.reopen_location(room.session, location_id=room.shop.id, **closing)
    locations.close_location(room.session, location_id=room.village.id, **closing)
    room.send([piece])
    assert room.place(piece) == "transit"


def test_the_database_itself_lets_nothing_into_a_closed_room(room):
    (piece,) = room.pieces()
    room.session.flush()
    room.shop.status = "closed"
    room.session.flush()
    last = stock.last_movements(room.session, [piece.id])[piece.id]

    def movement(source_id, destination_id):
        return Movement(
            cooperative_id=room.home.id,
            piece_id=piece.id,
            sequence=last.sequence + 1,
            source_id=source_id,
            destination_id=destination_id,
            reason="by force",
            actor="system:test",
            at=LATER,
        )

    with (
        pytest.raises(IntegrityError, match="a closed location takes nothing in"),
        room.session.begin_nested(),
    ):
        room.session.add(movement(room.village.id, room.shop.id))
    transit = locations.on_the_way(room.session, room.home.id, now=NOW)
    with (
        pytest.raises(IntegrityError, match="a movement begins where the piece is"),
        room.session.begin_nested(),
    ):
        room.session.add(movement(transit.id, room.village.id))


def test_what_is_on_the_way_is_neither_moved_nor_lost_by_hand(room):
    (piece,) = room.pieces()
    room.send([piece])
    lost = locations.outside(room.session, room.home.id, LocationKind.LOST)

    for destination in (room.village, lost):
        with pytest.raises(PieceOnTheWay):
            moving.move_piece(
                room.session,
                piece_id=piece.id,
                destination_id=destination.id,
                reason="x",
                actor=room.keeper,
                now=LATER,
            )
    with pytest.raises(PieceOnTheWay):
        room.report(piece, "lost")


def sell(room, item):
    return till.sell_by_hand(
        room.session,
        items=[item],
        tender="cash",
        given_minor=20000,
        currency="PEN",
        language="es",
        actor=room.keeper,
        now=LATER,
    )


def test_the_stall_sells_what_is_on_hand_and_nothing_that_is_on_the_way(room):
    away, here = room.listed(2)
    room.send([away])

    with pytest.raises(PieceOnTheWay):
        sell(room, {"piece_id": away.id})
    listing_id = choosing_listing(room)
    order = sell(room, {"listing_id": listing_id, "quantity": 1})

    assert [line.piece_id for line in order.lines] == [here.id]


def choosing_listing(room):
    return room.session.scalars(
        select(Listing.id).where(Listing.cooperative_id == room.home.id)
    ).one()


def test_online_it_is_sold_on_the_way_and_leaves_once_it_has_arrived(room):
    (piece,) = room.listed()
    journey, _ = room.send([piece])
    order = place(room.session, {"piece_id": piece.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)
    leaving = {"order_number": order.number, "actor": room.keeper, "now": LATER}

    with pytest.raises(PieceOnTheWay):
        stock.hand_over(room.session, [piece.id], **leaving)
    room.unpack(journey.id, [piece])
    stock.hand_over(room.session, [piece.id], **leaving)

    assert room.place(piece) == "buyers"


def test_an_open_journey_is_seen_with_its_age_and_whether_it_is_late(room):
    first, second = room.pieces(2)
    journey, _ = room.send([first], expected_on=(LATER + DAY).date())
    ended, _ = room.send([second])
    room.unpack(ended.id, [second])

    found = journeys.list_journeys(room.session, actor=room.keeper, limit=9, status="open")
    (seen,) = journeys.seen(room.session, found, now=LATER + 3 * DAY)

    assert seen.journey.id == journey.id
    assert (seen.awaited, seen.age_days, seen.late) == (1, 3, True)


def test_two_people_who_receive_the_same_journey_move_each_piece_once(committed):
    with committed() as arranging:
        room = make_stock_room(arranging)
        pieces = room.pieces(2)
        journey_id = room.send(pieces)[0].id

    def second_receiver():
        with committed() as second:
            room.session = second
            return how(room.unpack(journey_id, pieces, last=True)[0])

    with committed() as first:
        room.session = first
        room.unpack(journey_id, pieces, last=True)
        assert commit_while_blocked(first, second_receiver) == [("here_already", "")] * 2

    with committed() as after:
        room.session = after
        assert after.query(Movement).count() == 6
        assert room.amiss() == []


def test_a_piece_sent_twice_at_once_leaves_once(committed):
    with committed() as arranging:
        room = make_stock_room(arranging)
        (piece,) = room.pieces()
        room.send(room.pieces())  # so that there is a place on the way already

    def second_sender():
        with committed() as second:
            room.session = second
            room.send([piece])

    with committed() as first:
        room.session = first
        room.send([piece])
        with pytest.raises(PiecesNotHere):
            commit_while_blocked(first, second_sender)

    with committed() as after:
        assert after.query(Journey).count() == 2


def test_the_first_two_journeys_of_a_house_make_one_place_on_the_way(committed):
    with committed() as arranging:
        room = make_stock_room(arranging)
        one, other = room.pieces(2)

    def second_sender():
        with committed() as second:
            room.session = second
            room.send([other])

    with committed() as first:
        room.session = first
        room.send([one])
        commit_while_blocked(first, second_sender)

    with committed() as after:
        assert after.query(Location).filter_by(kind="transit").count() == 1


def test_a_room_that_closes_waits_for_what_is_just_coming_in(committed):
    with committed() as arranging:
        room = make_stock_room(arranging)
        (piece,) = room.pieces()

    def closer():
        with committed() as second:
            locations.close_location(
                second, location_id=room.shop.id, reason="rent", actor=room.keeper, now=LATER
            )

    with committed() as first:
        moving.move_piece(
            first,
            piece_id=piece.id,
            destination_id=room.shop.id,
            reason="to the shop",
            actor=room.keeper,
            now=LATER,
        )
        commit_while_blocked(first, closer)

    with committed() as after:
        room.session = after
        assert room.place(piece) == "shop"
        assert after.get_one(Location, room.shop.id).status == "closed"


def test_a_stall_sale_that_waited_for_a_departure_does_not_sell_what_left(committed):
    with committed() as arranging:
        room = make_stock_room(arranging)
        (piece,) = room.listed()
        room.send(room.pieces())

    def seller():
        with committed() as second:
            room.session = second
            sell(room, {"piece_id": piece.id})

    with committed() as first:
        room.session = first
        room.send([piece])
        with pytest.raises(PieceOnTheWay):
            commit_while_blocked(first, seller)
