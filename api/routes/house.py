"""What the house keeps: news from Stripe and jobs, to be read and to be tried again by people."""

from datetime import datetime
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import CursorInvalid, opened, page, pages_of, sealed
from api.schemas.base import Nothing
from api.schemas.house import JobsWanted, JobView, NewsView, NewsWanted, OneNewsView
from core import clock, unfinished
from core.db import current_session
from core.errors import NotFound
from core.unfinished import Job, JobState
from inventory.batch_models import Batch
from inventory.models import Piece
from orders.dispute_models import Dispute
from orders.models import Order, StrayPayment
from orders.refund_models import Refund
from payments import inbox, newsroom
from payments.models import News, NewsState
from payments.newsroom import Place
from payouts.models import Obligation
from payouts.recovery_models import Recovery
from people.models import Cooperative, Maker
from photos.models import Photo

blueprint = Blueprint("house", "What Stripe told us, and work that waits or gave up.")

#: Whose a job is: by the row that one of its arguments names. A job with none is the house's.
OWNERS = {
    "order_id": Order,
    "refund_id": Refund,
    "stray_id": StrayPayment,
    "dispute_id": Dispute,
    "obligation_id": Obligation,
    "recovery_id": Recovery,
    "piece_id": Piece,
    "photo_id": Photo,
    "batch_id": Batch,
    "maker_id": Maker,
    "cooperative_id": Cooperative,
}
#: Arguments that name what is the house's own.
NOBODYS = {"event_id", "report_id"}


@blueprint.get("/news")
@needs("house:read")
@blueprint.arguments(NewsWanted, location="query")
@blueprint.response(200, pages_of(NewsView))
def list_news(wanted: dict[str, Any]) -> Any:
    """List news from Stripe.

    Newest first; `waiting` is about something not known yet, `failed` could not be applied. Both
    are tried again by themselves for 30 days; `given_up_at` says when that ended.
    """
    limit, cursor, state = wanted["limit"], wanted.get("after"), wanted.get("state")
    rows = newsroom.list_news(
        current_session(),
        limit=limit + 1,
        state=NewsState(state) if state else None,
        before=_place_in(cursor) if cursor else None,
    )
    return page(rows, limit, lambda news: sealed(news.received_at.isoformat(), news.id))


@blueprint.get("/news/<event_id>")
@needs("house:read")
@blueprint.response(200, OneNewsView)
def get_news(event_id: str) -> Any:
    """Read one piece of news.

    By Stripe's id of the event, with who had it tried again.
    """
    return _in_full(inbox.get_news(current_session(), _event(event_id)))


@blueprint.post("/news/<event_id>/attempts")
@needs("house:write")
@blueprint.arguments(Nothing)
@once(required=True)
@blueprint.response(202, OneNewsView)
def repeat_news(_wanted: dict[str, Any], event_id: str) -> Any:
    """Have one piece of news tried again.

    A worker does it now, also after it was given up. What is applied stays so (`news_done`).
    """
    news = newsroom.repeat_news(current_session(), _event(event_id), actor=actor(), now=clock.now())
    return _in_full(news)


@blueprint.get("/jobs")
@needs("house:read")
@blueprint.arguments(JobsWanted, location="query")
@blueprint.response(200, pages_of(JobView))
def list_jobs(wanted: dict[str, Any]) -> Any:
    """List jobs.

    Newest first: those that gave up after all their tries, or that wait or are being done. What
    runs by the clock is not among them.
    """
    limit, cursor = wanted["limit"], wanted.get("after")
    rows = unfinished.list_jobs(
        current_session(),
        actor=actor(),
        owners=OWNERS,
        limit=limit + 1,
        state=JobState(wanted["state"]),
        before=_number_in(cursor) if cursor else None,
    )
    return page(rows, limit, lambda job: sealed("job", job.id))


@blueprint.get("/jobs/<int:job_id>")
@needs("house:read")
@blueprint.response(200, JobView)
def get_job(job_id: int) -> Job:
    """Read one job.

    One that waits, is being done, or gave up.
    """
    return unfinished.get_job(current_session(), job_id, actor=actor(), owners=OWNERS)


@blueprint.post("/jobs/<int:job_id>/attempts")
@needs("house:write")
@blueprint.arguments(Nothing)
@once(required=True)
@blueprint.response(202, JobView)
def repeat_job(_wanted: dict[str, Any], job_id: int) -> Job:
    """Have a job that gave up repeated.

    With the same arguments, as a new job with all its tries, which is the answer. Once: if the new
    one gives up too, repeat that (`job_repeated` names it). Every job is safe to do twice.
    """
    return unfinished.repeat_job(
        current_session(), job_id, actor=actor(), owners=OWNERS, now=clock.now()
    )


def _in_full(news: News) -> dict[str, Any]:
    shown = {name: getattr(news, name) for name in NewsView.EXAMPLE}
    return shown | {"asked_again": newsroom.asked_again(current_session(), news.id)}


def _event(event_id: str) -> str:
    """What may be an event's id; nothing else is looked for."""
    if not event_id.isprintable():
        raise NotFound("no such news")
    return event_id


def _place_in(cursor: str) -> Place:
    received_at, event_id = opened(cursor, 2)
    try:
        place = Place(datetime.fromisoformat(received_at), _event(event_id))
    except (TypeError, ValueError, AttributeError, NotFound):
        raise CursorInvalid(pointer="?after") from None
    if place.received_at.tzinfo is None:
        raise CursorInvalid(pointer="?after")
    return place


def _number_in(cursor: str) -> int:
    what, number = opened(cursor, 2)
    if what != "job" or type(number) is not int:
        raise CursorInvalid(pointer="?after")
    return number
