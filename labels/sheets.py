"""Sheets of labels as PDF: QR code, human code in large letters, and what the market asks for."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import Self

from fpdf import FPDF
from fpdf.enums import RenderStyle
from fpdf.prefs import ViewerPreferences

from labels.contents import Label, Problem
from labels.geometries import Geometry
from labels.squares import Code, code_of
from labels.symbols import draw_care
from labels.typesetting import POINT, Line, set_lines
from labels.wording import INCOMPLETE, NOT_FOR

FAMILY = "hyperlegible"
FONTS = files("fontpkg_atkinson_hyperlegible") / "files"
STYLES = {"": "AtkinsonHyperlegible-Regular.ttf", "B": "AtkinsonHyperlegible-Bold.ttf"}
#: Quechua's apostrophe as some type it, and one that the letters have.
TYPED = str.maketrans({"\u02bc": "\u2019"})
#: Between code and words, in mm; the height of capitals in their size; how far bars overlap.
GAP, CAPITALS, OVERLAP = 1.2, 0.68, 0.006
#: Stands for every piece where labels are compared.
ANY = uuid.UUID(int=0)
TOO_SMALL = Problem("label_too_small", "what has to stand there does not fit; take a larger label")


class Sheet:
    """One file of labels on one paper, under way. The same labels give the same bytes on a day."""

    def __init__(self, geometry: Geometry, *, day: date, language: str) -> None:
        self.geometry = geometry
        self.pdf = pdf = FPDF(unit="mm", format=(geometry.page_width, geometry.page_height))
        pdf.set_creation_date(datetime.combine(day, time(), UTC))
        pdf.set_lang(language)
        pdf.set_title("Labels")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        # A sheet that is shrunk to fit misses its labels.
        pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
        for style, name in STYLES.items():
            pdf.add_font(FAMILY, style, str(FONTS / name))
        self._set: dict[Label, list[Line] | None] = {}
        self._sizes: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        """The files of letters stay open until here."""
        for font in self.pdf.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]

    def checked(self, labels: Sequence[Label]) -> list[Label]:
        """The labels, with a problem more where one does not hold its words.

        Raises AddressTooLong.
        """
        longest = max((label.url for label in labels), key=len, default="")
        code_of(longest, most=self.geometry.qr, dpi=self.geometry.dpi)
        return [
            label
            if self._lines(replace(label, problems=())) is not None
            else replace(label, problems=(*label.problems, TOO_SMALL))
            for label in labels
        ]

    def print(self, labels: Sequence[Label], *, start: int = 1) -> bytes:
        """The file; ``start``: the first free label of a sheet that was begun, from 1."""
        for label, place in zip(labels, self._places(start), strict=False):
            self._label(label, *self.geometry.corner(place))
        return bytes(self.pdf.output())

    def _places(self, start: int) -> Iterator[int]:
        place, of = start - 1, self.geometry.per_page
        self.pdf.add_page()
        while True:
            if place == of:
                self.pdf.add_page()
                place = 0
            yield place
            place += 1

    def _label(self, label: Label, left: float, top: float) -> None:
        shape, pdf = self.geometry, self.pdf
        x, y = left + shape.inset, top + shape.inset
        size = self._code_size(label.tag)
        pdf.set_text_color(0)
        pdf.set_font(FAMILY, "B", size)
        pdf.text(x, y + size * POINT * CAPITALS, label.tag)
        code = code_of(label.url, most=shape.qr, dpi=shape.dpi)
        below = y + self._code_height()
        self._draw_code(code, x, below)
        self._words(label, x + shape.qr + GAP, below)

    def _draw_code(self, code: Code, left: float, top: float) -> None:
        """Its white border ends at the label's inset, so the code itself begins four modules in."""
        self.pdf.set_fill_color(0)
        for column, row, length in code.bars:
            self.pdf.rect(
                left + column * code.module,
                top + row * code.module,
                length * code.module + OVERLAP,
                code.module + OVERLAP,
                style=RenderStyle.F,
            )

    def _words(self, label: Label, left: float, top: float) -> None:
        pdf = self.pdf
        if label.problems:
            top = self._mark(label, left, top)
        for line in self._lines(label) or []:
            if line.care and label.care is not None:
                above = line.height - line.size
                draw_care(
                    pdf, label.care, left=left, top=top + above * 0.6, side=line.size, family=FAMILY
                )
            elif line.text:
                pdf.set_font(FAMILY, "B" if line.bold else "", line.size)
                pdf.text(left, top + line.size * POINT * 0.9, line.text)
            top += line.height

    def _mark(self, label: Label, left: float, top: float) -> float:
        """White on black: what this label lacks, it says of itself."""
        height, pdf = self._mark_height(), self.pdf
        words = f"{label.market.upper()}: {INCOMPLETE[label.language]}, {NOT_FOR[label.language]}"
        width = self._column()
        pdf.set_fill_color(0)
        pdf.rect(left, top, width, height * 0.85, style="F")
        size = self.geometry.least_pt
        needed = self._measure(words, True, size)
        pdf.set_font(FAMILY, "B", size * min(1, (width - 0.8) / needed))
        pdf.set_text_color(255)
        pdf.text(left + 0.4, top + height * 0.6, words)
        pdf.set_text_color(0)
        return top + height

    def _lines(self, label: Label) -> list[Line] | None:
        """Set once for all labels that say the same."""
        piece_id = ANY if label.piece_id else None
        same = replace(label, tag="", url="", piece_id=piece_id, problems=label.problems[:1])
        if same not in self._set:
            shape = self.geometry
            room = shape.height - 2 * shape.inset - self._code_height()
            self._set[same] = set_lines(
                _typed(same),
                width=self._column(),
                height=room - (self._mark_height() if label.problems else 0),
                most=shape.text_pt,
                least=shape.least_pt,
                compact=shape.compact,
                measure=self._measure,
            )
        return self._set[same]

    def _measure(self, text: str, bold: bool, size: float) -> float:
        self.pdf.set_font(FAMILY, "B" if bold else "", size)
        return self.pdf.get_string_width(text)

    def _code_size(self, tag: str) -> float:
        """The human code as large as the label is wide."""
        if tag not in self._sizes:
            room = self.geometry.width - 2 * self.geometry.inset
            most = self.geometry.code_pt
            self._sizes[tag] = min(most, most * room / self._measure(tag, True, most))
        return self._sizes[tag]

    def _code_height(self) -> float:
        return self.geometry.code_pt * POINT * CAPITALS + GAP * 0.4

    def _mark_height(self) -> float:
        return self.geometry.least_pt * POINT * 1.8

    def _column(self) -> float:
        shape = self.geometry
        return shape.width - 2 * shape.inset - shape.qr - GAP


def _typed(label: Label) -> Label:
    return replace(
        label,
        made_by=label.made_by.translate(TYPED),
        lines=tuple(line.translate(TYPED) for line in label.lines),
        house=label.house.translate(TYPED),
        place=label.place.translate(TYPED),
        responsible=tuple(line.translate(TYPED) for line in label.responsible),
    )
