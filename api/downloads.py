"""Downloads: answers that are files, not JSON; sent a piece at a time where they can be long."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, stream_with_context

from api.blueprints import document

View = TypeVar("View", bound=Callable[..., Any])
#: A text is described as one, everything else as bytes.
BYTES = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}


def downloads(kind: str, *, example: str = "the bytes of the file") -> Callable[[View], View]:
    """The view gives the file's name and its contents: bytes, or what writes them piece by piece.

    Pieces are written after the view has returned, when its session is closed: what writes them
    asks for the session of its own time.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def sent(*args: Any, **kwargs: Any) -> Response:
            name, contents = view(*args, **kwargs)
            body = contents if isinstance(contents, bytes) else stream_with_context(_late(contents))
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(body, content_type=_with_charset(kind), headers=headers)

        return document(cast("View", sent), responses={"200": _described(kind, example)})

    return decorate


def takes_bytes(*kinds: str) -> Callable[[View], View]:
    """The view reads a file of one of these kinds from the request, not JSON."""
    content = {kind: {"schema": BYTES, "example": "the bytes of the file"} for kind in kinds}
    body = {"required": True, "description": "The bytes of the file.", "content": content}

    def decorate(view: View) -> View:
        return document(view, requestBody=body)

    return decorate


def pictures(*kinds: str) -> Callable[[View], View]:
    """The view answers with a picture of one of these kinds, to be looked at and not saved."""
    content = {kind: {"schema": BYTES, "example": "the bytes of the file"} for kind in kinds}

    def decorate(view: View) -> View:
        return document(
            view, responses={"200": {"description": "The picture.", "content": content}}
        )

    return decorate


def _late(pieces: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    yield from pieces()


def _described(kind: str, example: str) -> dict[str, Any]:
    content = {"schema": TEXT if kind.startswith("text/") else BYTES, "example": example}
    return {"description": "The file.", "content": {kind: content}}


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
