"""A label says what its market asks for, a maker's name only while she lets it be said."""

from datetime import date
from typing import Any

import pytest

from core.errors import Invalid, NotFound
from inventory.models import Piece
from inventory.tags import TagInvalid, draw
from labels import care, parties
from labels.choosing import Chosen
from labels.contents import labels_for
from labels.markets import LabelLanguage, Market, every_rule, rule_of
from labels.wording import A_WEAVER, FIBRES, MADE_BY, ORIGINS, PARTS, REST
from people import consents
from tests.api.test_queries import counted
from tests.support.make import (
    NOW,
    house,
    make_consent,
    make_cooperative,
    make_design,
    make_maker,
    make_piece,
    make_pieces,
)

DAY = date(2026, 11, 25)
MIXED = [
    {"part": "body", "fibre": "sheep_wool", "share_bp": 9650},
    {"part": "body", "fibre": "cotton", "share_bp": 350},
    {"part": "tassel", "fibre": "sheep_wool", "share_bp": 3333},
    {"part": "tassel", "fibre": "alpaca", "share_bp": 6667},
]


@pytest.fixture
def home(session):
    return make_cooperative(session)


def labels(session, home, market, *pieces, language=None, on=DAY, **chosen):
    wanted = Chosen(**(chosen or {"piece_ids": [piece.id for piece in pieces]}))
    return labels_for(
        session,
        wanted,
        market=market,
        language=language,
        public_url="https://a.pe",
        on=on,
        actor=house(home),
    )


def codes(label):
    return [problem.code for problem in label.problems]


def answer_in(session, home, market, **given):
    values: dict[str, Any] = {
        "name": "An Importer",
        "address": "1 Street",
        "valid_from": date(2026, 1, 1),
    }
    parties.set_party(session, market=market, actor=house(home), now=NOW, **(values | given))


def care_for(session, home, design):
    five = {"wash": "hand", "bleach": "no", "dry": "flat", "iron": "low", "professional": "no"}
    care.set_care(session, design_id=design.id, basis="custom", actor=house(home), now=NOW, **five)


def test_a_maker_is_named_by_her_first_name_while_she_allows_it(session, home):
    nusta = make_maker(session, home, name="Ñusta Huamán Páucar")
    piece = make_piece(session, home, weights=[(nusta, "weave", 1)])
    (silent,) = labels(session, home, "inside", piece)
    consent = make_consent(session, nusta)
    (named,) = labels(session, home, "inside", piece)
    consents.revoke_consent(
        session, consent_id=consent.id, reason="she said so", actor=house(home), now=NOW
    )
    (again,) = labels(session, home, "inside", piece)

    assert silent.made_by == again.made_by == "Hecho por una tejedora de la cooperativa"
    assert named.made_by == "Hecho por Ñusta"


def test_those_who_wove_come_before_those_who_spun_and_who_is_silent_is_counted(session, home):
    women = [make_maker(session, home, name=name) for name in ("Ana", "Berta", "Carla", "Dora")]
    for woman in women[:3]:
        make_consent(session, woman)
    steps = [(women[0], "spin", 1), *((woman, "weave", 1) for woman in women[1:])]
    piece = make_piece(session, home, weights=steps)

    (label,) = labels(session, home, "us", piece)

    assert label.made_by == "Made by Berta & Carla +1"


def test_each_market_has_the_fibres_its_own_way(session, home):
    piece = make_piece(session, home, design=make_design(session, home, fibres=MIXED))

    said = {
        market: labels(session, home, market, piece)[0].lines for market in ("eu", "us", "peru")
    }

    assert said["eu"][:2] == (
        "Body: 96.5% wool, 3.5% cotton",
        "Tassels: 66.67% alpaca, 33.33% wool",
    )
    assert said["us"][0] == "Body: 96.5% wool, 3.5% other fibers"
    assert said["peru"] == (
        "Cuerpo: 96,5\u00a0% lana, 3,5\u00a0% algodón",
        "Borlas: 66,67\u00a0% alpaca, 33,33\u00a0% lana",
        "Hecho en Perú",
    )


def test_leather_and_vicuna_are_declared(session, home):
    fibres = [
        {"part": "body", "fibre": "vicuna", "share_bp": 10000},
        {"part": "strap", "fibre": "leather", "share_bp": 10000},
    ]
    design = make_design(session, home, fibres=fibres, vicuna_permit="PE-1")
    (label,) = labels(session, home, "eu", make_piece(session, home, design=design))

    assert "Contains non-textile parts of animal origin" in label.lines
    assert "VICUÑA PERÚ – ARTESANÍA" in label.lines


def test_what_a_market_asks_for_and_nobody_knows_is_told(session, home):
    fibres = [
        {"part": "body", "fibre": "other", "share_bp": 10000},
        {"part": "handle", "fibre": "cotton", "share_bp": 10000},
    ]
    design = make_design(session, home, fibres=fibres)
    piece = make_piece(session, home, design=design)

    told: dict[str, list[str]] = {
        market: codes(labels(session, home, market, piece)[0]) for market in Market
    }

    assert told["inside"] == []
    assert told["peru"] == ["fibre_unnamed", "part_unnamed", "care_missing"]
    assert told["eu"] == ["fibre_unnamed", "part_unnamed", "responsible_missing"]
    assert told["uk"] == ["fibre_unnamed", "part_unnamed", "responsible_missing"]
    assert told["us"] == ["fibre_unnamed", "part_unnamed", "responsible_missing", "care_missing"]


def test_who_answers_is_the_newest_that_has_begun(session, home):
    piece = make_piece(session, home)
    answer_in(session, home, "eu", name="Old")
    assert codes(labels(session, home, "eu", piece)[0]) == ["contact_missing"]
    answer_in(session, home, "eu", name="New", contact="a@example.org")
    answer_in(session, home, "eu", name="Later", valid_from=date(2027, 1, 1))

    (now,) = labels(session, home, "eu", piece)
    (later,) = labels(session, home, "eu", piece, on=date(2027, 1, 1))

    assert now.responsible == ("Responsible in the EU: New", "1 Street, a@example.org")
    assert codes(now) == []
    assert later.responsible[0] == "Responsible in the EU: Later"


def test_the_newest_care_symbols_are_printed(session, home):
    design = make_design(session, home)
    piece = make_piece(session, home, design=design)
    care_for(session, home, design)

    (label,) = labels(session, home, "peru", piece)

    assert label.care is not None
    assert label.care.wash == "hand"
    assert codes(label) == []


def test_a_market_has_its_languages(session, home):
    piece = make_piece(session, home)

    assert labels(session, home, "inside", piece, language="qu")[0].made_by.startswith("Ruwaq: ")
    with pytest.raises(LabelLanguage):
        labels(session, home, "peru", piece, language="qu")


def test_a_tag_has_its_label_before_there_is_a_piece(session, home):
    piece, free = make_piece(session, home), draw(home.tag_prefix)

    bare, full = labels(session, home, "eu", tags=[free.lower(), piece.tag])

    assert (bare.tag, bare.piece_id, bare.problems) == (free, None, ())
    assert bare.url == f"https://a.pe/p/{free}"
    assert full.piece_id == piece.id


def test_a_delivery_is_printed_in_its_order(session, home):
    pieces = make_pieces(session, home, 3)

    found = labels(session, home, "inside", delivery_id=pieces[0].delivery_id)

    assert [label.piece_id for label in found] == [piece.id for piece in pieces]


def test_what_is_anothers_or_named_twice_or_nothing_is_refused(session, home):
    piece, stranger = make_piece(session, home), make_cooperative(session)
    theirs = make_piece(session, stranger)

    for chosen in ({"piece_ids": [theirs.id]}, {"delivery_id": theirs.delivery_id}):
        with pytest.raises(NotFound):
            labels(session, home, "inside", **chosen)
    with pytest.raises(TagInvalid):
        labels(session, home, "inside", tags=[theirs.tag])
    for wrong in (
        {"piece_ids": [piece.id, piece.id]},
        {"tags": [piece.tag, piece.tag.lower()]},
        {"piece_ids": [piece.id], "tags": [piece.tag]},
        {"piece_ids": None},
    ):
        with pytest.raises(Invalid):
            labels(session, home, "inside", **wrong)


def test_any_number_of_labels_needs_the_same_queries(session, home):
    make_pieces(session, home, 1)
    first = make_pieces(session, home, 2)
    many = first + make_pieces(session, home, 10) + make_pieces(session, home, 10)

    def sent(pieces: list[Piece]) -> int:
        ids = [piece.id for piece in pieces]
        session.expire_all()
        with counted(session.connection()) as statements:
            labels(session, home, "eu", piece_ids=ids)
        return len(statements)

    assert sent(first[:1]) == sent(many)


def test_a_rule_holds_from_its_day_on():
    before = rule_of("eu", on=date(2024, 12, 12))
    after = rule_of("eu", on=date(2024, 12, 13))

    assert not before.asks("responsible")
    assert after.asks("responsible")
    with pytest.raises(Invalid):
        rule_of("uk", on=date(2020, 12, 31))


def test_every_rule_has_its_source_and_words_in_its_languages():
    for rule in every_rule():
        assert all(demand.source for demand in rule.demands)
        for language in rule.languages:
            for words in (*FIBRES.values(), *PARTS.values(), *ORIGINS.values(), REST, MADE_BY):
                assert words[language]
            assert A_WEAVER[language]
