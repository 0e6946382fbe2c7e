"""Where a storm rages: a real web server, worker and stand-in, and much to sell.

The worker is killed as a power cut would, and another one started; the dead count as silent after
two seconds.
"""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app.config import load
from app.demo.stage import Stage, set_stage
from core.actors import Actor
from core.db import transaction, use_sessions
from inventory.models import Piece
from payments.gateway import Gateway
from payouts import accounts
from people.models import Cooperative, Maker
from tests.payouts.selling import set_policy
from tests.support.make import (
    accept,
    acting,
    make_cooperative,
    make_design,
    make_listing,
    make_location,
    make_maker,
    make_pieces,
    make_staff,
)

PIECES_A_LISTING = 20
MAKERS = 8
WITH_ACCOUNTS = 5
PRICES = (1900, 4500, 6800, 12_345)
SOON = {"PALLAY_WORKER_HEARTBEAT_SECONDS": "1", "PALLAY_WORKER_STALLED_SECONDS": "2"}


@dataclass
class House:
    """The parts, the people, and the goods."""

    stage: Stage
    engine: Engine
    gateway: Gateway
    cooperative_id: uuid.UUID = field(default_factory=uuid.uuid4)
    treasurer: Any = None
    witness_id: uuid.UUID = field(default_factory=uuid.uuid4)
    makers: list[uuid.UUID] = field(default_factory=list)
    listings: list[uuid.UUID] = field(default_factory=list)

    def tell(self, method: str, path: str, /, **told: Any) -> Any:
        """One call of the stand-in's control surface; RuntimeError when it says no."""
        url = f"{self.stage.stripe_url}/_peer/{path}"
        answer = requests.request(method, url, json=told, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.text}")
        return answer.json()

    def kill_worker(self) -> None:
        """A power cut, and somebody who switches it on again."""
        self.stage.worker.kill()
        self.stage.worker.start()


@contextmanager
def open_house(
    var: Path, *, orders: int, seed: int, database_url: str | None = None
) -> Iterator[House]:
    """Everything started and filled, for as long as the block lasts."""
    told = {"PALLAY_VAR": str(var)} | ({"DATABASE_URL": database_url} if database_url else {})
    settings = load(told)
    with set_stage(settings, logs=var, database="pallay_storm", durable=False, told=SOON) as stage:
        engine = create_engine(stage.database_url, pool_size=10, max_overflow=20)
        per_thread = scoped_session(sessionmaker(engine))
        use_sessions(per_thread)
        gateway = Gateway(
            secret_key=stage.environment["STRIPE_SECRET_KEY"],
            webhook_secret=stage.environment["STRIPE_WEBHOOK_SECRET"],
            base_url=stage.stripe_url,
        )
        house = House(stage, engine, gateway)
        _fill(house, orders, random.Random(seed))
        yield house
        per_thread.remove()
        engine.dispose()


def _fill(house: House, orders: int, dice: random.Random) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        home = make_cooperative(session)
        # Due as soon as it is in the buyer's hands.
        set_policy(session, home, now, hold_days_online=0, fee_bearer="everyone")
        house.cooperative_id = home.id
        house.treasurer = acting(make_staff(session, home, "treasurer", "coordinator"))
        house.witness_id = make_staff(session, home, "storekeeper").id
        makers = [make_maker(session, home) for _ in range(MAKERS)]
        house.makers = [maker.id for maker in makers]
        _offer(session, house, home, makers, orders, dice)
    for maker_id in house.makers[:WITH_ACCOUNTS]:
        _open_account(house, maker_id, house.treasurer, now)


def _offer(
    session: Session,
    house: House,
    home: Cooperative,
    makers: list[Maker],
    orders: int,
    dice: random.Random,
) -> None:
    """Twice as many pieces as orders, each of one to three makers."""
    room = make_location(session, home)
    while len(house.listings) * PIECES_A_LISTING < 2 * orders:
        team = dice.sample(makers, dice.randint(1, 3))
        pieces: list[Piece] = make_pieces(
            session,
            home,
            PIECES_A_LISTING,
            design=make_design(session, home),
            location=room,
            weights=[(maker, "weave", dice.randint(1, 30)) for maker in team],
        )
        for piece in pieces:
            accept(piece)
        session.flush()
        price = dice.choice(PRICES)
        offered = make_listing(session, home, pieces, prices={"USD": price, "PEN": price * 4})
        house.listings.append(offered.id)


def _open_account(house: House, maker_id: uuid.UUID, treasurer: Actor, now: datetime) -> None:
    opened = accounts.connect(
        house.gateway, maker_id=maker_id, actor=treasurer, public_url="https://shop.test", now=now
    )
    account_id = opened.account.account_id
    assert account_id is not None
    house.tell("POST", f"accounts/{account_id}/capability", status="active")
    accounts.refresh(house.gateway, account_id=account_id, now=now)
