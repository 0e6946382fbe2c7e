"""HTTP as the rest of the stand-in sees it: a call in, an answer out."""

import json
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

LARGEST_BODY = 1_000_000


@dataclass(frozen=True)
class Call:
    """One HTTP request, read."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]

    @classmethod
    def read(cls, environ: WSGIEnvironment) -> "Call":
        """From WSGI; header names in lower case."""
        length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_BODY)
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        return cls(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ["wsgi.input"].read(length) if length else b"",
            headers,
        )

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ValueError when it is none."""
        if not self.body:
            return {}
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("The body has to be a JSON object.")
        return found


@dataclass
class Answer:
    """What goes back; `dropped` closes the connection instead."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    dropped: bool = False

    @classmethod
    def of(cls, document: Any, status: int = 200, **headers: str) -> "Answer":
        """An answer in JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(document), named)

    @classmethod
    def see_other(cls, url: str) -> "Answer":
        """Go there."""
        return cls(303, "", {"Location": url}, "text/plain")

    def send(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Into WSGI."""
        if self.dropped:
            hang_up(environ)
        payload = self.body.encode()
        headers = {
            "Content-Type": f"{self.content_type}; charset=utf-8",
            "Content-Length": str(len(payload)),
            **self.headers,
        }
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", list(headers.items()))
        return [payload]


def hang_up(environ: WSGIEnvironment) -> None:
    """Close the connection under the caller, without a word."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


def new_request_id() -> str:
    """req_ and chance."""
    return f"req_{secrets.token_urlsafe(12).replace('-', 'a').replace('_', 'b')[:14]}"
