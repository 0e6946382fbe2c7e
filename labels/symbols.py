"""Care symbols drawn in lines, after the trade's five pictures; each in a square of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sin
from typing import Literal

from fpdf import FPDF

from labels.care_words import Bleach, Dry, Iron, Professional, Wash
from labels.models import CareSymbols

GAP = 0.25
INK = 0
DEGREES = {Wash.GENTLE_30: "30", Wash.NORMAL_30: "30", Wash.NORMAL_40: "40"}
DOTS = {Iron.LOW: 1, Iron.MEDIUM: 2, Iron.HIGH: 3}
LETTERS = {Professional.DRY_CLEAN: "P", Professional.WET_CLEAN: "W"}


@dataclass(frozen=True, slots=True)
class Square:
    """Where one symbol is drawn, with places in it from 0 to 1."""

    pdf: FPDF
    left: float
    top: float
    side: float
    family: str

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place of the square on the page, in mm."""
        return self.left + x * self.side, self.top + y * self.side

    def path(self, *places: tuple[float, float], closed: bool = False) -> None:
        """A line through places of the square."""
        points = [self.at(*place) for place in places]
        if closed:
            self.pdf.polygon(points, style="D")
        else:
            self.pdf.polyline(points)

    def circle(self, x: float, y: float, radius: float, style: Literal["D", "F"] = "D") -> None:
        """A circle about a place."""
        self.pdf.circle(*self.at(x, y), radius * self.side, style=style)

    def letters(self, text: str, y: float, size: float) -> None:
        """Letters in the middle, ``size`` high."""
        self.pdf.set_font(self.family, "B", size * self.side / 0.3528)
        width = self.pdf.get_string_width(text)
        x, baseline = self.at(0.5, y)
        self.pdf.text(x - width / 2, baseline, text)

    def crossed(self) -> None:
        """Not allowed."""
        self.path((0.02, 0.06), (0.98, 0.94))
        self.path((0.98, 0.06), (0.02, 0.94))


def draw_care(
    pdf: FPDF, care: CareSymbols, *, left: float, top: float, side: float, family: str
) -> None:
    """The five in a row, in the trade's order; ``side`` in mm."""
    pdf.set_draw_color(INK)
    pdf.set_fill_color(INK)
    pdf.set_line_width(side * 0.055)
    drawn: tuple[tuple[Callable[[Square, str], None], str], ...] = (
        (_wash, care.wash),
        (_bleach, care.bleach),
        (_dry, care.dry),
        (_iron, care.iron),
        (_professional, care.professional),
    )
    for place, (draw, what) in enumerate(drawn):
        draw(Square(pdf, left + place * side * (1 + GAP), top, side, family), what)


def width_of(side: float) -> float:
    """How wide the row of five is."""
    return side * (5 + 4 * GAP)


def _wash(square: Square, what: str) -> None:
    """A tub with water, and a hand, degrees, or a bar for gentle."""
    waves = [(0.06 + 0.88 * n / 24, 0.27 + 0.05 * sin(n / 24 * 6 * pi)) for n in range(25)]
    square.path((0, 0.2), (0.14, 0.84), (0.86, 0.84), (1, 0.2))
    if what == Wash.HAND:
        square.path(*waves[:8])
        square.path(*waves[21:])
        _hand(square)
        return
    square.path(*waves)
    if what in DEGREES:
        square.letters(DEGREES[Wash(what)], 0.74, 0.5)
    if what == Wash.GENTLE_30:
        square.path((0.16, 0.97), (0.84, 0.97))
    if what == Wash.NO:
        square.crossed()


def _hand(square: Square) -> None:
    """An arm that reaches into the water from the right, with four fingers."""
    pdf, usual = square.pdf, square.pdf.line_width
    arm = ((0.52, 0.4), (0.66, 0.3), (0.86, 0), (1, 0.06), (0.8, 0.5), (0.62, 0.66))
    pdf.polygon([square.at(*place) for place in arm], style="F")
    pdf.set_line_width(square.side * 0.075)
    for root, tip in (
        ((0.56, 0.4), (0.31, 0.44)),
        ((0.58, 0.46), (0.29, 0.53)),
        ((0.62, 0.54), (0.33, 0.63)),
        ((0.64, 0.6), (0.41, 0.71)),
    ):
        square.path(root, tip)
    pdf.set_line_width(usual)


def _bleach(square: Square, what: str) -> None:
    square.path((0.5, 0.06), (1, 0.9), (0, 0.9), closed=True)
    if what == Bleach.OXYGEN:
        square.path((0.34, 0.9), (0.62, 0.28))
        square.path((0.54, 0.9), (0.74, 0.46))
    if what == Bleach.NO:
        square.crossed()


def _dry(square: Square, what: str) -> None:
    """A square: a lying line for flat, a hanging one for the line, strokes for shade."""
    square.path((0.04, 0.06), (0.96, 0.06), (0.96, 0.94), (0.04, 0.94), closed=True)
    if what == Dry.TUMBLE_LOW:
        square.circle(0.5, 0.5, 0.42)
        square.circle(0.5, 0.5, 0.07, style="F")
    if what in {Dry.FLAT, Dry.FLAT_SHADE}:
        square.path((0.22, 0.54), (0.78, 0.54))
    if what in {Dry.LINE, Dry.LINE_SHADE}:
        square.path((0.5, 0.24), (0.5, 0.8))
    if what in {Dry.FLAT_SHADE, Dry.LINE_SHADE}:
        square.path((0.04, 0.26), (0.26, 0.06))
        square.path((0.04, 0.44), (0.44, 0.06))


def _iron(square: Square, what: str) -> None:
    square.path((0.16, 0.2), (0.72, 0.2), (0.8, 0.3), (1, 0.86), (0, 0.86), (0.06, 0.62),
                (0.18, 0.48), (0.84, 0.48))  # fmt: skip
    dots = DOTS.get(Iron(what), 0)
    for place in range(dots):
        square.circle(0.5 + (place - (dots - 1) / 2) * 0.2, 0.68, 0.065, style="F")
    if what == Iron.NO:
        square.crossed()


def _professional(square: Square, what: str) -> None:
    square.circle(0.5, 0.5, 0.46)
    if what in LETTERS:
        square.letters(LETTERS[Professional(what)], 0.7, 0.62)
    if what == Professional.NO:
        square.crossed()
