"""Rows of sheets to measure: no two the same, as long as a co-operative's own."""

HEADS = {
    "makers": ["legal_name", "public_name", "story_es", "photo_url"],
    "designs": [
        "code", "kind", "technique", "name_en", "name_es", "hs_code", "fibres", "measures",
        "checklist", "minutes_spin", "minutes_weave",
    ],
    "pieces": [
        "design", "delivered_on", "location", "agreement", "price", "made_by",
    ],
}  # fmt: skip


def row_of(kind: str, n: int) -> list[str]:
    """The nth row of a sheet; pieces name makers and designs of the other two."""
    if kind == "makers":
        return [f"Legal Name {n}", f"Maker {n}", "Teje desde niña. " * 5, f"https://a.test/{n}.jpg"]
    if kind == "designs":
        return [
            f"runner-{n}", "runner", "complementary_warp", f"Runner {n}", f"Camino {n}", "6304.99",
            "body | sheep_wool | 80; body | alpaca | 20",
            "length | mm | 1500 | 45 | 45; weight | g | 320 | 26 | 26 | optional",
            "no_metal | required | No needle left? | ¿Sin aguja?", "840", "1320",
        ]  # fmt: skip
    steps = f"Maker {n % 97} | weave | 22 | 1320 | 15,00; Maker {n % 89 + 100} | spin | 14"
    day = f"2026-11-{n // 400 % 20 + 1:02d}"
    return [f"runner-{n % 500}", day, "bench", "pay_on_acceptance", f"{150 + n % 90},00", steps]
