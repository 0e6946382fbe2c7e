"""The defect catalogue: each co-operative's own, begun from a common starting set.

The starting set follows the trade's usual weaving faults and their classes; it is a recommendation,
so every co-operative changes its own copy.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from quality.models import DefectClass, DefectKind

C, M, N = DefectClass.CRITICAL, DefectClass.MAJOR, DefectClass.MINOR

#: code, class, English, Spanish
STARTING_SET = (
    ("C01", C, "needle, pin, thorn or metal left in the piece", "aguja u objeto metálico"),
    ("C02", C, "live insects, moth eggs or mould", "polilla, moho"),
    ("C03", C, "fibre is not what is declared", "composición falsa"),
    ("C04", C, "natural-dye claim not supported by its dye lot", "tinte no verificado"),
    ("M01", M, "hole, cut or several broken warp ends", "hueco, urdimbre rota"),
    ("M02", M, "size outside its tolerance", "medida fuera de rango"),
    ("M03", M, "pallay error visible at one metre", "error de pallay"),
    ("M04", M, "float longer than 10 mm on the face", "hilo flotante"),
    ("M05", M, "dye bleeds beyond its limit", "destiñe"),
    ("M06", M, "stain larger than 5 mm, soot or grease", "mancha"),
    ("M07", M, "strong odour of smoke, animal or damp", "olor"),
    ("M08", M, "panels differ in length or colour", "paños desiguales"),
    ("M09", M, "colour differs from the approved swatch", "cambio de tono"),
    ("M10", M, "selvedge crooked beyond its limit", "orillo torcido"),
    ("M11", M, "seam open or edge band loose", "costura abierta"),
    ("M12", M, "wrong or missing tag", "etiqueta"),
    ("N01", N, "one short broken or missing end, up to 50 mm", "hilo faltante corto"),
    ("N02", N, "knot on the face", "nudo"),
    ("N03", N, "slub, thick or thin yarn", "hilo grueso o delgado"),
    ("N04", N, "loose thread end", "hebra suelta"),
    ("N05", N, "tassel or fringe uneven within 1 cm", "borla desigual"),
    ("N06", N, "slight looseness in the closing zone", "cierre flojo"),
    ("N07", N, "vegetable matter", "paja"),
)


#: What its maker usually puts right: mended, washed, rinsed, aired, trimmed, sewn again.
MENDABLE = frozenset(
    {"M01", "M04", "M05", "M06", "M07", "M08", "M11", "M12", "N01", "N02", "N04", "N05", "N07"}
)


def begin_catalogue(session: Session, *, cooperative_id: uuid.UUID) -> None:
    """Give a co-operative the starting set; what it already has stays as it is."""
    present = set(
        session.scalars(select(DefectKind.code).where(DefectKind.cooperative_id == cooperative_id))
    )
    session.add_all(
        DefectKind(
            cooperative_id=cooperative_id,
            code=code,
            severity=severity.value,
            words={"en": english, "es": spanish},
            mendable=code in MENDABLE,
        )
        for code, severity, english, spanish in STARTING_SET
        if code not in present
    )
    session.flush()


def kinds_by_code(
    session: Session, codes: Iterable[str], *, cooperative_id: uuid.UUID
) -> dict[str, DefectKind]:
    """The catalogue's active defects under these codes."""
    rows = session.scalars(
        select(DefectKind).where(
            DefectKind.cooperative_id == cooperative_id,
            DefectKind.code.in_(set(codes)),
            DefectKind.active,
        )
    )
    return {kind.code: kind for kind in rows}
