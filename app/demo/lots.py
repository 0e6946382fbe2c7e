"""What the demo's piece is made of: spun by one woman, dyed by another, written down lot by lot."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.demo.teller import Teller
from core import clock

#: What the demo's listing claims; every word of it rests on the lots below.
CLAIMS: list[dict[str, Any]] = [
    {"kind": "hand_spun"},
    {"kind": "natural_dyes"},
    {"kind": "dyed_with", "dye": "cochineal"},
]


def make_of_lots(teller: Teller, *, key: str, makers: Sequence[str], piece_id: str) -> None:
    """Record sheep's wool, dye it with cochineal, and say that the piece is made of it."""
    spinner, _weaver, dyer = makers
    today = clock.now().date().isoformat()
    yarn, dyed = str(uuid.uuid4()), str(uuid.uuid4())
    teller.ask(
        "POST",
        "/v1/yarn-lots",
        "sheep's wool, spun by hand",
        key=key,
        body={
            "id": yarn,
            "code": f"Y-{yarn[:6]}",
            "grams": 900,
            "fibres": [{"fibre": "sheep_wool", "share_bp": 10000}],
            "spun": "hand",
            "received_on": today,
            "spinner_id": spinner,
        },
    )
    teller.ask(
        "POST",
        "/v1/dye-lots",
        "dyed with cochineal and alum",
        key=key,
        body={
            "id": dyed,
            "code": f"D-{dyed[:6]}",
            "grams": 600,
            "yarn_lot_id": yarn,
            "dyes": ["cochineal"],
            "mordants": ["alum"],
            "dyed_on": today,
            "dyer_id": dyer,
        },
    )
    teller.ask(
        "PUT",
        f"/v1/pieces/{piece_id}/materials",
        "what the piece is made of",
        key=key,
        body={"materials": [{"lot_id": dyed, "grams": 325}]},
    )
