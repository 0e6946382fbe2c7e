"""The starting state has reference wages and rates of withholding, none of them confirmed."""

from datetime import date

from app.seed import seed
from payouts.dated import in_force
from payouts.wage_models import WageKind
from payouts.wages import every_wage
from payouts.withholding import every_rule, rules_on
from tests.support.make import NOW


def test_a_new_house_begins_with_dated_wages_and_unconfirmed_rates(session):
    home = seed(session, now=NOW)
    seed(session, now=NOW)

    wages = every_wage(session, cooperative_id=home.id, currency="PEN")
    rules = every_rule(session, cooperative_id=home.id)

    assert [row.amount_minor for row in in_force(wages, WageKind, NOW.date())] == [199_700, 113_000]
    assert len(wages) == 2
    for year, rates in ((2026, (1550, 250)), (2027, (1500, 300)), (2029, (1400, 400))):
        found = rules_on(rules, date(year, 7, 1))
        assert (found["igv"].rate_bp, found["ipm"].rate_bp) == rates
        assert found["income_tax"].rate_bp == 150
    assert not any(row.verified for row in rules)
