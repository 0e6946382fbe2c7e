"""Whatever dies, and wherever: asked once, done once, and the books agree.

The matrix: each step at which a worker is killed, times each way in which Stripe then fails the one
who takes over; and in every cell all that the house asks of Stripe, at the same time.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from app.migrating import upgrade_to_head
from core import clock
from core.db import transaction, use_sessions
from payouts import recoveries
from payouts.reconcile import reconcile
from tests.conftest import gateway_to
from tests.crash.operations import OPERATIONS, Case
from tests.crash.scene import Scene, row
from tests.support.databases import fresh_database
from tests.support.peer import PeerProcess
from tests.support.races import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lasting(
    postgres_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The parts, started once for all cells of this process."""
    log: Path = tmp_path_factory.mktemp("crash") / "worker.log"
    with (
        fresh_database(postgres_url, f"pallay_crash_{worker_id}") as url,
        PeerProcess() as peer,
    ):
        upgrade_to_head(url)
        engine = create_engine(url)
        gateway = gateway_to(peer)
        yield Scene(engine, url, peer, gateway, log)
        engine.dispose()


@pytest.fixture
def scene(lasting: Scene) -> Iterator[Scene]:
    """The same, with our own sessions on its database, and no worker or fault left behind."""
    per_thread = scoped_session(sessionmaker(lasting.engine))
    use_sessions(per_thread)
    yield lasting
    lasting.stop_worker()
    lasting.peer.disarm()
    per_thread.remove()


# The steps: each lets a worker come exactly so far, and kills it there.


def before_the_row(scene: Scene, cases: list[Case]) -> None:
    """Before the attempt is written: its subject is held by somebody else."""
    with ExitStack() as held:
        locks = [held.enter_context(scene.holding(*row(one.table, one.id))) for one in cases]
        at_work(scene, cases)
        for lock in locks:
            scene.wait_for_somebody_behind(lock)
        scene.kill_worker()


def on_the_wire(scene: Scene, cases: list[Case]) -> None:
    """The attempt is committed, the request sent; Stripe reads it after the worker's death."""
    with stripe_asleep(scene):
        at_work(scene, cases)
        all_begun(scene, cases)
        scene.kill_worker()


def during_the_call(scene: Scene, cases: list[Case]) -> None:
    """Stripe has the request and has not carried it out."""
    for one in cases:
        scene.peer.arm(kind="slow_before", path=one.path, seconds=1, times=1)
    at_work(scene, cases)
    wait_until(lambda: not scene.peer.faults(), what="every request to be at Stripe")
    scene.kill_worker()


def after_stripe_committed(scene: Scene, cases: list[Case]) -> None:
    """Stripe has done it; its answer never comes."""
    for one in cases:
        scene.peer.arm(kind="slow_after", path=one.path, seconds=60, times=1)
    at_work(scene, cases)
    wait_until(lambda: all(one.effects() for one in cases), what="Stripe to have done it")
    scene.kill_worker()


def before_recording(scene: Scene, cases: list[Case]) -> None:
    """The answer is here and not written down: the row is held by somebody else."""
    with ExitStack() as held:
        with stripe_asleep(scene):
            at_work(scene, cases)
            all_begun(scene, cases)
            locks = [held.enter_context(scene.holding(*row(one.table, one.id))) for one in cases]
        for lock in locks:
            scene.wait_for_somebody_behind(lock)
        scene.kill_worker()


def after_recording(scene: Scene, cases: list[Case]) -> None:
    """Written down; only the job's own end is not."""
    with ExitStack() as held:
        with stripe_asleep(scene):
            at_work(scene, cases)
            all_begun(scene, cases)
            jobs = "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' FOR UPDATE"
            lock = held.enter_context(scene.holding(jobs))
        wait_until(lambda: all(is_done(scene, one) for one in cases), what="it to be recorded")
        scene.wait_for_somebody_behind(lock)
        scene.kill_worker()


STEPS: dict[str, Callable[[Scene, list[Case]], None]] = {
    "before the row": before_the_row,
    "on the wire": on_the_wire,
    "during the call": during_the_call,
    "after Stripe committed": after_stripe_committed,
    "before recording": before_recording,
    "after": after_recording,
}
WAITING_JOBS = (
    "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock IS NOT NULL"
)
#: How Stripe meets the first request of the one who takes over.
FAULTS = ["none", "drop_answer", "error_500_after", "error_500_before", "rate_limit"]
#: Cells that cannot be. An order's attempt is written with the order, before any worker hears of
#: it; a page that Stripe will not open for a day is one whose order ends (tests/orders).
CANNOT_BE = {("before the row", "session"), ("error_500_before", "session")}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_whatever_dies_wherever_it_is_done_once(scene: Scene, step: str, fault: str) -> None:
    asked_for = [name for name in OPERATIONS if not {(step, name), (fault, name)} & CANNOT_BE]
    cases = [OPERATIONS[name](scene) for name in asked_for]

    STEPS[step](scene, cases)
    if fault != "none":
        for one in cases:
            scene.peer.arm(kind=fault, path=one.path, times=1)
    scene.silent_for_long()
    scene.start_worker()
    see_it_through(scene, cases)

    calm_down(scene)
    assert [one.effects() for one in cases] == [1] * len(cases)
    assert reconcile(scene.gateway) == []


def calm_down(scene: Scene) -> None:
    """Until nothing is left to do: what follows from what was done is done too."""

    def calm() -> bool:
        scene.no_pause()
        if scene.ask(WAITING_JOBS):
            return False
        with transaction() as session:
            return not recoveries.follow_outcomes(session, now=clock.now())

    wait_until(calm, what="everybody to be done", seconds=40)


def see_it_through(scene: Scene, cases: list[Case]) -> None:
    """Until all is done: pauses are over at once; when nobody is at it any more, a day passes."""

    def through() -> bool:
        if all(is_done(scene, one) for one in cases):
            return True
        scene.no_pause()
        if not scene.ask(WAITING_JOBS):
            scene.a_day_passes()
            for one in cases:
                if not is_done(scene, one):
                    one.leave_note()
        return False

    wait_until(through, what="somebody to see it through", seconds=40)


def at_work(scene: Scene, cases: list[Case]) -> None:
    for one in cases:
        one.leave_note()
    if scene.worker is None:
        scene.start_worker()


def all_begun(scene: Scene, cases: list[Case]) -> None:
    def begun() -> bool:
        return all(scene.ask(one.begun, id=one.id) for one in cases)

    wait_until(begun, what="every attempt to be written")
    # The attempt of an order was there before; its worker is at it once its job is.
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND lock IS NOT NULL"
    wait_until(lambda: scene.ask(doing) == len(cases), what="every job to be under way")


def is_done(scene: Scene, case: Case) -> bool:
    return bool(scene.ask(case.done, id=case.id))


class stripe_asleep:  # noqa: N801 - reads as a sentence
    """Stripe takes requests and answers nothing for as long as the block lasts."""

    def __init__(self, scene: Scene) -> None:
        self.peer = scene.peer

    def __enter__(self) -> None:
        self.peer.signal(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        self.peer.signal(signal.SIGCONT)
