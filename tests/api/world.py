"""One of everything in one co-operative, and a stranger from another."""

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.actors import Actor, system
from core.audit import AuditEntry
from core.ids import new_id
from core.jobs import defer
from core.money import Money
from inventory import (
    arrivals,
    batches,
    commission_life,
    incidents,
    journeys,
    locations,
    stock,
    stock_rules,
    stocktakes,
    tag_sheets,
)
from inventory.arrivals import Unpacked, Unpacking
from inventory.batch_models import Batch, BatchProblem, BatchStatus
from inventory.batches import Limits
from inventory.colour_models import ColourStandard
from inventory.commission_models import Commission
from inventory.delivery_models import TagReservation
from inventory.design_models import Design
from inventory.journey_models import Journey
from inventory.journeys import Sending
from inventory.limits import change_kind_limits
from inventory.listing_models import Listing
from inventory.models import Location, Piece, PieceStatus
from inventory.stocktake_models import Stocktake
from inventory.stocktakes import Scan
from inventory.yarn_models import MaterialLot
from labels import care, gtins, parties
from labels.models import Gtin
from orders import fulfilment, messages, placing, refunds, returns
from orders.dispute_models import Dispute
from orders.models import Order, OrderPayment, OrderStatus
from orders.reading import token_of
from orders.refund_models import Refund
from orders.return_models import Return
from payments.models import News
from payouts import (
    acceptances,
    advances,
    pay_days,
    policies,
    rail_choices,
    treasury,
    wages,
    withholding,
)
from payouts.advance_models import Advance
from payouts.book_models import Reconciliation, TreasuryMove
from payouts.differences import Difference
from payouts.models import Obligation, Rail
from payouts.outbound_models import OutboundPart, OutboundPayment, OutboundStatus
from payouts.pay_day_models import PayDay
from payouts.recovery_models import Recovery, RecoveryStatus
from people import keys, papers
from people.group_models import MakerGroup
from people.models import Consent, Cooperative, Maker, Staff
from people.permissions import Role
from photos import publishing
from photos.models import Photo
from quality.bench_models import BenchAlert
from quality.catalogue import begin_catalogue
from quality.findings import Evidence
from quality.inspection_lot_models import InspectionLot
from quality.inspections import sign_inspection
from quality.models import Inspection
from quality.rules import begin_rules
from tests.api.sampled import make_sampled
from tests.inventory.spinning import make_dyed, make_rules, make_yarn, rub, weave
from tests.support.make import (
    accept,
    acting,
    make_colour,
    make_commission,
    make_consent,
    make_cooperative,
    make_design,
    make_group,
    make_key,
    make_listing,
    make_location,
    make_maker,
    make_piece,
    make_pieces,
    make_staff,
    pay_on_acceptance,
)
from tests.support.photos import a_file, announce, make_photo

NARROW = (
    frozenset({"makers:read", "designs:read"}),
    frozenset({"makers:read"}),
    frozenset({"designs:read"}),
)
EVERY_ROLE = [role.value for role in Role]


@dataclass
class World:
    """What was made, by name; keys are as they are sent."""

    secret_key: str
    cooperative: Cooperative
    boss: Staff
    key: str
    witness: Staff
    stranger_key: str
    maker: Maker
    consent: Consent
    design: Design
    location: Location
    other_location: Location
    closed_location: Location
    journey: Journey
    counting: Stocktake
    awaiting: Stocktake
    lost: Piece
    fresh: Piece
    accepted: Piece
    listing: Listing
    draft: Listing
    stall_listing: Listing
    waiting_order: Order
    paid_order: Order
    sent_order: Order
    refund: Refund
    awaited: Return
    received: Return
    obligation: Obligation
    spare_key_id: uuid.UUID
    move: TreasuryMove
    report: Reconciliation
    recovery: Recovery
    reversing: Recovery
    dispute: Dispute
    pay_day: PayDay
    bank_payment: OutboundPayment
    advance: Advance
    underpaid: Piece
    photo: Photo
    awaited_photo: Photo
    public_photo: Photo
    group: MakerGroup
    colour: ColourStandard
    commission: Commission
    reservation: TagReservation
    passed: Inspection
    critical: Inspection
    inspection_lot: InspectionLot
    rejected_lot: InspectionLot
    sorted_pieces: list[Piece]
    cloth_look: Inspection
    alert: BenchAlert
    news: News
    failed_job: int
    yarn_lot: MaterialLot
    dye_lot: MaterialLot
    gtin: Gtin
    good_batch: Batch
    bad_batch: Batch
    narrow_keys: dict[frozenset[str], str]

    def key_with(self, scopes: set[str]) -> str:
        """A key of the boss's with no more than these scopes."""
        return self.narrow_keys[frozenset(scopes)]

    def token(self, order: Order) -> str:
        """What opens an order to its buyer."""
        return token_of(order.id, self.secret_key)


def make_world(session: Session, *, secret_key: str) -> World:
    now = datetime.now(UTC)
    home, elsewhere = make_cooperative(session), make_cooperative(session)
    boss = make_staff(session, home, *EVERY_ROLE)
    stranger = make_staff(session, elsewhere, *EVERY_ROLE)
    maker, design, location = (
        make_maker(session, home),
        make_design(session, home),
        make_location(session, home),
    )
    cloth: dict[str, Any] = {"design": design, "location": location}
    steps = [(maker, "weave", 3), (make_maker(session, home), "spin", 1)]
    sold = make_listing(session, home, count=2, weights=steps, **cloth)
    make_policy(session, boss, now)
    begin_catalogue(session, cooperative_id=home.id)
    begin_rules(session, cooperative_id=home.id, now=now)
    second_thoughts = make_second_thoughts(session, home, boss, cloth, now)
    owed = make_due(session, home, cloth, now)
    witness = make_staff(session, home, "storekeeper")
    pay_day = make_pay_day(session, boss, now)
    advance = make_advance(session, boss, witness, maker, now)
    make_due(session, home, cloth, now)  # for another pay day
    stock_room = make_stock_room(session, boss, witness, cloth, now)
    group = make_group(session, home, maker)
    fresh = make_piece(session, home, weights=steps, **cloth)
    accepted = make_accepted(session, home, cloth)
    listing = make_listing(session, home, count=3, weights=steps, **cloth)
    behind = [entry.piece for entry in listing.entries]
    yarn_lot, dye_lot = make_lots(session, home, [fresh, accepted, *behind])
    spare_key_id = make_spare_key(session, boss, now)
    make_deeds(session, boss, spare_key_id, fresh, now)
    return World(
        secret_key=secret_key,
        cooperative=home,
        boss=boss,
        key=make_key(session, boss),
        witness=witness,
        stranger_key=make_key(session, stranger),
        maker=maker,
        consent=make_consent(session, maker),
        design=design,
        location=location,
        other_location=make_location(session, home),
        **stock_room,
        fresh=fresh,
        accepted=accepted,
        listing=listing,
        yarn_lot=yarn_lot,
        dye_lot=dye_lot,
        draft=make_listing(session, home, count=1, status="draft", weights=steps, **cloth),
        stall_listing=make_listing(
            session, home, count=2, weights=steps, prices={"PEN": 18500}, **cloth
        ),
        waiting_order=make_order(session, sold, now),
        paid_order=make_paid_order(session, sold, now),
        **second_thoughts,
        **make_looks(session, home, maker, cloth, now),
        **make_sampled(session, home, maker, now),
        obligation=owed,
        pay_day=pay_day,
        bank_payment=make_bank_payment(session, boss, maker, owed, now),
        advance=advance,
        underpaid=make_underpaid(session, home, boss, maker, now),
        group=group,
        colour=make_colour(session, home),
        commission=make_open_commission(session, home, boss, maker, group, design),
        reservation=make_reservation(session, boss, location, now),
        dispute=make_dispute(session, second_thoughts["sent_order"], now),
        recovery=make_recovery(session, second_thoughts["refund"], owed, now),
        reversing=make_recovery(
            session, second_thoughts["refund"], owed, now, RecoveryStatus.REVERSING
        ),
        spare_key_id=spare_key_id,
        move=make_move(session, boss, now),
        news=make_news(session, now),
        failed_job=make_failed_job(session, owed),
        report=make_report(session, now),
        **make_photos(session, home, boss, design, now),
        gtin=make_label_words(session, boss, design, now),
        good_batch=make_batch(session, boss, now),
        bad_batch=make_batch(session, boss, now, problems=2),
        narrow_keys={one: make_key(session, boss, *one) for one in NARROW},
    )


def make_deeds(
    session: Session, boss: Staff, key_id: uuid.UUID, piece: Piece, now: datetime
) -> None:
    """What the audit holds of the boss: with her key, and at one moment, the same thing thrice."""
    session.add_all(
        AuditEntry(
            cooperative_id=boss.cooperative_id,
            at=now,
            actor=acting(boss).reference,
            key_id=key_id,
            reference="made-for-a-test",
            operation="POST /v1/orders",
            subject_noun="pieces",
            subject_id=str(piece.id),
            touched=[{"noun": "pieces", "id": str(piece.id), "how": "changed"}],
        )
        for _ in range(3)
    )


def make_batch(session: Session, boss: Staff, now: datetime, *, problems: int = 0) -> Batch:
    """A sheet of a maker that was checked, as a worker would leave it."""
    batch, _new = batches.send_batch(
        session,
        batch_id=new_id(),
        kind="makers",
        name="makers.csv",
        content=b"legal_name,public_name\nA,B\n",
        limits=Limits(1000, 10),
        actor=acting(boss),
        now=now,
    )
    for status in (BatchStatus.CHECKING, BatchStatus.CHECKED):
        batch.become(status, actor=system("test"), why="made for a test", at=now)
    batch.row_count = batch.rows_checked = 1
    batch.problem_count = problems
    whose = {"batch_id": batch.id, "cooperative_id": batch.cooperative_id}
    said = {"row": 2, "cell": "A2", "column": "legal_name", "code": "missing", "words": "empty"}
    session.add_all(BatchProblem(id=new_id(), **said, **whose) for _ in range(problems))
    session.flush()
    return batch


def make_stock_room(
    session: Session, boss: Staff, witness: Staff, cloth: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A journey half arrived, a room being counted and one counted, a lost piece, and rules."""
    home = session.get_one(Cooperative, boss.cooperative_id)
    after: dict[str, Any] = {"actor": acting(boss), "now": now}
    rooms = [make_location(session, home) for _ in range(4)]
    here = {"design": cloth["design"], "location": rooms[0]}
    sent = [accept(piece) for piece in make_pieces(session, home, 2, **here)]
    session.flush()
    sending = Sending(
        from_id=rooms[0].id,
        to_id=rooms[1].id,
        piece_ids=[piece.id for piece in sent],
        carrier="Justina",
        sent_at=now,
    )
    journey, _ = journeys.send(
        session, journey_id=new_id(), sending=sending, request_hash="h", **after
    )
    arrivals.take_in(
        session,
        journey_id=journey.id,
        arrival_id=new_id(),
        unpacking=Unpacking([Unpacked(piece_id=sent[0].id)], last=False, arrived_at=now),
        request_hash="h",
        **after,
    )
    lost = make_piece(session, home, **here)
    incidents.lose(session, lost, reason="made for a test", **after)
    after["reason"] = "made for a test"
    locations.close_location(session, location_id=rooms[3].id, **after)
    stock_rules.set_minimum(
        session, design_id=cloth["design"].id, location_id=rooms[0].id, minimum=9, **after
    )
    stock_rules.set_rules(
        session, approval_above_minor=30000, currency="PEN", age_steps=[30, 90], **after
    )
    return {
        "closed_location": rooms[3],
        "journey": journey,
        "lost": lost,
        "counting": make_stocktake(session, rooms[1], cloth, acting(boss), now),
        "awaiting": make_stocktake(session, rooms[2], cloth, acting(witness), now, close=True),
    }


def make_stocktake(
    session: Session,
    room: Location,
    cloth: dict[str, Any],
    actor: Actor,
    now: datetime,
    *,
    close: bool = False,
) -> Stocktake:
    """A room in which one piece is missing, and a tag was seen that nobody knows."""
    home = session.get_one(Cooperative, room.cooperative_id)
    make_piece(session, home, design=cloth["design"], location=room)
    doing: dict[str, Any] = {"actor": actor, "now": now}
    stocktake, _ = stocktakes.open_stocktake(
        session,
        stocktake_id=new_id(),
        location_id=room.id,
        opened_at=now,
        note="",
        request_hash="h",
        **doing,
    )
    scans = [Scan(new_id(), "HUK-????", now)]
    stocktakes.add_counts(session, stocktake_id=stocktake.id, scans=scans, **doing)
    if close:
        stocktakes.close_stocktake(session, stocktake_id=stocktake.id, reason="counted", **doing)
    return stocktake


def make_open_commission(
    session: Session,
    home: Cooperative,
    boss: Staff,
    maker: Maker,
    group: MakerGroup,
    design: Design,
) -> Commission:
    """A commission nobody has answered, with a report on it."""
    asked = make_commission(
        session,
        home,
        maker,
        make_maker(session, home),
        design=design,
        due_on=date(2099, 12, 20),
        group_id=group.id,
    )
    commission_life.report_progress(
        session,
        commission_id=asked.id,
        note="one is on the loom",
        actor=acting(boss),
        now=asked.created_at,
    )
    return asked


def make_reservation(
    session: Session, boss: Staff, location: Location, now: datetime
) -> TagReservation:
    """A sheet of three tags."""
    return tag_sheets.reserve_tags(
        session,
        location_id=location.id,
        reserved_for=now.date(),
        count=3,
        actor=acting(boss),
        now=now,
    )


def make_policy(session: Session, boss: Staff, now: datetime) -> None:
    policies.set_policy(
        session,
        makers_bp=7000,
        fund_bp=2000,
        programme_bp=1000,
        fee_bearer="fund",
        hold_days_online=7,
        hold_days_stall=0,
        reason="made for a test",
        actor=acting(boss),
        now=now,
    )


def make_accepted(session: Session, home: Cooperative, cloth: dict[str, Any]) -> Piece:
    piece = accept(make_piece(session, home, **cloth))
    session.flush()
    return piece


def make_lots(
    session: Session, home: Cooperative, pieces: list[Piece]
) -> tuple[MaterialLot, MaterialLot]:
    """Wool, some of it dyed, of which these pieces are made; and what may be claimed."""
    yarn = make_yarn(session, home, grams=9000)
    red = make_dyed(session, home, yarn, grams=4000)
    rub(session, home, red)
    make_rules(session, home)
    for piece in pieces:
        weave(session, home, piece, (red, 270), (yarn, 30))
    return yarn, red


def make_order(session: Session, listing: Listing, now: datetime) -> Order:
    """An order for one piece of a listing, to be shipped within Peru."""
    return placing.place_order(
        session,
        items=[{"listing_id": listing.id, "quantity": 1}],
        currency="USD",
        fulfilment="pick_up",
        channel="online",
        language="es",
        hold_minutes=31,
        page_of=lambda order_id: f"https://shop.test/{order_id}",
        buyer_name="Ada Buyer",
        buyer_email="ada@example.org",
        now=now,
    )


def make_paid_order(session: Session, listing: Listing, now: datetime) -> Order:
    """A paid order, as Stripe's news would leave it; to be shipped."""
    order = make_order(session, listing, now)
    stock.sell(session, order.id, actor=system("test"), now=now)
    order.paid_at = now
    session.add(make_payment(order, now))
    order.address = {"line1": "1 Loom Street", "city": "Cusco", "country": "PE"}
    order.become(OrderStatus.PAID, actor=system("test"), why="paid", at=now)
    session.flush()
    return order


def make_payment(order: Order, now: datetime) -> OrderPayment:
    """What Stripe booked for an order."""
    return OrderPayment(
        order_id=order.id,
        cooperative_id=order.cooperative_id,
        session_id=f"cs_{order.id}",
        payment_intent_id=f"pi_{order.id}",
        charge_id=f"ch_{order.id}",
        balance_transaction_id=f"txn_{order.id}",
        charged_minor=order.total_minor,
        charged_currency=order.currency,
        gross_minor=order.total_minor,
        fee_minor=160,
        net_minor=order.total_minor - 160,
        settlement_currency="USD",
        paid_at=now,
        recorded_at=now,
    )


def make_second_thoughts(
    session: Session, home: Cooperative, boss: Staff, cloth: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """An order that was sent, and three of another: one refunded, two coming back."""
    goods = make_listing(session, home, count=4, **cloth)
    refunded, sent, awaited, received = [make_paid_order(session, goods, now) for _ in range(4)]
    for order in (sent, awaited, received):
        fulfilment.hand_over(session, order_id=order.id, actor=acting(boss), now=now)
    back = make_return(session, received, boss, now)
    found: dict[str, Any] = {
        "sent_order": sent,
        "refund": refunds.request_refund(
            session,
            order_id=refunded.id,
            wanted=refunds.Wanted(amount=Money(100, "USD")),
            reason="goodwill",
            actor=acting(boss),
            now=now,
        ),
        "awaited": make_return(session, awaited, boss, now),
        "received": back,
    }
    returns.receive_return(
        session,
        return_id=back.id,
        location_id=cloth["location"].id,
        actor=acting(boss),
        now=now,
    )
    accept(received.lines[0].piece)
    messages.record_message(
        session,
        order_id=sent.id,
        said_by="house",
        medium="phone",
        words="Told her that it is on its way.",
        said_at=now,
        actor=acting(boss),
        now=now,
    )
    session.flush()
    return found


def make_return(session: Session, order: Order, boss: Staff, now: datetime) -> Return:
    """A buyer may send everything back."""
    return returns.authorise_return(
        session,
        order_id=order.id,
        line_ids=[line.id for line in order.lines],
        reason="changed_mind",
        actor=acting(boss),
        now=now,
    )


def make_due(
    session: Session, home: Cooperative, cloth: dict[str, Any], now: datetime
) -> Obligation:
    """An obligation that is due, for a piece paid on acceptance."""
    piece = accept(make_piece(session, home, agreement=pay_on_acceptance(), **cloth))
    session.flush()
    (owed,) = acceptances.record_acceptance(session, piece_id=piece.id, now=now)
    return owed


def make_looks(
    session: Session, home: Cooperative, maker: Maker, cloth: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A piece that passed, one with something critical, one in rework, one that was listed."""
    lead = acting(make_staff(session, home))
    template: dict[str, Any] = {"measures": [], "checklist": [], "kind": "toy"}
    change_kind_limits(session, actor=lead, now=now, **template)

    def look(decision: str, *, piece: Piece | None = None, defects: Any = ()) -> Inspection:
        found, _new = sign_inspection(
            session,
            inspection_id=new_id(),
            piece_id=(
                piece or make_piece(session, home, weights=[(maker, "weave", 1)], **cloth)
            ).id,
            decision=decision,
            reason="because",
            inspected_at=now - timedelta(days=30),
            evidence=Evidence(
                [{"name": "length", "value": 1500}],
                [{"code": "no_metal", "answer": "yes"}],
                defects,
            ),
            request_hash="h",
            actor=lead,
            now=now - timedelta(minutes=2),
        )
        return found

    listed = make_listing(session, home, count=1, status="draft", **cloth).entries[0].piece
    listed.become(PieceStatus.LISTED, actor=system("test"), why="offered", at=now)
    look("rework", defects=[{"code": "M04"}])
    look("reject", piece=listed)
    return {
        "passed": look("accept_a"),
        "critical": look("reject", defects=[{"code": "C01"}]),
        "alert": session.query(BenchAlert).filter_by(piece_id=listed.id).one(),
    }


def make_move(session: Session, boss: Staff, now: datetime) -> TreasuryMove:
    """Cash put aside."""
    return treasury.record_move(
        session,
        source="bank",
        destination="cash_box",
        amount_minor=5000,
        currency="PEN",
        why="made for a test",
        moved_at=now,
        actor=acting(boss),
        now=now,
    )


def make_pay_day(session: Session, boss: Staff, now: datetime) -> PayDay:
    """A day on which somebody is to be paid."""
    return pay_days.open_pay_day(
        session, currency="PEN", rates={"USD": "3.75"}, actor=acting(boss), now=now
    )


def make_advance(
    session: Session, boss: Staff, witness: Staff, maker: Maker, now: datetime
) -> Advance:
    """Money she had ahead."""
    return advances.give_advance(
        session,
        maker_id=maker.id,
        amount_minor=700,
        currency="EUR",
        given_for="yarn",
        method="cash",
        witness_id=witness.id,
        actor=acting(boss),
        now=now,
    )


def make_underpaid(
    session: Session, home: Cooperative, boss: Staff, maker: Maker, now: datetime
) -> Piece:
    """A piece whose hour is worth less than a living wage; and the papers of buying it."""
    for kind, monthly in (("living", 199_700), ("minimum", 113_000)):
        wages.set_reference_wage(
            session,
            kind=kind,
            amount_minor=monthly,
            currency="PEN",
            minutes=12_480,
            valid_from=date(2024, 1, 1),
            source="made for a test",
            actor=acting(boss),
            now=now,
        )
    withholding.set_withholding_rule(
        session,
        kind="igv",
        rate_bp=1550,
        valid_from=date(2026, 1, 1),
        verified=False,
        source="made for a test",
        actor=acting(boss),
        now=now,
    )
    papers.record_paper(
        session,
        maker_id=maker.id,
        kind="dni",
        number="01234567",
        valid_from=date(2026, 1, 1),
        actor=acting(boss),
        now=now,
    )
    return make_piece(
        session,
        home,
        design=make_design(session, home, minutes_by_stage={"weave": 6000}),
        weights=[(maker, "weave", 1)],
        agreement=pay_on_acceptance(),
    )


def make_dispute(session: Session, order: Order, now: datetime) -> Dispute:
    """A bank calls a payment back."""
    dispute = Dispute(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        stripe_id=f"du_{order.id.hex}",
        charge_id=f"ch_{order.id.hex}",
        amount_minor=order.total_minor,
        currency=order.currency,
        reason="product_not_received",
        status="needs_response",
        opened_at=now,
        seen_at=now,
    )
    session.add(dispute)
    session.flush()
    return dispute


def make_recovery(
    session: Session,
    refund: Refund,
    obligation: Obligation,
    now: datetime,
    status: RecoveryStatus = RecoveryStatus.UNDECIDED,
) -> Recovery:
    """Something paid that a refund took back, about which somebody has to decide, or Stripe."""
    recovery = Recovery(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        obligation_id=obligation.id,
        refund_id=refund.id,
        part=1 if status == RecoveryStatus.UNDECIDED else 2,
        amount_minor=30,
        currency=obligation.currency,
        created_at=now,
    )
    begun = recovery.begin(status, actor=system("test"), why="the sale was undone", at=now)
    session.add_all([begun, recovery])
    session.flush()
    return recovery


def make_bank_payment(
    session: Session, boss: Staff, maker: Maker, owed: Obligation, now: datetime
) -> OutboundPayment:
    """A payment to a bank that failed, and how she wants to be paid since."""
    rail_choices.prefer_rail(
        session,
        maker_id=maker.id,
        rail=Rail.MANUAL,
        reason="made for a test",
        banks=True,
        actor=acting(boss),
        now=now,
    )
    payment_id = new_id()
    payment = OutboundPayment(
        id=payment_id,
        cooperative_id=owed.cooperative_id,
        maker_id=owed.maker_id,
        number=1,
        key=f"op:{payment_id}",
        request={},
        amount_minor=owed.amount_minor,
        currency=owed.currency,
        stripe_id=f"obp_{payment_id.hex}",
        started_at=now,
    )
    payment.parts.append(
        OutboundPart(
            id=new_id(),
            cooperative_id=owed.cooperative_id,
            obligation_id=owed.id,
            round=owed.round,
            amount_minor=owed.amount_minor,
            released_at=now,
        )
    )
    failed = payment.begin(OutboundStatus.FAILED, actor=system("test"), why="failed", at=now)
    session.add_all([failed, payment])
    session.flush()
    return payment


def make_news(session: Session, now: datetime, event_id: str = "evt_world") -> News:
    """News about something nobody knows yet."""
    news = News(
        id=event_id,
        type="charge.refunded",
        object_id="ch_nobodys",
        livemode=False,
        state="waiting",
        reason="no order was paid with this charge, or not yet",
        tries=1,
        created_at=now,
        received_at=now,
    )
    session.add(news)
    session.flush()
    return news


def make_failed_job(session: Session, owed: Obligation) -> int:
    """A job that gave up."""
    job_id = defer(session, "obligation.settle", obligation_id=owed.id)
    assert job_id is not None
    fetched = "UPDATE procrastinate_jobs SET status = :state, attempts = 13 WHERE id = :id"
    for state in ("doing", "failed"):
        session.execute(text(fetched), {"state": state, "id": job_id})
    return job_id


def make_report(session: Session, now: datetime) -> Reconciliation:
    """A run of reconcile that found one thing."""
    row = Difference(4, "", "tr_1", 500, "USD", "no settlement of ours")
    report = Reconciliation(
        id=new_id(),
        started_at=now,
        ended_at=now,
        difference_count=1,
        report={"rows": [asdict(row)]},
        actor="system:test",
    )
    session.add(report)
    session.flush()
    return report


def make_photos(
    session: Session, home: Cooperative, boss: Staff, design: Design, now: datetime
) -> dict[str, Any]:
    """One that is ready, one whose bytes are still to come, and one the world may see."""
    public = make_photo(session, home)
    publishing.publish_photo(session, photo_id=public.id, actor=acting(boss), now=now)
    return {
        "photo": make_photo(session, home, subject_kind="swatch", subject_id=design.id),
        "awaited_photo": announce(session, home, a_file()),
        "public_photo": public,
    }


def make_label_words(session: Session, boss: Staff, design: Design, now: datetime) -> Gtin:
    """A design's number of GS1 and its care symbols, and who answers in a market."""
    doing: dict[str, Any] = {"actor": acting(boss), "now": now}
    five: dict[str, Any] = {
        "wash": "hand",
        "bleach": "no",
        "dry": "flat",
        "iron": "low",
        "professional": "no",
    }
    care.set_care(session, design_id=design.id, basis="made for a test", **five, **doing)
    parties.set_party(
        session,
        market="us",
        name="An Importer",
        address="1 Street, Town",
        valid_from=date(2026, 1, 1),
        **doing,
    )
    return gtins.assign_gtin(
        session, design_id=design.id, gtin="40170725", evidence="made for a test", **doing
    )


def make_spare_key(session: Session, boss: Staff, now: datetime) -> uuid.UUID:
    """A key nobody here speaks with."""
    key, _secret = keys.create_key(
        session,
        application="Spare",
        scopes=["makers:read"],
        expires_at=now + timedelta(days=1),
        actor=acting(boss),
        now=now,
    )
    return key.id


def later(**given: float) -> str:
    """A moment from now, as it is sent."""
    return (datetime.now(UTC) + timedelta(**given)).isoformat()


def fresh_id() -> str:
    return str(new_id())


def nobody() -> uuid.UUID:
    """An id that nothing has."""
    return new_id()
