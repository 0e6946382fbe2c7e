"""One piece's whole way, over HTTP only: three women, two with a Stripe account, one without."""

import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.config import ROOT
from app.demo.goods import DESIGN, EVIDENCE, LISTING, MAKERS, STEPS
from app.demo.lots import CLAIMS, make_of_lots
from app.demo.staff import Member, appoint
from app.demo.stage import Stage
from app.demo.teller import StepFailed, Teller
from core import clock
from people.permissions import Role

PRICE = {"USD": 6800, "EUR": 6200, "PEN": 24000}


@dataclass
class Way:
    """What was learnt on the way, for the steps that follow."""

    stage: Stage
    teller: Teller
    staff: dict[Role, Member]
    makers: list[str] = field(default_factory=list)
    piece: dict[str, Any] = field(default_factory=dict)
    design_id: str = ""
    listing: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    obligations: list[dict[str, Any]] = field(default_factory=list)

    def key(self, role: Role) -> str:
        """The key of whoever has this role."""
        return self.staff[role].key


def whole_way(stage: Stage, teller: Teller) -> Way:
    """Go the whole way; raises StepFailed where it ends early."""
    way = Way(stage, teller, appoint(stage))
    for step in (
        register_makers,
        take_in,
        inspect,
        offer,
        buy,
        pay,
        hand_over,
        settle,
        prove,
    ):
        step(way)
    return way


def register_makers(way: Way) -> None:
    """Three women; all consent to be known, two to have their share shown."""
    office = way.key(Role.COORDINATOR)
    for place, who in enumerate(MAKERS):
        maker = way.teller.ask(
            "POST", "/v1/makers", f"{who['public_name']} joins", key=office, body=who
        )
        way.makers.append(maker["id"])
        for purpose in ("public_profile", "price_share")[: 2 if place < 2 else 1]:
            way.teller.ask(
                "POST",
                f"/v1/makers/{maker['id']}/consents",
                f"{who['public_name']} consents: {purpose}",
                key=office,
                body={
                    "purpose": purpose,
                    "text_version": "demo-1",
                    "language": "qu",
                    "medium": "fingerprint",
                    "given_on": clock.now().date().isoformat(),
                    "witness": "Demo witness",
                },
            )
    for maker_id in way.makers[:2]:
        account = way.teller.ask(
            "POST",
            f"/v1/makers/{maker_id}/stripe-account",
            "a Stripe account is opened for her",
            key=way.key(Role.TREASURER),
        )
        way.teller.press(
            account["onboarding_url"], "she fills in Stripe's own form", outcome="complete"
        )


def take_in(way: Way) -> None:
    """Delivery day: one piece, three contributions, a share of the sale agreed."""
    office, store = way.key(Role.COORDINATOR), way.key(Role.STOREKEEPER)
    design = way.teller.ask(
        "POST",
        "/v1/designs",
        "a design with fibres, limits and checklist",
        key=office,
        body=DESIGN | {"code": f"runner-{uuid.uuid4().hex[:6]}"},
    )
    room = way.teller.ask(
        "POST",
        "/v1/locations",
        "the artisan centre",
        key=store,
        body={
            "code": f"centre-{uuid.uuid4().hex[:6]}",
            "name": "Artisan centre, Huilloc",
            "kind": "workshop",
        },
    )
    way.design_id = design["id"]
    delivery = way.teller.ask(
        "POST",
        "/v1/deliveries",
        "the piece is handed in and gets its tag",
        key=store,
        body={
            "id": str(uuid.uuid4()),
            "delivered_on": clock.now().date().isoformat(),
            "location_id": room["id"],
            "pieces": [
                {
                    "design_id": design["id"],
                    "agreement": {"kind": "share_on_sale"},
                    "contributions": [
                        {"maker_id": maker_id, "stage": stage, "weight": weight}
                        for maker_id, (stage, weight) in zip(way.makers, STEPS, strict=True)
                    ],
                }
            ],
        },
    )
    way.piece = delivery["pieces"][0]


def restock(way: Way) -> None:
    """Another piece of the same way, up to the listing, for whoever wants to buy it."""
    for step in (take_in, inspect, offer):
        step(way)


def inspect(way: Way) -> None:
    """The quality lead measures, answers, finds a loose thread, and accepts."""
    path = f"/v1/pieces/{way.piece['id']}/inspections/{uuid.uuid4()}"
    body = EVIDENCE | {
        "decision": "accept_a",
        "inspected_at": (clock.now() - timedelta(seconds=1)).isoformat(),
    }
    lead = way.key(Role.QUALITY_LEAD)
    way.teller.ask("PUT", path, "inspected: accepted, grade A", key=lead, body=body, expect=201)
    way.teller.ask("PUT", path, "sent again by the phone: the same one", key=lead, body=body)


def offer(way: Way) -> None:
    """The piece is listed with what its lots support, and the world can read its passport."""
    store = way.key(Role.STOREKEEPER)
    make_of_lots(way.teller, key=store, makers=way.makers, piece_id=way.piece["id"])
    way.listing = way.teller.ask(
        "POST",
        "/v1/listings",
        "listed and published",
        key=store,
        body=LISTING
        | {
            "design_id": way.design_id,
            "prices": [
                {"amount_minor": amount, "currency": currency} for currency, amount in PRICE.items()
            ],
            "piece_ids": [way.piece["id"]],
            "photos": [],
            "claims": CLAIMS,
            "status": "published",
        },
    )
    way.teller.ask("GET", f"/v1/listings/{way.listing['slug']}", "a buyer finds it")
    way.teller.ask("GET", f"/v1/passports/{way.piece['tag']}", "a tourist scans its tag")


def buy(way: Way) -> None:
    """The storekeeper takes the order at the stall; it is held while the buyer pays."""
    store = way.key(Role.STOREKEEPER)
    body = {
        "items": [{"slug": way.listing["slug"], "quantity": 1}],
        "currency": "USD",
        "fulfilment": "pick_up",
        "channel": "stall",
    }
    way.order = way.teller.ask(
        "POST", "/v1/orders", "ordered at the stall; held while she pays", key=store, body=body
    )
    online = body | {"channel": "online"}
    way.teller.ask("POST", "/v1/orders", "a second buyer is refused", body=online, expect=409)


def pay(way: Way) -> None:
    """She pays on Stripe's page; its webhook and the worker do the rest."""
    way.teller.press(way.order["payment"]["url"], "she pays on Stripe's page", outcome="succeed")
    path = f"/v1/orders/{way.order['id']}"
    token = {"Order-Token": way.order["token"]}

    def paid() -> bool:
        answer = way.teller.session.get(way.teller.base + path, headers=token, timeout=30)
        return bool(answer.json().get("status") == "paid")

    way.teller.wait_for("Stripe's news has come: the order is paid", paid)
    way.teller.ask("GET", path, "the buyer reads her order", headers=token)


def hand_over(way: Way) -> None:
    """She walks out with it; at the stall the hold window is zero days."""
    way.teller.ask(
        "POST",
        f"/v1/orders/{way.order['id']}/handover",
        "handed over",
        key=way.key(Role.STOREKEEPER),
        body={},
    )


def settle(way: Way) -> None:
    """Two are paid by Stripe transfer, the third by hand with a receipt and two names."""
    treasurer = way.key(Role.TREASURER)
    path = f"/v1/obligations?order_id={way.order['id']}"

    def seen(*wanted: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {treasurer}"}
        answer = way.teller.session.get(way.teller.base + path, headers=headers, timeout=30)
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows if sorted(row["status"] for row in rows) == sorted(wanted) else []

    rows = way.teller.wait_for(
        "two shares have reached their accounts, one is due by hand",
        lambda: seen("settled", "settled", "due"),
    )
    (due,) = [row for row in rows if row["status"] == "due"]
    way.teller.ask(
        "POST",
        f"/v1/obligations/{due['id']}/manual-settlement",
        "the third is paid in cash, with a receipt and two names",
        key=treasurer,
        body={
            "method": "cash",
            "witness_id": way.staff[Role.STOREKEEPER].id,
            "note": "demo",
        },
    )
    way.obligations = seen("settled", "settled", "settled")


def prove(way: Way) -> None:
    """The sums: the shares, the passport, her statement, and reconcile."""
    treasurer = way.key(Role.TREASURER)
    for row in way.obligations:
        amount = row["amount"]
        paid = f"{amount['currency']} {amount['amount_minor'] / 100:.2f} by {row['rail']}"
        way.teller.tell("", "", "", f"a maker was paid {paid}", good=True)
    if len(way.obligations) != len(MAKERS):
        raise StepFailed("not everybody was paid")
    way.teller.ask("GET", f"/v1/makers/{way.makers[2]}/statement", "her statement", key=treasurer)
    way.teller.ask(
        "GET", f"/v1/passports/{way.piece['tag']}", "the passport shows what they were paid"
    )
    agree(way)


def agree(way: Way) -> None:
    """`pallay reconcile`, as an accountant would run it: nothing may differ."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "reconcile"],
        env=way.stage.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-300:]]
    way.teller.tell(
        "pallay", "reconcile", f"exit {done.returncode}", last[0], good=not done.returncode
    )
    if done.returncode:
        raise StepFailed(f"reconcile found differences:\n{done.stdout}")
