"""What one request sees and changes: the documents, the time, and who asked."""

import json
import secrets
import sqlite3
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_peer.refusals import Refusal, no_such
from stripe_peer.settings import Settings

Document = dict[str, Any]
PLATFORM = ""
LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Cause:
    """The API request that made something happen; empty when a page or the clock did."""

    request_id: str | None = None
    idempotency_key: str | None = None


def new_id(prefix: str, length: int = 24) -> str:
    """An id as Stripe makes them: a prefix that says the kind, then chance."""
    return f"{prefix}_" + "".join(secrets.choice(LETTERS) for _ in range(length))


class Books:
    """The documents inside one transaction. `_peer` in a document is never shown."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        settings: Settings,
        now: int,
        cause: Cause = Cause(),
        account: str = PLATFORM,
    ) -> None:
        self.connection = connection
        self.settings = settings
        self.now = now
        self.cause = cause
        self.account = account

    def add(self, document: Document, *, account: str = PLATFORM, created: int = 0) -> Document:
        """Write a new document, owned by the platform or by a connected account."""
        self.connection.execute(
            "INSERT INTO documents (id, kind, account, created, body) VALUES (?, ?, ?, ?, ?)",
            (
                document["id"],
                document["object"],
                account,
                created or self.now,
                json.dumps(document),
            ),
        )
        return document

    def save(self, document: Document) -> Document:
        """Write a changed document over its older self."""
        self.connection.execute(
            "UPDATE documents SET body = ? WHERE id = ?", (json.dumps(document), document["id"])
        )
        return document

    def remove(self, document: Document) -> None:
        """Forget a document."""
        self.connection.execute("DELETE FROM documents WHERE id = ?", (document["id"],))

    def look_up(self, wanted: str) -> Document | None:
        """Whatever has this id, of any kind and any account."""
        row = self.connection.execute(
            "SELECT body FROM documents WHERE id = ?", (wanted,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, kind: str, wanted: str) -> Document | None:
        """The document of this kind and id in the account that asks."""
        row = self.connection.execute(
            "SELECT body FROM documents WHERE id = ? AND kind = ? AND account = ?",
            (wanted, kind, self.account),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def find(self, kind: str, wanted: str, *, param: str = "id", status: int = 404) -> Document:
        """Like `get`, but Stripe's refusal when there is none."""
        document = self.get(kind, wanted)
        if document is None:
            raise no_such(kind, wanted, param=param, status=status)
        return document

    def all(
        self, kind: str, where: Mapping[str, Any], *, account: str = PLATFORM
    ) -> list[Document]:
        """Every document of a kind whose top fields have these values, oldest first."""
        conditions, values = equalities(where)
        rows = self.connection.execute(
            f"SELECT body FROM documents WHERE kind = ? AND account = ?{conditions} ORDER BY seq",  # noqa: S608 names are our own
            (kind, account, *values),
        )
        return [json.loads(body) for (body,) in rows]


def equalities(where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """SQL for `field = value` on the stored JSON; the names come from our code only."""
    names = [name for name, value in where.items() if value is not None]
    if any(not name.replace("_", "").replace(".", "").isalpha() for name in names):
        raise Refusal("Not a field name")
    text = "".join(f" AND json_extract(body, '$.{name}') = ?" for name in names)
    return text, [where[name] for name in names]
