"""A statement on one page in Spanish: large figures, few words, for a maker who reads little.

The page adds up: what is not listed by itself stands in one line with its sum.
"""

import unicodedata
from collections import Counter
from datetime import date, datetime, tzinfo
from typing import Any

from fpdf import FPDF

from core.money import DECIMALS
from payouts.models import Rail
from payouts.receipt_models import PayMethod
from payouts.statements import Statement, StatementLine
from people.cooperatives import zone_of

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip
SIGNS = {"PEN": "S/ ", "USD": "US$ "}
RAILS = {Rail.STRIPE_TRANSFER: "Stripe", Rail.STRIPE_OUTBOUND: "banco", Rail.ADVANCE: "adelanto"}
METHODS = {
    PayMethod.CASH: "efectivo",
    PayMethod.YAPE: "Yape",
    PayMethod.PLIN: "Plin",
    PayMethod.BANK: "banco",
}
#: Letters of Quechua's spellings that a Latin-1 font lacks, as her name is typed elsewhere.
TYPED = str.maketrans({"\u02bc": "'", "\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2014": "-"})
NOTHING = {"owed": 0, "paid": 0}
MOST_ROWS = 18
LEFT, WIDTH, ROW = 15.0, 180.0, 8.0
BOX, BOX_TOP, BOX_HEIGHT = 88.0, 52.0, 52.0
GOLD, CLOTH, INK, PALE = (222, 170, 40), (176, 42, 66), (30, 30, 30), (245, 240, 230)


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
    _pieces(pdf, statement, zone)
    return bytes(pdf.output())


def _head(pdf: FPDF, statement: Statement, at: datetime) -> None:
    month = "Todo hasta hoy" if statement.month is None else _month(statement.month)
    _write(pdf, LEFT, 12, statement.cooperative.name, 12)
    _write(pdf, LEFT, 20, statement.maker.public_name, 30, bold=True, height=14)
    _write(pdf, LEFT, 37, month, 18, width=120, height=9)
    _write(pdf, LEFT + 120, 37, f"Hecho el {at:%d/%m/%Y}", 11, width=60, align="R", height=9)


def _box(pdf: FPDF, left: float, words: str, amounts: list[tuple[int, str]]) -> None:
    """One large figure a currency, under a coin."""
    pdf.set_fill_color(*PALE)
    pdf.rect(left, BOX_TOP, BOX, BOX_HEIGHT, style="F")
    _coin(pdf, left + 5, BOX_TOP + 4)
    _write(pdf, left + 23, BOX_TOP + 5, words, 20, bold=True, width=BOX - 26, height=12)
    height = (BOX_HEIGHT - 22) / len(amounts)
    for place, (minor, currency) in enumerate(amounts):
        top = BOX_TOP + 20 + place * height
        size = min(34, height * 2.2)
        _write(
            pdf, left + 4, top, money(minor, currency), size, bold=True, width=BOX - 8,
            height=height, align="C",
        )  # fmt: skip


def _pieces(pdf: FPDF, statement: Statement, zone: tzinfo) -> None:
    top = BOX_TOP + BOX_HEIGHT + 7
    _cloth(pdf, LEFT, top)
    count = sum(row["count"] for row in statement.totals)
    _write(pdf, LEFT + 20, top + 1, _counted(count), 18, bold=True, height=12)
    shown = [line for line in statement.lines if line.earned > 0][:MOST_ROWS]
    pdf.set_draw_color(*CLOTH)
    for place, line in enumerate(shown):
        _row(pdf, top + 17 + place * ROW, line, zone)
    if count > len(shown):
        _rest(pdf, top + 19 + len(shown) * ROW, statement, shown, count - len(shown))


def _row(pdf: FPDF, top: float, line: StatementLine, zone: tzinfo) -> None:
    amount = money(line.earned, line.obligation.currency)
    pdf.line(LEFT, top, LEFT + WIDTH, top)
    _write(pdf, LEFT, top, line.tag, 12, width=40, height=ROW)
    _write(pdf, LEFT + 40, top, amount, 13, bold=True, width=38, height=ROW, align="R")
    _write(pdf, LEFT + 84, top, _how(line, zone), 11, width=WIDTH - 84, height=ROW)


def _rest(
    pdf: FPDF, top: float, statement: Statement, shown: list[StatementLine], count: int
) -> None:
    left: Counter[str] = Counter({row["currency"]: row["earned"] for row in statement.totals})
    for line in shown:
        left[line.obligation.currency] -= line.earned
    sums = " + ".join(money(minor, currency) for currency, minor in left.items() if minor)
    words = "pieza más" if count == 1 else "piezas más"
    _write(pdf, LEFT, top, f"y {count} {words}: {sums}", 15, bold=True, height=10)


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


def money(minor: int, currency: str) -> str:
    """An amount as it is written in Peru: S/ 1,234.50."""
    places = DECIMALS.get(currency, 2)
    whole, part = divmod(abs(minor), 10**places)
    decimals = f".{part:0{places}d}" if places else ""
    sign = "-" if minor < 0 else ""
    return f"{sign}{SIGNS.get(currency, f'{currency} ')}{whole:,}{decimals}"


def _month(month: date) -> str:
    return f"{MONTHS[month.month - 1]} de {month.year}".capitalize()


def _counted(count: int) -> str:
    return f"{count} pieza" if count == 1 else f"{count} piezas"


def _coin(pdf: FPDF, left: float, top: float) -> None:
    pdf.set_draw_color(*INK)
    pdf.set_fill_color(*GOLD)
    pdf.ellipse(left, top, 14, 14, style="FD")
    pdf.ellipse(left + 1.8, top + 1.8, 10.4, 10.4, style="D")
    _write(pdf, left, top, "S/", 13, bold=True, width=14, height=14, align="C")


def _cloth(pdf: FPDF, left: float, top: float) -> None:
    """A woven cloth with stripes, a row of diamonds and a fringe."""
    pdf.set_draw_color(*INK)
    pdf.set_fill_color(*CLOTH)
    pdf.rect(left, top, 15, 11, style="FD")
    pdf.set_fill_color(*GOLD)
    for x in (left + 0.5, left + 5.5, left + 10.5):
        pdf.polygon(
            [(x, top + 5.5), (x + 2, top + 3), (x + 4, top + 5.5), (x + 2, top + 8)], style="F"
        )
    for thread in range(8):
        x = left + 0.5 + thread * 2
        pdf.line(x, top + 11, x, top + 13)


def _write(
    pdf: FPDF,
    left: float,
    top: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    width: float = WIDTH,
    height: float = 7,
    align: Any = "L",
) -> None:
    """One line of text, made smaller until it fits its width."""
    text = _latin(words)
    pdf.set_text_color(*INK)
    pdf.set_font("Helvetica", "B" if bold else "", size)
    needed = pdf.get_string_width(text)
    if needed > width - 3:
        pdf.set_font_size(size * (width - 3) / needed)
    pdf.set_xy(left, top)
    pdf.cell(width, height, text, align=align)


def _latin(words: str) -> str:
    """A text in the letters of Latin-1; of others without their marks, or a question mark."""
    return "".join(map(_letter, unicodedata.normalize("NFC", words.translate(TYPED))))


def _letter(letter: str) -> str:
    if letter.encode("latin-1", "ignore"):
        return letter
    plain = unicodedata.normalize("NFKD", letter).encode("latin-1", "ignore").decode("latin-1")
    return plain or "?"
