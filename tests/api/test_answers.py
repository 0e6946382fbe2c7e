"""What each answer holds: exactly these keys, so that nothing is shown that was not decided."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.asking import GOOD
from tests.api.world import World

MAKER = "id legal_name public_name story photo_url demo created_at created_by"
PUBLIC_MAKER = "id public_name story photo_url"
CONSENT = (
    "id maker_id purpose text_version language medium given_on witness evidence_sha256"
    " recorded_at recorded_by revocation"
)
DESIGN = (
    "id code kind technique name care fibres minutes_by_stage hs_code vicuna_permit"
    " limit_set_version created_at created_by"
)
LOCATION = "id code name kind status version created_at"
JOURNEY = (
    "id status from to carrier expected_on note piece_count awaited age_days late sent_at"
    " recorded_at actor"
)
ARRIVAL = "id journey_id location_id last note entries arrived_at recorded_at actor"
STOCKTAKE = (
    "id status location note seen strange missing_value unvalued rules_version opened_at"
    " recorded_at actor closed_at closed_by"
)
COUNT = "id tag sight piece_id note seen_at recorded_at actor"
INCIDENT = "id piece_id kind reason location_id order_id photo_ids happened_at recorded_at actor"
AUDIT_ENTRY = "id at actor key_id reference operation subject touched touched_count"
HISTORY_ENTRY = "id at happened_at what words why actor references"
MINIMUM = "id design_id location_id minimum reason created_at actor"
STOCK_RULES = "id version approval_above age_steps reason created_at actor"
DELIVERY = (
    "id delivered_on location_id mode note makers_present piece_count recorded_at actor"
    " photos_to_come pieces"
)
RESERVATION = "id location_id reserved_for note tag_count used_count tags created_at created_by"
DELIVERY_RECEIPT = "delivery_id delivered_on maker present pieces sums message"
GROUP = "id name maker_ids created_at created_by"
COLOUR = "id code name swatch_photo_id swatch_place created_at created_by"
COMMISSION = (
    "id number status due_on days_late expected_on client note group_id advance replaces_id makers"
    " lines created_at created_by"
)
PROGRESS = "id commission_id maker_id note expected_on photo_ids at actor"
DESIGN_IN_FULL = f"{DESIGN} kind_limit_set_version measures checklist criteria in_force"
PIECE = (
    "id tag status grade quarantined_at design_id delivery_id agreement contributions location"
    " created_at"
)
MOVEMENT = "id piece_id sequence source destination reason actor at"
INSPECTION = (
    "id piece_id sequence standing supersedes_id overrules_id inspection_lot_id inspector_id"
    " limit_set_version kind_limit_set_version rules_version proposed proposed_pay_effect"
    " proposed_reduced_bp decision reason pay_effect reduced_bp pay_reason rework started_at"
    " inspected_at recorded_at actor photo_ids measurements answers scores defects reviews"
)
REVIEW = (
    "id inspection_id inspector_id reviewer_id verdict reason reviewed_at recorded_at actor piece"
)
RULES = (
    "id version minor_a major_a outside_a against_a minor_b major_b outside_b against_b"
    " b_reduced_bp rework_rounds rework_days reason created_at actor"
)
SAMPLING = "id version level major_aql minor_aql least_pieces one_off_kinds reason created_at actor"
INSPECTION_LOT = (
    "id design_id status size level rules_version resubmits_id seed drawn_by note plans verdict"
    " opened_at actor"
)
POINTS = (
    "id inspection_id inspector_id width_mm length_mm faults points per_100_m2_hundredths"
    " recorded_at actor"
)
KIND_LIMITS = "id kind version created_at created_by measures checklist criteria"
REWORK = "id piece_id tag maker_id what due_on round overdue"
ALERT = "id piece_id tag inspection_id kind raised_at answered_at answered_by answer"
LISTING = (
    "id slug status version design_id title description prices photos claims piece_ids created_at"
    " created_by"
)
OFFERED = "id slug name title kind technique prices photo available"
OFFERED_IN_FULL = (
    "id slug name title description kind technique prices photos available pieces makers claims"
    " fibres measures care"
)
PASSPORT = (
    "tag state name title cooperative place kind technique fibres claims measures care delivered_on"
    " inspected_on inspection measured makers makers_together price_split photos"
)
ORDER = (
    "id number status channel fulfilment language lines subtotal shipping tax total buyer_name"
    " buyer_email address placed_at expires_at cancel_requested_at paid_at handed_over_at payment"
    " shipments refunds receipt"
)
WAGE = "id kind version wage minutes valid_from source recorded_at recorded_by"
RULE = "id kind version rate_bp valid_from valid_to verified source recorded_at recorded_by"
PAPER = "id maker_id kind number ruc valid_from recorded_at recorded_by"
FAIR_PAY = (
    "piece_id tag design_id delivered_on currency rests_on makers together below missing"
    " references rates"
)
REFUND = (
    "id order_id return_id status tender amount settled reason note parts charge_id stripe_id"
    " failure receipt_number given_by_id witness_id attempts requested_at requested_by answered_at"
)
RETURN = "id order_id status reason note pieces authorised_at authorised_by received_at closed_at"
MESSAGE = "id order_id said_by medium words said_at recorded_at actor"
SHIPMENT = "id order_id kind carrier tracking at piece_ids"
POLICY = (
    "id version makers_bp fund_bp programme_bp fee_bearer hold_days_online hold_days_stall"
    " refund_fee_bearer minimum_payout reason created_at actor"
)
OBLIGATION = (
    "id maker piece_id order_id agreement amount status waiting due_at created_at rail settlement"
)
SETTLEMENT = "id obligation_id rail amount transfer_id outbound_payment_id receipt settled_at actor"
ACCOUNT = (
    "maker_id account_id capability bank_capability payout_method checked_at created_at created_by"
)
RAIL_CHOICE = "id maker_id rail reason at actor"
OUTBOUND = (
    "id maker_id number status amount debited credited stripe_id reason parts started_at posted_at"
)
KEY = "id prefix owner scopes expires_at last_used_at revoked_at created_at created_by"
STAFF = "id name email language roles maker_id active created_at created_by"

POSTING = "id event position source destination amount why order_id obligation_id at actor"
MOVE = "id source destination amount stripe_id why evidence_url moved_at recorded_at actor"
DISPUTE = "id order_id stripe_id amount reason status inquiry due_by opened_at closed_at moves"
PAY_DAY_SUMMARY = "id number status currency rates opened_at opened_by closed_at"
PAY_DAY = f"{PAY_DAY_SUMMARY} makers total_minor cash_minor coins"
PAID = (
    "id number maker_id pay_day_id method paid rate paid_by_id witness_id evidence_url"
    " signature_url signed note paid_at"
)
ADVANCE = (
    "id maker_id kind amount open_minor given_for delivery_id commission_id receipt_number"
    " recovery_id given_at actor"
)
RECOVERY = (
    "id obligation_id maker_id order_id refund_id dispute_id amount status transfer_id reversal_id"
    " attempts decision consent evidence_url decided_at decided_by created_at"
)
PHOTO = (
    "id status subject_kind subject_id content_type byte_length sha256 maker_ids others_shown alt"
    " version width height refusal public taken_at created_at created_by"
)
BATCH = (
    "id kind format name status sha256 byte_length row_count rows_checked rows_applied"
    " problem_count refusal created_at created_by checked_at applied_at applied_by"
)
SHOWN_PHOTO = {"url", "alt", "sizes", "width", "height"}
NEWS = (
    "id type object_id account source state reason tries created_at received_at applied_at"
    " given_up_at"
)
JOB = "id name arguments state tries scheduled_at failed_at repeated_as repeated_by repeated_at"
REPORT = "id since started_at ended_at agrees difference_count rows actor"

LOT = "id code version grams used_g left_g supplier note reason recorded_at actor"
YARN_LOT = f"{LOT} fibres spun received_on spinner_id ply count_words vicuna_permit"
DYE_LOT = f"{LOT} yarn_lot_id dyes mordants dyed_on dyer_id swatch_photo_id tests"
LOT_TEST = "id method change staining tested_on tested_by note corrects_id below recorded_at actor"
DYESTUFF = "id code kind words species source recorded_at recorded_by"
LIMIT = "id method rating dye mordant least valid_from source recorded_at recorded_by"
CLAIM_POLICY = (
    "id allowed fibre_tolerance_bp composition_needs_lots natural_needs_swatch valid_from source"
    " recorded_at recorded_by"
)
WORDING = "id phrase language verdict claim fibre reason valid_from source recorded_at recorded_by"
GTIN = "id design_id gtin evidence created_at actor ending"
CARE = "id design_id wash bleach dry iron professional basis created_at actor"
PARTY = "id market name address contact registration valid_from created_at actor"

ANSWERS: dict[str, Any] = {
    "GET /v1/listings": [OFFERED],
    "GET /v1/listings/{slug}": OFFERED_IN_FULL,
    "POST /v1/listings": LISTING,
    "PATCH /v1/listings/{slug}": LISTING,
    "GET /v1/listings/{listing_id}/draft": LISTING,
    "GET /v1/passports/{tag}": PASSPORT,
    "POST /v1/orders": f"{ORDER} token",
    "POST /v1/stall-sales": ORDER,
    "GET /v1/orders": [ORDER],
    "GET /v1/orders/{order_id}": ORDER,
    "POST /v1/orders/{order_id}/cancellation": ORDER,
    "POST /v1/orders/{order_id}/shipments": SHIPMENT,
    "POST /v1/orders/{order_id}/handover": SHIPMENT,
    "POST /v1/orders/{order_id}/refunds": REFUND,
    "GET /v1/orders/{order_id}/refunds": [REFUND],
    "GET /v1/refunds": [REFUND],
    "GET /v1/refunds/{refund_id}": REFUND,
    "POST /v1/refunds/{refund_id}/attempts": REFUND,
    "POST /v1/orders/{order_id}/returns": RETURN,
    "POST /v1/orders/{order_id}/messages": MESSAGE,
    "GET /v1/orders/{order_id}/messages": [MESSAGE],
    "GET /v1/returns": [RETURN],
    "GET /v1/returns/{return_id}": RETURN,
    "POST /v1/returns/{return_id}/receipt": RETURN,
    "POST /v1/returns/{return_id}/closure": RETURN,
    "POST /v1/returns/{return_id}/cancellation": RETURN,
    "POST /v1/makers": MAKER,
    "GET /v1/makers": [MAKER],
    "GET /v1/makers/{maker_id}": MAKER,
    "POST /v1/makers/{maker_id}/consents": CONSENT,
    "GET /v1/makers/{maker_id}/consents": [CONSENT],
    "POST /v1/consents/{consent_id}/revocation": "consent_id reason revoked_at recorded_by",
    "POST /v1/makers/{maker_id}/stripe-account": f"{ACCOUNT} onboarding_url",
    "GET /v1/makers/{maker_id}/statement": (
        "maker month lines totals funds advances advance_totals reductions"
    ),
    "POST /v1/reference-wages": WAGE,
    "GET /v1/reference-wages": [WAGE],
    "GET /v1/pieces/{piece_id}/fair-pay": FAIR_PAY,
    "GET /v1/fair-pay": [FAIR_PAY],
    "GET /v1/designs/{design_id}/fair-pay": (
        "design_id currency pieces known minutes minor hourly_minor lowest_minor below"
    ),
    "POST /v1/withholding-rules": RULE,
    "GET /v1/withholding-rules": [RULE],
    "POST /v1/makers/{maker_id}/papers": PAPER,
    "GET /v1/makers/{maker_id}/papers": [PAPER],
    "POST /v1/designs": DESIGN_IN_FULL,
    "POST /v1/makers/{maker_id}/rail-choices": RAIL_CHOICE,
    "GET /v1/makers/{maker_id}/rail-choices": [RAIL_CHOICE],
    "GET /v1/outbound-payments": [OUTBOUND],
    "GET /v1/outbound-payments/{payment_id}": OUTBOUND,
    "GET /v1/designs": [DESIGN],
    "GET /v1/designs/{design_id}": DESIGN_IN_FULL,
    "POST /v1/designs/{design_id}/limits": DESIGN_IN_FULL,
    "POST /v1/locations": LOCATION,
    "GET /v1/locations": [LOCATION],
    "GET /v1/locations/{location_id}": LOCATION,
    "PATCH /v1/locations/{location_id}": LOCATION,
    "POST /v1/locations/{location_id}/closure": LOCATION,
    "POST /v1/locations/{location_id}/reopening": LOCATION,
    "PUT /v1/journeys/{journey_id}": f"{JOURNEY} pieces",
    "GET /v1/journeys": [JOURNEY],
    "GET /v1/journeys/{journey_id}": f"{JOURNEY} pieces",
    "PUT /v1/journeys/{journey_id}/arrivals/{arrival_id}": ARRIVAL,
    "GET /v1/journeys/{journey_id}/arrivals": [ARRIVAL],
    "PUT /v1/stocktakes/{stocktake_id}": STOCKTAKE,
    "GET /v1/stocktakes": [STOCKTAKE],
    "GET /v1/stocktakes/{stocktake_id}": STOCKTAKE,
    "POST /v1/stocktakes/{stocktake_id}/counts": "counts",
    "GET /v1/stocktakes/{stocktake_id}/counts": [COUNT],
    "GET /v1/stocktakes/{stocktake_id}/differences": [
        "id tag kind location_id since value outcome"
    ],
    "POST /v1/stocktakes/{stocktake_id}/closure": STOCKTAKE,
    "POST /v1/stocktakes/{stocktake_id}/approval": STOCKTAKE,
    "POST /v1/stocktakes/{stocktake_id}/refusal": STOCKTAKE,
    "POST /v1/stocktakes/{stocktake_id}/cancellation": STOCKTAKE,
    "PUT /v1/pieces/{piece_id}/incidents/{incident_id}": INCIDENT,
    "GET /v1/pieces/{piece_id}/incidents": [INCIDENT],
    "GET /v1/audit": [AUDIT_ENTRY],
    "GET /v1/pieces/{piece_id}/history": [HISTORY_ENTRY],
    "GET /v1/stock": ["location design pieces free promised"],
    "GET /v1/stock/pieces": ["id tag design_id location since"],
    "GET /v1/stock/value": ["location pieces cost without_cost price without_price"],
    "GET /v1/stock/ages": ["location since_received since_listed"],
    "GET /v1/stock/low": ["location design minimum here coming"],
    "POST /v1/stock-minimums": MINIMUM,
    "GET /v1/stock-minimums": [MINIMUM],
    "POST /v1/stock-rules": STOCK_RULES,
    "GET /v1/stock-rules": [STOCK_RULES],
    "POST /v1/deliveries": f"{DELIVERY} rows refused",
    "GET /v1/deliveries/{delivery_id}": DELIVERY,
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}": DELIVERY_RECEIPT,
    "POST /v1/tag-reservations": RESERVATION,
    "GET /v1/tag-reservations": [RESERVATION],
    "GET /v1/tag-reservations/{reservation_id}": RESERVATION,
    "POST /v1/maker-groups": GROUP,
    "GET /v1/maker-groups": [GROUP],
    "PUT /v1/maker-groups/{group_id}/members": GROUP,
    "POST /v1/colour-standards": COLOUR,
    "GET /v1/colour-standards": [COLOUR],
    "POST /v1/commissions": COMMISSION,
    "GET /v1/commissions": [COMMISSION],
    "GET /v1/commissions/{commission_id}": f"{COMMISSION} pieces life",
    "POST /v1/commissions/{commission_id}/answers": COMMISSION,
    "POST /v1/commissions/{commission_id}/progress": PROGRESS,
    "GET /v1/commissions/{commission_id}/progress": [PROGRESS],
    "POST /v1/commissions/{commission_id}/cancellation": COMMISSION,
    "GET /v1/pieces": [PIECE],
    "GET /v1/pieces/{piece_id}": f"{PIECE} life",
    "POST /v1/pieces/{piece_id}/movements": MOVEMENT,
    "GET /v1/pieces/{piece_id}/movements": [MOVEMENT],
    "PUT /v1/pieces/{piece_id}/inspections/{inspection_id}": f"{INSPECTION} piece",
    "GET /v1/pieces/{piece_id}/inspections": [INSPECTION],
    "PUT /v1/inspections/{inspection_id}/critical-reviews/{review_id}": REVIEW,
    "GET /v1/inspection-fairness": "from to inspectors designs agreements",
    "GET /v1/inspection-chart": "from to design_id pieces bad mean points",
    "POST /v1/sampling-rules": SAMPLING,
    "GET /v1/sampling-rules": [SAMPLING],
    "PUT /v1/inspection-lots/{lot_id}": f"{INSPECTION_LOT} pieces",
    "GET /v1/inspection-lots": [INSPECTION_LOT],
    "GET /v1/inspection-lots/{lot_id}": f"{INSPECTION_LOT} pieces",
    "PUT /v1/inspection-lots/{lot_id}/verdict": f"{INSPECTION_LOT} pieces",
    "POST /v1/inspection-lots/{lot_id}/cancellation": INSPECTION_LOT,
    "PUT /v1/inspections/{inspection_id}/four-point-scores/{score_id}": POINTS,
    "GET /v1/inspections/{inspection_id}/four-point-scores": [POINTS],
    "POST /v1/grading-rules": RULES,
    "GET /v1/grading-rules": [RULES],
    "POST /v1/kind-limits": KIND_LIMITS,
    "GET /v1/kind-limits": [KIND_LIMITS],
    "GET /v1/reworks": [REWORK],
    "GET /v1/bench-alerts": [ALERT],
    "POST /v1/bench-alerts/{alert_id}/answer": ALERT,
    "GET /v1/inspections": [PIECE],
    "POST /v1/share-policies": POLICY,
    "GET /v1/share-policies": [POLICY],
    "GET /v1/ledger/accounts": ["account balance"],
    "GET /v1/ledger/postings": [POSTING],
    "POST /v1/treasury-moves": MOVE,
    "GET /v1/treasury-moves": [MOVE],
    "GET /v1/treasury-moves/{move_id}": MOVE,
    "POST /v1/reconciliations": "id",
    "GET /v1/reconciliations": [REPORT],
    "GET /v1/reconciliations/{report_id}": REPORT,
    "GET /v1/reconciliation": REPORT,
    "POST /v1/pay-days": PAY_DAY,
    "GET /v1/pay-days": [PAY_DAY_SUMMARY],
    "GET /v1/pay-days/{pay_day_id}": PAY_DAY,
    "POST /v1/pay-days/{pay_day_id}/payments": PAID,
    "POST /v1/pay-days/{pay_day_id}/releases": PAY_DAY,
    "POST /v1/pay-days/{pay_day_id}/cancellation": PAY_DAY,
    "GET /v1/receipts": [PAID],
    "GET /v1/receipts/{receipt_id}": PAID,
    "POST /v1/receipts/{receipt_id}/signature": PAID,
    "POST /v1/advances": ADVANCE,
    "GET /v1/advances": [ADVANCE],
    "GET /v1/advances/{advance_id}": ADVANCE,
    "GET /v1/disputes": [DISPUTE],
    "GET /v1/disputes/{dispute_id}": DISPUTE,
    "GET /v1/recoveries": [RECOVERY],
    "GET /v1/recoveries/{recovery_id}": RECOVERY,
    "POST /v1/recoveries/{recovery_id}/decision": RECOVERY,
    "POST /v1/recoveries/{recovery_id}/attempts": RECOVERY,
    "PUT /v1/batches/{batch_id}": BATCH,
    "GET /v1/batches": [BATCH],
    "GET /v1/batches/{batch_id}": BATCH,
    "GET /v1/batches/{batch_id}/problems": ["id row cell column code words"],
    "POST /v1/batches/{batch_id}/application": BATCH,
    "GET /v1/photos": [PHOTO],
    "GET /v1/photos/{photo_id}": PHOTO,
    "PUT /v1/photos/{photo_id}": f"{PHOTO} upload",
    "PUT /v1/photos/{photo_id}/content": "id status",
    "PATCH /v1/photos/{photo_id}": PHOTO,
    "POST /v1/photos/{photo_id}/publication": PHOTO,
    "POST /v1/photos/{photo_id}/withdrawal": PHOTO,
    "POST /v1/photos/{photo_id}/removal": PHOTO,
    "GET /v1/obligations": [OBLIGATION],
    "GET /v1/obligations/{obligation_id}": OBLIGATION,
    "POST /v1/obligations/{obligation_id}/manual-settlement": SETTLEMENT,
    "GET /v1/news": [NEWS],
    "GET /v1/news/{event_id}": f"{NEWS} asked_again",
    "POST /v1/news/{event_id}/attempts": f"{NEWS} asked_again",
    "GET /v1/jobs": [JOB],
    "GET /v1/jobs/{job_id}": JOB,
    "POST /v1/jobs/{job_id}/attempts": JOB,
    "POST /v1/dyestuffs": DYESTUFF,
    "GET /v1/dyestuffs": [DYESTUFF],
    "POST /v1/yarn-lots": YARN_LOT,
    "GET /v1/yarn-lots": [YARN_LOT],
    "GET /v1/yarn-lots/{lot_id}": YARN_LOT,
    "POST /v1/yarn-lots/{lot_id}/corrections": "lot taken_down",
    "GET /v1/yarn-lots/{lot_id}/pieces": [PIECE],
    "POST /v1/dye-lots": DYE_LOT,
    "GET /v1/dye-lots": [DYE_LOT],
    "GET /v1/dye-lots/{lot_id}": DYE_LOT,
    "POST /v1/dye-lots/{lot_id}/corrections": "lot taken_down",
    "GET /v1/dye-lots/{lot_id}/pieces": [PIECE],
    "POST /v1/dye-lots/{lot_id}/fastness-tests": LOT_TEST,
    "PUT /v1/pieces/{piece_id}/materials": "piece_id grams materials supports taken_down",
    "GET /v1/pieces/{piece_id}/materials": "piece_id grams materials supports",
    "POST /v1/fastness-limits": LIMIT,
    "GET /v1/fastness-limits": [LIMIT],
    "POST /v1/claim-policies": CLAIM_POLICY,
    "GET /v1/claim-policies": [CLAIM_POLICY],
    "POST /v1/wording-rules": WORDING,
    "GET /v1/wording-rules": [WORDING],
    "GET /v1/listings/{listing_id}/claims": "listing_id status why claims problems",
    "POST /v1/label-checks": "market language labels pages problems",
    "GET /v1/label-rules": "markets papers",
    "POST /v1/gtins": GTIN,
    "GET /v1/gtins": [GTIN],
    "POST /v1/gtins/{gtin_id}/ending": GTIN,
    "POST /v1/designs/{design_id}/care-symbols": CARE,
    "GET /v1/designs/{design_id}/care-symbols": [CARE],
    "POST /v1/label-parties": PARTY,
    "GET /v1/label-parties": [PARTY],
    "POST /v1/staff": STAFF,
    "GET /v1/staff": [STAFF],
    "POST /v1/api-keys": f"{KEY} secret",
    "GET /v1/api-keys": [KEY],
    "POST /v1/api-keys/{key_id}/revocation": KEY,
}

#: Lists that are empty in this world, an account she does not have, and Stripe's own.
NOTHING_TO_SEE = {
    "POST /v1/pay-days/{pay_day_id}/closure",
    "GET /v1/openapi.json",
    "GET /v1/disputes/{dispute_id}/evidence",
    *(
        f"GET /v1/exports/{kind}.{form}"
        for kind in ("designs", "makers", "pieces")
        for form in ("csv", "xlsx")
    ),
    "GET /v1/exports/liquidaciones.csv",
    "GET /v1/photos/{photo_id}/original",
    "GET /v1/photos/{photo_id}/prints/{name}",
    "GET /v1/ledger.csv",
    "POST /v1/label-sheets",
    "GET /v1/ledger.beancount",
    "GET /v1/settlements",
    "GET /v1/inspection-chart.svg",
    "GET /v1/inspection-chart.png",
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}.pdf",
    "GET /v1/deliveries/{delivery_id}/receipts/{maker_id}.txt",
    "GET /v1/makers/{maker_id}/statement.pdf",
    "GET /v1/makers/{maker_id}/stripe-account",
    "POST /v1/webhooks/stripe",
    "POST /v1/webhooks/stripe/connect",
    "POST /v1/webhooks/stripe/thin",
}


def test_every_operation_is_pinned() -> None:
    assert set(ANSWERS) | NOTHING_TO_SEE == set(GOOD)


@pytest.mark.parametrize("operation", ANSWERS)
def test_an_answer_has_exactly_these_keys(operation: str, world: World, asks: FlaskClient) -> None:
    body, pinned = GOOD[operation](world).send(asks).get_json(), ANSWERS[operation]

    if isinstance(pinned, list):
        assert set(body) == {"items"}
        assert body["items"], "a page to look at"
        assert all(set(item) == set(pinned[0].split()) for item in body["items"])
    else:
        assert set(body) == set(pinned.split())


def test_what_is_told_inside_an_answer_is_pinned_too(world: World, asks: FlaskClient) -> None:
    order = GOOD["POST /v1/orders"](world).send(asks).get_json()
    offered = GOOD["GET /v1/listings/{slug}"](world).send(asks).get_json()
    passport = GOOD["GET /v1/passports/{tag}"](world).send(asks).get_json()
    settled = GOOD["POST /v1/obligations/{obligation_id}/manual-settlement"](world).send(asks)
    statement = GOOD["GET /v1/makers/{maker_id}/statement"](world).send(asks).get_json()
    catalogue = GOOD["GET /v1/listings"](world).send(asks).get_json()
    published = GOOD["POST /v1/photos/{photo_id}/publication"](world).send(asks).get_json()
    draft = GOOD["GET /v1/listings/{listing_id}/draft"](world).send(asks).get_json()

    assert {frozenset(row["photo"]) for row in catalogue["items"]} == {frozenset(SHOWN_PHOTO)}
    assert keys(published["public"]) == SHOWN_PHOTO
    assert keys(published["public"]["sizes"]) == {"small", "medium", "large", "jpeg"}
    assert keys(draft["photos"]) == {*SHOWN_PHOTO, "photo_id"}
    assert keys(order["lines"]) == {"id", "position", "title", "price", "listing_id", "piece"}
    assert keys(order["lines"][0]["piece"]) == {"id", "tag"}
    assert keys(order["payment"]) == {"url", "expires_at"}
    assert keys(order["total"]) == {"amount_minor", "currency"}
    assert keys(offered["pieces"]) == {"id", "tag", "grade"}
    assert keys(offered["makers"]) == set(PUBLIC_MAKER.split())
    assert keys(offered["photos"]) == SHOWN_PHOTO
    assert keys(offered["measures"]) == {"name", "unit", "spec", "minus", "plus"}
    assert keys(passport["claims"]) == {"kind", "fibre", "share_bp", "dye", "rests_on"}
    assert keys(passport["claims"][0]["rests_on"]) == {
        "lot", "kind", "on", "spun", "dyes", "mordants", "tests",
    }  # fmt: skip
    assert keys(passport["claims"][0]["rests_on"][0]["tests"]) == {
        "method", "change", "staining", "tested_on", "below",
    }  # fmt: skip
    assert keys(passport["makers"]) == {"maker", "stages", "shares"}
    assert keys(passport["makers"][0]["maker"]) == set(PUBLIC_MAKER.split())
    assert keys(settled.get_json()["receipt"]) == {
        "number", "method", "paid", "rate", "paid_by_id", "witness_id", "evidence_url", "note",
        "paid_at",
    }  # fmt: skip
    assert keys(statement["maker"]) == {"id", "public_name"}
    assert keys(statement["lines"]) == {
        "obligation_id", "tag", "agreement", "amount", "earned", "paid", "owed", "fund", "status",
        "waiting", "earned_at", "settlement",
    }  # fmt: skip
    assert keys(statement["totals"]) == {"earned", "paid", "owed"}
    fair = GOOD["GET /v1/pieces/{piece_id}/fair-pay"](world).send(asks).get_json()
    assert keys(fair["makers"]) == {
        "maker", "stages", "minutes", "minutes_from", "gets", "earned", "paid", "materials_minor",
        "minor", "hourly_minor", "against",
    }  # fmt: skip
    assert keys(fair["makers"][0]["maker"]) == {"id", "public_name"}
    assert keys(fair["together"]) == {"minutes", "minor", "hourly_minor", "against"}


def test_totals_add_up_to_the_minor_unit(world: World, asks: FlaskClient) -> None:
    order = GOOD["POST /v1/orders"](world).send(asks).get_json()

    lines = sum(line["price"]["amount_minor"] for line in order["lines"])
    extra = order["shipping"]["amount"]["amount_minor"] + order["tax"]["amount"]["amount_minor"]
    assert order["subtotal"]["amount_minor"] == lines
    assert order["total"]["amount_minor"] == lines + extra


def test_times_are_utc_with_a_z_and_ids_are_uuids(world: World, asks: FlaskClient) -> None:
    maker = GOOD["GET /v1/makers/{maker_id}"](world).send(asks).get_json()

    assert maker["created_at"] == "2026-11-23T15:00:00Z"
    assert maker["id"] == str(world.maker.id)


def test_a_maker_without_consent_is_nameless_in_public(world: World, asks: FlaskClient) -> None:
    makers = GOOD["GET /v1/listings/{slug}"](world).send(asks).get_json()["makers"]

    named = [maker for maker in makers if maker["public_name"]]
    assert [maker["public_name"] for maker in named] == [world.maker.public_name]
    nameless = [maker for maker in makers if not maker["public_name"]]
    assert nameless == [dict.fromkeys(PUBLIC_MAKER.split())]
    assert named[0]["photo_url"] is None, "the photo is a purpose of its own"


@pytest.mark.parametrize(
    "operation", ["GET /v1/listings", "GET /v1/listings/{slug}", "GET /v1/passports/{tag}"]
)
def test_no_private_thing_is_on_a_public_page(
    operation: str, world: World, asks: FlaskClient
) -> None:
    page = GOOD[operation](world).send(asks).get_data(as_text=True)

    for private in ("legal", "Legal Name", "Ada Buyer", "ada@example.org", "cooperative_id"):
        assert private not in page


def keys(part: Any) -> set[str]:
    """The keys of an object, or those that all objects of a list have."""
    if isinstance(part, list):
        (found,) = {frozenset(one) for one in part}
        return set(found)
    return set(part)
