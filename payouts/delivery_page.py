"""A delivery receipt on paper: two large figures, one row a piece, a box for her finger.

Spanish with Quechua beside it, and pictures, for a maker who reads little. It is one page for up to
eight pieces; more go on over as many pages as they need, since she keeps it as her proof.
"""

from collections.abc import Sequence

from fpdf import FPDF

from payouts.delivery_receipts import DeliveryReceipt, ReceiptLine, Sums
from payouts.drawing import CLOTH, LEFT, PALE, WIDTH, cloth, coin, money, write
from payouts.receipt_words import WORDS

BOX, BOX_TOP, BOX_HEIGHT = 88.0, 52.0, 40.0
ROW = 13.0
ON_FIRST, ON_OTHERS = 8, 16
FIRST_TOP, OTHERS_TOP, SIGN_TOP = 138.0, 30.0, 248.0


def delivery_page(receipt: DeliveryReceipt) -> bytes:
    """The receipt as a PDF."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(receipt.at)
    pdf.set_lang("es")
    pdf.set_title("Recibo de entrega")
    pdf.set_auto_page_break(False)
    pages = _pages(receipt.lines)
    for number, lines in enumerate(pages, start=1):
        pdf.add_page()
        _head(pdf, receipt, number, len(pages))
        top = OTHERS_TOP
        if number == 1:
            _figures(pdf, receipt)
            top = FIRST_TOP
        for place, line in enumerate(lines):
            _row(pdf, top + place * ROW, line)
    _signature(pdf)
    return bytes(pdf.output())


def _pages(lines: Sequence[ReceiptLine]) -> list[Sequence[ReceiptLine]]:
    rest = lines[ON_FIRST:]
    others = [rest[place : place + ON_OTHERS] for place in range(0, len(rest), ON_OTHERS)]
    return [lines[:ON_FIRST], *others]


def _head(pdf: FPDF, receipt: DeliveryReceipt, number: int, pages: int) -> None:
    day = f"{_word('delivery')}  {receipt.delivery.delivered_on:%d/%m/%Y}"
    if number > 1:
        name = f"{receipt.maker.public_name} · {day}"
        write(pdf, LEFT, 14, name, 14, width=150, height=9)
    else:
        write(pdf, LEFT, 12, receipt.cooperative.name, 12)
        write(pdf, LEFT, 20, receipt.maker.public_name, 30, bold=True, height=14)
        write(pdf, LEFT, 37, day, 18, width=150, height=9)
    if pages > 1:
        write(pdf, LEFT + 150, 14, f"{number} / {pages}", 14, width=30, height=9, align="R")


def _figures(pdf: FPDF, receipt: DeliveryReceipt) -> None:
    """How many pieces, what is to be paid, and how that comes about."""
    count = len(receipt.lines)
    pdf.set_fill_color(*PALE)
    pdf.rect(LEFT, BOX_TOP, BOX, BOX_HEIGHT, style="F")
    cloth(pdf, LEFT + 5, BOX_TOP + 5)
    word = _word("piece" if count == 1 else "pieces")
    write(pdf, LEFT + 23, BOX_TOP + 5, word, 18, bold=True, width=BOX - 26, height=11)
    _figure(pdf, LEFT, str(count))
    right = LEFT + WIDTH - BOX
    pdf.set_fill_color(*PALE)
    pdf.rect(right, BOX_TOP, BOX, BOX_HEIGHT, style="F")
    coin(pdf, right + 5, BOX_TOP + 4)
    write(pdf, right + 23, BOX_TOP + 5, _word("to_pay"), 18, bold=True, width=BOX - 26, height=11)
    _figure(pdf, right, _added(receipt.sums, "to_pay"))
    for place, (name, amount) in enumerate(_steps(receipt.sums)):
        top = BOX_TOP + BOX_HEIGHT + 4 + place * 8
        write(pdf, LEFT, top, name, 13, width=100, height=8)
        write(pdf, LEFT + 100, top, amount, 15, bold=True, width=80, height=8, align="R")


def _figure(pdf: FPDF, left: float, words: str) -> None:
    write(
        pdf, left + 4, BOX_TOP + 19, words, 34, bold=True, width=BOX - 8, height=18, align="C"
    )  # fmt: skip


def _steps(sums: Sequence[Sums]) -> list[tuple[str, str]]:
    """From what was agreed to what is to be paid, as far as there is anything to say."""
    names = (
        ("agreed", "price", ""),
        ("deducted", "advance", "-"),
        ("to_come_off", "advance", "-"),
        ("paid", "paid", "-"),
    )
    said = [
        (_word(word), sign + _added(sums, key))
        for key, word, sign in names
        if any(getattr(one, key) for one in sums)
    ]
    left = [one for one in sums if one.advance_open > one.to_come_off]
    if left:
        amounts = " + ".join(
            money(one.advance_open - one.to_come_off, one.currency) for one in left
        )
        said.append((_word("advance_open"), amounts))
    return said


def _row(pdf: FPDF, top: float, line: ReceiptLine) -> None:
    pdf.set_draw_color(*CLOTH)
    pdf.line(LEFT, top, LEFT + WIDTH, top)
    write(pdf, LEFT, top + 1, line.tag, 15, bold=True, width=46, height=7)
    name = line.design.get("es") or line.design.get("qu") or line.design.get("en") or ""
    write(pdf, LEFT + 46, top + 1, name, 11, width=72, height=7)
    write(pdf, LEFT + 118, top + 1, _paid(line), 14, bold=True, width=62, height=7, align="R")
    stages = ", ".join(_word(stage) for stage in line.stages)
    ordered = f"{_word('commission')} {line.commission}   " if line.commission else ""
    write(pdf, LEFT, top + 7, f"{ordered}{stages}", 9, width=118, height=5)
    write(pdf, LEFT + 118, top + 7, _word(line.standing), 10, width=62, height=5, align="R")


def _paid(line: ReceiptLine) -> str:
    if not line.counts:
        return "0"
    if line.hers_minor is not None and line.currency is not None:
        return money(line.hers_minor, line.currency)
    if line.share_bp is None:
        return _word("when_sold")
    whole, part = divmod(line.share_bp, 100)
    return f"{whole}.{part:02d} {_word('of_each_100')}"


def _added(sums: Sequence[Sums], key: str) -> str:
    shown = [(getattr(one, key), one.currency) for one in sums if getattr(one, key)]
    return " + ".join(money(minor, currency) for minor, currency in shown) or "0"


def _signature(pdf: FPDF) -> None:
    pdf.set_draw_color(*CLOTH)
    pdf.rect(LEFT + 110, SIGN_TOP, 70, 34)
    write(pdf, LEFT + 112, SIGN_TOP + 1, _word("signature"), 10, width=66, height=6)


def _word(key: str) -> str:
    return WORDS[key].both
