"""What the demo works with: made-up women under names marked as demo, and a real kind of cloth.

Fibres, measures, tolerances, dyes and stages are as the trade has them: sheep wool for weaving, a
length tolerance of 3 % (at least 20 mm), a width of 5 % (at least 15 mm), a weight of 8 %.
"""

from typing import Any

MAKERS: list[dict[str, Any]] = [
    {
        "legal_name": "Demo Persona Uno",
        "public_name": "Demo Sabina",
        "story": {
            "es": "Hila lana de oveja desde niña (persona de demostración).",
            "en": "She has spun sheep's wool since she was a girl (a demo person).",
        },
    },
    {
        "legal_name": "Demo Persona Dos",
        "public_name": "Demo Justina",
        "story": {
            "es": "Teje pallay en telar de cintura (persona de demostración).",
            "en": "She weaves pallay on a backstrap loom (a demo person).",
        },
    },
    {
        "legal_name": "Demo Persona Tres",
        "public_name": "Demo Eusebia",
        "story": {"es": "Tiñe con cochinilla y ch'illca (persona de demostración)."},
    },
]

#: Stage and weight of each of the three on the piece; the weights divide the makers' share.
STEPS = (("spin", 14), ("weave", 22), ("dye", 3))

DESIGN: dict[str, Any] = {
    "kind": "runner",
    "technique": "complementary_warp",
    "name": {
        "en": "Table runner, pallay bands on red",
        "es": "Camino de mesa, bandas de pallay sobre rojo",
    },
    "care": {
        "en": "Hand wash cold with neutral soap, separately. Dry flat in the shade.",
        "es": "Lavar a mano en agua fría con jabón neutro, aparte. Secar extendido a la sombra.",
    },
    "fibres": [
        {"part": "body", "fibre": "sheep_wool", "share_bp": 10000},
        {"part": "tassel", "fibre": "sheep_wool", "share_bp": 5000},
        {"part": "tassel", "fibre": "alpaca", "share_bp": 5000},
    ],
    "minutes_by_stage": {"spin": 840, "dye": 180, "weave": 1320, "finish": 150},
    "hs_code": "6304.99",
    "measures": [
        {"name": "length", "unit": "mm", "spec": 1500, "minus": 45, "plus": 45, "required": True},
        {"name": "width", "unit": "mm", "spec": 350, "minus": 18, "plus": 18, "required": True},
        {"name": "weight", "unit": "g", "spec": 320, "minus": 26, "plus": 26, "required": True},
    ],
    "checklist": [
        {
            "code": "no_metal",
            "words": {
                "en": "No needle, pin or thorn left in it?",
                "es": "¿Sin aguja, alfiler ni espina?",
            },
            "required": True,
        },
        {
            "code": "motif_as_ordered",
            "words": {"en": "Motif as ordered?", "es": "¿El diseño es el pedido?"},
            "required": True,
        },
    ],
}

EVIDENCE: dict[str, Any] = {
    "measurements": [
        {"name": "length", "value": 1512},
        {"name": "width", "value": 347},
        {"name": "weight", "value": 325},
    ],
    "answers": [
        {"code": "no_metal", "answer": "yes"},
        {"code": "motif_as_ordered", "answer": "yes"},
    ],
    "defects": [{"code": "N04", "count": 1, "place": "one corner", "note": "trimmed"}],
}

LISTING: dict[str, Any] = {
    "title": {
        "en": "Red table runner with pallay bands",
        "es": "Camino de mesa rojo con bandas de pallay",
    },
    "description": {
        "en": "Hand-spun sheep's wool, dyed with cochineal, woven on a backstrap loom in Huilloc.",
        "es": "Lana de oveja hilada a mano, teñida con cochinilla, tejida en telar de cintura.",
    },
}
