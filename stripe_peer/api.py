"""The API's way through one request: key, fault, idempotency, parameters, operation, answer."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from stripe_peer import API_VERSION, clock, form, idempotency, parameters, typed_parameters
from stripe_peer.books import PLATFORM, Books, Cause, Document
from stripe_peer.expansion import expand
from stripe_peer.faults import Fault, FaultBoard
from stripe_peer.idempotency import Asked, InFlight, Kept
from stripe_peer.keys import check_account, check_key, check_version
from stripe_peer.public_document import request_schemas
from stripe_peer.refusals import BadParameter, NotExecuted, Refusal
from stripe_peer.resources.checkout_sessions import end_overdue
from stripe_peer.routes import ROUTES, Route, match
from stripe_peer.settings import Settings
from stripe_peer.store import Store, savepoint
from stripe_peer.views import show
from stripe_peer.wire import Answer, Call, new_request_id

BROKEN = {
    "error": {
        "message": "An unknown error occurred",
        "type": "api_error",
    }
}
LOG_LENGTH = 20_000
WRITES = {"v1": {"POST"}, "v2": {"POST", "DELETE"}}


@dataclass
class Logged:
    """One request as `GET /_peer/requests` shows it."""

    method: str
    path: str
    idempotency_key: str | None
    params: dict[str, Any]
    request_id: str
    status: int | None = None
    replayed: bool = False
    fault: str | None = None


class Api:
    """`/v1` and `/v2`."""

    def __init__(
        self, store: Store, settings: Settings, faults: FaultBoard, news: Callable[[], None]
    ) -> None:
        self.store = store
        self.settings = settings
        self.faults = faults
        self.news = news
        self.in_flight = InFlight()
        self.log: deque[Logged] = deque(maxlen=LOG_LENGTH)
        self.schemas = request_schemas(route.name for route in ROUTES if route.api == "v1")

    def answer(self, call: Call) -> Answer:
        """Whatever Stripe would say, with its headers."""
        request_id = new_request_id()
        entry = Logged(call.method, call.path, None, {}, request_id)
        self.log.append(entry)
        try:
            answer = self.admitted(call, entry)
        except Refusal as refusal:
            answer = Answer.of(refusal.body(), refusal.status)
            answer.headers.update(refusal.headers)
        answer.headers.setdefault("Request-Id", request_id)
        answer.headers["Stripe-Version"] = API_VERSION
        if entry.idempotency_key:
            answer.headers["Idempotency-Key"] = entry.idempotency_key
        entry.status = None if answer.dropped else answer.status
        entry.replayed = "Idempotent-Replayed" in answer.headers
        return answer

    def admitted(self, call: Call, entry: Logged) -> Answer:
        """The caller is known and the route exists; meet the fault that waits, if any."""
        check_key(self.settings, call.headers)
        check_version(call.headers)
        found = match(call.method, call.path)
        if found is None:
            raise NotExecuted(
                f"Unrecognized request URL ({call.method}: {call.path}), or one this stand-in "
                "does not serve.",
                status=404,
            )
        route, fields = found
        entry.params = given_params(call, route)
        writes = call.method in WRITES[route.api]
        entry.idempotency_key = call.headers.get("idempotency-key") if writes else None
        fault = self.faults.take(call.method, call.path)
        entry.fault = fault.kind if fault else None
        refuse_early(fault)
        with self.in_flight.claim(route.api, entry.idempotency_key):
            if fault and fault.kind == "slow_before":
                time.sleep(fault.seconds)
            answer = self.execute(call, route, fields, entry, fault)
        self.news()
        if fault and fault.kind == "slow_after":
            time.sleep(fault.seconds)
        if fault and fault.kind == "drop_answer":
            answer.dropped = True
        return answer

    def execute(
        self, call: Call, route: Route, fields: dict[str, str], entry: Logged, fault: Fault | None
    ) -> Answer:
        """Inside one transaction: replay, or run and remember."""
        account = whose(call)
        key = entry.idempotency_key
        print_ = idempotency.fingerprint(call.method, call.path, account, entry.params)
        asked = Asked(route.api, key, print_) if key else None
        with self.store.transaction() as connection:
            now = clock.now(connection)
            cause = Cause(entry.request_id, key)
            books = Books(connection, self.settings, now, cause, account)
            end_overdue(Books(connection, self.settings, now))
            check_account(books, call.method)
            kept = idempotency.recall(connection, asked, now) if asked else None
            if kept:
                return replayed(kept)
            status, body, executed = self.run(books, route, fields, entry.params)
            first = Kept(entry.request_id, status, json.dumps(body))
            broken = fault is not None and fault.kind == "error_500_after"
            if broken and route.api == "v1":
                first = Kept(entry.request_id, 500, json.dumps(BROKEN))
            if asked and executed and idempotency.worth_keeping(route.api, first.status):
                idempotency.keep(connection, asked, now, first)
        return Answer.of(BROKEN, 500) if broken else Answer(status, json.dumps(body))

    def run(
        self, books: Books, route: Route, fields: dict[str, str], given: dict[str, Any]
    ) -> tuple[int, Document, bool]:
        """Status, body, and whether the operation was begun; a refusal leaves no trace."""
        try:
            with savepoint(books.connection):
                params = self.checked(route, given)
                answered = route.operation(books, params, *fields.values())
                return 200, presented(books, answered, params.get("expand", [])), True
        except Refusal as refusal:
            return refusal.status, refusal.body(), refusal.executed

    def checked(self, route: Route, given: dict[str, Any]) -> dict[str, Any]:
        """The parameters, against the public document (v1) or the SDK's types (v2)."""
        if route.api == "v1":
            params: dict[str, Any] = parameters.read(given, self.schemas[route.name])
            return params
        if route.typed is not None:
            known = {name: value for name, value in given.items() if name != "page"}
            typed_parameters.check(known, route.typed)
        return given

    def requests(self) -> list[dict[str, Any]]:
        """The log, oldest first."""
        return [asdict(entry) for entry in list(self.log)]


def whose(call: Call) -> str:
    """The account a request is about: ours, or the one v1 and v2 each name in their own header."""
    named = call.headers.get("stripe-account") or call.headers.get("stripe-context")
    return named or PLATFORM


def given_params(call: Call, route: Route) -> dict[str, Any]:
    """Query and body together, not yet checked."""
    params = form.decode(call.query)
    if call.method == "GET":
        return params
    if route.api == "v1":
        if call.headers["content-type"].startswith("application/json"):
            raise BadParameter("The v1 API takes forms (application/x-www-form-urlencoded).")
        return {**params, **form.decode(call.body.decode("utf-8", "replace"))}
    try:
        return {**params, **call.json()}
    except ValueError as problem:
        raise BadParameter(f"Invalid JSON: {problem}") from None


def refuse_early(fault: Fault | None) -> None:
    """Faults that strike before anything is done."""
    if fault and fault.kind == "rate_limit":
        headers = {}
        if fault.should_retry is not None:
            headers["Stripe-Should-Retry"] = str(fault.should_retry).lower()
        raise NotExecuted(
            "Request rate limit exceeded.", status=429, code=fault.code, headers=headers
        )
    if fault and fault.kind == "error_500_before":
        raise NotExecuted("An unknown error occurred", status=500, kind="api_error")


def replayed(kept: Kept) -> Answer:
    """What was answered the first time, marked as such."""
    headers = {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
    return Answer(kept.status, kept.body, headers)


def presented(books: Books, answered: Document, expansions: list[str]) -> Document:
    """The operation's document, or page of documents, as it leaves."""
    if isinstance(answered.get("data"), list):
        shown = {**answered, "data": [show(books, one) for one in answered["data"]]}
    else:
        shown = show(books, answered) if "object" in answered else answered
    return expand(books, shown, expansions)
