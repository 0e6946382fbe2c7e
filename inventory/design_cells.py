"""The cells of a design that hold several things: fibres, measures, questions."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from core import cells
from core.cells import Misread, Value
from core.packing import packed, unpacked
from core.quantities import Sides, Unit
from core.words import LANGUAGES
from inventory.design_models import Fibre

#: As in the API: letters that stand in an address as they are.
CODE = "[A-Za-z0-9][A-Za-z0-9_.-]*"
MOST_MEASURE = 1_000_000
NEEDED, OPTIONAL = "required", "optional"
_code = cells.text(50, like=CODE, form="letters, digits, _ . -")
_part = cells.text(50)
_words = cells.text(200)
_fibre = cells.choice(Fibre)
_unit = cells.choice(Unit)
_spec = cells.whole(1, MOST_MEASURE)
_tolerance = cells.whole(0, MOST_MEASURE)
_score = cells.whole(1, 5)
_sides = cells.choice(Sides)


def fibres(value: Value) -> list[dict[str, Any]]:
    """``body | sheep_wool | 80; body | alpaca | 20``, in per cent with at most two decimals."""
    return [
        {"part": _named(_part, part), "fibre": _fibre(fibre), "share_bp": _basis_points(share)}
        for part, fibre, share in _few(
            unpacked(value, least=3, most=3, names="part | fibre | per cent"), 40
        )
    ]


def measures(value: Value) -> list[dict[str, Any]]:
    """``length | mm | 1500 | 45 | 3%``; then ``optional``, and which ends are judged."""
    names = "name | unit | value | less | more | required or optional | both, least or most"
    return [_measure(one) for one in _few(unpacked(value, least=5, most=7, names=names), 30)]


def checklist(value: Value) -> list[dict[str, Any]]:
    """``no_metal | required | No needle left? | ¿Sin aguja? | ``: English, Spanish, Quechua."""
    found = []
    names = "code | required or optional | English | Spanish | Quechua"
    for code, required, *said in _few(unpacked(value, least=3, most=5, names=names), 60):
        words = _in_languages(code, said)
        found.append({"code": _code(code), "words": words, "required": _is_required(required)})
    return found


def criteria(value: Value) -> list[dict[str, Any]]:
    """``pallay | 4 | 3 | required | Pallay clear and even``: the least scores for A and B."""
    names = "code | least for A | least for B | required or optional | English | Spanish | Quechua"
    return [
        {
            "code": _code(code),
            "words": _in_languages(code, said),
            "least_a": _score(least_a),
            "least_b": _score(least_b),
            "required": _is_required(required),
        }
        for code, least_a, least_b, required, *said in _few(
            unpacked(value, least=5, most=7, names=names), 30
        )
    ]


def fibres_cell(shares: Iterable[Any]) -> str:
    """Fibres as `fibres` reads them."""
    return packed([(one.part, one.fibre, _per_cent(one.share_bp)) for one in shares])


def measures_cell(found: Iterable[Any]) -> str:
    """Measures as `measures` reads them."""
    return packed(
        [
            (
                one.name,
                one.unit,
                one.spec,
                _allowed(one.minus, one.minus_bp),
                _allowed(one.plus, one.plus_bp),
                _said(required=one.required),
                one.sides,
            )
            for one in found
        ]
    )


def checklist_cell(found: Iterable[Any]) -> str:
    """Questions as `checklist` reads them."""
    return packed(
        [(one.code, _said(required=one.required), *map(one.words.get, LANGUAGES)) for one in found]
    )


def criteria_cell(found: Iterable[Any]) -> str:
    """Criteria as `criteria` reads them."""
    return packed(
        [
            (
                one.code,
                one.least_a,
                one.least_b,
                _said(required=one.required),
                *map(one.words.get, LANGUAGES),
            )
            for one in found
        ]
    )


def _measure(parts: list[str]) -> dict[str, Any]:
    name, unit, spec, less, more, required, sides = [*parts, "", ""][:7]
    minus, minus_bp = _tolerances(less)
    plus, plus_bp = _tolerances(more)
    return {
        "name": _code(name),
        "unit": _unit(unit),
        "spec": _spec(spec),
        "minus": minus,
        "plus": plus,
        "minus_bp": minus_bp,
        "plus_bp": plus_bp,
        "sides": _sides(sides or Sides.BOTH),
        "required": _is_required(required),
    }


def _tolerances(written: str) -> tuple[int, int]:
    """``45``, ``3%`` or ``45 3%``: in the unit, and in basis points of the value."""
    unit, share = 0, 0
    for one in written.replace(" %", "%").split():
        if one.endswith("%"):
            share = _basis_points(one) if one != "0%" else 0
        else:
            unit = _tolerance(one)
    return unit, share


def _allowed(unit: int, share_bp: int) -> str:
    return f"{unit} {_per_cent(share_bp)}%" if share_bp else str(unit)


def _in_languages(code: str, said: list[str]) -> dict[str, str]:
    words = {one: _words(text) for one, text in zip(LANGUAGES, said, strict=False) if text}
    if not words:
        raise Misread("missing", f"{cells.shown(code)} has no words")
    return words


def _few(things: list[list[str]], most: int) -> list[list[str]]:
    if len(things) > most:
        raise Misread("too_many", f"{len(things)} of them; at most {most} are kept")
    return things


def _named(read: Callable[[Value], Any], written: str) -> Any:
    if not written:
        raise Misread("missing", "a part without a name")
    return read(written)


def _basis_points(written: str) -> int:
    share = cells.decimal(written.removesuffix("%").strip()) * 100
    if share != share.to_integral_value() or not 1 <= share <= 10_000:
        raise Misread("out_of_range", f"{cells.shown(written)} is not between 0.01 and 100 %")
    return int(share)


def _per_cent(share_bp: int) -> str:
    return format((Decimal(share_bp) / 100).normalize(), "f")


def _said(*, required: bool) -> str:
    return NEEDED if required else OPTIONAL


def _is_required(written: str) -> bool:
    word = written.casefold()
    if word in {"", NEEDED, "obligatorio", "obligatoria"}:
        return True
    if word in {OPTIONAL, "opcional"}:
        return False
    raise Misread("no_such_choice", f"{cells.shown(word)} is neither required nor optional")
