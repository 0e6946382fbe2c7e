"""What a maker takes home on delivery day adds up, fits her phone, and is read on one page."""

import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory.models import PieceStatus
from payouts import acceptances, advances, by_hand
from payouts.delivery_message import BASIC, SECOND, gsm, length, message_of, segments
from payouts.delivery_page import delivery_page
from payouts.delivery_receipts import receipt_of
from payouts.policies import set_policy
from payouts.receipt_words import WORDS, to_review
from tests.inventory.delivering import handed_in, home_of, ordered_row, row
from tests.support.make import (
    NOW,
    accept,
    acting,
    make_commission,
    make_maker,
    make_staff,
    pay_on_acceptance,
)


@pytest.fixture
def home(session):
    found = home_of(session)
    found.maker.public_name = "Sabina"
    found.design.name = {"es": "Camino de mesa, rojo"}
    return found


def bought(home, price=18_000, currency="PEN", **given):
    return row(home, agreement=pay_on_acceptance(price, currency), **given)


def receipt(session, home, delivery, maker=None):
    return receipt_of(
        session,
        delivery_id=delivery.id,
        maker_id=(maker or home.maker).id,
        actor=home.actor,
        now=NOW,
    )


def give(session, home, minor, **given):
    treasurer = acting(make_staff(session, home.cooperative, "treasurer"))
    witness = make_staff(session, home.cooperative, "storekeeper")
    return advances.give_advance(
        session,
        maker_id=home.maker.id,
        amount_minor=minor,
        currency="PEN",
        given_for="yarn",
        method="cash",
        witness_id=witness.id,
        actor=treasurer,
        now=NOW,
        **given,
    )


def printed(found):
    reader = PdfReader(io.BytesIO(delivery_page(found)))
    return [page.extract_text() for page in reader.pages]


def assert_adds_up(found):
    for one in found.sums:
        assert one.agreed == one.deducted + one.paid + one.to_come_off + one.to_pay


def test_it_says_what_was_agreed_what_comes_off_and_what_is_to_be_paid(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    give(session, home, 5000, commission_id=asked.id)
    delivery = handed_in(session, home, bought(home), ordered_row(home, asked))

    found = receipt(session, home, delivery)

    (sums,) = found.sums
    assert (sums.agreed, sums.to_come_off, sums.to_pay) == (36_000, 5000, 31_000)
    assert [line.commission for line in found.lines] == [None, asked.number]
    (page,) = printed(found)
    for words in (
        "Sabina", "entrega · haywana", "23/11/2026", "S/ 310.00", "S/ 360.00",
        "-S/ 50.00", "piezas\n2", f"pedido · mañakuy {asked.number}", "tejer · away",
        "por revisar", "Camino de mesa, rojo", "firma o huella",
        *(piece.tag for piece in delivery.pieces),
    ):  # fmt: skip
        assert words in page, (words, page)
    assert home.maker.legal_name not in page


def test_what_was_paid_and_deducted_is_no_longer_to_be_paid(session, home):
    give(session, home, 5000)
    delivery = handed_in(session, home, bought(home), bought(home), bought(home))
    owed = []
    for piece in delivery.pieces[:2]:
        accept(piece)
        session.flush()
        owed += acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    by_hand.settle_by_hand(
        session,
        obligation_id=owed[0].id,
        method="cash",
        witness_id=make_staff(session, home.cooperative, "storekeeper").id,
        actor=acting(make_staff(session, home.cooperative, "treasurer")),
        now=NOW,
    )

    (sums,) = receipt(session, home, delivery).sums

    assert (sums.agreed, sums.deducted, sums.paid) == (54_000, 5000, 13_000)
    assert (sums.to_come_off, sums.to_pay, sums.advance_open) == (0, 36_000, 0)


def test_a_rejected_piece_is_named_and_counts_for_nothing(session, home):
    delivery = handed_in(session, home, bought(home), bought(home))
    bad = delivery.pieces[0]
    bad.become(PieceStatus.INSPECTING, actor=home.actor, why="looked at", at=NOW)
    bad.become(PieceStatus.REJECTED, actor=home.actor, why="a hole", at=NOW)

    found = receipt(session, home, delivery)

    assert (found.sums[0].agreed, found.sums[0].to_pay) == (18_000, 18_000)
    (page,) = printed(found)
    assert "rechazado · mana allin" in page
    assert bad.tag in page


def test_each_of_those_who_made_a_piece_is_told_her_part_and_no_others(session, home):
    second = make_maker(session, home.cooperative, name="Justina")
    steps = [
        {"maker_id": home.maker.id, "stage": "weave", "weight": 22},
        {"maker_id": second.id, "stage": "spin", "weight": 14},
        {"maker_id": second.id, "stage": "dye", "weight": 3},
    ]
    delivery = handed_in(session, home, bought(home, 10_000, contributions=steps))

    ours, theirs = (receipt(session, home, delivery, who) for who in (home.maker, second))

    assert [ours.sums[0].agreed, theirs.sums[0].agreed] == [5641, 4359]
    assert set(theirs.lines[0].stages) == {"spin", "dye"}
    assert "Sabina" not in "".join(printed(theirs))


def test_a_share_is_said_as_so_much_of_each_hundred(session, home):
    set_policy(
        session, makers_bp=7000, fund_bp=2000, programme_bp=1000, fee_bearer="fund",
        hold_days_online=7, hold_days_stall=0, reason="test", actor=home.actor, now=NOW,
    )  # fmt: skip
    second = make_maker(session, home.cooperative)
    steps = [
        {"maker_id": home.maker.id, "stage": "weave", "weight": 1},
        {"maker_id": second.id, "stage": "spin", "weight": 3},
    ]
    delivery = handed_in(session, home, row(home, contributions=steps))

    found = receipt(session, home, delivery)

    assert (found.lines[0].share_bp, found.sums) == (1750, [])
    assert "17.50 de cada 100" in printed(found)[0]
    assert "1 cuando se venda." in message_of(found).text


def test_whoever_came_without_a_piece_has_a_receipt_and_nobody_else(session, home):
    guest, absent = (make_maker(session, home.cooperative) for _ in range(2))
    delivery = handed_in(session, home, row(home), makers_present=[guest.id])

    assert "piezas\n0" in printed(receipt(session, home, delivery, guest))[0]
    with pytest.raises(NotFound):
        receipt(session, home, delivery, absent)
    with pytest.raises(NotFound):
        receipt_of(session, delivery_id=new_id(), maker_id=guest.id, actor=home.actor, now=NOW)
    stranger = home_of(session)
    with pytest.raises(NotFound):
        receipt(session, stranger, delivery, guest)


def test_many_pieces_go_on_over_pages_and_none_is_left_out(session, home):
    delivery = handed_in(session, home, *(bought(home) for _ in range(60)))

    pages = printed(receipt(session, home, delivery))

    assert len(pages) == 5
    assert "5 / 5" in pages[-1]
    assert "firma o huella" in pages[-1]
    tags = [piece.tag for piece in delivery.pieces]
    assert all(sum(tag in page for page in pages) == 1 for tag in tags)


def test_one_message_holds_a_usual_day(session, home):
    give(session, home, 5000)
    delivery = handed_in(session, home, *(bought(home) for _ in range(4)))

    message = message_of(receipt(session, home, delivery))

    tags = " ".join(piece.tag for piece in delivery.pieces)
    assert message.text == (
        "Pallay entrega 23/11. Sabina: 4 piezas. Precio S/720.00. Adelanto -S/50.00."
        f" Por pagar S/670.00. {tags}"
    )
    assert (message.characters, message.segments, message.left_out) == (151, 1, 0)


def test_in_quechua_it_uses_the_words_of_the_glossary(session, home):
    delivery = handed_in(session, home, bought(home))

    text = message_of(receipt(session, home, delivery), "qu").text

    assert text.startswith(
        "Pallay haywana 23/11. Sabina: 1 pieza. Chanin S/180.00. Pagay S/180.00."
    )


@pytest.mark.parametrize("count", [6, 16, 200])
def test_more_is_two_messages_and_says_what_it_left_out(session, home, count):
    home.maker.public_name = "Q'ori T'ika Ñawi Huamán de Quispe"
    delivery = handed_in(session, home, *(bought(home) for _ in range(count)))

    message = message_of(receipt(session, home, delivery))

    named = sum(piece.tag in message.text for piece in delivery.pieces)
    assert message.left_out == count - named
    assert message.segments == 2
    assert message.characters <= 306
    assert (f"+{message.left_out} mas" in message.text) == bool(message.left_out)
    assert set(message.text) <= BASIC


@given(text=st.text(max_size=60))
@settings(max_examples=50)
def test_any_text_is_written_in_the_letters_every_phone_has(text):
    said = gsm(text)

    assert set(said) <= BASIC | SECOND
    assert segments("a" * 160) == 1
    assert segments("a" * 161) == segments("a" * 306) == 2
    assert segments("a" * 307) == 3
    assert length("[€]") == 6


def test_letters_that_a_phone_lacks_lose_their_mark_and_the_others_keep_it():
    assert gsm("Ñusta Huamán, José Q’ori Ł") == "Ñusta Huaman, José Q'ori ?"


def test_every_word_says_how_sure_it_is_and_what_must_be_reviewed_is_listed():
    for key, word in WORDS.items():
        assert word.es_confidence in {"H", "M", "L", "own"}, key
        assert (word.qu is None) == (word.qu_confidence is None), key
        assert word.qu_confidence in {"H", "M", "L", None}, key
    assert {"delivery", "commission", "returned", "to_pay"} <= set(to_review())
    assert set(WORDS) - set(to_review()) == {"warp"}


def test_the_day_of_the_receipt_is_the_day_of_the_delivery(session, home):
    delivery = handed_in(session, home, row(home), delivered_on=date(2026, 11, 20))

    assert "20/11/2026" in printed(receipt(session, home, delivery))[0]


def test_an_advance_for_a_commission_is_for_one_who_was_asked(session, home):
    other = make_commission(
        session, home.cooperative, make_maker(session, home.cooperative), design=home.design
    )

    with pytest.raises(Invalid, match="of hers"):
        give(session, home, 100, commission_id=other.id)


def test_more_ahead_than_this_day_brings_stays_open(session, home):
    give(session, home, 50_000)
    delivery = handed_in(session, home, bought(home))

    found = receipt(session, home, delivery)

    assert_adds_up(found)
    assert (found.sums[0].to_come_off, found.sums[0].to_pay) == (18_000, 0)
    assert "adelanto que queda S/ 320.00" in printed(found)[0]
