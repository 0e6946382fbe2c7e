"""What is asked of Stripe once: the clock is looked at again in the moment of the call."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from core import clock
from core.ids import new_id
from payments import attempts
from payments.attempts import V1_KEYS_LIVE, Asking, Overslept, Result
from payments.errors import Unreachable
from tests.support.make import NOW

pytestmark = pytest.mark.usefixtures("session")


class Sleepy:
    """An errand whose worker is put to sleep after its attempt was written."""

    keys_live: ClassVar[timedelta] = V1_KEYS_LIVE

    def __init__(self, sleeps: timedelta, asleep: ExitStack, found: str | None = None) -> None:
        self.sleeps, self.asleep, self.found = sleeps, asleep, found
        self.started = NOW
        self.told: list[Any] = []

    def begin(self, session: Any, now: Any) -> Asking:
        self.asleep.enter_context(clock.fixed(clock.now() + self.sleeps))
        return Asking(new_id(), "key", {}, self.started)

    def ask(self, asking: Asking) -> str:
        self.told.append("asked")
        return "made"

    def find(self, asking: Asking) -> str | None:
        self.told.append("looked")
        return self.found

    def note_answer(self, session: Any, asking: Asking, answer: str, now: Any) -> None:
        self.told.append(answer)

    def note_no(self, *of_what: Any) -> None:
        self.told.append("no")


@pytest.fixture
def asleep():
    """The clock as it goes on while a worker sleeps."""
    with ExitStack() as stack:
        stack.enter_context(clock.fixed(NOW))
        yield stack


def test_who_slept_for_a_day_before_the_call_does_not_call(asleep):
    errand = Sleepy(timedelta(hours=24), asleep)

    with pytest.raises(Overslept):
        attempts.run(errand, now=NOW)

    assert errand.told == []


def test_and_asks_what_became_of_it_before_anything_else_once_awake(asleep):
    errand = Sleepy(timedelta(hours=24), asleep, found="made before")
    with pytest.raises(Unreachable):
        attempts.run(errand, now=NOW)
    errand.sleeps = timedelta(0)

    assert attempts.run(errand, now=NOW + timedelta(hours=24)) is Result.DONE

    assert errand.told == ["looked", "made before"]


def test_who_slept_for_less_than_stripe_remembers_calls(asleep):
    errand = Sleepy(timedelta(hours=22), asleep)

    assert attempts.run(errand, now=NOW) is Result.DONE

    assert errand.told == ["asked", "made"]


def test_the_clock_of_whoever_runs_it_may_be_ahead(asleep):
    """Tests move Stripe's clock and hand that time in."""
    errand = Sleepy(timedelta(0), asleep)
    errand.started = NOW + timedelta(days=9)

    assert attempts.run(errand, now=NOW + timedelta(days=9)) is Result.DONE
    with pytest.raises(Overslept):
        attempts.run(Sleepy(timedelta(hours=23), asleep), now=NOW)
