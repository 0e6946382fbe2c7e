"""A statement on one page in Spanish: large figures, few words, for a maker who reads little.

The page adds up: what is not listed by itself stands in one line with its sum.
"""

from collections import Counter
from datetime import date, datetime, tzinfo

from fpdf import FPDF

from payouts.drawing import CLOTH, LEFT, PALE, ROW, WIDTH, cloth, coin, money, write
from payouts.models import Rail
from payouts.receipt_models import PayMethod
from payouts.statement_parts import AdvanceLine
from payouts.statements import Statement, StatementLine
from people.cooperatives import zone_of

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip
RAILS = {Rail.STRIPE_TRANSFER: "Stripe", Rail.STRIPE_OUTBOUND: "banco", Rail.ADVANCE: "adelanto"}
METHODS = {
    PayMethod.CASH: "efectivo",
    PayMethod.YAPE: "Yape",
    PayMethod.PLIN: "Plin",
    PayMethod.BANK: "banco",
}
NOTHING = {"owed": 0, "paid": 0}
#: Where the last row ends at most; what titles and last lines take of the page.
BOTTOM, TITLE, REST, FUND = 289.0, 17.0, 12.0, 9.0
#: Advances that are shown however many pieces there are.
LEAST_ADVANCES = 4
BOX, BOX_TOP, BOX_HEIGHT = 88.0, 52.0, 52.0


def statement_page(statement: Statement, *, at: datetime) -> bytes:
    """The statement as a PDF of one page, as of a moment."""
    zone = zone_of(statement.cooperative)
    pdf = FPDF(format="A4")
    pdf.set_creation_date(at)
    pdf.set_lang("es")
    pdf.set_title("Estado de cuenta")
    pdf.set_auto_page_break(False)
    pdf.add_page()
    _head(pdf, statement, at.astimezone(zone))
    totals = statement.totals or [{"currency": statement.cooperative.currency, **NOTHING}]
    _box(pdf, LEFT, "Le debemos", [(row["owed"], row["currency"]) for row in totals])
    paid = [(row["paid"], row["currency"]) for row in totals]
    _box(pdf, LEFT + WIDTH - BOX, "Ya recibió", paid)
    top = _fund(pdf, statement)
    pieces, ahead = _room(statement)
    top = _pieces(pdf, top, statement, pieces, zone)
    if statement.advances:
        _advances(pdf, top, statement, ahead, zone)
    return bytes(pdf.output())


def _head(pdf: FPDF, statement: Statement, at: datetime) -> None:
    month = "Todo hasta hoy" if statement.month is None else _month(statement.month)
    write(pdf, LEFT, 12, statement.cooperative.name, 12)
    write(pdf, LEFT, 20, statement.maker.public_name, 30, bold=True, height=14)
    write(pdf, LEFT, 37, month, 18, width=120, height=9)
    write(pdf, LEFT + 120, 37, f"Hecho el {at:%d/%m/%Y}", 11, width=60, align="R", height=9)


def _box(pdf: FPDF, left: float, words: str, amounts: list[tuple[int, str]]) -> None:
    """One large figure a currency, under a coin."""
    pdf.set_fill_color(*PALE)
    pdf.rect(left, BOX_TOP, BOX, BOX_HEIGHT, style="F")
    coin(pdf, left + 5, BOX_TOP + 4)
    write(pdf, left + 23, BOX_TOP + 5, words, 20, bold=True, width=BOX - 26, height=12)
    height = (BOX_HEIGHT - 22) / len(amounts)
    for place, (minor, currency) in enumerate(amounts):
        top = BOX_TOP + 20 + place * height
        size = min(34, height * 2.2)
        write(
            pdf, left + 4, top, money(minor, currency), size, bold=True, width=BOX - 8,
            height=height, align="C",
        )  # fmt: skip


def _fund(pdf: FPDF, statement: Statement) -> float:
    """What of her pieces' sales went to the co-operative's fund; where to go on."""
    top = BOX_TOP + BOX_HEIGHT + 7
    if not statement.funds:
        return top
    sums = " + ".join(money(row["amount_minor"], row["currency"]) for row in statement.funds)
    write(pdf, LEFT, top - 4, f"Además, para el fondo de la cooperativa: {sums}", 13, height=8)
    return top + FUND - 2


def _room(statement: Statement) -> tuple[int, int]:
    """How many rows of pieces and how many of advances the page has room for."""
    top = BOX_TOP + BOX_HEIGHT + 7 + (FUND if statement.funds else 0)
    pieces = sum(row["count"] for row in statement.totals)
    ahead = len(statement.advances)
    blocks = 2 if ahead else 1
    rows = int((BOTTOM - top - blocks * (TITLE + REST)) // ROW)
    most_ahead = min(ahead, max(LEAST_ADVANCES, rows - pieces))
    return rows - most_ahead, most_ahead


def _pieces(pdf: FPDF, top: float, statement: Statement, most: int, zone: tzinfo) -> float:
    cloth(pdf, LEFT, top)
    count = sum(row["count"] for row in statement.totals)
    write(pdf, LEFT + 20, top + 1, _counted(count), 18, bold=True, height=12)
    shown = [line for line in statement.lines if line.earned > 0][:most]
    pdf.set_draw_color(*CLOTH)
    for place, line in enumerate(shown):
        _row(pdf, top + TITLE + place * ROW, line, zone)
    end = top + TITLE + len(shown) * ROW
    if count > len(shown):
        _rest(pdf, end + 1, statement, shown, count - len(shown))
        return end + REST
    return end + 4


def _advances(pdf: FPDF, top: float, statement: Statement, most: int, zone: tzinfo) -> None:
    """Each advance: when and how much, what it came off, what is left of it; and all together."""
    coin(pdf, LEFT, top - 1)
    totals = statement.advance_totals
    count = sum(row.count for row in totals)
    words = "1 adelanto" if count == 1 else f"{count} adelantos"
    write(pdf, LEFT + 20, top + 1, words, 18, bold=True, width=70, height=12)
    left = " + ".join(money(row.left_minor, row.currency) for row in totals)
    write(
        pdf, LEFT + 90, top + 1, f"queda {left}", 18, bold=True, width=WIDTH - 90, height=12,
        align="R",
    )  # fmt: skip
    shown = statement.advances[:most]
    pdf.set_draw_color(*CLOTH)
    for place, line in enumerate(shown):
        _advance(pdf, top + TITLE + place * ROW, line, zone)
    if count > len(shown):
        _more_advances(pdf, top + TITLE + 1 + len(shown) * ROW, statement, shown)


def _advance(pdf: FPDF, top: float, line: AdvanceLine, zone: tzinfo) -> None:
    advance = line.advance
    currency = advance.currency
    day = advance.given_at.astimezone(zone)
    pdf.line(LEFT, top, LEFT + WIDTH, top)
    write(pdf, LEFT, top, f"{day:%d/%m/%Y}", 11, width=26, height=ROW)
    given = money(advance.amount_minor, currency)
    write(pdf, LEFT + 26, top, given, 13, bold=True, width=32, height=ROW, align="R")
    write(pdf, LEFT + 61, top, _came_off(line), 11, width=81, height=ROW)
    left = f"queda {money(line.left_minor, currency)}"
    write(pdf, LEFT + 142, top, left, 12, bold=True, width=38, height=ROW, align="R")


def _came_off(line: AdvanceLine) -> str:
    """What came off, and of which pieces: two by their tags, of more the first."""
    if not line.deductions:
        return line.advance.given_for[:40]
    off = sum(one.amount_minor for one in line.deductions)
    tags = list(dict.fromkeys(one.tag for one in line.deductions))
    named = ", ".join(tags) if len(tags) <= 2 else f"{tags[0]} y {len(tags) - 1} más"
    return f"- {money(off, line.advance.currency)} de {named}"


def _more_advances(pdf: FPDF, top: float, statement: Statement, shown: list[AdvanceLine]) -> None:
    given = Counter({row.currency: row.given_minor for row in statement.advance_totals})
    left = Counter({row.currency: row.left_minor for row in statement.advance_totals})
    for line in shown:
        given[line.advance.currency] -= line.advance.amount_minor
        left[line.advance.currency] -= line.left_minor
    count = sum(row.count for row in statement.advance_totals) - len(shown)
    sums = " + ".join(money(minor, one) for one, minor in given.items() if minor)
    rest = " + ".join(money(left[one], one) for one, minor in given.items() if minor)
    words = "adelanto más" if count == 1 else "adelantos más"
    write(pdf, LEFT, top, f"y {count} {words}: {sums}, queda {rest}", 15, bold=True, height=10)


def _row(pdf: FPDF, top: float, line: StatementLine, zone: tzinfo) -> None:
    amount = money(line.earned, line.obligation.currency)
    pdf.line(LEFT, top, LEFT + WIDTH, top)
    write(pdf, LEFT, top, line.tag, 12, width=40, height=ROW)
    write(pdf, LEFT + 40, top, amount, 13, bold=True, width=38, height=ROW, align="R")
    write(pdf, LEFT + 84, top, _how(line, zone), 11, width=WIDTH - 84, height=ROW)


def _rest(
    pdf: FPDF, top: float, statement: Statement, shown: list[StatementLine], count: int
) -> None:
    left: Counter[str] = Counter({row["currency"]: row["earned"] for row in statement.totals})
    for line in shown:
        left[line.obligation.currency] -= line.earned
    sums = " + ".join(money(minor, currency) for currency, minor in left.items() if minor)
    words = "pieza más" if count == 1 else "piezas más"
    write(pdf, LEFT, top, f"y {count} {words}: {sums}", 15, bold=True, height=10)


def _how(line: StatementLine, zone: tzinfo) -> str:
    """How and when this reached her, and what of it did not."""
    currency = line.obligation.currency
    held = [row for row in line.obligation.settlements if row.undone is None]
    ahead = line.earned - line.owed - sum(row.amount_minor for row in held)
    parts = []
    for settlement in held[-1:]:
        day, receipt = settlement.settled_at.astimezone(zone), settlement.receipt
        way = METHODS[PayMethod(receipt.method)] if receipt else RAILS[Rail(settlement.rail)]
        parts.append(f"{way} {day:%d/%m/%Y}" + (f", {receipt.number}" if receipt else ""))
    if ahead > 0 and not (held and held[-1].rail == Rail.ADVANCE):
        parts.append(f"adelanto {money(ahead, currency)}")
    if line.owed:
        parts.append("falta" if line.owed == line.earned else f"falta {money(line.owed, currency)}")
    return "; ".join(parts)


def _month(month: date) -> str:
    return f"{MONTHS[month.month - 1]} de {month.year}".capitalize()


def _counted(count: int) -> str:
    return f"{count} pieza" if count == 1 else f"{count} piezas"
