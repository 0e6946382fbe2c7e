"""Purchases: what a liquidación de compra is written from, one row a maker and piece, as a sheet.

Whoever buys handicraft from a person without a tax number writes that document herself, when she
buys (SUNAT, Carta 018-2005). The co-operative buys when it accepts a piece at its agreed price; so
the day is that of the acceptance, paid or not. A piece sold for a share was never bought.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from core.money import BASIS_POINTS, in_major
from core.sheets import as_csv
from inventory.design_models import Design
from inventory.models import AgreementKind, Piece
from payouts.models import Obligation, ObligationStatus
from payouts.payable import earned, still_payable
from payouts.purchase_models import WithholdingKind, WithholdingRule
from payouts.withholding import every_rule, rules_on
from people.cooperatives import own, zone_of
from people.models import Cooperative
from people.paper_models import MakerPaper, PaperKind
from people.papers import papers_of

CHUNK = 1000
NOTHING_YET = uuid.UUID(int=0)
OF_PURCHASE = (
    "fecha", "compra_id", "estado", "compradora", "lugar", "vendedora_id", "vendedora_nombre",
    "documento", "ruc", "corresponde", "pieza", "diseno", "descripcion",
    "cantidad", "precio_unitario", "importe", "moneda",
)  # fmt: skip
OF_RULE = "tasa", "monto", "fuente", "verificado"
OF_PAYMENT = "pagado", "falta", "pagado_el", "como", "recibo"
NAMES = {
    WithholdingKind.IGV: "igv",
    WithholdingKind.IPM: "ipm",
    WithholdingKind.INCOME_TAX: "renta",
}
#: Before the number, so that a spreadsheet keeps the zeros it begins with.
PAPERS = {
    PaperKind.DNI: "DNI",
    PaperKind.FOREIGNER_CARD: "Carné de extranjería",
    PaperKind.PASSPORT: "Pasaporte",
}
COLUMNS = (
    *OF_PURCHASE,
    *(f"{name}_{part}" for name in NAMES.values() for part in OF_RULE),
    *OF_PAYMENT,
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """One maker's part of one accepted piece, with everything its document needs."""

    obligation: Obligation
    day: date
    tag: str
    design: Design
    paper: MakerPaper | None
    rules: dict[str, WithholdingRule]
    paid_minor: int
    owed_minor: int

    @property
    def price_minor(self) -> int:
        """What was agreed; nothing once the acceptance was taken back."""
        return 0 if self.cancelled else self.obligation.amount_minor

    @property
    def cancelled(self) -> bool:
        """Whether the acceptance was taken back."""
        return self.obligation.status == ObligationStatus.CANCELLED


def purchases_as_csv(
    session: Session, *, actor: Actor, first: date | None = None, last: date | None = None
) -> Iterator[str]:
    """The lines of a sheet, oldest first, a thousand purchases in memory at a time.

    ``first`` and ``last`` day are both of it, by the clocks of the co-operative's country.
    """
    home = session.get_one(Cooperative, own(actor))
    rows = every_purchase(session, home, first=first, last=last)
    name, place = home.name, home.place
    return as_csv(COLUMNS, (_row(purchase, name, place) for purchase in rows))


def every_purchase(
    session: Session, home: Cooperative, *, first: date | None, last: date | None
) -> Iterator[Purchase]:
    """All of the period; what is bought after the reading began is left out, so that it ends."""
    zone = zone_of(home)
    rules = every_rule(session, cooperative_id=home.id)
    statement = _bought(home, zone, first, last)
    after = NOTHING_YET
    while rows := session.execute(statement.where(Obligation.id > after).limit(CHUNK)).all():
        papers = papers_of(session, (row[0].maker_id for row in rows))
        after = rows[-1][0].id
        for bought, tag, design, hers, owed in rows:
            day = bought.created_at.astimezone(zone).date()
            paper = _shown(papers.get(bought.maker_id, ()), day)
            paid = int(hers) - int(owed)
            yield Purchase(bought, day, tag, design, paper, rules_on(rules, day), paid, int(owed))
        for bought, *_ in rows:
            session.expunge(bought)


def withheld_minor(minor: int, rate_bp: int) -> int:
    """A rate of an amount, to the nearest minor unit; a half is rounded up."""
    return (2 * minor * rate_bp + BASIS_POINTS) // (2 * BASIS_POINTS)


def _bought(
    home: Cooperative, zone: tzinfo, first: date | None, last: date | None
) -> Select[Obligation, str, Design, int, int]:
    statement = (
        select(Obligation, Piece.tag, Design, earned(), still_payable())
        .join(Piece, Piece.id == Obligation.piece_id)
        .join(Design, Design.id == Piece.design_id)
        .where(
            Obligation.cooperative_id == home.id,
            Obligation.agreement == AgreementKind.PAY_ON_ACCEPTANCE,
            Obligation.id <= new_id(),
        )
        .order_by(Obligation.id)
    )
    if first:
        statement = statement.where(Obligation.created_at >= _begin(first, zone))
    if last:
        statement = statement.where(Obligation.created_at < _begin(last + timedelta(days=1), zone))
    return statement


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _shown(papers: Sequence[MakerPaper], day: date) -> MakerPaper | None:
    """What counted on a day; before the first, the first: she was the same person."""
    begun = [paper for paper in papers if paper.valid_from <= day]
    return begun[-1] if begun else next(iter(papers), None)


def _row(bought: Purchase, buyer: str, place: str) -> list[Any]:
    owed, paper = bought.obligation, bought.paper
    price = in_major(bought.price_minor, owed.currency)
    return [
        bought.day.isoformat(), owed.id, "anulada" if bought.cancelled else "comprada",
        buyer, place, owed.maker_id, owed.maker.legal_name,
        paper and f"{PAPERS[PaperKind(paper.kind)]} {paper.number}", paper and paper.ruc,
        _due_paper(paper),
        bought.tag, bought.design.code, _what(bought.design), 1, price, price, owed.currency,
        *(cell for kind in NAMES for cell in _withheld(bought, bought.rules.get(kind))),
        in_major(bought.paid_minor, owed.currency), in_major(bought.owed_minor, owed.currency),
        *_paid(owed),
    ]  # fmt: skip


def _due_paper(paper: MakerPaper | None) -> str:
    """Which paper the purchase needs: hers if she has a tax number, the buyer's if she has none."""
    if paper is None:
        return "por confirmar"
    return "comprobante de ella" if paper.ruc else "liquidación de compra"


def _what(design: Design) -> str:
    return design.name.get("es") or next(iter(design.name.values()), design.kind)


def _withheld(bought: Purchase, rule: WithholdingRule | None) -> Sequence[Any]:
    if rule is None:
        return [None] * len(OF_RULE)
    amount = withheld_minor(bought.price_minor, rule.rate_bp)
    return [
        Decimal(rule.rate_bp).scaleb(-2),
        in_major(amount, bought.obligation.currency),
        rule.source,
        "sí" if rule.verified else "no",
    ]


def _paid(owed: Obligation) -> Sequence[Any]:
    """When and how the last of it reached her."""
    held = [row for row in owed.settlements if row.undone is None]
    if not held:
        return [None, None, None]
    last = held[-1]
    how = last.receipt.method if last.receipt else last.rail
    return [last.settled_at.isoformat(), how, last.receipt.number if last.receipt else None]
