"""The whole stand-in as one WSGI application: the API, the pages, the control surface."""

import threading
import traceback
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from stripe_peer import clock, storage
from stripe_peer.api import BROKEN, Api
from stripe_peer.books import Books
from stripe_peer.control import Control
from stripe_peer.courier import Courier
from stripe_peer.faults import FaultBoard
from stripe_peer.pages import checkout, onboarding
from stripe_peer.resources import webhook_endpoints
from stripe_peer.resources.checkout_sessions import end_overdue
from stripe_peer.settings import Settings
from stripe_peer.store import Store
from stripe_peer.wire import Answer, Call

PAGES = {"/c/pay/": checkout.answer, "/setup/r/": onboarding.answer}
TICK_SECONDS = 0.5


class Peer:
    """One stand-in: its store, its courier, its clock's tick."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state)
        self.courier = Courier(self.store, settings)
        self.api = Api(self.store, settings, FaultBoard(), self.courier.news)
        self.control = Control(self.api, self.courier)
        self._stop = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="ticker", daemon=True)

    def start(self) -> None:
        """Register the command line's endpoints; begin to tick and to carry."""
        with self.store.transaction() as connection:
            books = Books(connection, self.settings, clock.now(connection))
            webhook_endpoints.register(books, self.settings)
            storage.open_account(books)
        self._ticker.start()
        self.courier.start()

    def stop(self) -> None:
        """End both threads, then close the store."""
        self._stop.set()
        self._ticker.join()
        if self.courier.stop():
            self.store.close()

    def _tick(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            with self.store.transaction() as connection:
                ended = end_overdue(Books(connection, self.settings, clock.now(connection)))
            if ended:
                self.courier.news()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        try:
            answer = self.answer(Call.read(environ))
        except Exception:  # noqa: BLE001 a bug here has to look like a bug at Stripe
            traceback.print_exc()
            answer = Answer.of(BROKEN, 500)
        return answer.send(environ, start_response)

    def answer(self, call: Call) -> Answer:
        """By the first part of the path."""
        if call.path.startswith("/_peer/"):
            return self.control.answer(call)
        for prefix, shown in PAGES.items():
            if call.path.startswith(prefix) and call.method in ("GET", "POST"):
                with self.control.books() as books:
                    return shown(books, call, call.path.removeprefix(prefix))
        return self.api.answer(call)
