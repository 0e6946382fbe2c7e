"""A listing says only what the lots of every piece behind it support, and what may be said."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import Invalid
from core.ids import new_id
from inventory import claim_rules, claims, listings
from inventory.claim_models import ClaimKind
from inventory.claims import ClaimsRefused
from inventory.listings import PieceNotListable
from inventory.models import PieceStatus
from inventory.pieces import life_of
from quality import inspections
from quality.catalogue import begin_catalogue
from quality.findings import CriticalDefect, Evidence
from tests.inventory.spinning import (
    ALPACA,
    correct,
    dye_facts,
    make_dyed,
    make_yarn,
    rub,
    weave,
    yarn_facts,
)
from tests.support.make import (
    NOW,
    accept,
    acting,
    house,
    make_cooperative,
    make_design,
    make_listing,
    make_piece,
    make_pieces,
    make_staff,
)
from tests.support.races import commit_while_blocked

TODAY = NOW.date()
NATURAL = {"kind": "natural_dyes"}
SPUN = {"kind": "hand_spun"}


@pytest.fixture
def home(session):
    return make_cooperative(session)


@pytest.fixture
def yarn(session, home):
    return make_yarn(session, home, grams=5000)


@pytest.fixture
def red(session, home, yarn):
    return make_dyed(session, home, yarn, grams=2000)


def accepted(session, home, *lots, **given):
    """A piece that may be listed, made of these lots."""
    piece = accept(make_piece(session, home, **given))
    session.flush()
    weave(session, home, piece, *lots)
    return piece


def offer(session, home, pieces, *claimed, status="published", **given):
    values = {
        "design_id": pieces[0].design_id,
        "title": {"en": "A runner"},
        "description": {},
        "prices": {"PEN": 16000},
        "photos": [],
    } | given
    return listings.add_listing(
        session,
        piece_ids=[piece.id for piece in pieces],
        status=status,
        claims=claimed,
        actor=house(home),
        now=NOW,
        **values,
    )


def change(session, home, listing, **given):
    return listings.change_listing(
        session,
        listing_id=listing.id,
        version=listing.version,
        actor=house(home),
        now=NOW,
        **given,
    )


def policy(session, home, **given):
    values = {**claim_rules.STARTING_POLICY, "valid_from": TODAY, "source": "test"} | given
    return claim_rules.set_claim_policy(session, actor=house(home), now=NOW, **values)


def rule(session, home, phrase, verdict="forbidden", **given):
    values: dict[str, Any] = {
        "language": "en",
        "reason": "because",
        "valid_from": TODAY,
        "source": "test",
    } | given
    return claim_rules.set_wording_rule(
        session, phrase=phrase, verdict=verdict, actor=house(home), now=NOW, **values
    )


def test_a_claim_that_every_piece_supports_is_published(session, home, yarn, red):
    design = make_design(session, home)
    pieces = [accepted(session, home, (red, 300), design=design) for _ in range(2)]

    listing = offer(session, home, pieces, NATURAL, SPUN, {"kind": "dyed_with", "dye": "cochineal"})

    assert listing.status == "published"
    assert [piece.status for piece in pieces] == [PieceStatus.LISTED] * 2


def test_one_piece_without_lots_keeps_the_whole_listing_back(session, home, red):
    design = make_design(session, home)
    good = accepted(session, home, (red, 300), design=design)
    bare = accepted(session, home, design=design)

    with pytest.raises(ClaimsRefused) as refusal:
        offer(session, home, [good, bare], SPUN, NATURAL)

    assert refusal.value.details == {"pieces": [str(bare.id)]}
    assert refusal.value.errors == [
        {
            "pointer": f"/claims/{place}",
            "message": f"{bare.tag}: nobody wrote down which lots it was made of",
        }
        for place in (0, 1)
    ]


def test_a_listing_that_claims_nothing_needs_no_lots(session, home):
    assert make_listing(session, home, count=2).status == "published"


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (NATURAL, "was not dyed with natural dyes only"),
        (SPUN, "was not spun by hand"),
        ({"kind": "undyed"}, "was dyed"),
        ({"kind": "dyed_with", "dye": "tara"}, "none of its lots was dyed with tara"),
        ({"kind": "fastness_tested"}, "was not tested"),
        ({"kind": "fibre", "fibre": "alpaca", "share_bp": 10000}, "sheep_wool 100.00 %"),
    ],
)
def test_a_claim_the_lots_contradict_is_refused_with_the_reason(session, home, claim, said):
    mill = make_yarn(session, home, spun="mill", spinner_id=None, supplier="A mill")
    bright = make_dyed(session, home, mill, dyes=["cochineal", "synthetic"], mordants=[])
    piece = accepted(session, home, (bright, 300))

    with pytest.raises(ClaimsRefused, match=said):
        offer(session, home, [piece], claim)


def test_grams_that_are_not_accounted_for_may_be_anything(session, home, red):
    piece = accepted(session, home, (red, 275))  # the lightest it may be is 300 g less 24

    refused = pytest.raises(ClaimsRefused, match="account for 275 g of at least 276 g")
    with refused, session.begin_nested():
        offer(session, home, [piece], NATURAL)
    weave(session, home, piece, (red, 276))
    assert offer(session, home, [piece], NATURAL).status == "published"


@pytest.mark.parametrize(
    ("alpaca_g", "share_bp", "holds"),
    [
        (150, 5000, True),
        (150, 4700, True),
        (150, 5300, True),
        (150, 5301, False),
        (150, 4699, False),
        (300, 10000, True),
        (299, 10000, False),
    ],
)
def test_a_fibres_share_is_within_the_tolerance_and_all_means_all(
    session, home, yarn, alpaca_g, share_bp, holds
):
    fine = make_yarn(session, home, fibres=ALPACA)
    wool = [(yarn, 300 - alpaca_g)] if alpaca_g < 300 else []
    piece = accepted(session, home, (fine, alpaca_g), *wool)
    claim = {"kind": "fibre", "fibre": "alpaca", "share_bp": share_bp}

    if holds:
        assert offer(session, home, [piece], claim).status == "published"
    else:
        with pytest.raises(ClaimsRefused):
            offer(session, home, [piece], claim)


def test_the_undyed_part_of_a_piece_does_not_hinder_its_natural_dyes(session, home, yarn, red):
    piece = accepted(session, home, (red, 200), (yarn, 100))

    assert offer(session, home, [piece], NATURAL).status == "published"


def test_a_piece_added_to_a_published_listing_has_to_support_its_claims(session, home, red):
    design = make_design(session, home)
    listing = offer(session, home, [accepted(session, home, (red, 300), design=design)], NATURAL)
    bare = accepted(session, home, design=design)

    with pytest.raises(ClaimsRefused), session.begin_nested():
        change(session, home, listing, add_pieces=[bare.id])
    session.refresh(listing)
    weave(session, home, bare, (red, 300))
    change(session, home, listing, add_pieces=[bare.id])
    assert bare.status == PieceStatus.LISTED


def test_a_draft_may_claim_what_is_not_supported_yet(session, home, red):
    piece = accepted(session, home)
    listing = offer(session, home, [piece], NATURAL, status="draft")

    with pytest.raises(ClaimsRefused), session.begin_nested():
        change(session, home, listing, status="published")
    session.refresh(listing)
    weave(session, home, piece, (red, 300))
    assert change(session, home, listing, status="published").status == "published"


def test_what_a_listing_claims_is_replaced_and_looked_at_again(session, home, red):
    listing = offer(session, home, [accepted(session, home, (red, 300))], NATURAL)

    with pytest.raises(ClaimsRefused), session.begin_nested():
        change(session, home, listing, claims=[{"kind": "undyed"}])
    session.refresh(listing)
    change(session, home, listing, claims=[SPUN])
    assert [claim.kind for claim in listing.claims] == ["hand_spun"]


def test_a_new_price_is_no_new_claim(session, home):
    """What was published before there were rules keeps working until it says something else."""
    listing = make_listing(session, home)
    rule(session, home, "runner")

    change(session, home, listing, prices={"PEN": 17000})
    with pytest.raises(ClaimsRefused):
        change(session, home, listing, title={"en": "A red runner"})


@pytest.mark.parametrize("which", ["yarn", "dye"])
def test_a_corrected_lot_takes_down_what_rested_on_it_and_says_why(session, home, yarn, red, which):
    piece = accepted(session, home, (red, 300))
    listing = offer(session, home, [piece], NATURAL, SPUN)
    other = make_listing(session, home)

    if which == "dye":
        facts = dye_facts(session, home, yarn, grams=2000, dyes=["synthetic"])
        (fallen,) = correct(session, home, red, facts)
    else:
        (fallen,) = correct(session, home, yarn, yarn_facts(session, home, grams=5000, spun="mill"))

    assert (fallen.id, listing.status) == (listing.id, "withdrawn")
    assert piece.status == PieceStatus.ACCEPTED
    assert piece.tag in fallen.why
    assert life_of(session, listing.id)[-1].why == fallen.why
    assert other.status == "published"


def test_a_correction_that_changes_no_claim_takes_nothing_down(session, home, yarn, red):
    listing = offer(session, home, [accepted(session, home, (red, 300))], NATURAL)

    assert correct(session, home, yarn, yarn_facts(session, home, grams=4000, ply=2)) == []
    assert listing.status == "published"


def test_materials_that_turn_out_otherwise_take_the_listing_down(session, home, yarn, red):
    piece = accepted(session, home, (red, 300))
    listing = offer(session, home, [piece], NATURAL)

    assert [one.slug for one in weave(session, home, piece, (yarn, 300))] == [listing.slug]
    assert listing.status == "withdrawn"


def test_a_piece_that_somebody_holds_stays_hers_when_its_listing_comes_down(
    session, home, yarn, red
):
    piece = accepted(session, home, (red, 300))
    offer(session, home, [piece], NATURAL)
    piece.become(PieceStatus.HELD, actor=house(home), why="ordered", at=NOW)
    session.flush()

    assert len(weave(session, home, piece, (yarn, 300))) == 1
    assert piece.status == PieceStatus.HELD


def test_who_publishes_while_a_lot_is_corrected_waits_and_is_refused(committed):
    with committed() as first:
        home = make_cooperative(first)
        yarn = make_yarn(first, home)
        red = make_dyed(first, home, yarn)
        piece = accepted(first, home, (red, 300))
        wrong = dye_facts(first, home, yarn, dyes=["synthetic"])
        first.commit()
        assert correct(first, home, red, wrong) == []

        def publisher():
            with committed() as second:
                with pytest.raises(ClaimsRefused):
                    offer(second, home, [piece], NATURAL)
                second.rollback()

        commit_while_blocked(first, publisher)


@pytest.mark.parametrize(
    ("claim", "pointer"),
    [
        ({"kind": "fibre"}, "/claims/0"),
        ({"kind": "fibre", "fibre": "alpaca"}, "/claims/0"),
        ({"kind": "hand_spun", "fibre": "alpaca", "share_bp": 1}, "/claims/0"),
        ({"kind": "dyed_with"}, "/claims/0"),
        ({"kind": "undyed", "dye": "cochineal"}, "/claims/0"),
        ({"kind": "dyed_with", "dye": "no_such"}, "/claims"),
        ({"kind": "dyed_with", "dye": "alum"}, "/claims"),
    ],
)
def test_a_claim_of_another_form_is_refused_even_in_a_draft(session, home, red, claim, pointer):
    with pytest.raises(Invalid) as refusal:
        offer(session, home, [accepted(session, home)], claim, status="draft")

    assert refusal.value.pointer == pointer


def test_nothing_is_claimed_twice_and_no_shares_beyond_the_whole(session, home):
    piece = accepted(session, home)
    shares = [{"kind": "fibre", "fibre": one, "share_bp": 6000} for one in ("alpaca", "llama")]

    with pytest.raises(Invalid):
        offer(session, home, [piece], SPUN, SPUN, status="draft")
    with pytest.raises(Invalid):
        offer(session, home, [piece], *shares, status="draft")


def test_a_cooperative_decides_which_claims_it_makes_and_what_they_need(session, home, red):
    design = make_design(session, home)
    piece = accepted(session, home, (red, 300), design=design)
    policy(session, home, natural_needs_swatch=True)
    with pytest.raises(ClaimsRefused, match="no photo of its swatch"), session.begin_nested():
        offer(session, home, [piece], NATURAL)

    policy(session, home, allowed=["hand_spun"])
    with pytest.raises(ClaimsRefused, match="does not make this claim"), session.begin_nested():
        offer(session, home, [piece], NATURAL)

    policy(session, home, valid_from=TODAY + timedelta(days=1), allowed=[])
    assert offer(session, home, [piece], SPUN).status == "published", "tomorrow's is not today's"


def test_the_label_needs_lots_only_where_the_cooperative_says_so(session, home, yarn):
    fine = make_yarn(session, home, fibres=ALPACA)
    design = make_design(session, home)
    piece = accepted(session, home, (fine, 300), design=design)
    offer(session, home, [piece], status="draft")
    policy(session, home, composition_needs_lots=True)
    with pytest.raises(ClaimsRefused) as refusal, session.begin_nested():
        offer(session, home, [accepted(session, home, design=design)])
    assert refusal.value.errors[0]["pointer"] == "/design_id"
    with pytest.raises(ClaimsRefused, match=r"alpaca 100\.00 %"), session.begin_nested():
        offer(session, home, [accepted(session, home, (fine, 300), design=design)])
    wool = accepted(session, home, (yarn, 300), design=design)
    assert offer(session, home, [wool]).status == "published"


def test_vicuna_in_a_piece_needs_the_designs_permit_whatever_is_claimed(session, home):
    golden = make_yarn(
        session,
        home,
        fibres=[{"fibre": "vicuna", "share_bp": 10000}],
        vicuna_permit="CITES-7",
    )
    permitted = make_design(session, home, vicuna_permit="CITES-8")

    with pytest.raises(ClaimsRefused, match="no permit"), session.begin_nested():
        offer(session, home, [accepted(session, home, (golden, 300))])
    piece = accepted(session, home, (golden, 300), design=permitted)
    assert offer(session, home, [piece]).status == "published"


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("certif*", "Certified by us"),
        ("certif*", "con CERTIFICADO"),
        ("fair trade", "a fair-trade runner"),
        ("fair trade", "Fair\u200b\u00a0 Trade"),
        ("antigüedad*", "una antiguedad"),
        ("100% natural dye*", "100 % natural dyes"),
        ("ch'illca", "con Ch\u2019illca"),
        ("tinte* natural*", "con tintes naturales"),
        ("vicuña", "VICUN\u0303A"),
    ],
)
def test_a_forbidden_phrase_is_found_however_it_is_spelt_and_in_every_text(
    session, home, phrase, words
):
    rule(session, home, phrase)
    piece = accepted(session, home)
    for pointer, said in (
        ("/title/es", {"title": {"es": words}}),
        ("/description/qu", {"description": {"qu": f"Allin. {words}!"}}),
        (
            "/photos/0/alt/en",
            {"photos": [{"url": "https://photos.test/1.jpg", "alt": {"en": words}}]},
        ),
    ):
        with pytest.raises(ClaimsRefused) as refusal, session.begin_nested():
            offer(session, home, [piece], **said)
        (error,) = refusal.value.errors
        assert error["pointer"] == pointer
        assert error["message"].endswith(": because")


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("antique", "antiqued"),
        ("fair trade", "a fair, traded runner"),
        ("llama", "se llamaba"),
        ("certif*", "uncertified"),
    ],
)
def test_a_phrase_is_whole_words(session, home, phrase, words):
    rule(session, home, phrase)

    piece = accepted(session, home)
    assert offer(session, home, [piece], title={"en": words}).status == "published"


def test_a_phrase_may_stand_where_its_claim_or_fibre_does(session, home, red):
    rule(session, home, "natural dye*", "needs_claim", claim="natural_dyes")
    rule(session, home, "alpaca", "needs_fibre", fibre="alpaca")
    said = {"title": {"en": "Natural dyes"}}
    piece = accepted(session, home, (red, 300))

    with pytest.raises(ClaimsRefused), session.begin_nested():
        offer(session, home, [piece], SPUN, **said)
    with pytest.raises(ClaimsRefused), session.begin_nested():
        offer(session, home, [piece], title={"en": "Soft alpaca"})
    assert offer(session, home, [piece], NATURAL, **said).status == "published"
    soft = accepted(
        session,
        home,
        design=make_design(
            session, home, fibres=[{"part": "body", "fibre": "alpaca", "share_bp": 10000}]
        ),
    )
    assert offer(session, home, [soft], title={"en": "Soft alpaca"}).status == "published"


def test_a_rule_holds_from_its_day_until_a_later_one_allows_the_phrase(session, home):
    def held(day):
        return [
            one.phrase for one in claim_rules.rules_on(session, cooperative_id=home.id, day=day)
        ]

    rule(session, home, "Antique", valid_from=date(2026, 2, 1))
    rule(session, home, "antique", "allowed", valid_from=date(2026, 5, 1))

    assert [held(date(2026, month, 15)) for month in (1, 3, 6)] == [[], ["antique"], []]


@pytest.mark.parametrize(
    "wrong",
    [
        {"phrase": "***"},
        {"phrase": "- -"},
        {"verdict": "needs_claim"},
        {"claim": "hand_spun"},
        {"verdict": "needs_fibre"},
    ],
)
def test_a_rule_that_says_nothing_is_refused(session, home, wrong):
    with pytest.raises(Invalid):
        rule(session, home, **({"phrase": "antique"} | wrong))


def test_the_starting_phrases_refuse_what_a_page_must_not_state(session, home, red):
    claim_rules.begin_wording(session, actor=house(home), now=NOW)
    claim_rules.begin_wording(session, actor=house(home), now=NOW)
    rules = claim_rules.rules_on(session, cooperative_id=home.id, day=TODAY)
    assert len(rules) == len(claim_rules.STARTING_PHRASES)
    assert {kind for rule in rules if (kind := rule.claim)} <= {kind.value for kind in ClaimKind}

    piece = accepted(session, home, (red, 300))
    for words in (
        "Certified",
        "100 % natural dye",
        "An antique",
        "Fair Trade",
        "teñida con tintes naturales",
        "Baby alpaca",
        "hilada a mano",
    ):
        with pytest.raises(ClaimsRefused), session.begin_nested():
            offer(session, home, [piece], description={"en": words})
    offered = offer(session, home, [piece], NATURAL, SPUN, description={"es": "hilada a mano"})
    assert offered.status == "published"


def test_what_a_piece_supports_is_computed_with_the_lots_it_rests_on(session, home, yarn, red):
    rub(session, home, red)
    piece = accepted(session, home, (red, 270), (yarn, 30))

    found = claims.supported_claims(session, piece, day=TODAY)

    told = {
        (one.claim.kind, one.claim.fibre or one.claim.dye): [
            strand.lot.code for strand in one.rests_on
        ]
        for one in found
    }
    assert told == {
        ("fibre", "sheep_wool"): [red.code, yarn.code],
        ("hand_spun", None): [red.code, yarn.code],
        ("natural_dyes", None): [red.code],
        ("dyed_with", "cochineal"): [red.code],
        ("fastness_tested", None): [red.code],
    }
    weave(session, home, piece, (red, 100))
    assert claims.supported_claims(session, piece, day=TODAY) == [], "most of it is unknown"


@pytest.mark.parametrize("code", ["C03", "C04"])
def test_a_piece_with_a_false_fibre_or_dye_found_on_it_is_not_offered(session, home, red, code):
    begin_catalogue(session, cooperative_id=home.id)
    lead = acting(make_staff(session, home, "quality_lead"))
    piece = accepted(session, home, (red, 300))
    evidence = Evidence(measurements=[], answers=[], defects=[{"code": code}])

    def sign(decision, number):
        return inspections.sign_inspection(
            session,
            inspection_id=number,
            piece_id=piece.id,
            decision=decision,
            reason="false",
            inspected_at=NOW,
            evidence=evidence,
            request_hash="x",
            actor=lead,
            now=NOW,
        )

    with pytest.raises(CriticalDefect), session.begin_nested():
        sign("accept_b", new_id())
    sign("reject", new_id())
    with pytest.raises(PieceNotListable):
        offer(session, home, [piece], NATURAL)


def test_two_pieces_of_a_listing_are_each_named(session, home):
    pieces = [accept(piece) for piece in make_pieces(session, home, 2)]
    session.flush()

    with pytest.raises(ClaimsRefused) as refusal:
        offer(session, home, pieces, SPUN)

    assert refusal.value.details["pieces"] == sorted(str(piece.id) for piece in pieces)
