"""A storm: many hands at once, for as long as was asked; then calm, and nothing is missing."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import requests
import stripe
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from app.handlers import HANDLERS
from core.errors import PallayError
from tests.storm.calm import Calm, look, wait_for_calm
from tests.storm.deeds import Deed, Happening
from tests.storm.house import House
from tests.storm.plan import plan

HANDS = 3
REFUSED = (
    PallayError, stripe.StripeError, RuntimeError, KeyError, IndexError, NoResultFound,
)  # fmt: skip
NOTES = sorted(set(HANDLERS) - {"order.check_payment"})


@dataclass
class Weather:
    """What happened: how often each deed was done or refused, and for how long it blew."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0
    calm_after: float = 0.0
    calm: Calm = field(default_factory=Calm)


def storm(
    house: House,
    *,
    orders: int,
    seed: int,
    seconds: float,
    patience: float,
    say: Callable[[str], None] = lambda _line: None,
) -> Weather:
    """Let a storm rage for at least so long, wait ``patience`` seconds at most for calm, look."""
    at, weather = Happening(house), Weather()
    deeds = plan(orders, seed)
    say(f"{len(deeds)} deeds about {orders} orders, seed {seed}")
    began = time.monotonic()
    over = threading.Event()
    house.tell("POST", "webhooks/pause")
    courier = threading.Thread(target=_carry, args=(house, seed, over), daemon=True)
    courier.start()
    hands = [
        threading.Thread(
            target=_work, args=(at, weather, deeds[one::HANDS], began, seconds), daemon=True
        )
        for one in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    over.set()
    courier.join(60)
    weather.seconds = time.monotonic() - began
    say(f"it blew for {weather.seconds:.0f} s; waiting for calm")
    wait_for_calm(at, NOTES, seconds=patience)
    weather.calm_after = time.monotonic() - began - weather.seconds
    weather.calm = look(at)
    return weather


def _work(at: Happening, weather: Weather, deeds: list[Deed], began: float, seconds: float) -> None:
    """One pair of hands: its deeds one after another, spread over the time."""
    pause = threading.Event()
    for place, deed in enumerate(deeds):
        pause.wait(max(0.0, began + seconds * place / len(deeds) - time.monotonic()))
        try:
            at.do(deed)
            weather.done[deed.name] += 1
        except REFUSED:
            weather.refused[deed.name] += 1
        except (SQLAlchemyError, requests.RequestException) as problem:
            weather.trouble.append(f"{deed.name}: {str(problem)[:300]}")


def _carry(house: House, seed: int, over: threading.Event) -> None:
    """News comes late, the newest first now and then, and some of it twice or thrice."""
    dice = random.Random(seed)
    while not over.wait(dice.random()):
        with suppress(RuntimeError, requests.RequestException):
            house.tell("POST", "webhooks/deliver", order=dice.choice(["newest_first", "oldest"]))
            if dice.random() < 0.7:
                recent = house.gateway._client.v1.events.list({"limit": 20}).data
                for again in recent[: dice.randint(0, 2)]:
                    house.tell("POST", "webhooks/resend", event=again.id, copies=dice.randint(1, 2))
