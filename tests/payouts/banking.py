"""What the tests of paying to banks share: a maker with a bank account, what is owed to her."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import Actor
from core.db import transaction
from payments.gateway import BankPayment, Gateway
from payouts import (
    acceptances,
    accounts,
    outbound,
    outbound_news,
    rail_choices,
    treasury,
)
from payouts.models import Obligation, Rail
from payouts.outbound_models import OutboundPayment
from payouts.reading import waiting_reasons
from payouts.transfers import Result
from people.models import Cooperative, Maker
from tests.payouts.selling import set_policy
from tests.support.make import (
    accept,
    acting,
    make_cooperative,
    make_maker,
    make_piece,
    make_staff,
    pay_on_acceptance,
)
from tests.support.peer import PeerProcess

FUNDS = 1_000_000


@dataclass
class Weaver:
    """A maker, whom she is paid by, and how it stands with her bank."""

    gateway: Gateway
    peer: PeerProcess
    id: uuid.UUID
    cooperative_id: uuid.UUID
    treasurer: Actor
    witness_id: uuid.UUID

    def owe(self, price_minor: int, now: datetime) -> uuid.UUID:
        """An accepted piece, owed at once, in soles; the obligation."""
        with transaction() as session:
            home = session.get_one(Cooperative, self.cooperative_id)
            maker = session.get_one(Maker, self.id)
            agreed = pay_on_acceptance(price_minor)
            piece = make_piece(session, home, weights=[(maker, "weave", 1)], agreement=agreed)
            accept(piece)
            session.flush()
            (owed,) = acceptances.record_acceptance(session, piece_id=piece.id, now=now)
            return owed.id

    def pay(self, now: datetime, currency: str = "PEN") -> Result:
        """What a worker does for her."""
        return outbound.pay_to_bank(self.gateway, maker_id=self.id, currency=currency, now=now)

    def ends(self, outcome: str, now: datetime, which: int = -1) -> None:
        """Her bank does something with a payment of hers, and Stripe's news of it arrives."""
        payment_id = self.payments()[which].stripe_id
        assert payment_id is not None
        self.peer.end_outbound(payment_id, outcome)
        self.hear(payment_id, now)

    def hear(self, payment_id: str, now: datetime) -> None:
        """News of one payment, read again at Stripe."""
        seen = self.gateway.banks.read(payment_id)
        with transaction() as session:
            outbound_news.apply_payment(session, seen, now=now)

    def prefer(self, rail: Rail, now: datetime) -> None:
        """She says how she wants to be paid."""
        with transaction() as session:
            rail_choices.prefer_rail(
                session,
                maker_id=self.id,
                rail=rail,
                reason="she said so",
                banks=True,
                actor=self.treasurer,
                now=now,
            )

    def payments(self) -> list[OutboundPayment]:
        """Every payment to her bank, oldest first."""
        with transaction() as session:
            rows = session.query(OutboundPayment).filter_by(maker_id=self.id)
            found = rows.order_by(OutboundPayment.number).all()
            for row in found:
                session.refresh(row)
                assert row.parts is not None
            session.expunge_all()
            return found

    def at_stripe(self) -> list[BankPayment]:
        """The same as the stand-in has them."""
        (recipient,) = {row.request["to"]["recipient"] for row in self.payments()}
        since = self.payments()[0].started_at.replace(year=2020)
        return self.gateway.banks.payments_to(recipient, since=since)

    def why(self, obligation_id: uuid.UUID) -> str | None:
        """Why one is not paid yet."""
        with transaction() as session:
            row = session.get_one(Obligation, obligation_id, populate_existing=True)
            return waiting_reasons(session, [row])[obligation_id]


def make_weaver(gateway: Gateway, peer: PeerProcess, now: datetime, **policy: Any) -> Weaver:
    """A maker of a co-operative of her own, who has not been to Stripe yet."""
    with transaction() as session:
        home = make_cooperative(session)
        set_policy(session, home, now, **policy)
        return Weaver(
            gateway,
            peer,
            make_maker(session, home).id,
            home.id,
            acting(make_staff(session, home, "treasurer")),
            make_staff(session, home, "storekeeper").id,
        )


def give_bank(weaver: Weaver, now: datetime, outcome: str = "complete") -> str:
    """She goes through Stripe's form; the account's id."""
    begun = accounts.connect(
        weaver.gateway,
        maker_id=weaver.id,
        actor=weaver.treasurer,
        public_url="https://shop.test",
        now=now,
        rail=Rail.STRIPE_OUTBOUND,
    )
    account_id = begun.account.account_id
    assert account_id is not None
    weaver.peer.onboard(begun.url, outcome)
    accounts.refresh(weaver.gateway, account_id=account_id, now=now)
    return account_id


def banked(gateway: Gateway, peer: PeerProcess, now: datetime, **policy: Any) -> Weaver:
    """A maker whose bank can be paid, and money to pay her from."""
    weaver = make_weaver(gateway, peer, now, **policy)
    give_bank(weaver, now)
    peer.fund(FUNDS)
    return weaver


def written_down(weaver: Weaver, minor: int, now: datetime) -> None:
    """Her house has put so many cents into the financial account."""
    with transaction() as session:
        treasury.record_move(
            session,
            source="bank",
            destination="stripe_outbound",
            amount_minor=minor,
            currency="USD",
            why="for the banks",
            moved_at=now,
            actor=weaver.treasurer,
            now=now,
        )
