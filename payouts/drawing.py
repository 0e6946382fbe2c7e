"""What a printed page is drawn with: one line of text, a coin, a cloth, amounts as in Peru."""

import unicodedata
from typing import Any

from fpdf import FPDF

from core.money import DECIMALS

SIGNS = {"PEN": "S/ ", "USD": "US$ "}
#: Letters of Quechua's spellings that a Latin-1 font lacks, as her name is typed elsewhere.
TYPED = str.maketrans({"\u02bc": "'", "\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2014": "-"})
LEFT, WIDTH, ROW = 15.0, 180.0, 8.0
GOLD, CLOTH, INK, PALE = (222, 170, 40), (176, 42, 66), (30, 30, 30), (245, 240, 230)


def money(minor: int, currency: str) -> str:
    """An amount as it is written in Peru: S/ 1,234.50."""
    places = DECIMALS.get(currency, 2)
    whole, part = divmod(abs(minor), 10**places)
    decimals = f".{part:0{places}d}" if places else ""
    sign = "-" if minor < 0 else ""
    return f"{sign}{SIGNS.get(currency, f'{currency} ')}{whole:,}{decimals}"


def coin(pdf: FPDF, left: float, top: float) -> None:
    """A gold coin of soles, 14 mm across."""
    pdf.set_draw_color(*INK)
    pdf.set_fill_color(*GOLD)
    pdf.ellipse(left, top, 14, 14, style="FD")
    pdf.ellipse(left + 1.8, top + 1.8, 10.4, 10.4, style="D")
    write(pdf, left, top, "S/", 13, bold=True, width=14, height=14, align="C")


def cloth(pdf: FPDF, left: float, top: float) -> None:
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


def write(
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
