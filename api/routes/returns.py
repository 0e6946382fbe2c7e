"""Returns: goods a buyer sends back."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.paging import listed, pages_of
from api.schemas.base import Nothing
from api.schemas.returns import NewClosure, NewReceipt, NewReturn, ReturnsWanted, ReturnView
from core import clock
from core.db import current_session
from orders import returns
from orders.returns import Decided, ReturnFilter

blueprint = Blueprint("returns", "Goods coming back from buyers.")


@blueprint.post("/orders/<uuid:order_id>/returns")
@needs("orders:write")
@blueprint.arguments(NewReturn)
@once(required=True)
@blueprint.response(201, ReturnView)
def authorise_return(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Let a buyer send lines back.

    Lines that have left the house, each once. Money goes back by a refund with its `return_id`.
    """
    return returns.authorise_return(
        current_session(), order_id=order_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/returns")
@needs("orders:read")
@blueprint.arguments(ReturnsWanted, location="query")
@blueprint.response(200, pages_of(ReturnView))
def list_returns(wanted: dict[str, Any]) -> Any:
    """List returns.

    Of the key's co-operative, oldest first.
    """
    looked_for = ReturnFilter(**{n: wanted[n] for n in ("status", "order_id") if n in wanted})
    read = partial(returns.list_returns, current_session(), actor=actor(), wanted=looked_for)
    return listed(read, wanted)


@blueprint.get("/returns/<uuid:return_id>")
@needs("orders:read")
@blueprint.response(200, ReturnView)
def get_return(return_id: uuid.UUID) -> Any:
    """Read one return.

    With each piece, and what became of it.
    """
    return returns.get_return(current_session(), return_id, actor=actor())


@blueprint.post("/returns/<uuid:return_id>/receipt")
@needs("orders:write")
@blueprint.arguments(NewReceipt)
@once(required=True)
@blueprint.response(201, ReturnView)
def receive_return(wanted: dict[str, Any], return_id: uuid.UUID) -> Any:
    """Receive pieces of a return.

    Into a room, where they wait to be inspected again; all that are on the way unless named.
    """
    return returns.receive_return(
        current_session(), return_id=return_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/returns/<uuid:return_id>/closure")
@needs("orders:write")
@blueprint.arguments(NewClosure)
@once(required=True)
@blueprint.response(201, ReturnView)
def close_return(wanted: dict[str, Any], return_id: uuid.UUID) -> Any:
    """Write down what became of returned pieces.

    As the new inspection decided: `restocked` with grade A, `sold_as_b` with grade B,
    `written_off` where it did not pass. With the last of them the return is closed.
    """
    decided = [Decided(**piece) for piece in wanted["pieces"]]
    return returns.close_return(
        current_session(), return_id=return_id, decided=decided, actor=actor(), now=clock.now()
    )


@blueprint.post("/returns/<uuid:return_id>/cancellation")
@needs("orders:write")
@blueprint.arguments(Nothing)
@writes
@blueprint.response(201, ReturnView)
def cancel_return(_wanted: dict[str, Any], return_id: uuid.UUID) -> Any:
    """Cancel a return of which nothing has come.

    The buyer keeps her pieces. Cancelling twice gives the same answer.
    """
    return returns.cancel_return(
        current_session(), return_id=return_id, actor=actor(), now=clock.now()
    )
