"""How a label's words find room: broken into lines, in the largest letters that fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from labels.contents import Label
from labels.symbols import width_of

POINT = 0.3528
LEADING = 1.16
STEP = 0.25
#: Symbols are never smaller, in mm.
LEAST_SYMBOL, MOST_SYMBOL = 3.0, 6.5

#: The width of a text in mm: text, bold, size in points.
Measure = Callable[[str, bool, float], float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is set; ``care`` is the row of symbols instead of words."""

    text: str
    bold: bool
    size: float
    height: float
    care: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    bold: bool = False
    scale: float = 1.0
    care: bool = False


def set_lines(
    label: Label,
    *,
    width: float,
    height: float,
    most: float,
    least: float,
    compact: bool,
    measure: Measure,
) -> list[Line] | None:
    """The lines of a label's words within a box in mm; None if they do not fit it in ``least`` pt.

    Sizes are tried from ``most`` points down. ``compact``: what else would be lines of their own
    runs on, and the place is left out.
    """
    blocks = list(_blocks(label, compact=compact))
    size = most
    while size >= least:
        lines = _set(blocks, size, width, measure)
        if lines is not None and sum(line.height for line in lines) <= height:
            return lines
        size -= STEP
    return None


def _blocks(label: Label, *, compact: bool) -> Iterator[_Block]:
    if label.piece_id is None:
        yield _Block(label.house, bold=True)
        yield _Block(label.place)
        return
    yield _Block(label.made_by, bold=True, scale=1.1)
    lines = (" · ".join(label.lines),) if compact else label.lines
    yield from (_Block(line) for line in lines)
    if label.care is not None:
        yield _Block("", care=True)
    yield from (_Block(line, scale=0.9) for line in label.responsible if line)
    if compact and label.responsible:
        return
    own = label.house if compact or label.responsible else f"{label.house}, {label.place}"
    yield _Block(own, scale=0.9)


def _set(
    blocks: Sequence[_Block], size: float, width: float, measure: Measure
) -> list[Line] | None:
    lines: list[Line] = []
    for block in blocks:
        if block.care:
            side = min(MOST_SYMBOL, max(LEAST_SYMBOL, size * 0.75), width / width_of(1))
            lines.append(Line("", False, side, side * 1.25, care=True))
            continue
        points = size * block.scale
        broken = _broken(block.text, width, lambda text: measure(text, block.bold, points))  # noqa: B023
        if broken is None:
            return None
        lines += [Line(text, block.bold, points, points * POINT * LEADING) for text in broken]
    return lines


def _broken(text: str, width: float, measure: Callable[[str], float]) -> list[str] | None:
    """A text in lines of at most a width; None if one word alone is wider."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer) <= width:
            lines[-1] = longer
        elif measure(word) <= width:
            lines.append(word)
        else:
            return None
    return lines
