"""A kind's template is inherited by its designs; an inspection keeps the versions it used."""

import pytest

from core.errors import Invalid
from core.ids import new_id
from inventory import designs
from inventory.limits import change_kind_limits, checklist_of, list_kind_limits, measures_in_force
from quality.findings import ScoreMissing
from tests.quality.bench import ANSWERED, MEASURED, Bench
from tests.support.make import house, make_cooperative

WIDTH = {"name": "width", "unit": "mm", "spec": 350, "minus_bp": 500, "plus_bp": 500}
SHORT = {"name": "length", "unit": "mm", "spec": 900, "minus": 9, "plus": 9, "required": True}
PALLAY = {
    "code": "pallay",
    "words": {"en": "Pallay clear and even"},
    "least_a": 4,
    "least_b": 3,
    "required": True,
}


@pytest.fixture
def bench(session):
    return Bench(session)


def template(bench, *, kind="runner", measures=(), checklist=(), criteria=()):
    return change_kind_limits(
        bench.session,
        kind=kind,
        measures=list(measures),
        checklist=list(checklist),
        criteria=list(criteria),
        actor=house(bench.home),
        now=bench.home.created_at,
    )


def test_a_design_stands_over_its_kind_and_adds_to_it(bench):
    template(bench, measures=[SHORT, {**WIDTH, "required": False}], criteria=[PALLAY])
    template(bench, kind="chumpi", measures=[{**WIDTH, "name": "loops", "required": True}])

    goes_by = checklist_of(bench.session, bench.design)

    assert {row.name: row.spec for row in goes_by.measures} == {
        "length": 1500,
        "width": 350,
        "weight": 300,
    }
    assert [row.code for row in goes_by.checklist] == ["no_metal"]
    assert [row.code for row in goes_by.criteria] == ["pallay"]
    shown = measures_in_force(bench.session, [bench.design.id])[bench.design.id]
    assert [(row.name, row.spec) for row in shown] == [
        ("length", 1500),
        ("weight", 300),
        ("width", 350),
    ]


def test_an_inspection_keeps_the_versions_that_the_phone_went_by(bench):
    first = template(bench, measures=[{**WIDTH, "required": True}])
    second = template(bench, measures=[{**WIDTH, "spec": 400, "required": True}])
    measured = [*MEASURED, {"name": "width", "value": 350}]

    old = bench.look(bench.piece(), "accept_a", measurements=measured, kind_limit_set_version=1)
    new = bench.look(bench.piece(), "accept_b", measurements=measured)
    none = bench.look(bench.piece(), "accept_a", kind_limit_set_version=0)

    assert (old.kind_limit_set_id, old.kind_limit_set_version) == (first.id, 1)
    assert (new.kind_limit_set_id, new.kind_limit_set_version) == (second.id, 2)
    assert (none.kind_limit_set_id, none.kind_limit_set_version) == (None, 0)
    assert [row.verdict for row in old.measurements] == ["within", "within"]
    assert [(row.name, row.verdict) for row in new.measurements] == [
        ("length", "within"),
        ("width", "below"),
    ]
    with pytest.raises(Invalid):
        bench.look(bench.piece(), "accept_a", kind_limit_set_version=3)


def test_the_template_in_force_of_each_kind_is_listed(bench):
    for kind in ("runner", "runner", "chumpi"):
        template(bench, kind=kind)
    other = make_cooperative(bench.session)

    ours = list_kind_limits(bench.session, actor=house(bench.home), limit=9)

    assert [(row.kind, row.version) for row in ours] == [("runner", 2), ("chumpi", 1)]
    assert list_kind_limits(bench.session, actor=house(other), limit=9) == []


def test_up_to_three_readings_are_kept_and_their_mean_is_judged(bench):
    readings = [{"name": "length", "readings": [1545, 1546, 1545]}]

    look = bench.look(bench.piece(), "accept_a", measurements=readings)

    (row,) = look.measurements
    assert (row.readings, row.value, row.verdict) == ([1545, 1546, 1545], 1545, "within")
    assert (row.least, row.most) == (1455, 1545)
    for wrong in ({}, {"value": 1, "readings": [1]}):
        with pytest.raises(Invalid):
            bench.look(bench.piece(), "reject", measurements=[{"name": "length", **wrong}])


def test_a_one_sided_limit_is_kept_with_the_measurement(bench):
    template(bench, measures=[{**WIDTH, "minus_bp": 0, "sides": "most", "required": True}])
    measured = [*MEASURED, {"name": "width", "value": 1}]

    look = bench.look(bench.piece(), "accept_a", measurements=measured)

    width = look.measurements[1]
    assert (width.least, width.most, width.verdict) == (None, 368, "within")


@pytest.mark.parametrize(
    ("measures", "criteria"),
    [
        ([{**WIDTH, "sides": "least", "required": True}], []),
        ([{**SHORT, "minus": 901}], []),
        ([SHORT, SHORT], []),
        ([], [{**PALLAY, "least_b": 5}]),
        ([], [PALLAY, PALLAY]),
    ],
)
def test_limits_that_contradict_themselves_are_refused(bench, measures, criteria):
    with pytest.raises(Invalid):
        template(bench, measures=measures, criteria=criteria)
    with pytest.raises(Invalid):
        designs.change_limits(
            bench.session,
            design_id=bench.design.id,
            measures=measures,
            checklist=[],
            criteria=criteria,
            actor=house(bench.home),
            now=bench.home.created_at,
        )


def test_scores_are_judged_by_the_least_for_each_grade(bench):
    template(bench, criteria=[PALLAY])

    looks = [
        bench.look(bench.piece(), "reject", scores=[{"code": "pallay", "score": score}])
        for score in (5, 4, 3, 2)
    ]

    assert [look.proposed for look in looks] == ["accept_a", "accept_a", "accept_b", "reject"]
    assert (looks[0].scores[0].least_a, looks[0].scores[0].least_b) == (4, 3)
    with pytest.raises(ScoreMissing):
        bench.look(bench.piece(), "accept_a")


def test_a_defect_has_its_place_on_the_piece_and_photos_that_come_later(bench):
    photo, other = new_id(), new_id()
    where = {"zone": "pallay", "x_pm": 500, "y_pm": 1000, "size_mm": 4, "photo_ids": [photo]}

    look = bench.look(
        bench.piece(), "accept_b", defects=[{"code": "M03", **where}], photo_ids=[other]
    )
    bench.session.expire_all()

    (defect,) = look.defects
    assert (defect.zone, defect.x_pm, defect.y_pm) == ("pallay", 500, 1000)
    assert (defect.photo_ids, look.photo_ids) == ([photo], [other])
    for wrong in ({"x_pm": 1}, {"photo_ids": [photo, photo]}):
        with pytest.raises(Invalid):
            bench.look(bench.piece(), "reject", defects=[{"code": "M03", **wrong}])
    with pytest.raises(Invalid):
        bench.look(bench.piece(), "reject", photo_ids=[photo, photo])
    assert ANSWERED[0]["code"] == "no_metal"
