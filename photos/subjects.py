"""What a photo shows, and who may see it before anybody consented to more."""

from enum import StrEnum

from core.actors import Actor
from people.permissions import require


class SubjectKind(StrEnum):
    """The kinds of things that are photographed."""

    PIECE = "piece"
    INSPECTION = "inspection"
    DEFECT = "defect"
    DELIVERY = "delivery"
    MAKER = "maker"
    LISTING = "listing"
    RECEIPT = "receipt"
    COMMISSION = "commission"
    SWATCH = "swatch"
    ORDER = "order"


#: Whoever may read the thing may see its photos, and nobody else: a receipt bears a name, a
#: signature and what she was paid.
SCOPE_OF = {
    SubjectKind.PIECE: "stock:read",
    SubjectKind.INSPECTION: "quality:read",
    SubjectKind.DEFECT: "quality:read",
    SubjectKind.DELIVERY: "stock:read",
    SubjectKind.MAKER: "makers:read",
    SubjectKind.LISTING: "listings:read",
    SubjectKind.RECEIPT: "payouts:read",
    SubjectKind.COMMISSION: "stock:read",
    SubjectKind.SWATCH: "stock:read",
    SubjectKind.ORDER: "orders:read",
}
#: What may never be public, whoever consents: it is evidence, and somebody's own.
NEVER_PUBLIC = frozenset({SubjectKind.RECEIPT, SubjectKind.ORDER})


def kinds_open_to(actor: Actor) -> list[str]:
    """The kinds whose photos this actor may see."""
    return [kind.value for kind, scope in SCOPE_OF.items() if scope in actor.scopes]


def require_kind(actor: Actor, kind: str) -> None:
    """Raise ScopeMissing unless the actor may see photos of this kind."""
    require(actor, SCOPE_OF[SubjectKind(kind)])
