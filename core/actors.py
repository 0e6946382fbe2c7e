"""Who acted: always a person, a named application, a buyer with her token, or the house itself."""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    """The four kinds of doer; a key is never one of them, only a way to speak for one."""

    STAFF = "staff"
    APPLICATION = "application"
    BUYER = "buyer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name something is done, and what she may do."""

    kind: ActorKind
    id: uuid.UUID | str
    cooperative_id: uuid.UUID | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    #: The API key that speaks, for the audit; it changes nothing of who acts.
    key_id: uuid.UUID | None = field(default=None, compare=False)

    @property
    def reference(self) -> str:
        """How the actor is written on a row: ``staff:<uuid>``, ``system:worker``."""
        return f"{self.kind}:{self.id}"

    @property
    def staff_id(self) -> uuid.UUID | None:
        """The staff member's id, or None when the actor is not one."""
        return self.id if self.kind is ActorKind.STAFF and isinstance(self.id, uuid.UUID) else None


def system(name: str) -> Actor:
    """The house itself, under the name of the part that acted (``worker``, ``stripe``)."""
    return Actor(ActorKind.SYSTEM, name)


def buyer(order_id: uuid.UUID) -> Actor:
    """The buyer of one order, known by the order's token."""
    return Actor(ActorKind.BUYER, order_id)


ACTOR_PATTERN = "^(staff|application|buyer|system):[0-9a-z_-]+$"
